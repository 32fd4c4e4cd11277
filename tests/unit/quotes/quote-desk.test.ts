// The quote desk: one order of quotes and phases out of what a bridge sends and a clock says, and
// what it does about quotes that are late, doubled or cannot be true.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  LINK_DOWN,
  LINK_READY,
  LINK_SILENT,
  LINK_UP,
  PHASE_HALTED,
} from '../../../engine/messages/codes.ts';
import { frameType } from '../../../engine/messages/frames.ts';
import { SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { at, DeskRun, quoteOf, S, SYMBOLS } from './desk-kit.ts';

test('phases begin by the clock when no quote comes, up to the end of the session', () => {
  const run = new DeskRun();
  for (let ns = at(9, 0); ns <= at(15, 11); ns += 30 * S) run.desk.onTime(ns);
  expect(run.rows()).toEqual([
    '09:15:00 opening-call',
    '09:20:00 opening-call-no-cancel',
    '09:25:00 pause',
    '09:30:00 continuous',
    '11:30:00 lunch',
    ...['13:00:00 continuous', '14:57:00 closing-call', '15:00:00 closed', 'end'],
  ]);
  expect(run.desk.ended).toBe(true);
});

test('a session that starts later hears the phases before it, at their own times', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(10, 0, 3)));
  expect(run.rows().at(-1)).toBe('10:00:03 600001.SH 12.5 continuous');
  expect(
    run
      .rows()
      .slice(0, 4)
      .map((row) => row.slice(0, 8)),
  ).toEqual([...['09:15:00', '09:20:00', '09:25:00', '09:30:00']]);
});

test('a quote whose own time is of the phase before comes behind the phase, and in it', () => {
  const run = new DeskRun();
  run.desk.onTime(at(9, 30));
  run.quote(quoteOf(at(9, 29, 58)), at(9, 30, 1));
  expect(run.rows().at(-1)).toBe('09:30:00 600001.SH 12.5 continuous');
  expect(run.times().at(-1)).toBeGreaterThan(at(9, 30));
});

test('a quote ahead of our clock, by less than five seconds, brings its phase along', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(9, 30, 1)), at(9, 29, 58));
  expect(run.rows().slice(-2)).toEqual([
    '09:30:00 continuous',
    '09:30:01 600001.SH 12.5 continuous',
  ]);
});

test('a quote far ahead of our clock (of yesterday, a wrong clock) is not believed', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(15, 0, 3)), at(9, 16));
  expect(run.desk.refused).toBe(1);
  expect(run.told[0]).toContain('600001.SH: a quote 20643 s ahead');
  expect(run.rows().at(-1)).toBe('gap 600001.SH');
});

test('times strictly rise, whatever order quotes of several instruments come in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9_000 })), {
        maxLength: 60,
      }),
      (arrivals) => {
        const run = new DeskRun();
        let volume = 0;
        for (const [n, [i, ms]] of arrivals.entries()) {
          const nowNs = at(9, 29, 55) + n * 200_000_000;
          const ns = Math.min(nowNs, at(9, 29, 50) + ms * 1_000_000);
          volume += 100;
          run.quote(quoteOf(ns, { symbol: SYMBOLS[i]!, volume }), nowNs);
        }
        const times = run.times();
        const quotes = run.frames.filter((frame) => frameType(frame, 0) === SnapshotTick.TYPE);
        const own = quotes.map((frame) => new SnapshotTick().wrap(frame, 0).eventNs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(new Set(own).size).toBe(own.length);
        expect(quotes.length + run.desk.repeated + run.desk.refused).toBe(arrivals.length);
      },
    ),
    { numRuns: 100 },
  );
});

test('late and repeated quotes are passed over; a changed one of the same time is not', () => {
  const run = new DeskRun();
  const first = quoteOf(at(10, 0, 3));
  run
    .quote(first)
    .quote(first)
    .quote(quoteOf(at(10, 0), { volume: 900 }));
  expect([run.desk.accepted, run.desk.repeated]).toEqual([1, 2]);
  run.quote(quoteOf(at(10, 0, 3), { volume: 1_100 }));
  expect([run.desk.accepted, run.desk.repeated]).toEqual([2, 2]);
  expect(run.told).toEqual([]);
});

