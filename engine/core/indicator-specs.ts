// What indicators there are: inputs, parameters with ranges, outputs, one line about each. Data
// only: the programs are in engine/host/indicators, the formulas in docs/INDICATORS.md. Read by the
// strategy contract (its types follow from this table), the command `pankou indicator` and tests.
// Invariant: names are TA-Lib's in camel case; the first output is what `value` means.

/** Rows an indicator may look at; `real` is the column chosen by `on` or `--column`. */
export type IndicatorInput = 'open' | 'high' | 'low' | 'close' | 'volume' | 'real' | 'real2';

export interface IndicatorParam {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly int: boolean;
}

export interface IndicatorSpec {
  readonly about: string;
  readonly inputs: readonly IndicatorInput[];
  readonly params: { readonly [name: string]: IndicatorParam };
  readonly outputs: readonly string[];
  /** Defaults of Chinese software where they are others. */
  readonly tdx?: { readonly [name: string]: number };
}

/** The longest window. */
export const PERIOD_MAX = 100_000;

const rows = (value: number, min = 2) =>
  ({ default: value, min, max: PERIOD_MAX, int: true }) as const; // hot-ok: at start
const real = (value: number, min: number, max: number) =>
  ({ default: value, min, max, int: false }) as const; // hot-ok: at start
const whole = (value: number, min: number, max: number) =>
  ({ default: value, min, max, int: true }) as const; // hot-ok: at start

const REAL = ['real'] as const;
const PAIR = ['real', 'real2'] as const;
const HL = ['high', 'low'] as const;
const HLC = ['high', 'low', 'close'] as const;
const OHLC = ['open', 'high', 'low', 'close'] as const;
const HLCV = ['high', 'low', 'close', 'volume'] as const;
const REAL_VOLUME = ['real', 'volume'] as const;
const VALUE = ['value'] as const;
const NONE = {} as const;
const MACD = ['macd', 'signal', 'histogram'] as const;
const BANDS = ['upper', 'middle', 'lower'] as const;
const DEVIATIONS = { up: real(2, 0, 100), down: real(2, 0, 100) } as const;
const FAST_SLOW = { fast: rows(12), slow: rows(26), matype: whole(0, 0, 1) } as const;

// hot-ok: at start
const periodOf = (value: number, min: number) => ({ period: rows(value, min) }) as const;
const simple = (about: string, value: number, min = 2) =>
  // hot-ok: at start
  ({ about, inputs: REAL, params: periodOf(value, min), outputs: VALUE }) as const;
const hlc = (about: string, value: number, min = 2) =>
  // hot-ok: at start
  ({ about, inputs: HLC, params: periodOf(value, min), outputs: VALUE }) as const;
// hot-ok: at start
const candle = (about: string) => ({ about, inputs: OHLC, params: NONE, outputs: VALUE }) as const;

