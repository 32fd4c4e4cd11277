// The deepest fall from a peak, with its moments and its recovery, of a growth curve. Called by
// metrics.ts. Always: of two falls of one depth the first; a peak is the last moment at the highest
// value before the fall.

/** A value that is back within this part of its peak has recovered: rounding is no drawdown. */
const SAME = 1e-12;

/** A day and, inside a day, a time (ns since midnight). */
export interface Moment {
  readonly day: number;
  readonly timeNs: number | null;
}

export interface Drawdown {
  /** Part of the peak that was lost, 0.25 = 25 %; null without a curve. */
  readonly maxDrawdown: number | null;
  /** Null without a fall; `recovery` null as well while the peak has not been reached again. */
  readonly peak: Moment | null;
  readonly trough: Moment | null;
  readonly recovery: Moment | null;
  /** Points from peak to trough and from trough to recovery. */
  readonly fallPoints: number | null;
  readonly recoveryPoints: number | null;
  /** Most points in a row after a peak until it is reached again, or until the end. */
  readonly longestUnderwaterPoints: number | null;
}

const NONE: Drawdown = {
  maxDrawdown: null,
  peak: null,
  trough: null,
  recovery: null,
  fallPoints: null,
  recoveryPoints: null,
  longestUnderwaterPoints: null,
};

/** `growth`: value of the curve at each moment, any unit; null where the start is not above 0. */
export function drawdownOf(growth: readonly number[], moments: readonly Moment[]): Drawdown {
  if (growth.length === 0 || growth[0]! <= 0) return NONE;
  let [peak, peakAt, deepest, fromAt, troughAt, longest] = [growth[0]!, 0, 0, -1, -1, 0];
  for (const [i, value] of growth.entries()) {
    if (value >= peak * (1 - SAME)) {
      peak = Math.max(peak, value);
      peakAt = i;
      continue;
    }
    longest = Math.max(longest, i - peakAt);
    const depth = (peak - value) / peak;
    if (depth <= deepest) continue;
    [deepest, fromAt, troughAt] = [depth, peakAt, i];
  }
  const found = { ...NONE, maxDrawdown: deepest, longestUnderwaterPoints: longest };
  if (troughAt < 0) return found;
  const high = highestUpTo(growth, fromAt);
  const back = growth.findIndex((value, i) => i > troughAt && value >= high * (1 - SAME));
  return {
    ...found,
    peak: moments[fromAt]!,
    trough: moments[troughAt]!,
    recovery: back < 0 ? null : moments[back]!,
    fallPoints: troughAt - fromAt,
    recoveryPoints: back < 0 ? null : back - troughAt,
  };
}

function highestUpTo(growth: readonly number[], at: number): number {
  let high = growth[0]!;
  for (let i = 1; i <= at; i++) if (growth[i]! > high) high = growth[i]!;
  return high;
}
