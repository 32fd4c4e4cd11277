// The equity curve of a run and the prices orders were decided at, by hand over a real account. Run
// by vitest.
import { expect, test } from 'vitest';
import { RunCurve } from '../../../engine/backtest/run-curve.ts';
import { bookBuy, setLastPrice } from '../../../engine/core/position.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { makeSetup } from '../../support/make-setup.ts';

const MINUTE = 60e9;
/** A million yuan and 10,000 shares at 10 yuan. */
const START_E4 = 10_000_000_000 + 1_000_000_000;

function openCurve() {
  const setup = makeSetup();
  const state = new AccountState(setup, 0);
  state.open(setup, () => {}, new FrameMemory(new ArrayBuffer(256)));
  const curve = new RunCurve(setup.day);
  curve.watch(state.account);
  return { curve, account: state.account, day: setup.day };
}

test('a point is the account as it stood when it was looked at', () => {
  const { curve, account, day } = openCurve();
  curve.sample(570 * MINUTE);
  setLastPrice(account.positions, 0, 101_000);
  bookBuy(account.positions, 0, 100, 100 * 101_000);
  account.cash.cashE4 -= 100 * 101_000 + 50_000;
  curve.sample(571 * MINUTE + 5);
  setLastPrice(account.positions, 0, 99_000);
  const afterRise = START_E4 + 10_000 * 1_000 - 50_000;
  const atEnd = afterRise - 10_100 * 2_000;
  const ended = { day, timeNs: 571 * MINUTE + 5, equityE4: atEnd };
  expect(curve.ended(0)).toEqual([
    { day, timeNs: 570 * MINUTE, equityE4: START_E4 },
    { day, timeNs: 571 * MINUTE + 5, equityE4: afterRise },
    ended,
  ]);
  expect(curve.ended(900 * MINUTE).at(-1)).toEqual({ ...ended, timeNs: 900 * MINUTE });
});

test('an order is decided at the last price when it is first heard of', () => {
  const { curve, account } = openCurve();
  setLastPrice(account.positions, 0, 100_500);
  curve.order(1, 0);
  setLastPrice(account.positions, 0, 100_700);
  curve.order(1, 0);
  curve.order(2, 0);
  setLastPrice(account.positions, 0, 0);
  curve.order(3, 0);
  expect([...curve.decisions]).toEqual([
    [1, 100_500],
    [2, 100_700],
  ]);
});
