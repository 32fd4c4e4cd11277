// The streaming indicators against twins that compute every value from scratch (1e-12 relative),
// and their batch forms against the streaming ones (bit for bit).

import { expect, test } from 'vitest';
import type { IndicatorKernel } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { ReferenceEma, ReferenceSma, ReferenceVwap } from '../../wasm/reference/indicators.ts';
import type { Random } from './operations.ts';
import { below, seeded } from './operations.ts';

const SIZES = { maxInstruments: 1, maxOrders: 1, maxLevels: 1 };

function load(): IndicatorKernel {
  return loadKernels(SIZES).indicators;
}

/** A price path with jumps of several orders, so that a drifting sum would show. */
function prices(random: Random, count: number): number[] {
  let price = 100_000;
  return Array.from({ length: count }, () => {
    price = Math.max(1, price + (random() - 0.5) * 200);
    return random() < 0.01 ? price * 1e6 : price;
  });
}

function expectClose(actual: number, expected: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else if (Math.abs(actual - expected) > Math.abs(expected) * 1e-12) expect(actual).toBe(expected);
}

test.each([1, 2, 3, 5, 20, 250])('SMA and EMA of %i values agree with their twins', (n) => {
  const kernel = load();
  const sma = kernel.smaOpen(n);
  const ema = kernel.emaOpen(n);
  const slowSma = new ReferenceSma(n);
  const slowEma = new ReferenceEma(n);
  for (const [i, value] of prices(seeded(n), 2_000).entries()) {
    const given = i % 97 === 96 ? Number.NaN : value;
    expectClose(kernel.smaNext(sma, given), slowSma.next(given));
    expectClose(kernel.emaNext(ema, given), slowEma.next(given));
  }
});

test('SMA agrees with its twin after 300,000 values', () => {
  const kernel = load();
  const sma = kernel.smaOpen(60);
  const values = prices(seeded(4), 300_000);
  for (const [i, value] of values.entries()) {
    const actual = kernel.smaNext(sma, value);
    if (i < 60 || i % 10 !== 0) continue;
    const window = values.slice(i - 59, i + 1);
    expectClose(actual, window.reduce((sum, one) => sum + one, 0) / 60);
  }
});

test('VWAP agrees with its twin', () => {
  const kernel = load();
  const vwap = kernel.vwapOpen();
  const slow = new ReferenceVwap();
  const random = seeded(6);
  for (const price of prices(random, 2_000)) {
    const qty = 100 * below(random, 50);
    expectClose(kernel.vwapNext(vwap, price, qty), slow.next(price, qty));
  }
});

test('the batch forms equal the streaming forms bit for bit, across batches', () => {
  const random = seeded(9);
  const values = prices(random, 40_000);
  const quantities = values.map(() => 100 * below(random, 50));
  const streaming = load();
  const batch = load();
  const open = (kernel: IndicatorKernel) =>
    [kernel.smaOpen(37), kernel.emaOpen(37), kernel.vwapOpen()] as const;
  const [sma, ema, vwap] = open(streaming);
  const batchHandles = open(batch);
  const run = [batch.smaBatch, batch.emaBatch, batch.vwapBatch];
  for (
    let from = 0, size = 1;
    from < values.length;
    from += size, size = 1 + ((size * 7) % 9_001)
  ) {
    const part = values.slice(from, from + size);
    batch.input.set(part);
    batch.inputQty.set(quantities.slice(from, from + size));
    const expected = [
      part.map((value) => streaming.smaNext(sma, value)),
      part.map((value) => streaming.emaNext(ema, value)),
      part.map((value, i) => streaming.vwapNext(vwap, value, quantities[from + i])),
    ];
    run.forEach((call, which) => {
      expect(call.call(batch, batchHandles[which], part.length)).toBe(part.length);
      expect([...batch.output.subarray(0, part.length)]).toEqual(expected[which]);
    });
  }
});
