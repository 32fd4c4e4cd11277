// Fills as chart marks: those of one side that fall close together become one mark with a count,
// so that a busy strategy does not bury the price. Called by PriceChart.vue; pure. Always holds:
// no fill is lost (counts and shares add up) and marks ascend in time, as the chart demands.
import type { Fill, Side } from './protocol.ts';

export interface FillMark {
  /** Seconds since midnight of the first fill in the mark. */
  second: number;
  side: Side;
  count: number;
  qty: number;
}

/** @param bucketSeconds width of a mark in virtual seconds, at least 1 */
export function fillMarks(fills: readonly Fill[], bucketSeconds: number): FillMark[] {
  const marks = new Map<string, FillMark>();
  for (const fill of [...fills].sort((a, b) => a.ns - b.ns)) {
    const second = Math.floor(fill.ns / 1e9);
    const key = `${Math.floor(second / bucketSeconds)} ${fill.side}`;
    const mark = marks.get(key);
    if (mark === undefined) marks.set(key, { second, side: fill.side, count: 1, qty: fill.qty });
    else {
      mark.count += 1;
      mark.qty += fill.qty;
    }
  }
  return [...marks.values()].sort((a, b) => a.second - b.second);
}
