// Runs over several days: what is carried, what ends with its day, what the strategy lives through,
// and what is told of the data. Daily bars by hand in 2026, whose calendar the rule book knows.
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clearShelf, startShelving } from '../../../engine/backtest/day-shelf.ts';
import { makeRunReport } from '../../../engine/backtest/report.ts';
import { equityOf, METRICS_OPTIONS, pointsOf } from '../../../engine/backtest/run-metrics.ts';
import { actionsFile, dailyFile, runOver } from '../../support/days-run.ts';
import { folderOf } from '../../support/market-files.ts';

/** Monday to Friday, and the Monday behind. */
const [MON, TUE, WED, THU, FRI, NEXT] = [
  20260105, 20260106, 20260107, 20260108, 20260109, 20260112,
];
const SYMBOL = '600000.SH';
const FLAT = [MON, TUE, WED, THU, FRI, NEXT].map(
  (day, n) => [day, 10 + n / 10, 10.2 + n / 10, 9.9 + n / 10, 10.1 + n / 10, 1_000_000] as const,
);

const flat = () => folderOf({ 'bars.csv': dailyFile('600000.XSHG', FLAT) });
const lines = (log: readonly string[], head: string) => log.filter((text) => text.startsWith(head));

describe('a run over several days', () => {
  test('trades at the next open what a bar decided, and sells a day later (T+1)', async () => {
    const plan = `${MON} buy ${SYMBOL} 1000 10.20; ${TUE} sell ${SYMBOL} 1000 10.10`;
    const { run, log } = await runOver(flat(), [SYMBOL], { params: { plan } });
    const fills = run.records.flatMap((record) => record.fills);
    expect(fills.map(({ day, side, priceE4, qty }) => [day, side, priceE4, qty])).toEqual([
      [TUE, 'buy', 101_000, 1000],
      [WED, 'sell', 102_000, 1000],
    ]);
    const sellable = lines(log, 'day').map((text) => / (\d+\/\d+) pre/.exec(text)![1]);
    expect(sellable).toEqual(['0/0', '0/0', '1000/1000', '0/0', '0/0', '0/0']);
    expect(run.records.map(({ day }) => day)).toEqual([MON, TUE, WED, THU, FRI, NEXT]);
    expect(log.filter((text) => text.startsWith('reject'))).toEqual([]);
  });

  test('trades orders made within a daily bar at its close, those after 14:57 not', async () => {
    const dir = flat();
    const pricesOf = async (times: string, noTicks: boolean) => {
      const given = { params: { times }, from: TUE, to: WED, frequency: '1d' as const };
      const { run } = await runOver(dir, [SYMBOL], given, { noTicks });
      return run.records.map(({ fills }) => fills.map(({ priceE4 }) => priceE4));
    };
    for (const noTicks of [false, true]) {
      expect(await pricesOf('09:16', noTicks)).toEqual([[101_000], [102_000]]);
      const within = await pricesOf('09:31 11:40 13:30 14:50', noTicks);
      expect(within).toEqual([Array(4).fill(102_000), Array(4).fill(103_000)]);
      expect(await pricesOf('14:58', noTicks)).toEqual([[], []]);
    }
  });

  test('carries cash and shares to the fen, and the strategy lives through the days', async () => {
    const plan = `${MON} buy ${SYMBOL} 1000 10.20`;
    const { run, log } = await runOver(flat(), [SYMBOL], { params: { plan } });
    const [, bought] = run.records;
    expect(bought!.cashE4).toBe(10_000_000_000 - 101_000 * 1000 - bought!.feesE4);
    for (const [n, record] of run.records.slice(2).entries()) {
      expect(record.cashE4).toBe(bought!.cashE4);
      expect(record.marketValueE4).toBe(1000 * Math.round((10.1 + (n + 2) / 10) * 10_000));
      expect(record.openingEquityE4).toBe(equityOf(run.records[n + 1]!));
    }
    expect(lines(log, 'init')).toEqual([`init ${MON}`]);
    expect(lines(log, 'stop')).toEqual([`stop ${NEXT}`]);
    expect(lines(log, 'end').length).toBe(6);
    expect(lines(log, 'timer')).toEqual(run.records.map(({ day }) => `timer ${day}`));
    const points = pointsOf(run.records);
    expect(points.map(({ day }) => day)).toEqual([20251231, MON, TUE, WED, THU, FRI, NEXT]);
  });

  test('lets orders end with their day, and cancels one of the night', async () => {
    const plan = `${MON} buy ${SYMBOL} 1000 9.95; ${TUE} drop ${SYMBOL} 1000 10.25`;
    const { run, log } = await runOver(flat(), [SYMBOL], { params: { plan } });
    const statuses = run.records.map(({ ordersByStatus }) => ordersByStatus);
    expect(statuses).toEqual([{}, { cancelled: 1 }, {}, {}, {}, {}]);
    // The number of an order that was dropped before it was sent names none any more.
    expect(lines(log, 'drop')).toEqual(['drop 1 again -404']);
    expect(run.records.flatMap(({ fills }) => fills)).toEqual([]);
  });

  test('knows the close of the day before, and the limits that follow from it', async () => {
    const { log } = await runOver(flat(), [SYMBOL], { from: TUE, to: WED });
    expect(lines(log, 'day').map((text) => / pre .*/.exec(text)![0])).toEqual([
      ' pre 101000 up 111100',
      ' pre 102000 up 112200',
    ]);
  });

  test('gives one hash over all days, the same again, another for another plan', async () => {
    const dir = flat();
    const hashOf = async (plan: string) => {
      const { run } = await runOver(dir, [SYMBOL], { params: { plan } });
      const { records: days, sha256, instruments } = run;
      return makeRunReport({ strategy: 's', instruments, days, sha256 }).stateHash;
    };
    const first = await hashOf(`${MON} buy ${SYMBOL} 1000 10.20`);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await hashOf(`${MON} buy ${SYMBOL} 1000 10.20`)).toBe(first);
    expect(await hashOf(`${MON} buy ${SYMBOL} 1100 10.20`)).not.toBe(first);
  });

  test('states days that are missing, and an instrument without data on some', async () => {
    const other = FLAT.filter(([day]) => day === MON || day === FRI);
    const dir = folderOf({
      'a.csv': dailyFile(
        '600000.XSHG',
        FLAT.filter(([day]) => day !== WED),
      ),
      'b.csv': dailyFile('600004.XSHG', other),
    });
    const { run } = await runOver(dir, [SYMBOL, '600004.SH']);
    expect(run.missingDays).toEqual([WED]);
    expect(run.warnings).toContain('1 trading days are not in the data: 2026-01-07');
    const absent = '600004.SH: no data on 3 of 5 days (2026-01-06, 2026-01-08, 2026-01-12)';
    expect(run.warnings).toContain(absent);
  });

  test('says which days there are when none lies in the range', async () => {
    await expect(runOver(flat(), [SYMBOL], { from: 20270101 })).rejects.toThrow(
      /hold 20260105 … 20260112 \(6 days\), none from 20270101/,
    );
  });

  test('wants to know which bars, where an instrument comes in two lengths', async () => {
    const minutes = ['time,code,open,close,high,low,volume,money'];
    for (const time of ['09:31', '09:32']) {
      minutes.push(`2026-01-05 ${time}:00,600000.XSHG,10,10,10,10,500,5000`);
    }
    const dir = folderOf({ 'a.csv': dailyFile('600000.XSHG', FLAT), 'b_1min.csv': minutes });
    await expect(runOver(dir, [SYMBOL])).rejects.toThrow(/600000\.SH on 20260105.*--freq/);
    const { run } = await runOver(dir, [SYMBOL], { frequency: '1m' });
    expect(run.records.map(({ day, rows }) => [day, rows])).toEqual([[MON, 2]]);
  });

  test('compares with an index that is not traded, or says that it is missing', async () => {
    const index = FLAT.map(([day, ...rest]) => [day, ...rest.map((v) => v * 10)] as never);
    const dir = folderOf({
      'a.csv': dailyFile('600000.XSHG', FLAT),
      'b.csv': dailyFile('000300.XSHG', index),
    });
    const { run } = await runOver(dir, [SYMBOL], { benchmark: '000300.SH', from: TUE });
    expect(run.benchmark.map(({ day }) => day)).toEqual([MON, TUE, WED, THU, FRI, NEXT]);
    expect(run.benchmark[0]!.closeE4).toBe(1_010_000);
    expect(run.instruments).toEqual([SYMBOL]);
    expect(run.dayBefore).toBe(MON);
    const { run: without } = await runOver(dir, [SYMBOL], { benchmark: '000905.SH' });
    const points = without.benchmark.map(({ day, closeE4 }) => ({ day, value: closeE4 }));
    const report = makeRunReport({
      ...{ strategy: 's', instruments: [SYMBOL], days: without.records, sha256: '' },
      metrics: { options: METRICS_OPTIONS, actions: [], benchmark: { name: '000905.SH', points } },
    });
    expect(report.metrics.notes.map(({ en }) => en).join()).toMatch(
      /000905\.SH: no data for any day of the run/,
    );
  });

  test('gives the same when its days lie on the shelf that threads share', async () => {
    const plan = `${MON} buy ${SYMBOL} 1000 10.20`;
    const dir = flat();
    const hashes = async () => {
      const { run } = await runOver(dir, [SYMBOL], { params: { plan } });
      return [run.sha256, ...run.records.map(({ stateHash }) => stateHash)];
    };
    const apart = await hashes();
    startShelving();
    try {
      expect(await hashes()).toEqual(apart);
      rmSync(dir, { recursive: true });
      expect(await hashes()).toEqual(apart);
    } finally {
      clearShelf();
    }
  });

  test('ends with the day on which the strategy failed', async () => {
    const params = { plan: '', period: 501 };
    await expect(runOver(flat(), [SYMBOL], { params })).rejects.toThrow(/period/);
    const { run } = await runOver(flat(), [SYMBOL], { params: { plan: `${MON} x`, period: 3 } });
    expect(run.records.length).toBe(6);
  });
});

