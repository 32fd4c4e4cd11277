// `pankou backtest`: one strategy over recorded or synthetic data, one account. Called by the
// command line with checked options. Invariant: data and strategy are read and checked whole before
// the first event, so a mistake in either stops the run before any order.
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { EngineSetup, FileSource, SyntheticSource } from '../host/setup.ts';
import { loadStrategy } from '../host/strategy-loader.ts';
import { rulesOf } from '../risk-limits.ts';
import { feeSchedules } from '../rules/fee-dates.ts';
import type { InstrumentFacts } from '../rules/make-instrument.ts';
import { ruleBookOf } from '../rules/overlay-files.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { checkSessionDay } from '../rules/session-day.ts';
import { version } from '../version.ts';
import { DEFAULT_EVENTS_PER_SECOND, DEFAULT_VOLATILITY } from './defaults.ts';
import { BothHandlers, DetailRecorder, SHOWN } from './detail/detail-recorder.ts';
import { fileFacts, type MarketFacts, syntheticFacts } from './market-facts.ts';
import type { BacktestOptions } from './options.ts';
import type { RanBacktest } from './ran-backtest.ts';
import { keepRun } from './records/keep-run.ts';
import { makeReport, RunCollector, reportTable } from './report.ts';
import { runBacktest } from './runner.ts';

/** Runs, writes report and record, prints the table; 0, or 1 when the strategy failed. */
export async function runBacktestCommand(options: BacktestOptions): Promise<number> {
  const progress = new Progress(!options.json && process.stderr.isTTY === true);
  try {
    const ran = await executeBacktest(options, {
      detail: true,
      log: (name, text) => progress.print(`[${name}] ${text}`),
      show: (text, value, total) => progress.show(text, value, total),
    });
    progress.stop();
    const { report } = ran;
    const kept = await keepRun(options, ran);
    for (const warning of report.warnings) console.error(`warning: ${warning}`);
    if (report.badRows > 0) console.error(`warning: ${report.badRows} broken rows skipped`);
    console.log(options.json ? JSON.stringify(report) : reportTable(report, kept.folders));
    for (const line of kept.lines) console.error(line);
    for (const failure of ran.result.strategyFailures) {
      console.error(`strategy ${failure.name} failed and was stopped: ${failure.text}`);
    }
    return ran.result.strategyFailures.length > 0 || kept.failed ? 1 : 0;
  } finally {
    progress.stop();
  }
}

/** What a caller wants of a run beside its result. */
export interface RunWishes {
  /** Keep what pages show: candles, books at fills, lives of orders. */
  readonly detail?: boolean;
  readonly log?: (name: string, text: string) => void;
  readonly show?: (text: string, value: number, total: number) => void;
  /** Changes the setup before the run: a check starts later, or with a latency. */
  readonly changeSetup?: (setup: EngineSetup) => EngineSetup;
}

/** One run, from options to report; writes nothing. Throws like loading and the strategy loader. */
export async function executeBacktest(
  options: BacktestOptions,
  wishes: RunWishes = {},
): Promise<RanBacktest> {
  const { show = () => {} } = wishes;
  const { params } = await loadStrategy(options.strategyFile, options.params);
  const source = sourceOf(options);
  const book = ruleBookOf(options.rules);
  const facts = await factsOf(options, source, book, show);
  const { changeSetup = (made) => made } = wishes;
  const setup = changeSetup(setupOf(options, source, facts, book));
  const collector = new RunCollector(setup);
  const recorder = wishes.detail === true ? new DetailRecorder(setup) : null;
  const result = await runBacktest(setup, {
    ...collector.hooks,
    ...(recorder === null ? {} : { events: new BothHandlers(recorder, collector), types: SHOWN }),
    ...(wishes.log === undefined ? {} : { log: wishes.log }),
    onEvents: (count) => show('running', count, Math.max(count, facts.rows)),
  });
  const report = makeReport(setup, facts, result, collector);
  return { setup, result, collector, report, params, recorder };
}

