// Whose shares and whose cash: an account's books by strategy, with one row for the desk (orders
// by hand, orders made elsewhere, base shares nobody owns). Changed by the account with each fill,
// live and in recovery alike; it is shown and carried into the next day, and decides nothing.
// Invariants (bookMismatch() looks): over all rows the shares of an instrument are the account's;
// cash at the open + cash flow + adopted movements is the account's cash; the day's profit adds up.
// A strategy that sells what another row holds goes short in its own row until it buys back.
import { DESK_STRATEGY, SIDE_BUY } from '../messages/codes.ts';
import type { CashBook } from './cash.ts';
import type { PositionBook } from './position.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** Row of the desk. */
export const DESK_ROW = 0;
/** Nothing differs. */
export const BOOKS_AGREE = -1;
/** Strategy numbers are below it. */
const STRATEGY_NUMBERS = 256;

/** Columns are indexed by cell(row, instrument); quantities in shares, money in E4. */
export class StrategyBooks {
  readonly rowCount: number;
  readonly instrumentCount: number;
  /** Strategy index of each row; the desk's is DESK_STRATEGY. */
  readonly strategyOf: Int32Array;
  readonly qty: Int32Array;
  /** Shares at the open, bonus shares of the day among them; and what those of the open cost. */
  readonly openQty: Int32Array;
  readonly openCostE4: Float64Array;
  /** What the shares cost, fees excluded; negative where a row is short: what was taken in. */
  readonly costAmountE4: Float64Array;
  /** Of today, by the row's own average cost, fees excluded. */
  readonly realisedE4: Float64Array;
  readonly feesE4: Float64Array;
  /** Taken in less paid out today, fees included. */
  readonly cashFlowE4: Float64Array;
  /** By instrument: what the rows' costs at the open were above the account's own. */
  readonly openGapE4: Float64Array;
  /** Cash of the account at the open, and what movements without an order added since. */
  openingCashE4 = 0;
  movedE4 = 0;
  readonly #rowOf: Int16Array;

  constructor(strategies: readonly number[], instrumentCount: number, tables: Tables = NEW_TABLES) {
    this.rowCount = strategies.length + 1;
    this.instrumentCount = instrumentCount;
    const cells = this.rowCount * instrumentCount;
    this.strategyOf = new Int32Array(this.rowCount).fill(DESK_STRATEGY);
    this.qty = tables.int32(cells);
    this.openQty = tables.int32(cells);
    this.openCostE4 = tables.float64(cells);
    this.costAmountE4 = tables.float64(cells);
    this.realisedE4 = tables.float64(cells);
    this.feesE4 = tables.float64(cells);
    this.cashFlowE4 = tables.float64(cells);
    this.openGapE4 = tables.float64(instrumentCount);
    this.#rowOf = new Int16Array(STRATEGY_NUMBERS);
    for (let i = 0; i < strategies.length; i++) {
      this.strategyOf[i + 1] = strategies[i];
      this.#rowOf[strategies[i]] = i + 1;
    }
  }

  /** Row of a strategy index; whoever has none of its own is the desk. */
  rowOf(strategy: number): number {
    return strategy >= 0 && strategy < STRATEGY_NUMBERS ? this.#rowOf[strategy] : DESK_ROW;
  }

  /** Place of a row and instrument in the columns. */
  cell(row: number, instrument: number): number {
    return row * this.instrumentCount + instrument;
  }
}

/** Books a fill and its fee (1/10,000 yuan) in the row of the order's strategy. */
export function bookStrategyFill(
  books: StrategyBooks,
  strategy: number,
  instrument: number,
  side: number,
  qty: number,
  amountE4: number,
  feeE4: number,
): void {
  const c = books.cell(books.rowOf(strategy), instrument);
  const direction = side === SIDE_BUY ? 1 : -1;
  const held = books.qty[c] * direction;
  // Shares of the other direction are closed first: a sell what is held, a buy what is short.
  const closing = held < 0 ? (qty < -held ? qty : -held) : 0;
  let openedE4 = amountE4;
  if (closing > 0) {
    const whole = closing === -held;
    const cost = books.costAmountE4[c];
    const shareE4 = whole ? cost : Math.round((cost * closing) / -held);
    const partE4 = closing === qty ? amountE4 : Math.round((amountE4 * closing) / qty);
    // Closing a long row: what it fetched less what it cost; a short one: taken in less paid.
    books.realisedE4[c] += direction < 0 ? partE4 - shareE4 : -shareE4 - partE4;
    books.costAmountE4[c] -= shareE4;
    openedE4 = amountE4 - partE4;
  }
  books.costAmountE4[c] += direction * openedE4;
  books.qty[c] += direction * qty;
  books.feesE4[c] += feeE4;
  books.cashFlowE4[c] -= direction * amountE4 + feeE4;
}

