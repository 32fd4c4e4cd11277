// The kernel against the exchanges: every trade of the recorded days, and the controls that must
// fail. The data lie beside the repository and are never part of it. Skipped where they are absent.
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MakeBook } from '../../../engine/verify/verify-day.ts';
import type { VerifyReport } from '../../../engine/verify/verify-folder.ts';
import { verifyFolder } from '../../../engine/verify/verify-folder.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';
import { anyGreatestVolume, droppedCancel, lifoBook, marketAsLimit } from './faulty-books.ts';

/** Verifies a folder; with symbols only these are read. */
function verify(
  folder: string,
  instruments: readonly string[] | 'all' = 'all',
  makeBook?: MakeBook,
): Promise<VerifyReport> {
  const book = makeBook === undefined ? {} : { makeBook };
  return verifyFolder({ path: join(REAL_DATA, folder), instruments, ...book });
}

/** The files of one stock alone, so that a control need not read the others. */
function stockOf(folder: string, code: string): string {
  const own = mkdtempSync(join(tmpdir(), `pankou-${code}-`));
  for (const kind of ['orders', 'trades']) {
    const name = `${code}_${kind}.csv.gz`;
    symlinkSync(join(REAL_DATA, folder, name), join(own, name));
  }
  return own;
}

function all(count: number): object {
  return { exchange: count, engine: count, equal: count };
}

describe.skipIf(!hasRealData)('recorded days (skipped: no ../shared/data here)', () => {
  test('SSE 600519: every trade, cancel and snapshot, and all queues but three', async () => {
    const report = await verify('l2-sse-600519-20230201');
    expect(report.instruments).toMatchObject([
      {
        ...{ instrument: '600519.SH', day: 20230201, feed: 'sse-split' },
        openingAuction: { ...all(260), priceE4: { exchange: 18_549_800, engine: 18_549_800 } },
        continuous: all(26_572),
        closingAuction: { ...all(303), priceE4: { exchange: 18_449_700, engine: 18_449_700 } },
        cancels: all(15_668),
        snapshots: { compared: 4841, equal: 4841 },
        queues: { compared: 9682, equal: 9679, ambiguous: 3 },
        firstDifference: null,
      },
    ]);
    expect(report).toMatchObject({ rows: 54_735 + 27_135, equal: true });
  });

  test('SSE 2023-07-11: every trade of three stocks', async () => {
    const report = await verify('l2-sse-20230711');
    expect(report.equal).toBe(true);
    expect(report.instruments).toMatchObject([
      { openingAuction: all(136), continuous: all(33_105), closingAuction: all(312) },
      { openingAuction: all(43), continuous: all(24_668), closingAuction: all(49) },
      { openingAuction: all(240), continuous: all(16_393), closingAuction: all(363) },
    ]);
  });

  test('SSE merged feed, part of a day: every trade, after 148 orders derived', async () => {
    const report = await verify('l2-sse-600794-20260109');
    expect(report.equal).toBe(true);
    expect(report.instruments).toMatchObject([
      { feed: 'sse-merged', continuous: all(2079), cancels: all(1027) },
    ]);
    expect(report.instruments[0].notes.join()).toContain('148 resting orders');
  });

  test('SZSE, part of a day: every trade from orders and cancels alone', async () => {
    const report = await verify('l2-szse-002603-0930-1005');
    expect(report.equal).toBe(true);
    expect(report.instruments).toMatchObject([
      { feed: 'szse', continuous: all(7119), cancels: all(1782) },
    ]);
  });

  test('control: last-in-first-out queues make it fail', async () => {
    const report = await verify('l2-sse-600519-20230201', 'all', lifoBook);
    expect(report.equal).toBe(false);
    const { continuous } = report.instruments[0];
    expect(continuous.exchange).toBe(26_572);
    // About a third: where a level holds one order alone, the order of the queue says nothing.
    expect(continuous.equal).toBeGreaterThan(8000);
    expect(continuous.equal).toBeLessThan(10_000);
  });

  test('control: one dropped cancel makes it fail', async () => {
    const report = await verify('l2-sse-600794-20260109', 'all', droppedCancel(500));
    expect(report.equal).toBe(false);
    // No later trade comes near this order: only the book at the end shows it.
    const { continuous, endBook, firstDifference } = report.instruments[0];
    expect(continuous.equal).toBe(2079);
    expect(endBook.engine).toBe(endBook.exchange + 1);
    expect(firstDifference).toMatchObject({
      what: 'order',
      engine: expect.stringMatching(/ rest$/),
    });
  });

  test('control: market orders treated as limits make it fail on SZSE', async () => {
    const report = await verify('l2-szse-002603-0930-1005', 'all', marketAsLimit);
    expect(report.equal).toBe(false);
    expect(report.instruments[0].continuous.equal).toBeLessThan(7119);
  });

  test('control: any price of greatest volume makes the opening of 600761 fail', async () => {
    const own = stockOf('l2-sse-20230711', '600761');
    const report = await verifyFolder({
      ...{ path: own, instruments: 'all' },
      makeBook: anyGreatestVolume,
    });
    expect(report.equal).toBe(false);
    const { openingAuction, closingAuction } = report.instruments[0];
    expect(openingAuction.volume).toEqual({ exchange: 30_700, engine: 30_700 });
    expect(openingAuction.priceE4).toMatchObject({ exchange: 213_000 });
    // The lowest of the 17 prices of that volume; only the highest also fills every better order.
    expect(openingAuction.priceE4.engine).toBe(209_800);
    expect(closingAuction.exchange).toBe(49);
  });

  test.each([
    ['l2-sse-600519-20230202-noorders', '600519.SH'],
    ['l2-szse-000001-20230201-trades', '000001.SZ'],
  ])('%s has no order stream, and it says so', async (folder, symbol) => {
    await expect(verify(folder)).rejects.toThrow(`${symbol}: no orders in the data`);
  });
});
