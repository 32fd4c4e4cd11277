// The simulated counter's books, on disk before anybody hears of them: orders, fills, cancels, one
// JSON line each; cash and positions follow from them. Used by the counter only, and read by the
// auditors of the crash and conformance tests. Always: a line is whole or was never there (a torn
// last line is cut); what was answered before a kill -9 is there after it.
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { FeeSchedule } from '../../engine/core/fees.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
} from '../../engine/core/order-status.ts';
import type { OrderRow, TradeRow } from '../broker-port.ts';
import { Money, type MoneyOrder } from './money.ts';

export interface OpeningAccount {
  readonly account: string;
  /** STOCK (default) or CREDIT. */
  readonly type?: string;
  readonly cashE4: number;
  /** Of a credit account: what may be borrowed. */
  readonly quotaE4?: number;
  readonly positions: { readonly [symbol: string]: { qty: number; costE4: number } };
}

/** The lines of the ledger, as written. */
export type LedgerLine =
  | { readonly t: 'open'; readonly day: number; readonly accounts: readonly OpeningAccount[] }
  /** A security is traded here; preclose 0: with wide limits around the first order's price. */
  | {
      readonly t: 'list';
      readonly symbol: string;
      readonly preCloseE4: number;
      readonly firstE4: number;
    }
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
      /** CREDIT_* of money.ts. */
      readonly credit: number;
      readonly strategy: string;
      /** Price that a share of a buy may cost at most: its limit, or the day's for market kinds. */
      readonly reserveE4: number;
      readonly timeMs: number;
      /** '' = accepted. */
      readonly refused: string;
    }
  | {
      readonly t: 'fill';
      readonly no: number;
      readonly trade: number;
      readonly qty: number;
      readonly priceE4: number;
      readonly timeMs: number;
    }
  | { readonly t: 'cancel'; readonly no: number; readonly qty: number }
  | { readonly t: 'day'; readonly day: number };

/** What a client sends. */
export interface NewOrder {
  readonly remark: string;
  readonly symbol: string;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly credit: number;
  readonly strategy: string;
  readonly reserveE4: number;
  readonly timeMs: number;
}

export interface LedgerOrder extends OrderRow, MoneyOrder {
  readonly account: string;
  readonly refused: string;
  readonly strategy: string;
  readonly timeMs: number;
  readonly credit: number;
  readonly qty: number;
  readonly side: number;
  readonly symbol: string;
  filledQty: number;
  cancelledQty: number;
  status: number;
  amountE4: number;
  feeE4: number;
}

export interface LedgerTrade extends TradeRow {
  readonly account: string;
  readonly timeMs: number;
  readonly strategy: string;
  readonly credit: number;
  readonly feeE4: number;
}

export interface LedgerOptions {
  readonly path: string;
  readonly day: number;
  readonly accounts: readonly OpeningAccount[];
  readonly fees: FeeSchedule;
  /** Whether shares of this security turn round the same day (T+0). */
  readonly sameDay: (symbol: string) => boolean;
}

export class Ledger {
  /** Of the day. */
  readonly orders = new Map<number, LedgerOrder>();
  readonly trades: LedgerTrade[] = [];
  /** Number of every order of the day at each of its changes, in order. */
  readonly changes: number[] = [];
  readonly accounts: OpeningAccount[] = [];
  /** Listed securities in order. */
  readonly listed: Extract<LedgerLine, { t: 'list' }>[] = [];
  day = 0;
  readonly #options: LedgerOptions;
  readonly #books = new Map<string, Money>();
  readonly #file: number;

  /** Opens or goes on with the ledger of `path`. */
  constructor(options: LedgerOptions) {
    const { path, day, accounts } = options;
    this.#options = options;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#file = openSync(path, 'a');
    ftruncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').slice(0, -1)) this.#apply(JSON.parse(line));
    if (this.day === 0) this.#write({ t: 'open', day, accounts });
    else if (this.day < day) this.newDay(day);
    else if (this.day > day) {
      throw new Error(`ledger ${path} is of day ${this.day}, not ${day}: take another folder`);
    }
  }

  list(symbol: string, preCloseE4: number, firstE4: number): void {
    this.#write({ t: 'list', symbol, preCloseE4, firstE4 });
  }

