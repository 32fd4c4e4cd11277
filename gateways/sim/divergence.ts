// How far a day with our own orders in it has left history: which recorded trades did not happen,
// which happened instead, and what that means for the real orders. Written by order-world.ts, read
// for the report. Always: with no own order everything is 0; a trade is the same only when buyer,
// seller, price and quantity are; volumes are shares.

import type { StreamDivergence } from '../../engine/host/gateway-session.ts';
import type { TradeList } from '../../engine/verify/order-ops.ts';
import { OWN_ORDER_BASE } from './recorded-stream.ts';

export class Divergence {
  readonly symbol: string;
  recordedTrades = 0;
  ownTrades = 0;
  ownQty = 0;
  lostTrades = 0;
  lostQty = 0;
  newTrades = 0;
  newQty = 0;
  cancelsOfGone = 0;
  cancelsOfOtherQty = 0;
  refusedOrders = 0;
  /** Before any own order: recorded trades that do not follow from the recorded orders. */
  unexplained = 0;
  firstNs = -1;
  /** Shares a real order traded more (less) than in history, where not the same. */
  readonly #more = new Map<number, number>();
  readonly #claimed: boolean[] = [];

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** Trades of one operation that are not those recorded for it. */
  compare(recorded: TradeList, from: number, to: number, made: TradeList, ns: number): void {
    if (this.firstNs < 0) this.firstNs = ns;
    this.#claimed.length = 0;
    for (let t = 0; t < made.count; t++) {
      const buy = made.buyId[t]!;
      const sell = made.sellId[t]!;
      const qty = made.qty[t]!;
      if (this.#claim(recorded, from, to, made, t)) continue;
      this.#add(buy, qty);
      this.#add(sell, qty);
      if (buy >= OWN_ORDER_BASE || sell >= OWN_ORDER_BASE) {
        this.ownTrades++;
        this.ownQty += qty;
      } else {
        this.newTrades++;
        this.newQty += qty;
      }
    }
    for (let n = from; n < to; n++) {
      if (this.#claimed[n - from] === true) continue;
      this.lostTrades++;
      this.lostQty += recorded.qty[n]!;
      this.#add(recorded.buyId[n]!, -recorded.qty[n]!);
      this.#add(recorded.sellId[n]!, -recorded.qty[n]!);
    }
  }

  /** Whether trade `t` is one of the recorded ones that nothing has claimed yet. */
  #claim(recorded: TradeList, from: number, to: number, made: TradeList, t: number): boolean {
    for (let n = from; n < to; n++) {
      if (this.#claimed[n - from] === true) continue;
      const same =
        recorded.buyId[n] === made.buyId[t] &&
        recorded.sellId[n] === made.sellId[t] &&
        recorded.priceE4[n] === made.priceE4[t] &&
        recorded.qty[n] === made.qty[t];
      if (!same) continue;
      this.#claimed[n - from] = true;
      return true;
    }
    return false;
  }

  #add(id: number, qty: number): void {
    if (id >= OWN_ORDER_BASE) return;
    const sum = (this.#more.get(id) ?? 0) + qty;
    if (sum === 0) this.#more.delete(id);
    else this.#more.set(id, sum);
  }

  summary(): StreamDivergence {
    let ordersLess = 0;
    let ordersMore = 0;
    let displacedQty = 0;
    for (const qty of this.#more.values()) {
      if (qty < 0) {
        ordersLess++;
        displacedQty -= qty;
      } else ordersMore++;
    }
    const { symbol: instrument, recordedTrades, ownTrades, ownQty, lostTrades, lostQty } = this;
    const { newTrades, newQty, cancelsOfGone, cancelsOfOtherQty, refusedOrders } = this;
    const { unexplained, firstNs } = this;
    return {
      ...{ instrument, recordedTrades, ownTrades, ownQty, lostTrades, lostQty, newTrades, newQty },
      ...{ ordersLess, ordersMore, displacedQty, cancelsOfGone, cancelsOfOtherQty },
      ...{ refusedOrders, unexplained, firstNs },
    };
  }
}
