// Recipes of averages, bands and statistics. Called by recipes.ts. A recipe takes the program and
// its checked parameters and gives its output columns in the order of the spec. Invariant: where
// conventions differ the recipe says so; docs/INDICATORS.md states it.
import type { Column, Program } from './program.ts';

export type Values = { readonly [name: string]: number };
export type Recipe = (g: Program, p: Values) => readonly Column[];

const n = (p: Values): number => p['period']!;

/** 2x - y. */
function twice(g: Program, x: Column, y: Column): Column {
  return g.sub(g.add(x, x), y);
}

/** Tulip and ChartSchool answer later than their first-value seed would allow. */
function late(g: Program, a: Column, rows: number): Column {
  return g.is('tulip', 'chartschool') ? g.hide(a, rows) : a;
}

function weightedMean(g: Program, a: Column, rows: number): Column {
  const unit = 2 / (rows * (rows + 1));
  return g.line(a, rows, unit, unit, 1);
}

/** Straight line through n rows at x = k (k = 0: the oldest); with `slope` only the slope. */
function lineAt(g: Program, rows: number, k: number): Column {
  const middle = (rows - 1) / 2;
  const spread = (rows * (rows * rows - 1)) / 12;
  const q = (k - middle) / spread;
  return g.line(g.real, rows, 1 / rows - q * middle, q, 1);
}

function lineSlope(g: Program, rows: number): Column {
  const middle = (rows - 1) / 2;
  const q = 12 / (rows * (rows * rows - 1));
  return g.line(g.real, rows, -q * middle, q, 0);
}

function triangle(g: Program, rows: number): Column {
  const half = Math.floor(rows / 2);
  return rows % 2 === 1
    ? g.mean(g.mean(g.real, half + 1), half + 1)
    : g.mean(g.mean(g.real, half), half + 1);
}

function kama(g: Program, p: Values): Column {
  const rows = n(p);
  const way = g.abs(g.sub(g.real, g.ago(g.real, rows)));
  const walked = g.sum(g.abs(g.change(g.real)), rows);
  const ratio = g.div(way, walked, 1);
  const fast = 2 / (p['fast']! + 1);
  const slow = 2 / (p['slow']! + 1);
  const root = g.scale(ratio, fast - slow, slow);
  const seedShown = g.is('tulip', 'chartschool');
  return g.adaptive(g.mul(root, root), g.real, rows, seedShown);
}

function t3(g: Program, p: Values): Column {
  const v = p['factor']!;
  const e: Column[] = [];
  for (let k = 0; k < 6; k++) e.push(g.ema(k === 0 ? g.real : e[k - 1]!, n(p)));
  const c1 = -v * v * v;
  const c2 = 3 * v * v - 3 * c1;
  const c3 = -6 * v * v - 3 * v + 3 * c1;
  const c4 = 1 + 3 * v - c1 + 3 * v * v;
  const low = g.add(g.scale(e[5]!, c1), g.scale(e[4]!, c2));
  return late(g, g.add(low, g.add(g.scale(e[3]!, c3), g.scale(e[2]!, c4))), 6 * (n(p) - 1));
}

function vwap(g: Program, p: Values): Column {
  const price = g.over(g.add(g.add(g.high, g.low), g.close), 3);
  const amount = g.mul(price, g.volume);
  if (n(p) === 0) return g.div(g.total(amount), g.total(g.volume), 0, true);
  return g.div(g.sum(amount, n(p)), g.sum(g.volume, n(p)), 0, true);
}

/** Change against the row before as a fraction; 0 after a zero. */
function returns(g: Program, a: Column): Column {
  const before = g.previous(a);
  return g.div(g.sub(a, before), before, 0);
}

function hull(g: Program, rows: number): Column {
  const half = Math.floor(rows / 2);
  const root = Math.floor(Math.sqrt(rows));
  const fast = weightedMean(g, g.real, half);
  return weightedMean(g, twice(g, fast, weightedMean(g, g.real, rows)), root);
}

