// A holder of a TDX stock who makes no order, run by the engine and by the slow account beside it.
// Used by tdx-days.test.ts and its long form. Always: dividends untaxed, rights subscribed.
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runOver } from './days-run.ts';
import { closesAsOf, heldThrough, TDX, tdxActions, tdxDays } from './tdx-reference.ts';

const QTY = 12_345;
const CASH_FEN = 5_000_000;
const PERIOD = 20;

/** Compares shares, cash and the average of 20 adjusted closes on every day; the ex-dates seen. */
export async function compareHolder(code: string, from: number, to: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-tdx-'));
  for (const what of ['day', 'corporate_actions']) {
    copyFileSync(join(TDX, `${code}_${what}.csv.gz`), join(dir, `${code}_${what}.csv.gz`));
  }
  const symbol = `${code.slice(2)}.${code.slice(0, 2)}`;
  const { run, log } = await runOver(dir, [symbol], {
    ...{ from, to, frequency: '1d', cashE4: CASH_FEN * 100, params: { period: PERIOD } },
    positions: [{ symbol, qty: QTY }],
    actions: { tax: 'none', rights: 'subscribe', payDays: 0, rightsDays: 10 },
  });
  const days = tdxDays(code, from, to);
  const actions = tdxActions(code);
  const held = heldThrough(days, actions, { qty: QTY, fen: CASH_FEN });
  expect(run.records.map(({ day }) => day)).toEqual(days.map(({ day }) => day));
  // Shares as each day opens with them: nothing is traded.
  const shares = log.flatMap((text) => /^day .* (\d+)\/\d+ pre /.exec(text)?.[1] ?? []).map(Number);
  const cash = run.records.map(({ cashE4 }) => cashE4 / 100);
  expect(shares.map((qty, n) => ({ qty, fen: cash[n] }))).toEqual(held);
  const averages = log
    .filter((text) => text.startsWith('bar '))
    .map((text) => /sma (.*)/.exec(text)![1]);
  expect(averages.length).toBe(days.length);
  let exDates = 0;
  for (const [n, { day }] of days.entries()) {
    if (n < PERIOD - 1) continue;
    const isEx = actions.some((action) => action.day <= day && action.day > days[n - 1]!.day);
    if (isEx) exDates++;
    // The whole series is long; a month behind an ex-date and every fiftieth day tell enough.
    const isNear = actions.some(
      (action) => action.day <= day && action.day > days[n - PERIOD + 1]!.day,
    );
    if (!isNear && n % 50 !== 0) continue;
    const closes = closesAsOf(days, actions, n, PERIOD);
    const mean = closes.reduce((sum, close) => sum + close, 0) / PERIOD;
    expect(Math.abs(Number(averages[n]) / 10_000 / mean - 1)).toBeLessThan(1e-9);
  }
  return exDates;
}
