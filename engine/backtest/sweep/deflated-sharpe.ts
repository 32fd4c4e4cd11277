// The deflated Sharpe ratio (Bailey & López de Prado, "The Deflated Sharpe Ratio", Journal of
// Portfolio Management 40 (5), 2014): how likely the best cell's true Sharpe ratio is above 0,
// given how many cells were tried. Called by the sweep's summary; the formula is in docs/SWEEP.md.
// Always: ratios are per period, never annual; null where it is not defined.
import { normalCdf, normalInverse } from './normal.ts';

/** Euler and Mascheroni. */
const GAMMA = 0.5772156649015329;

/** What a run's returns look like. */
export interface ReturnShape {
  /** Returns, T. */
  readonly count: number;
  readonly mean: number;
  /** Sample deviation, n - 1. */
  readonly deviation: number;
  /** Third and fourth standardised moments of the population; a normal has 0 and 3. */
  readonly skewness: number;
  readonly kurtosis: number;
}

export interface DeflatedSharpe {
  /** Of the best cell, per period. */
  readonly sharpe: number;
  /** Sharpe ratio that the best of as many cells without any skill is expected to show. */
  readonly expectedMaximum: number;
  readonly trials: number;
  /** Variance of the Sharpe ratios over all cells. */
  readonly variance: number;
  /** P(true Sharpe ratio > 0), 0..1. */
  readonly probability: number;
}

/** Null for fewer than three returns, or returns without variance. */
export function shapeOf(returns: readonly number[]): ReturnShape | null {
  const count = returns.length;
  if (count < 3) return null;
  const mean = returns.reduce((sum, r) => sum + r, 0) / count;
  const moment = (power: number): number =>
    returns.reduce((sum, r) => sum + (r - mean) ** power, 0) / count;
  const variance = moment(2);
  if (!(variance > 1e-30)) return null;
  return {
    count,
    mean,
    deviation: Math.sqrt((variance * count) / (count - 1)),
    skewness: moment(3) / variance ** 1.5,
    kurtosis: moment(4) / variance ** 2,
  };
}

/** Sharpe ratio per period of a shape, without a risk-free rate. */
export function sharpeOf({ mean, deviation }: ReturnShape): number {
  return mean / deviation;
}

/** E[max] of `trials` Sharpe ratios of no skill with this variance. */
export function expectedMaximum(trials: number, variance: number): number {
  if (trials < 2) return 0;
  const first = normalInverse(1 - 1 / trials);
  const second = normalInverse(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - GAMMA) * first + GAMMA * second);
}

/** `best` among cells with these Sharpe ratios per period (its own among them). */
export function deflatedSharpe(
  best: ReturnShape,
  sharpes: readonly number[],
): DeflatedSharpe | null {
  const trials = sharpes.length;
  if (trials === 0) return null;
  const mean = sharpes.reduce((sum, s) => sum + s, 0) / trials;
  const squares = sharpes.reduce((sum, s) => sum + (s - mean) ** 2, 0);
  const variance = trials < 2 ? 0 : squares / (trials - 1);
  return deflate(best, trials, variance);
}

/** The same from the number of trials and the variance of their ratios. */
export function deflate(
  best: ReturnShape,
  trials: number,
  variance: number,
): DeflatedSharpe | null {
  const sharpe = sharpeOf(best);
  const least = expectedMaximum(trials, variance);
  const { skewness, kurtosis, count } = best;
  const spread = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  if (!(spread > 0)) return null;
  const z = ((sharpe - least) * Math.sqrt(count - 1)) / Math.sqrt(spread);
  return { sharpe, expectedMaximum: least, trials, variance, probability: normalCdf(z) };
}
