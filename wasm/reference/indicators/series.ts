// What the slow twins of the indicators are made of: whole series, every window cut out and
// computed again. Used by the other files of this folder and by the differential test. Always:
// NaN is "no value"; a window with a NaN in it has none either.

export type Series = readonly number[];

/** Columns of the rows that count, and what the indicator is asked. */
export interface Asked {
  readonly open: Series;
  readonly high: Series;
  readonly low: Series;
  readonly close: Series;
  readonly volume: Series;
  readonly real: Series;
  readonly real2: Series;
  readonly p: { readonly [name: string]: number };
  readonly convention: string;
}

/** One series of each output. */
export type Twin = (a: Asked) => Series[];

/** f of the windows of n values that end at each row. */
export function rolling(x: Series, n: number, f: (window: number[]) => number): number[] {
  return x.map((_, i) => {
    if (i < n - 1) return Number.NaN;
    const window = x.slice(i - n + 1, i + 1);
    return window.some((value) => Number.isNaN(value)) ? Number.NaN : f(window);
  });
}

export function sumOf(values: Series): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function meanOf(values: Series): number {
  return sumOf(values) / values.length;
}

export const sum = (x: Series, n: number): number[] => rolling(x, n, sumOf);
export const mean = (x: Series, n: number): number[] => rolling(x, n, meanOf);
export const highest = (x: Series, n: number): number[] => rolling(x, n, (w) => Math.max(...w));
export const lowest = (x: Series, n: number): number[] => rolling(x, n, (w) => Math.min(...w));

export function zip(a: Series, b: Series, f: (x: number, y: number) => number): number[] {
  return a.map((value, i) => f(value, b[i]!));
}

export function ago(x: Series, n: number): number[] {
  return x.map((_, i) => (i < n ? Number.NaN : x[i - n]!));
}

export function change(x: Series): number[] {
  return zip(x, ago(x, 1), (now, before) => now - before);
}

/** a / b, or `none` where b is 0. */
export function over(a: Series, b: Series, none = 0): number[] {
  return zip(a, b, (x, y) => {
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
    return y === 0 ? none : x / y;
  });
}

/** Exponential average with factor k: the first `delay` values are left out, the next `seed` ones
 *  are averaged, and from then on e = e + k (x - e). */
export function exponential(x: Series, k: number, seed: number, delay = 0): number[] {
  const out: number[] = [];
  const taken: number[] = [];
  let e = Number.NaN;
  for (const value of x) {
    if (!Number.isNaN(value)) {
      taken.push(value);
      if (taken.length === delay + seed) e = meanOf(taken.slice(delay));
      else if (taken.length > delay + seed) e = e + k * (value - e);
    }
    out.push(e);
  }
  return out;
}

/** EMA of n as the convention seeds it. */
export function ema(a: Asked, x: Series, n: number): number[] {
  return exponential(x, 2 / (n + 1), a.convention === 'talib' ? n : 1);
}

/** The first `count` values emptied. */
export function without(x: Series, count: number): number[] {
  let seen = 0;
  return x.map((value) => {
    if (Number.isNaN(value)) return value;
    seen++;
    return seen > count ? value : Number.NaN;
  });
}

/** `x` where `y` has a value. */
export function where(x: Series, y: Series): number[] {
  return zip(x, y, (value, other) => (Number.isNaN(other) ? Number.NaN : value));
}

export function scale(x: Series, by: number): number[] {
  return x.map((value) => value * by);
}

/** True range; the first row has none, or (with `isFirst`) its own range. */
export function trueRange(a: Asked, isFirst: boolean): number[] {
  return a.high.map((high, i) => {
    const low = a.low[i]!;
    if (i === 0) return isFirst ? high - low : Number.NaN;
    const before = a.close[i - 1]!;
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  });
}

export function typical(a: Asked): number[] {
  return a.high.map((high, i) => (high + a.low[i]! + a.close[i]!) / 3);
}

export function isSheet(a: Asked): boolean {
  return a.convention === 'tulip' || a.convention === 'chartschool';
}
