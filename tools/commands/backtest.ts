// `pankou backtest`: one strategy over recorded or synthetic data. Turns the command line into
// BacktestOptions and hands over to engine/backtest/command.ts. Always: wrong use is found here,
// before any data are read.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { ACCOUNT_KINDS, type AccountKind } from '../../engine/backtest/actions/dividend-tax.ts';
import { ACTION_SETTINGS } from '../../engine/backtest/actions/holder.ts';
import { FREQUENCIES, type Frequency } from '../../engine/backtest/data/frequency.ts';
import {
  DEFAULT_CASH_E4,
  DEFAULT_DAY,
  DEFAULT_FEES,
  DEFAULT_PRE_CLOSE_E4,
} from '../../engine/backtest/defaults.ts';
import { type Latency, LatencyError, parseLatency } from '../../engine/backtest/latency.ts';
import { CALLBACK_MS } from '../../engine/backtest/loop-watch.ts';
import {
  type BacktestData,
  type BacktestOptions,
  type ParamValue,
  RUN_FILE_KINDS,
} from '../../engine/backtest/options.ts';
import { startReading } from '../../engine/backtest/reading/reading-start.ts';
import { defaultRunsDir } from '../../engine/backtest/records/runs-dir.ts';
import { readFees } from '../../engine/config-fees.ts';
import { placesOf } from '../../engine/config-json.ts';
import type { FeeContract } from '../../engine/core/fees.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { formatYuan, isOnTick } from '../../engine/core/price.ts';
import { defaultLimits } from '../../engine/risk-limits.ts';
import { makeInstrument } from '../../engine/rules/make-instrument.ts';
import { overlayFiles, ruleBookOf } from '../../engine/rules/overlay-files.ts';
import type { DayRules } from '../../engine/rules/rule-book.ts';
import { latestRules } from '../../engine/rules/subject.ts';
import {
  dayValue,
  paramPair,
  positionPair,
  pricePair,
  RULES_OPTION,
  rulesPath,
  symbolValue,
  universeValue,
  wholeNumber,
  yuanValue,
} from '../option-values.ts';
import { universeOf } from '../universe.ts';

/** Options as commander gives them. */
export interface BacktestFlags {
  data: BacktestData;
  instruments: string[] | 'all';
  position?: Map<string, number>;
  cash: number;
  param?: Map<string, ParamValue>;
  preclose?: Map<string, number>;
  day: number;
  out?: string;
  runs?: string;
  record: boolean;
  html?: boolean;
  pdf?: boolean;
  parquet?: boolean;
  json?: boolean;
  progress?: 'bar' | 'json';
  skipBadRows?: boolean;
  rules?: string[];
  from?: number;
  to?: number;
  freq?: Frequency;
  benchmark?: string;
  rf?: number;
  yearDays: 'calendar' | '250' | '252';
  fees?: string;
  tax: AccountKind;
  rights: 'subscribe' | 'forfeit';
  payDays?: number;
  world: 'orders' | 'touch';
  queue?: 'prob' | 'pro-rata' | 'front';
  barShare?: number;
  latency?: Latency;
  callbackLimit: number;
}

const AFTER = `
--data takes a CSV file or a folder of them (docs/DATA.md lists the layouts; .csv.gz as well), or
synthetic:SEED for a generated day. Symbols are written 600519.SH, 000001.SZ, 920002.BJ.

--world says how own orders meet a recorded order stream: 'orders' (default) puts them into it in
their true place, and later orders meet the changed book; 'touch' fills them against what is
displayed and leaves the market as it was. Other data are always filled by their own rules
(docs/BACKTEST.md).

Data of many days are run day after day, or those from --from to --to: orders end with their day,
cash and shares are carried, dividends, bonus shares and rights act on their dates. --freq is needed
where an instrument comes as ticks and bars, or as bars of two lengths. Days that are missing are
told. A decision on a daily bar trades at the next open.

A strategy sees no clock, files or network of this machine (docs/STRATEGIES.md); one that does not
return from a callback within --callback-limit ends the run, with the name and line.

The folder --out gets report.json, detail.json, CSV and Parquet of fills, orders, refusals and
equity, series.csv of the strategy's own series, and report.html. The same goes into the runs store
as a record that never changes (docs/RUNS.md; \`pankou runs list\`). Same input, same stateHash: a
run that was run before is compared with it.
PANKOU_RUNS=off records nothing unless --runs says where.
Exit codes: 0 fine, 1 failed (broken data, a strategy that throws ...), 2 wrong use.`;