function sourceOf(options: BacktestOptions): FileSource | SyntheticSource {
  if (options.data.kind === 'synthetic') {
    return {
      kind: 'synthetic',
      seed: options.data.seed,
      instruments: options.instruments.map(({ symbol, preCloseE4 }) => ({
        symbol,
        preCloseE4,
        volatility: DEFAULT_VOLATILITY,
        eventsPerSecond: DEFAULT_EVENTS_PER_SECOND,
      })),
    };
  }
  return {
    kind: 'files',
    path: options.data.path,
    instruments: options.instruments.map((i) => i.symbol),
    day: 0,
    skipBadRows: options.skipBadRows,
    rules: options.rules,
  };
}

async function factsOf(
  options: BacktestOptions,
  source: FileSource | SyntheticSource,
  book: RuleBook,
  show: (text: string, value: number, total: number) => void,
): Promise<MarketFacts> {
  const facts =
    source.kind === 'synthetic'
      ? syntheticFacts(source.seed, options.day, source.instruments, book)
      : await fileFacts(source, book, givenOf(options), (fraction, text) =>
          show(text, Math.round(fraction * 100), 100),
        );
  const notes = checkSessionDay(book.calendar, facts.day, 'backtest');
  for (const path of options.rules) notes.push(`rules of ${path}`);
  return { ...facts, warnings: [...facts.warnings, ...notes] };
}

function givenOf(options: BacktestOptions): Map<string, InstrumentFacts> {
  const given = options.instruments.filter(({ preCloseE4 }) => preCloseE4 > 0);
  return new Map(given.map(({ symbol, preCloseE4 }) => [symbol, { preCloseE4 }]));
}

function strategyName(options: BacktestOptions): string {
  return basename(options.strategyFile).replace(/\.[cm]?[jt]s$/, '');
}

function setupOf(
  options: BacktestOptions,
  source: FileSource | SyntheticSource,
  facts: MarketFacts,
  book: RuleBook,
): EngineSetup {
  const indexOf = (symbol: string): number =>
    facts.instruments.findIndex((i) => i.symbol === symbol);
  const day = facts.day > 0 ? facts.day : options.day;
  return {
    engineVersion: version,
    name: 'backtest',
    day,
    pace: 'lockstep',
    speed: 1,
    instruments: facts.instruments,
    kernelRules: facts.kernelRules,
    windows: facts.windows,
    quota: facts.quota,
    fullStream: facts.fullStream,
    contiguous: facts.contiguous,
    wholeChannels: facts.wholeChannels,
    accounts: [
      {
        id: 'backtest',
        cashE4: options.cashE4,
        positions: options.positions.map(({ symbol, qty }) => ({
          instrument: indexOf(symbol),
          qty,
          costE4: facts.firstPricesE4[indexOf(symbol)] ?? 0,
        })),
        fees: feeSchedules(options.fees, book.on(day), facts.instruments),
        journalDir: '',
      },
    ],
    strategies: [
      {
        name: strategyName(options),
        file: options.strategyFile,
        account: 0,
        own: facts.instruments.map((i) => i.index),
        params: options.params,
        cancelOnFailure: true,
      },
    ],
    risk: rulesOf(options.limits, {
      accounts: ['backtest'],
      strategies: [strategyName(options)],
      symbols: facts.instruments.map((i) => i.symbol),
    }),
    world: options.world,
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(options.barShare === undefined ? {} : { barShare: options.barShare }),
    ...(options.latency === undefined ? {} : { latency: options.latency }),
    source,
    gateway: 'sim',
    flush: 'none',
    segmentBytes: 0,
    recording: false,
    epochs: [1],
    skipUntilNs: 0,
    ringScale: 1,
  };
}

/** A progress bar on a terminal, nothing elsewhere. */
class Progress {
  readonly #bar: SingleBar | null;
  #started = false;

  constructor(wanted: boolean) {
    const format = '{bar} {percentage}% | {text} | {value}/{total}';
    this.#bar = wanted ? new SingleBar({ format, hideCursor: true, clearOnComplete: true }) : null;
  }

  show(text: string, value: number, total: number): void {
    if (this.#bar === null) return;
    if (!this.#started) this.#bar.start(total, value, { text });
    else {
      this.#bar.setTotal(total);
      this.#bar.update(value, { text });
    }
    this.#started = true;
  }

  print(text: string): void {
    if (this.#started) process.stderr.write('\r\x1b[K');
    console.error(text);
  }

  stop(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }
}
