// `pankou data import|list|check|export|finish`: market data at hand, in Pankou's own day files.
// Turns the command line into options and hands over to engine/backtest/store. Always: exit 0 when
// everything asked for is in the store and nothing wrong was found, 1 otherwise, 2 for wrong use,
// 130 after Ctrl-C.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImportedFile } from '../../engine/backtest/store/import-file.ts';
import { isCalendarDay } from '../../engine/config-numbers.ts';
import { RULES_OPTION, rulesPath, symbolList, wholeNumber } from '../option-values.ts';

const AFTER = `
STORE is a folder of day files (docs/DATA.md): one for each instrument, day and kind, compressed,
with a hash of its content. \`pankou backtest --data STORE\` reads it like a folder of CSV files.

Examples:
  pankou data import downloads/20230711 --store data
  pankou data import bars.csv --store data --labels end --volume-unit shares
  pankou data list data
  pankou data check data --html coverage.html
  pankou data export data --out parquet --kind bars-1m
  pankou data finish runs/quotes

Exit codes: 0 fine, 1 something is wrong (the message says what and where), 2 wrong use,
130 stopped by Ctrl-C: what was finished stays.`;

/** Broken rows shown; all are counted. */
const BAD_ROWS_SHOWN = 20;

interface ImportFlags {
  store: string;
  instruments?: string[];
  skipBadRows?: boolean;
  replace?: boolean;
  day?: number;
  labels?: 'start' | 'end';
  volumeUnit?: 'shares' | 'lots';
  workers: number;
  rules?: string[];
  json?: boolean;
}

export function registerData(program: Command): void {
  const data = program
    .command('data')
    .description('import, list, check, export and finish market data')
    .addHelpText('after', AFTER);
  registerImport(data);
  registerList(data);
  registerCheck(data);
  registerExport(data);
  registerFinish(data);
}

function registerFinish(data: Command): void {
  data
    .command('finish')
    .description('live quotes that a killed session left as raw logs into day files')
    .argument('<STORE>', 'the store that market.record names')
    .option('--json', 'print the report as JSON')
    .action(async (store: string, flags: { json?: boolean }) => {
      const { finishQuotes } = await import('../../engine/backtest/store/finish-quotes.ts');
      const { liveFolder, waitingLogs } = await import('../../engine/backtest/store/quote-log.ts');
      const { requireStore } = await import('../../engine/backtest/store/store-folder.ts');
      const { lockFolder } = await import('../../engine/host/folder-lock.ts');
      const path = resolve(store);
      requireStore(path);
      const bar = new Progress(flags.json !== true);
      // Held by an engine that records now: its log is not over.
      const lock = waitingLogs(path).length === 0 ? null : await lockFolder(liveFolder(path));
      try {
        const report = finishQuotes(path, (done, all, text) => bar.show(done, all, text));
        bar.stop();
        const { files, rows, days, problems, notes } = report;
        if (flags.json === true) console.log(JSON.stringify(report));
        else {
          const whole = `${rows} quotes of ${days.join(', ')}: ${files} day files written`;
          console.log(rows === 0 ? 'no raw log waits: nothing to do' : whole);
          for (const note of notes) console.log(note);
        }
        for (const problem of problems) console.error(`error: ${problem}`);
        process.exitCode = problems.length > 0 ? 1 : 0;
      } finally {
        bar.stop();
        await lock?.release();
      }
    });
}

