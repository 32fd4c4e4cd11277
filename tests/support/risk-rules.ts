// Rule sets for tests of actors: limits by key and scope, as entries for one or two accounts.
// Used by tests only. Always: what is not named is off.
import { LIMITS } from '../../engine/core/risk/limit-table.ts';
import {
  ENTRY_LIMIT,
  fillRules,
  type RuleEntries,
  type RuleEntry,
} from '../../engine/core/risk/rule-entry.ts';
import { type RiskSizes, RuleSet } from '../../engine/core/risk/rule-set.ts';

/** Limits in engine units (money in 1/10,000 yuan), by row. */
export function rulesByRow(
  sizes: RiskSizes,
  rows: Readonly<Record<number, Readonly<Record<string, number>>>>,
): RuleEntries {
  const entries: RuleEntry[] = [];
  for (const [row, limits] of Object.entries(rows)) {
    for (const [key, value] of Object.entries(limits)) {
      const spec = LIMITS.find((limit) => limit.key === key);
      if (spec === undefined) throw new Error(`no limit ${key}`);
      entries.push([ENTRY_LIMIT, Number(row), spec.slot, value]);
    }
  }
  return { hash: fillRules(new RuleSet(sizes), entries), entries };
}
