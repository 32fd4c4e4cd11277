// Days of bars, of more instruments than a duty cycle takes: with the phases of the market
// told whole, and the bars of a moment as one block, a strategy decides, orders, trades and hears
// of each order what it does with a tick and a quote of each instrument. Only which of two orders
// it hears of first, in one moment, may differ (and so the cash it sees with a trade): with quotes
// that depends on how many of them a cycle takes; and whether the OMS asks at the end to cancel
// what the exchange has just let expire (status 6).
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { weekdays, writeDailyStore } from '../../bench/daily-store.ts';
import type { CurvePoint } from '../../engine/backtest/analytics/input.ts';
import { drawnCloses, runOver } from '../support/days-run.ts';
import { folderOf } from '../support/market-files.ts';

const STOCKS = 100;
const DAYS = 9;
const MOVES = join(import.meta.dirname, '../support/strategies/many-moves.ts');
const CROSS = join(import.meta.dirname, '../../examples/strategies/ma-cross.ts');
const symbols = Array.from({ length: STOCKS }, (_, n) => `${600_000 + n}.SH`);
let dir = '';

beforeAll(() => {
  dir = folderOf({});
  writeDailyStore(join(dir, 'store'), symbols, weekdays(20240102, DAYS), drawnCloses(STOCKS, DAYS));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function both(strategyFile: string, params: Readonly<Record<string, number | boolean>>) {
  const options = { strategyFile, params, frequency: '1d' as const, cashE4: 1e12 };
  const whole = await runOver(join(dir, 'store'), symbols, options, { noTicks: true });
  const each = await runOver(join(dir, 'store'), symbols, options);
  return [whole, each] as const;
}

const withoutTime = ({ run }: Awaited<ReturnType<typeof runOver>>) =>
  run.records.map((record) => ({ ...record, seconds: 0, curve: atRest(record.curve) }));

/** Who decides between the bars of a moment has seen some of its prices, or all. */
const withoutDecisions = (ran: Awaited<ReturnType<typeof runOver>>) =>
  withoutTime(ran).map((record) => ({
    ...record,
    orders: record.orders.map((order) => ({ ...order, decisionE4: null })),
  }));

/** Each moment as it was when all its bars were told. */
const atRest = (curve: readonly CurvePoint[]) => [
  ...new Map(curve.map((point) => [point.timeNs, point])).values(),
];

const isNews = (line: string) => /^(?:order|reject|trade) /.test(line);
const decisions = (log: readonly string[]) => log.filter((line) => !isNews(line));
const newsByOrder = (log: readonly string[]) =>
  log
    .filter((line) => isNews(line) && !/^order \d+ 6 /.test(line))
    .map((line) => (line.startsWith('trade ') ? line.split(' ').slice(0, 4).join(' ') : line))
    .toSorted((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]));

describe('phases told whole', () => {
  for (const seed of [1, 3]) {
    test(`change nothing for orders at all times of the day, seed ${seed}`, async () => {
      const [whole, each] = await both(MOVES, { seed, each: 4, stops: seed === 3 });
      expect(decisions(whole.log)).toEqual(decisions(each.log));
      expect(newsByOrder(whole.log)).toEqual(newsByOrder(each.log));
      expect(withoutDecisions(whole)).toEqual(withoutDecisions(each));
      const statuses = new Set(whole.run.records.flatMap((r) => Object.keys(r.ordersByStatus)));
      expect([...statuses]).toEqual(expect.arrayContaining(['filled', 'cancelled']));
    });
  }

  test('change nothing for a crossing of averages', async () => {
    const [whole, each] = await both(CROSS, { fast: 2, slow: 4, lots: 1 });
    expect(withoutTime(whole)).toEqual(withoutTime(each));
    expect(whole.run.records.flatMap(({ fills }) => fills).length).toBeGreaterThan(20);
  });
});

test('minute bars of one moment trade as one by one, with holes and longer bars too', async () => {
  const files = folderOf(
    Object.fromEntries(symbols.slice(0, 7).map((symbol, s) => [`${symbol}_1min.csv`, minutes(s)])),
  );
  const options = { strategyFile: CROSS, frequency: '1m' as const, cashE4: 1e12 };
  for (const seconds of [60, 300]) {
    const given = { ...options, params: { fast: 2, slow: 5, lots: 1, seconds } };
    const whole = await runOver(files, symbols.slice(0, 7), given, { noTicks: true });
    const each = await runOver(files, symbols.slice(0, 7), given);
    expect(atEnd(whole)).toEqual(atEnd(each));
    expect(whole.run.records.flatMap(({ fills }) => fills).length).toBeGreaterThan(100);
  }
  rmSync(files, { recursive: true });
});

/** Between the bars of a moment only one of two has been valued. */
const atEnd = (ran: Awaited<ReturnType<typeof runOver>>) =>
  withoutTime(ran).map((record) => ({ ...record, curve: record.curve.slice(-1) }));

/** Two days of a stock's minute bars, as a vendor writes them; one in nine is missing. */
function minutes(stock: number): string[] {
  const closes = drawnCloses(1, 480, stock + 1)[0]!;
  const rows = [...closes].flatMap((fen, n) => {
    const minute = n % 240 < 120 ? 571 + (n % 240) : 661 + (n % 240);
    if ((n * 7 + stock) % 9 === 0) return [];
    const clock = [Math.floor(minute / 60), minute % 60].map((v) => String(v).padStart(2, '0'));
    const time = `2026-01-0${n < 240 ? 5 : 6} ${clock.join(':')}:00`;
    const price = (fen / 100).toFixed(2);
    return `${time},${600_000 + stock}.XSHG,${price},${price},${price},${price},1000000,0`;
  });
  return ['time,code,open,close,high,low,volume,money', ...rows];
}

test('orders of the night go out in the opening call, however many stocks there are', async () => {
  const [, each] = await both(CROSS, { fast: 2, slow: 4, lots: 1 });
  const refused = each.run.records.flatMap(({ rejects }) => [...rejects.keys()]);
  expect(refused).not.toContain('exchange:401');
});
