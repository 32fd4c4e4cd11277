// The tdx convention, by hand: there are no expected outputs of Chinese software here, so every
// figure below was worked out on paper from the published formulas (docs/INDICATORS.md), in
// fractions. Run by vitest.
import { describe, expect, test } from 'vitest';
import type { Convention, IndicatorName } from '../../../engine/core/indicator-specs.ts';
import { IndicatorModule } from '../../../engine/host/indicators/module.ts';

const module = new IndicatorModule({ megabytes: 4 });
const NONE = Number.NaN;

function run(
  name: IndicatorName,
  params: { readonly [name: string]: number },
  columns: readonly (readonly number[])[],
  convention: Convention = 'tdx',
): number[][] {
  const opened = module.open(name, { convention, params });
  const outputs = opened.batch(columns.map((column) => Float64Array.from(column)));
  return outputs.map((one) => [...one].map((value) => Number(value.toFixed(10))));
}

describe('tdx', () => {
  test('EMA starts with the first value: 10, then 2/4 of the way each time', () => {
    expect(run('ema', { period: 3 }, [[10, 12, 11, 15]])).toEqual([[10, 11, 11, 13]]);
    // talib: the mean of the first three.
    expect(run('ema', { period: 3 }, [[10, 12, 11, 15]], 'talib')).toEqual([[NONE, NONE, 11, 13]]);
  });

  test('SMA(X,4,1) and SMA(X,4,2) start with the first value; MA is the mean', () => {
    const x = [8, 12, 4, 20];
    // (1 * 12 + 3 * 8) / 4 = 9; (4 + 27) / 4 = 7.75; (20 + 23.25) / 4 = 10.8125
    expect(run('sma', { period: 4 }, [x])).toEqual([[8, 9, 7.75, 10.8125]]);
    // (2 * 12 + 2 * 8) / 4 = 10; (8 + 20) / 4 = 7; (40 + 14) / 4 = 13.5
    expect(run('sma', { period: 4, weight: 2 }, [x])).toEqual([[8, 10, 7, 13.5]]);
    expect(run('ma', { period: 4 }, [x])).toEqual([[NONE, NONE, NONE, 11]]);
  });

  test('MACD 1/3, DEA of 3: the bar is twice DIF less DEA', () => {
    // EMA(3): 10, 11, 11, 13; EMA(7): 10, 10.5, 10.625, 11.71875
    const dif = [0, 0.5, 0.375, 1.28125];
    const dea = [0, 0.25, 0.3125, 0.796875];
    const bar = dif.map((value, i) => 2 * (value - dea[i]!));
    const params = { fast: 3, slow: 7, signal: 3 };
    expect(run('macd', params, [[10, 12, 11, 15]])).toEqual([dif, dea, bar]);
  });

  test('RSI by SMA(X,N,1) of gains over that of all moves, from the first move on', () => {
    // Moves +2, -1, +4. Gains: 2, (0 + 2 * 2)/3 = 4/3, (4 + 2 * 4/3)/3 = 20/9.
    // All: 2, (1 + 2 * 2)/3 = 5/3, (4 + 2 * 5/3)/3 = 22/9.
    const [values] = run('rsi', { period: 3 }, [[10, 12, 11, 15]]);
    expect(values).toEqual([NONE, 100, 80, Number((2000 / 22).toFixed(10))]);
  });

  test('KDJ 3,3,3: K and D start with the first RSV', () => {
    const high = [12, 13, 14, 14];
    const low = [10, 11, 12, 10];
    const close = [11, 12, 13, 12];
    // Lowest and highest of three: rows 2 and 3 have 10..14. RSV = 75, 50.
    // K = 75, (50 + 2 * 75)/3 = 200/3; D = 75, (200/3 + 150)/3 = 650/9; J = 3K - 2D = 500/9.
    expect(run('kdj', { period: 3, k: 3, d: 3 }, [high, low, close])).toEqual([
      [NONE, NONE, 75, Number((200 / 3).toFixed(10))],
      [NONE, NONE, 75, Number((650 / 9).toFixed(10))],
      [NONE, NONE, 75, Number((500 / 9).toFixed(10))],
    ]);
  });

  test('ATR is the mean of the true range, which the first row does not have', () => {
    const high = [12, 13, 14, 14];
    const low = [10, 11, 12, 10];
    const close = [11, 12, 13, 12];
    // TR: -, max(2, 2, 0) = 2, max(2, 2, 0) = 2, max(4, 1, 3) = 4.
    expect(run('atr', { period: 2 }, [high, low, close])).toEqual([[NONE, NONE, 2, 3]]);
    // talib: (2 + 2) / 2 = 2, then 2 + (4 - 2) / 2 = 3.
    expect(run('atr', { period: 2 }, [high, low, close], 'talib')).toEqual([[NONE, NONE, 2, 3]]);
  });

  test('WR runs from 0 at the high to 100 at the low', () => {
    const columns = [
      [12, 13, 14, 14],
      [10, 11, 12, 10],
      [12, 13, 12, 10],
    ];
    expect(run('willR', { period: 2 }, columns)).toEqual(
      [[NONE, 0, (14 - 12) / 0.03, 100]].map(rounded),
    );
    expect(run('willR', { period: 2 }, columns, 'talib')[0]!.at(-1)).toBe(-100);
  });

  test('BOLL divides by n - 1, talib by n', () => {
    // 1, 2, 3: squares of deviations sum to 2; 2 / 2 = 1, 2 / 3.
    expect(run('bbands', { period: 3 }, [[1, 2, 3]]).map((one) => one[2])).toEqual([4, 2, 0]);
    const root = Math.sqrt(2 / 3);
    const bands = run('bbands', { period: 3 }, [[1, 2, 3]], 'talib').map((one) => one[2]);
    expect(bands).toEqual(rounded([2 + 2 * root, 2, 2 - 2 * root]));
  });

  test('DMI by plain sums, ADX by their mean', () => {
    const high = [10, 12, 13, 13, 15];
    const low = [8, 9, 10, 8, 11];
    const close = [9, 11, 12, 9, 14];
    // TR: 3, 3, 5, 6; +DM: 2, 1, 0, 2; -DM: 0, 0, 2, 0.
    // Sums of two: TR 6, 8, 11; + 3, 1, 2; - 0, 2, 2.
    expect(run('plusDi', { period: 2 }, [high, low, close])).toEqual([
      rounded([NONE, NONE, 50, 12.5, 200 / 11]),
    ]);
    // DX: 100, 100 / 3, 0; means of two.
    expect(run('adx', { period: 2, smooth: 2 }, [high, low])).toEqual([
      rounded([NONE, NONE, NONE, 200 / 3, 50 / 3]),
    ]);
  });

  test('BIAS, PSY, VR and OBV', () => {
    const close = [10, 12, 12, 9];
    const volume = [100, 200, 300, 400];
    expect(run('bias', { period: 2 }, [close])[0]).toEqual(
      rounded([NONE, 100 / 11, 0, -150 / 10.5]),
    );
    expect(run('psy', { period: 3 }, [close])[0]!.at(-1)).toBe(rounded([100 / 3])[0]);
    // Up 200, down 400, even 300: 100 (400 + 300) / (800 + 300).
    expect(run('vr', { period: 3 }, [close, volume])[0]!.at(-1)).toBe(rounded([700 / 11])[0]);
    expect(run('obv', {}, [close, volume])).toEqual([[0, 200, 200, -200]]);
    expect(run('obv', {}, [close, volume], 'talib')).toEqual([[100, 300, 300, -100]]);
  });
});

function rounded(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toFixed(10)));
}
