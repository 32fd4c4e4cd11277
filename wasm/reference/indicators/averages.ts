// Slow twins: averages, bands, statistics. Each is written from its formula (docs/INDICATORS.md),
// over whole series. Used by tests/differential/indicator-kernels.test.ts through twins.ts.
// Always: nothing here knows how the kernel computes.
import type { Asked, Series, Twin } from './series.ts';
import {
  ago,
  change,
  ema,
  exponential,
  highest,
  isSheet,
  lowest,
  mean,
  meanOf,
  over,
  rolling,
  scale,
  sum,
  sumOf,
  trueRange,
  typical,
  where,
  without,
  zip,
} from './series.ts';

const n = (a: Asked): number => a.p['period']!;

function weighted(x: Series, rows: number): number[] {
  const weights = (rows * (rows + 1)) / 2;
  return rolling(x, rows, (w) => sumOf(w.map((value, k) => value * (k + 1))) / weights);
}

/** Least squares through the points (0, w[0]), (1, w[1]) ...: [value at 0, slope]. */
function lineThrough(w: Series): [number, number] {
  const middle = (w.length - 1) / 2;
  const level = meanOf(w);
  const xy = sumOf(w.map((value, k) => (k - middle) * (value - level)));
  const xx = sumOf(w.map((_, k) => (k - middle) ** 2));
  return [level - (xy / xx) * middle, xy / xx];
}

function line(a: Asked, f: (start: number, slope: number) => number): number[] {
  return rolling(a.real, n(a), (w) => f(...lineThrough(w)));
}

function variance(a: Asked, x: Series, rows: number): number[] {
  const divisor = a.convention === 'tdx' ? rows - 1 : rows;
  return rolling(x, rows, (w) => {
    const level = meanOf(w);
    return sumOf(w.map((value) => (value - level) ** 2)) / divisor;
  });
}

function emaChain(a: Asked, count: number): number[][] {
  const chain: number[][] = [];
  let x = a.real;
  for (let k = 0; k < count; k++) {
    const next = ema(a, x, n(a));
    chain.push(next);
    x = next;
  }
  return chain;
}

/** Chained averages of Tulip: each starts when the one before is n values old. */
function lateChain(a: Asked, count: number): number[][] {
  const chain: number[][] = [];
  let x = a.real;
  for (let k = 0; k < count; k++) {
    const next = ema(a, x, n(a));
    x = isSheet(a) ? without(next, n(a) - 1) : next;
    chain.push([...x]);
  }
  return chain;
}

function kama(a: Asked): number[] {
  const rows = n(a);
  const [fast, slow] = [2 / (a.p['fast']! + 1), 2 / (a.p['slow']! + 1)];
  const out: number[] = [];
  let e = Number.NaN;
  for (let i = 0; i < a.real.length; i++) {
    if (i < rows) {
      e = a.real[i]!;
      out.push(isSheet(a) && i === rows - 1 ? e : Number.NaN);
      continue;
    }
    let walked = 0;
    for (let k = i - rows + 1; k <= i; k++) walked += Math.abs(a.real[k]! - a.real[k - 1]!);
    const way = Math.abs(a.real[i]! - a.real[i - rows]!);
    const ratio = walked === 0 ? 1 : way / walked;
    const k = (ratio * (fast - slow) + slow) ** 2;
    e = e + k * (a.real[i]! - e);
    out.push(e);
  }
  return out;
}

function t3(a: Asked): number[] {
  const v = a.p['factor']!;
  const [, , e3, e4, e5, e6] = emaChain(a, 6);
  const out = e6!.map(
    (_, i) =>
      -(v ** 3) * e6![i]! +
      (3 * v ** 2 + 3 * v ** 3) * e5![i]! +
      (-6 * v ** 2 - 3 * v - 3 * v ** 3) * e4![i]! +
      (1 + 3 * v + v ** 3 + 3 * v ** 2) * e3![i]!,
  );
  return isSheet(a) ? without(out, 6 * (n(a) - 1)) : out;
}

