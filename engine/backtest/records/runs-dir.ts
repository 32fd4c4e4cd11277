// Where runs are recorded when nobody says. Called by the commands that record or read runs; apart
// from the store itself, so that help works where its database does not.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** PANKOU_RUNS, else ~/.pankou/runs; null = PANKOU_RUNS=off. */
export function defaultRunsDir(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['PANKOU_RUNS'] ?? '';
  if (named === 'off') return null;
  return named === '' ? join(homedir(), '.pankou', 'runs') : resolve(named);
}