const AVERAGES = {
  ma: simple('mean of the last n', 30, 1),
  sma: {
    about: 'talib: mean of the last n; tdx: SMA(X,N,M), weight M',
    inputs: REAL,
    params: { period: rows(30, 1), weight: rows(1, 1) },
    outputs: VALUE,
  },
  ema: simple('exponential average, factor 2/(n+1)', 30, 1),
  wilders: simple("Wilder's average, factor 1/n", 14, 1),
  wma: simple('mean weighted 1..n', 30, 1),
  dema: simple('double exponential average', 30),
  tema: simple('triple exponential average', 30),
  trima: simple('mean of the mean (triangular)', 30),
  hma: simple("Hull's average", 16),
  kama: {
    about: "Kaufman's adaptive average",
    inputs: REAL,
    params: { period: rows(30), fast: rows(2, 1), slow: rows(30, 1) },
    outputs: VALUE,
  },
  t3: {
    about: "Tillson's T3",
    inputs: REAL,
    params: { period: rows(5), factor: real(0.7, 0, 1) },
    outputs: VALUE,
  },
  vwma: {
    about: 'mean of the last n weighted by volume',
    inputs: REAL_VOLUME,
    params: { period: rows(20, 1) },
    outputs: VALUE,
  },
  vwap: {
    about: 'typical price weighted by volume, of n rows or (0) since the start',
    inputs: HLCV,
    params: { period: rows(0, 0) },
    outputs: VALUE,
  },
  midpoint: simple('middle of highest and lowest of the last n', 14),
  midprice: {
    about: 'middle of highest high and lowest low',
    inputs: HL,
    params: { period: rows(14) },
    outputs: VALUE,
  },
  sar: {
    about: 'parabolic stop and reverse',
    inputs: HL,
    params: { acceleration: real(0.02, 0, 10), maximum: real(0.2, 0, 10) },
    outputs: VALUE,
  },
  bbands: {
    about: 'Bollinger bands; divisor n (talib), n-1 (tdx)',
    inputs: REAL,
    params: { period: rows(5), ...DEVIATIONS },
    outputs: BANDS,
    tdx: { period: 20 },
  },
  keltner: {
    about: 'exponential average with bands of ATR',
    inputs: HLC,
    params: { period: rows(20), atr: rows(10), factor: real(2, 0, 100) },
    outputs: BANDS,
  },
  donchian: {
    about: 'highest high, middle, lowest low',
    inputs: HL,
    params: { period: rows(20, 1) },
    outputs: BANDS,
  },
} as const;

const MOMENTUM = {
  adx: {
    about: 'average directional index; smooth 0 = period',
    inputs: HL,
    params: { period: rows(14), smooth: rows(0, 0) },
    outputs: VALUE,
    tdx: { smooth: 6 },
  },
  adxr: {
    about: 'mean of ADX and an earlier ADX',
    inputs: HL,
    params: { period: rows(14), smooth: rows(0, 0) },
    outputs: VALUE,
    tdx: { smooth: 6 },
  },
  dx: { about: 'directional index', inputs: HL, params: { period: rows(14) }, outputs: VALUE },
  plusDi: hlc('upward movement, % of the range', 14),
  minusDi: hlc('downward movement, % of the range', 14),
  plusDm: {
    about: 'upward movement, smoothed',
    inputs: HL,
    params: { period: rows(14, 1) },
    outputs: VALUE,
  },
  minusDm: {
    about: 'downward movement, smoothed',
    inputs: HL,
    params: { period: rows(14, 1) },
    outputs: VALUE,
  },
  apo: { about: 'fast less slow average', inputs: REAL, params: FAST_SLOW, outputs: VALUE },
  ppo: { about: 'fast over slow average, %', inputs: REAL, params: FAST_SLOW, outputs: VALUE },
  aroon: {
    about: 'rows since the lowest and the highest, %',
    inputs: HL,
    params: { period: rows(14) },
    outputs: ['down', 'up'],
  },
  aroonOsc: {
    about: 'Aroon up less down',
    inputs: HL,
    params: { period: rows(14) },
    outputs: VALUE,
  },
  bop: { about: 'body over range', inputs: OHLC, params: NONE, outputs: VALUE },
  cci: hlc('commodity channel index', 14),
  cmo: simple("Chande's momentum", 14),
  macd: {
    about: 'fast less slow exponential average, its average, the difference (tdx: twice)',
    inputs: REAL,
    params: { fast: rows(12), slow: rows(26), signal: rows(9, 1) },
    outputs: MACD,
  },
  macdFix: {
    about: 'MACD 12/26 with the factors 0.15 and 0.075',
    inputs: REAL,
    params: { signal: rows(9, 1) },
    outputs: MACD,
  },
  mfi: { about: 'money flow index', inputs: HLCV, params: { period: rows(14) }, outputs: VALUE },
  mom: { ...simple('value less the one n rows ago', 10, 1), tdx: { period: 12 } },
  roc: { ...simple('change over n rows, %', 10, 1), tdx: { period: 12 } },
  rocp: simple('change over n rows, a fraction', 10, 1),
  rocr: simple('ratio to the value n rows ago', 10, 1),
  rocr100: simple('ratio to the value n rows ago, %', 10, 1),
  rsi: { ...simple('relative strength index', 14), tdx: { period: 6 } },
  stoch: {
    about: 'slow stochastic',
    inputs: HLC,
    params: { fastk: rows(5, 1), slowk: rows(3, 1), slowd: rows(3, 1) },
    outputs: ['slowk', 'slowd'],
  },
  stochF: {
    about: 'fast stochastic',
    inputs: HLC,
    params: { fastk: rows(5, 1), fastd: rows(3, 1) },
    outputs: ['fastk', 'fastd'],
  },
  stochRsi: {
    about: 'fast stochastic of RSI',
    inputs: REAL,
    params: { period: rows(14), fastk: rows(5, 1), fastd: rows(3, 1) },
    outputs: ['fastk', 'fastd'],
  },
  kdj: {
    about: 'K and D of the stochastic, J = 3K - 2D',
    inputs: HLC,
    params: { period: rows(9, 1), k: rows(3, 1), d: rows(3, 1) },
    outputs: ['k', 'd', 'j'],
  },
  trix: { ...simple('change of the triple exponential average, %', 30, 1), tdx: { period: 12 } },
  ultosc: {
    about: 'ultimate oscillator',
    inputs: HLC,
    params: { period1: rows(7, 1), period2: rows(14, 1), period3: rows(28, 1) },
    outputs: VALUE,
  },
  willR: { ...hlc('Williams %R: -100..0 (talib), 0..100 (tdx)', 14), tdx: { period: 10 } },
  tsi: {
    about: 'true strength index',
    inputs: REAL,
    params: { slow: rows(25, 1), fast: rows(13, 1) },
    outputs: VALUE,
  },
  vortex: {
    about: 'vortex movement up and down over the range',
    inputs: HLC,
    params: { period: rows(14) },
    outputs: ['plus', 'minus'],
  },
  bias: simple('distance from the mean, %', 6, 1),
  psy: simple('share of rising rows, %', 12, 1),
  brar: {
    about: 'buying power against the last close and against the open',
    inputs: OHLC,
    params: { period: rows(26, 1) },
    outputs: ['br', 'ar'],
  },
  cr: {
    about: 'power against the last middle price',
    inputs: HL,
    params: { period: rows(26, 1) },
    outputs: VALUE,
  },
} as const;

