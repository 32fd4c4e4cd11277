// `pankou serve`: the runs pages without an engine: start backtests in the browser, look at
// recorded runs, compare them. Turns the command line into an ApiConfig for engine/control/api.ts.
// Always: bound to this machine unless told otherwise; every command needs the printed token; it
// ends with Ctrl-C and takes a running backtest with it.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { defaultRunsDir } from '../../engine/backtest/records/runs-dir.ts';
import { wholeNumber } from '../option-values.ts';

const PAGES_DIR = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));
const PORT = 8_721;
const TOKEN_BYTES = 24;

const AFTER = `
Opens no market and sends no order: for research beside, or without, \`pankou run\`, whose pages
have the same runs at /runs.html. Backtests run one at a time, at the gentlest priority, as child
processes that end with this command. Only files in the named folders can be run.

Without --strategies: strategies/, else examples/strategies/, else this folder. Without --data:
data/ if it is there; a synthetic day is always at hand.

Example:
  pankou serve --strategies strategies --data data --port 8721`;

interface Flags {
  strategies?: string[];
  data?: string[];
  runs?: string;
  host: string;
  port: number;
  allow?: string[];
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('pages for research: run backtests in the browser, browse and compare runs')
    .option('--strategies <DIR>', 'folder of strategy files; may be repeated', folder)
    .option('--data <DIR>', 'folder of data, or a store; may be repeated', folder)
    .option('--runs <DIR>', 'runs store; default PANKOU_RUNS, else ~/.pankou/runs')
    .option('--host <HOST>', 'address to bind', '127.0.0.1')
    .option('--port <N>', 'port, 0 = any free one', wholeNumber(0, 65_535), PORT)
    .option('--allow <HOST>', 'a further name this machine is called by', names)
    .addHelpText('after', AFTER)
    .action((flags: Flags, command: Command) => serve(flags, command));
}

async function serve(flags: Flags, command: Command): Promise<void> {
  const runsDir = flags.runs === undefined ? defaultRunsDir() : resolve(flags.runs);
  if (runsDir === null) {
    return command.error('error: PANKOU_RUNS=off: say where runs go with --runs DIR', {
      exitCode: 2,
    });
  }
  const folders = foldersOf(flags, (message) => command.error(message, { exitCode: 2 }));
  const { Api } = await import('../../engine/control/api.ts');
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const api = new Api(
    {
      ...{ host: flags.host, port: flags.port, server: 'uws', token, pagesDir: PAGES_DIR },
      allowedHosts: flags.allow ?? [],
      ...{ address: '', secret: randomBytes(TOKEN_BYTES).toString('hex') },
      runs: { ...folders, runsDir },
    },
    (level, text) => {
      if (level !== 'info') console.error(`${level}: ${text}`);
    },
  );
  const port = await api.start();
  const host = flags.host.includes(':') ? `[${flags.host}]` : flags.host;
  console.log(`\n  open        http://${host}:${port}/runs.html#token=${token}`);
  console.log(`  strategies  ${folders.strategies.join(', ')}`);
  console.log(`  data        ${folders.data.join(', ') || 'synthetic days only'}`);
  console.log(`  runs        ${runsDir}`);
  console.log('  stop        Ctrl-C\n');
  await new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
  await api.close('pankou serve was ended');
  process.exit(0);
}

function foldersOf(
  flags: Flags,
  wrongUse: (message: string) => never,
): { strategies: string[]; data: string[] } {
  for (const dir of [...(flags.strategies ?? []), ...(flags.data ?? [])]) {
    if (!existsSync(dir)) wrongUse(`error: ${dir}: no such folder`);
  }
  const usual = ['strategies', 'examples/strategies', '.'].map((dir) => resolve(dir));
  const data = resolve('data');
  return {
    strategies: flags.strategies ?? [usual.find((dir) => existsSync(dir))!],
    data: flags.data ?? (existsSync(data) ? [data] : []),
  };
}

function folder(text: string, before: readonly string[] = []): string[] {
  return [...before, resolve(text)];
}

function names(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
