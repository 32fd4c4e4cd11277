// Grids, random choices of cells, the normal distribution and the deflated Sharpe ratio against
// published and hand-made values. Run by vitest.
import { describe, expect, test } from 'vitest';
import {
  deflate,
  deflatedSharpe,
  expectedMaximum,
  shapeOf,
  sharpeOf,
} from '../../../engine/backtest/sweep/deflated-sharpe.ts';
import {
  cellParams,
  chooseCells,
  gridSize,
  parseAxis,
} from '../../../engine/backtest/sweep/grid.ts';
import { normalCdf, normalInverse } from '../../../engine/backtest/sweep/normal.ts';
import { summarise } from '../../../engine/backtest/sweep/summary.ts';

describe('an axis', () => {
  test.each([
    ['fast=3..6', [3, 4, 5, 6]],
    ['slow=10..30:8', [10, 18, 26]],
    ['rate=0.1..0.3:0.1', [0.1, 0.2, 0.3]],
    ['x=-0.02..0.02:0.02', [-0.02, 0, 0.02]],
    ['on=true,false', [true, false]],
    ['kind=a,b', ['a', 'b']],
    ['n=5', [5]],
  ])('%s has its values', (text, values) => {
    expect(parseAxis(text).values).toEqual(values);
  });

  test.each([
    ['fast', 'expected fast=3..20'],
    ['fast=9..3', 'FROM not above TO'],
    ['fast=1..3:0', 'FROM not above TO'],
    ['fast=1.2.3..4', 'FROM not above TO'],
    ['fast=1,2,1', '1 stands twice'],
    ['fast=0..1:0.0000001', '10000001 values'],
  ])('%s is refused', (text, message) => {
    expect(() => parseAxis(text)).toThrow(message);
  });
});

describe('a grid', () => {
  const axes = [parseAxis('a=1..3'), parseAxis('b=x,y')];

  test('has every combination once, the last axis fastest', () => {
    const cells = Array.from({ length: gridSize(axes) }, (_, i) => cellParams(axes, i));
    expect(cells.map(({ a, b }) => `${a}${b}`)).toEqual(['1x', '1y', '2x', '2y', '3x', '3y']);
  });

  test('gives so many different cells at random, the same for the same seed', () => {
    const chosen = chooseCells(1000, 100, 7);
    expect(new Set(chosen).size).toBe(100);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
    expect(chooseCells(1000, 100, 7)).toEqual(chosen);
    expect(chooseCells(1000, 100, 8)).not.toEqual(chosen);
    expect(Math.min(...chosen) < 100 && Math.max(...chosen) >= 900).toBe(true);
    expect(chooseCells(5, 9, 1)).toEqual([0, 1, 2, 3, 4]);
  });

  test('is refused when it names a parameter twice, or nothing', () => {
    expect(() => gridSize([axes[0]!, axes[0]!])).toThrow('a is given twice');
    expect(() => gridSize([])).toThrow('needs a grid');
  });
});

test('the normal distribution agrees with published tables, and its inverse with it', () => {
  // Abramowitz & Stegun, tables 26.1 and 26.2.
  expect(normalCdf(1)).toBeCloseTo(0.841344746068543, 14);
  expect(normalCdf(2.5)).toBeCloseTo(0.993790334674224, 14);
  expect(normalCdf(-4) / 3.167124183312e-5).toBeCloseTo(1, 11);
  expect(normalInverse(0.975)).toBeCloseTo(1.959963984540054, 11);
  for (const p of [1e-9, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.9999]) {
    expect(normalCdf(normalInverse(p)) / p).toBeCloseTo(1, 10);
  }
});

describe('the deflated Sharpe ratio', () => {
  test('is that of the example in the paper', () => {
    // Bailey & Lopez de Prado 2014, p. 11: annual ratio 2.5 over 5 years of 250 days, 100 trials,
    // variance 1/2 a year, skewness -3, kurtosis 10: 0.1132 a day is expected, 0.9004 comes out.
    expect(expectedMaximum(100, 0.5 / 250)).toBeCloseTo(0.1132, 4);
    const sharpe = 2.5 / Math.sqrt(250);
    const shape = { count: 1250, mean: sharpe, deviation: 1, skewness: -3, kurtosis: 10 };
    expect(deflate(shape, 100, 0.5 / 250)!.probability).toBeCloseTo(0.9004, 4);
  });

  test('of a single cell is its probabilistic Sharpe ratio', () => {
    const shape = shapeOf([0.01, -0.005, 0.02, 0.004, -0.001])!;
    // By hand: mean 0.0056, sums of squares and of powers over 5.
    expect(shape.mean).toBeCloseTo(0.0056, 15);
    expect(shape.deviation).toBeCloseTo(0.009813256, 9);
    expect(deflatedSharpe(shape, [sharpeOf(shape)])).toMatchObject({ expectedMaximum: 0 });
    expect(shapeOf([0.01, 0.01, 0.01])).toBeNull();
  });
});

test('a summary ranks, counts failures, and draws the best of what an axis hides', () => {
  const axes = [parseAxis('a=1..2'), parseAxis('b=1..2'), parseAxis('c=1..2')];
  const rows = Array.from({ length: 8 }, (_, cell) => ({
    ...{ cell, params: cellParams(axes, cell), status: 'ok' as const, error: '' },
    ...{ stateHash: String(cell), figures: { pnl: cell === 3 ? null : cell }, shape: null },
  }));
  const failed = { ...rows[7]!, status: 'failed' as const, error: 'no', figures: {} };
  const found = summarise(axes, 9, [...rows.slice(0, 7), failed], 'pnl');
  expect(found).toMatchObject({ cells: 9, done: 8, failed: 1, deflated: null });
  expect(found.errors).toEqual([{ text: 'no', count: 1 }]);
  expect(found.best.map(({ cell }) => cell)).toEqual([6, 5, 4, 2, 1, 0, 3]);
  const [ab] = found.heat;
  expect([ab!.x.name, ab!.y!.name, ab!.values]).toEqual([
    'a',
    'b',
    [
      [1, 5],
      [2, 6],
    ],
  ]);
});
