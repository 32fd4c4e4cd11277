// Entry of the api process: forked by the launcher, which sends the configuration as the first IPC
// message. Answers `{listening: true, port}` or `{failed: true, code, message}`. Always: it ends,
// and its port is free, as soon as the parent is gone; it never prints to stdout; logs go to
// stderr.
import process from 'node:process';
import { pino } from 'pino';
import { z } from 'zod';
import type { AlertsConfig, ArmedAccount } from '../config-arming.ts';
import type { ApiAnswer } from '../messages/link-types.ts';
import { Api, type ApiConfig, type Log } from './api.ts';
import { PortError } from './server.ts';

/** Milliseconds to wait for the configuration before giving up. */
const CONFIG_TIMEOUT_MS = 10_000;

const Config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(0).max(65_535),
  server: z.enum(['uws', 'ws']),
  allowedHosts: z.array(z.string().min(1)),
  token: z.string().min(22),
  confirmHash: z
    .string()
    .regex(/^([0-9a-f]{64})?$/)
    .optional(),
  address: z.string().min(1),
  secret: z.string().min(16),
  pagesDir: z.string().min(1),
  targets: z.array(z.strictObject({ file: z.string(), account: z.string() })).optional(),
  runDir: z.string().optional(),
  bridge: z
    .strictObject({ file: z.string(), address: z.string(), secretFile: z.string() })
    .optional(),
  // The launcher's own words, checked when the configuration was read.
  arming: z.array(z.custom<ArmedAccount>()).optional(),
  alerts: z.custom<AlertsConfig>().optional(),
  name: z.string().optional(),
  restarts: z.int().optional(),
  runs: z
    .strictObject({
      strategies: z.array(z.string()),
      data: z.array(z.string()),
      runsDir: z.string().min(1),
    })
    .optional(),
}) satisfies z.ZodType<ApiConfig>;

const logger = pino(
  { name: 'api', level: process.env['PANKOU_DEBUG'] === '1' ? 'info' : 'warn' },
  pino.destination({ dest: 2, sync: true }),
);

const log: Log = (level, text) => {
  try {
    logger[level](text);
  } catch {
    // stderr belonged to a parent that is gone; there is nobody to tell
  }
};

function answer(message: ApiAnswer, then: () => void = () => {}): void {
  if (process.send === undefined) then();
  else process.send(message, undefined, undefined, then);
}

/** The gentlest priority: pages never take time from trading. Best effort. */
async function stepBack(): Promise<void> {
  const { lowerPriority } = await import('../host/affinity.ts');
  const result = lowerPriority();
  if (!result.ok) log('warn', `priority not lowered: ${result.why}`);
}

async function start(value: unknown): Promise<Api | undefined> {
  const config = Config.safeParse(value);
  if (!config.success) {
    const message = `api configuration: ${z.prettifyError(config.error)}`;
    answer({ failed: true, code: 'CONFIG', message }, () => process.exit(1));
    return undefined;
  }
  const api = new Api(config.data, log);
  try {
    const port = await api.start();
    answer({ listening: true, port });
    return api;
  } catch (error) {
    const code = error instanceof PortError ? error.code : 'FAILED';
    const message = error instanceof Error ? error.message : String(error);
    answer({ failed: true, code, message }, () => process.exit(1));
    return undefined;
  }
}

function main(): void {
  if (process.send === undefined) {
    process.stderr.write('This is the api process of the engine: start it with `pankou run`.\n');
    process.exitCode = 2;
    return;
  }
  // The operating system closes the channel with the parent, however the parent ended.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group; the launcher decides when this process ends.
  process.on('SIGINT', () => {});
  process.on('uncaughtException', (error) => {
    log('error', `uncaught: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  const timer = setTimeout(() => {
    log('error', `no configuration within ${CONFIG_TIMEOUT_MS / 1000} s`);
    process.exit(1);
  }, CONFIG_TIMEOUT_MS);
  // A process whose loop stands still does not answer: the launcher starts another.
  process.on('message', (message: unknown) => {
    if (message === 'ping') process.send?.('pong');
  });
  process.once('message', (config: unknown) => {
    clearTimeout(timer);
    void stepBack().catch((error: unknown) => log('warn', `priority: ${String(error)}`));
    void start(config).then((api) => {
      if (api === undefined) return;
      process.on('SIGTERM', () => {
        void api.close('the api process was ended').finally(() => process.exit(0));
      });
    });
  });
}

main();