/** All shares of an instrument at the open: the desk's, until opening lines say otherwise. */
export function openDeskBook(
  books: StrategyBooks,
  instrument: number,
  qty: number,
  costAmountE4: number,
): void {
  const c = books.cell(DESK_ROW, instrument);
  books.qty[c] = qty;
  books.openQty[c] = qty;
  books.costAmountE4[c] = costAmountE4;
  books.openCostE4[c] = costAmountE4;
}

/**
 * What a row brings into the day. A strategy's shares are taken from the desk's; the desk's own
 * line comes last and says what is left there. `accountCostE4`: the account's for the instrument.
 */
export function openBookLine(
  books: StrategyBooks,
  strategy: number,
  instrument: number,
  qty: number,
  costAmountE4: number,
  accountCostE4: number,
): void {
  const row = books.rowOf(strategy);
  const c = books.cell(row, instrument);
  if (row !== DESK_ROW) {
    const desk = books.cell(DESK_ROW, instrument);
    books.qty[desk] -= qty - books.qty[c];
    books.openQty[desk] = books.qty[desk];
    books.qty[c] = qty;
    books.openQty[c] = qty;
  }
  books.costAmountE4[c] = costAmountE4;
  books.openCostE4[c] = costAmountE4;
  let sumE4 = 0;
  for (let r = 0; r < books.rowCount; r++) sumE4 += books.costAmountE4[books.cell(r, instrument)];
  books.openGapE4[instrument] = sumE4 - accountCostE4;
}

/** Shares that came or went without an order: to the rows as they hold, the rest to the desk. */
export function adjustBooks(
  books: StrategyBooks,
  instrument: number,
  qty: number,
  amountE4: number,
): void {
  books.movedE4 += amountE4;
  if (instrument < 0 || instrument >= books.instrumentCount || qty === 0) return;
  let held = 0;
  for (let r = 0; r < books.rowCount; r++) {
    const own = books.qty[books.cell(r, instrument)];
    if (own > 0) held += own;
  }
  let rest = qty;
  for (let r = DESK_ROW + 1; r < books.rowCount; r++) {
    const c = books.cell(r, instrument);
    if (books.qty[c] <= 0) continue;
    const part = Math.trunc((qty * books.qty[c]) / held);
    books.qty[c] += part;
    books.openQty[c] += part;
    rest -= part;
  }
  const desk = books.cell(DESK_ROW, instrument);
  books.qty[desk] += rest;
  books.openQty[desk] += rest;
}

/**
 * First instrument whose rows do not add up to the account (shares; cost less realised profit),
 * `instrumentCount` when the cash does not, BOOKS_AGREE when all does. O(rows x instruments).
 */
export function bookMismatch(
  books: StrategyBooks,
  positions: PositionBook,
  cash: CashBook,
): number {
  let flowE4 = 0;
  let feesE4 = 0;
  for (let i = 0; i < books.instrumentCount; i++) {
    let qty = 0;
    let investedE4 = 0;
    for (let r = 0; r < books.rowCount; r++) {
      const c = books.cell(r, i);
      qty += books.qty[c];
      investedE4 += books.costAmountE4[c] - books.realisedE4[c];
      flowE4 += books.cashFlowE4[c];
      feesE4 += books.feesE4[c];
    }
    const accountE4 = positions.costAmountE4[i] - positions.realisedE4[i];
    if (qty !== positions.qty[i] || investedE4 - books.openGapE4[i] !== accountE4) return i;
  }
  const cashE4 = books.openingCashE4 + books.movedE4 + flowE4;
  return cashE4 === cash.cashE4 && feesE4 === cash.feesE4 ? BOOKS_AGREE : books.instrumentCount;
}
