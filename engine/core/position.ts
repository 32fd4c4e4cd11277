// One account's shares, by instrument: what is held, what may be sold today (T+1), what working
// sells hold frozen, what it cost. Called by the OMS only (single writer).
// Invariants: sellable = sellable at the open - sold today - frozen (T+0 adds bought today), and
// is never negative; average cost = costAmount / qty. Allocates at construction only.
import { assert } from '../assert.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** Places of PositionBook.totals, in 1/10,000 yuan: market value, cost, profit realised today. */
export const TOTAL_VALUE = 0;
export const TOTAL_COST = 1;
export const TOTAL_REALISED = 2;
const TOTALS = 3;

/** Nobody said since when it is held. */
export const HELD_UNKNOWN = -1;

/** Columns are indexed by the dense instrument index; quantities in shares, money in E4. */
export class PositionBook {
  /** Shares held now. */
  readonly qty: Int32Array;
  /** Shares sellable at the open. */
  readonly sellableOpen: Int32Array;
  readonly boughtToday: Int32Array;
  readonly soldToday: Int32Array;
  /** Shares held back by working sells. */
  readonly frozen: Int32Array;
  /** Shares of working buys. */
  readonly openBuy: Int32Array;
  /** What the held shares cost, fees excluded. */
  readonly costAmountE4: Float64Array;
  /** Realised profit of today's sells, fees excluded. */
  readonly realisedE4: Float64Array;
  /** Trading days it is held: 0 = since today, -1 = not known. */
  readonly heldDays: Int32Array;
  /** Last price seen; 0 = none yet. */
  readonly lastE4: Int32Array;
  /** The day's upper limit; 0 = none, or not known. */
  readonly upperE4: Int32Array;
  /** 1 = sold the same day (T+0), 0 = T+1. */
  readonly turnround: Uint8Array;
  readonly count: number;
  /** Sums over all instruments, at TOTAL_*; kept by whoever changes a column they add up. */
  readonly totals: Float64Array;

  constructor(instrumentCount: number, tables: Tables = NEW_TABLES) {
    this.count = instrumentCount;
    this.qty = tables.int32(instrumentCount);
    this.sellableOpen = tables.int32(instrumentCount);
    this.boughtToday = tables.int32(instrumentCount);
    this.soldToday = tables.int32(instrumentCount);
    this.frozen = tables.int32(instrumentCount);
    this.openBuy = tables.int32(instrumentCount);
    this.costAmountE4 = tables.float64(instrumentCount);
    this.realisedE4 = tables.float64(instrumentCount);
    this.heldDays = tables.int32(instrumentCount);
    this.lastE4 = tables.int32(instrumentCount);
    this.upperE4 = tables.int32(instrumentCount);
    this.turnround = tables.uint8(instrumentCount);
    this.totals = tables.float64(TOTALS);
  }
}

/** A price of the market. */
export function setLastPrice(book: PositionBook, i: number, lastE4: number): void {
  // Most of thousands of instruments are not held.
  if (book.qty[i] === 0 && book.costAmountE4[i] === 0) {
    book.lastE4[i] = lastE4;
    return;
  }
  takeOut(book, i);
  book.lastE4[i] = lastE4;
  addIn(book, i);
}

/** Shares that came (below 0: went) without a fill, at no cost. */
export function moveShares(book: PositionBook, i: number, qty: number): void {
  takeOut(book, i);
  book.qty[i] += qty;
  addIn(book, i);
}

/** What the instrument adds to the totals, before one of its columns changes. */
function takeOut(book: PositionBook, i: number): void {
  const { totals } = book;
  const cost = book.costAmountE4[i];
  const last = book.lastE4[i];
  totals[TOTAL_VALUE] -= last === 0 ? cost : last * book.qty[i];
  totals[TOTAL_COST] -= cost;
  totals[TOTAL_REALISED] -= book.realisedE4[i];
}

/** The same behind the change. */
function addIn(book: PositionBook, i: number): void {
  const { totals } = book;
  const cost = book.costAmountE4[i];
  const last = book.lastE4[i];
  totals[TOTAL_VALUE] += last === 0 ? cost : last * book.qty[i];
  totals[TOTAL_COST] += cost;
  totals[TOTAL_REALISED] += book.realisedE4[i];
}

/** Shares that may be sold now (BSE 2026 no. 3.1.4: what is bought today, tomorrow). */
export function sellable(book: PositionBook, i: number): number {
  const bought = book.turnround[i] === 1 ? book.boughtToday[i] : 0;
  return book.sellableOpen[i] + bought - book.soldToday[i] - book.frozen[i];
}

/** Books the shares an account opens with. */
export function openPosition(
  book: PositionBook,
  i: number,
  qty: number,
  sellableQty: number,
  costAmountE4: number,
): void {
  assert(sellableQty <= qty, `sellableQty=${sellableQty} qty=${qty}, expected no more`);
  takeOut(book, i);
  book.qty[i] = qty;
  book.sellableOpen[i] = sellableQty;
  book.costAmountE4[i] = costAmountE4;
  book.heldDays[i] = HELD_UNKNOWN;
  addIn(book, i);
}

/** Books a bought fill. */
export function bookBuy(book: PositionBook, i: number, qty: number, amountE4: number): void {
  if (book.qty[i] <= 0) book.heldDays[i] = 0;
  takeOut(book, i);
  book.qty[i] += qty;
  book.boughtToday[i] += qty;
  book.costAmountE4[i] += amountE4;
  addIn(book, i);
}

/** Books a sold fill and returns its realised profit in E4, fees excluded. */
export function bookSell(book: PositionBook, i: number, qty: number, amountE4: number): number {
  const held = book.qty[i];
  // An overfill may sell more than is held: the cost of what is held is all there is to release.
  const share = held <= qty ? book.costAmountE4[i] : (book.costAmountE4[i] * qty) / held;
  const cost = Math.round(share);
  takeOut(book, i);
  book.qty[i] = held - qty;
  book.soldToday[i] += qty;
  book.costAmountE4[i] -= cost;
  const profit = amountE4 - cost;
  book.realisedE4[i] += profit;
  addIn(book, i);
  return profit;
}

/** Market value less cost of what is held, in E4; 0 without a price. */
export function unrealisedE4(book: PositionBook, i: number): number {
  const last = book.lastE4[i];
  return last === 0 ? 0 : last * book.qty[i] - book.costAmountE4[i];
}

/** Market value in E4; valued at cost while there is no price. */
export function marketValueE4(book: PositionBook, i: number): number {
  const last = book.lastE4[i];
  return last === 0 ? book.costAmountE4[i] : last * book.qty[i];
}