describe('corporate actions in a run', () => {
  const ex = () =>
    folderOf({
      'a.csv': dailyFile('600000.XSHG', [
        [MON, 10, 10.2, 9.9, 10, 1_000_000],
        [TUE, 10, 10.2, 9.9, 10, 1_000_000],
        // Two yuan of cash and ten shares on ten: (10 - 0.2) / 2 = 4.9.
        [WED, 4.9, 5.1, 4.8, 5, 1_000_000],
        [THU, 5, 5.1, 4.9, 5.05, 1_000_000],
      ]),
      'SH600000_actions.csv': actionsFile([[WED, 2, 0, 10, 0, 0]]),
    });

  test('pay, give shares, move the reference price, and re-base indicators', async () => {
    const plan = `${WED} sell ${SYMBOL} 2000 4.95`;
    const positions = [{ symbol: SYMBOL, qty: 1000 }];
    const { run, log } = await runOver(ex(), [SYMBOL], { params: { plan }, positions });
    expect(run.actions).toEqual([
      { day: WED, instrument: SYMBOL, kind: 'dividend', qty: 1000, amountE4: 2_000_000 },
      { day: WED, instrument: SYMBOL, kind: 'shares', qty: 1000, amountE4: 0 },
    ]);
    expect(lines(log, `day ${WED}`)[0]).toBe(
      `day ${WED} cash 10002000000 ${SYMBOL} 2000/2000 pre 49000 up 53900`,
    );
    expect(lines(log, 'action')).toEqual([`action ${WED} 0 0.490000`]);
    const smaOf = (day: number) => Number(/sma (.*)/.exec(lines(log, `bar ${day}`)[0]!)![1]);
    expect(smaOf(WED)).toBeCloseTo((49_000 + 49_000 + 50_000) / 3, 6);
    expect(smaOf(THU)).toBeCloseTo((49_000 + 50_000 + 50_500) / 3, 6);
    const [fill] = run.records.at(-1)!.fills;
    expect(fill).toMatchObject({ day: THU, side: 'sell', priceE4: 50_000, qty: 2000 });
    // The holder is as rich at the open of the ex-date as at the close before.
    expect(run.records[2]!.openingEquityE4).toBe(equityOf(run.records[1]!));
  });

  test('are paid later when said so, and count as on their way till then', async () => {
    const positions = [{ symbol: SYMBOL, qty: 1000 }];
    const actions = { tax: 'individual', rights: 'forfeit', payDays: 1, rightsDays: 10 } as const;
    const { run } = await runOver(ex(), [SYMBOL], { positions, actions });
    expect(run.records.map(({ pendingE4 }) => pendingE4)).toEqual([0, 0, 2_000_000, 0]);
    expect(run.actions.at(-1)).toMatchObject({ day: THU, kind: 'dividend', amountE4: 2_000_000 });
    expect(run.records.at(-1)!.cashE4).toBe(10_002_000_000);
  });
});
