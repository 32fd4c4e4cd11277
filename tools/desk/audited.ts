// Writes what a person does by the command line into the audit log of the engine's run folder.
// Called by the commands that change something. Always: what raises risk is written down before it
// is done; what lowers it is done whether or not it can be written.
import { userInfo } from 'node:os';
import process from 'node:process';
import type { Outcome } from '../../engine/control/outcome.ts';
import { AuditLog } from '../../engine/journal/audit-log.ts';

type About = { readonly [name: string]: string | number | boolean };

/** Who it was, when nobody says: the user of the operating system. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown user';
  }
}

export interface AuditedStep {
  readonly dir: string;
  readonly what: string;
  readonly about?: About;
  readonly by?: string | undefined;
  /** It raises risk: without a line in the log it is not done. */
  readonly first?: boolean;
}

/** Runs `use` with its lines in the log; what it gave. */
export async function audited<Data>(
  { dir, what, about = {}, by = userName(), first = false }: AuditedStep,
  use: () => Outcome<Data> | Promise<Outcome<Data>>,
): Promise<Outcome<Data>> {
  const log = new AuditLog(dir);
  const step = { who: by, from: 'command line', what, about };
  if (first) log.append({ ...step, result: 'asked' });
  const outcome = await use();
  const result = outcome.ok ? 'done' : `${outcome.error.code}: ${outcome.error.message}`;
  try {
    log.append({ ...step, result });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`warning: the audit log could not be written: ${why}\n`);
  }
  return outcome;
}
