// Day files over real exchange data, which lies beside the repository and is never part of it:
// tapes, bars, actions, calendar and limit prices against what exchange and vendors published.
// Skipped where it is absent.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../../engine/backtest/data/csv-file.ts';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import type { ActionRow } from '../../../engine/backtest/data/stream-set.ts';
import { changesPrice, exPriceE4, factorsAsOf } from '../../../engine/backtest/store/adjust.ts';
import { checkStore } from '../../../engine/backtest/store/check.ts';
import { columnOf, type Table } from '../../../engine/backtest/store/columns.ts';
import { readDayFile } from '../../../engine/backtest/store/day-file.ts';
import { pathIn } from '../../../engine/backtest/store/store-folder.ts';
import { actionsOf } from '../../../engine/backtest/store/stream-table.ts';
import { BarBuilder } from '../../../engine/core/bar-builder.ts';
import { parsePriceE4 } from '../../../engine/core/price.ts';
import { makeInstrument } from '../../../engine/rules/make-instrument.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';
import { importPaths, newStore } from './store-kit.ts';

const SECOND = 1_000_000_000;

/** Rows of a file by column name. */
async function rowsOf(file: string): Promise<Map<string, string>[]> {
  const rows: Map<string, string>[] = [];
  let names: readonly string[] = [];
  const keep = (fields: readonly string[]): void => {
    rows.push(new Map(fields.map((field, i) => [names[i], field])));
  };
  await readCsv(join(REAL_DATA, file), {
    onHeader: (header) => {
      names = header;
    },
    onRow: keep,
    onCutRow: keep,
    onBytes: () => {},
  });
  return rows;
}

function read(store: string, symbol: string, day: number, kind: string): Table {
  return readDayFile(pathIn(store, symbol, day, kind)).table;
}

