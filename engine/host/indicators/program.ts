// Writes an indicator as a row of steps over columns: the host's side of
// wasm/assembly/indicators. Recipes (averages.ts, momentum.ts ...) call the methods; module.ts
// puts the result into memory. Invariant: codes and the record of a step are those of the kernel
// (layout.ts, run.ts; a test compares the sizes); a column is a number 0..63, the first five are
// open, high, low, close, volume.
import type { Convention } from '../../core/indicator-specs.ts';

/** A column of the running program. */
export type Column = number;

/** One step, as it is written into a record. */
export interface Step {
  readonly code: number;
  readonly inputs: readonly Column[];
  readonly outputs: readonly Column[];
  readonly n: number;
  readonly m: number;
  readonly u: number;
  readonly p: number;
  readonly q: number;
  readonly r: number;
  /** float64 values of its window. */
  readonly window: number;
  /** Overrides the second input by a whole number (the factor of MACD's bar). */
  readonly second?: number;
}

type Extras = Partial<Omit<Step, 'code' | 'inputs' | 'outputs'>>;

const COLUMNS = 64;
const ZERO = { n: 0, m: 0, u: 0, p: 0, q: 0, r: 0, window: 0 } as const;

export class Program {
  readonly steps: Step[] = [];
  readonly convention: Convention;
  readonly open: Column = 0;
  readonly high: Column = 1;
  readonly low: Column = 2;
  readonly close: Column = 3;
  readonly volume: Column = 4;
  /** The chosen column and, for a pair, the second one. */
  readonly real: Column = 3;
  readonly real2: Column = 4;
  #columns = 5;

  constructor(convention: Convention) {
    this.convention = convention;
  }

  is(...conventions: readonly Convention[]): boolean {
    return conventions.includes(this.convention);
  }

  // One row.

  add(a: Column, b: Column): Column {
    return this.#step(1, [a, b]);
  }

  sub(a: Column, b: Column): Column {
    return this.#step(2, [a, b]);
  }

  mul(a: Column, b: Column): Column {
    return this.#step(3, [a, b]);
  }

  /** a / b; `none` where b is 0 (with `positive`: where it is not above 0). */
  div(a: Column, b: Column, none = 0, positive = false): Column {
    return this.#step(4, [a, b], { p: none, m: positive ? 1 : 0 });
  }

  larger(a: Column, b: Column): Column {
    return this.#step(5, [a, b]);
  }

  smaller(a: Column, b: Column): Column {
    return this.#step(6, [a, b]);
  }

  /** a * by + plus. */
  scale(a: Column, by: number, plus = 0): Column {
    return this.#step(7, [a], { p: by, q: plus });
  }

  /** a / by. */
  over(a: Column, by: number): Column {
    return this.#step(8, [a], { p: by });
  }

  abs(a: Column): Column {
    return this.#step(9, [a]);
  }

  /** a, or 0 where it is negative. */
  gain(a: Column): Column {
    return this.#step(10, [a], { p: 0 });
  }

  sqrt(a: Column): Column {
    return this.#step(11, [a]);
  }

  degrees(a: Column): Column {
    return this.#step(12, [a]);
  }

  /** a where b has a value. */
  when(a: Column, b: Column): Column {
    return this.#step(13, [a, b]);
  }

  /** Where a stands between low and high, 0..by; `none` where these are one. */
  place(a: Column, low: Column, high: Column, by = 100, none = 0): Column {
    return this.#step(14, [a, low, high], { p: by, q: none });
  }

  /** b where a is above (below) zero, else 0. */
  whenAbove(a: Column, b: Column): Column {
    return this.#step(15, [a, b]);
  }

  whenBelow(a: Column, b: Column): Column {
    return this.#step(16, [a, b]);
  }

  /** b with the sign of a; where a is empty: b, 0 or nothing. */
  signed(a: Column, b: Column, first: 'b' | 'zero' | 'empty'): Column {
    return this.#step(17, [a, b], { m: ['empty', 'b', 'zero'].indexOf(first) });
  }

  closeLocation(): Column {
    return this.#step(18, [this.high, this.low, this.close]);
  }

  // What remembers a number.

  /** Exponential average with factor k, seeded with the mean of `seed` rows after `delay` rows. */
  average(a: Column, k: number, seed: number, delay = 0): Column {
    return this.#step(20, [a], { p: k, m: seed, u: delay });
  }

  /** EMA as the convention seeds it. */
  ema(a: Column, n: number): Column {
    return this.average(a, 2 / (n + 1), this.convention === 'talib' ? n : 1);
  }

  /** Wilder's average: factor 1/n, seeded with the mean of n. */
  wilder(a: Column, n: number): Column {
    return this.average(a, 1 / n, n);
  }

  /** SMA(X,N,M) of Chinese software. */
  weighted(a: Column, n: number, m = 1): Column {
    return this.average(a, m / n, 1);
  }

  wilderSum(a: Column, n: number, seed: number): Column {
    return this.#step(21, [a], { n, m: seed });
  }

  total(a: Column, from = 0): Column {
    return this.#step(22, [a], { p: from });
  }

  previous(a: Column): Column {
    return this.#step(23, [a]);
  }

  change(a: Column): Column {
    return this.sub(a, this.previous(a));
  }