test.each([
  ['a price off the tick', { lastE4: 125_050 }, 'off the tick of 0.01: last 12.505'],
  ['a level off the tick', { bids: [[124_933, 100]] as const }, 'bid 1 12.4933'],
  ['a price beyond the limits', { lastE4: 140_000 }, 'limits of the day are 11.25 to 13.75'],
  ['a volume that steps back', { volume: 500 }, 'volume steps back from 1000 to 500'],
  ['another previous close', { preCloseE4: 124_000 }, 'previous close of the quote 12.40'],
  ['a crossed book', { bids: [[125_100, 100]] as const }, 'crossed book'],
])(
  '%s: the quote is passed over, its book is stale until a good one, and it is told',
  (_, bad, text) => {
    const run = new DeskRun();
    run.quote(quoteOf(at(10, 0)));
    run.quote(quoteOf(at(10, 0, 3), bad)).quote(quoteOf(at(10, 0, 6), bad));
    expect(run.desk.refused).toBe(2);
    expect(run.told).toHaveLength(1);
    expect(run.told[0]).toContain(text);
    expect(run.rows().filter((row) => row.startsWith('gap'))).toEqual(['gap 600001.SH']);
    run.quote(quoteOf(at(10, 0, 9), { volume: 2_000 }));
    expect(run.rows().at(-1)).toBe('10:00:09 600001.SH 12.5 continuous');
  },
);

test('a crossed picture is what a call shows, and taken there', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(9, 24), { volume: 0, bids: [[125_000, 100]], asks: [[125_000, 100]] }));
  expect(run.rows().at(-1)).toBe('09:24:00 600001.SH 12.5 opening-call-no-cancel');
});

test('a halt is the client’s word; every other phase is the clock’s', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(9, 26), { phase: 4 }));
  run.quote(quoteOf(at(10, 0), { phase: PHASE_HALTED }));
  run.quote(quoteOf(at(10, 30), { phase: 0, volume: 2_000 }));
  const phases = run.rows().filter((row) => row.includes('600001'));
  expect(phases.map((row) => row.split(' ')[3])).toEqual(['pause', 'halted', 'continuous']);
});

test('a lost link makes all books stale; silence in trading hours does too, lunch does not', () => {
  const run = new DeskRun();
  run.desk.onUp(at(10, 0));
  run.quote(quoteOf(at(10, 0)));
  run.desk.onDown(at(10, 0, 20));
  expect(run.rows().at(-1)).toBe('gap all');
  run.desk.onUp(at(10, 0, 25));
  run.quote(quoteOf(at(10, 0, 25), { volume: 1_200 }));
  for (let s = 26; s < 34; s++) run.desk.onTime(at(10, 0, s));
  expect(run.states()).toEqual([LINK_UP, LINK_READY, LINK_DOWN, LINK_UP, LINK_READY]);
  run.desk.onTime(at(10, 0, 36));
  expect(run.states().at(-1)).toBe(LINK_SILENT);
  expect(run.told.at(-1)).toContain('no quote of any instrument for 11 s');
  run.quote(quoteOf(at(11, 29, 59), { volume: 1_300 }));
  for (let m = 30; m < 60; m++) run.desk.onTime(at(11, m));
  expect(run.states().at(-1)).toBe(LINK_READY);
});

test('a later life of the day goes on behind what was recorded', () => {
  const run = new DeskRun({ fromNs: at(10, 0, 30) });
  run.quote(quoteOf(at(10, 0, 29)), at(10, 0, 40));
  expect(run.times().at(-1)).toBe(at(10, 0, 30) + 1);
  expect(run.times()[0]).toBe(at(9, 15));
});

test('details that change while a session runs end the trust in that instrument', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(10, 0)));
  run.desk.onChangedDetail(0, 'its limit prices changed');
  run.quote(quoteOf(at(10, 0, 3), { volume: 2_000 }));
  run.quote(quoteOf(at(10, 0, 3), { symbol: SYMBOLS[1]! }));
  expect(run.told[0]).toContain('600001.SH: its limit prices changed since the start');
  expect(run.rows().slice(-2)).toEqual(['gap 600001.SH', '10:00:03 000003.SZ 12.5 continuous']);
});

test('a quote of a place nobody asked for is told once', () => {
  const run = new DeskRun();
  run.quote(quoteOf(at(10, 0), { symbol: '999999.SH' }));
  run.quote(quoteOf(at(10, 0, 3), { symbol: '999999.SH' }));
  expect(run.told).toEqual(['a quote for place 2, which nobody asked for']);
});