describe.skipIf(!hasRealData)('real data (skipped: no ../shared/data here)', () => {
  const store = newStore();
  beforeAll(async () => {
    const folders = ['bars-tdx', 'bars-minute-600519-2026', 'l2-sse-600519-20230201'];
    const { problems } = await importPaths(
      store,
      [...folders, 'snap-szse-20220601'].map((folder) => join(REAL_DATA, folder)),
    );
    expect(problems).toEqual([]);
  }, 120_000);

  test('a whole day of orders, trades and pictures gives the tape that CSV gives', async () => {
    const own = newStore();
    const path = join(REAL_DATA, 'l2-sse-600519-20230201');
    await importPaths(own, [path]);
    const wish = { instruments: ['600519.SH'], skipBadRows: false };
    const fromFiles = await loadMarketData({ path, ...wish });
    const fromStore = await loadMarketData({ path: own, ...wish });
    expect(fromStore.tape.hash()).toBe(fromFiles.tape.hash());
    expect(fromStore.instruments).toEqual(fromFiles.instruments);
  }, 60_000);

  test('the partial day with its start book gives the tape that CSV gives', async () => {
    const own = newStore();
    const path = join(REAL_DATA, 'l2-szse-002603-0930-1005');
    expect((await importPaths(own, [path], { day: 20260109 })).problems).toEqual([]);
    const wish = { instruments: 'all', skipBadRows: false, day: 20260109 } as const;
    const fromFiles = await loadMarketData({ path, ...wish });
    const fromStore = await loadMarketData({ path: own, ...wish });
    expect(fromStore.tape.hash()).toBe(fromFiles.tape.hash());
  }, 60_000);

  test('one-minute bars add up to the five-minute bars, the auction in the first', () => {
    let compared = 0;
    let sameVolume = 0;
    for (const day of [20260323, 20260324, 20260325, 20260326, 20260327]) {
      const [short, long] = ['bars-1m', 'bars-5m'].map((k) => read(store, '600519.SH', day, k));
      const ends = columnOf(short, 'endNs');
      for (const [row, end] of columnOf(long, 'endNs').entries()) {
        const from = row === 0 ? 0 : end - 300 * SECOND;
        const own = [...ends.keys()].filter((i) => ends[i] > from && ends[i] <= end);
        const of = (name: string) => own.map((i) => columnOf(short, name)[i]);
        expect(Math.max(...of('highE4'))).toBe(columnOf(long, 'highE4')[row]);
        expect(Math.min(...of('lowE4'))).toBe(columnOf(long, 'lowE4')[row]);
        expect(of('closeE4').at(-1)).toBe(columnOf(long, 'closeE4')[row]);
        const sum = (name: string) => of(name).reduce((total, value) => total + value, 0);
        expect(sum('amountE4')).toBe(columnOf(long, 'amountE4')[row]);
        const difference = Math.abs(sum('volume') - columnOf(long, 'volume')[row]);
        expect(difference).toBeLessThanOrEqual(200);
        if (difference === 0) sameVolume++;
        compared++;
      }
    }
    expect([compared, sameVolume]).toEqual([240, 235]);
  });

  // The sums of about three seconds carry stamps of their own: at a minute's edge some of SSE's
  // went into the other minute of the line. Over the day nothing is lost.
  test.each([
    ['SH600000', 181, 225],
    ['SZ000001', 240, 240],
    ['SZ000002', 240, 240],
  ] as const)(
    'bars built from the ticks of %s: %i of 240 volumes and %i closes as published',
    async (name, volumes, closes) => {
      const symbol = `${name.slice(2)}.${name.slice(0, 2)}`;
      const line = read(store, symbol, 20190201, 'bars-1m');
      const built = await builtMinutes(`bars-tdx/${name}_trans.csv.gz`, '20190201');
      const ends = columnOf(line, 'endNs');
      let sameVolume = 0;
      let sameClose = 0;
      let total = 0;
      for (const [row, end] of ends.entries()) {
        const bar = built.get(end) ?? { volume: 0, closeE4: 0 };
        const volume = columnOf(line, 'volume')[row];
        total += bar.volume - volume;
        if (bar.volume === volume) sameVolume++;
        if (volume === 0 || bar.closeE4 === columnOf(line, 'closeE4')[row]) sameClose++;
      }
      expect([total, ends.length, sameVolume, sameClose]).toEqual([0, 240, volumes, closes]);
    },
  );

  test('a day of trades has the volume and turnover of the published daily bar', () => {
    const trades = read(store, '600519.SH', 20230201, 'trades');
    const daily = read(store, '600519.SH', 0, 'bars-1d');
    const row = columnOf(daily, 'day').indexOf(20230201);
    let volume = 0;
    let amountE4 = 0;
    for (let i = 0; i < trades.rows; i++) {
      volume += columnOf(trades, 'qty')[i];
      amountE4 += columnOf(trades, 'qty')[i] * columnOf(trades, 'priceE4')[i];
    }
    expect(Math.round(volume / 100) * 100).toBe(columnOf(daily, 'volume')[row]);
    expect(Math.round(amountE4 / 10_000) * 10_000).toBe(columnOf(daily, 'amountE4')[row]);
    // That file is forward adjusted, which `pankou data check` finds out by turnover / volume.
    const { findings } = checkStore({
      store,
      instruments: ['600519.SH'],
      rules: builtInBook(),
    });
    expect(findings.map(({ text }) => text).join()).toContain('adjusted prices?');
  });

  test('opens of ex-dates lie at the ex-price; factors know no later action', () => {
    let actions = 0;
    let near = 0;
    for (const symbol of ['600000.SH', '000001.SZ', '000002.SZ']) {
      const daily = read(store, symbol, 0, 'bars-1d');
      const list = actionsOf(read(store, symbol, 0, 'actions'), symbol).filter(changesPrice);
      const days = columnOf(daily, 'day');
      const closes = columnOf(daily, 'closeE4');
      const asOf = days[days.length - 1];
      const factors = factorsAsOf(days, closes, list, asOf);
      for (const action of list) {
        const row = days.indexOf(action.day);
        if (row < 1) continue;
        actions++;
        const adjusted = closes[row - 1] * (factors[row - 1] / factors[row]);
        expect(adjusted).toBeCloseTo(exPriceE4(closes[row - 1], action), 4);
        const ratio = columnOf(daily, 'openE4')[row] / adjusted;
        if (ratio > 0.9 && ratio < 1.1) near++;
      }
      expectNoLaterKnowledge(days, closes, list);
    }
    expect(actions).toBeGreaterThan(40);
    expect(near / actions).toBeGreaterThan(0.93);
  });

  test('the built-in calendar is the exchange list, and every stored day trades', async () => {
    const rows = await rowsOf('calendar-china/xshg_sessions.csv.gz');
    const sessions = rows.map((row) =>
      Number((row.get('') ?? '').slice(0, 10).replaceAll('-', '')),
    );
    const { calendar } = builtInBook();
    const years = sessions.filter((day) => day >= 20240101 && day <= 20261231);
    expect(calendar.tradingDays(20240101, 20261231)).toEqual(years);
    const known = new Set(sessions);
    const { coverage } = checkStore({ store, instruments: 'all', rules: builtInBook() });
    for (const [symbol, days] of coverage) {
      for (const day of days.keys()) expect(known.has(day), `${symbol} ${day}`).toBe(true);
    }
  }, 60_000);

  const HUATAI = { preClose: 'PreClosePx', upper: 'MaxPx', lower: 'MinPx' };
  const DATAYES = { preClose: 'PreCloPrice', upper: 'HighLimitPrice', lower: 'LowLimitPrice' };
  test.each([
    { file: 'snap-szse-20220601/000400_snapshots.csv.gz', columns: HUATAI },
    { file: 'snap-szse-20220601/300122_snapshots.csv.gz', columns: HUATAI },
    { file: 'snap-szse-000333/20230201_snapshots.csv.gz', columns: DATAYES },
    { file: 'snap-szse-000333/20230202_snapshots.csv.gz', columns: DATAYES },
  ])('the limits of every row of $file are the computed ones', async ({ file, columns }) => {
    const { preClose, upper, lower } = columns;
    const isHuatai = columns === HUATAI;
    const symbol = isHuatai ? `${/(\d{6})_/.exec(file)?.[1]}.SZ` : '000333.SZ';
    const day = isHuatai ? 20220601 : Number(/(\d{8})_/.exec(file)?.[1]);
    const rows = await rowsOf(file);
    expect(rows.length).toBeGreaterThan(4_900);
    const rules = builtInBook().on(day);
    for (const row of rows) {
      const price = (column: string) => parsePriceE4(row.get(column) ?? '');
      const facts = { preCloseE4: price(preClose) };
      const { upperLimitE4, lowerLimitE4 } = makeInstrument(rules, 0, symbol, facts);
      if (upperLimitE4 !== price(upper) || lowerLimitE4 !== price(lower)) {
        expect.fail(`${JSON.stringify([...row])}: computed ${lowerLimitE4} to ${upperLimitE4}`);
      }
    }
  });
});

