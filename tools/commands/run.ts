// `pankou run`: a session of an engine by its configuration. Reads and changes the configuration,
// then hands over to engine/host/launcher.ts. Always: every option that changes the configuration
// is in the Config before the engine starts, and the configuration is checked before anything runs.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Config, ConfigOverrides, Pace, Threads } from '../../engine/config.ts';
import type { RunOptions } from '../../engine/host/run-options.ts';
import {
  dayValue,
  decimalNumber,
  durationMs,
  rulesPath,
  threadsValue,
  wholeNumber,
} from '../option-values.ts';

const days = wholeNumber(1, 250);

/** Options as commander gives them. */
export interface RunFlags {
  for?: number;
  summary?: string;
  speed?: number;
  pace?: Pace;
  port?: number;
  /** false with --no-api. */
  api: boolean;
  dir?: string;
  threads?: Threads;
  seed?: number;
  day?: number;
  days?: number;
  rules?: string[];
}

/** Configuration of a folder made by `pankou init`. */
const DEFAULT_CONFIG = 'pankou.json';

const AFTER = `
Ctrl-C ends the session in order: working orders are cancelled, the journal is closed. The options
win over the configuration for this run. Exit codes: 0 ended in order, 1 failed, 2 wrong use.`;

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run a paper session and serve its pages')
    .argument('[CONFIG]', `configuration file (default: ${DEFAULT_CONFIG} in this folder)`)
    .option('--for <DURATION>', 'end in order after 20s, 5m, 1h ... of wall time', durationMs)
    .option('--summary <FILE>', 'write a JSON summary (orders, fills, latency, hash) at the end')
    .option('--speed <N>', 'virtual seconds a second (pace realtime)', decimalNumber(0.01, 1_000))
    .addOption(
      new Option(
        '--pace <PACE>',
        'realtime: by the clock; lockstep: event by event, reproducible',
      ).choices(['realtime', 'lockstep']),
    )
    .option('--port <N>', 'port of the pages, 0 = any free one', wholeNumber(0, 65_535))
    .option('--no-api', 'no pages and no api process')
    .option('--dir <DIR>', 'run folder for journal and recording')
    .option('--threads <WHICH>', 'auto, single, or two cores ENGINE,STRATEGY', threadsValue)
    .option('--day <DAY>', 'trading day of the synthetic market, 20260105', dayValue)
    .option('--days <N>', 'so many trading days in a row, each closed for the next', days)
    .option('--seed <N>', 'seed of the synthetic market', wholeNumber(0, 2_147_483_647))
    .option(
      '--rules <FILE>',
      "overlay of the rule book instead of the configuration's; may be repeated",
      rulesPath,
    )
    .addHelpText('after', AFTER)
    .action(async (file: string | undefined, flags: RunFlags) => {
      const { config, options } = await prepareRun(file, flags);
      for (const warning of config.warnings) console.error(`warning: ${warning}`);
      const { launch } = await import('../../engine/host/launcher.ts');
      process.exitCode = await launch(config, options);
    });
}

/** What launch() gets; throws ConfigError when the configuration is refused. */
export async function prepareRun(
  file: string | undefined,
  flags: RunFlags,
): Promise<{ config: Config; options: RunOptions }> {
  const { loadConfig, overrideConfig } = await import('../../engine/config.ts');
  if (file === undefined && !existsSync(DEFAULT_CONFIG)) {
    throw new Error(
      `no ${DEFAULT_CONFIG} in ${process.cwd()}; give a configuration, e.g. ` +
        `'pankou run examples/paper.json', or make a folder with 'pankou init DIR'`,
    );
  }
  const { overlayFiles, ruleBookOf } = await import('../../engine/rules/overlay-files.ts');
  const { placesOf } = await import('../../engine/config-json.ts');
  const rules = flags.rules === undefined ? {} : { rules: overlayFiles(flags.rules, '') };
  if (rules.rules !== undefined) ruleBookOf(rules.rules, placesOf);
  const overrides = { ...overridesOf(flags), ...rules };
  const config = overrideConfig(loadConfig(file ?? DEFAULT_CONFIG), overrides);
  if ((flags.days ?? 1) > 1 && config.market.source !== 'synthetic') {
    throw new Error(`--days needs a synthetic market; ${config.path} plays files of one day`);
  }
  const options: RunOptions = {
    forMs: flags.for ?? null,
    days: flags.days ?? 1,
    summaryFile: flags.summary === undefined ? null : resolve(flags.summary),
  };
  return { config, options };
}

function overridesOf(flags: RunFlags): ConfigOverrides {
  return {
    ...(flags.day === undefined ? {} : { day: flags.day }),
    ...(flags.pace === undefined ? {} : { pace: flags.pace }),
    ...(flags.speed === undefined ? {} : { speed: flags.speed }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.api ? {} : { api: false }),
    ...(flags.dir === undefined ? {} : { dir: resolve(flags.dir) }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
}
