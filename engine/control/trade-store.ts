// Every order and fill of the day as the engine told them, in the order they came, for pages of a
// list. Fed by the replica, read by the trading interface. Always: a row keeps its place, so that a
// reader who goes on after the last one it saw misses none; a new engine life starts it anew.
import type { Fill, Order, OrderStatus } from './protocol.ts';

/** Fills kept; beyond it the oldest go, and a reader behind them is told so. */
const FILLS_MAX = 200_000;

const FINISHED: ReadonlySet<OrderStatus> = new Set([
  'filled',
  'cancelled',
  'partly-cancelled',
  'rejected',
]);

/** Whether nothing more can come of the order but a late fill. */
export function isFinished(order: Order): boolean {
  return FINISHED.has(order.status);
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Pass it as `after` for the next page; null = this was the last. */
  readonly next: string | null;
}

export class TradeStore {
  readonly #orders: Order[] = [];
  readonly #orderAt = new Map<string, number>();
  readonly #byKey = new Map<string, string>();
  #fills: Fill[] = [];
  readonly #fillAt = new Map<string, number>();
  /** Index in #fills of the first one in #fillAt's numbering. */
  #fillBase = 0;
  #open = 0;

  get orderCount(): number {
    return this.#orders.length;
  }

  get openCount(): number {
    return this.#open;
  }

  get fillCount(): number {
    return this.#fills.length;
  }

  putOrder(order: Order): void {
    const at = this.#orderAt.get(order.coid);
    if (at === undefined) {
      this.#orderAt.set(order.coid, this.#orders.length);
      this.#orders.push(order);
      if (!isFinished(order)) this.#open++;
    } else {
      this.#open += Number(isFinished(this.#orders[at])) - Number(isFinished(order));
      this.#orders[at] = order;
    }
    if (order.key !== undefined) this.#byKey.set(`${order.account} ${order.key}`, order.coid);
  }

  putFill(fill: Fill): void {
    if (this.#fillAt.has(fill.fillId)) return;
    this.#fillAt.set(fill.fillId, this.#fillBase + this.#fills.length);
    this.#fills.push(fill);
    if (this.#fills.length <= FILLS_MAX * 1.1) return;
    const gone = this.#fills.splice(0, this.#fills.length - FILLS_MAX);
    for (const { fillId } of gone) this.#fillAt.delete(fillId);
    this.#fillBase += gone.length;
  }

  clear(): void {
    this.#orders.length = 0;
    this.#orderAt.clear();
    this.#byKey.clear();
    this.#fills = [];
    this.#fillAt.clear();
    this.#fillBase = 0;
    this.#open = 0;
  }

  order(coid: string): Order | undefined {
    const at = this.#orderAt.get(coid);
    return at === undefined ? undefined : this.#orders[at];
  }

  /** The order an account's key made; `key` in 32 hexadecimal digits. */
  orderOfKey(account: string, key: string): Order | undefined {
    return this.order(this.#byKey.get(`${account} ${key}`) ?? '');
  }

  openOrders(account?: string): Order[] {
    return this.#orders.filter(
      (order) => !isFinished(order) && (account === undefined || order.account === account),
    );
  }

  /** Orders behind `after`; undefined = no such order. */
  orders(
    filter: (order: Order) => boolean,
    after: string | undefined,
    limit: number,
  ): Page<Order> | undefined {
    const from = after === undefined ? 0 : (this.#orderAt.get(after) ?? -2) + 1;
    if (from < 0) return undefined;
    return page(this.#orders, from, filter, limit, (order) => order.coid);
  }

  /** Fills behind `after`; undefined = no such fill (or one too long ago). */
  fills(
    filter: (fill: Fill) => boolean,
    after: string | undefined,
    limit: number,
  ): Page<Fill> | undefined {
    const seen = after === undefined ? this.#fillBase - 1 : this.#fillAt.get(after);
    if (seen === undefined) return undefined;
    return page(this.#fills, seen - this.#fillBase + 1, filter, limit, (fill) => fill.fillId);
  }
}

function page<Row>(
  all: readonly Row[],
  from: number,
  filter: (row: Row) => boolean,
  limit: number,
  nameOf: (row: Row) => string,
): Page<Row> {
  const rows: Row[] = [];
  for (let i = from; i < all.length; i++) {
    const row = all[i];
    if (!filter(row)) continue;
    if (rows.length === limit) return { rows, next: nameOf(rows[rows.length - 1]) };
    rows.push(row);
  }
  return { rows, next: null };
}