/** The factors as of a day do not change when later actions become known. */
function expectNoLaterKnowledge(
  days: Float64Array,
  closes: Float64Array,
  actions: readonly ActionRow[],
): void {
  const middle = days[days.length >> 1];
  const known = actions.filter(({ day }) => day <= middle);
  const then = factorsAsOf(days, closes, known, middle);
  const later = factorsAsOf(days, closes, actions, middle);
  expect([...later]).toEqual([...then]);
}

/** Minutes of one day out of rows of ticks, by their end; the auction's are in the first. */
async function builtMinutes(file: string, day: string) {
  const built = new Map<number, { volume: number; closeE4: number }>();
  const builder = new BarBuilder(0, 60);
  const put = (): void => {
    if (builder.startNs < 0) return;
    const first = 571 * 60 * SECOND;
    const last = 900 * 60 * SECOND;
    const isLunch = builder.endNs > 690 * 60 * SECOND && builder.endNs <= 780 * 60 * SECOND;
    // What prints a moment after 11:30 stands in the line's first minute of the afternoon.
    const placed = isLunch ? 781 * 60 * SECOND : builder.endNs;
    const end = Math.min(last, Math.max(first, placed));
    const before = built.get(end)?.volume ?? 0;
    built.set(end, { volume: before + builder.volume, closeE4: builder.closeE4 });
    builder.clear();
  };
  let total = 0;
  for (const row of await rowsOf(file)) {
    const time = row.get('datetime') ?? '';
    if (!time.startsWith(day)) continue;
    const clock = [8, 10, 12].map((at) => Number(time.slice(at, at + 2)));
    const ns = ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * SECOND;
    if (builder.isComplete(ns)) put();
    total += Number(row.get('volume_lots')) * 100;
    const lastE4 = parsePriceE4(row.get('price') ?? '');
    builder.add({ eventNs: ns, lastE4, volume: total, amountE4: total });
  }
  put();
  return built;
}
