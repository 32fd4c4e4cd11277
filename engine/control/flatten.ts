// Sells everything an account may sell today: cancels first, waits until nothing works any more,
// then one limit order per instrument, one percent through the best bid. Called by `pankou
// flatten`. Always: through the same OMS and risk as any order; what could not be sold is said.
import { setTimeout as sleep } from 'node:timers/promises';
import { throughBestE4 } from './aggressive-price.ts';
import type { Position } from './protocol.ts';
import type { Replica } from './replica.ts';
import type { Trading } from './trading.ts';

/** Longest wait for the cancels. */
const CANCEL_WAIT_MS = 10_000;
const LOOK_MS = 50;

export interface FlattenLeg {
  readonly account: string;
  readonly instrument: string;
  /** Shares held, and of those offered now. */
  readonly held: number;
  readonly qty: number;
  readonly priceE4: number;
  /** Client order id; '' = no order was made, `why` says why. */
  readonly coid: string;
  readonly why: string;
}

export interface FlattenResult {
  readonly cancelled: number;
  readonly legs: readonly FlattenLeg[];
}

/** `key` makes a repeated call sell nothing twice. Throws when the cancels do not come through. */
export async function flatten(
  replica: Replica,
  trading: Trading,
  account: string | undefined,
  key: string,
): Promise<FlattenResult> {
  const cancelled = trading.cancelAll(account);
  if (!cancelled.ok) throw new Error(cancelled.error.message);
  const until = performance.now() + CANCEL_WAIT_MS;
  while (replica.trades.openOrders(account).length > 0) {
    if (performance.now() > until) {
      const left = replica.trades
        .openOrders(account)
        .map(({ coid, status }) => `${coid} ${status}`);
      const what = `${left.length} orders still work after ${CANCEL_WAIT_MS / 1_000} s`;
      throw new Error(`${what}, nothing was sold: ${left.slice(0, 5).join(', ')}`);
    }
    await sleep(LOOK_MS);
  }
  const held = replica.positions(account).filter((position) => position.qty > 0);
  const legs = held.map((position) => sell(replica, trading, position, key));
  return { cancelled: cancelled.data.open, legs: await Promise.all(legs) };
}

async function sell(
  replica: Replica,
  trading: Trading,
  position: Position,
  key: string,
): Promise<FlattenLeg> {
  const { account, instrument, qty: held, sellableQty } = position;
  const nothing = { account, instrument, held, qty: 0, priceE4: 0, coid: '' };
  if (sellableQty === 0) return { ...nothing, why: 'bought today: sellable tomorrow (T+1)' };
  const facts = replica.instrument(instrument);
  const book = replica.book(instrument);
  const priceE4 = book === undefined ? 0 : throughBestE4('sell', book, facts?.tickE4 ?? 100);
  if (priceE4 === 0) return { ...nothing, why: 'no price is known' };
  const qty = Math.min(sellableQty, facts?.maxQty ?? sellableQty);
  const leg = { account, instrument, side: 'sell' as const, priceE4, qty };
  const outcome = await trading.place(leg, `${key}#${instrument}`);
  if (outcome.ok)
    return { account, instrument, held, qty, priceE4, coid: outcome.data.coid, why: '' };
  return { ...nothing, qty, priceE4, why: outcome.error.message };
}
