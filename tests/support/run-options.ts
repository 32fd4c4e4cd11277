// Options of a small backtest over the synthetic market, and strategies written on the spot. Used
// by the tests of runs, sweeps, checks and pages. Always: the same options give the same run.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACTION_SETTINGS } from '../../engine/backtest/actions/holder.ts';
import { DEFAULT_CASH_E4, DEFAULT_DAY, DEFAULT_FEES } from '../../engine/backtest/defaults.ts';
import type { BacktestOptions } from '../../engine/backtest/options.ts';
import { METRICS_OPTIONS } from '../../engine/backtest/run-metrics.ts';
import { writeSyntheticDay } from '../../engine/backtest/synthetic/write-day.ts';
import { defaultLimits } from '../../engine/risk-limits.ts';

export const SYMBOL = '600001.SH';

/** Buys and sells on the crossing of two averages of `seconds` bars. */
export const CROSS = `export default {
  params: {
    fast: { default: 3, min: 1, max: 50, int: true },
    slow: { default: 9, min: 2, max: 99, int: true },
    seconds: { default: 60 },
  },
  onInit(ctx) {
    ctx.bars(0, ctx.params.seconds);
    return { fast: ctx.sma(ctx.params.fast), slow: ctx.sma(ctx.params.slow), above: 0 };
  },
  onBar(ctx, bar) {
    const [fast, slow] = [ctx.state.fast.next(bar.closeE4), ctx.state.slow.next(bar.closeE4)];
    if (Number.isNaN(slow)) return;
    const above = fast > slow ? 1 : -1;
    const crossed = ctx.state.above !== 0 && above !== ctx.state.above;
    ctx.state.above = above;
    if (!crossed) return;
    if (above > 0) ctx.buy(0, bar.closeE4 + 200, 500);
    else if (ctx.position(0).sellableQty >= 500) ctx.sell(0, bar.closeE4 - 200, 500);
  },
};
`;

/** A folder of its own for a test. */
export function tempDir(): string {
  return mkdtempSync(join(tmpdir(), 'pankou-runs-'));
}

/** Writes a strategy; returns its path. */
export function writeStrategy(dir: string, text: string = CROSS, name = 'cross.ts'): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

/** A quiet synthetic day as files; returns the folder. */
export async function writeDay(dir: string, eventsPerSecond = 0.3): Promise<string> {
  const path = join(dir, 'data');
  await writeSyntheticDay(path, {
    seed: 3,
    day: DEFAULT_DAY,
    instruments: [{ symbol: SYMBOL, preCloseE4: 100_000, volatility: 0.03, eventsPerSecond }],
  });
  return path;
}

/** 10,000 base shares and a million yuan over the files in `data`. */
export function runOptions(
  strategyFile: string,
  data: string,
  changes: Partial<BacktestOptions> = {},
): BacktestOptions {
  return {
    strategyFile,
    data: { kind: 'files', path: data },
    day: DEFAULT_DAY,
    instruments: [{ symbol: SYMBOL, preCloseE4: 100_000 }],
    positions: [{ symbol: SYMBOL, qty: 10_000 }],
    cashE4: DEFAULT_CASH_E4,
    params: {},
    fees: DEFAULT_FEES,
    limits: defaultLimits(),
    metrics: METRICS_OPTIONS,
    actions: ACTION_SETTINGS,
    rules: [],
    world: 'orders',
    outDir: '',
    runsDir: null,
    mustRecord: false,
    files: [],
    json: true,
    skipBadRows: false,
    ...changes,
  };
}
