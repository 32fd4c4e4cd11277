// What a Python script over `pankou.Client` has placed in a backtest, as rows of the trading
// interface (docs/API.md). Kept by client-strategy.ts. Always: an order is there from its placing
// on, with the state the engine told last; a key gives its first order again.
import { rejectText } from '../../core/reject-code.ts';
import {
  ACTION_PLACE,
  type Context,
  type OrderView,
  type ParentView,
  type RejectView,
  SIDE_BUY,
  STATUS_NAMES,
  STATUS_PENDING,
  type TradeView,
} from '../../core/strategy.ts';
import { PARENT_STATE_NAMES, STAGE_NAMES } from '../../messages/codes.ts';

/** By KIND_* number. */
export const KINDS: readonly string[] = [
  ...['none', 'limit', 'best-5-cancel', 'best-5-limit', 'opposite-best', 'own-best', 'ioc', 'fok'],
];
const ACCOUNT = 'backtest';
const FINISHED: ReadonlySet<string> = new Set([
  ...['filled', 'cancelled', 'partly-cancelled', 'rejected'],
]);

export interface Row {
  [field: string]: unknown;
}

export class ClientBook {
  readonly #ctx: () => Context;
  readonly #orders = new Map<string, Row>();
  readonly #fills: Row[] = [];
  readonly #parents = new Map<number, Row>();
  /** Order ids by the key they were placed with. */
  readonly #keys = new Map<string, { readonly coid: string; readonly content: string }>();
  #startE4 = 0;

  constructor(ctx: () => Context) {
    this.#ctx = ctx;
  }

  /** The account opens: what profit counts from. */
  begin(): void {
    this.#startE4 = this.account()['equityE4'] as number;
  }

  /** The id of an order of today. */
  coidOf(intentNo: number): string {
    const { day } = this.#ctx();
    return `1${day.toString(36)}${intentNo.toString(36).padStart(10, '0')}`;
  }

  /** The number behind an id of today; 0 = it is none. */
  intentOf(coid: string): number {
    const { day } = this.#ctx();
    if (!coid.startsWith(`1${day.toString(36)}`)) return 0;
    return this.#orders.has(coid) ? Number.parseInt(coid.slice(-10), 36) : 0;
  }

  /** An order that was just asked for. */
  placed(
    intentNo: number,
    wish: { instrument: number; side: number; kind: number; priceE4: number; qty: number },
    key: string,
    content: string,
  ): Row {
    const row = this.#newOrder(intentNo, wish);
    if (key !== '') this.#keys.set(key, { coid: row['coid'] as string, content });
    return row;
  }

