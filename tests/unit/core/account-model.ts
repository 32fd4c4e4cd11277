// The slow, obvious account: it keeps every order and every fill, and works each number out again
// from all of them whenever it is asked. Fees in BigInt, half up, by the text of the rules.
// Used by account-properties.test.ts only.
import type { FeeSchedule } from '../../../engine/core/fees.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';

export interface ModelOrder {
  readonly side: number;
  readonly instrument: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly fills: { readonly priceE4: number; readonly qty: number }[];
  open: boolean;
}

/** amount x rate, rounded half up to the fen, in 1/10,000 yuan. */
export function itemE4(amountE4: number, rateE7: number): number {
  const fenTimes1e9 = BigInt(amountE4) * BigInt(rateE7);
  return Number((fenTimes1e9 * 2n + 1_000_000_000n) / 2_000_000_000n) * 100;
}

export function modelFeesE4(fees: FeeSchedule, side: number, amountE4: number): number {
  if (amountE4 === 0) return 0;
  const commission = Math.max(fees.commissionMinE4, itemE4(amountE4, fees.commissionRateE7));
  const stamp = side === SIDE_SELL ? itemE4(amountE4, fees.stampDutyRateE7) : 0;
  const { transferRateE7, handlingRateE7, regulatoryRateE7 } = fees;
  const rates = [transferRateE7, handlingRateE7, regulatoryRateE7];
  return rates.reduce((sum, rate) => sum + itemE4(amountE4, rate), commission + stamp);
}

export class ModelAccount {
  readonly orders: ModelOrder[] = [];
  readonly #fees: FeeSchedule;
  readonly #openCashE4: number;
  readonly #openQty: readonly number[];
  readonly #sameDay: readonly boolean[];

  constructor(
    fees: FeeSchedule,
    cashE4: number,
    qty: readonly number[],
    sameDay: readonly boolean[],
  ) {
    this.#fees = fees;
    this.#openCashE4 = cashE4;
    this.#openQty = qty;
    this.#sameDay = sameDay;
  }

  filled(order: ModelOrder): number {
    return order.fills.reduce((sum, fill) => sum + fill.qty, 0);
  }

  amountE4(order: ModelOrder): number {
    return order.fills.reduce((sum, fill) => sum + fill.qty * fill.priceE4, 0);
  }

  leaves(order: ModelOrder): number {
    return order.open ? order.qty - this.filled(order) : 0;
  }

  feesE4(order: ModelOrder): number {
    return modelFeesE4(this.#fees, order.side, this.amountE4(order));
  }

  /** What would leave the account if the rest traded at the limit now. */
  reservedE4(order: ModelOrder): number {
    if (order.side !== SIDE_BUY || !order.open) return 0;
    const rest = this.leaves(order) * order.priceE4;
    const all = modelFeesE4(this.#fees, SIDE_BUY, this.amountE4(order) + rest);
    return rest + all - this.feesE4(order);
  }

  cashE4(): number {
    let cash = this.#openCashE4;
    for (const order of this.orders) {
      cash += (order.side === SIDE_BUY ? -1 : 1) * this.amountE4(order) - this.feesE4(order);
    }
    return cash;
  }

  allReservedE4(): number {
    return this.orders.reduce((sum, order) => sum + this.reservedE4(order), 0);
  }

  #sum(side: number, i: number, what: (order: ModelOrder) => number): number {
    return this.orders
      .filter((order) => order.side === side && order.instrument === i)
      .reduce((sum, order) => sum + what(order), 0);
  }

  qty(i: number): number {
    const filled = (order: ModelOrder): number => this.filled(order);
    return this.#openQty[i]! + this.#sum(SIDE_BUY, i, filled) - this.#sum(SIDE_SELL, i, filled);
  }

  /** What was there at the open (and, T+0, was bought) and was neither sold nor offered. */
  sellable(i: number): number {
    const filled = (order: ModelOrder): number => this.filled(order);
    const bought = this.#sameDay[i] ? this.#sum(SIDE_BUY, i, filled) : 0;
    const sold = this.#sum(SIDE_SELL, i, filled);
    return this.#openQty[i]! + bought - sold - this.#sum(SIDE_SELL, i, (o) => this.leaves(o));
  }
}
