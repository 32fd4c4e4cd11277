// The rule set that is being sent: filled entry by entry in the spare of two sets, and put in force
// whole when number and hash agree. Called by the risk manager (single writer). Invariant: whatever
// goes wrong on the way, the rules in force stay as they were. Allocates at construction only.
import { enforce } from './judge.ts';
import type { RiskState } from './risk-state.ts';
import { applyEntry } from './rule-entry.ts';
import { clearRules, type RuleSet, sealRules } from './rule-set.ts';

/** An entry as a generated flyweight reads it. */
export interface EntryFrame {
  readonly number: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly value: number;
}

export class RuleStaging {
  readonly #state: RiskState;
  #spare: RuleSet;
  /** Entries taken in order; -1 = one was refused or missing: the set cannot take force. */
  #count = 0;
  readonly #value = new Float64Array(1);

  constructor(state: RiskState) {
    this.#state = state;
    this.#spare = state.ruleSets.spare;
  }

  /** Takes the next entry; entry 0 begins anew. */
  add(entry: EntryFrame): void {
    if (entry.number === 0) {
      clearRules(this.#spare);
      this.#count = 0;
    }
    if (entry.number !== this.#count) {
      this.#count = -1;
      return;
    }
    this.#value[0] = entry.value;
    const fits = applyEntry(this.#spare, entry.kind, entry.a, entry.b, this.#value);
    this.#count = fits ? this.#count + 1 : -1;
  }

  /** Puts the set in force when it is whole and is the one that was meant; whether it was. */
  commit(count: number, hash: number): boolean {
    if (count === 0) {
      clearRules(this.#spare);
      this.#count = 0;
    }
    const whole = this.#count === count && sealRules(this.#spare) === hash;
    this.#count = -1;
    if (!whole) return false;
    const before = this.#state.rules;
    enforce(this.#state, this.#spare);
    this.#spare = before;
    return true;
  }
}
