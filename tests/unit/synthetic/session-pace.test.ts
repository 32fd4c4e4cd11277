// How exchange time becomes pacing time for a session that a person watches: compressed call,
// skipped breaks, monotone, invertible.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECOND_NS, timeNs } from '../../../engine/backtest/data/sessions.ts';
import { SessionPace } from '../../../engine/backtest/synthetic/session-pace.ts';

const watched = new SessionPace({ compressOpening: true, skipBreaks: true });

test('without options pacing time is exchange time since 9:15', () => {
  const pace = new SessionPace();
  expect(pace.paceNs(timeNs(9, 15))).toBe(0);
  expect(pace.paceNs(timeNs(9, 31))).toBe(16 * 60 * SECOND_NS);
  expect(pace.paceNs(timeNs(9, 0))).toBe(0);
});

test('continuous trading comes 1.5 seconds after the start of a watched session', () => {
  expect(watched.paceNs(timeNs(9, 30))).toBeCloseTo(1.5 * SECOND_NS, -2);
  expect(watched.paceNs(timeNs(9, 20))).toBeCloseTo(0.75 * SECOND_NS, -2);
});

test('lunch takes no time and trading runs at its own speed around it', () => {
  expect(watched.paceNs(timeNs(13, 0))).toBe(watched.paceNs(timeNs(11, 30)));
  expect(watched.paceNs(timeNs(13, 1)) - watched.paceNs(timeNs(11, 29))).toBe(120 * SECOND_NS);
});

test('a later start begins at pacing time 0', () => {
  const pace = new SessionPace({ fromNs: timeNs(10, 0), skipBreaks: true });
  expect(pace.paceNs(timeNs(10, 0))).toBe(0);
  expect(pace.paceNs(timeNs(13, 0))).toBe(90 * 60 * SECOND_NS);
});

test('the inverse gives the latest exchange time with that pacing time', () => {
  expect(watched.eventNs(watched.paceNs(timeNs(12, 0)))).toBeCloseTo(timeNs(13, 0), -2);
  expect(watched.eventNs(watched.paceNs(timeNs(10, 17)))).toBeCloseTo(timeNs(10, 17), -2);
});

test('pacing time never falls', () => {
  const time = fc.integer({ min: 0, max: 86_400_000 }).map((ms) => ms * 1_000_000);
  fc.assert(
    fc.property(time, time, (a, b) => {
      expect(watched.paceNs(Math.min(a, b))).toBeLessThanOrEqual(watched.paceNs(Math.max(a, b)));
    }),
  );
});
