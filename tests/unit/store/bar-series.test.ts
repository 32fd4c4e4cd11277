// Daily bars of a store, read by columns: every day must be what the loader makes of the same files
// one frame at a time. Run by vitest.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BarSeries, seriesFiles } from '../../../engine/backtest/data/bar-series.ts';
import { Load, staticsOf } from '../../../engine/backtest/data/load.ts';
import type { DaysWish } from '../../../engine/backtest/data/market-days.ts';
import { openMarketDays } from '../../../engine/backtest/data/market-days.ts';
import { PriorPrices } from '../../../engine/backtest/data/prior-prices.ts';
import { columnsOf, makeTable } from '../../../engine/backtest/store/columns.ts';
import { writeDayFile } from '../../../engine/backtest/store/day-file.ts';
import { createStore, pathIn } from '../../../engine/backtest/store/store-folder.ts';
import { tempDir } from '../../support/run-options.ts';

const LAYOUT = 'joinquant-days';
const DAYS = [20260105, 20260106, 20260107, 20260108];
const CLOSE_NS = 54_000e9;

interface Told {
  readonly days?: readonly number[];
  readonly endNs?: readonly number[];
  readonly source?: string;
  readonly kind?: string;
}

let store = '';
beforeAll(() => {
  store = join(tempDir(), 'store');
  createStore(store);
  write('600003.SH', 70_000, { endNs: [CLOSE_NS, CLOSE_NS - 1e9, CLOSE_NS, CLOSE_NS - 2e9] });
  write('000001.SZ', 120_000, { days: DAYS.slice(1) });
  write('600001.SH', 100_000, { source: '600001_adjusted.csv' });
  write('600002.SH', 90_000, { days: [DAYS[0]!, DAYS[3]!] });
  write('000300.SH', 40_000_000, { days: [20251231, ...DAYS] });
  action('600001.SH', DAYS[2]!);
});

function write(symbol: string, priceE4: number, told: Told = {}): void {
  const { days = DAYS, endNs, kind = 'bars-1d' } = told;
  const table = makeTable(kind, days.length);
  for (const [i, name] of columnsOf(kind).entries()) {
    table.columns[i]!.set(days.map((day, row) => cellOf(name, day, row, priceE4, endNs)));
  }
  put(symbol, kind, days, table, told.source ?? `${symbol}.csv`);
}

function cellOf(name: string, day: number, row: number, priceE4: number, ends?: readonly number[]) {
  const close = priceE4 + 100 * row;
  if (name === 'day') return day;
  if (name === 'line') return row + 2;
  if (name === 'source') return 0;
  if (name === 'startNs') return 34_200e9;
  if (name === 'endNs') return ends?.[row] ?? CLOSE_NS;
  if (name === 'volume') return 3_000_000_000 + row;
  if (name === 'amountE4') return close * 3_000_000;
  if (name === 'highE4') return close + 300;
  return name === 'lowE4' ? close - 300 : close;
}

function put(
  symbol: string,
  kind: string,
  days: readonly number[],
  table: ReturnType<typeof makeTable>,
  source: string,
): void {
  mkdirSync(join(store, symbol), { recursive: true });
  const meta = {
    ...{ schema: 1 as const, kind, symbol, day: days[0]!, lastDay: days.at(-1)! },
    ...{ layout: LAYOUT, columns: columnsOf(kind), heldTimes: 0, filledOpens: 0, badRows: 2 },
    sources: [{ name: source, sha256: '', layout: LAYOUT, rows: days.length }],
    warnings: [`${symbol}: a word of the import`],
  };
  writeDayFile(pathIn(store, symbol, days[0]!, kind), meta, table);
}

function action(symbol: string, day: number): void {
  const table = makeTable('actions', 1);
  table.columns[columnsOf('actions').indexOf('day')]![0] = day;
  table.columns[columnsOf('actions').indexOf('cashPer10E4')]![0] = 20_000;
  put(symbol, 'actions', [day], table, 'actions.csv');
}

function wishOf(changes: Partial<DaysWish> = {}): DaysWish {
  return {
    path: store,
    instruments: ['600001.SH', '000001.SZ', '600003.SH', '600002.SH'],
    ...{ skipBadRows: false, from: 0, to: 0, frequency: '1d', benchmark: '000300.SH' },
    ...changes,
  };
}

async function loadOf(wish: DaysWish): Promise<Load> {
  const load = new Load({ ...wish, keepAll: true });
  await load.readFiles();
  return load;
}

describe('daily bars of a store', () => {
  test.each<[string, Partial<DaysWish>]>([
    ['of the wanted instruments and a benchmark', {}],
    ['where nobody said which bars', { frequency: undefined } as unknown as Partial<DaysWish>],
    ['with the benchmark among the instruments', { instruments: ['000300.SH', '600003.SH'] }],
    ['of all but one instrument, in another order', { instruments: ['sh600003', '600001.SH'] }],
  ])('%s are the days that the loader makes', async (_, changes) => {
    const wish = wishOf(changes);
    const load = await loadOf(wish);
    const series = new BarSeries(wish, seriesFiles(wish)!);
    expect(series.dayList).toEqual(load.dayList());
    for (const [n, day] of load.dayList().entries()) {
      const prior = new PriorPrices([['600001.SH', 99_000 + 100 * (n >> 1)]]);
      const { tape, rowAt: _row, statics, ...rest } = load.day(day, prior);
      const made = series.open(day, prior);
      const { tape: own, rowAt: _own, statics: _none, preClosesE4: _, ...ownRest } = made;
      expect(own.hash()).toBe(tape.hash());
      expect(ownRest).toEqual(rest);
      expect(statics.map((_facts, i) => staticsOf(made, i))).toEqual(statics);
    }
    expect(series.actions).toEqual(load.actions);
    expect(series.benchmark).toEqual(load.closesOf('000300.SH'));
    expect(series.closesBefore(DAYS[2]!)).toEqual(load.closesBefore(DAYS[2]!));
  });

  test('are found by a run, also when it asks for a part of the days', async () => {
    const days = await openMarketDays(wishOf({ from: DAYS[1]!, to: DAYS[2]! }));
    expect(days.days).toEqual([DAYS[1], DAYS[2]]);
    expect(days.closesBefore.get('600003.SH')).toEqual({ day: DAYS[0], closeE4: 70_000 });
    const load = await loadOf(wishOf());
    const { tape, sha256 } = await days.open(DAYS[2]!, new PriorPrices());
    expect(tape.hash()).toBe(load.day(DAYS[2]!).tape.hash());
    expect(days.sha256([sha256])).toBe(sha256);
  });

  test('are left to the loader where a day needs more than them', () => {
    expect(seriesFiles(wishOf())).not.toBeNull();
    expect(seriesFiles(wishOf({ instruments: ['600001.SH', '600009.SH'] }))).toBeNull();
    expect(seriesFiles(wishOf({ frequency: '1m' }))).toBeNull();
    expect(seriesFiles(wishOf({ frequency: 'tick' }))).toBeNull();
    write('600004.SH', 80_000);
    write('600004.SH', 80_000, { kind: 'bars-1m', days: [DAYS[0]!] });
    expect(seriesFiles(wishOf({ instruments: ['600004.SH'] }))).not.toBeNull();
    const any = { instruments: ['600004.SH'], frequency: undefined };
    expect(seriesFiles(wishOf(any as unknown as Partial<DaysWish>))).toBeNull();
  });
});
