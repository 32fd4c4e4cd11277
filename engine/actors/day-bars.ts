// Last prices of a day of bars, and the ticks that its feed does not write out: on a day of daily
// bars a phase of the market is one frame. Used by the strategy host. Invariant: a tick made here
// is the one that the feed handler would have sent of an instrument without a book.
import type { Instrument } from '../core/instrument.ts';
import { STAGE_FEED } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { type Phase, SnapshotTick } from '../messages/generated/market.ts';

export class DayBars {
  /** Close of each instrument's last bar today; 0 = none yet. */
  readonly lastE4: Int32Array;
  readonly memory = new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
  readonly #tick = new SnapshotTick();

  constructor(instruments: number) {
    this.lastE4 = new Int32Array(instruments);
  }

  beginDay(): void {
    this.lastE4.fill(0);
  }

  /** What ticks say of prices: that of the last bar, and before it that there is none. */
  tellPrices(own: readonly number[], lastPricesE4: Int32Array): void {
    if (own.length === this.lastE4.length) {
      lastPricesE4.set(this.lastE4);
      return;
    }
    for (let n = 0; n < own.length; n++) {
      const i = own[n]!;
      lastPricesE4[i] = this.lastE4[i];
    }
  }

  /** The tick of an instrument in `memory`, at byte 0. */
  writeTick(phase: Phase, i: number, instrument: Instrument): void {
    const tick = this.#tick.begin(this.memory, 0);
    tick.source = STAGE_FEED;
    tick.eventNs = phase.eventNs;
    tick.recvNs = phase.recvNs;
    tick.instrument = i;
    tick.phase = phase.phase;
    tick.lastE4 = this.lastE4[i];
    tick.preCloseE4 = instrument.preCloseE4;
    tick.upperLimitE4 = instrument.upperLimitE4;
    tick.lowerLimitE4 = instrument.lowerLimitE4;
  }
}
