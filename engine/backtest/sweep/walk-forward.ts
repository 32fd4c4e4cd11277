// Out of sample: cells are chosen on some days and judged on days they were not chosen on. One
// split (the last part held out), or windows that walk forward. Called by `pankou sweep`. Always: a
// window's test days lie behind its training days and overlap no other test days; a window is a
// sweep of its own folder, so it goes on where it was stopped; every run starts with equal books.
import { join } from 'node:path';
import { ruleBookOf } from '../../rules/overlay-files.ts';
import { openMarketDays } from '../data/market-days.ts';
import type { BacktestOptions } from '../options.ts';
import { runCell } from './cell.ts';
import { GridError, type GridValue } from './grid.ts';
import { runSweep, type SweepOptions, type SweepOutcome } from './sweep.ts';

/** First and last day. */
export type DaySpan = readonly [from: number, to: number];

export interface Window {
  readonly train: DaySpan;
  readonly test: DaySpan;
}

/** Days held out at the end in percent, or windows of so many days. */
export type Splitting =
  | { readonly kind: 'hold-out'; readonly percent: number }
  | { readonly kind: 'walk'; readonly train: number; readonly test: number };

export interface WindowResult extends Window {
  readonly cell: number;
  readonly params: Readonly<Record<string, GridValue>>;
  /** The ranking figure of the best cell on its training days, and on the test days. */
  readonly inSample: number | null;
  readonly outOfSample: number | null;
  readonly testReturn: number | null;
  readonly testHash: string;
  readonly error: string;
}

export interface ForwardOutcome {
  readonly by: string;
  readonly windows: readonly WindowResult[];
  /** Product of the test windows' returns, less 1; null = one of them has none. */
  readonly totalReturn: number | null;
  readonly stopped: boolean;
  /** Of the last window that was swept. */
  readonly sweep: SweepOutcome | null;
}

/** Throws GridError where there are too few days. */
export function windowsOf(days: readonly number[], how: Splitting): Window[] {
  const span = (from: number, count: number): DaySpan => [days[from]!, days[from + count - 1]!];
  if (how.kind === 'hold-out') {
    const held = Math.round((days.length * how.percent) / 100);
    const kept = days.length - held;
    if (held >= 1 && kept >= 1) return [{ train: span(0, kept), test: span(kept, held) }];
    throw new GridError(`--out-of-sample ${how.percent} %: the data have ${days.length} days`);
  }
  const windows: Window[] = [];
  for (let at = 0; at + how.train + how.test <= days.length; at += how.test) {
    windows.push({ train: span(at, how.train), test: span(at + how.train, how.test) });
  }
  if (windows.length > 0) return windows;
  const needs = how.train + how.test;
  throw new GridError(`--walk-forward needs ${needs} days, the data have ${days.length}`);
}

/** Days of the data in the range of the options. */
export async function daysOf(run: BacktestOptions): Promise<readonly number[]> {
  if (run.data.kind === 'synthetic') {
    throw new GridError('synthetic data have one day: nothing can be held out');
  }
  const { days } = await openMarketDays({
    path: run.data.path,
    instruments: run.instruments.map(({ symbol }) => symbol),
    skipBadRows: run.skipBadRows,
    rules: ruleBookOf(run.rules),
    from: run.from ?? 0,
    to: run.to ?? 0,
    ...(run.frequency === undefined ? {} : { frequency: run.frequency }),
  });
  return days;
}

/** Sweeps each window's training days in its own folder, and runs its best cell behind them. */
export async function runForward(options: SweepOptions, how: Splitting): Promise<ForwardOutcome> {
  const windows = windowsOf(await daysOf(options.run), how);
  const results: WindowResult[] = [];
  let sweep: SweepOutcome | null = null;
  for (const [n, window] of windows.entries()) {
    const dir = join(options.dir, `window-${String(n + 1).padStart(3, '0')}`);
    const [from, to] = window.train;
    sweep = await runSweep({ ...options, dir, run: { ...options.run, from, to } });
    if (sweep.stopped)
      return { by: options.by, windows: results, totalReturn: null, stopped: true, sweep };
    results.push(await judge(options, window, sweep));
  }
  const total = results.reduce<number | null>((growth, { testReturn }) => {
    return growth === null || testReturn === null ? null : growth * (1 + testReturn);
  }, 1);
  const totalReturn = total === null ? null : total - 1;
  return { by: options.by, windows: results, totalReturn, stopped: false, sweep };
}

async function judge(
  { run, by }: SweepOptions,
  window: Window,
  sweep: SweepOutcome,
): Promise<WindowResult> {
  const best = sweep.best[0];
  const none = { inSample: null, outOfSample: null, testReturn: null, testHash: '' };
  if (best === undefined) return { ...window, cell: -1, params: {}, ...none, error: 'no cell' };
  const [from, to] = window.test;
  const row = await runCell({ ...run, from, to }, best.cell, best.params);
  return {
    ...window,
    ...{ cell: best.cell, params: best.params },
    inSample: best.figures[by] ?? null,
    outOfSample: row.figures[by] ?? null,
    testReturn: row.figures['totalReturn'] ?? null,
    ...{ testHash: row.stateHash, error: row.error },
  };
}
