// What only the running engine knew when its session ended: the last prices, and the broker's own
// figures as last asked. Written into the run folder by the core after its threads have ended, read
// by the reports and the close of the day. Always: money never needs them, so they may be absent;
// without them shares are valued at the last fill or the close of the day before, which is said.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The broker's word on one account at the end; quantities by instrument index. */
export interface BrokerFacts {
  readonly cashE4: number;
  readonly qty: readonly number[];
}

export interface AccountEndFacts {
  readonly id: string;
  /** By instrument index; 0 = none seen. */
  readonly lastE4: readonly number[];
  /** null = no whole statement came. */
  readonly broker: BrokerFacts | null;
}

export interface EndFacts {
  readonly day: number;
  readonly accounts: readonly AccountEndFacts[];
}

export const END_FILE = 'end.json';

export function writeEndFacts(runDir: string, facts: EndFacts): void {
  const path = join(runDir, END_FILE);
  writeFileSync(`${path}.draft`, `${JSON.stringify(facts)}\n`);
  renameSync(`${path}.draft`, path);
}

/** The facts of this day, or null: absent, unreadable, or of another day. */
export function readEndFacts(runDir: string, day: number): EndFacts | null {
  const path = join(runDir, END_FILE);
  if (!existsSync(path)) return null;
  try {
    const facts = JSON.parse(readFileSync(path, 'utf8')) as EndFacts;
    return facts.day === day && Array.isArray(facts.accounts) ? facts : null;
  } catch {
    return null;
  }
}
