// The simulated counter's books, on disk before anybody hears of them: orders, fills, cancels, one
// JSON line each; cash and positions follow from them. Used by the counter only, and read by the
// auditor of the crash tests. Always: a line is whole or was never there (a torn last line is cut);
// what was answered before a kill -9 is there after it.
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
} from '../../engine/core/order-status.ts';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import type { CashRow, OrderRow, PositionRow, TradeRow } from '../broker-port.ts';

export interface OpeningAccount {
  readonly account: string;
  readonly cashE4: number;
  readonly positions: { readonly [symbol: string]: { qty: number; costE4: number } };
}

/** The lines of the ledger, as written. */
export type LedgerLine =
  | { readonly t: 'open'; readonly day: number; readonly accounts: readonly OpeningAccount[] }
  | {
      readonly t: 'order';
      readonly no: number;
      readonly account: string;
      readonly remark: string;
      readonly symbol: string;
      readonly side: number;
      readonly kind: number;
      readonly priceE4: number;
      readonly qty: number;
      /** '' = accepted. */
      readonly refused: string;
    }
  | {
      readonly t: 'fill';
      readonly no: number;
      readonly trade: number;
      readonly qty: number;
      readonly priceE4: number;
    }
  | { readonly t: 'cancel'; readonly no: number; readonly qty: number };

export interface LedgerOrder extends OrderRow {
  readonly account: string;
  readonly refused: string;
  filledQty: number;
  cancelledQty: number;
  status: number;
}

interface Holding {
  qty: number;
  /** T+1: what was held at the open and is neither sold nor on its way. */
  sellableQty: number;
  costAmountE4: number;
}

interface Book {
  cashE4: number;
  readonly holdings: Map<string, Holding>;
}

export class Ledger {
  readonly orders = new Map<number, LedgerOrder>();
  readonly trades: (TradeRow & { readonly account: string })[] = [];
  day = 0;
  readonly #books = new Map<string, Book>();
  readonly #file: number;

