// The equity curve of a run and the prices orders were decided at, event by event by hand. Run by
// vitest.
import { expect, test } from 'vitest';
import { RunCurve } from '../../../engine/backtest/run-curve.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { makeSetup } from '../../support/make-setup.ts';

const MINUTE = 60e9;
/** A million yuan and 10,000 shares at 10 yuan. */
const START_E4 = 10_000_000_000 + 1_000_000_000;

test('a point holds what happened before its minute ended, and nothing later', () => {
  const curve = new RunCurve(makeSetup());
  const { day } = makeSetup();
  curve.price(0, 100_000, 570 * MINUTE + 1);
  curve.price(0, 101_000, 570 * MINUTE + 59e9);
  curve.fill(0, SIDE_BUY, 1_010_000_000 / 100, 100, 50_000);
  curve.price(0, 0, 571 * MINUTE);
  curve.price(0, 99_000, 573 * MINUTE);
  const [afterBuy, atEnd] = [START_E4 + 10_000_000 - 50_000, START_E4 - 12_345];
  expect(curve.ended(atEnd)).toEqual([
    { day, timeNs: 570 * MINUTE, equityE4: START_E4 },
    { day, timeNs: 571 * MINUTE, equityE4: afterBuy },
    { day, timeNs: 572 * MINUTE, equityE4: afterBuy },
    { day, timeNs: 574 * MINUTE, equityE4: atEnd },
  ]);
});

test('a sale moves shares into cash and costs its fee', () => {
  const curve = new RunCurve(makeSetup());
  curve.fill(0, SIDE_SELL, 10_000 * 100_000, 10_000, 30_000);
  curve.price(0, 50_000, 600 * MINUTE);
  expect(curve.equityE4).toBe(START_E4 - 30_000);
});

test('an order is decided at the last price when it is first heard of', () => {
  const curve = new RunCurve(makeSetup());
  curve.price(0, 100_500, 570 * MINUTE);
  curve.order('A', 0);
  curve.price(0, 100_700, 570 * MINUTE + 1);
  curve.order('A', 0);
  curve.order('B', 0);
  expect([...curve.decisions]).toEqual([
    ['A', 100_500],
    ['B', 100_700],
  ]);
});