  /** What a key was used for. */
  byKey(key: string): { readonly row: Row; readonly content: string } | null {
    const found = this.#keys.get(key);
    if (found === undefined) return null;
    return { row: this.#orders.get(found.coid)!, content: found.content };
  }

  order(coid: string): Row | null {
    return this.#orders.get(coid) ?? null;
  }

  /** News of an order; its row. */
  onOrder(order: OrderView): Row {
    const { intentNo, filledQty, filledAmountE4, status, code, stage } = order;
    const row = this.#orders.get(this.coidOf(intentNo)) ?? this.#newOrder(intentNo, order);
    row['filledQty'] = filledQty;
    row['avgPriceE4'] = filledQty === 0 ? 0 : Math.round(filledAmountE4 / filledQty);
    row['status'] = STATUS_NAMES[status] ?? String(status);
    row['updatedNs'] = this.#ctx().nowNs;
    if (code !== 0) row['reason'] = reasonOf(code, stage);
    return row;
  }

  /** An order was refused; its row, null when what was refused is a cancel. */
  onReject({ intentNo, action, code, stage }: RejectView): Row | null {
    const row = this.#orders.get(this.coidOf(intentNo));
    if (row === undefined || action !== ACTION_PLACE) return null;
    row['status'] = 'rejected';
    row['updatedNs'] = this.#ctx().nowNs;
    row['reason'] = reasonOf(code, stage);
    return row;
  }

  onTrade(trade: TradeView): Row {
    const row = {
      fillId: `${this.#ctx().day}-${this.#fills.length + 1}`,
      ...{ coid: this.coidOf(trade.intentNo), account: ACCOUNT, strategy: 'script' },
      instrument: this.#symbol(trade.instrument),
      side: trade.side === SIDE_BUY ? 'buy' : 'sell',
      ...{ priceE4: trade.priceE4, qty: trade.qty, feeE4: trade.feeE4, ns: trade.eventNs },
    };
    this.#fills.push(row);
    return row;
  }

  onParent(parent: ParentView): void {
    const row = this.#parents.get(parent.intentNo) ?? this.parent(parent.intentNo, '', parent.qty);
    row['state'] = PARENT_STATE_NAMES[parent.state] ?? String(parent.state);
    row['filledQty'] = parent.filledQty;
    row['workingQty'] = parent.workingQty;
    if (parent.code !== 0) row['reason'] = reasonOf(parent.code, 0);
  }

  /** A parent order that was just asked for. */
  parent(intentNo: number, kind: string, qty: number): Row {
    const row = {
      ...{ parentNo: intentNo, intentNo, account: ACCOUNT, strategy: 'script', kind, qty },
      ...{ filledQty: 0, workingQty: 0, state: 'accepted', updatedNs: this.#ctx().nowNs },
    };
    this.#parents.set(intentNo, row);
    return row;
  }

  parents(): Row[] {
    return [...this.#parents.values()];
  }

  /** Rows that pass the filters of the interface. */
  orders(query: Row): Row[] {
    const { status, key } = query;
    const coid = typeof key === 'string' ? (this.#keys.get(key)?.coid ?? '') : query['coid'];
    return [...this.#orders.values()].filter((row) => {
      const isDone = FINISHED.has(row['status'] as string);
      if (status === 'open' && isDone) return false;
      if (status === 'finished' && !isDone) return false;
      return matches(row, { ...query, coid }, ['instrument', 'side', 'coid']);
    });
  }

  fills(query: Row): Row[] {
    return this.#fills.filter((row) => matches(row, query, ['instrument', 'side', 'coid']));
  }

  account(): Row {
    const { cashE4, reservedE4, feesE4, marketValueE4 } = this.#ctx().account();
    const equityE4 = cashE4 + marketValueE4;
    const pnlE4 = equityE4 - this.#startE4;
    const unrealisedE4 = this.positions().reduce(
      (sum, row) => sum + Number(row['unrealisedE4']),
      0,
    );
    const figures = { cashE4, reservedE4, feesE4, marketValueE4, equityE4, pnlE4, unrealisedE4 };
    return { account: ACCOUNT, ...figures, realisedE4: pnlE4 - unrealisedE4 };
  }

  positions(): Row[] {
    const ctx = this.#ctx();
    return ctx.instruments.flatMap(({ index, symbol, preCloseE4 }) => {
      const { qty, sellableQty, frozenQty, costAmountE4 } = ctx.position(index);
      if (qty === 0) return [];
      const lastE4 = ctx.lastE4(index) || preCloseE4;
      const marketValueE4 = qty * lastE4;
      return [
        {
          ...{ account: ACCOUNT, instrument: symbol, qty, sellableQty, frozenQty, lastE4 },
          ...{ costE4: Math.round(costAmountE4 / qty), marketValueE4, realisedE4: 0 },
          unrealisedE4: marketValueE4 - costAmountE4,
        },
      ];
    });
  }

  #newOrder(
    intentNo: number,
    wish: { instrument: number; side: number; kind: number; priceE4: number; qty: number },
  ): Row {
    const { nowNs } = this.#ctx();
    const row = {
      ...{ coid: this.coidOf(intentNo), account: ACCOUNT, strategy: 'script' },
      instrument: this.#symbol(wish.instrument),
      side: wish.side === SIDE_BUY ? 'buy' : 'sell',
      kind: KINDS[wish.kind] ?? 'limit',
      ...{ priceE4: wish.priceE4, qty: wish.qty, filledQty: 0, avgPriceE4: 0 },
      status: STATUS_NAMES[STATUS_PENDING]!,
      ...{ createdNs: nowNs, updatedNs: nowNs },
    };
    this.#orders.set(row.coid, row);
    return row;
  }

  #symbol(instrument: number): string {
    return this.#ctx().instruments.find(({ index }) => index === instrument)?.symbol ?? '';
  }
}

function matches(row: Row, query: Row, fields: readonly string[]): boolean {
  return fields.every((field) => query[field] === undefined || query[field] === row[field]);
}

/** Why, as the interface says it. */
export function reasonOf(code: number, stage: number): object {
  return { stage: STAGE_NAMES[stage] ?? '', code, text: rejectText(code) };
}
