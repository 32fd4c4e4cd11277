// Watches a limits file while the engine runs: a changed file is checked whole and sent to risk; one
// with errors is refused whole, the limits in force stay, and people are told every error. Called by
// engine/main.ts. Always: polling, which also sees a file replaced by rename on any file system.
import { unwatchFile, watchFile } from 'node:fs';
import type { RuleEntries } from '../core/risk/rule-entry.ts';
import { loadRules, type RuleNames } from '../risk-limits.ts';

const LOOK_MS = 1_000;

export interface LimitsWatch {
  close(): void;
}

/** `apply` gets each good rule set that differs from the one before; `log` every refusal. */
export function watchLimits(
  path: string,
  names: RuleNames,
  inForce: RuleEntries,
  apply: (rules: RuleEntries) => void,
  log: (level: 'info' | 'warn', text: string) => void,
): LimitsWatch {
  let hash = inForce.hash;
  const look = (): void => {
    try {
      const rules = loadRules(path, names);
      if (rules.hash === hash) return;
      hash = rules.hash;
      log('info', `limits file changed: sending rule set ${nameOf(hash)} to risk`);
      apply(rules);
    } catch (error) {
      log('warn', `${(error as Error).message}\nrule set ${nameOf(hash)} stays in force`);
    }
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, look);
  return { close: () => unwatchFile(path, look) };
}

/** A rule set's hash as people see it. */
export function nameOf(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0');
}
