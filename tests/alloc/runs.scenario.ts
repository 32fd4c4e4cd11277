// A thousand runs of a small day in one process, for runs.long.test.ts: prints what of memory is
// left behind full collections. Always: every run ends with the same state hash.
import { executeBacktest } from '../../engine/backtest/command.ts';
import { runOptions, tempDir, writeDay, writeStrategy } from '../support/run-options.ts';

/** Memory behind so many runs, bytes. */
export interface RunsMemory {
  readonly runs: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
}

declare const gc: () => void;

const runs = Number(process.argv[2]);
const dir = tempDir();
const options = runOptions(writeStrategy(dir), await writeDay(dir, 0.01));
const seen: RunsMemory[] = [];
let hash = '';
for (let n = 1; n <= runs; n++) {
  const { report } = await executeBacktest(options);
  if (hash !== '' && report.stateHash !== hash) throw new Error(`run ${n}: another state`);
  hash = report.stateHash;
  if (n % (runs / 10) !== 0) continue;
  gc();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  seen.push({ runs: n, heapBytes: heapUsed, externalBytes: external, rssBytes: rss });
}
console.log(JSON.stringify(seen));
