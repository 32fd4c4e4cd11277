// The two shapes most limits have: a meter of the row, or of the row in the instrument, plus what
// the order adds, against the limit of each of the order's three rows. Called by the checks.
// Invariant: the first refusing row is the one reported (firm, then account, then strategy).
import { REJECT_NONE } from '../reject-code.ts';
import { SLOTS } from './limit-table.ts';
import type { RiskState } from './risk-state.ts';

/** Refuses with `code` where column[row] + s.add is above the limit in `slot`. */
export function overRows(s: RiskState, column: Float64Array, slot: number, code: number): number {
  const { values } = s;
  for (let k = 0; k < 3; k++) {
    const row = s.caseRows[k];
    const limit = values[row * SLOTS + slot];
    const found = column[row] + s.add;
    if (found > limit) {
      s.value = found;
      s.limit = limit;
      s.row = row;
      return code;
    }
  }
  return REJECT_NONE;
}

/** Refuses with `code` where s.add alone is above the limit in `slot` of any row. */
export function overLimits(s: RiskState, slot: number, code: number): number {
  const { values } = s;
  for (let k = 0; k < 3; k++) {
    const row = s.caseRows[k];
    const limit = values[row * SLOTS + slot];
    if (s.add > limit) {
      s.value = s.add;
      s.limit = limit;
      s.row = row;
      return code;
    }
  }
  return REJECT_NONE;
}

/** Whether `slot` is at `off` in all three rows of the order. */
export function limitOf(s: RiskState, k: number, slot: number): number {
  s.row = s.caseRows[k];
  return s.values[s.row * SLOTS + slot];
}
