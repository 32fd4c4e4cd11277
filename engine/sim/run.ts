// Runs one seed and says what came of it. Called by campaign.ts, shrink.ts and tests.
// Invariant: same seed and size, same outcome and same hash; a broken assertion of the engine is a
// violation like any other.
import { JournalCorruptError, JournalError } from '../journal/journal-error.ts';
import { Violation } from './violation.ts';
import { type RunSize, World } from './world.ts';

/** A short run, the one the figures speak of. */
export const SHORT_RUN: RunSize = { orders: 60, steps: 2_000, without: new Set() };

export interface RunOutcome {
  readonly seed: number;
  /** Over every send and every report heard, and the lives. */
  readonly hash: string;
  readonly steps: number;
  readonly sends: number;
  readonly crashes: number;
  /** null = everything held. */
  readonly violation: { readonly invariant: string; readonly text: string } | null;
  readonly faults: readonly string[];
  readonly pack: string;
}

/** Runs `seed` to its end. Never throws for what the engine does. */
export async function runSeed(
  seed: number,
  size: RunSize = SHORT_RUN,
  trace: ((line: string) => void) | null = null,
): Promise<RunOutcome> {
  const world = new World(seed, size, trace);
  let violation: RunOutcome['violation'] = null;
  try {
    await world.run();
  } catch (error) {
    violation = violationOf(error);
    trace?.(`${violation.invariant}: ${violation.text}`);
  }
  return {
    seed,
    hash: world.hash.hex(),
    steps: world.step,
    sends: world.auditor.sends,
    crashes: world.crashes,
    violation,
    faults: world.faults.names(),
    pack: world.broker.pack.name,
  };
}

function violationOf(error: unknown): { invariant: string; text: string } {
  if (error instanceof Violation) {
    return { invariant: error.invariant, text: error.message.slice(error.invariant.length + 2) };
  }
  if (error instanceof JournalError || error instanceof JournalCorruptError) {
    return { invariant: 'I18', text: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const name = text.includes('assertion failed') ? 'assertion' : 'exception';
  return { invariant: name, text };
}