  /** Books an order; `refused` or cash or shares that do not carry it end it at once. */
  place(account: string, order: NewOrder, refused: string): LedgerOrder {
    const no = this.orders.size + 1;
    const unborn = { ...order, filledQty: 0, amountE4: 0, feeE4: 0 };
    const why = refused === '' ? (this.#books.get(account)?.refusal(unborn) ?? '') : refused;
    this.#write({ t: 'order', no, account, ...order, refused: why });
    return this.orders.get(no)!;
  }

  fill(order: LedgerOrder, qty: number, priceE4: number, timeMs: number): LedgerTrade {
    const trade = this.trades.length + 1;
    this.#write({ t: 'fill', no: order.orderNo, trade, qty, priceE4, timeMs });
    return this.trades.at(-1)!;
  }

  cancel(order: LedgerOrder): void {
    this.#write({ t: 'cancel', no: order.orderNo, qty: order.qty - order.filledQty });
  }

  /** What lives ends; orders, trades and numbers begin anew, T+1 shares may be sold. */
  newDay(day: number): void {
    for (const order of this.orders.values()) if (this.isLive(order)) this.cancel(order);
    this.#write({ t: 'day', day });
  }

  isLive(order: LedgerOrder): boolean {
    return order.status === STATUS_ACCEPTED || order.status === STATUS_PARTLY_FILLED;
  }

  money(account: string): Money | undefined {
    return this.#books.get(account);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: LedgerLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#apply(line);
  }

  #apply(line: LedgerLine): void {
    if (line.t === 'open') this.#applyOpen(line);
    else if (line.t === 'list') this.listed.push(line);
    else this.#applyOfDay(line);
  }

  #applyOfDay(line: Exclude<LedgerLine, { t: 'open' | 'list' }>): void {
    if (line.t !== 'day') this.changes.push(line.no);
    if (line.t === 'day') {
      this.day = line.day;
      this.orders.clear();
      this.trades.length = 0;
      this.changes.length = 0;
      for (const money of this.#books.values()) money.newDay();
    } else if (line.t === 'order') this.#applyOrder(line);
    else if (line.t === 'fill') this.#applyFill(line);
    else this.#applyCancel(line);
  }

  #applyOpen(line: Extract<LedgerLine, { t: 'open' }>): void {
    this.day = line.day;
    for (const opening of line.accounts) {
      const { account, cashE4, type = 'STOCK', quotaE4 = 0 } = opening;
      const money = new Money(type, cashE4, quotaE4, this.#options.fees);
      for (const [symbol, { qty, costE4 }] of Object.entries(opening.positions)) {
        money.give(symbol, qty, costE4);
      }
      this.accounts.push(opening);
      this.#books.set(account, money);
    }
  }

  #applyOrder(line: Extract<LedgerLine, { t: 'order' }>): void {
    const { no, refused, t: _t, ...order } = line;
    const status = refused === '' ? STATUS_ACCEPTED : STATUS_REJECTED;
    const traded = { filledQty: 0, cancelledQty: 0, amountE4: 0, feeE4: 0 };
    const row = { ...order, orderNo: no, refused, status, ...traded };
    this.orders.set(no, row);
    if (refused === '') this.#books.get(order.account)!.open(row);
  }

  #applyFill(line: Extract<LedgerLine, { t: 'fill' }>): void {
    const order = this.orders.get(line.no)!;
    const money = this.#books.get(order.account)!;
    const before = { ...order };
    const { qty, priceE4, timeMs } = line;
    const { account, remark, symbol, side, orderNo, strategy, credit } = order;
    order.filledQty += qty;
    order.amountE4 += qty * priceE4;
    order.feeE4 = money.feesE4(side, order.amountE4);
    order.status = order.filledQty === order.qty ? STATUS_FILLED : STATUS_PARTLY_FILLED;
    money.fill(before, order, this.#options.sameDay(symbol));
    const feeE4 = order.feeE4 - before.feeE4;
    const whose = { account, remark, symbol, side, orderNo, strategy, credit };
    this.trades.push({ ...whose, priceE4, qty, tradeNo: line.trade, timeMs, feeE4 });
  }

  #applyCancel(line: Extract<LedgerLine, { t: 'cancel' }>): void {
    const order = this.orders.get(line.no)!;
    this.#books.get(order.account)!.close(order);
    order.cancelledQty = line.qty;
    order.status = order.filledQty === 0 ? STATUS_CANCELLED : STATUS_PARTLY_CANCELLED;
  }
}
