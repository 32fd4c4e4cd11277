// What onAuctionDone is handed, and which phases are calls. Used by the strategy host.
// Invariant: the view is reused, as every view of a strategy.
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { AuctionView } from '../core/strategy.ts';
import {
  PHASE_CLOSING_CALL,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
} from '../messages/codes.ts';

export class Auction implements AuctionView {
  instrument = 0;
  eventNs = FLOAT_ZERO;
  phase = 0;
  priceE4 = 0;
  volume = FLOAT_ZERO;
  amountE4 = FLOAT_ZERO;
}

export function isCall(phase: number): boolean {
  return (
    phase === PHASE_OPENING_CALL ||
    phase === PHASE_OPENING_CALL_NO_CANCEL ||
    phase === PHASE_CLOSING_CALL
  );
}
