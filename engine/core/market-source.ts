// Where market events come from: recorded files, the synthetic market, a live feed's recording.
// The exchange (simulated or replayed) pulls events one by one and passes them on.
// Invariant: events come in feed order; eventNs never falls.
import type { FrameMemory } from '../messages/frames.ts';

/** No further event will come. */
export const SOURCE_END = -1;

/** A live market: the next event has not come yet. Later than any time. */
export const NOT_YET = Number.POSITIVE_INFINITY;

/** A pull-based stream of market frames (MarketOrder, MarketTrade, SnapshotTick, Bar, Phase). */
export interface MarketSource {
  /** eventNs of the next event, SOURCE_END, or NOT_YET. Calling it twice changes nothing. */
  nextNs(): number;
  /**
   * Writes the next event as one frame into `target` at byte `at` (room for MAX_FRAME_BYTES) and
   * returns its length, or SOURCE_END.
   */
  next(target: FrameMemory, at: number): number;
  /** Events in all, or -1 when not known beforehand. */
  readonly count: number;
  /** Ends what runs behind it (the link of a live market). */
  close?(): void;
}
