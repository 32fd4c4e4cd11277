// Bars along trading time, their history, call auctions and rows of the feed, as a strategy sees
// them: lunch is no part of a bar, auctions join the bar beside them, nothing to come can be read.
import { describe, expect, test } from 'vitest';
import { SessionBars } from '../../../engine/core/session-bars.ts';
import type { BarSeries } from '../../../engine/core/strategy.ts';
import {
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_OPENING_CALL,
  PHASE_PAUSE,
} from '../../../engine/core/strategy.ts';
import {
  at,
  BOARDS,
  ETF,
  type Hooks,
  MAIN,
  OPEN,
  S,
  strategyDesk,
} from '../../support/strategy-desk.ts';

const M = 60 * S;
const text = (ns: number): string =>
  `${Math.floor(ns / (60 * M))}:${String(Math.floor(ns / M) % 60).padStart(2, '0')}`;

describe('bars along trading time', () => {
  const day = new SessionBars(BOARDS[MAIN]!.phases);

  test.each([
    ['60m', 60, ['9:30-10:30', '10:30-11:30', '13:00-14:00', '14:00-15:00']],
    ['120m', 120, ['9:30-11:30', '13:00-15:00']],
    ['90m', 90, ['9:30-11:00', '11:00-14:00', '14:00-15:00']],
    ['day', 1_440, ['9:30-15:00']],
  ])('%s: %j', (_, minutes, expected) => {
    const interval = minutes * M;
    const found = expected.map((_bar, k) => {
      return `${text(day.startNs(k, interval))}-${text(day.endNs(k, interval))}`;
    });
    expect(found).toEqual(expected);
    expect(day.indexAt(at(15, 0), interval)).toBe(expected.length - 1);
  });

  test('every moment of a day belongs to one bar, and bars follow each other', () => {
    for (const minutes of [1, 5, 15, 30, 45, 60]) {
      let last = 0;
      for (let ns = at(9, 15); ns <= at(15, 0); ns += 7 * S) {
        const index = day.indexAt(ns, minutes * M);
        expect(index === last || index === last + 1).toBe(true);
        last = index;
      }
      expect(last).toBe(Math.ceil(240 / minutes) - 1);
    }
  });
});

function bars(length: string | number, keep = 0) {
  const seen: string[] = [];
  let series: BarSeries | undefined;
  const hooks: Hooks = {
    onInit(ctx) {
      series = ctx.bars(ETF, length, { keep });
    },
    onBar(_, bar) {
      seen.push(`${text(bar.startNs)}-${text(bar.eventNs)} ${bar.closeE4} ${bar.volume}`);
    },
  };
  const desk = strategyDesk(hooks);
  let volume = 0;
  const trade = (ns: number, priceE4: number, qty: number): string[] => {
    volume += qty;
    desk.tick(ETF, ns, { last: priceE4, fields: { volume, amountE4: volume * priceE4 } });
    return seen.splice(0);
  };
  return { desk, trade, seen, series: series! };
}

describe('a bar that is built from ticks', () => {
  test('takes the opening auction in, ends with the first tick after its end', () => {
    const { trade } = bars('5m');
    expect(trade(at(9, 25), 100_000, 500)).toEqual([]);
    expect(trade(at(9, 34, 59), 100_100, 100)).toEqual([]);
    expect(trade(at(9, 35), 100_200, 100)).toEqual(['9:30-9:35 100100 600']);
  });

  test('keeps what trades at 11:30 and in the closing auction; the end closes the last', () => {
    const { trade, desk, seen } = bars('60m');
    trade(at(11, 29), 100_000, 100);
    expect(trade(at(11, 30), 100_100, 100)).toEqual([]);
    expect(trade(at(13, 0), 100_200, 100)).toEqual(['10:30-11:30 100100 200']);
    expect(trade(at(14, 59), 100_300, 100)).toEqual(['13:00-14:00 100200 100']);
    expect(trade(at(15, 0, 1), 100_400, 900)).toEqual([]);
    desk.end(at(15, 0, 2));
    expect(seen).toEqual(['14:00-15:00 100400 1000']);
  });

  test('of a day is complete at the close', () => {
    const { trade, desk, seen } = bars('day');
    trade(at(9, 25), 100_000, 500);
    expect(trade(at(15, 0), 100_400, 900)).toEqual([]);
    desk.end(at(15, 0));
    expect(seen).toEqual(['9:30-15:00 100400 1400']);
  });

  test('of two lengths of the same instrument come one after the other', () => {
    const seen: number[] = [];
    const desk = strategyDesk({
      onInit(ctx) {
        for (const length of ['1m', '3m', '1m'] as const) ctx.bars(ETF, length);
        ctx.bars(MAIN, '1m');
      },
      onBar: (_, bar) => void seen.push(bar.instrument * 1_000 + bar.intervalS),
    });
    desk.tick(ETF, OPEN, { last: 1, fields: { volume: 1 } });
    desk.tick(ETF, OPEN + 3 * M, { last: 1, fields: { volume: 2 } });
    expect(seen).toEqual([ETF * 1_000 + 60, ETF * 1_000 + 180]);
  });

  test.each([
    ['5 min.', 'length'],
    ['0m', 'length'],
    [0, 'whole number'],
  ])('of length %j is refused', (length, text) => {
    expect(bars(length).desk.self.failure).toContain(text);
  });
});

describe('the last bars', () => {
  test('can be read back, newest first, as many as were asked for', () => {
    const { trade, series } = bars('1m', 2);
    for (let m = 0; m < 5; m++) trade(OPEN + m * M, 100_000 + m, 100 * (m + 1));
    expect([series.count, series.length]).toEqual([4, 2]);
    expect([series.closeE4(0), series.closeE4(1), series.volume(0)]).toEqual([
      100_003, 100_002, 400,
    ]);
    expect(series.endNs(0)).toBe(OPEN + 4 * M);
  });

  test('to come throw with the name of the datum, and those that are not kept say why', () => {
    const { trade, series } = bars('1m', 2);
    trade(OPEN, 100_000, 100);
    trade(OPEN + M, 100_000, 100);
    expect(() => series.closeE4(-1)).toThrow(
      'close of the 1m bars of 510300.SH, -1 bars ago: beyond the current time',
    );
    expect(() => series.highE4(1)).toThrow('1 are kept, 1 were complete');
  });
});

test('a call that is over is told with its price and volume, for each instrument', () => {
  const done: unknown[] = [];
  const desk = strategyDesk({
    onAuctionDone: (_, { instrument, phase, priceE4, volume }) => {
      done.push([instrument, phase, priceE4, volume]);
    },
  });
  const tick = (i: number, ns: number, phase: number, volume: number, last = 0): void =>
    desk.tick(i, ns, { last, fields: { phase, volume, openE4: last } });
  tick(ETF, at(9, 16), PHASE_OPENING_CALL, 0);
  tick(MAIN, at(9, 16), PHASE_OPENING_CALL, 0);
  tick(ETF, at(9, 25), PHASE_PAUSE, 700, 100_000);
  tick(ETF, OPEN, PHASE_CONTINUOUS, 700, 100_000);
  tick(MAIN, OPEN, PHASE_CONTINUOUS, 0);
  tick(ETF, at(14, 57), PHASE_CLOSING_CALL, 900, 100_000);
  tick(ETF, at(15, 0), PHASE_CLOSED, 1_500, 101_000);
  expect(done).toEqual([
    [ETF, PHASE_OPENING_CALL, 100_000, 700],
    [MAIN, PHASE_OPENING_CALL, 0, 0],
    [ETF, PHASE_CLOSING_CALL, 101_000, 600],
  ]);
});
