// Prices as integers: text to 1/10,000 yuan, limit prices by the exchanges' formula, and back.
// The limit table holds the worked examples L1 to L21 of the rules sheet, section 13.1.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatYuan,
  inwardLowerLimitOf,
  inwardUpperLimitOf,
  isOnTick,
  lowerLimitOf,
  parseAmountE4,
  parsePriceE4,
  roundToTick,
  TEXT_NOT_DECIMAL,
  TEXT_TOO_LARGE,
  upperLimitOf,
} from '../../../engine/core/price.ts';

test.each([
  ['1854.980000000000018', 18_549_800],
  ['51.899999999999998', 519_000],
  ['87.299999999999982', 873_000],
  ['1801.00999999999999', 18_010_100],
  ['0.00005', 1],
  ['0.00004999', 0],
  ['12', 120_000],
  ['12.', 120_000],
  ['.5', 5_000],
  ['0', 0],
  ['214748.3647', 2_147_483_647],
])('reads %s yuan as %d', (text, expected) => {
  expect(parsePriceE4(text)).toBe(expected);
});

test.each(['', '.', '-1', '+1', '1e3', '12,5', ' 12', '12 ', '1.2.3', 'NaN', '0x10', '１２'])(
  'refuses %j as a price',
  (text) => {
    expect(parsePriceE4(text)).toBe(TEXT_NOT_DECIMAL);
  },
);

test('refuses a price beyond int32 and an amount beyond 2^53', () => {
  expect(parsePriceE4('214748.3648')).toBe(TEXT_TOO_LARGE);
  expect(parseAmountE4('900719925474.0991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseAmountE4('900719925474.0992')).toBe(TEXT_TOO_LARGE);
});

test('formatting and parsing are inverse over all prices', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (price) => {
      expect(parsePriceE4(formatYuan(price))).toBe(price);
    }),
  );
});

test.each([
  [125_400, 2, '12.54'],
  [12_345, 2, '1.2345'],
  [120_000, 2, '12.00'],
  [120_000, 0, '12'],
  [12_340, 3, '1.234'],
  [-125_450, 2, '-12.545'],
  [0, 2, '0.00'],
])('formats %d with %d decimals as %s', (value, decimals, text) => {
  expect(formatYuan(value, decimals)).toBe(text);
});

test('rounds to the tick half up', () => {
  expect(roundToTick(110_550, 100)).toBe(110_600);
  expect(roundToTick(110_549, 100)).toBe(110_500);
  expect(isOnTick(110_600, 100)).toBe(true);
  expect(isOnTick(110_550, 100)).toBe(false);
});

// [example, preclose, percent up, percent down, tick, upper, lower] in yuan.
test.each([
  ['L1', 11.4, 10, 10, 0.01, 12.54, 10.26],
  ['L2', 1.87, 5, 5, 0.01, 1.96, 1.78],
  ['L3', 1.87, 10, 10, 0.01, 2.06, 1.68],
  ['L4', 10.05, 10, 10, 0.01, 11.06, 9.05],
  ['L5', 0.95, 10, 10, 0.01, 1.05, 0.86],
  ['L6', 1.15, 10, 10, 0.01, 1.27, 1.04],
  ['L7', 0.09, 5, 5, 0.01, 0.1, 0.08],
  ['L8', 0.04, 10, 10, 0.01, 0.05, 0.03],
  ['L9', 0.05, 10, 10, 0.01, 0.06, 0.04],
  ['L10', 7.9, 20, 20, 0.01, 9.48, 6.32],
  ['L11', 2.2, 20, 20, 0.01, 2.64, 1.76],
  ['L12', 33.33, 20, 20, 0.01, 40, 26.66],
  ['L13', 10, 30, 30, 0.01, 13, 7],
  ['L14 half up', 1.82, 30, 30, 0.01, 2.37, 1.27],
  ['L15', 1.234, 10, 10, 0.001, 1.357, 1.111],
  ['L16', 0.987, 20, 20, 0.001, 1.184, 0.79],
  ['L17', 100, 57.3, 43.3, 0.001, 157.3, 56.7],
  ['L18', 118.456, 20, 20, 0.001, 142.147, 94.765],
  ['L19', 11.75, 10, 10, 0.01, 12.93, 10.58],
  ['L20', 10.03, 10, 10, 0.01, 11.03, 9.03],
  ['L21', 10.03, 20, 20, 0.01, 12.04, 8.02],
])('limit prices of example %s', (_name, preClose, up, down, tick, upper, lower) => {
  const e4 = (yuan: number): number => Math.round(yuan * 10_000);
  expect(upperLimitOf(e4(preClose), e4(tick), up * 10, 1000)).toBe(e4(upper));
  expect(lowerLimitOf(e4(preClose), e4(tick), down * 10, 1000)).toBe(e4(lower));
});

test('limit prices of example L14 rounded inward, the reading valid under both', () => {
  expect(inwardUpperLimitOf(18_200, 100, 3, 10)).toBe(23_600);
  expect(inwardLowerLimitOf(18_200, 100, 3, 10)).toBe(12_800);
});

test('limits lie on the tick, one tick away or more, within half a tick of the formula', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300_000 }),
      fc.constantFrom(5, 10, 20, 30),
      (ticks, percent) => {
        const preClose = ticks * 100;
        const upper = upperLimitOf(preClose, 100, percent, 100);
        const lower = lowerLimitOf(preClose, 100, percent, 100);
        expect(upper % 100).toBe(0);
        expect(lower % 100).toBe(0);
        expect(upper).toBeGreaterThanOrEqual(preClose + 100);
        expect(lower).toBeLessThanOrEqual(preClose - 100);
        const raw = (preClose * percent) / 100;
        if (raw >= 100) {
          expect(Math.abs(upper - preClose - raw)).toBeLessThanOrEqual(50);
          expect(Math.abs(preClose - lower - raw)).toBeLessThanOrEqual(50);
        }
      },
    ),
  );
});

test('no preclose gives no limit, and a lower limit never falls below one tick', () => {
  expect(upperLimitOf(0, 100, 1, 10)).toBe(0);
  expect(lowerLimitOf(0, 100, 1, 10)).toBe(0);
  expect(lowerLimitOf(100, 100, 1, 10)).toBe(100);
});
