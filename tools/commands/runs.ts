// `pankou runs list|show|diff|open`: the recorded backtests. Turns the command line into calls of
// engine/backtest/records. Always: records are only read; exit 0 fine, 1 when a run is not there,
// was changed, or two runs of the same inputs contradict each other, 2 for wrong use.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import type { RunComparison } from '../../engine/backtest/records/compare-runs.ts';
import type { RunRecord } from '../../engine/backtest/records/run-record.ts';
import type { RunRow, RunStore } from '../../engine/backtest/records/run-store.ts';
import { defaultRunsDir } from '../../engine/backtest/records/runs-dir.ts';
import { wholeNumber } from '../option-values.ts';

const AFTER = `
Every \`pankou backtest\` leaves a record: parameters, hashes of code, data, rules and engine,
metrics and files. It never changes. A RUN is an id, a part of one from its beginning or end,
\`last\`, or \`last~2\` for the one two before the last.

The store is --runs DIR, else PANKOU_RUNS, else ~/.pankou/runs.

Examples:
  pankou runs list --strategy ma-cross
  pankou runs show last
  pankou runs diff last~1 last
  pankou runs open last`;

interface Flags {
  runs?: string;
  json?: boolean;
  limit?: number;
  strategy?: string;
  print?: boolean;
}

const STORE = ['--runs <DIR>', 'runs store; default PANKOU_RUNS, else ~/.pankou/runs'] as const;
const NONE = 'none';

export function registerRuns(program: Command): void {
  const runs = program
    .command('runs')
    .description('list, show, compare and open recorded backtests')
    .addHelpText('after', AFTER);
  runs
    .command('list')
    .description('recorded runs, the newest first')
    .option(...STORE)
    .option('--limit <N>', 'at most so many', wholeNumber(1, 1_000_000), 30)
    .option('--strategy <NAME>', 'only of this strategy')
    .option('--json', 'as JSON')
    .action((flags: Flags) => withStore(flags, (store) => list(store, flags)));
  runs
    .command('show')
    .description('one run: inputs, figures, files, and whether they are as recorded')
    .argument('<RUN>', 'the run: an id, a part of one, last, or last~N')
    .option(...STORE)
    .option('--json', 'the record as JSON')
    .action((run: string, flags: Flags) => withStore(flags, (store) => show(store, run, flags)));
  runs
    .command('diff')
    .description('what two runs were made from and how they differ')
    .argument('<A>', 'the first run')
    .argument('<B>', 'the second run')
    .option(...STORE)
    .option('--json', 'as JSON')
    .action((a: string, b: string, flags: Flags) =>
      withStore(flags, (store) => diff(store, a, b, flags)),
    );
  runs
    .command('open')
    .description('open the page of a run in the browser, and print its path')
    .argument('<RUN>', 'the run: an id, a part of one, last, or last~N')
    .option(...STORE)
    .option('--print', 'only print the path')
    .action((run: string, flags: Flags) =>
      withStore(flags, (store) => openPage(store, run, flags)),
    );
}

async function withStore(
  flags: Flags,
  action: (store: RunStore) => number | Promise<number>,
): Promise<void> {
  const { RunStore, RunStoreError } = await import('../../engine/backtest/records/run-store.ts');
  const dir = flags.runs === undefined ? defaultRunsDir() : resolve(flags.runs);
  if (dir === null) throw new RunStoreError('PANKOU_RUNS=off: say which store with --runs DIR');
  const store = new RunStore(dir, false);
  try {
    process.exitCode = await action(store);
  } finally {
    await store.close();
  }
}

