// Adverse move behind fills and share of volume, against figures worked out by hand.
// Run by vitest.
import { expect, test } from 'vitest';
import { FillQualityMeter } from '../../../engine/backtest/detail/fill-quality.ts';

const S = 1e9;

test('the mid some seconds behind a fill is held against its price, by side and shares', () => {
  const meter = new FillQualityMeter();
  meter.beginDay(2);
  meter.fill(0, 100 * S, 1, 100_000, 300);
  meter.fill(0, 100.5 * S, 2, 100_100, 100);
  meter.book(0, 100.9 * S, 1, 3, 0);
  // 1 s behind the first: mid 99,900 = 10 bp against the buy; the sale is too young.
  meter.book(0, 101 * S, 99_800, 100_000, 0);
  // One side is empty: no mid, the sale waits for the next book.
  meter.book(0, 101.6 * S, 99_800, 0, 0);
  meter.book(0, 101.7 * S, 100_000, 100_200, 4_000);
  meter.book(0, 111 * S, 100_000, 100_000, 4_000);
  const { adverse, fills } = meter.result();
  expect(fills).toBe(2);
  expect(adverse[0]).toEqual({ seconds: 1, fills: 2, meanBp: (10 * 300 + 0 * 100) / 400 });
  const sale = ((100_100 - 100_000) / 100_100) * 10_000;
  expect(adverse[1]!.meanBp).toBeCloseTo((0 * 300 - sale * 100) / 400, 9);
  expect(adverse[2]).toEqual({ seconds: 60, fills: 0, meanBp: null });
});

test('fills of a day that is over are not judged by the next', () => {
  const meter = new FillQualityMeter();
  meter.beginDay(1);
  meter.fill(0, 100 * S, 1, 100_000, 100);
  meter.beginDay(1);
  meter.book(0, 200 * S, 90_000, 90_000, 0);
  expect(meter.result().adverse[0]!.fills).toBe(0);
});

test('capacity scales the 95th-of-100 share of volume to a tenth; days without one are out', () => {
  const meter = new FillQualityMeter();
  for (let day = 1; day <= 20; day++) {
    meter.beginDay(1);
    meter.fill(0, 1, 1, 100_000, day * 10);
    meter.bar(0, 5_000);
    meter.bar(0, 5_000);
  }
  meter.beginDay(1);
  meter.fill(0, 1, 1, 100_000, 5_000);
  const { days, medianShare, highShare, maxShare, capacityMultiple } = meter.result();
  expect([days, medianShare, highShare, maxShare]).toEqual([20, 0.01, 0.019, 0.02]);
  expect(capacityMultiple).toBeCloseTo(0.1 / 0.019, 9);
  expect(new FillQualityMeter().result().capacityMultiple).toBeNull();
});
