// What a broker's client really does, counted while the bridge works: do remarks come back whole,
// do pushes come before the answer to the call, doubled, how fast are answers, how fresh are lists.
// Told on the control link (`facts`), for `pankou gateway report`. Called by bridge.ts and peer.ts.
// Always: it decides nothing; bounded; no account's figures and no secrets are in it.
import { formatOrderId } from '../../engine/core/order-id.ts';
import type { OrderRow, TradeRow } from '../broker-port.ts';
import type { KnownOrder } from './journal.ts';

/** Times kept of each kind of call. */
const TIMES_MAX = 1_000;

/** A list may lack an order that was answered so short a time before it was asked for. */
export interface CallFacts {
  readonly count: number;
  readonly failed: number;
  /** ms; null = none yet. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

class Calls {
  count = 0;
  failed = 0;
  readonly #ms: number[] = [];

  add(ms: number, isGood: boolean): void {
    this.count++;
    if (!isGood) this.failed++;
    if (this.#ms.length < TIMES_MAX) this.#ms.push(ms);
  }

  facts(): CallFacts {
    const sorted = [...this.#ms].sort((a, b) => a - b);
    const at = (share: number): number | null => {
      const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
      return found === undefined ? null : Math.round(found * 1_000) / 1_000;
    };
    return { count: this.count, failed: this.failed, p50: at(0.5), p95: at(0.95), max: at(1) };
  }
}

export class Observations {
  readonly #nowMs: () => number;
  readonly #places = new Calls();
  readonly #cancels = new Calls();
  readonly #orderLists = new Calls();
  readonly #tradeLists = new Calls();
  readonly #remarks = { whole: 0, missing: 0, altered: 0 };
  readonly #answers = { beforePush: 0, afterPush: 0 };
  readonly #pushes = { orders: 0, doubledOrders: 0, trades: 0, doubledTrades: 0, foreign: 0 };
  readonly #statuses = new Map<number, number>();
  readonly #cancelErrors: string[] = [];
  /** Last row of each order, as text, and when its call was answered. */
  readonly #rows = new Map<number, string>();
  readonly #answeredMs = new Map<number, number>();
  #stale = 0;
  #oldestStaleMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  onPlaced(startedMs: number, orderNo: number | null): void {
    this.#places.add(this.#nowMs() - startedMs, orderNo !== null);
    if (orderNo === null) return;
    if (this.#rows.has(orderNo)) this.#answers.afterPush++;
    else this.#answers.beforePush++;
    this.#answeredMs.set(orderNo, this.#nowMs());
  }

  onCancelled(startedMs: number, isSent: boolean): void {
    this.#cancels.add(this.#nowMs() - startedMs, isSent);
  }

  onCancelError(text: string): void {
    if (this.#cancelErrors.length < 20) this.#cancelErrors.push(text.slice(0, 200));
  }

  /** A pushed order; `order` = ours, found by remark or number. */
  onOrder(row: OrderRow, order: KnownOrder | undefined): void {
    this.#pushes.orders++;
    this.#statuses.set(row.status, (this.#statuses.get(row.status) ?? 0) + 1);
    if (order === undefined) this.#pushes.foreign++;
    else this.#noteRemark(row.remark, order);
    const text = JSON.stringify(row);
    if (this.#rows.get(row.orderNo) === text) this.#pushes.doubledOrders++;
    this.#rows.set(row.orderNo, text);
  }

  onTrade(row: TradeRow, order: KnownOrder | undefined, isDoubled: boolean): void {
    this.#pushes.trades++;
    if (isDoubled) this.#pushes.doubledTrades++;
    if (order !== undefined) this.#noteRemark(row.remark, order);
  }

  /** The day's list of orders; null = the client gave none. */
  onOrderList(startedMs: number, rows: readonly OrderRow[] | null): void {
    this.#orderLists.add(this.#nowMs() - startedMs, rows !== null);
    if (rows === null) return;
    const listed = new Set(rows.map(({ orderNo }) => orderNo));
    for (const [orderNo, answeredMs] of this.#answeredMs) {
      if (answeredMs >= startedMs || listed.has(orderNo)) continue;
      this.#stale++;
      this.#oldestStaleMs = Math.max(this.#oldestStaleMs, startedMs - answeredMs);
    }
  }

  onTradeList(startedMs: number, rows: readonly TradeRow[] | null): void {
    this.#tradeLists.add(this.#nowMs() - startedMs, rows !== null);
  }

  facts(): object {
    return {
      place: this.#places.facts(),
      cancel: { ...this.#cancels.facts(), errors: [...this.#cancelErrors] },
      orderLists: {
        ...this.#orderLists.facts(),
        ...{ lackingOrders: this.#stale, longestLackMs: Math.round(this.#oldestStaleMs) },
      },
      tradeLists: this.#tradeLists.facts(),
      ...{ remarks: { ...this.#remarks }, answers: { ...this.#answers } },
      pushes: { ...this.#pushes },
      statuses: Object.fromEntries(this.#statuses),
    };
  }

  #noteRemark(remark: string, { a, b, c }: KnownOrder): void {
    if (remark === '') this.#remarks.missing++;
    else if (remark === formatOrderId(a, b, c)) this.#remarks.whole++;
    else this.#remarks.altered++;
  }
}