function list(store: RunStore, { limit = 30, strategy, json }: Flags): number {
  const all = store.rows().filter((row) => strategy === undefined || row.strategy === strategy);
  const rows = all.slice(0, limit);
  if (json === true) {
    console.log(JSON.stringify(rows));
    return 0;
  }
  const head = ['run', 'strategy', 'instruments', 'days', 'parameters', 'profit', 'return'];
  const table = new Table({
    head: [...head, 'drawdown', 'fills', 'state'],
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(cellsOf(row));
  console.log(table.toString());
  if (all.length > rows.length) console.log(`${rows.length} of ${all.length} runs; --limit N`);
  return 0;
}

function cellsOf(row: RunRow): string[] {
  const [first, last, count] = row.days;
  const { instruments, figures } = row;
  const names =
    instruments.length > 2 ? `${instruments.length} instruments` : instruments.join(' ');
  return [
    ...[row.id, row.strategy, names, count > 1 ? `${first}–${last}` : String(first)],
    ...[paramsText(row.params), money(figures.pnl), percent(figures.totalReturn)],
    ...[percent(figures.maxDrawdown), String(figures.fills), row.stateHash],
  ];
}

function show(store: RunStore, run: string, { json }: Flags): number {
  const record = store.record(store.find(run));
  const changed = store.changedFiles(record);
  if (json === true) console.log(JSON.stringify({ ...record, changed }));
  else console.log(recordTable(record, store.folder(record.id)));
  if (changed.length === 0) return 0;
  console.error(`error: changed since they were recorded: ${changed.join(', ')}`);
  return 1;
}

function recordTable(record: RunRecord, folder: string): string {
  const table = new Table({ style: { head: [], border: [] }, wordWrap: true, colWidths: [18, 90] });
  const { inputs, figures } = record;
  const data =
    'synthetic' in inputs.data ? `synthetic:${inputs.data.synthetic}` : inputs.data.sha256;
  table.push(
    ['run', `${record.id} of ${record.at}`],
    ['strategy', record.strategyFile],
    ['code', `${inputs.code.sha256} (${record.code.map(({ name }) => name).join(', ')})`],
    ['parameters', paramsText(inputs.params)],
    ['data', `${record.dataPath} ${data}`],
    ['days', inputs.days.join(', ')],
    ['instruments', record.instruments.join(', ')],
    ['rules', inputs.rules.length === 0 ? 'built in' : inputs.rules.join(', ')],
    ['engine', `${inputs.engine.version}, sources ${inputs.engine.hash}`],
    ['profit', `${money(figures.pnl)} yuan, ${percent(figures.totalReturn)}`],
    ['max drawdown', percent(figures.maxDrawdown)],
    ['sharpe', figures.sharpe === null ? NONE : figures.sharpe.toFixed(3)],
    ['orders, fills', `${figures.orders}, ${figures.fills}; fees ${money(figures.fees)}`],
    ['state hash', record.stateHash],
    ['folder', folder],
  );
  for (const note of record.notes) table.push(['note', note]);
  return table.toString();
}

async function diff(store: RunStore, a: string, b: string, { json }: Flags): Promise<number> {
  const { compareRuns } = await import('../../engine/backtest/records/compare-runs.ts');
  const [left, right] = [store.record(store.find(a)), store.record(store.find(b))];
  const fills = (run: RunRecord): string =>
    readFileSync(join(store.folder(run.id), 'fills.csv'), 'utf8');
  const found = compareRuns(left, right, fills(left), fills(right));
  if (json === true) console.log(JSON.stringify({ a: left.id, b: right.id, ...found }));
  else console.log(diffText(left, right, found));
  return found.contradiction ? 1 : 0;
}

function diffText(a: RunRecord, b: RunRecord, found: RunComparison): string {
  const table = new Table({ head: ['', a.id, b.id], style: { head: [], border: [] } });
  for (const one of found.inputs) table.push([one.what, one.a, one.b]);
  for (const one of found.figures) table.push([one.what, one.a, one.b]);
  table.push(['state hash', a.stateHash, b.stateHash]);
  const lines = [table.toString()];
  if (found.inputs.length === 0) lines.push('made from the same code, data, parameters and engine');
  if (found.firstFill !== null) {
    const { line, a: left, b: right } = found.firstFill;
    lines.push(`first fill that differs (fills.csv line ${line}):`, `  ${left}`, `  ${right}`);
  } else lines.push('all fills are equal');
  if (found.contradiction) {
    lines.push('error: the same inputs gave another state: the strategy is not deterministic');
  }
  return lines.join('\n');
}

function openPage(store: RunStore, run: string, { print }: Flags): number {
  const folder = store.folder(store.find(run));
  const page = join(folder, 'report.html');
  if (!existsSync(page)) {
    console.error(`error: ${folder} has no report.html; the run was made with --no-html`);
    return 1;
  }
  console.log(page);
  if (print !== true) startBrowser(page);
  return 0;
}

/** Hands the page to the desktop; without one the printed path has to do. */
function startBrowser(page: string): void {
  const windows = process.platform === 'win32';
  const mac = process.platform === 'darwin';
  const [file, ...args] = windows
    ? ['cmd', '/c', 'start', '', page]
    : [mac ? 'open' : 'xdg-open', page];
  const child = spawn(file!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => console.error('no browser could be started; open the file above'));
  child.unref();
}

function paramsText(params: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return pairs.join(' ') || NONE;
}

function money(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function percent(value: number | null): string {
  return value === null ? NONE : `${(value * 100).toFixed(3)} %`;
}