function weightedByVolume(a: Asked, x: Series, rows: number): number[] {
  return over(
    sum(
      zip(x, a.volume, (value, v) => value * v),
      rows,
    ),
    sum(a.volume, rows),
  );
}

function vwap(a: Asked): number[] {
  if (n(a) > 0) return weightedByVolume(a, typical(a), n(a));
  const price = typical(a);
  return price.map((_, i) => {
    const volume = sumOf(a.volume.slice(0, i + 1));
    const amount = sumOf(price.slice(0, i + 1).map((value, k) => value * a.volume[k]!));
    return volume > 0 ? amount / volume : 0;
  });
}

function triangle(a: Asked): number[] {
  const half = Math.floor(n(a) / 2);
  const first = n(a) % 2 === 1 ? half + 1 : half;
  return mean(mean(a.real, first), half + 1);
}

function sar(a: Asked): number[] {
  const { acceleration: step = 0, maximum = 0 } = a.p;
  const { high, low } = a;
  const out = [Number.NaN];
  if (high.length < 2) return high.map(() => Number.NaN);
  const isTulip = a.convention === 'tulip';
  const up = high[1]! - high[0]!;
  const down = low[0]! - low[1]!;
  let long = isTulip ? high[1]! + low[1]! >= high[0]! + low[0]! : !(down > 0 && down > up);
  let stop = long ? low[0]! : high[0]!;
  const from = isTulip ? 0 : 1;
  let extreme = long ? high[from]! : low[from]!;
  let speed = Math.min(step, maximum);
  for (let i = 1; i < high.length; i++) {
    const before = i === 1 ? from : i - 1;
    const tops = [high[before]!, high[i]!];
    const floors = [low[before]!, low[i]!];
    const reach = long ? stop - low[i]! : high[i]! - stop;
    if (isTulip ? reach > 0 : reach >= 0) {
      stop = long ? Math.max(extreme, ...tops) : Math.min(extreme, ...floors);
      long = !long;
      speed = Math.min(step, maximum);
      extreme = long ? high[i]! : low[i]!;
      out.push(stop);
    } else {
      out.push(stop);
      const better = long ? high[i]! > extreme : low[i]! < extreme;
      if (better) {
        extreme = long ? high[i]! : low[i]!;
        speed = Math.min(speed + Math.min(step, maximum), maximum);
      }
    }
    stop = stop + speed * (extreme - stop);
    stop = long ? Math.min(stop, ...floors) : Math.max(stop, ...tops);
  }
  return out;
}

function keltner(a: Asked): Series[] {
  const rows = a.p['atr']!;
  const first = isSheet(a);
  const range = exponential(trueRange(a, first), 1 / rows, rows);
  const all = ema(a, a.close, n(a));
  const middle = first ? without(all, n(a) - 1) : all;
  const upper = zip(middle, range, (m, r) => m + a.p['factor']! * r);
  const lower = zip(middle, range, (m, r) => m - a.p['factor']! * r);
  return [upper, where(middle, upper), lower];
}

function together(
  x: Series,
  y: Series,
  rows: number,
  f: (xx: number, yy: number, xy: number) => number,
) {
  return x.map((_, i) => {
    const [u, v] = [x, y].map((one) => one.slice(Math.max(0, i - rows + 1), i + 1));
    if (i < rows - 1 || [...u!, ...v!].some((value) => Number.isNaN(value))) return Number.NaN;
    const [mu, mv] = [meanOf(u!), meanOf(v!)];
    const du = u!.map((value) => value - mu);
    const dv = v!.map((value) => value - mv);
    const dot = (p: number[], q: number[]) => sumOf(p.map((value, k) => value * q[k]!));
    return f(dot(du, du), dot(dv, dv), dot(du, dv));
  });
}

const returns = (x: Series): number[] => over(change(x), ago(x, 1));

/** Number (from 0) of the last row in the window that has the extreme. */
function indexOfBest(a: Asked, best: (w: number[]) => number): number[] {
  return a.real.map((_, i) => {
    if (i < n(a) - 1) return Number.NaN;
    const window = a.real.slice(i - n(a) + 1, i + 1);
    return i - n(a) + 1 + window.lastIndexOf(best(window));
  });
}

