// The equity of one account while a day runs, a point a minute, from its fills and the last prices
// shown, and what those prices were when each order was made. Fed by RunCollector (report.ts),
// read by run-metrics.ts. Always: a point holds only what had happened by its time; in between
// minutes without any event there is no point.
import type { EngineSetup } from '../host/setup.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import type { CurvePoint } from './analytics/input.ts';

const NS_PER_MINUTE = 60e9;

export class RunCurve {
  readonly points: CurvePoint[] = [];
  /** Last price when an order was first heard of, by client order id. */
  readonly decisions = new Map<string, number>();
  readonly #day: number;
  readonly #lastE4: number[];
  readonly #qty: number[];
  #cashE4: number;
  #minute = -1;

  constructor(setup: EngineSetup) {
    const account = setup.accounts[0]!;
    this.#day = setup.day;
    this.#cashE4 = account.cashE4;
    this.#lastE4 = setup.instruments.map(({ preCloseE4 }) => preCloseE4);
    this.#qty = setup.instruments.map(() => 0);
    for (const { instrument, qty, costE4 } of account.positions) {
      this.#qty[instrument]! += qty;
      if (this.#lastE4[instrument] === 0) this.#lastE4[instrument] = costE4;
    }
  }

  /** A last price at `timeNs`; 0 = none yet. */
  price(instrument: number, lastE4: number, timeNs: number): void {
    this.#turn(timeNs);
    if (lastE4 > 0) this.#lastE4[instrument] = lastE4;
  }

  fill(instrument: number, side: number, amountE4: number, qty: number, feeE4: number): void {
    this.#cashE4 += side === SIDE_BUY ? -amountE4 - feeE4 : amountE4 - feeE4;
    this.#qty[instrument]! += side === SIDE_BUY ? qty : -qty;
  }

  /** An order is heard of; only the first time counts. */
  order(coid: string, instrument: number): void {
    const lastE4 = this.#lastE4[instrument]!;
    if (lastE4 > 0 && !this.decisions.has(coid)) this.decisions.set(coid, lastE4);
  }

  /** The curve, with `equityE4` as the account has it at the end. */
  ended(equityE4: number): CurvePoint[] {
    const timeNs = (this.#minute + 1) * NS_PER_MINUTE;
    return [...this.points, { day: this.#day, timeNs: Math.max(0, timeNs), equityE4 }];
  }

  get equityE4(): number {
    let valueE4 = this.#cashE4;
    for (const [i, qty] of this.#qty.entries()) valueE4 += qty * this.#lastE4[i]!;
    return valueE4;
  }

  /** Closes the minute before the first event of a later one. */
  #turn(timeNs: number): void {
    const minute = Math.floor(timeNs / NS_PER_MINUTE);
    if (minute <= this.#minute) return;
    const ended = this.#minute < 0 ? minute : this.#minute + 1;
    const equityE4 = this.equityE4;
    this.points.push({ day: this.#day, timeNs: ended * NS_PER_MINUTE, equityE4 });
    this.#minute = minute;
  }
}
