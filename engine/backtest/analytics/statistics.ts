// Means, deviations and covariances of returns, in the textbook two-pass form. Called by the other
// files of this folder. Always: null where a figure is not defined (too few values, no variance),
// never NaN or Infinity.

/** Returns closer together than this are equal: rounding of a division is no variance. */
export const NO_SPREAD = 1e-12;

export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return sum(values) / values.length;
}

/** Sum with the lost low bits carried along (Neumaier), so that long runs stay exact to 1e-15. */
export function sum(values: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Sample deviation (n - 1); null below two values, 0 without spread. */
export function deviation(values: readonly number[]): number | null {
  const variance = covariance(values, values);
  return variance === null ? null : Math.sqrt(variance);
}

/** Sample covariance (n - 1) of two lists of one length; 0 where one of them has no spread. */
export function covariance(a: readonly number[], b: readonly number[]): number | null {
  const [meanA, meanB] = [mean(a), mean(b)];
  if (a.length < 2 || meanA === null || meanB === null) return null;
  if (isFlat(a) || isFlat(b)) return 0;
  return sum(a.map((value, i) => (value - meanA) * (b[i]! - meanB))) / (a.length - 1);
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((x, y) => x - y);
  const at = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[at]! : (sorted[at - 1]! + sorted[at]!) / 2;
}

/** a / b; null when one is null, b is 0, or the result is no finite number. */
/** Smallest value that the `part` (above 0, at most 1) of all values does not exceed. */
export function quantile(values: readonly number[], part: number): number | null {
  if (values.length === 0) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(part * values.length) - 1]!;
}

export function ratio(a: number | null, b: number | null): number | null {
  if (a === null || b === null || b === 0) return null;
  return finiteOrNull(a / b);
}

export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function isFlat(values: readonly number[]): boolean {
  let low = values[0]!;
  let high = low;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low <= NO_SPREAD;
}
