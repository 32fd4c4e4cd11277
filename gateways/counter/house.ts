// The counter's house rules: takes orders and cancels, books them in the ledger, lets them meet at
// the exchange, and tells what became of them. Called by server.ts with what clients and tests
// say. Always: the ledger has it first; like a real counter it knows no idempotency, an order sent
// twice is two orders; what is told of an order is read from the ledger.
import type { FeeSchedule } from '../../engine/core/fees.ts';
import { KIND_LIMIT, SIDE_BUY } from '../../engine/messages/codes.ts';
import { CounterExchange } from './exchange.ts';
import { Ledger, type LedgerOrder, type LedgerTrade, type OpeningAccount } from './ledger.ts';
import type { ToldOrder, ToldTrade } from './protocol.ts';

/** Statuses of QMT that ours do not tell apart (reference: order_status). */
const RAW_WAIT_REPORTING = 49;
const RAW_REPORTED_CANCEL = 51;
const RAW_PART_CANCEL_PENDING = 52;

export interface HouseEars {
  onOrder(order: ToldOrder, account: string): void;
  onTrade(trade: ToldTrade, account: string): void;
  onOrderError(account: string, orderNo: number, code: number, text: string): void;
  onCancelError(account: string, orderNo: number, text: string): void;
}

export interface HouseOptions {
  readonly ledgerPath: string;
  readonly day: number;
  readonly accounts: readonly OpeningAccount[];
  readonly fees: FeeSchedule;
  /** Listed at the start with the rules of the day. */
  readonly instruments: readonly { readonly symbol: string; readonly preCloseE4: number }[];
  /** Securities that nobody listed are traded with wide limits; else refused. */
  readonly listsAnything: boolean;
}

/** What a client sends. */
export interface Wish {
  readonly remark: string;
  readonly symbol: string;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly credit?: number | undefined;
  readonly strategy?: string | undefined;
}

export class House {
  readonly ledger: Ledger;
  exchange: CounterExchange;
  readonly #options: HouseOptions;
  readonly #ears: HouseEars;
  #lastMs = 0;

  constructor(options: HouseOptions, ears: HouseEars) {
    this.#options = options;
    this.#ears = ears;
    const { ledgerPath: path, day, accounts, fees } = options;
    this.exchange = new CounterExchange(day);
    const sameDay = (symbol: string): boolean => this.exchange.turnsRound(symbol);
    this.ledger = new Ledger({ path, day, accounts, fees, sameDay });
    this.#openExchange();
  }

