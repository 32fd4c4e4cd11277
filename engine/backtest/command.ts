// `pankou backtest`: one strategy over recorded or synthetic data, one account. Called by the
// command line with checked options. Invariant: data and strategy are read and checked whole before
// the first event of a day, so a mistake in either stops the run before any order of that day.
import { E4_PER_YUAN } from '../core/price.ts';
import { closePythons } from '../host/python/python-talk.ts';
import type { EngineSetup } from '../host/setup.ts';
import { loadStrategy, takesNoTicks, wantsOrderEvents } from '../host/strategy-loader.ts';
import { ruleBookOf } from '../rules/overlay-files.ts';
import { DetailRecorder } from './detail/detail-recorder.ts';
import { LoopWatch } from './loop-watch.ts';
import { type DaysRun, runDays } from './many-days.ts';
import type { BacktestOptions } from './options.ts';
import { progressOf } from './progress.ts';
import type { RanBacktest } from './ran-backtest.ts';
import type { ReadingStart } from './reading/reading-start.ts';
import { WarmUp } from './reading/warm-up.ts';
import { keepRun } from './records/keep-run.ts';
import { type BacktestReport, makeRunReport, reportTable, warningLines } from './report.ts';
import { strategyName } from './run-setup.ts';
import { type SeriesFigures, StrategyOutputs } from './strategy-outputs.ts';

/**
 * Runs, writes report and record, prints the table; 0, or 1 when the strategy failed. `reading`:
 * the thread that reads the data already.
 */
export async function runBacktestCommand(
  options: BacktestOptions,
  reading: ReadingStart | null = null,
): Promise<number> {
  const progress = progressOf(options);
  try {
    const ran = await executeBacktest(options, {
      detail: true,
      isWatched: true,
      reading,
      log: (name, text) => progress.print(`[${name}] ${text}`),
      show: (text, value, total) => progress.show(text, value, total),
    });
    progress.stop();
    const { report } = ran;
    const kept = await keepRun(options, ran);
    if (kept.id !== undefined) progress.recorded(kept.id);
    for (const line of warningLines(report.warnings)) console.error(`warning: ${line}`);
    if (report.badRows > 0) console.error(`warning: ${report.badRows} broken rows skipped`);
    console.log(options.json ? JSON.stringify(report) : reportTable(report, kept.folders));
    for (const line of kept.lines) console.error(line);
    for (const failure of report.failures) {
      console.error(`strategy ${failure.name} failed and was stopped: ${failure.text}`);
    }
    return report.failures.length > 0 || kept.failed ? 1 : 0;
  } finally {
    progress.stop();
  }
}

/** What a caller wants of a run beside its result. */
export interface RunWishes {
  /** Keep what pages show: candles, books at fills, lives of orders. */
  readonly detail?: boolean;
  /** End the process when a callback does not return; in the main thread of a process only. */
  readonly isWatched?: boolean;
  /** The thread that reads the data already: the engine warms up meanwhile. */
  readonly reading?: ReadingStart | null;
  readonly log?: (name: string, text: string) => void;
  readonly show?: (text: string, value: number, total: number) => void;
  /** Changes the setup of each day: a check starts the first one late, or adds a latency. */
  readonly changeSetup?: (setup: EngineSetup) => EngineSetup;
}

/** One run, from options to report; writes nothing. Throws like loading and the strategy loader. */
export async function executeBacktest(
  options: BacktestOptions,
  wishes: RunWishes = {},
): Promise<RanBacktest> {
  const { show = () => {}, log = () => {} } = wishes;
  const { callbackMs } = options;
  const loaded = await loadStrategy(options.strategyFile, options.params, true, callbackMs);
  const recorder = wishes.detail === true ? new DetailRecorder() : null;
  const outputs = new StrategyOutputs();
  const watched = { strategies: [{ name: strategyName(options), file: options.strategyFile }] };
  const watch = wishes.isWatched === true ? new LoopWatch(watched, options.callbackMs) : null;
  const guards = watch === null ? {} : { loopWatch: watch.words };
  const book = ruleBookOf(options.rules);
  const { reading = null } = wishes;
  const warmUp = reading === null ? null : new WarmUp(options, book);
  const run = await runDays(options, book, {
    log,
    recorder,
    orderEvents: wantsOrderEvents(loaded),
    noTicks: takesNoTicks(loaded),
    wiring: (day) => ({ ...outputs.ports(day), ...guards, guarded: true, loaded }),
    reading,
    ...(warmUp === null ? {} : { meanwhile: () => warmUp.piece() }),
    ...(wishes.changeSetup === undefined ? {} : { changeSetup: wishes.changeSetup }),
    onProgress: (fraction, text) => show(text, Math.round(fraction * 100), 100),
    onDay: (done, all, events, rows) =>
      all === 1
        ? show('running', events, Math.max(events, rows))
        : show('running, days', done, all),
  }).finally(() => {
    closePythons();
    return watch?.stop();
  });
  const { records: days } = run;
  return {
    report: reportOf(options, run, outputs.figures()),
    days,
    fills: days.flatMap(({ fills }) => fills),
    curve: days.flatMap(({ curve }) => curve.slice(1)),
    benchmark: new Map(run.benchmark.map(({ day, closeE4 }) => [day, closeE4 / E4_PER_YUAN])),
    seconds: days.reduce((sum, { seconds }) => sum + seconds, 0),
    params: loaded.params,
    recorder,
    series: outputs.csv(),
    seriesPoints: outputs.lines(),
  };
}

function reportOf(
  options: BacktestOptions,
  run: DaysRun,
  series: readonly SeriesFigures[],
): BacktestReport {
  const { benchmark, metrics } = options;
  const points = run.benchmark.map(({ day, closeE4 }) => ({ day, value: closeE4 / E4_PER_YUAN }));
  const first = run.records[0]!.day;
  // The session before the run, as the data know it.
  const before = run.benchmark.findLast(({ day }) => day < first)?.day ?? run.dayBefore;
  return makeRunReport({
    strategy: strategyName(options),
    instruments: run.instruments,
    days: run.records,
    sha256: run.sha256,
    missingDays: run.missingDays,
    warnings: run.warnings,
    series,
    metrics: {
      options: metrics,
      actions: run.actions,
      ...(before === undefined ? {} : { before }),
      ...(benchmark === undefined ? {} : { benchmark: { name: benchmark, points } }),
    },
  });
}
