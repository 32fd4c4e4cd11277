// How much of a parent order should be traded or working by now, and how large its next part is.
// Called by execution on each live quote. Always: pure numbers; never more than the parent's
// quantity; lunch and calls do not count as time.
import { PARENT_ICEBERG, PARENT_TRIGGER, PARENT_TWAP, PARENT_VWAP } from '../../messages/codes.ts';
import type { SessionPlan } from '../session-plan.ts';
import type { ParentTable } from './parent-table.ts';

/** Shortest time between two slices, ns, when the parent does not say how many it wants. */
const SLICE_NS = 60_000_000_000;
/**
 * Shares of the day's volume by eighth of continuous trading (half-hours of a four-hour day): the
 * U shape that A-shares have; not the curve of one instrument.
 */
const VOLUME_PROFILE: readonly number[] = [0.2, 0.13, 0.1, 0.08, 0.13, 0.1, 0.11, 0.15];
const DAY_NS = 86_400_000_000_000;

/** Part of the day's volume that is expected when `share` (0 to 1) of its trading time is over. */
export function volumeShare(share: number): number {
  const at = Math.max(0, Math.min(1, share)) * VOLUME_PROFILE.length;
  const whole = Math.floor(at);
  let sum = 0;
  for (let k = 0; k < whole; k++) sum += VOLUME_PROFILE[k];
  return whole < VOLUME_PROFILE.length ? sum + VOLUME_PROFILE[whole] * (at - whole) : sum;
}

/** Number of the slice that `nowNs` lies in, from 1 up to the number of slices. */
export function sliceAt(parents: ParentTable, p: number, plan: SessionPlan, nowNs: number): number {
  const i = parents.instrument[p];
  const total = plan.tradingNs(i, parents.startNs[p], parents.endNs[p]);
  const slices = sliceCount(parents, p, total);
  if (total <= 0) return slices;
  const over = plan.tradingNs(i, parents.startNs[p], Math.min(nowNs, parents.endNs[p]));
  return Math.min(slices, Math.floor((over * slices) / total) + 1);
}

function sliceCount(parents: ParentTable, p: number, totalNs: number): number {
  const asked = parents.slices[p];
  return asked > 0 ? asked : Math.max(1, Math.floor(totalNs / SLICE_NS));
}

/**
 * Shares that should be traded or working when the market traded `marketQty` since the parent
 * began, at `rateE4` (1/10,000) of it, the parent's own trades included.
 */
export function targetOfVolume(qty: number, rateE4: number, marketQty: number): number {
  return Math.min(qty, Math.max(0, Math.floor((marketQty * rateE4) / 10_000)));
}

/** Shares that should be traded or working in slice `slice`; at most the parent's quantity. */
export function targetQty(
  parents: ParentTable,
  p: number,
  plan: SessionPlan,
  slice: number,
): number {
  const qty = parents.qty[p];
  const kind = parents.kind[p];
  if (kind === PARENT_TRIGGER) return qty;
  if (kind === PARENT_ICEBERG) return Math.min(qty, parents.filled[p] + parents.showQty[p]);
  const i = parents.instrument[p];
  const total = plan.tradingNs(i, parents.startNs[p], parents.endNs[p]);
  const slices = sliceCount(parents, p, total);
  if (slice >= slices) return qty;
  if (kind === PARENT_TWAP) return Math.floor((qty * slice) / slices);
  if (kind !== PARENT_VWAP) return 0;
  const day = plan.tradingNs(i, 0, DAY_NS);
  const before = volumeShare(plan.tradingNs(i, 0, parents.startNs[p]) / day);
  const whole = volumeShare(plan.tradingNs(i, 0, parents.endNs[p]) / day) - before;
  const start = plan.tradingNs(i, 0, parents.startNs[p]);
  const now = volumeShare((start + (total * slice) / slices) / day) - before;
  return whole <= 0 ? qty : Math.min(qty, Math.floor((qty * now) / whole));
}

/**
 * Shares of the next part: what is missing from `target`, on the lot, at least `least` (below it
 * the minimum commission dominates); a rest too small for a part of its own goes with this one. At
 * most `most`. 0 = wait.
 */
export function partQty(
  target: number,
  filled: number,
  qty: number,
  lot: number,
  least: number,
  most: number,
): number {
  const open = qty - filled;
  if (open <= 0) return 0;
  let part = Math.floor((target - filled) / lot) * lot;
  if (target >= qty) part = open;
  if (part <= 0) return 0;
  const smallest = Math.max(lot, Math.ceil(least / lot) * lot);
  if (part < smallest) {
    if (open > smallest || filled !== 0) return 0;
    part = open;
  } else if (open - part < smallest) part = open;
  return part <= most ? part : Math.floor(most / lot) * lot;
}
