// The indicator module at its edges: parameters, memory, files, missing numbers, reset, flat
// prices. Run by vitest.
import { describe, expect, test } from 'vitest';
import { IndicatorModule } from '../../../engine/host/indicators/module.ts';

const module = new IndicatorModule({ megabytes: 8 });
const column = (...values: number[]) => Float64Array.from(values);

describe('an indicator', () => {
  test.each([
    ['period', 1, 'period=1, expected a whole number from 2 to 100000'],
    ['period', 2.5, 'period=2.5, expected a whole number'],
    ['period', Number.NaN, 'period=NaN, expected a whole number'],
    ['period', 100_001, 'period=100001, expected a whole number from 2 to 100000'],
    ['length', 5, 'no parameter is called length; it takes period'],
  ])('refuses %s=%d and says what is expected', (name, value, message) => {
    expect(() => module.open('rsi', { params: { [name]: value } })).toThrow(message);
  });

  test('refuses a weight of SMA(X,N,M) above its period', () => {
    const open = () => module.open('sma', { convention: 'tdx', params: { period: 3, weight: 4 } });
    expect(open).toThrow('weight=4, expected at most period=3');
  });

  test('refuses columns of different lengths, or too few', () => {
    const atr = module.open('atr');
    expect(() => atr.batch([column(1, 2), column(1, 2), column(1)])).toThrow(
      'columns of 2, 2, 1 values, expected 3 of one length (high, low, close)',
    );
    expect(() => atr.batch([column(1)])).toThrow('expected 3 of one length');
  });

  test('says how much memory is missing, and opens a smaller one after that', () => {
    const small = new IndicatorModule({ megabytes: 1 });
    expect(() => small.open('sma', { params: { period: 100_000 } })).not.toThrow();
    expect(() => small.open('bbands', { params: { period: 100_000 } })).toThrow(
      /no memory left for it \(\d+ bytes needed, \d+ free\)/,
    );
    expect(() => small.open('sma', { params: { period: 1_000 } })).not.toThrow();
  });

  test('leaves out rows that miss a number as if they did not exist', () => {
    const whole = module.open('ema', { params: { period: 2 } }).batch([column(1, 2, 4, 8)])[0]!;
    const holes = column(Number.NaN, 1, 2, Number.POSITIVE_INFINITY, 4, 1e200, 8, Number.NaN);
    const [values] = module.open('ema', { params: { period: 2 } }).batch([holes]);
    const { NaN: none } = Number;
    expect([...values!]).toEqual([none, none, whole[1], none, whole[2], none, whole[3], none]);
  });

  test('answers nothing but empties for rows that never hold a number', () => {
    const [values] = module.open('macd').batch([new Float64Array(2_000).fill(Number.NaN)]);
    expect(values!.every((value) => Number.isNaN(value))).toBe(true);
  });

  test('a renewed module has all its memory and answers as a new one', () => {
    const one = new IndicatorModule({ megabytes: 1 });
    const free = one.freeBytes;
    const prices = column(10, 11, 10.5, 12, 11, 13, 12.5, 14, 13, 15);
    const macd = { params: { fast: 2, slow: 3, signal: 2 } };
    const first = one.open('macd', macd).batch([prices]);
    one.open('stoch');
    one.renew();
    expect(one.freeBytes).toBe(free);
    // The same memory, under another indicator.
    const rsi = { params: { period: 3 } };
    const expected = new IndicatorModule({ megabytes: 1 }).open('rsi', rsi).batch([prices]);
    expect(one.open('rsi', rsi).batch([prices])).toEqual(expected);
    one.renew();
    expect(one.open('macd', macd).batch([prices])).toEqual(first);
  });

  test('starts anew after reset', () => {
    const rsi = module.open('rsi', { params: { period: 2 } });
    const prices = column(10, 11, 10.5, 12, 11);
    const first = [...rsi.batch([prices])[0]!];
    rsi.reset();
    expect(rsi.last[0]).toBeNaN();
    expect([...rsi.batch([prices])[0]!]).toEqual(first);
  });

  test.each(['sma', 'wma', 'ema', 'linearReg'] as const)(
    '%s of a flat price is that price, also after another one',
    (name) => {
      const prices = [...Array(30).fill(7.77), ...Array(400).fill(10.01)] as number[];
      const [values] = module.open(name, { params: { period: 20 } }).batch([column(...prices)]);
      const last = values!.at(-1)!;
      if (name === 'linearReg' || name === 'wma') expect(last).toBeCloseTo(10.01, 12);
      else expect(Math.abs(last - 10.01)).toBeLessThan(name === 'ema' ? 1e-12 : 4e-15);
    },
  );

  test('a flat window has no spread at all', () => {
    const prices = column(...(Array(25).fill(7.77) as number[]), ...Array(60).fill(10.01));
    const [values] = module.open('stddev', { params: { period: 20 } }).batch([prices]);
    expect(values!.at(-1)).toBe(0);
    expect(values!.at(-5)).toBe(0);
  });

  test('a price a million times too high is forgotten when it has left the window', () => {
    const prices = Array.from({ length: 300 }, (_, i) => 10 + (i % 7) / 100);
    const spiked = prices.map((price, i) => (i === 100 ? price * 1e6 : price));
    for (const name of ['sma', 'bbands', 'linearReg', 'max', 'sum'] as const) {
      const of = (x: number[]) =>
        module.open(name, { params: { period: 20 } }).batch([column(...x)]);
      const clean = of(prices)[0]!;
      const after = of(spiked)[0]!;
      for (let i = 141; i < 300; i++) expect(after[i]).toBeCloseTo(clean[i]!, 11);
    }
  });
});

test.each([0, 1.5, 4096])('a module of %d MiB is refused', (megabytes) => {
  expect(() => new IndicatorModule({ megabytes })).toThrow('expected a whole number 1..2047');
});

test('a module that is missing, broken or another one is named with what to do', () => {
  const at = (path: string) => () => new IndicatorModule({ wasmPath: path });
  expect(at('/nowhere.wasm')).toThrow('/nowhere.wasm is missing; run npm run build:wasm');
  expect(at(import.meta.filename)).toThrow('cannot be loaded');
  const kernels = new URL('../../../wasm/build/kernels.wasm', import.meta.url).pathname;
  expect(at(kernels)).toThrow('run npm run build:wasm');
});
