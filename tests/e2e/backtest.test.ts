// `pankou backtest` as a person runs it: the same input gives the same files, a broken row stops it
// before any order or is skipped and counted, and a strategy that throws is named.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeSyntheticDay } from '../../engine/backtest/synthetic/write-day.ts';
import { runCli } from '../support/run-cli.ts';
import { endAllEngines, STRATEGIES, tempFolder } from '../support/run-engine.ts';

let dir = '';
beforeEach(async () => {
  dir = tempFolder();
  await writeSyntheticDay(join(dir, 'data'), {
    seed: 3,
    day: 20260105,
    instruments: [
      { symbol: '600001.SH', preCloseE4: 100_000, volatility: 0.02, eventsPerSecond: 0.5 },
    ],
  });
});
afterEach(endAllEngines);

function backtest(strategy: string, out: string, ...args: string[]) {
  return runCli([
    ...['backtest', join(STRATEGIES, `${strategy}.ts`), '--data', join(dir, 'data')],
    ...['--instruments', '600001.SH', '--position', '600001.SH=20000'],
    ...['--out', join(dir, out), ...args],
  ]);
}

const report = (out: string) =>
  JSON.parse(readFileSync(join(dir, out, 'report.json'), 'utf8')) as Record<string, unknown>;

/** Puts `cell` into column `name` of line `line` of trades.csv. */
function spoil(line: number, name: string, cell: string): void {
  const file = join(dir, 'data', 'trades.csv');
  const lines = readFileSync(file, 'utf8').split('\n');
  const cells = lines[line - 1]!.split(',');
  cells[lines[0]!.split(',').indexOf(name)] = cell;
  lines[line - 1] = cells.join(',');
  writeFileSync(file, lines.join('\n'));
}

describe('pankou backtest', () => {
  test('writes report and fills, the same every time but for the speed', async () => {
    const first = await backtest('steady', 'a', '--param', 'everyMs=60000');
    expect(first.code, first.stderr).toBe(0);
    expect((await backtest('steady', 'b', '--param', 'everyMs=60000')).code).toBe(0);
    const { eventsPerSecond: _a, ...one } = report('a');
    const { eventsPerSecond: _b, ...two } = report('b');
    expect(one).toEqual(two);
    const fills = readFileSync(join(dir, 'a', 'fills.csv'), 'utf8');
    expect(readFileSync(join(dir, 'b', 'fills.csv'), 'utf8')).toBe(fills);
    expect(fills.trim().split('\n')).toHaveLength(Number(one['fills']) + 1);
    expect(Number(one['fills'])).toBeGreaterThan(20);
    for (const key of ['strategy', 'instruments', 'days', 'orders', 'fees', 'pnl', 'finalCash']) {
      expect(one).toHaveProperty(key);
    }
    expect(first.stdout).toContain(String(one['stateHash']));
  });

  test('stops at a broken row with its place, before it writes anything', async () => {
    spoil(50, 'qty', '-100');
    const { code, stderr } = await backtest('steady', 'out');
    expect(code).toBe(1);
    expect(stderr).toMatch(/trades\.csv/);
    expect(stderr).toMatch(/line 50|:50/);
    expect(stderr).toContain('qty');
    expect(stderr).toContain('-100');
    expect(stderr).toContain('expected');
    expect(existsSync(join(dir, 'out', 'report.json'))).toBe(false);
  });

  test('skips and counts broken rows with --skip-bad-rows', async () => {
    spoil(50, 'qty', '-100');
    spoil(60, 'price', '');
    const { code, stderr } = await backtest('steady', 'out', '--skip-bad-rows');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('2 broken rows skipped');
    expect(report('out')['badRows']).toBe(2);
  });

  test('ends with 1 and names the strategy that threw, with its orders cancelled', async () => {
    const { code, stderr } = await backtest('throws-on-tick', 'out');
    expect(code).toBe(1);
    expect(stderr).toContain('strategy throws-on-tick failed and was stopped');
    expect(stderr).toContain('division by a pear');
    expect(report('out')).toMatchObject({ ordersByStatus: { cancelled: 1 }, fills: 0 });
  });
});
