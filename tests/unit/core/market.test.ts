// What is built from the tape: bars against a naive grouping, the day's totals, the state hash.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BarBuilder } from '../../../engine/core/bar-builder.ts';
import { addTrade, MarketState } from '../../../engine/core/market-state.ts';
import { StateHash } from '../../../engine/core/state-hash.ts';
import { makeInstrument } from '../../support/instruments.ts';

const SECOND_NS = 1e9;

interface Tick {
  readonly atNs: number;
  readonly priceE4: number;
  readonly volume: number;
  readonly amountE4: number;
}

const ticks = fc
  .array(
    fc.record({
      wait: fc.constantFrom(0, 0.4, 1, 3, 17, 61, 190),
      ticksOff: fc.integer({ min: -50, max: 50 }),
      qty: fc.constantFrom(0, 100, 300, 12_000),
    }),
    { maxLength: 80 },
  )
  .map((steps): Tick[] => {
    let atNs = 9.5 * 3600 * SECOND_NS;
    let volume = 0;
    let amountE4 = 0;
    return steps.map(({ wait, ticksOff, qty }) => {
      atNs += wait * SECOND_NS;
      volume += qty;
      const priceE4 = 100_000 + ticksOff * 100;
      amountE4 += qty * priceE4;
      return { atNs, priceE4, volume, amountE4 };
    });
  });

/** Groups the ticks that traded by interval; nothing incremental. */
function naiveBars(all: readonly Tick[], seconds: number): number[][] {
  const traded = all
    .map((tick, n) => ({ ...tick, qty: tick.volume - (all[n - 1]?.volume ?? 0), n }))
    .filter(({ qty }) => qty > 0);
  const starts = [...new Set(traded.map(({ atNs }) => Math.floor(atNs / (seconds * SECOND_NS))))];
  return starts.map((start) => {
    const own = traded.filter(({ atNs }) => Math.floor(atNs / (seconds * SECOND_NS)) === start);
    const prices = own.map(({ priceE4 }) => priceE4);
    const volume = own.reduce((sum, { qty }) => sum + qty, 0);
    const amount = own.reduce((sum, { qty, priceE4 }) => sum + qty * priceE4, 0);
    const startNs = start * seconds * SECOND_NS;
    const highLow = [Math.max(...prices), Math.min(...prices)];
    return [startNs, prices[0]!, ...highLow, prices.at(-1)!, volume, amount];
  });
}

describe('a bar', () => {
  test('holds what a naive grouping of the ticks gives', () => {
    fc.assert(
      fc.property(ticks, fc.constantFrom(1, 5, 60, 300), (all, seconds) => {
        const builder = new BarBuilder(0, seconds);
        const bars: number[][] = [];
        const take = (): void => {
          const { startNs, openE4, highE4, lowE4, closeE4, volume, amountE4 } = builder;
          bars.push([startNs, openE4, highE4, lowE4, closeE4, volume, amountE4]);
          builder.clear();
        };
        for (const { atNs, priceE4, volume, amountE4 } of all) {
          if (builder.isComplete(atNs)) take();
          builder.add({ eventNs: atNs, lastE4: priceE4, volume, amountE4 });
        }
        if (builder.startNs >= 0) take();
        expect(bars).toEqual(naiveBars(all, seconds));
      }),
      { numRuns: 2_000, seed: 13 },
    );
  });

  test('is not begun by a tick without price or without new volume', () => {
    const builder = new BarBuilder(0, 60);
    builder.add({ eventNs: 1e9, lastE4: 0, volume: 100, amountE4: 100 });
    builder.add({ eventNs: 2e9, lastE4: 100_000, volume: 0, amountE4: 0 });
    expect([builder.startNs, builder.isComplete(1e15)]).toEqual([-1, false]);
  });
});

describe('the state of the market', () => {
  test('adds up the trades of each instrument, open, high and low with them', () => {
    const market = new MarketState([
      makeInstrument(0, '600000.SH', { preCloseE4: 100_000 }),
      makeInstrument(1, '000001.SZ', { preCloseE4: 50_000 }),
    ]);
    const trades = [
      [100_000, 100],
      [100_500, 200],
      [99_000, 300],
    ] as const;
    for (const [priceE4, qty] of trades) addTrade(market, 1, priceE4, qty);
    const of = (i: number) => [
      ...[market.openE4[i], market.highE4[i], market.lowE4[i], market.lastE4[i]],
      ...[market.tradeCount[i], market.volume[i], market.amountE4[i]],
    ];
    expect(of(0)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(of(1)).toEqual([100_000, 100_500, 99_000, 99_000, 3, 600, 59_800_000]);
    expect([market.preCloseE4[1], market.upperLimitE4[1]]).toEqual([50_000, 55_000]);
  });
});

describe('the state hash', () => {
  const hashOf = (feed: (hash: StateHash) => void): string => {
    const hash = new StateHash();
    feed(hash);
    return hash.hex();
  };

  test('of known values is what it was when journals were written with it', () => {
    expect(hashOf(() => {})).toBe('811c9dc52545f491');
    expect(hashOf((h) => h.int(0))).toBe(VECTORS.zero);
    expect(hashOf((h) => [1, -1, 2 ** 31 - 1, -(2 ** 31)].forEach((n) => void h.int(n)))).toBe(
      VECTORS.ints,
    );
    expect(
      hashOf((h) => [0.5, -1e300, 9_007_199_254_740_991].forEach((n) => void h.float(n))),
    ).toBe(VECTORS.floats);
  });

  test('follows every value and their order, and takes -0 for 0', () => {
    const one = (...values: number[]) =>
      hashOf((h) => values.forEach((value) => void h.float(value)));
    const all = [one(1), one(2), one(1, 2), one(2, 1), one(1, 0), one(0, 1), one(1.5), one(-1)];
    expect(new Set(all).size).toBe(all.length);
    expect(one(-0)).toBe(one(0));
  });

  test('agrees with FNV-1a over int32 in its first lane', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 30 }), (values) => {
        let fnv = 0x811c9dc5n;
        for (const value of values) {
          fnv = ((fnv ^ BigInt(value >>> 0)) * 0x01000193n) & 0xffffffffn;
        }
        const hex = hashOf((h) => values.forEach((value) => void h.int(value)));
        expect(hex.slice(0, 8)).toBe(fnv.toString(16).padStart(8, '0'));
      }),
      { numRuns: 500, seed: 14 },
    );
  });
});

const VECTORS = { zero: '050c5d1fb893931e', ints: '144deee6909dba40', floats: 'd2ff68cbedc87bdd' };
