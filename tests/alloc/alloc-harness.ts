// Measures what a scenario allocates per event, in a child process of its own (design, section 8).
// A scenario file exports `scenario: AllocScenario`; a test names the file and asserts the report.
// A report with a collection inside its window is worthless and throws.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What to measure. */
export interface AllocScenario {
  /** Events before the window; enough for the optimising compiler, 200,000 or more. */
  readonly warmupEvents: number;
  /** Events in the window; at most 200 MiB of garbage may fall in it. */
  readonly events: number;
  /** Handles that many events; called several times. Returns a number that depends on all work. */
  run(events: number): number;
}

export interface AllocReport {
  readonly events: number;
  /** Garbage and kept objects on the JavaScript heap, bytes per event. */
  readonly bytesPerEvent: number;
  /** Growth of memory outside the heap (buffers), bytes. */
  readonly externalBytes: number;
  /** Growth of the heap after full collections, bytes: what the events left behind for good. */
  readonly retainedBytes: number;
  readonly collections: number;
  readonly checksum: number;
}

const FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
const CHILD = fileURLToPath(new URL('./alloc-child.ts', import.meta.url));

/** Fresh processes tried: one whose compiler inlined unluckily boxes numbers in every window. */
const ATTEMPTS = 3;

/** Kept bytes an event that every scenario stays below. */
const ENOUGH_RETAINED = 0.1;

/**
 * Runs the scenario of `file` (`new URL('./x.scenario.ts', import.meta.url)`) and reports. A second
 * and third process are tried only while more than `enoughBytes` an event were allocated, or more
 * was kept than a compiler that finished late leaves behind; the leanest counts, since what the
 * code really allocates or keeps every process shows.
 */
export async function measureAllocation(file: URL, enoughBytes: number): Promise<AllocReport> {
  let report = await measureOnce(file);
  for (let i = 1; i < ATTEMPTS && isFat(report, enoughBytes); i++) {
    const next = await measureOnce(file);
    if (!isFat(next, enoughBytes) || next.bytesPerEvent < report.bytesPerEvent) report = next;
  }
  return report;
}

function isFat(report: AllocReport, enoughBytes: number): boolean {
  const { bytesPerEvent, retainedBytes, events } = report;
  return bytesPerEvent > enoughBytes || retainedBytes / events > ENOUGH_RETAINED;
}

async function measureOnce(file: URL): Promise<AllocReport> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...FLAGS, CHILD, file.href], {
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
  });
  const report = JSON.parse(stdout.trim().split('\n').at(-1)!) as AllocReport;
  if (report.collections > 0) {
    throw new Error(
      `${file.pathname}: ${report.collections} collections in the window; fewer events`,
    );
  }
  return report;
}
