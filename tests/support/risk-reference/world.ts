// The firm as a log: every quote, order, fill, cancel and refusal in plain objects, and what can be
// said of them by looking through all of it. The reference rules read only this.
// Used by the risk property tests. Always: nothing is counted on the way, everything is derived.
import type { Instrument } from '../../../engine/core/instrument.ts';
import type { LimitKey } from './limit-choices.ts';

export interface LoggedFill {
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
}

export interface LoggedOrder {
  readonly id: number;
  readonly account: number;
  readonly strategy: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly valueE4: number;
  readonly nowNs: number;
  readonly confirmed: number;
  /** Mark when it was sent. */
  referenceE4: number;
  fills: LoggedFill[];
  ended: boolean;
  answered: boolean;
}

export interface LoggedQuote {
  readonly instrument: number;
  readonly phase: number;
  readonly lastE4: number;
  readonly preCloseE4: number;
  readonly bidE4: number;
  readonly askE4: number;
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  readonly volume: number;
  readonly eventNs: number;
  readonly stale: number;
}

/** Something that a stop in a row is judged by. */
export interface LoggedTurn {
  readonly what: 'sent' | 'refused' | 'accepted' | 're-enabled';
  readonly account: number;
  readonly strategy: number;
  readonly instrument: number;
  readonly side: number;
}

export interface LoggedCancel {
  readonly account: number;
  readonly strategy: number;
  readonly nowNs: number;
  readonly ageNs: number;
}

/** Limits of one scope by key; absent = off. Money in E4. */
export type ScopeLimits = { readonly [key in LimitKey]?: number };

/** A limits file as plain data. */
export interface WorldLimits {
  readonly firm: ScopeLimits;
  readonly accounts: readonly ScopeLimits[];
  readonly strategies: readonly ScopeLimits[];
  /** Instruments listed by scope: firm, accounts, strategies. */
  readonly black: readonly (readonly number[])[];
  readonly white: readonly (readonly number[] | null)[];
  readonly industries: readonly (readonly number[])[];
  readonly warned: readonly number[];
  readonly owners: readonly number[];
  readonly managers: readonly number[];
  readonly permissions: readonly (readonly string[])[];
  readonly breaker: number;
}

export class World {
  readonly limits: WorldLimits;
  readonly instruments: readonly Instrument[];
  readonly orders: LoggedOrder[] = [];
  readonly quotes: LoggedQuote[] = [];
  readonly cancels: LoggedCancel[] = [];
  readonly turns: LoggedTurn[] = [];
  readonly killed = new Set<string>();
  readonly paused = new Set<number>();
  /** Cash of each account at the open, and its shares. */
  readonly cashE4: readonly number[];
  readonly opening: readonly (readonly number[])[];
  /** Times of the broker's answers, by account. */
  readonly answers: { account: number; nowNs: number }[] = [];
  /** Rates that were refused: which row, and when. */
  readonly rateRefusals: { k: number; account: number; strategy: number; nowNs: number }[] = [];

  constructor(
    limits: WorldLimits,
    instruments: readonly Instrument[],
    cashE4: readonly number[],
    opening: readonly (readonly number[])[],
  ) {
    this.limits = limits;
    this.instruments = instruments;
    this.cashE4 = cashE4;
    this.opening = opening;
  }

  /** Limit of row k (0 firm, 1 account, 2 strategy) of an order; undefined = off. */
  limit(k: number, order: LoggedOrder, key: LimitKey): number | undefined {
    if (k === 0) return this.limits.firm[key];
    if (k === 1) return this.limits.accounts[order.account]![key];
    return this.limits.strategies[order.strategy]![key];
  }

  /** Last quote of an instrument. */
  quote(instrument: number): LoggedQuote | undefined {
    return this.quotes.findLast((q) => q.instrument === instrument);
  }

  /** Last price, else the close of the day before. */
  mark(instrument: number): number {
    const last = this.last(instrument);
    return last > 0 ? last : this.instruments[instrument]!.preCloseE4;
  }

  /** Last trade; 0 = none today. */
  last(instrument: number): number {
    const traded = this.quotes.findLast((q) => q.instrument === instrument && q.lastE4 > 0);
    return traded?.lastE4 ?? 0;
  }

  /** Orders of row k. */
  sent(k: number, order: LoggedOrder): LoggedOrder[] {
    return this.orders.filter((o) => sameRow(k, o, order));
  }

  /** Cancels of row k. */
  cancelled(k: number, order: LoggedOrder): LoggedCancel[] {
    return this.cancels.filter((c) => sameRow(k, c, order));
  }

  /** Shares that row k holds of an instrument. */
  held(k: number, order: LoggedOrder, instrument: number): number {
    const all = this.sent(k, order).filter((o) => o.instrument === instrument);
    return this.atOpen(k, order, instrument) + sum(all, (o) => signOf(o) * filled(o));
  }

  /** Shares of the accounts at the open; a strategy opens with none. */
  atOpen(k: number, order: LoggedOrder, instrument: number): number {
    if (k === 2) return 0;
    const rows = k === 0 ? this.opening : [this.opening[order.account]!];
    return sum(rows, (row) => row[instrument]!);
  }

  /** Value of row k's open orders of one side, of one instrument or of all (-1). */
  openE4(k: number, order: LoggedOrder, side: number, instrument = -1): number {
    const open = this.sent(k, order).filter((o) => o.side === side && !o.ended);
    const here = open.filter((o) => instrument < 0 || o.instrument === instrument);
    return sum(here, (o) => leaves(o) * o.valueE4);
  }

  heldE4(k: number, order: LoggedOrder): number {
    return sum(this.instruments, (i) => this.held(k, order, i.index) * this.mark(i.index));
  }

  cash(k: number, order: LoggedOrder): number {
    const opening =
      k === 0 ? sum(this.cashE4, (c) => c) : k === 1 ? this.cashE4[order.account]! : 0;
    const paid = (o: LoggedOrder) => sum(o.fills, (f) => signOf(o) * f.priceE4 * f.qty + f.feeE4);
    return opening - sum(this.sent(k, order), paid);
  }

  equity(k: number, order: LoggedOrder): number {
    return this.cash(k, order) + this.heldE4(k, order);
  }

  /** Cash and shares at the open, at the close of the day before. */
  openingE4(k: number, order: LoggedOrder): number {
    const cash = k === 0 ? sum(this.cashE4, (c) => c) : k === 1 ? this.cashE4[order.account]! : 0;
    const shares = sum(this.instruments, (i) => this.atOpen(k, order, i.index) * i.preCloseE4);
    return cash + shares;
  }
}

export function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

export function signOf(order: LoggedOrder): number {
  return order.side === 1 ? 1 : -1;
}

export function filled(order: LoggedOrder): number {
  return sum(order.fills, (f) => f.qty);
}

export function leaves(order: LoggedOrder): number {
  return Math.max(0, order.qty - filled(order));
}

/** Whether something belongs to row k of an order. */
export function sameRow(
  k: number,
  one: { account: number; strategy: number },
  order: { account: number; strategy: number },
): boolean {
  if (k === 0) return true;
  return k === 1 ? one.account === order.account : one.strategy === order.strategy;
}
