// What `pankou run` hands to the launcher beside the configuration. Written by
// tools/commands/run.ts, read by engine/host/launcher.ts (`launch(config, options): Promise<exit
// code>`). Always: whatever an option of the command line changes in the configuration (--speed,
// --pace, --port, --no-api, --dir, --threads, --seed, --day) is in the Config (engine/config.ts,
// `overrideConfig`); only what no configuration file can say stands here. Paths are absolute.

export interface RunOptions {
  /** End in order after so many ms of wall time; null = at the market's close or Ctrl-C. */
  readonly forMs: number | null;
  /** Trading days to run, one after the other; 1 = the configuration's only. */
  readonly days: number;
  /** File that gets the JSON summary at the end; null = none. */
  readonly summaryFile: string | null;
}
