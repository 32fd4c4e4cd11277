// Symbols in every system's spelling, boards by code range, and the table of a day's instruments.
// The ranges and quantities are those of the rules sheet, sections 1 and 2.
import { expect, test } from 'vitest';
import {
  InstrumentTable,
  limitPercentOf,
  makeInstrument,
  parseSymbol,
} from '../../../engine/core/instrument.ts';

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

test.each([
  ['600519.SH', 'sse-main', 100, 100, 100, 1_000_000, 0],
  ['688981.SH', 'star', 100, 200, 1, 100_000, 0],
  ['000001.SZ', 'szse-main', 100, 100, 100, 1_000_000, 0],
  ['003816.SZ', 'szse-main', 100, 100, 100, 1_000_000, 0],
  ['300750.SZ', 'chinext', 100, 100, 100, 300_000, 0],
  ['920002.BJ', 'bse', 100, 100, 1, 1_000_000, 0],
  ['510300.SH', 'fund', 10, 100, 100, 1_000_000, 0],
  ['518880.SH', 'fund', 10, 100, 100, 1_000_000, 1],
  ['159915.SZ', 'fund', 10, 100, 100, 1_000_000, 0],
  ['113050.SH', 'convertible-bond', 10, 10, 10, 1_000_000, 1],
  ['000001.SH', 'index', 1, 0, 1, 0, 0],
])('%s is on board %s', (symbol, board, tickE4, buyMin, buyStep, maxQty, turnround) => {
  const expected = { symbol, board, tickE4, buyMin, buyStep, maxQty, turnround };
  expect(makeInstrument(0, symbol)).toMatchObject(expected);
});

test('limit prices follow from preclose, board and day, unless the static file gives them', () => {
  expect(makeInstrument(0, '000001.SZ', { preCloseE4: 114_000 })).toMatchObject({
    upperLimitE4: 125_400,
    lowerLimitE4: 102_600,
  });
  const chinext = { preCloseE4: 100_300 };
  expect(makeInstrument(0, '300010.SZ', chinext, 20200821).upperLimitE4).toBe(110_300);
  expect(makeInstrument(0, '300010.SZ', chinext, 20200824).upperLimitE4).toBe(120_400);
  expect(makeInstrument(0, '920023.BJ', { preCloseE4: 18_200 }).upperLimitE4).toBe(23_600);
  const given = { preCloseE4: 114_000, upperLimitE4: 0, lowerLimitE4: 0 };
  expect(makeInstrument(0, '000001.SZ', given).upperLimitE4).toBe(0);
  expect(limitPercentOf('index', 0)).toBe(0);
});

test('a code outside every range is refused', () => {
  expect(() => makeInstrument(0, '999999.SH')).toThrow(/999999\.SH: no board known/);
});

test('the table finds by any spelling and names the nearest for an unknown one', () => {
  const table = InstrumentTable.fromSymbols(['600536.SH', '600761.SH', '000001.SZ']);
  expect(table.get('600761.XSHG').index).toBe(1);
  expect(table.at(2).symbol).toBe('000001.SZ');
  expect(table.find('600519.SH')).toBeNull();
  expect(() => table.get('600537.SH')).toThrow(
    /unknown instrument 600537\.SH; nearest known: 600536\.SH; known: 600536\.SH, 600761\.SH/,
  );
});

test('the table refuses a symbol twice and an index that is not its place', () => {
  expect(() => InstrumentTable.fromSymbols(['600536.SH', '600536.SSE'])).toThrow(/twice/);
  expect(() => new InstrumentTable([makeInstrument(1, '600536.SH')])).toThrow(/expected 0/);
});