function registerImport(data: Command): void {
  data
    .command('import')
    .description('CSV, Parquet or TDX exports into a store of day files')
    .argument('<FILES...>', 'files, or folders of them')
    .requiredOption('--store <DIR>', 'the store; made when it is not there')
    .option('--instruments <A,B>', 'only these symbols', symbolList)
    .option('--day <DATE>', 'day of rows that carry none', dayValue)
    .addOption(
      new Option('--labels <WHAT>', 'what the times of bars name').choices(['start', 'end']),
    )
    .addOption(
      new Option('--volume-unit <UNIT>', 'unit of the volume of bars').choices(['shares', 'lots']),
    )
    .option('--skip-bad-rows', 'leave out and count broken rows instead of refusing their file')
    .option('--replace', 'new content wins over what the store has')
    .option('--workers <N>', 'files read at the same time', wholeNumber(1, 64), 2)
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .option('--json', 'print the report as JSON')
    .action(async (files: string[], flags: ImportFlags) => {
      const { importFiles } = await import('../../engine/backtest/store/import.ts');
      const rules = await overlaysOf(flags.rules);
      const bar = new Progress(flags.json !== true);
      const stop = new AbortController();
      const onSignal = (): void => stop.abort();
      process.once('SIGINT', onSignal);
      try {
        const report = await importFiles({
          store: resolve(flags.store),
          paths: files.map((path) => resolve(path)),
          instruments: flags.instruments ?? 'all',
          skipBadRows: flags.skipBadRows === true,
          replace: flags.replace === true,
          day: flags.day ?? 0,
          labels: flags.labels ?? null,
          volumeUnit: flags.volumeUnit === undefined ? 0 : flags.volumeUnit === 'lots' ? 100 : 1,
          workers: flags.workers,
          rules,
          signal: stop.signal,
          onProgress: (done, all, text) => bar.show(done, all, text),
        });
        bar.stop();
        await tellBadRows(report.results);
        for (const problem of report.problems) console.error(`error: ${problem}`);
        const { files: all, written, same, rows, stopped, problems } = report;
        const done = report.results.length;
        if (flags.json === true) {
          console.log(JSON.stringify({ files: all, done, written, same, rows, problems, stopped }));
        } else {
          const failed = problems.length > 0 ? `, ${problems.length} problems` : '';
          console.log(
            `${done} of ${all} files read: ${written} day files written (${rows} rows), ` +
              `${same} were there already${failed}`,
          );
        }
        if (stopped) console.error('stopped; import again to go on, nothing is read into twice');
        process.exitCode = stopped ? 130 : problems.length > 0 ? 1 : 0;
      } finally {
        process.off('SIGINT', onSignal);
        bar.stop();
      }
    });
}

async function tellBadRows(results: readonly ImportedFile[]): Promise<void> {
  const { badRowLines } = await import('../../engine/backtest/store/import-file.ts');
  for (const { warnings } of results) {
    for (const warning of warnings) console.error(`warning: ${warning}`);
  }
  const bad = results.flatMap(({ badRows }) => badRows);
  for (const line of badRowLines(bad, BAD_ROWS_SHOWN)) console.error(`left out: ${line}`);
}

function registerList(data: Command): void {
  data
    .command('list')
    .description('what a store holds')
    .argument('<STORE>', 'the store')
    .option('--instruments <A,B>', 'only these symbols', symbolList)
    .option('--json', 'print it as JSON')
    .action(async (store: string, flags: { instruments?: string[]; json?: boolean }) => {
      const { listStore } = await import('../../engine/backtest/store/list.ts');
      const entries = listStore(resolve(store), flags.instruments ?? 'all');
      if (flags.json === true) {
        console.log(JSON.stringify(entries));
        return;
      }
      const head = ['instrument', 'kind', 'files', 'first', 'last', 'rows', 'KiB', 'layout'];
      const table = new Table({ head, style: { head: [], border: [] } });
      for (const e of entries) {
        const layouts = e.layouts.join(' ') + (e.damaged > 0 ? ` (${e.damaged} damaged)` : '');
        const size = Math.ceil(e.bytes / 1024);
        table.push([e.symbol, e.kind, e.files, e.firstDay, e.lastDay, e.rows, size, layouts]);
      }
      console.log(table.toString());
    });
}

interface CheckFlags {
  instruments?: string[];
  html?: string;
  json?: boolean;
  rules?: string[];
}

