// What strategies of a backtest leave beside orders: series with their figures and CSV, and the
// state that the next day of the same run starts from. Run by vitest; the whole path, nothing
// mocked.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBacktest } from '../../../engine/backtest/runner.ts';
import { StrategyOutputs } from '../../../engine/backtest/strategy-outputs.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { makeSetup } from '../../support/make-setup.ts';

const FILE = join(import.meta.dirname, '../../support/strategies/lives.ts');

function setup(orderEvents: boolean, saved = ''): EngineSetup {
  return makeSetup({ strategies: [{ file: FILE, name: 'l,1', orderEvents, saved }] });
}

test('a series has figures and rows, a state goes on into the next day', async () => {
  const outputs = new StrategyOutputs();
  const wiring = (of: EngineSetup) => outputs.ports(of);
  const first = await runBacktest(setup(true), { wiring });
  expect(first.strategyFailures).toEqual([]);
  const [figures] = outputs.figures();
  const rows = figures!.last!;
  // Every order, cancel and trade of the feed, but for rows of instruments that are not its own.
  expect(rows).toBeGreaterThan(first.events / 2);
  expect(figures).toMatchObject({ strategy: 'l,1', name: 'rows seen', count: 1, first: rows });
  const second = { ...setup(false, outputs.stateOf('l,1')), day: 20_260_106 };
  await runBacktest(second, { wiring });
  expect(JSON.parse(outputs.stateOf('l,1'))).toMatchObject({
    value: { lives: 2, calls: [1, 2] },
    day: 20_260_106,
  });
  expect(outputs.figures()).toMatchObject([{ count: 2, first: rows, last: 0, min: 0, max: rows }]);
  const lines = outputs.csv().trimEnd().split('\n');
  expect(lines[0]).toBe('day,time,strategy,series,value');
  expect(lines[1]).toMatch(new RegExp(`^20260105,15:00:00.*,"l,1",rows seen,${rows}$`));
  expect(lines[2]).toMatch(/^20260106,15:00:00.*,"l,1",rows seen,0$/);
});

test('no series is no file, and a number that is none is an empty cell', () => {
  const outputs = new StrategyOutputs();
  const { series } = outputs.ports(setup(false));
  expect(outputs.csv()).toBe('');
  for (let n = 0; n < 2_000; n++) series!(0, 'x', n * 1e9, n === 7 ? Number.NaN : n);
  const lines = outputs.csv().trimEnd().split('\n');
  expect([lines.length, lines[8]]).toEqual([2_001, '20260105,00:00:07,"l,1",x,']);
  expect(outputs.figures()).toMatchObject([{ count: 1_999, last: 1_999 }]);
});
