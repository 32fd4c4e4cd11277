// Sweeps over a small synthetic day: one worker or two give the same bytes, what was finished is
// not run again, another sweep's folder is refused, and a strategy that remembers is found out.
// Run by vitest.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../../engine/backtest/command.ts';
import { parseAxis } from '../../../engine/backtest/sweep/grid.ts';
import { runSweep, type SweepOptions } from '../../../engine/backtest/sweep/sweep.ts';
import { runForward, windowsOf } from '../../../engine/backtest/sweep/walk-forward.ts';
import { CROSS, runOptions, tempDir, writeDay, writeStrategy } from '../../support/run-options.ts';

let dir = '';
let data = '';
/** results.csv of the first test's sweep, which others repeat. */
let whole = '';
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
  whole = csv(one);
  const best = outcome.best[0]!;
  const ran = await executeBacktest({ ...one.run, params: best.params });
  expect(ran.report.stateHash).toBe(best.stateHash);
  expect(ran.report.pnl).toBe(best.figures['pnl']);
  expect(new Set(outcome.best.map(({ stateHash }) => stateHash)).size).toBeGreaterThan(1);
}, 60_000);

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
  expect(csv(options)).toBe(whole);
  const third = await runSweep(rest);
  expect(third).toMatchObject({ resumed: 6, done: 6, memory: [] });
}, 60_000);

describe('a sweep is refused', () => {
  test('in the folder of another one, naming what differs', async () => {
    const options = sweepOptions({ axes: [parseAxis('fast=2..3')] });
    await runSweep(options);
    await expect(runSweep({ ...options, axes: [parseAxis('fast=2..4')] })).rejects.toThrow(
      /holds another sweep \(the grid differ\)/,
    );
    const richer = { ...options.run, cashE4: options.run.cashE4 * 2 };
    await expect(runSweep({ ...options, run: richer })).rejects.toThrow('data or options differ');
  }, 60_000);

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
}, 60_000);

test('a strategy that remembers the run before is found out', async () => {
  const text = CROSS.replace('export default', 'let runs = 0;\nexport default')
    .replace('onInit(ctx) {', 'onInit(ctx) { runs++;')
    .replaceAll('500', '500 + 100 * runs');
  const run = runOptions(writeStrategy(tempDir(), text), data);
  const outcome = await runSweep(sweepOptions({ run, axes: [parseAxis('fast=2..3')] }));
  expect(outcome.unsteady).toMatch(/cell 0 was run twice.*not to be believed/);
}, 60_000);

test('windows walk forward: test days lie behind, never overlap, and too few days are told', () => {
  const days = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => 20260100 + n);
  expect(windowsOf(days, { kind: 'walk', train: 3, test: 2 })).toEqual([
    { train: [20260101, 20260103], test: [20260104, 20260105] },
    { train: [20260103, 20260105], test: [20260106, 20260107] },
  ]);
  expect(windowsOf(days, { kind: 'hold-out', percent: 25 })).toEqual([
    { train: [20260101, 20260106], test: [20260107, 20260108] },
  ]);
  expect(() => windowsOf(days, { kind: 'walk', train: 7, test: 2 })).toThrow('needs 9 days');
  expect(() => windowsOf(days.slice(0, 1), { kind: 'hold-out', percent: 30 })).toThrow('1 days');
});

test('the best cell of the first days is judged on the days held out', async () => {
  const path = join(tempDir(), 'bars.csv');
  const lines = ['time,code,open,close,high,low,volume,money'];
  for (const day of ['05', '06', '07']) {
    for (let i = 1; i <= 120; i++) {
      const clock = [Math.floor((570 + i) / 60), (570 + i) % 60].map((n) =>
        `${n}`.padStart(2, '0'),
      );
      const p = (10 + Math.round(30 * Math.sin(i / 7)) / 100).toFixed(2);
      lines.push(
        `2026-01-${day} ${clock.join(':')}:00,600001.XSHG,${p},${p},${p},${p},90000,900000`,
      );
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  const run = runOptions(writeStrategy(dir), path);
  const options = sweepOptions({ run, axes: [parseAxis('fast=2..3')] });
  const found = await runForward(options, { kind: 'hold-out', percent: 34 });
  const [window] = found.windows;
  expect(window).toMatchObject({ train: [20260105, 20260106], test: [20260107, 20260107] });
  const again = await executeBacktest({
    ...{ ...run, params: window!.params, from: 20260107, to: 20260107 },
  });
  expect(window!.testHash).toBe(again.report.stateHash);
  expect(window!.outOfSample).toBe(again.report.pnl);
  expect(again.report.fills).toBeGreaterThan(2);
  expect(found.totalReturn).toBeCloseTo(again.report.metrics.performance.totalReturn!, 12);
}, 60_000);