const BARS = {
  ad: { about: 'accumulation and distribution', inputs: HLCV, params: NONE, outputs: VALUE },
  adOsc: {
    about: 'fast less slow average of AD',
    inputs: HLCV,
    params: { fast: rows(3), slow: rows(10) },
    outputs: VALUE,
  },
  obv: { about: 'on-balance volume', inputs: REAL_VOLUME, params: NONE, outputs: VALUE },
  nvi: { about: 'negative volume index', inputs: REAL_VOLUME, params: NONE, outputs: VALUE },
  pvi: { about: 'positive volume index', inputs: REAL_VOLUME, params: NONE, outputs: VALUE },
  vr: {
    about: 'volume of rising against falling rows, %',
    inputs: REAL_VOLUME,
    params: { period: rows(26, 1) },
    outputs: VALUE,
  },
  trange: { about: 'true range', inputs: HLC, params: NONE, outputs: VALUE },
  atr: hlc("average true range: Wilder's (talib), mean (tdx)", 14, 1),
  natr: hlc('ATR, % of the close', 14, 1),
  avgPrice: { about: '(O+H+L+C)/4', inputs: OHLC, params: NONE, outputs: VALUE },
  medPrice: { about: '(H+L)/2', inputs: HL, params: NONE, outputs: VALUE },
  typPrice: { about: '(H+L+C)/3', inputs: HLC, params: NONE, outputs: VALUE },
  wclPrice: { about: '(H+L+2C)/4', inputs: HLC, params: NONE, outputs: VALUE },
} as const;

