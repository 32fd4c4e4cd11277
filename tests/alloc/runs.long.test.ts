// Memory over a thousand backtests in one process stays flat. Run by vitest when PANKOU_LONG=1 is
// set; a minute.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { RunsMemory } from './runs.scenario.ts';

const RUNS = 1_000;
const MIB = 1 << 20;
/** The heap holds what the compiler has made by then; a leak of 2 KiB a run would show. */
const HEAP_GROWTH = 2 * MIB;

test.skipIf(process.env['PANKOU_LONG'] !== '1')(
  'a thousand runs leave no more memory behind than the first few hundred',
  async () => {
    const child = fileURLToPath(new URL('./runs.scenario.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--expose-gc', child, String(RUNS)],
    ]);
    console.log(stdout.trim());
    const seen = JSON.parse(stdout) as RunsMemory[];
    const early = seen[2]!;
    const last = seen.at(-1)!;
    expect(last.runs).toBe(RUNS);
    expect(last.heapBytes - early.heapBytes).toBeLessThan(HEAP_GROWTH);
    expect(last.externalBytes - early.externalBytes).toBeLessThan(MIB);
  },
  300_000,
);
