// Watches a limits file while the engine runs: a changed file is checked whole and sent
// to risk; one with errors is refused whole, the limits in force stay, and people are told every
// error. Called by engine/main.ts. Always: polling, which also sees a file replaced by rename on
// any file system.
import { statSync } from 'node:fs';
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
  let seen = stateOf(path);
  const timer = setInterval(() => {
    const now = stateOf(path);
    if (now === seen) return;
    seen = now;
    look();
  }, LOOK_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** What changes when a file does; a missing file has a state too. */
function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'missing' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

/** A rule set's hash as people see it. */
export function nameOf(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0');
}