const STATISTICS = {
  stddev: {
    about: 'standard deviation times factor; divisor n (talib), n-1 (tdx)',
    inputs: REAL,
    params: { period: rows(5), factor: real(1, -100, 100) },
    outputs: VALUE,
  },
  variance: simple('variance; divisor n (talib), n-1 (tdx)', 5),
  avgDev: simple('mean absolute deviation', 14),
  correl: {
    about: 'correlation of two columns',
    inputs: PAIR,
    params: { period: rows(30) },
    outputs: VALUE,
  },
  beta: {
    about: 'slope of the second column’s changes on those of the first',
    inputs: PAIR,
    params: { period: rows(5) },
    outputs: VALUE,
  },
  linearReg: simple('end of the straight line through n rows', 14),
  linearRegSlope: simple('its slope', 14),
  linearRegIntercept: simple('its start', 14),
  linearRegAngle: simple('its slope as an angle, degrees', 14),
  tsf: simple('its next row', 14),
  max: simple('highest of the last n', 30, 1),
  min: simple('lowest of the last n', 30, 1),
  maxIndex: simple('number of the row of the highest, from 0', 30, 1),
  minIndex: simple('number of the row of the lowest, from 0', 30, 1),
  sum: simple('sum of the last n', 30, 1),
  ulcer: simple('root of the mean squared fall from the highest, %', 14),
} as const;

const CANDLES = {
  cdlDoji: candle('hardly a body'),
  cdlDragonflyDoji: candle('doji with a lower shadow only'),
  cdlGravestoneDoji: candle('doji with an upper shadow only'),
  cdlLongLeggedDoji: candle('doji with a long shadow'),
  cdlMarubozu: candle('long body, hardly a shadow'),
  cdlSpinningTop: candle('short body between longer shadows'),
  cdlHammer: candle('small body on a long shadow, at the lows'),
  cdlHangingMan: candle('small body on a long shadow, at the highs'),
  cdlInvertedHammer: candle('small body under a long shadow, below the body before'),
  cdlShootingStar: candle('small body under a long shadow, above the body before'),
  cdlEngulfing: candle('body around the one before'),
  cdlHarami: candle('small body inside a long one'),
  cdlHaramiCross: candle('doji inside a long body'),
  cdlPiercing: candle('opens below the low, closes above the middle'),
  cdlDarkCloudCover: {
    about: 'opens above the high, closes deep in the body',
    inputs: OHLC,
    params: { penetration: real(0.5, 0, 10) },
    outputs: VALUE,
  },
  cdlMorningStar: {
    about: 'long fall, small body, rise',
    inputs: OHLC,
    params: { penetration: real(0.3, 0, 10) },
    outputs: VALUE,
  },
  cdlEveningStar: {
    about: 'long rise, small body, fall',
    inputs: OHLC,
    params: { penetration: real(0.3, 0, 10) },
    outputs: VALUE,
  },
  cdl3WhiteSoldiers: candle('three long rises'),
  cdl3BlackCrows: candle('three long falls'),
} as const;

/** All indicators by name. */
export const INDICATORS = {
  ...AVERAGES,
  ...MOMENTUM,
  ...BARS,
  ...STATISTICS,
  ...CANDLES,
} as const satisfies Readonly<Record<string, IndicatorSpec>>;

export type IndicatorName = keyof typeof INDICATORS;
/**
 * talib and tdx are the two to work with; tulip and chartschool agree with their published
 * sheets.
 */
export const CONVENTIONS = ['talib', 'tdx', 'tulip', 'chartschool'] as const;
export type Convention = (typeof CONVENTIONS)[number];

/** Other names people know. */
export const INDICATOR_ALIASES: Readonly<Record<string, IndicatorName>> = {
  boll: 'bbands',
  psar: 'sar',
  tr: 'trange',
  wr: 'willR',
  linreg: 'linearReg',
  linregslope: 'linearRegSlope',
  linregintercept: 'linearRegIntercept',
  var: 'variance',
  std: 'stddev',
  md: 'avgDev',
  mtm: 'mom',
  pdi: 'plusDi',
  mdi: 'minusDi',
  wcprice: 'wclPrice',
  rma: 'wilders',
};
