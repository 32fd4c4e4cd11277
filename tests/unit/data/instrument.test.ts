// Symbols in every system's spelling, and what is said of a text that is none.
// What an instrument is made of: tests/unit/rules/make-instrument.test.ts.
import { expect, test } from 'vitest';
import { parseSymbol } from '../../../engine/core/instrument.ts';

test.each([
  ['600519.SH', '600519.SH'],
  ['600519.sse', '600519.SH'],
  ['600519.SS', '600519.SH'],
  ['600519.XSHG', '600519.SH'],
  ['SH600519', '600519.SH'],
  ['000001.SZ', '000001.SZ'],
  ['000001.SZSE', '000001.SZ'],
  ['000001.XSHE', '000001.SZ'],
  [' sz.000001 ', '000001.SZ'],
  ['920002.BJ', '920002.BJ'],
  ['920002.BSE', '920002.BJ'],
])('reads %j as %s', (text, symbol) => {
  expect(parseSymbol(text).symbol).toBe(symbol);
});

test.each(['600519', 'MOUTAI', '60051.SH', '600519.XX', '600519.SH.SZ', ''])(
  'refuses %j as a symbol and says what is expected',
  (text) => {
    expect(() => parseSymbol(text)).toThrow(/expected six digits and .SH, .SZ or .BJ/);
  },
);

test('a bare code is answered with the venues to add', () => {
  expect(() => parseSymbol('000001')).toThrow(/000001\.SH or 000001\.SZ/);
});