export function registerBacktest(program: Command): void {
  withRunOptions(
    program
      .command('backtest')
      .description('run a strategy over recorded or synthetic data')
      .argument('<STRATEGY>', 'strategy file (.ts, or .py: docs/PYTHON.md)'),
  )
    .option('--out <DIR>', 'folder that gets the files of the run')
    .option('--runs <DIR>', 'runs store; default PANKOU_RUNS, else ~/.pankou/runs')
    .option('--no-record', 'leave no record in the runs store')
    .option('--no-html', 'leave out the page report.html')
    .option('--pdf', 'the page as report.pdf as well (needs Chromium)')
    .option('--no-parquet', 'leave out the Parquet copies of the CSV files')
    .option('--json', 'print the report as JSON instead of a table')
    .addOption(
      new Option('--progress <FORM>', 'bar: for people; json: a line a step on stderr').choices([
        'bar',
        'json',
      ]),
    )
    .addHelpText('after', AFTER)
    .action(async (strategy: string, flags: BacktestFlags, command: Command) => {
      const options = prepareBacktest(strategy, flags, (message) =>
        command.error(`error: ${message}`, { exitCode: 2 }),
      );
      // Reads while this thread loads the engine.
      const reading = startReading(options);
      const { runBacktestCommand } = await import('../../engine/backtest/command.ts');
      process.exitCode = await runBacktestCommand(options, reading);
    });
}

/** Options that decide a run, for every command that runs one. */
export function withRunOptions(command: Command): Command {
  return command
    .requiredOption('--data <PATH>', 'CSV file, folder, store, or synthetic:SEED', dataValue)
    .requiredOption(
      '--instruments <A,B>',
      'symbols, separated by commas; @FILE: those in a file; all: every one of the store',
      universeValue,
    )
    .option('--position <CODE=QTY>', 'base shares at the open; may be repeated', positionPair)
    .addOption(
      new Option('--cash <YUAN>', 'cash at the open')
        .argParser(yuanValue)
        .default(DEFAULT_CASH_E4, '1000000'),
    )
    .option('--param <NAME=VALUE>', 'parameter of the strategy; may be repeated', paramPair)
    .option('--preclose <CODE=PRICE>', 'close of the day before; may be repeated', pricePair)
    .option('--day <DATE>', 'trading day of synthetic data', dayValue, DEFAULT_DAY)
    .option('--from <DAY>', 'first day of the data to run', dayValue)
    .option('--to <DAY>', 'last day of the data to run', dayValue)
    .addOption(
      new Option('--freq <KIND>', 'which of the data: order streams and pictures, or bars').choices(
        ['tick', ...Object.keys(FREQUENCIES)],
      ),
    )
    .option('--benchmark <CODE>', 'index to compare with, 000300.SH; it is not traded', symbolValue)
    .option('--rf <RATE>', 'risk-free rate a year, 0.02 or 2%', yearRate)
    .addOption(
      new Option('--year-days <DAYS>', 'how days count in years')
        .choices(['calendar', '250', '252'])
        .default('250'),
    )
    .option('--fees <FILE>', 'fees as a configuration has them (JSON)', (path) => resolve(path))
    .addOption(
      new Option('--tax <KIND>', 'who owns the account, for the tax on dividends')
        .choices(ACCOUNT_KINDS)
        .default(ACTION_SETTINGS.tax),
    )
    .addOption(
      new Option('--rights <WHAT>', 'what becomes of rights issues')
        .choices(['subscribe', 'forfeit'])
        .default(ACTION_SETTINGS.rights),
    )
    .option('--pay-days <N>', 'trading days from ex-date to dividend, default 0', payDays)
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .addOption(
      new Option('--world <NAME>', 'how own orders meet an order stream')
        .choices(['orders', 'touch'])
        .default('orders'),
    )
    .addOption(
      new Option('--queue <MODEL>', 'place of a resting order among what pictures show').choices([
        'prob',
        'pro-rata',
        'front',
      ]),
    )
    .option('--bar-share <PERCENT>', "own part of a bar's volume, default 10", percentValue)
    .option('--latency <LEGS>', 'feed=300us,order=1.5ms,report=file:measured.csv', latencyValue)
    .option(
      '--callback-limit <SECONDS>',
      'longest time of one callback of the strategy',
      secondsValue,
      CALLBACK_MS / 1_000,
    )
    .option('--skip-bad-rows', 'skip and count broken rows instead of refusing the file');
}

