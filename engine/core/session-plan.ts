// The trading day of each instrument as columns of times: when orders are taken again, when the
// last cancel is possible. Made at assembly from the phases that the rule book gave the
// instruments; read by the OMS and by execution. Always: ns since midnight; instruments of equal
// days share a row; nothing here knows a clock time of its own. Allocates at construction only.
import {
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_PRE_OPEN,
} from '../messages/codes.ts';
import type { Instrument } from './instrument.ts';
import { columnsOf, type InstrumentColumns } from './instrument-columns.ts';
import { takesCancels, takesOrders } from './session.ts';

/** More phases than any day has. */
const STEPS = 32;

/** No such moment today. */
export const NEVER_NS = Number.POSITIVE_INFINITY;

let planned: InstrumentColumns | null = null;
let plannedTurns = 0;
let plan: SessionPlan | null = null;

/** The plan of `instruments`: that of the list before, where every day is as it was. At start. */
export function sessionPlanOf(instruments: readonly Instrument[]): SessionPlan {
  const columns = columnsOf(instruments);
  if (plan !== null && columns === planned && columns.turns === plannedTurns) return plan;
  const made = new SessionPlan(instruments); // hot-ok: at assembly
  planned = columns;
  plannedTurns = columns.turns;
  plan = made;
  return made;
}

export class SessionPlan {
  /** Row of each instrument. */
  readonly #row: Int32Array;
  readonly #ns: Float64Array;
  readonly #phase: Int8Array;
  readonly #count: Int32Array;
  /** End of the last phase that takes cancels of working orders, by row. */
  readonly #lastCancelNs: Float64Array;

  /** Throws when an instrument's day has more phases than a day can have. */
  constructor(instruments: readonly Instrument[]) {
    const rows = new Map<string, number>();
    const known = new Map<Instrument['phases'], number>();
    this.#row = new Int32Array(instruments.length);
    for (let i = 0; i < instruments.length; i++) {
      const { phases } = instruments[i]!;
      let row = known.get(phases);
      if (row === undefined) {
        const key = phases.map(({ ns, phase }) => `${ns}:${phase}`).join(' ');
        row = rows.get(key) ?? rows.size;
        rows.set(key, row);
        known.set(phases, row);
      }
      this.#row[i] = row;
    }
    this.#ns = new Float64Array(rows.size * STEPS).fill(NEVER_NS);
    this.#phase = new Int8Array(rows.size * STEPS).fill(PHASE_CLOSED);
    this.#count = new Int32Array(rows.size);
    this.#lastCancelNs = new Float64Array(rows.size);
    for (const [i, instrument] of instruments.entries()) this.#enter(this.#row[i], instrument);
  }

  #enter(row: number, { phases, symbol }: Instrument): void {
    if (this.#count[row] > 0) return;
    if (phases.length > STEPS) {
      // hot-ok: at assembly
      throw new Error(`${symbol}: ${phases.length} phases, expected at most ${STEPS}`);
    }
    this.#count[row] = phases.length;
    for (let k = 0; k < phases.length; k++) {
      const { ns, phase } = phases[k]!;
      this.#ns[row * STEPS + k] = ns;
      this.#phase[row * STEPS + k] = phase;
      if (!takesOrders(phase) || !takesCancels(phase)) continue;
      this.#lastCancelNs[row] = phases[k + 1]?.ns ?? NEVER_NS;
    }
  }

  /** Begin of the next phase after `ns` that takes orders; NEVER_NS = none today. */
  nextOrdersNs(i: number, ns: number): number {
    const k = this.#nextOrders(i, ns);
    return k < 0 ? NEVER_NS : this.#ns[this.#row[i] * STEPS + k];
  }

  /** That phase; PHASE_CLOSED = none today. */
  nextOrdersPhase(i: number, ns: number): number {
    const k = this.#nextOrders(i, ns);
    return k < 0 ? PHASE_CLOSED : this.#phase[this.#row[i] * STEPS + k];
  }

  #nextOrders(i: number, ns: number): number {
    const row = this.#row[i];
    for (let k = 0; k < this.#count[row]; k++) {
      const at = row * STEPS + k;
      if (this.#ns[at] > ns && takesOrders(this.#phase[at])) return k;
    }
    return -1;
  }

  /** Phase at a moment by the plan; PHASE_PRE_OPEN before the first. */
  phaseAt(i: number, ns: number): number {
    const row = this.#row[i];
    let phase = PHASE_PRE_OPEN;
    for (let k = 0; k < this.#count[row] && this.#ns[row * STEPS + k] <= ns; k++) {
      phase = this.#phase[row * STEPS + k];
    }
    return phase;
  }

  /** Begin of the next phase after `ns` that takes cancels of working orders; NEVER_NS = none. */
  nextCancelsNs(i: number, ns: number): number {
    const row = this.#row[i];
    for (let k = 0; k < this.#count[row]; k++) {
      const at = row * STEPS + k;
      if (this.#ns[at] <= ns) continue;
      const phase = this.#phase[at];
      if (takesOrders(phase) && takesCancels(phase)) return this.#ns[at];
    }
    return NEVER_NS;
  }

  /** End of the last phase that takes cancels (14:57, 15:00); 0 = no such phase. */
  lastCancelNs(i: number): number {
    return this.#lastCancelNs[this.#row[i]];
  }

  /**
   * Continuous trading between two moments, ns: lunch and calls do not count (TWAP and VWAP spread
   * their parts over it).
   */
  tradingNs(i: number, fromNs: number, toNs: number): number {
    const row = this.#row[i];
    let sum = 0;
    for (let k = 0; k < this.#count[row]; k++) {
      const at = row * STEPS + k;
      if (this.#phase[at] !== PHASE_CONTINUOUS) continue;
      const from = Math.max(fromNs, this.#ns[at]);
      const end = k + 1 < this.#count[row] ? this.#ns[at + 1] : NEVER_NS;
      sum += Math.max(0, Math.min(toNs, end) - from);
    }
    return sum;
  }

  /** End of the last continuous phase; 0 = the instrument has none. */
  lastContinuousNs(i: number): number {
    const row = this.#row[i];
    let last = 0;
    for (let k = 0; k + 1 < this.#count[row]; k++) {
      const at = row * STEPS + k;
      if (this.#phase[at] === PHASE_CONTINUOUS) last = this.#ns[at + 1];
    }
    return last;
  }

  /** Whether an order made in this phase, which takes none, may wait for a later one of today. */
  mayWait(i: number, phase: number, ns: number): boolean {
    if (phase === PHASE_CLOSED || phase === PHASE_CLOSING_CALL) return false;
    return this.#nextOrders(i, ns) >= 0;
  }
}
