// Cases of Tulip Indicators (test files of the C library): how they are read, which indicator of
// ours stands for a name of theirs, and which of their options are which parameter. Used by
// indicators-tulip.test.ts. Always: a name without a row here is counted, not passed over in
// silence.
import { readFileSync } from 'node:fs';
import type { IndicatorName } from '../../engine/core/indicator-specs.ts';

export interface TulipCase {
  readonly name: string;
  readonly line: number;
  readonly options: readonly number[];
  readonly columns: readonly (readonly number[])[];
  /** Allowed difference of a value: one unit of its last decimal (some are cut, not rounded). */
  readonly slack: readonly (readonly number[])[];
}

interface Row {
  readonly ours: IndicatorName;
  readonly params?: readonly string[];
  /** Output of ours for each of theirs. */
  readonly outputs?: readonly number[];
  /** Several of ours, one for each output of theirs. */
  readonly more?: readonly IndicatorName[];
  /** Theirs is not TA-Lib's (docs/INDICATORS.md says how): only the tulip convention is checked. */
  readonly own?: true;
}

const P = ['period'] as const;
export const TULIP: Readonly<Record<string, Row>> = {
  ad: { ours: 'ad' },
  adosc: { ours: 'adOsc', params: ['fast', 'slow'] },
  adx: { ours: 'adx', params: P, own: true },
  adxr: { ours: 'adxr', params: P, own: true },
  apo: { ours: 'apo', params: ['fast', 'slow'], own: true },
  aroon: { ours: 'aroon', params: P },
  aroonosc: { ours: 'aroonOsc', params: P },
  atr: { ours: 'atr', params: P, own: true },
  avgprice: { ours: 'avgPrice' },
  bbands: { ours: 'bbands', params: ['period', 'up+down'], outputs: [2, 1, 0] },
  bop: { ours: 'bop' },
  cci: { ours: 'cci', params: P, own: true },
  cmo: { ours: 'cmo', params: P, own: true },
  dema: { ours: 'dema', params: P, own: true },
  di: { ours: 'plusDi', params: P, more: ['plusDi', 'minusDi'], own: true },
  dm: { ours: 'plusDm', params: P, more: ['plusDm', 'minusDm'] },
  dx: { ours: 'dx', params: P, own: true },
  ema: { ours: 'ema', params: P, own: true },
  hma: { ours: 'hma', params: P },
  kama: { ours: 'kama', params: P, own: true },
  linreg: { ours: 'linearReg', params: P },
  linregintercept: { ours: 'linearRegIntercept', params: P },
  linregslope: { ours: 'linearRegSlope', params: P },
  macd: { ours: 'macd', params: ['fast', 'slow', 'signal'], own: true },
  max: { ours: 'max', params: P },
  md: { ours: 'avgDev', params: P },
  medprice: { ours: 'medPrice' },
  mfi: { ours: 'mfi', params: P },
  min: { ours: 'min', params: P },
  mom: { ours: 'mom', params: P },
  natr: { ours: 'natr', params: P, own: true },
  nvi: { ours: 'nvi' },
  obv: { ours: 'obv', own: true },
  ppo: { ours: 'ppo', params: ['fast', 'slow'], own: true },
  psar: { ours: 'sar', params: ['acceleration', 'maximum'], own: true },
  pvi: { ours: 'pvi' },
  roc: { ours: 'roc', params: P, own: true },
  rocr: { ours: 'rocr', params: P },
  rsi: { ours: 'rsi', params: P },
  sma: { ours: 'sma', params: P },
  stddev: { ours: 'stddev', params: P },
  stoch: { ours: 'stoch', params: ['fastk', 'slowk', 'slowd'] },
  stochrsi: { ours: 'stochRsi', params: P, outputs: [0], own: true },
  sum: { ours: 'sum', params: P },
  tema: { ours: 'tema', params: P, own: true },
  tr: { ours: 'trange', own: true },
  trima: { ours: 'trima', params: P },
  trix: { ours: 'trix', params: P, own: true },
  tsf: { ours: 'tsf', params: P },
  typprice: { ours: 'typPrice' },
  ultosc: { ours: 'ultosc', params: ['period1', 'period2', 'period3'] },
  var: { ours: 'variance', params: P },
  vwma: { ours: 'vwma', params: P },
  wcprice: { ours: 'wclPrice' },
  wilders: { ours: 'wilders', params: P },
  willr: { ours: 'willR', params: P },
  wma: { ours: 'wma', params: P },
};

/** The cases of a file: a name with options, then one `{...}` line a column. */
export function readTulip(path: string): TulipCase[] {
  const cases: { name: string; line: number; options: number[]; texts: string[][] }[] = [];
  for (const [i, text] of readFileSync(path, 'utf8').split('\n').entries()) {
    const line = text.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('{')) {
      const inside = line.slice(1, line.indexOf('}')).trim();
      cases.at(-1)?.texts.push(inside === '' ? [] : inside.split(',').map((one) => one.trim()));
    } else {
      const [name = '', ...options] = line.split(/\s+/);
      cases.push({ name, line: i + 1, options: options.map(Number), texts: [] });
    }
  }
  return cases.map(({ texts, ...rest }) => ({
    ...rest,
    columns: texts.map((column) => column.map(Number)),
    slack: texts.map((column) => column.map((text) => slackOf(text, rest.name))),
  }));
}

/** Worked out by hand from rounded steps: the library's own test takes 0.001 for all. */
const ROUGH = ['cmo', 'kama', 'natr'];

function slackOf(text: string, name: string): number {
  const decimals = Math.min(text.split('.')[1]?.length ?? 0, ROUGH.includes(name) ? 3 : 99);
  return 1.01 * 10 ** -decimals + Math.abs(Number(text)) * 1e-9;
}
