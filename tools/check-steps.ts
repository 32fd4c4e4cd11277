// Runs the steps of check.ts on a few cores: several at a time in the order given, those marked
// alone after all others and one by one. Called by check.ts, and by its tests with whole fakes.
// Invariant: every step is run exactly once, whatever the others answer.

/** Tests that ran inside a step. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One check: a Node program and its arguments. */
export interface Step {
  readonly name: string;
  /** What it looks at, for people. */
  readonly about: string;
  readonly args: readonly string[];
  /** It is ended and fails after this many seconds. */
  readonly limitS: number;
  /** Needs all cores, or what the other steps make. */
  readonly isAlone?: boolean;
  /** Asked after exit code 0: '' or what is wrong all the same. */
  readonly verify?: () => string;
  readonly counts?: () => TestCounts | undefined;
}

/** What became of a step. */
export interface StepResult {
  readonly name: string;
  readonly isOk: boolean;
  readonly seconds: number;
  readonly output: string;
  readonly counts: TestCounts | undefined;
}

/** Runs all steps, `lanes` at a time; `onEnd` hears of each as it ends. Results in step order. */
export async function runSteps(
  steps: readonly Step[],
  lanes: number,
  run: (step: Step) => Promise<StepResult>,
  onEnd: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results = new Map<string, StepResult>();
  const waiting = steps.filter((step) => step.isAlone !== true);
  const runOne = async (step: Step) => {
    const result = await run(step);
    results.set(step.name, result);
    onEnd(result);
  };
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      await runOne(step);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const step of steps) if (step.isAlone === true) await runOne(step);
  return steps.flatMap((step) => results.get(step.name) ?? []);
}
