// The bridge's own hard limits: the last wall before the broker, below which no engine, however
// broken, can go. Read from a JSON file at start, checked whole. Called by bridge.ts. Always:
// every order is counted when it is written, before it is sent; cancels are never limited.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  REJECT_DISARMED,
  REJECT_NONE,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_RATE,
  REJECT_PILOT_AMOUNT,
  REJECT_PILOT_LIST,
  REJECT_SHADOW,
  REJECT_WHITE_LIST,
} from '../../engine/core/reject-code.ts';
import { ARM_FULL, ARM_PILOT, ARM_SHADOW } from '../../engine/messages/codes.ts';

const SECOND_MS = 1_000;
const count = (max: number) => z.number().int().min(1).max(max);

const limitsSchema = z.strictObject({
  /** Orders of an account in any second. */
  ordersPerSecond: count(300).default(50),
  ordersPerDay: count(20_000).default(20_000),
  /** Yuan; orders without a price count at the price at which the engine reserved them. */
  orderAmount: z.number().positive().max(1e11).default(10_000_000),
  dayAmount: z.number().positive().max(1e12).default(1_000_000_000),
  /** What may be traded at all, `600519.SH`; absent = everything. */
  symbols: z
    .array(z.string().regex(/^\d{6}\.(SH|SZ|BJ)$/))
    .max(10_000)
    .optional(),
  /** Engines that do not tell a stage (docs/ARMING.md) may not trade here. */
  requireArming: z.boolean().default(false),
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

/** The stage of an account as its engine told it; amounts in 1/10,000 yuan. */
export interface BridgeStage {
  /** ARM_*. */
  readonly stage: number;
  readonly orderAmountE4: number;
  readonly dayAmountE4: number;
  /** What its pilot may trade. */
  readonly symbols: ReadonlySet<string>;
}

/**
 * Whether an order may go out in the stage of its account; null = its engine tells no stage, which
 * is for simulated accounts. REJECT_*; `placedE4` of the day so far.
 */
export function stageRefusal(
  stage: BridgeStage | null,
  symbol: string,
  amountE4: number,
  placedE4: number,
): number {
  if (stage === null || stage.stage === ARM_FULL) return REJECT_NONE;
  if (stage.stage === ARM_SHADOW) return REJECT_SHADOW;
  if (stage.stage !== ARM_PILOT) return REJECT_DISARMED;
  if (!stage.symbols.has(symbol)) return REJECT_PILOT_LIST;
  // Not above: an amount of NaN must not pass.
  if (!(amountE4 > 0 && amountE4 <= stage.orderAmountE4)) return REJECT_PILOT_AMOUNT;
  return placedE4 + amountE4 <= stage.dayAmountE4 ? REJECT_NONE : REJECT_PILOT_AMOUNT;
}

/** Order times of the last second of one account, and the verdict over an order. */
export class LimitGate {
  readonly #limits: BridgeLimits;
  readonly #symbols: ReadonlySet<string> | null;
  readonly #times: number[] = [];
  #closedUntilMs: number;

  /** `restartedMs`: orders of a life before may be as young as this; a second is waited. */
  constructor(limits: BridgeLimits, restartedMs: number | null) {
    this.#limits = limits;
    this.#symbols = limits.symbols === undefined ? null : new Set(limits.symbols);
    this.#closedUntilMs = restartedMs === null ? 0 : restartedMs + SECOND_MS;
  }

  /** Whether engines must tell a stage. */
  get requiresArming(): boolean {
    return this.#limits.requireArming;
  }

  /** REJECT_NONE, or that the symbol is not on the list of this bridge. */
  symbolRefusal(symbol: string): number {
    return this.#symbols === null || this.#symbols.has(symbol) ? REJECT_NONE : REJECT_WHITE_LIST;
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
