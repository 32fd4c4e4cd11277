// Many seeds one after the other: counts, finds violations, runs one seed in twenty twice to prove
// that a seed is a whole run. Called by command.ts, by plants and by tests.
// Invariant: a seed's outcome does not depend on the seeds before it.
import { type RunOutcome, runSeed, SHORT_RUN } from './run.ts';
import type { RunSize } from './world.ts';

/** Every how many-th seed is run twice. */
const TWICE = 20;

export interface CampaignOptions {
  readonly seeds: number;
  /** First seed, default 1. */
  readonly from?: number;
  readonly size?: RunSize;
  /** Stop at the first violation. */
  readonly first?: boolean;
  readonly onSeed?: (done: number, outcome: RunOutcome) => void;
}

export interface SeedViolation {
  readonly seed: number;
  readonly invariant: string;
  readonly step: number;
  readonly text: string;
}

export interface CampaignResult {
  readonly seeds: number;
  readonly violations: readonly SeedViolation[];
  readonly steps: number;
  readonly sends: number;
  readonly crashes: number;
  readonly seconds: number;
  readonly runsPerMinute: number;
}

/** Runs the seeds. Never throws for what the engine does. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seeds, from = 1, size = SHORT_RUN } = options;
  const violations: SeedViolation[] = [];
  const started = performance.now();
  let [steps, sends, crashes, runs] = [0, 0, 0, 0];
  for (let done = 1; done <= seeds; done++) {
    const seed = from + done - 1;
    let outcome = await runSeed(seed, size);
    runs++;
    if (seed % TWICE === 0) {
      runs++;
      outcome = compare(outcome, await runSeed(seed, size));
    }
    steps += outcome.steps;
    sends += outcome.sends;
    crashes += outcome.crashes;
    const { violation } = outcome;
    if (violation !== null) violations.push({ seed, step: outcome.steps, ...violation });
    options.onSeed?.(done, outcome);
    if (violation !== null && options.first === true) break;
  }
  const seconds = (performance.now() - started) / 1_000;
  const runsPerMinute = Math.round((runs * 60) / seconds);
  return { seeds, violations, steps, sends, crashes, seconds, runsPerMinute };
}

/** The first outcome, or a violation when the second run went another way. */
function compare(first: RunOutcome, second: RunOutcome): RunOutcome {
  if (first.violation !== null) return first;
  const same =
    first.hash === second.hash && first.steps === second.steps && first.sends === second.sends;
  if (same) return first;
  const text = `run twice: hash ${first.hash} and ${second.hash}`;
  return { ...first, violation: { invariant: 'determinism', text } };
}