/** The options of the backtest; `wrongUse` must not return. */
export function prepareBacktest(
  strategy: string,
  flags: BacktestFlags,
  wrongUse: (message: string) => never,
): BacktestOptions {
  const { data } = flags;
  const preClose = flags.preclose ?? new Map<string, number>();
  const positions = flags.position ?? new Map<string, number>();
  const rules = overlayFiles(flags.rules ?? [], process.cwd());
  const book = ruleBookOf(rules, placesOf);
  const instruments = universeOf(flags, book, wrongUse);
  for (const [option, pairs] of [
    ['--position', positions],
    ['--preclose', preClose],
  ] as const) {
    for (const symbol of pairs.keys()) {
      if (!instruments.includes(symbol)) {
        wrongUse(`${option} ${symbol} is not among --instruments ${named(instruments)}`);
      }
    }
  }
  const missing = data.kind === 'synthetic' ? DEFAULT_PRE_CLOSE_E4 : 0;
  return {
    strategyFile: resolve(strategy),
    data,
    day: flags.day,
    instruments: instruments.map((symbol) => {
      const preCloseE4 = preClose.get(symbol) ?? missing;
      const synthetic = data.kind === 'synthetic';
      const today = synthetic ? book.on(flags.day) : latestRules(book, symbol);
      checkInstrument(today, symbol, preCloseE4, positions.has(symbol), wrongUse);
      return { symbol, preCloseE4 };
    }),
    positions: [...positions].map(([symbol, qty]) => ({ symbol, qty })),
    cashE4: flags.cash,
    params: Object.fromEntries(flags.param ?? []),
    fees: feesOf(flags.fees, wrongUse),
    rules,
    world: flags.world,
    callbackMs: flags.callbackLimit * 1_000,
    ...(flags.queue === undefined ? {} : { queue: flags.queue }),
    ...(flags.barShare === undefined ? {} : { barShare: flags.barShare }),
    ...(flags.latency === undefined ? {} : { latency: flags.latency }),
    limits: defaultLimits(),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.freq === undefined ? {} : { frequency: flags.freq }),
    ...(flags.benchmark === undefined ? {} : { benchmark: flags.benchmark }),
    metrics: {
      rf: flags.rf ?? 0,
      yearDays: flags.yearDays === 'calendar' ? 'calendar' : Number(flags.yearDays),
    },
    actions: {
      ...ACTION_SETTINGS,
      tax: flags.tax,
      rights: flags.rights,
      payDays: flags.payDays ?? ACTION_SETTINGS.payDays,
    },
    outDir: flags.out === undefined ? '' : resolve(flags.out),
    ...recordOf(flags),
    json: flags.json === true,
    ...(flags.progress === 'json' ? { progress: 'json' } : {}),
    skipBadRows: flags.skipBadRows === true,
  };
}

/** Symbols named in a message. */
const NAMED = 12;

function named(symbols: readonly string[]): string {
  const more = symbols.length > NAMED ? ` and ${symbols.length - NAMED} more` : '';
  return `${symbols.slice(0, NAMED).join(',')}${more}`;
}

/** Where the record goes, and what is written beside it. */
function recordOf(flags: BacktestFlags): Pick<BacktestOptions, 'runsDir' | 'mustRecord' | 'files'> {
  const { html = true, pdf = false, parquet = true } = flags;
  const wanted = { html, pdf, parquet };
  const files = RUN_FILE_KINDS.filter((kind) => wanted[kind] === true);
  if (!flags.record) return { runsDir: null, mustRecord: false, files };
  if (flags.runs !== undefined) return { runsDir: resolve(flags.runs), mustRecord: true, files };
  return { runsDir: defaultRunsDir(), mustRecord: false, files };
}

/** A code of a known kind, a price on its tick, and no holding of an index. */
function checkInstrument(
  rules: DayRules,
  symbol: string,
  preCloseE4: number,
  held: boolean,
  wrongUse: (message: string) => never,
): void {
  let instrument: Instrument;
  try {
    instrument = makeInstrument(rules, 0, symbol, { preCloseE4 });
  } catch (error) {
    wrongUse((error as Error).message);
  }
  if (!isOnTick(preCloseE4, instrument.tickE4)) {
    const tick = formatYuan(instrument.tickE4);
    wrongUse(`--preclose ${symbol}=${formatYuan(preCloseE4)}: expected whole ticks of ${tick}`);
  }
  if (held && instrument.kind === 'index') {
    wrongUse(`--position ${symbol}: an index cannot be held`);
  }
}

function dataValue(text: string): BacktestData {
  const match = /^synthetic(?::(.*))?$/.exec(text);
  if (match === null) return { kind: 'files', path: resolve(text) };
  const seed = /^\d{1,10}$/.test(match[1] ?? '') ? Number(match[1]) : -1;
  if (seed >= 0 && seed <= 2_147_483_647) return { kind: 'synthetic', seed };
  throw new InvalidArgumentError('Expected synthetic:SEED with a seed from 0 to 2147483647.');
}

function percentValue(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent > 0 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError('Expected a percentage above 0, at most 100.');
}

function latencyValue(text: string): Latency {
  try {
    return parseLatency(text);
  } catch (error) {
    if (error instanceof LatencyError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

const payDays = wholeNumber(0, 250);

/** 0.02, or 2%; of a year. */
function yearRate(text: string): number {
  const match = /^(-?\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text);
  const rate = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (rate > -1 && rate < 10) return rate;
  throw new InvalidArgumentError('Expected a rate such as 0.02 or 2%, above -100 %.');
}

function feesOf(path: string | undefined, wrongUse: (message: string) => never): FeeContract {
  if (path === undefined) return DEFAULT_FEES;
  try {
    return readFees(path);
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

function secondsValue(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.1 && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError('expected seconds from 0.1 to 3600');
}