export const AVERAGES: { readonly [name: string]: Twin } = {
  ma: (a) => [mean(a.real, n(a))],
  sma: (a) => [
    a.convention === 'tdx' ? exponential(a.real, a.p['weight']! / n(a), 1) : mean(a.real, n(a)),
  ],
  ema: (a) => [ema(a, a.real, n(a))],
  wilders: (a) => [exponential(a.real, 1 / n(a), a.convention === 'tdx' ? 1 : n(a))],
  wma: (a) => [weighted(a.real, n(a))],
  dema: (a) => {
    const [one, two] = lateChain(a, 2);
    return [zip(one!, two!, (x, y) => 2 * x - y)];
  },
  tema: (a) => {
    const [one, two, three] = lateChain(a, 3);
    return [one!.map((x, i) => 3 * x - 3 * two![i]! + three![i]!)];
  },
  trima: (a) => [triangle(a)],
  hma: (a) => {
    const fast = weighted(a.real, Math.floor(n(a) / 2));
    const both = zip(fast, weighted(a.real, n(a)), (x, y) => 2 * x - y);
    return [weighted(both, Math.floor(Math.sqrt(n(a))))];
  },
  kama: (a) => [kama(a)],
  t3: (a) => [t3(a)],
  vwma: (a) => [weightedByVolume(a, a.real, n(a))],
  vwap: (a) => [vwap(a)],
  midpoint: (a) => [zip(highest(a.real, n(a)), lowest(a.real, n(a)), (x, y) => (x + y) / 2)],
  midprice: (a) => [zip(highest(a.high, n(a)), lowest(a.low, n(a)), (x, y) => (x + y) / 2)],
  sar: (a) => [sar(a)],
  bbands: (a) => {
    const middle = mean(a.real, n(a));
    const root = variance(a, a.real, n(a)).map(Math.sqrt);
    const upper = zip(middle, root, (m, d) => m + a.p['up']! * d);
    return [upper, middle, zip(middle, root, (m, d) => m - a.p['down']! * d)];
  },
  keltner,
  donchian: (a) => {
    const [upper, lower] = [highest(a.high, n(a)), lowest(a.low, n(a))];
    return [upper, zip(upper, lower, (x, y) => (x + y) / 2), lower];
  },
  stddev: (a) => [scale(variance(a, a.real, n(a)).map(Math.sqrt), a.p['factor']!)],
  variance: (a) => [variance(a, a.real, n(a))],
  avgDev: (a) => [
    rolling(a.real, n(a), (w) => meanOf(w.map((value) => Math.abs(value - meanOf(w))))),
  ],
  correl: (a) => [
    together(a.real, a.real2, n(a), (xx, yy, xy) => (xx * yy === 0 ? 0 : xy / Math.sqrt(xx * yy))),
  ],
  beta: (a) => [
    together(returns(a.real), returns(a.real2), n(a), (xx, _yy, xy) => (xx === 0 ? 0 : xy / xx)),
  ],
  linearReg: (a) => [line(a, (start, slope) => start + slope * (n(a) - 1))],
  linearRegSlope: (a) => [line(a, (_start, slope) => slope)],
  linearRegIntercept: (a) => [line(a, (start) => start)],
  linearRegAngle: (a) => [line(a, (_start, slope) => (Math.atan(slope) * 180) / Math.PI)],
  tsf: (a) => [line(a, (start, slope) => start + slope * n(a))],
  max: (a) => [highest(a.real, n(a))],
  min: (a) => [lowest(a.real, n(a))],
  maxIndex: (a) => [indexOfBest(a, (w) => Math.max(...w))],
  minIndex: (a) => [indexOfBest(a, (w) => Math.min(...w))],
  sum: (a) => [sum(a.real, n(a))],
  ulcer: (a) => {
    const falls = over(a.real, highest(a.real, n(a)), 1).map((ratio) => (100 * (ratio - 1)) ** 2);
    return [mean(falls, n(a)).map(Math.sqrt)];
  },
};