function registerCheck(data: Command): void {
  data
    .command('check')
    .description('find what is wrong with the data of a store, and picture its coverage')
    .argument('<STORE>', 'the store')
    .option('--instruments <A,B>', 'only these symbols', symbolList)
    .option('--html <FILE>', 'write the picture and the findings as a page')
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .option('--json', 'print the findings as JSON')
    .action(async (store: string, flags: CheckFlags) => {
      const { checkStore } = await import('../../engine/backtest/store/check.ts');
      const { coveragePage, coverageText } = await import(
        '../../engine/backtest/store/coverage.ts'
      );
      const { findingText } = await import('../../engine/backtest/store/finding.ts');
      const { ruleBookOf } = await import('../../engine/rules/overlay-files.ts');
      const rules = ruleBookOf(await overlaysOf(flags.rules));
      const bar = new Progress(flags.json !== true);
      try {
        const path = resolve(store);
        const report = checkStore({
          store: path,
          instruments: flags.instruments ?? 'all',
          rules,
          onProgress: (done, all, text) => bar.show(done, all, text),
        });
        bar.stop();
        const { findings, coverage, files, rows, unknownDays } = report;
        if (flags.html !== undefined) {
          const page = coveragePage(path, coverage, rules.calendar, findings);
          writeFileSync(resolve(flags.html), page);
        }
        if (flags.json === true) {
          console.log(JSON.stringify({ files, rows, unknownDays, findings }));
        } else {
          for (const finding of findings) console.log(findingText(finding));
          console.log(
            coverageText(coverage, rules.calendar, findings, process.stdout.columns ?? 100),
          );
          const errors = findings.filter(({ severity }) => severity === 'error').length;
          console.log(
            `${files} files, ${rows} rows: ${errors} errors, ${findings.length - errors} warnings`,
          );
          if (unknownDays > 0) {
            console.log(
              `the calendar does not know ${unknownDays} of the days, so missing ones between ` +
                'them cannot be told; --rules FILE brings a calendar',
            );
          }
        }
        process.exitCode = findings.some(({ severity }) => severity === 'error') ? 1 : 0;
      } finally {
        bar.stop();
      }
    });
}

interface ExportFlags {
  out: string;
  format: 'parquet' | 'csv';
  instruments?: string[];
  kind?: string[];
  from?: number;
  to?: number;
}

function registerExport(data: Command): void {
  data
    .command('export')
    .description('day files as Parquet or CSV, for Python and other tools')
    .argument('<STORE>', 'the store')
    .requiredOption('--out <DIR>', 'folder for the files, one per instrument and kind')
    .addOption(
      new Option('--format <FORMAT>', 'kind of file')
        .choices(['parquet', 'csv'])
        .default('parquet'),
    )
    .option('--instruments <A,B>', 'only these symbols', symbolList)
    .option('--kind <KINDS...>', 'orders, trades, snapshots, bars-1m, bars-1d, actions …')
    .option('--from <DATE>', 'first day', dayValue)
    .option('--to <DATE>', 'last day', dayValue)
    .action(async (store: string, flags: ExportFlags) => {
      const { exportStore } = await import('../../engine/backtest/store/export.ts');
      const bar = new Progress(true);
      try {
        const files = await exportStore({
          store: resolve(store),
          out: resolve(flags.out),
          format: flags.format,
          instruments: flags.instruments ?? 'all',
          kinds: flags.kind ?? [],
          from: flags.from ?? 0,
          to: flags.to ?? 0,
          onProgress: (done, all, text) => bar.show(done, all, text),
        });
        bar.stop();
        for (const { path, rows } of files) console.log(`${path}: ${rows} rows`);
        if (files.length === 0) console.error('nothing in the store fits; see pankou data list');
        process.exitCode = files.length === 0 ? 1 : 0;
      } finally {
        bar.stop();
      }
    });
}

async function overlaysOf(files: readonly string[] | undefined): Promise<string[]> {
  const { overlayFiles } = await import('../../engine/rules/overlay-files.ts');
  return overlayFiles([...(files ?? [])], process.cwd());
}

function dayValue(text: string): number {
  if (/^\d{8}$/.test(text) && isCalendarDay(Number(text))) return Number(text);
  throw new InvalidArgumentError('Expected a date such as 20230711.');
}

/** A progress bar on a terminal, nothing elsewhere. */
class Progress {
  readonly #bar: SingleBar | null;
  #started = false;

  constructor(wanted: boolean) {
    const format = '{bar} {percentage}% | {value}/{total} | {eta_formatted} left | {text}';
    const isTerminal = wanted && process.stderr.isTTY === true;
    const options = { format, hideCursor: true, clearOnComplete: true };
    this.#bar = isTerminal ? new SingleBar(options) : null;
  }

  show(done: number, all: number, text: string): void {
    if (this.#bar === null) return;
    if (!this.#started) this.#bar.start(all, done, { text });
    else this.#bar.update(done, { text });
    this.#started = true;
  }

  stop(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }
}
