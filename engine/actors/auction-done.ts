// Sees in the ticks of an instrument that a call is over, and what it traded: what onAuctionDone is
// handed. Used by the strategy host.
// Invariant: the view is reused, as every view of a strategy.

import { FLOAT_ZERO } from '../core/float-zero.ts';
import { isCall } from '../core/session.ts';
import type { AuctionView } from '../core/strategy.ts';
import { PHASE_CLOSING_CALL, PHASE_OPENING_CALL } from '../messages/codes.ts';
import type { SnapshotTick } from '../messages/generated/market.ts';

class Auction implements AuctionView {
  instrument = 0;
  eventNs = FLOAT_ZERO;
  phase = 0;
  priceE4 = 0;
  volume = FLOAT_ZERO;
  amountE4 = FLOAT_ZERO;
}

export class AuctionWatch {
  readonly #auction = new Auction();
  /** Volume and turnover of an instrument when its call began. */
  readonly #volume: Float64Array;
  readonly #amountE4: Float64Array;

  constructor(instruments: number) {
    this.#volume = new Float64Array(instruments);
    this.#amountE4 = new Float64Array(instruments);
  }

  beginDay(): void {
    this.#volume.fill(0);
    this.#amountE4.fill(0);
  }

  /** The phase of the tick's instrument is not that `before`: the call that is over, or null. */
  onPhase(before: number, tick: SnapshotTick): AuctionView | null {
    const i = tick.instrument;
    if (isCall(tick.phase)) {
      if (isCall(before)) return null;
      this.#volume[i] = tick.volume;
      this.#amountE4[i] = tick.amountE4;
      return null;
    }
    if (!isCall(before)) return null;
    const isOpening = before !== PHASE_CLOSING_CALL;
    const auction = this.#auction;
    auction.instrument = i;
    auction.eventNs = tick.eventNs;
    auction.phase = isOpening ? PHASE_OPENING_CALL : PHASE_CLOSING_CALL;
    auction.volume = tick.volume - this.#volume[i];
    auction.amountE4 = tick.amountE4 - this.#amountE4[i];
    const priceE4 = isOpening ? tick.openE4 : tick.lastE4;
    auction.priceE4 = auction.volume > 0 ? priceE4 : 0;
    return auction;
  }
}
