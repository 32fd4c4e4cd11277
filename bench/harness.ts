// What every bench shares: result and suite types, batch timing, percentiles, pinning, the table.
// Suites are bench/*.bench.ts files that export `suite`; bench/run.ts runs them. Always: single
// calls are never timed near the clock's resolution, and every timed answer is checked.
import CliTable from 'cli-table3';
import * as hdr from 'hdr-histogram-js';
import { Bench } from 'tinybench';

/** One line of the table. Percentiles are in `unit`. */
export interface BenchResult {
  name: string;
  unit: string;
  value: number;
  /** Name of the result that `ratio` compares with. */
  baseline?: string;
  /** How many times better than the baseline: above 1 is better, whatever the unit. */
  ratio?: number;
  p50?: number;
  p99?: number;
  p999?: number;
  max?: number;
  /** Same work, same checksum: on every machine and in every variant. */
  checksum?: string;
  note?: string;
}

/** One file of benches. */
export interface BenchSuite {
  name: string;
  /** `quick`: tiny inputs, in a second or two, to see that the bench still works. */
  run(opts: { quick: boolean }): Promise<BenchResult[]>;
}

/** One way to do the work; `run` does the whole batch and returns its checksum. */
export interface BatchTask {
  name: string;
  run(): number;
}

export interface BatchOptions {
  quick: boolean;
  /** Operations in one call of `run`. */
  operations: number;
  unit?: string;
  /** Task that the others are compared with; its ratio is left out. */
  baseline?: string;
  /** False where the tasks do different work on purpose. Default true. */
  sameChecksum?: boolean;
}

/** Median time per operation of each task, timed in whole batches by tinybench, warmed up. */
export async function timeBatches(
  tasks: readonly BatchTask[],
  options: BatchOptions,
): Promise<BenchResult[]> {
  const checksums = tasks.map((task) => String(task.run()));
  if (options.sameChecksum !== false) assertSame(tasks, checksums);
  const bench = new Bench({
    iterations: options.quick ? 3 : 30,
    time: options.quick ? 1 : 500,
    warmupIterations: options.quick ? 2 : 10,
    warmupTime: options.quick ? 1 : 200,
    throws: true,
  });
  for (const task of tasks) bench.add(task.name, () => void task.run());
  await bench.run();
  const results = bench.tasks.map((task, i) => {
    const stats = task.result;
    if (stats.state !== 'completed') throw new Error(`${task.name}: bench ${stats.state}`);
    const value = (stats.latency.p50 * 1e6) / options.operations;
    const unit = options.unit ?? 'ns/op';
    return { name: task.name, unit, value, checksum: checksums[i] };
  });
  return compareWith(results, options.baseline);
}

/** Adds `ratio`, how many times less time than the baseline; for units where less is better. */
export function compareWith(results: readonly BenchResult[], baseline?: string): BenchResult[] {
  if (baseline === undefined) return [...results];
  const base = results.find((r) => r.name === baseline);
  if (base === undefined) throw new Error(`no result ${baseline} to compare with`);
  return results.map((r) => (r === base ? r : { ...r, baseline, ratio: base.value / r.value }));
}

function assertSame(tasks: readonly BatchTask[], checksums: readonly string[]): void {
  for (let i = 1; i < tasks.length; i++) {
    if (checksums[i] === checksums[0]) continue;
    const found = `${tasks[i].name} answered ${checksums[i]}`;
    throw new Error(`${found}, ${tasks[0].name} ${checksums[0]}: not the same work`);
  }
}

/** Latencies of single events with three significant digits, whole units from 1 to 10^10. */
export class LatencyHistogram {
  readonly #histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 1e10,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

  record(value: number): void {
    this.#histogram.recordValue(Math.max(1, Math.round(value)));
  }

  /** p50, p99, p99.9, max and the number of values. */
  summary(): { p50: number; p99: number; p999: number; max: number; count: number } {
    const h = this.#histogram;
    return {
      p50: h.getValueAtPercentile(50),
      p99: h.getValueAtPercentile(99),
      p999: h.getValueAtPercentile(99.9),
      max: h.maxValue,
      count: h.totalCount,
    };
  }
}

/** Pins the calling thread to the `index`-th core it may use; '' or why it runs unpinned. */
export async function pinToCore(index: number): Promise<string> {
  const { allowedCores, pinCurrentThread } = await import('../engine/host/affinity.ts');
  const cores = allowedCores();
  if (cores.length < 2) return 'unpinned: only one core';
  const result = pinCurrentThread(cores[index % cores.length]);
  return result.ok ? '' : `unpinned: ${result.why}`;
}

/** The table that people read. */
export function formatTable(results: readonly BenchResult[]): string {
  const table = new CliTable({
    head: ['bench', 'value', 'unit', 'p50', 'p99', 'p99.9', 'max', 'compared', 'note'],
    style: { head: [], border: [] },
    colWidths: [null, null, null, null, null, null, null, null, 44],
    wordWrap: true,
  });
  for (const r of results) {
    const compared = r.ratio === undefined ? '' : `${r.ratio.toFixed(2)}x of ${r.baseline}`;
    const cells = [r.value, r.p50, r.p99, r.p999, r.max].map(formatNumber);
    table.push([r.name, cells[0], r.unit, ...cells.slice(1), compared, r.note ?? '']);
  }
  return table.toString();
}

function formatNumber(value: number | undefined): string {
  if (value === undefined) return '';
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
