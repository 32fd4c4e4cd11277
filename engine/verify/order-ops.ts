// What the kernel is fed: the order stream that must have arrived at the exchange, as columns, each
// operation with the published trades it should make. Filled by the derivations, run by run-ops.ts,
// judged by judge.ts. Always: every published trade belongs to exactly one operation, in sequence.
import { BookOp, OrderKind } from '../core/book.ts';

/** Operations: those of the kernel, and two of our own. */
export const OP_ADD: number = BookOp.ADD;
export const OP_SUBMIT: number = BookOp.SUBMIT;
export const OP_CANCEL: number = BookOp.CANCEL;
/** Price of a call auction, and its execution. */
export const OP_UNCROSS = 8;
/** Published trades that no order of the feed explains; the kernel is told nothing. */
export const OP_NOTHING = 9;

/** Parts of a day; trades are counted by part. */
export const OPENING = 0;
export const CONTINUOUS = 1;
export const CLOSING = 2;

/** Row of an operation that no row of the feed stands for (a derived opening order). */
export const NO_ROW = -1;

/** Columns of operations; they grow. */
export class OrderOps {
  count = 0;
  op: Uint8Array;
  id: Int32Array;
  side: Uint8Array;
  kind: Uint8Array;
  priceE4: Int32Array;
  /** Shares; of a cancel what the exchange says was left. */
  qty: Int32Array;
  /** First published trade, and the one behind the last, counted over the instrument's day. */
  tradeFrom: Int32Array;
  tradeTo: Int32Array;
  /** Row of the feed it came from, or NO_ROW. */
  row: Int32Array;
  /** OPENING, CONTINUOUS or CLOSING. */
  part: Uint8Array;
  /** Published trades given to operations so far. */
  trades = 0;

  constructor(capacity: number) {
    const size = Math.max(16, capacity);
    this.op = new Uint8Array(size);
    this.id = new Int32Array(size);
    this.side = new Uint8Array(size);
    this.kind = new Uint8Array(size);
    this.priceE4 = new Int32Array(size);
    this.qty = new Int32Array(size);
    this.tradeFrom = new Int32Array(size);
    this.tradeTo = new Int32Array(size);
    this.row = new Int32Array(size);
    this.part = new Uint8Array(size);
  }

  add(part: number, row: number, id: number, side: number, priceE4: number, qty: number): void {
    this.#put(OP_ADD, part, row, 0);
    this.#order(id, side, OrderKind.LIMIT, priceE4, qty);
  }

  /** An order of continuous trading that makes the next `trades` published trades. */
  submit(
    row: number,
    trades: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): void {
    this.#put(OP_SUBMIT, CONTINUOUS, row, trades);
    this.#order(id, side, kind, priceE4, qty);
  }

  cancel(part: number, row: number, id: number, side: number, qty: number): void {
    this.#put(OP_CANCEL, part, row, 0);
    this.#order(id, side, 0, 0, qty);
  }

  uncross(part: number, row: number, trades: number): void {
    this.#put(OP_UNCROSS, part, row, trades);
    this.#order(0, 0, 0, 0, 0);
  }

  nothing(part: number, row: number, trades: number): void {
    this.#put(OP_NOTHING, part, row, trades);
    this.#order(0, 0, 0, 0, 0);
  }

  #put(op: number, part: number, row: number, trades: number): void {
    const at = this.count;
    if (at === this.op.length) this.#grow();
    this.op[at] = op;
    this.part[at] = part;
    this.row[at] = row;
    this.tradeFrom[at] = this.trades;
    this.trades += trades;
    this.tradeTo[at] = this.trades;
  }

  #order(id: number, side: number, kind: number, priceE4: number, qty: number): void {
    const at = this.count++;
    this.id[at] = id;
    this.side[at] = side;
    this.kind[at] = kind;
    this.priceE4[at] = priceE4;
    this.qty[at] = qty;
  }

  #grow(): void {
    const size = this.op.length * 2;
    this.op = longerBytes(this.op, size);
    this.id = longer(this.id, size);
    this.side = longerBytes(this.side, size);
    this.kind = longerBytes(this.kind, size);
    this.priceE4 = longer(this.priceE4, size);
    this.qty = longer(this.qty, size);
    this.tradeFrom = longer(this.tradeFrom, size);
    this.tradeTo = longer(this.tradeTo, size);
    this.row = longer(this.row, size);
    this.part = longerBytes(this.part, size);
  }
}

/** Trades as columns, in the order they were made; grows. */
export class TradeList {
  count = 0;
  buyId: Int32Array;
  sellId: Int32Array;
  priceE4: Int32Array;
  qty: Int32Array;

  constructor(capacity: number) {
    const size = Math.max(16, capacity);
    this.buyId = new Int32Array(size);
    this.sellId = new Int32Array(size);
    this.priceE4 = new Int32Array(size);
    this.qty = new Int32Array(size);
  }

  push(buyId: number, sellId: number, priceE4: number, qty: number): void {
    if (this.count === this.buyId.length) this.#grow();
    const at = this.count++;
    this.buyId[at] = buyId;
    this.sellId[at] = sellId;
    this.priceE4[at] = priceE4;
    this.qty[at] = qty;
  }

  #grow(): void {
    const size = this.buyId.length * 2;
    this.buyId = longer(this.buyId, size);
    this.sellId = longer(this.sellId, size);
    this.priceE4 = longer(this.priceE4, size);
    this.qty = longer(this.qty, size);
  }
}

function longer(column: Int32Array, size: number): Int32Array {
  const grown = new Int32Array(size);
  grown.set(column);
  return grown;
}

function longerBytes(column: Uint8Array, size: number): Uint8Array {
  const grown = new Uint8Array(size);
  grown.set(column);
  return grown;
}
