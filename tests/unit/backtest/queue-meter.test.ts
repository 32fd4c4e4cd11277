// Passive orders, shares ahead and waiting, against figures worked out by hand.
// Run by vitest.
import { expect, test } from 'vitest';
import { QueueMeter } from '../../../engine/backtest/detail/queue-meter.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { SnapshotTick } from '../../../engine/messages/generated/market.ts';

const S = 1e9;

function book(bids: [number, number][], asks: [number, number][]): SnapshotTick {
  const memory = new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
  const tick = new SnapshotTick().begin(memory, 0);
  for (const [level, [price, qty]] of bids.entries()) {
    tick.setBidPriceE4(level, price);
    tick.setBidQty(level, qty);
  }
  for (const [level, [price, qty]] of asks.entries()) {
    tick.setAskPriceE4(level, price);
    tick.setAskQty(level, qty);
  }
  return tick;
}

const SHOWN = book(
  [
    [99_900, 500],
    [99_700, 800],
  ],
  [[100_000, 300]],
);

test('passive is what does not reach the other side; shares filled are split by it', () => {
  const meter = new QueueMeter();
  meter.join('at-best', 10 * S, SIDE_BUY, 99_900, SHOWN);
  meter.join('through', 10 * S, SIDE_BUY, 100_000, SHOWN);
  meter.join('market', 10 * S, SIDE_SELL, 0, SHOWN);
  meter.join('sale', 10 * S, SIDE_SELL, 99_900, SHOWN);
  meter.fill('at-best', 14 * S, 100);
  meter.fill('at-best', 20 * S, 300);
  meter.fill('at-best', 20 * S, 300);
  meter.fill('through', 10 * S, 500);
  meter.fill('market', 10 * S, 200);
  expect(meter.result()).toEqual({
    ...{ orders: 4, unseenOrders: 0, passiveOrders: 1, passiveShare: 0.3 },
    ...{ aheadKnown: 1, aheadMedian: 500, aheadHigh: 500 },
    ...{ filledPassive: 1, waitSMedian: 4, waitSHigh: 4 },
  });
});

test('shares ahead: those shown at the price, none between or behind shown levels', () => {
  const ahead = (side: number, priceE4: number, shown = SHOWN): number | null => {
    const meter = new QueueMeter();
    meter.join('one', 0, side, priceE4, shown);
    return meter.result().aheadMedian;
  };
  expect(ahead(SIDE_BUY, 99_700)).toBe(800);
  expect(ahead(SIDE_BUY, 99_800)).toBe(0);
  expect(ahead(SIDE_BUY, 99_950)).toBe(0);
  expect(ahead(SIDE_BUY, 99_000)).toBe(0);
  expect(ahead(SIDE_SELL, 100_000)).toBe(300);
  const full = book(
    Array.from({ length: 10 }, (_, n): [number, number] => [99_900 - n * 100, 100]),
    [[100_000, 300]],
  );
  expect(ahead(SIDE_BUY, 99_000, full)).toBe(100);
  expect(ahead(SIDE_BUY, 98_900, full)).toBeNull();
});

test('with one side empty nothing is reached; with no book at all nothing is said', () => {
  const meter = new QueueMeter();
  meter.join('sealed', 0, SIDE_BUY, 110_000, book([[110_000, 9_000]], []));
  meter.join('blind', 0, SIDE_BUY, 100_000, null);
  meter.join('bars', 0, SIDE_BUY, 100_000, book([], []));
  meter.fill('blind', 1, 100);
  const { orders, unseenOrders, passiveOrders, passiveShare, aheadMedian } = meter.result();
  expect([orders, unseenOrders, passiveOrders, passiveShare, aheadMedian]).toEqual([
    ...[1, 2, 1, null, 9_000],
  ]);
});
