// How much of a displayed touch our own fills have used up. Called by touch-world.ts. Invariant: a
// share displayed at a touch fills us at most once while that touch stands.
import { NEW_TABLES, type Tables } from '../../engine/core/tables.ts';

/** What of the displayed touch our own fills have used up already, per instrument and side. */
export class TouchUse {
  readonly priceE4: Int32Array;
  readonly used: Float64Array;

  constructor(instrumentCount: number, tables: Tables = NEW_TABLES) {
    this.priceE4 = tables.int32(instrumentCount * 2);
    this.used = tables.float64(instrumentCount * 2);
  }

  /** Shares still to be had at a touch that displays `qty` at `priceE4`; a new one is all free. */
  free(instrument: number, side: number, priceE4: number, qty: number): number {
    this.moved(instrument, side, priceE4);
    const i = instrument * 2 + side - 1;
    // What leaves takes what we used with it; what is added is fresh and makes nothing else free.
    if (qty < this.used[i]) this.used[i] = Math.max(0, qty);
    return Math.max(0, qty - this.used[i]);
  }

  /** The touch stands at `priceE4` now; one that went away and comes back is a new one. */
  moved(instrument: number, side: number, priceE4: number): void {
    const i = instrument * 2 + side - 1;
    if (this.priceE4[i] === priceE4) return;
    this.priceE4[i] = priceE4;
    this.used[i] = 0;
  }

  /** Our fill used `qty` of the touch last asked about. */
  use(instrument: number, side: number, qty: number): void {
    this.used[instrument * 2 + side - 1] += qty;
  }
}
