// The canonical workload of the benches: same seed, same bytes; its stated mixture; and its own
// trades are those that the kernel makes, call by call and in batches.

import { expect, test } from 'vitest';
import { makeWorkload, mixTrade, OP_CANCEL } from '../../../bench/workloads.ts';
import { BookCode, BookOp } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';

const OPTIONS = { seed: 3, operations: 36_000, prefill: 20_000 };

test('the same seed gives the same bytes, another seed others', () => {
  const one = makeWorkload(OPTIONS);
  const again = makeWorkload(OPTIONS);
  expect(Buffer.compare(Buffer.from(again.id.buffer), Buffer.from(one.id.buffer))).toBe(0);
  expect(Buffer.compare(Buffer.from(again.qty.buffer), Buffer.from(one.qty.buffer))).toBe(0);
  expect([again.trades, again.tradeChecksum]).toEqual([one.trades, one.tradeChecksum]);
  expect(makeWorkload({ ...OPTIONS, seed: 4 }).tradeChecksum).not.toBe(one.tradeChecksum);
});

test('has 42 % cancels and prices inside its band', () => {
  const w = makeWorkload(OPTIONS);
  const cancels = w.op.subarray(w.prefill).filter((op) => op === OP_CANCEL).length;
  expect(Math.abs(cancels / OPTIONS.operations - 0.42)).toBeLessThan(0.01);
  const outside = w.priceE4.filter((p, i) => w.op[i] !== OP_CANCEL && (p < w.loE4 || p > w.hiE4));
  expect(outside.length).toBe(0);
});

test('the kernel makes the trades of the workload, by call and in batches', () => {
  const w = makeWorkload(OPTIONS);
  const sizes = { maxInstruments: 1, maxOrders: 40_000, maxLevels: 200 };
  const single = loadKernels(sizes).book;
  const batch = loadKernels(sizes).book;
  for (const book of [single, batch]) book.openInstrument(0, w.tickE4, w.loE4, w.hiE4, 40_000);
  const sums = [0, 0];
  let trades = 0;
  let refused = 0;
  for (let i = 0; i < w.count; i++) {
    if (w.op[i] === OP_CANCEL) refused += single.cancel(0, w.id[i], 0) > 0 ? 0 : 1;
    else trades += single.submit(0, w.id[i], w.side[i], 1, w.priceE4[i], w.qty[i]);
    if (w.op[i] !== OP_CANCEL) sums[0] = mix(sums[0], single);
  }
  for (let from = 0; from < w.count; from += 4_000) {
    for (let i = 0; i < 4_000; i++) {
      const at = from + i;
      const op = w.op[at] === OP_CANCEL ? BookOp.CANCEL : BookOp.SUBMIT;
      batch.writeCommand(i, op, 0, w.id[at], w.side[at], 1, w.priceE4[at], w.qty[at]);
    }
    expect(batch.runBatch(0, 4_000)).toBe(4_000);
    sums[1] = mix(sums[1], batch);
  }
  expect([trades, refused]).toEqual([w.trades, 0]);
  expect(sums).toEqual([w.tradeChecksum, w.tradeChecksum]);
  expect(single.checksum(0)).toBe(batch.checksum(0));
  expect(single.orderCount(0)).toBe(w.liveEnd);
  expect(single.cancel(0, -7, 0)).toBe(BookCode.UNKNOWN_ORDER);
});

function mix(start: number, book: ReturnType<typeof loadKernels>['book']): number {
  let sum = start;
  for (let i = 0; i < book.tradeCount; i++) {
    const [buy, sell] = [book.tradeBuyId(i), book.tradeSellId(i)];
    sum = mixTrade(sum, buy, sell, book.tradePriceE4(i), book.tradeQty(i));
  }
  return sum;
}
