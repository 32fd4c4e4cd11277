// Streaming indicators: values known by hand, warm-up, reset, refusals, and no drift.
// Run by vitest. Holds: streaming and batch forms agree bit for bit.

import { beforeEach, describe, expect, test } from 'vitest';
import type { IndicatorKernel } from '../../../engine/core/book.ts';
import { BookCode } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';

describe('indicator kernel', () => {
  let kernel: IndicatorKernel;
  beforeEach(() => {
    kernel = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 }).indicators;
  });

  test('SMA is the mean of the last n values and NaN before there are n', () => {
    const sma = kernel.smaOpen(3);
    const out = [1, 2, 3, 4, 9, 2].map((value) => kernel.smaNext(sma, value));
    expect(out.slice(0, 2)).toEqual([Number.NaN, Number.NaN]);
    expect(out.slice(2)).toEqual([2, 3, 16 / 3, 5]);
  });

  test('SMA of one value is the value', () => {
    const sma = kernel.smaOpen(1);
    expect([5, 7].map((value) => kernel.smaNext(sma, value))).toEqual([5, 7]);
  });

  test('EMA starts with the mean of n values and then moves by 2 / (n + 1)', () => {
    const ema = kernel.emaOpen(3);
    const out = [1, 2, 3, 5, 1].map((value) => kernel.emaNext(ema, value));
    expect(out.slice(0, 2)).toEqual([Number.NaN, Number.NaN]);
    expect(out.slice(2)).toEqual([2, 3.5, 2.25]);
  });

  test('VWAP is amount over quantity, NaN before the first share', () => {
    const vwap = kernel.vwapOpen();
    expect(kernel.vwapNext(vwap, 100_000, 0)).toBeNaN();
    expect(kernel.vwapNext(vwap, 100_000, 200)).toBe(100_000);
    expect(kernel.vwapNext(vwap, 100_200, 300)).toBe(100_120);
    expect(kernel.vwapNext(vwap, 1, 0)).toBe(100_120);
  });

  test('a value that is not finite answers NaN and is skipped', () => {
    const sma = kernel.smaOpen(2);
    const ema = kernel.emaOpen(2);
    const vwap = kernel.vwapOpen();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      kernel.smaNext(sma, 1);
      kernel.emaNext(ema, 1);
      expect(kernel.smaNext(sma, bad)).toBeNaN();
      expect(kernel.emaNext(ema, bad)).toBeNaN();
      expect(kernel.vwapNext(vwap, bad, 100)).toBeNaN();
      expect(kernel.vwapNext(vwap, 1, bad)).toBeNaN();
    }
    expect(kernel.vwapNext(vwap, 1, -1)).toBeNaN();
    expect(kernel.smaNext(sma, 3)).toBe(2);
    expect(kernel.vwapNext(vwap, 7, 1)).toBe(7);
  });

  test('SMA does not drift, even after values sixteen orders larger have passed', () => {
    const sma = kernel.smaOpen(5);
    for (const value of [1e16, 3, 1e16, 0.1]) kernel.smaNext(sma, value);
    let last = 0;
    for (let i = 0; i < 1_000_003; i++) last = kernel.smaNext(sma, 0.1 * (i % 2));
    // The last five are 0, 0.1, 0, 0.1, 0.
    expect(Math.abs(last - 0.04)).toBeLessThan(1e-16);
  });

  test('a reset handle warms up again', () => {
    const handles = [kernel.smaOpen(2), kernel.emaOpen(2), kernel.vwapOpen()];
    kernel.smaNext(handles[0], 50);
    kernel.smaNext(handles[0], 50);
    kernel.smaNext(handles[0], 50);
    kernel.emaNext(handles[1], 50);
    kernel.emaNext(handles[1], 50);
    kernel.vwapNext(handles[2], 50, 1);
    for (const handle of handles) expect(kernel.indicatorReset(handle)).toBe(BookCode.OK);
    expect([kernel.smaNext(handles[0], 1), kernel.smaNext(handles[0], 3)]).toEqual([Number.NaN, 2]);
    expect([kernel.emaNext(handles[1], 1), kernel.emaNext(handles[1], 3)]).toEqual([Number.NaN, 2]);
    expect(kernel.vwapNext(handles[2], 9, 1)).toBe(9);
  });

  test('refuses periods, handles and counts out of range', () => {
    for (const n of [0, -1, 65_537]) {
      expect(kernel.smaOpen(n)).toBe(BookCode.BAD_PERIOD);
      expect(kernel.emaOpen(n)).toBe(BookCode.BAD_PERIOD);
    }
    const ema = kernel.emaOpen(1);
    expect(kernel.smaNext(ema, 1)).toBeNaN();
    expect(kernel.smaBatch(ema, 1)).toBe(BookCode.BAD_HANDLE);
    expect(kernel.indicatorReset(ema + 1)).toBe(BookCode.BAD_HANDLE);
    expect(kernel.indicatorReset(-1)).toBe(BookCode.BAD_HANDLE);
    expect(kernel.emaBatch(ema, kernel.batchCapacity + 1)).toBe(BookCode.BAD_COUNT);
    expect(kernel.emaBatch(ema, -1)).toBe(BookCode.BAD_COUNT);
  });

  test('refuses when window memory or handles are used up', () => {
    for (let i = 0; i < 4; i++) expect(kernel.smaOpen(65_536)).toBe(i);
    expect(kernel.smaOpen(1)).toBe(BookCode.INDICATORS_FULL);
    for (let i = 4; i < 4_096; i++) expect(kernel.emaOpen(5)).toBe(i);
    expect(kernel.emaOpen(5)).toBe(BookCode.INDICATORS_FULL);
    expect(kernel.vwapOpen()).toBe(BookCode.INDICATORS_FULL);
  });
});
