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
  const days = [new World(seed, size, trace)];
  let violation: RunOutcome['violation'] = null;
  try {
    const eve = await days[0]!.run();
    if (eve !== null) {
      days.push(new World(seed, { ...size, steps: Math.ceil(size.steps / 3) }, trace, eve));
      await days[1]!.run();
    }
  } catch (error) {
    violation = violationOf(error);
    trace?.(`${violation.invariant}: ${violation.text}`);
  }
  const [world] = days;
  const sum = (of: (day: World) => number) => days.reduce((total, day) => total + of(day), 0);
  return {
    seed,
    hash: world!.hash.hex(),
    steps: sum((day) => day.step),
    sends: sum((day) => day.auditor.sends),
    crashes: sum((day) => day.crashes),
    violation,
    faults: world!.faults.names(),
    pack: world!.broker.pack.name,
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