  /** Opens or goes on with the ledger of `path`. */
  constructor(path: string, day: number, accounts: readonly OpeningAccount[]) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#file = openSync(path, 'a');
    ftruncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').slice(0, -1)) this.#apply(JSON.parse(line));
    if (this.day === 0) this.#write({ t: 'open', day, accounts });
    else if (this.day !== day) {
      throw new Error(`ledger ${path} is of day ${this.day}, not ${day}: take another folder`);
    }
  }

  /** Books an order; refused when cash or sellable shares do not carry it. */
  place(
    account: string,
    order: Omit<OrderRow, 'orderNo' | 'filledQty' | 'cancelledQty' | 'status'>,
  ): LedgerOrder {
    const no = this.orders.size + 1;
    const { remark, symbol, side, kind, priceE4, qty } = order;
    const refused = this.#refusal(account, order);
    this.#write({ t: 'order', no, account, remark, symbol, side, kind, priceE4, qty, refused });
    return this.orders.get(no)!;
  }

  fill(order: LedgerOrder, qty: number, priceE4: number): TradeRow {
    this.#write({ t: 'fill', no: order.orderNo, trade: this.trades.length + 1, qty, priceE4 });
    return this.trades.at(-1)!;
  }

  cancel(order: LedgerOrder): void {
    this.#write({ t: 'cancel', no: order.orderNo, qty: order.qty - order.filledQty });
  }

  isLive(order: LedgerOrder): boolean {
    return order.status === STATUS_ACCEPTED || order.status === STATUS_PARTLY_FILLED;
  }

  hasAccount(account: string): boolean {
    return this.#books.has(account);
  }

  positions(account: string): PositionRow[] {
    const rows: PositionRow[] = [];
    for (const [symbol, held] of this.#books.get(account)?.holdings ?? []) {
      const { qty, costAmountE4 } = held;
      const sellableQty = held.sellableQty - this.#openSells(account, symbol);
      rows.push({ symbol, qty, sellableQty, costAmountE4 });
    }
    return rows;
  }

  cash(account: string): CashRow {
    const cashE4 = this.#books.get(account)?.cashE4 ?? 0;
    const frozenE4 = this.#frozenE4(account);
    return { cashE4, availableE4: cashE4 - frozenE4, frozenE4 };
  }

  close(): void {
    closeSync(this.#file);
  }

  #refusal(
    account: string,
    order: { symbol: string; side: number; priceE4: number; qty: number },
  ): string {
    const { symbol, side, priceE4, qty } = order;
    if (!(qty > 0) || !(priceE4 > 0)) return 'only limit orders with a price and a quantity';
    if (side === SIDE_BUY) {
      return priceE4 * qty > this.cash(account).availableE4 ? 'not enough cash' : '';
    }
    const held = this.#books.get(account)?.holdings.get(symbol);
    const free = (held?.sellableQty ?? 0) - this.#openSells(account, symbol);
    return qty > free ? 'not enough sellable shares' : '';
  }

  #openSells(account: string, symbol: string): number {
    let open = 0;
    for (const order of this.orders.values()) {
      if (order.account !== account || order.symbol !== symbol) continue;
      if (order.side !== SIDE_BUY && this.isLive(order)) open += order.qty - order.filledQty;
    }
    return open;
  }

  #frozenE4(account: string): number {
    let frozen = 0;
    for (const order of this.orders.values()) {
      if (order.account !== account || order.side !== SIDE_BUY || !this.isLive(order)) continue;
      frozen += (order.qty - order.filledQty) * order.priceE4;
    }
    return frozen;
  }

  #write(line: LedgerLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#apply(line);
  }

  #apply(line: LedgerLine): void {
    if (line.t === 'open') this.#applyOpen(line);
    else if (line.t === 'order') {
      const { no, refused, t: _t, ...order } = line;
      const status = refused === '' ? STATUS_ACCEPTED : STATUS_REJECTED;
      const row = { ...order, orderNo: no, refused, filledQty: 0, cancelledQty: 0, status };
      this.orders.set(no, row);
    } else if (line.t === 'fill') this.#applyFill(line);
    else {
      const order = this.orders.get(line.no)!;
      order.cancelledQty = line.qty;
      order.status = order.filledQty === 0 ? STATUS_CANCELLED : STATUS_PARTLY_CANCELLED;
    }
  }

  #applyOpen(line: Extract<LedgerLine, { t: 'open' }>): void {
    this.day = line.day;
    for (const { account, cashE4, positions } of line.accounts) {
      const holdings = new Map<string, Holding>();
      for (const [symbol, { qty, costE4 }] of Object.entries(positions)) {
        holdings.set(symbol, { qty, sellableQty: qty, costAmountE4: qty * costE4 });
      }
      this.#books.set(account, { cashE4, holdings });
    }
  }

  #applyFill(line: Extract<LedgerLine, { t: 'fill' }>): void {
    const order = this.orders.get(line.no)!;
    const { qty, priceE4 } = line;
    const { account, remark, symbol, side, orderNo } = order;
    order.filledQty += qty;
    order.status = order.filledQty === order.qty ? STATUS_FILLED : STATUS_PARTLY_FILLED;
    this.trades.push({ account, remark, symbol, side, priceE4, qty, orderNo, tradeNo: line.trade });
    const book = this.#books.get(account)!;
    const held = book.holdings.get(symbol) ?? { qty: 0, sellableQty: 0, costAmountE4: 0 };
    book.holdings.set(symbol, held);
    if (side === SIDE_BUY) {
      book.cashE4 -= qty * priceE4;
      held.qty += qty;
      held.costAmountE4 += qty * priceE4;
    } else {
      book.cashE4 += qty * priceE4;
      held.costAmountE4 -= held.qty === 0 ? 0 : (held.costAmountE4 / held.qty) * qty;
      held.qty -= qty;
      held.sellableQty -= qty;
    }
  }
}
