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
import { moveShares } from './position.ts';
import { REJECT_NONE, REJECT_STATEMENT_CASH, REJECT_STATEMENT_SHARES } from './reject-code.ts';
import { adjustBooks } from './strategy-books.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** A movement the broker was announced to make: a dividend, bonus shares, a bank transfer ... */
export interface ExpectedMovement {
  /** ADJUST_* in engine/messages/codes.ts. */
  readonly kind: number;
  /** Instrument whose shares move; -1 = cash only. */
  readonly instrument: number;
  readonly qty: number;
  readonly amountE4: number;
}

/** A movement that was adopted, as it was journaled. */
export interface AdoptedMovement extends ExpectedMovement {}

/** Movements of cash that may be looked at together: 2^n sums are tried. */
export const CASH_MOVEMENTS_MAX = 12;

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
  #fillsStated = -1;
  /** Places in `expected` that move cash only. */
  readonly #cashMovements: readonly number[];

  constructor(
    account: Account,
    expected: readonly ExpectedMovement[],
    tables: Tables = NEW_TABLES,
  ) {
    const n = account.positions.count;
    this.#account = account;
    this.#expected = expected;
    this.#used = new Uint8Array(expected.length);
    this.stopped = tables.uint8(n);
    this.#qty = tables.int32(n);
    this.#cashMovements = cashPlaces(expected);
  }

  /** Recovery: what earlier lives of the day adopted explains nothing any more. */
  restore(adopted: readonly AdoptedMovement[]): void {
    for (let d = 0; d < adopted.length; d++) {
      for (let n = 0; n < this.#expected.length; n++) {
        if (this.#used[n] === 1 || !isSameMovement(this.#expected[n], adopted[d])) continue;
        this.#used[n] = 1;
        break;
      }
    }
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
    this.#fillsStated = this.#account.fillCount;
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

  /**
   * An expected movement that explains the cash, alone or with others that came the same day,
   * exactly or but for fee rounding; BY_ROUNDING; else UNEXPLAINED. Ask again after adopting it.
   */
  explainCash(): number {
    const differenceE4 = this.cashDifferenceE4;
    const mostE4 = ROUNDING_E4 * this.#account.fillCount;
    const exact = this.#explainSum(differenceE4, 0);
    if (exact >= 0) return exact;
    if (Math.abs(differenceE4) <= mostE4) return BY_ROUNDING;
    return this.#explainSum(differenceE4, mostE4);
  }

  /** First movement of the smallest set whose sum is `amountE4`, give or take; or UNEXPLAINED. */
  #explainSum(amountE4: number, withinE4: number): number {
    const movements = this.#cashMovements;
    const count = Math.min(movements.length, CASH_MOVEMENTS_MAX);
    let best = UNEXPLAINED;
    let bestSize = CASH_MOVEMENTS_MAX + 1;
    for (let set = 1; set < 1 << count; set++) {
      let sumE4 = 0;
      let size = 0;
      let first = -1;
      for (let n = count - 1; n >= 0; n--) {
        if (((set >> n) & 1) === 0) continue;
        first = movements[n];
        sumE4 += this.#used[first] === 1 ? Number.NaN : this.#expected[first].amountE4;
        size++;
      }
      if (size < bestSize && Math.abs(sumE4 - amountE4) <= withinE4) {
        best = first;
        bestSize = size;
      }
    }
    return best;
  }

  /** Cash an explanation moves, 1/10,000 yuan. */
  amountOf(explanation: number): number {
    return explanation >= 0 ? this.#expected[explanation].amountE4 : this.cashDifferenceE4;
  }

  /** ADJUST_* of an explanation. */
  kindOf(explanation: number): number {
    return explanation === BY_ROUNDING ? ADJUST_FEE_ROUNDING : this.#expected[explanation].kind;
  }

  /** The explanation is used up: it explains nothing else today. */
  use(explanation: number): void {
    if (explanation >= 0) this.#used[explanation] = 1;
  }

  /** Whether a whole statement has come (positions, then cash), and nothing has traded since. */
  get isWhole(): boolean {
    const isFresh = this.#fillsStated === this.#account.fillCount;
    return this.#hasPositions && this.#hasCash && isFresh;
  }

  /** Shares the broker's last statement says. */
  statedQty(i: number): number {
    return this.#qty[i];
  }

  /** Cash the broker's last statement says, 1/10,000 yuan. */
  get statedCashE4(): number {
    return this.#cashE4;
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

/** Places of movements that move cash only. At start. */
function cashPlaces(expected: readonly ExpectedMovement[]): readonly number[] {
  const places: number[] = []; // hot-ok: at start
  for (let n = 0; n < expected.length; n++) if (expected[n].qty === 0) places.push(n);
  return places;
}

/** Shares are adopted by instrument and quantity, cash by its amount. */
function isSameMovement(expected: ExpectedMovement, done: AdoptedMovement): boolean {
  if (expected.kind !== done.kind || expected.qty !== done.qty) return false;
  if (done.qty === 0) return expected.amountE4 === done.amountE4;
  return expected.instrument === done.instrument;
}

/** Books an adopted difference: shares without cost, cash without an order. Live and recovery. */
export function adjustAccount(
  account: Account,
  instrument: number,
  qty: number,
  amountE4: number,
): void {
  account.cash.cashE4 += amountE4;
  // No profit of trading: what came counts as if it had been there at the open.
  account.cash.openingEquityE4 += amountE4;
  adjustBooks(account.books, instrument, qty, amountE4);
  if (instrument < 0 || instrument >= account.positions.count) return;
  account.cash.openingEquityE4 += qty * account.positions.lastE4[instrument];
  moveShares(account.positions, instrument, qty);
  // Shares that came in are sellable when the broker says so (the next day); those gone are not.
  if (qty < 0) account.positions.sellableOpen[instrument] += qty;
}
