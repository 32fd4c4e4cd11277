// The bridge's own hard limits: the last wall before the broker, below which no engine, however
// broken, can go. Read from a JSON file at start, checked whole. Called by bridge.ts. Always:
// every order is counted when it is written, before it is sent; cancels are never limited.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  REJECT_NONE,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_RATE,
} from '../../engine/core/reject-code.ts';

const SECOND_MS = 1_000;
const count = (max: number) => z.number().int().min(1).max(max);

const limitsSchema = z.strictObject({
  /** Orders of an account in any second. */
  ordersPerSecond: count(300).default(50),
  ordersPerDay: count(20_000).default(20_000),
  /** Yuan; orders without a price count at the price at which the engine reserved them. */
  orderAmount: z.number().positive().max(1e11).default(10_000_000),
  dayAmount: z.number().positive().max(1e12).default(1_000_000_000),
});

/** Amounts in yuan. */
export type BridgeLimits = z.output<typeof limitsSchema>;

export const DEFAULT_LIMITS: BridgeLimits = limitsSchema.parse({});

/** The limits in `file`; throws with all that is wrong. */
export function readLimits(file: string): BridgeLimits {
  const found = limitsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (found.success) return found.data;
  const lines = found.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`limits of ${file}: ${lines.join('; ')}`);
}

/** Order times of the last second of one account, and the verdict over an order. */
export class LimitGate {
  readonly #limits: BridgeLimits;
  readonly #times: number[] = [];
  #closedUntilMs: number;

  /** `restartedMs`: orders of a life before may be as young as this; a second is waited. */
  constructor(limits: BridgeLimits, restartedMs: number | null) {
    this.#limits = limits;
    this.#closedUntilMs = restartedMs === null ? 0 : restartedMs + SECOND_MS;
  }

  /** REJECT_*; `placed` and `placedE4` of the day so far. Counts the order when it passes. */
  check(amountE4: number, placed: number, placedE4: number, nowMs: number): number {
    const { ordersPerSecond, ordersPerDay, orderAmount, dayAmount } = this.#limits;
    // Not above: an amount of NaN must not pass.
    if (!(amountE4 > 0 && amountE4 <= orderAmount * 10_000)) return REJECT_ORDER_AMOUNT;
    if (!(placedE4 + amountE4 <= dayAmount * 10_000)) return REJECT_ORDER_AMOUNT;
    if (placed >= ordersPerDay || nowMs < this.#closedUntilMs) return REJECT_ORDER_RATE;
    while (this.#times.length > 0 && this.#times[0]! <= nowMs - SECOND_MS) this.#times.shift();
    if (this.#times.length >= ordersPerSecond) return REJECT_ORDER_RATE;
    this.#times.push(nowMs);
    return REJECT_NONE;
  }
}