  /** Empties the first m values. */
  hide(a: Column, m: number): Column {
    return m === 0 ? a : this.#step(24, [a], { m });
  }

  /** Average of b with factor a (empty in front), seeded with b before the first factor. */
  adaptive(a: Column, b: Column, n: number, isSeedShown: boolean): Column {
    return this.#step(25, [a, b], { n, m: isSeedShown ? 1 : 0 });
  }

  /** RSI (lossShare 0) or CMO (-1); `none` where nothing moved. */
  strength(a: Column, n: number, seed: number, lossShare: number, none: number): Column {
    return this.#step(26, [a], { n, m: seed, p: 100, q: none, r: lossShare });
  }

  trueRange(isFirstCounted: boolean): Column {
    return this.#step(27, [this.high, this.low, this.close], { m: isFirstCounted ? 1 : 0 });
  }

  macd(
    k: readonly [number, number, number],
    seeds: readonly [number, number, number],
    bar: number,
  ) {
    const [p, q, r] = k;
    const [n, m, u] = seeds;
    return this.#step3(28, [this.real], { p, q, r, n, m, u, second: bar });
  }

  atr(n: number, isFirstCounted: boolean): Column {
    return this.#step(29, [this.high, this.low, this.close], { n, m: isFirstCounted ? 1 : 0 });
  }

  // What remembers n rows.

  sum(a: Column, n: number): Column {
    return this.#step(30, [a], { n, p: 1, window: n });
  }

  mean(a: Column, n: number): Column {
    return this.#step(30, [a], { n, p: n, window: n });
  }

  highest(a: Column, n: number): Column {
    return this.#step(31, [a], { n, window: n });
  }

  lowest(a: Column, n: number): Column {
    return this.#step(32, [a], { n, window: n });
  }

  ago(a: Column, n: number): Column {
    return this.#step(33, [a], { n, window: n });
  }

  sinceHighest(a: Column, n: number, isNumbered = false): Column {
    return this.#step(34, [a], { n, m: isNumbered ? 1 : 0, window: 2 * n });
  }

  sinceLowest(a: Column, n: number, isNumbered = false): Column {
    return this.#step(35, [a], { n, m: isNumbered ? 1 : 0, window: 2 * n });
  }

  variance(a: Column, n: number): Column {
    return this.#step(36, [a], { n, u: this.#divisor(n), window: 3 * n + 2 });
  }

  deviation(a: Column, n: number, factor: number): Column {
    return this.#step(36, [a], { n, m: 1, u: this.#divisor(n), p: factor, window: 3 * n + 2 });
  }

  bands(a: Column, n: number, up: number, down: number): readonly [Column, Column, Column] {
    const more = { n, m: 2, u: this.#divisor(n), p: up, q: down, window: 3 * n + 2 };
    return this.#step3(36, [a], more);
  }

  #divisor(n: number): number {
    return this.convention === 'tdx' ? n - 1 : n;
  }

  /** p * sum(y - R) + q * sum(k * (y - R)) + r * R over n rows, k from 0. */
  line(a: Column, n: number, p: number, q: number, r: number): Column {
    return this.#step(37, [a], { n, p, q, r, window: 3 * n + 2 });
  }

  meanDeviation(a: Column, n: number): Column {
    return this.#step(38, [a], { n, window: n });
  }

  cci(a: Column, n: number): Column {
    return this.#step(38, [a], { n, m: 1, p: 0.015, window: n });
  }

  correlation(a: Column, b: Column, n: number): Column {
    return this.#step(39, [a, b], { n, window: 2 * n });
  }

  /** Slope of b on a. */
  slope(a: Column, b: Column, n: number): Column {
    return this.#step(39, [a, b], { n, m: 1, window: 2 * n });
  }

  // Bars.

  movement(): readonly [Column, Column] {
    const [up, down] = this.#step3(40, [this.high, this.low], {});
    return [up, down];
  }

  parabolic(acceleration: number, maximum: number): Column {
    const m = this.convention === 'tulip' ? 1 : 0;
    const p = Math.min(acceleration, maximum);
    return this.#step(41, [this.high, this.low], { p, q: maximum, m });
  }

  volumeIndex(way: -1 | 1): Column {
    return this.#step(42, [this.real, this.volume], { m: way, p: 1000 });
  }

  candle(pattern: number, lookback: number, penetration = 0): Column {
    const inputs = [this.open, this.high, this.low, this.close];
    return this.#step(43, inputs, { m: pattern, u: lookback, p: penetration, window: 64 });
  }

  /** A copy: outputs must be columns of their own. */
  copy(a: Column): Column {
    return this.scale(a, 1);
  }

  #step(code: number, inputs: readonly Column[], extras: Extras = {}): Column {
    const out = this.#column();
    this.steps.push({ ...ZERO, ...extras, code, inputs, outputs: [out] });
    return out;
  }

  #step3(code: number, inputs: readonly Column[], extras: Extras) {
    const outputs = [this.#column(), this.#column(), this.#column()] as const;
    this.steps.push({ ...ZERO, ...extras, code, inputs, outputs });
    return outputs;
  }

  #column(): Column {
    if (this.#columns === COLUMNS) throw new Error(`indicator: more than ${COLUMNS} columns`);
    return this.#columns++;
  }
}