function ulcer(g: Program, rows: number): Column {
  const top = g.highest(g.real, rows);
  const fall = g.scale(g.div(g.sub(g.real, top), top, 0), 100);
  return g.sqrt(g.mean(g.mul(fall, fall), rows));
}

export const AVERAGES = {
  ma: (g, p) => [g.mean(g.real, n(p))],
  sma: (g, p) => [g.is('tdx') ? g.weighted(g.real, n(p), p['weight']) : g.mean(g.real, n(p))],
  ema: (g, p) => [g.ema(g.real, n(p))],
  wilders: (g, p) => [g.is('tdx') ? g.weighted(g.real, n(p)) : g.wilder(g.real, n(p))],
  wma: (g, p) => [weightedMean(g, g.real, n(p))],
  dema: (g, p) => {
    const one = late(g, g.ema(g.real, n(p)), n(p) - 1);
    return [late(g, twice(g, one, g.ema(one, n(p))), n(p) - 1)];
  },
  tema: (g, p) => {
    const one = late(g, g.ema(g.real, n(p)), n(p) - 1);
    const two = late(g, g.ema(one, n(p)), n(p) - 1);
    const between = g.scale(g.sub(one, two), 3);
    return [late(g, g.add(between, g.ema(two, n(p))), n(p) - 1)];
  },
  trima: (g, p) => [triangle(g, n(p))],
  hma: (g, p) => [hull(g, n(p))],
  kama: (g, p) => [kama(g, p)],
  t3: (g, p) => [t3(g, p)],
  vwma: (g, p) => {
    const amount = g.sum(g.mul(g.real, g.volume), n(p));
    return [g.div(amount, g.sum(g.volume, n(p)), 0, true)];
  },
  vwap: (g, p) => [vwap(g, p)],
  midpoint: (g, p) => [g.scale(g.add(g.highest(g.real, n(p)), g.lowest(g.real, n(p))), 0.5)],
  midprice: (g, p) => [g.scale(g.add(g.highest(g.high, n(p)), g.lowest(g.low, n(p))), 0.5)],
  sar: (g, p) => [g.parabolic(p['acceleration']!, p['maximum']!)],
  bbands: (g, p) => g.bands(g.real, n(p), p['up']!, p['down']!),
  keltner: (g, p) => {
    const middle = late(g, g.ema(g.close, n(p)), n(p) - 1);
    const width = g.scale(g.atr(p['atr']!, !g.is('talib', 'tdx')), p['factor']!);
    const upper = g.add(middle, width);
    return [upper, g.when(middle, upper), g.when(g.sub(middle, width), upper)];
  },
  donchian: (g, p) => {
    const upper = g.highest(g.high, n(p));
    const lower = g.lowest(g.low, n(p));
    return [upper, g.scale(g.add(upper, lower), 0.5), lower];
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export const STATISTICS = {
  stddev: (g, p) => [g.deviation(g.real, n(p), p['factor']!)],
  variance: (g, p) => [g.variance(g.real, n(p))],
  avgDev: (g, p) => [g.meanDeviation(g.real, n(p))],
  correl: (g, p) => [g.correlation(g.real, g.real2, n(p))],
  beta: (g, p) => [g.slope(returns(g, g.real), returns(g, g.real2), n(p))],
  linearReg: (g, p) => [lineAt(g, n(p), n(p) - 1)],
  linearRegSlope: (g, p) => [lineSlope(g, n(p))],
  linearRegIntercept: (g, p) => [lineAt(g, n(p), 0)],
  linearRegAngle: (g, p) => [g.degrees(lineSlope(g, n(p)))],
  tsf: (g, p) => [lineAt(g, n(p), n(p))],
  max: (g, p) => [g.highest(g.real, n(p))],
  min: (g, p) => [g.lowest(g.real, n(p))],
  maxIndex: (g, p) => [g.sinceHighest(g.real, n(p), true)],
  minIndex: (g, p) => [g.sinceLowest(g.real, n(p), true)],
  sum: (g, p) => [g.sum(g.real, n(p))],
  ulcer: (g, p) => [ulcer(g, n(p))],
} as const satisfies Readonly<Record<string, Recipe>>;