  /** The new order's row, whatever became of it. Pushes are said on the way. */
  place(account: string, wish: Wish): LedgerOrder {
    const { ledger, exchange } = this;
    const { symbol, side, kind, priceE4, qty } = wish;
    if (!exchange.isListed(symbol) && this.#options.listsAnything) this.#list(symbol, 0, priceE4);
    const order = ledger.place(account, this.#completed(wish), this.#refusal(wish));
    const { orderNo } = order;
    if (order.refused !== '') {
      this.#tell(order);
      const code = Number(/\[(\d+)\]/.exec(order.refused)?.[1] ?? -1);
      this.#ears.onOrderError(account, orderNo, code, this.#message(order));
      return order;
    }
    this.#tell(order, RAW_WAIT_REPORTING);
    this.#tell(order);
    const { refused, killedQty } = exchange.order(orderNo, symbol, side, kind, priceE4, qty);
    this.settle();
    if (refused !== '' || killedQty > 0) {
      ledger.cancel(order);
      this.#tell(order);
    }
    return order;
  }

  /** Whether the cancel was sent; what comes of it is pushed. */
  cancel(account: string, orderNo: number): boolean {
    const { ledger, exchange } = this;
    const order = ledger.orders.get(orderNo);
    if (order === undefined || order.account !== account) return false;
    if (!ledger.isLive(order)) {
      this.#ears.onCancelError(account, orderNo, '[COUNTER][251013][委托已完成，不能撤单]');
      return true;
    }
    this.#tell(order, order.filledQty === 0 ? RAW_REPORTED_CANCEL : RAW_PART_CANCEL_PENDING);
    if (exchange.cancel(orderNo, order.symbol) === 0) {
      this.#ears.onCancelError(account, orderNo, '[COUNTER][251020][当前时间不允许撤单]');
      this.#tell(order);
      return true;
    }
    ledger.cancel(order);
    this.#tell(order);
    return true;
  }

  /** A cancel is told as under way, and nothing comes of it: the order lives on. */
  pretendCancel(account: string, orderNo: number): void {
    const order = this.ledger.orders.get(orderNo);
    if (order === undefined || order.account !== account || !this.ledger.isLive(order)) return;
    this.#tell(order, order.filledQty === 0 ? RAW_REPORTED_CANCEL : RAW_PART_CANCEL_PENDING);
  }

  /** Books the trades that the exchange made and tells of them. */
  settle(): void {
    for (const { no, qty, priceE4 } of this.exchange.takeTrades()) {
      const order = this.ledger.orders.get(no)!;
      const trade = this.ledger.fill(order, qty, priceE4, this.nowMs());
      this.#tell(order);
      this.#ears.onTrade(this.toldTrade(trade), order.account);
    }
  }

  list(symbol: string, preCloseE4: number): void {
    if (!this.exchange.isListed(symbol)) this.#list(symbol, preCloseE4, preCloseE4);
  }

  enterPhase(phase: number): void {
    this.exchange.enterPhase(phase);
    this.settle();
  }

  /** The day ends and the next begins: what lives is cancelled, prices become precloses. */
  newDay(day: number): void {
    for (const order of this.ledger.orders.values()) {
      if (!this.ledger.isLive(order)) continue;
      this.ledger.cancel(order);
      this.#tell(order);
    }
    const { exchange } = this;
    this.ledger.newDay(day);
    for (const { symbol, preCloseE4 } of new Map(
      this.ledger.listed.map((line) => [line.symbol, line]),
    ).values()) {
      const lastE4 = exchange.lastE4(symbol);
      this.ledger.list(symbol, preCloseE4 > 0 ? lastE4 : 0, lastE4);
    }
    this.exchange = new CounterExchange(day);
    this.#openExchange();
  }

  /** All of the day once more, as some counters do. */
  replay(account: string): void {
    for (const order of this.ledger.orders.values()) {
      if (order.account === account) this.#tell(order);
    }
    for (const trade of this.ledger.trades) {
      if (trade.account === account) this.#ears.onTrade(this.toldTrade(trade), account);
    }
  }

  told(order: LedgerOrder): ToldOrder {
    const { orderNo, remark, symbol, side, kind, priceE4, qty, filledQty, cancelledQty } = order;
    const { status, timeMs, amountE4, strategy, credit, feeE4: _fee } = order;
    const terms = { orderNo, remark, symbol, side, kind, priceE4, qty, filledQty, cancelledQty };
    const sysid = order.refused === '' ? this.#sysid(orderNo) : '';
    return {
      ...terms,
      status,
      credit,
      sysid,
      timeMs,
      amountE4,
      strategy,
      message: this.#message(order),
    };
  }

  toldTrade(trade: LedgerTrade): ToldTrade {
    const { account: _account, ...row } = trade;
    return { ...row, sysid: this.#sysid(trade.orderNo) };
  }

  /** Market value of an account's shares, 1/10,000 yuan. */
  marketValueE4(account: string): number {
    const rows = this.ledger.money(account)?.positions() ?? [];
    return rows.reduce((sum, { symbol, qty }) => sum + qty * this.exchange.lastE4(symbol), 0);
  }

  /** Milliseconds since 1970, of the counter's trading day, never twice the same. */
  nowMs(): number {
    const { day } = this.ledger;
    const date = Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100);
    // 9:30 in China is 1:30 UTC; the wall clock's minutes go on from there.
    const now = date + 1.5 * 3_600_000 + Math.floor(performance.now());
    this.#lastMs = Math.max(now, this.#lastMs + 1);
    return this.#lastMs;
  }

  #openExchange(): void {
    const { ledger, exchange } = this;
    const last = new Map(ledger.listed.map((line) => [line.symbol, line]));
    for (const { symbol, preCloseE4, firstE4 } of last.values()) {
      exchange.list(symbol, preCloseE4, firstE4);
    }
    for (const { symbol, preCloseE4 } of this.#options.instruments) this.list(symbol, preCloseE4);
    for (const order of ledger.orders.values()) {
      if (!ledger.isLive(order)) continue;
      const { orderNo, symbol, side, kind, priceE4, qty, filledQty } = order;
      // What an immediate kind had left when the counter died is over.
      if (kind !== KIND_LIMIT) ledger.cancel(order);
      else exchange.restore(orderNo, symbol, side, priceE4, qty - filledQty);
    }
  }

  #list(symbol: string, preCloseE4: number, firstE4: number): void {
    if (!/^\d{6}\.(SH|SZ|BJ)$/.test(symbol) || !(firstE4 > 0)) return;
    try {
      this.exchange.list(symbol, preCloseE4, firstE4);
    } catch (error) {
      process.stderr.write(`counter: ${(error as Error).message}\n`);
      return;
    }
    this.ledger.list(symbol, preCloseE4, firstE4);
  }

  #refusal({ symbol, side, kind, priceE4, qty }: Wish): string {
    return this.exchange.judge(symbol, side, kind, priceE4, qty);
  }

  /** What a share may cost at most: the limit or protection price, or the day's upper limit. */
  #completed(wish: Wish) {
    const { remark, symbol, side, kind, priceE4, qty, credit = 0, strategy = '' } = wish;
    const upperE4 = this.exchange.instrument(symbol)?.upperLimitE4 ?? 0;
    const boundE4 = priceE4 > 0 ? priceE4 : upperE4 || this.exchange.lastE4(symbol) * 2;
    const reserveE4 = side === SIDE_BUY ? boundE4 : 0;
    const terms = { remark, symbol, side, kind, priceE4, qty, credit, strategy };
    return { ...terms, reserveE4, timeMs: this.nowMs() };
  }

  #sysid(no: number): string {
    return `${this.ledger.day % 100}${String(no).padStart(7, '0')}`;
  }

  #message(order: LedgerOrder): string {
    return order.refused === '' ? '' : `[COUNTER]${order.refused}`;
  }

  #tell(order: LedgerOrder, raw?: number): void {
    const told = this.told(order);
    if (raw === undefined) this.#ears.onOrder(told, order.account);
    else {
      const sysid = raw === RAW_WAIT_REPORTING ? '' : told.sysid;
      this.#ears.onOrder({ ...told, sysid, raw }, order.account);
    }
  }
}
