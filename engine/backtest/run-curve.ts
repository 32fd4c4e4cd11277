// The equity of one account while a day runs, at most a point a minute, read from the account
// as the OMS has it, and the last price when each order was first heard of. Fed by RunCollector
// (report.ts), read by run-metrics.ts. Always: nothing is looked at between two minutes of market
// time, so the run pays nothing for it; in minutes without any event there is no point.
import { type Account, accountValueE4 } from '../core/account.ts';
import type { CurvePoint } from './analytics/input.ts';

export class RunCurve {
  readonly points: CurvePoint[] = [];
  /** Last price when an order was first heard of, by its number of the day. */
  readonly decisions = new Map<number, number>();
  readonly #day: number;
  #account: Account | null = null;
  #lastNs = 0;

  constructor(day: number) {
    this.#day = day;
  }

  /** The account of the run; before the first event. */
  watch(account: Account): void {
    this.#account = account;
  }

  /** The first event of a minute has happened. */
  sample(timeNs: number): void {
    this.#lastNs = timeNs;
    this.points.push({ day: this.#day, timeNs, equityE4: this.equityE4 });
  }

  /** An order is heard of; only the first time counts. */
  order(orderNo: number, instrument: number): void {
    const lastE4 = this.#account?.positions.lastE4[instrument] ?? 0;
    if (lastE4 > 0 && !this.decisions.has(orderNo)) this.decisions.set(orderNo, lastE4);
  }

  /** The curve, closed with the account as it is now, at `timeNs` or behind the last point. */
  ended(timeNs: number): CurvePoint[] {
    const last = { day: this.#day, timeNs: Math.max(timeNs, this.#lastNs) };
    return [...this.points, { ...last, equityE4: this.equityE4 }];
  }

  /** Cash and shares at last prices; 0 before watch(). */
  get equityE4(): number {
    const account = this.#account;
    return account === null ? 0 : account.cash.cashE4 + accountValueE4(account);
  }
}
