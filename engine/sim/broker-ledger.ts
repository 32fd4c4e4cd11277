// The broker's own books: the oracle that the engine is compared with at the end. Called by
// sim-broker.ts only; the auditor reads it. Shares no arithmetic with the engine: fees, cash and
// shares are computed here again from the tariff. Invariant: every fill is booked exactly once.
import { SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';

/** An account's tariff, as a broker states it: rates in 1e-7, the minimum in 1/10,000 yuan. */
export interface Tariff {
  readonly commissionRateE7: number;
  readonly commissionMinE4: number;
  readonly stampDutyRateE7: number;
  readonly transferRateE7: number;
  readonly handlingRateE7: number;
  readonly regulatoryRateE7: number;
}

export interface BrokerFill {
  readonly fillNo: number;
  readonly priceE4: number;
  readonly qty: number;
}

export interface BrokerOrder {
  readonly key: number;
  readonly account: number;
  readonly idA: number;
  readonly idB: number;
  readonly idC: number;
  readonly strategy: number;
  readonly instrument: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  /** Price at which an open buy holds cash. */
  readonly holdE4: number;
  readonly qty: number;
  state: 'live' | 'filled' | 'cancelled' | 'rejected';
  filled: number;
  amountE4: number;
  readonly fills: BrokerFill[];
  /** The broker's own number, unique over all accounts. */
  readonly no: number;
  /** Made by hand in the broker's client: it carries no id of ours. */
  readonly external: boolean;
  /** Cancels for it that reached the broker. */
  cancels: number;
  /** Its rows carry our id; else only the bridge can say whose it is, if it knows the number. */
  readonly hasRemark: boolean;
  isBound: boolean;
  /** Pack `paper`: it died with the process before and is listed no more. */
  forgotten: boolean;
}

/** 1/10,000 yuan in a fen. */
const FEN = 100;

/** Half a fen and more counts as a fen; exact while amount times rate stays below 2^53. */
function rounded(amountE4: number, rateE7: number): number {
  return Math.floor((amountE4 * rateE7 + 500_000_000) / 1_000_000_000) * FEN;
}

/** Fees of an order that has traded `amountE4`, 1/10,000 yuan. */
export function tariffFeesE4(tariff: Tariff, side: number, amountE4: number): number {
  if (amountE4 === 0) return 0;
  const commission = Math.max(rounded(amountE4, tariff.commissionRateE7), tariff.commissionMinE4);
  const stamp = side === SIDE_SELL ? rounded(amountE4, tariff.stampDutyRateE7) : 0;
  const venue =
    rounded(amountE4, tariff.handlingRateE7) + rounded(amountE4, tariff.regulatoryRateE7);
  return commission + stamp + venue + rounded(amountE4, tariff.transferRateE7);
}

/** One account at the broker. */
export class BrokerLedger {
  /** By instrument. */
  readonly tariffs: readonly Tariff[];
  readonly openingCashE4: number;
  readonly openingQty: readonly number[];
  /** 1 = what was bought today may be sold today. */
  readonly sameDay: readonly number[];
  readonly orders: BrokerOrder[] = [];
  /** It has reported a cancel with fewer fills than it made (F7): nobody could have known. */
  misled = false;

  constructor(
    tariffs: readonly Tariff[],
    cashE4: number,
    openingQty: readonly number[],
    sameDay: readonly number[],
  ) {
    this.tariffs = tariffs;
    this.openingCashE4 = cashE4;
    this.openingQty = openingQty;
    this.sameDay = sameDay;
  }

  /** Cash after every fill and fee so far, 1/10,000 yuan. */
  cashE4(): number {
    let cash = this.openingCashE4;
    for (const order of this.orders) {
      cash += order.side === SIDE_BUY ? -order.amountE4 : order.amountE4;
      cash -= tariffFeesE4(this.tariffs[order.instrument]!, order.side, order.amountE4);
    }
    return cash;
  }

  /** Cash that open buys hold, with the fees they can still cause. */
  heldE4(): number {
    let held = 0;
    for (const order of this.orders) {
      if (order.state === 'live' && order.side === SIDE_BUY) held += this.holdOf(order);
    }
    return held;
  }

  /** What one open buy holds. */
  holdOf(order: BrokerOrder): number {
    const leaves = (order.qty - order.filled) * order.holdE4;
    if (leaves <= 0) return 0;
    const tariff = this.tariffs[order.instrument]!;
    const all = tariffFeesE4(tariff, SIDE_BUY, order.amountE4 + leaves);
    return leaves + all - tariffFeesE4(tariff, SIDE_BUY, order.amountE4);
  }

  /** Shares held now. */
  qty(instrument: number): number {
    let qty = this.openingQty[instrument]!;
    for (const order of this.orders) {
      if (order.instrument !== instrument) continue;
      qty += order.side === SIDE_BUY ? order.filled : -order.filled;
    }
    return qty;
  }

  /** Shares that may be sold now: of the open, and today's where the market allows it. */
  sellable(instrument: number): number {
    let qty = this.openingQty[instrument]!;
    for (const order of this.orders) {
      if (order.instrument !== instrument) continue;
      if (order.side === SIDE_BUY) qty += this.sameDay[instrument]! * order.filled;
      else qty -= order.state === 'live' ? Math.max(order.qty, order.filled) : order.filled;
    }
    return qty;
  }
}
