// The broker's statement of one account (positions and cash, complete and at rest) against our
// books: rule R8. The broker's figures win where a difference has an explanation; what has none
// stops buying: of that instrument, or at all. Called by the OMS. Invariant: no fill is invented;
// sells and cancels are never stopped. Allocates at construction only.
import {
  ADJUST_FEE_ROUNDING,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_POSITIONS,
} from '../messages/codes.ts';
import type { BrokerCash, BrokerPosition, QueryEnd } from '../messages/generated/broker.ts';
import type { Account } from './account.ts';
import { REJECT_NONE, REJECT_STATEMENT_CASH, REJECT_STATEMENT_SHARES } from './reject-code.ts';

/** A movement the broker was announced to make: a dividend, bonus shares, a bank transfer ... */
export interface ExpectedMovement {
  /** ADJUST_* in engine/messages/codes.ts. */
  readonly kind: number;
  /** Instrument whose shares move; -1 = cash only. */
  readonly instrument: number;
  readonly qty: number;
  readonly amountE4: number;
}

/** Rounding the broker may do otherwise, each fill: three fee items, a fen each. */
const ROUNDING_E4 = 300;
/** Index of a difference that is fee rounding, not one of the expected movements. */
export const BY_ROUNDING = -1;
/** No explanation. */
export const UNEXPLAINED = -2;

export class Statement {
  /** 1 = its shares differ without explanation: nothing more is bought of it. */
  readonly stopped: Uint8Array;
  /** Cash differs without explanation: nothing is bought. */
  isCashStopped = false;
  /** Statements compared; differences that were adopted. */
  compared = 0;
  readonly #account: Account;
  readonly #expected: readonly ExpectedMovement[];
  /** 1 = this expected movement was adopted. */
  readonly #used: Uint8Array;
  readonly #qty: Int32Array;
  #cashE4 = 0;
  #queryNo = -1;
  #hasPositions = false;
  #hasCash = false;

  constructor(account: Account, expected: readonly ExpectedMovement[]) {
    const n = account.positions.count;
    this.#account = account;
    this.#expected = expected;
    this.#used = new Uint8Array(expected.length);
    this.stopped = new Uint8Array(n);
    this.#qty = new Int32Array(n);
  }

  onPosition(row: BrokerPosition): void {
    this.#begin(row.queryNo);
    if (row.instrument >= 0 && row.instrument < this.#qty.length) {
      this.#qty[row.instrument] = row.qty;
    }
  }

  onCash(row: BrokerCash): void {
    this.#cashE4 = row.cashE4;
    this.#hasCash = true;
  }

  /** Whether positions and cash are whole now and may be compared. */
  onEnd(end: QueryEnd): boolean {
    if (end.kind === QUERY_POSITIONS) {
      this.#begin(end.queryNo);
      this.#hasPositions = end.result === QUERY_COMPLETE;
      this.#hasCash = false;
      return false;
    }
    if (end.kind !== QUERY_CASH || end.result !== QUERY_COMPLETE) return false;
    return this.#hasPositions && this.#hasCash && this.#account.openOrders === 0;
  }

  /** Shares the broker has more of than we (negative: fewer). */
  difference(i: number): number {
    return this.#qty[i] - this.#account.positions.qty[i];
  }

  /** Cash the broker has more of than we, 1/10,000 yuan. */
  get cashDifferenceE4(): number {
    return this.#cashE4 - this.#account.cash.cashE4;
  }

  /** The expected movement that explains a difference of shares, else UNEXPLAINED. */
  explainShares(i: number): number {
    for (let n = 0; n < this.#expected.length; n++) {
      const { instrument, qty } = this.#expected[n];
      const fits = instrument === i && qty === this.difference(i);
      if (fits && this.#used[n] === 0) return n;
    }
    return UNEXPLAINED;
  }

  /** The expected movement that explains the cash, BY_ROUNDING, else UNEXPLAINED. */
  explainCash(): number {
    const differenceE4 = this.cashDifferenceE4;
    for (let n = 0; n < this.#expected.length; n++) {
      const { qty, amountE4 } = this.#expected[n];
      if (qty === 0 && amountE4 === differenceE4 && this.#used[n] === 0) return n;
    }
    const mostE4 = ROUNDING_E4 * this.#account.fillCount;
    return Math.abs(differenceE4) <= mostE4 ? BY_ROUNDING : UNEXPLAINED;
  }

  /** ADJUST_* of an explanation. */
  kindOf(explanation: number): number {
    return explanation === BY_ROUNDING ? ADJUST_FEE_ROUNDING : this.#expected[explanation].kind;
  }

  /** The explanation is used up: it explains nothing else today. */
  use(explanation: number): void {
    if (explanation >= 0) this.#used[explanation] = 1;
  }

  /** Why nothing may be bought of an instrument; REJECT_NONE = it may. */
  refusal(i: number): number {
    if (this.stopped[i] === 1) return REJECT_STATEMENT_SHARES;
    return this.isCashStopped ? REJECT_STATEMENT_CASH : REJECT_NONE;
  }

  #begin(queryNo: number): void {
    if (queryNo === this.#queryNo) return;
    this.#queryNo = queryNo;
    this.#hasPositions = false;
    this.#qty.fill(0);
  }
}

/** Books an adopted difference: shares without cost, cash without an order. Live and recovery. */
export function adjustAccount(
  account: Account,
  instrument: number,
  qty: number,
  amountE4: number,
): void {
  account.cash.cashE4 += amountE4;
  if (instrument < 0 || instrument >= account.positions.count) return;
  account.positions.qty[instrument] += qty;
  // Shares that came in are sellable when the broker says so (the next day); those gone are not.
  if (qty < 0) account.positions.sellableOpen[instrument] += qty;
}
