// Runs a strategy over files of several days as the backtest command does, and keeps what it
// logged. Used by tests of runs over many days. Always: whole options, the command's defaults.
import { join } from 'node:path';
import { ACTION_SETTINGS } from '../../engine/backtest/actions/holder.ts';
import { DEFAULT_DAY, DEFAULT_FEES } from '../../engine/backtest/defaults.ts';
import { type DaysHooks, type DaysRun, runDays } from '../../engine/backtest/many-days.ts';
import type { BacktestOptions } from '../../engine/backtest/options.ts';
import { METRICS_OPTIONS } from '../../engine/backtest/run-metrics.ts';
import { defaultLimits } from '../../engine/risk-limits.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';

export const DAILY_PLAN = join(import.meta.dirname, 'strategies/daily-plan.ts');

/** Daily bars in JQData's shape: `[day, open, high, low, close, volume]`. */
export function dailyFile(
  code: string,
  rows: readonly (readonly [number, number, number, number, number, number])[],
): string[] {
  const lines = rows.map(([day, open, high, low, close, volume]) => {
    const text = String(day).replace(/(\d{4})(\d{2})(\d{2})/, '$1-$2-$3');
    return [text, code, open, close, high, low, volume, (volume * close).toFixed(0)].join(',');
  });
  return ['time,code,open,close,high,low,volume,money', ...lines];
}

/** Corporate actions of ten shares: `[ex-date, cash, bonus, conversion, rights, price]`. */
export function actionsFile(
  rows: readonly (readonly [number, number, number, number, number, number])[],
): string[] {
  const lines = rows.map(([day, cash, bonus, transfer, rights, price]) =>
    [day, bonus, rights, price, cash, transfer, 0, 0].join(','),
  );
  const names = 'date,bonus_shares_per10,rights_per10,rights_price,cash_per10,transfer_per10';
  return [`${names},total_shares_10k,float_shares_10k`, ...lines];
}

/** Closes in fen, by stock and day: small steps about ten yuan, within the limits of any day. */
export function drawnCloses(stocks: number, days: number, seed = 7): Int32Array[] {
  let word = seed;
  return Array.from({ length: stocks }, () => {
    let fen = 1_000;
    return Int32Array.from({ length: days }, () => {
      word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
      fen = Math.min(1_050, Math.max(960, fen + ((word >>> 16) % 11) - 5));
      return fen;
    });
  });
}

export async function runOver(
  path: string,
  symbols: readonly string[],
  given: Partial<BacktestOptions> = {},
  wanted: Partial<DaysHooks> = {},
): Promise<{ readonly run: DaysRun; readonly log: readonly string[] }> {
  const log: string[] = [];
  const options: BacktestOptions = {
    strategyFile: DAILY_PLAN,
    data: { kind: 'files', path },
    day: DEFAULT_DAY,
    instruments: symbols.map((symbol) => ({ symbol, preCloseE4: 0 })),
    positions: [],
    cashE4: 10_000_000_000,
    params: {},
    fees: DEFAULT_FEES,
    limits: defaultLimits(),
    metrics: METRICS_OPTIONS,
    actions: ACTION_SETTINGS,
    rules: [],
    world: 'orders',
    outDir: '',
    callbackMs: 10_000,
    runsDir: null,
    mustRecord: false,
    files: [],
    json: false,
    skipBadRows: false,
    ...given,
  };
  const hooks = { log: (_: string, text: string) => log.push(text) };
  const run = await runDays(options, builtInBook(), {
    ...hooks,
    onProgress: () => {},
    onDay: () => {},
    recorder: null,
    orderEvents: false,
    ...wanted,
  });
  return { run, log };
}
