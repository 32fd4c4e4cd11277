// A feed handler with its rings in the test's hands, over shares of two exchanges. Used by the
// tests of gaps and faults. Always: numbers of a channel count from 1 unless a test says otherwise.
import { StillClock } from '../../../engine/actors/clock.ts';
import { FeedHandler } from '../../../engine/actors/feed-handler.ts';
import type { FeedTrustOptions } from '../../../engine/actors/feed-trust.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { BookBuilder } from '../../../engine/core/book-builder.ts';
import { MarketState } from '../../../engine/core/market-state.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import {
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CONTINUOUS,
} from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory } from '../../../engine/messages/frames.ts';
import {
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import type { Fields, MessageClass, Shown } from '../../support/actor-harness.ts';
import { Pipe, ShownEvents } from '../../support/actor-harness.ts';
import { makeInstrument } from '../../support/instruments.ts';

/** 0 and 1 on SSE, 2 on SZSE. */
export const SHARES = ['600000.SH', '600519.SH', '000001.SZ'].map((symbol, i) =>
  makeInstrument(i, symbol, { preCloseE4: 100_000 }, 20260109),
);
export const [SSE_A, SSE_B, SZSE] = [0, 1, 2];
const CHANNEL = 6;

export interface FeedWish extends Partial<FeedTrustOptions> {
  /** Every order is published in full. */
  readonly full?: boolean;
  readonly quota?: number;
  readonly phase?: number;
}

export function makeFeed(wish: FeedWish = {}) {
  const market = new Pipe();
  const ticks = new Pipe();
  const events = new ShownEvents();
  const state = new MarketState(SHARES);
  const quota = wish.quota ?? 64;
  const { book } = loadKernels({ maxInstruments: 3, maxOrders: 3 * quota, maxLevels: 1024 });
  const windows = SHARES.map(() => ({ lowE4: 90_000, highE4: 110_000 }));
  const books = new BookBuilder(book, SHARES, windows, wish.full ?? false, quota);
  const ports = { market: market.ring, ticks: [ticks.out()], quotes: [], events };
  const rest = { tap: new NoTap(), clock: new StillClock() };
  const options = { contiguous: false, ...wish };
  const handler = new FeedHandler(state, books, { ...ports, ...rest }, options);
  let seq = 0;
  let eventNs = 10 * 3600e9;
  const self = {
    ...{ handler, books, book, state, events, ticks, trust: handler.trust },
    send<T>(message: MessageClass<T>, fields: Fields<T>): void {
      eventNs += 1e6;
      market.send(message, { eventNs, ...fields });
      handler.doWork();
    },
    order(instrument: number, more: Fields<MarketOrder> = {}): void {
      const own = { orderNo: ++seq, channelSeq: seq, channel: CHANNEL, action: MARKET_ADD };
      const limit = { kind: KIND_LIMIT, side: 1, qty: 100, priceE4: 99_900 };
      self.send(MarketOrder, { instrument, ...own, ...limit, ...more });
    },
    cancel(instrument: number, orderNo: number, qty: number): void {
      const own = { channelSeq: ++seq, channel: CHANNEL, action: MARKET_CANCEL, kind: KIND_LIMIT };
      self.send(MarketOrder, { instrument, ...own, orderNo, qty, side: 1 });
    },
    trade(instrument: number, more: Fields<MarketTrade>): void {
      const own = { channelSeq: ++seq, channel: CHANNEL, priceE4: 99_900, qty: 100 };
      self.send(MarketTrade, { instrument, ...own, ...more });
    },
    /** A picture of one level a side: price and shares. */
    sendPicture(instrument: number, bid: readonly number[], ask: readonly number[]): void {
      const memory = new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
      const tick = new SnapshotTick().begin(memory, 0);
      tick.eventNs = eventNs += 1e6;
      tick.instrument = instrument;
      tick.phase = PHASE_CONTINUOUS;
      tick.setBidPriceE4(0, bid[0]);
      tick.setBidQty(0, bid[1]);
      tick.setAskPriceE4(0, ask[0]);
      tick.setAskQty(0, ask[1]);
      const at = market.ring.tryClaim(SnapshotTick.BYTES);
      copyFrame(memory, 0, market.ring.memory, at);
      market.ring.commit();
      market.ring.publish();
      handler.doWork();
    },
    /** Rows of the channel that never come. */
    lose(rows = 1): void {
      seq += rows;
    },
    /** Time goes on without an event. */
    wait(seconds: number): void {
      eventNs += seconds * 1e9;
    },
    stale: (): number[] => [...state.stale],
    /** What strategies got since the last call. */
    told: (type: string): Shown[] => ticks.take().filter((frame) => frame.type === type),
  };
  self.send(Phase, { instrument: -1, phase: wish.phase ?? PHASE_CONTINUOUS });
  ticks.take();
  events.all = [];
  return self;
}
