// What an order out of the broker's list binds in an account. Found by `pankou sim` (I8): a market
// order whose record was lost was valued at a last price, which a restart does not know.
// Run by vitest.
import { expect, it } from 'vitest';
import { adoptOrder } from '../../../engine/core/adopt.ts';
import { setLastPrice } from '../../../engine/core/position.ts';
import { KIND_BEST5_CANCEL, KIND_LIMIT, SIDE_BUY } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { BrokerOrder } from '../../../engine/messages/generated/broker.ts';
import { FEES, openAccount } from './account-kit.ts';

/** Cash that an adopted buy of 1,000 shares holds, beside fees. */
function heldE4(priceE4: number, upperE4: number, lastE4: number): number {
  const account = openAccount({ fees: { ...FEES, commissionRateE7: 0, commissionMinE4: 0 } });
  account.positions.upperE4[0] = upperE4;
  setLastPrice(account.positions, 0, lastE4);
  const order = new BrokerOrder().begin(new FrameMemory(new ArrayBuffer(BrokerOrder.BYTES)), 0);
  order.coidA = 1;
  order.coidC = 7;
  order.side = SIDE_BUY;
  order.kind = priceE4 > 0 ? KIND_LIMIT : KIND_BEST5_CANCEL;
  order.priceE4 = priceE4;
  order.qty = 1_000;
  expect(adoptOrder(account, order)).toBe(0);
  return Math.floor(account.cash.reservedE4 / 1e6) * 1e6;
}

it('holds the price of a limit order, and the upper limit for one without a price', () => {
  expect(heldE4(98_000, 110_000, 100_000)).toBe(98_000_000);
  expect(heldE4(0, 110_000, 100_000)).toBe(110_000_000);
});

it('holds the last price where no limit is known', () => {
  expect(heldE4(0, 0, 100_000)).toBe(100_000_000);
});
