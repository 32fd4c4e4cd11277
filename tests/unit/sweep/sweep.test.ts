// Sweeps over a small synthetic day: one worker or two give the same bytes, what was finished is
// not run again, another sweep's folder is refused, and a strategy that remembers is found out.
// Run by vitest.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../../engine/backtest/command.ts';
import { parseAxis } from '../../../engine/backtest/sweep/grid.ts';
import { runSweep, type SweepOptions } from '../../../engine/backtest/sweep/sweep.ts';
import { CROSS, runOptions, tempDir, writeDay, writeStrategy } from '../../support/run-options.ts';

let dir = '';
let data = '';
beforeAll(async () => {
  dir = tempDir();
  data = await writeDay(dir, 0.1);
});

function sweepOptions(changes: Partial<SweepOptions> = {}): SweepOptions {
  return {
    run: runOptions(writeStrategy(dir), data),
    axes: [parseAxis('fast=2..3'), parseAxis('slow=8..10')],
    ...{ random: 0, seed: 1, workers: 1, dir: join(tempDir(), 'sweep') },
    ...{ by: 'pnl' as const, cellLimitMs: 0 },
    ...changes,
  };
}

const csv = (options: SweepOptions) => readFileSync(join(options.dir, 'results.csv'), 'utf8');

test('one worker and two leave the same bytes; a cell is a backtest of its own', async () => {
  const [one, two] = [sweepOptions(), sweepOptions({ workers: 2 })];
  const outcome = await runSweep(one);
  expect(outcome).toMatchObject({ cells: 6, done: 6, failed: 0, stopped: false, unsteady: '' });
  await runSweep(two);
  expect(csv(two)).toBe(csv(one));
  const best = outcome.best[0]!;
  const ran = await executeBacktest({ ...one.run, params: best.params });
  expect(ran.report.stateHash).toBe(best.stateHash);
  expect(ran.report.pnl).toBe(best.figures['pnl']);
  expect(new Set(outcome.best.map(({ stateHash }) => stateHash)).size).toBeGreaterThan(1);
}, 30_000);

test('a stopped sweep goes on behind what was finished, with the same result', async () => {
  const stop = new AbortController();
  const options = sweepOptions({ signal: stop.signal });
  const first = await runSweep({
    ...options,
    onProgress: (done) => void (done >= 2 && stop.abort()),
  });
  expect(first.stopped).toBe(true);
  expect(first.done).toBeLessThan(6);
  const { signal: _, ...rest } = options;
  const second = await runSweep(rest);
  expect(second).toMatchObject({ stopped: false, resumed: first.done, done: 6 });
  const whole = sweepOptions();
  await runSweep(whole);
  expect(csv(options)).toBe(csv(whole));
  const third = await runSweep(rest);
  expect(third).toMatchObject({ resumed: 6, done: 6, memory: [] });
}, 30_000);

describe('a sweep is refused', () => {
  test('in the folder of another one, naming what differs', async () => {
    const options = sweepOptions({ axes: [parseAxis('fast=2..3')] });
    await runSweep(options);
    await expect(runSweep({ ...options, axes: [parseAxis('fast=2..4')] })).rejects.toThrow(
      /holds another sweep \(the grid differ\)/,
    );
    const richer = { ...options.run, cashE4: options.run.cashE4 * 2 };
    await expect(runSweep({ ...options, run: richer })).rejects.toThrow('data or options differ');
  }, 30_000);

  test('when a value cannot be, before anything runs', async () => {
    const options = sweepOptions({ axes: [parseAxis('fast=49..52')] });
    await expect(runSweep(options)).rejects.toThrow('parameter fast = 51: expected at most 50');
    const fixed = { ...options.run, params: { fast: 3 } };
    await expect(runSweep({ ...options, run: fixed })).rejects.toThrow('by --param and by --grid');
    expect(existsSync(options.dir)).toBe(false);
  });
});

test('a cell whose strategy throws is a row that says why; the others are run', async () => {
  const text = CROSS.replace(
    'onInit(ctx) {',
    'onInit(ctx) { if (ctx.params.fast === 3) throw new Error("no three");',
  );
  const run = runOptions(writeStrategy(tempDir(), text), data);
  const outcome = await runSweep(sweepOptions({ run, axes: [parseAxis('fast=2..4')] }));
  expect(outcome).toMatchObject({ done: 3, failed: 1 });
  expect(outcome.errors[0]!.text).toContain('no three');
}, 30_000);

test('a strategy that remembers the run before is found out', async () => {
  const text = CROSS.replace('export default', 'let runs = 0;\nexport default')
    .replace('onInit(ctx) {', 'onInit(ctx) { runs++;')
    .replaceAll('500', '500 + 100 * runs');
  const run = runOptions(writeStrategy(tempDir(), text), data);
  const outcome = await runSweep(sweepOptions({ run, axes: [parseAxis('fast=2..3')] }));
  expect(outcome.unsteady).toMatch(/cell 0 was run twice.*not to be believed/);
}, 30_000);
