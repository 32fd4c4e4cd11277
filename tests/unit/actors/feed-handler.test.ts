// The feed handler: books from events, ticks to every strategy, quotes to every OMS, and nothing
// lost in silence.
import { describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { FeedHandler } from '../../../engine/actors/feed-handler.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { BookBuilder } from '../../../engine/core/book-builder.ts';
import { MarketState } from '../../../engine/core/market-state.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import {
  END_BY_USER,
  END_OF_DATA,
  FLAG_CATCH_UP,
  FLAG_STALE,
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  PHASE_OPENING_CALL,
  SIDE_BUY,
  SIDE_SELL,
} from '../../../engine/messages/codes.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import {
  Bar,
  FeedGap,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import {
  type Fields,
  type MessageClass,
  Pipe,
  type Shown,
  ShownEvents,
} from '../../support/actor-harness.ts';
import { INSTRUMENTS } from './oms-kit.ts';

interface FeedOptions {
  readonly contiguous?: boolean;
  readonly tickBytes?: number;
  readonly strategies?: number;
  readonly phase?: number;
}

function feed(options: FeedOptions = {}) {
  const market = new Pipe();
  const ticks = Array.from({ length: options.strategies ?? 2 }, () => new Pipe(options.tickBytes));
  const quotes = [new Pipe(), new Pipe()];
  const riskQuotes = new Pipe();
  const events = new ShownEvents();
  const state = new MarketState(INSTRUMENTS);
  const { book } = loadKernels({ maxInstruments: 2, maxOrders: 128, maxLevels: 8_192 });
  const windows = INSTRUMENTS.map(() => ({ lowE4: 90_000, highE4: 110_000 }));
  const books = new BookBuilder(book, INSTRUMENTS, windows, false, 64);
  const ports = {
    market: market.ring,
    ticks: ticks.map((pipe) => pipe.out()),
    quotes: quotes.map((pipe) => pipe.out()),
    riskQuotes: riskQuotes.out(),
    events,
    tap: new NoTap(),
    clock: new StillClock(),
  };
  const handler = new FeedHandler(state, books, ports, { contiguous: options.contiguous ?? false });
  let seq = 0;
  let eventNs = 10 * 3600e9;
  const self = {
    ...{ handler, market, ticks, quotes, riskQuotes, events, state, books },
    send<T>(message: MessageClass<T>, fields: Fields<T>): void {
      eventNs += 1e6;
      market.send(message, { eventNs, ...fields });
      handler.doWork();
    },
    add(side: number, qty: number, priceE4: number, more: Fields<MarketOrder> = {}): void {
      const order = { orderNo: ++seq, channelSeq: seq, channel: 1, action: MARKET_ADD };
      self.send(MarketOrder, { ...order, kind: KIND_LIMIT, side, qty, priceE4, ...more });
    },
    last: (s = 0): Shown | undefined => ticks[s]!.take().at(-1),
    clear(): void {
      for (const pipe of [...ticks, ...quotes, riskQuotes]) pipe.take();
      events.all = [];
    },
  };
  self.send(Phase, { instrument: -1, phase: options.phase ?? PHASE_CONTINUOUS });
  self.clear();
  return self;
}

describe('after each event', () => {
  test('every strategy gets the same tick of the book as it then stands', () => {
    const f = feed();
    f.add(SIDE_BUY, 300, 99_900);
    f.add(SIDE_SELL, 200, 100_100);
    const [first, second] = [f.ticks[0]!.take(), f.ticks[1]!.take()];
    expect(second).toEqual(first);
    expect(first.map((tick) => tick.type)).toEqual(['SnapshotTick', 'SnapshotTick']);
    expect(f.books.book.bestBid(0)).toBe(99_900);
    const memory = f.ticks[0]!.ring.memory;
    const tick = new SnapshotTick().wrap(memory, SnapshotTick.BYTES * 3);
    expect([tick.bidPriceE4(0), tick.bidQty(0)]).toEqual([99_900, 300]);
    expect([tick.askPriceE4(0), tick.askQty(0), tick.askPriceE4(1)]).toEqual([100_100, 200, 0]);
  });

  test('a trade moves last price and totals, and takes what rested off the book', () => {
    const f = feed();
    f.add(SIDE_SELL, 200, 100_100);
    const trade = { buyNo: 9, sellNo: 1, aggressor: SIDE_BUY, priceE4: 100_100, qty: 150 };
    f.send(MarketTrade, { ...trade, channel: 1, channelSeq: 2 });
    const day = { lastE4: 100_100, openE4: 100_100, volume: 150, tradeCount: 1 };
    expect(f.last()).toMatchObject({ ...day, amountE4: 15_015_000 });
    expect(f.books.book.levelQty(0, SIDE_SELL, 100_100)).toBe(50);
    f.send(MarketOrder, { action: MARKET_CANCEL, orderNo: 1, channel: 1, channelSeq: 3 });
    expect(f.books.book.bestAsk(0)).toBe(0);
  });

  test('risk gets a quote a second, and at once when a phase changes', () => {
    const f = feed();
    const told = (): unknown[] =>
      f.riskQuotes.take().map(({ instrument, bidE4, phase }) => [instrument, bidE4, phase]);
    for (let price = 99_000; price < 99_900; price += 100) f.add(SIDE_BUY, 100, price);
    expect(told()).toEqual([]);
    f.add(SIDE_BUY, 100, 99_900, { eventNs: 10 * 3600e9 + 2e9 });
    f.add(SIDE_BUY, 100, 99_900, { eventNs: 10 * 3600e9 + 2.9e9 });
    expect(told()).toEqual([[0, 99_900, PHASE_CONTINUOUS]]);
    f.send(Phase, { instrument: 0, phase: PHASE_HALTED, eventNs: 10 * 3600e9 + 2.95e9 });
    expect(told()).toEqual([[0, 99_900, PHASE_HALTED]]);
  });

  test('every OMS gets a quote when something in it changed, and none otherwise', () => {
    const f = feed();
    f.add(SIDE_BUY, 300, 99_900);
    f.add(SIDE_BUY, 100, 99_900);
    f.add(SIDE_BUY, 100, 99_500);
    f.add(SIDE_SELL, 100, 100_200);
    for (const pipe of f.quotes) {
      const quotes = pipe.take().map(({ bidE4, askE4, phase }) => [bidE4, askE4, phase]);
      expect(quotes).toEqual([
        [99_900, 0, PHASE_CONTINUOUS],
        [99_900, 100_200, PHASE_CONTINUOUS],
      ]);
    }
  });

  test('that is a picture, it is passed on and its limits win', () => {
    const f = feed();
    f.send(SnapshotTick, { lastE4: 99_000, volume: 500, upperLimitE4: 105_000, phase: 4 });
    expect(f.last()).toMatchObject({ lastE4: 99_000, volume: 500 });
    expect(f.quotes[0]!.take()).toMatchObject([{ lastE4: 99_000, upperLimitE4: 105_000 }]);
    f.send(Bar, { closeE4: 99_500, volume: 10 });
    expect(f.last(1)).toMatchObject({ type: 'Bar', closeE4: 99_500 });
  });
});

describe('in a call', () => {
  for (const phase of [PHASE_OPENING_CALL, PHASE_CLOSING_CALL]) {
    test(`of phase ${phase} ticks show the indicative price, at most once a second`, () => {
      const f = feed({ phase });
      f.add(SIDE_BUY, 300, 100_200, { eventNs: 40_000e9 });
      f.add(SIDE_SELL, 200, 99_800, { eventNs: 40_000.5e9 });
      f.add(SIDE_SELL, 50, 99_800, { eventNs: 40_001e9 });
      expect(f.ticks[0]!.take()).toHaveLength(2);
      const tick = new SnapshotTick().wrap(f.ticks[0]!.ring.memory, SnapshotTick.BYTES * 3);
      // 250 of 300 trade; only 100,200 leaves no better-priced buyer unfilled.
      expect([tick.bidPriceE4(0), tick.askPriceE4(0)]).toEqual([100_200, 100_200]);
      expect([tick.bidQty(0), tick.bidQty(1), tick.askQty(1)]).toEqual([250, 50, 0]);
      expect(f.quotes[0]!.take().every((quote) => quote.bidE4 === 0)).toBe(true);
    });
  }
});

test('the indicative price of tied prices is by the rule of the exchange', () => {
  for (const [instrument, expected] of [
    [0, 100_000],
    [1, 100_200],
  ] as const) {
    const f = feed({ phase: PHASE_OPENING_CALL });
    f.add(SIDE_BUY, 100, 100_400, { eventNs: 40_000e9, instrument });
    f.add(SIDE_SELL, 100, 100_000, { eventNs: 40_002e9, instrument });
    const ticks = f.ticks[0]!;
    const tick = new SnapshotTick().wrap(ticks.ring.memory, SnapshotTick.BYTES * 3);
    // SZSE: nearest to the previous close of 10.00; SSE: the middle.
    expect([tick.instrument, tick.bidPriceE4(0)]).toEqual([instrument, expected]);
  }
});

test('the indicative price of a closing call of SZSE is the nearest to the last trade', () => {
  const f = feed({ phase: PHASE_CLOSING_CALL });
  f.state.lastE4[0] = 100_300;
  f.add(SIDE_BUY, 100, 100_400, { eventNs: 40_000e9 });
  f.add(SIDE_SELL, 100, 100_000, { eventNs: 40_002e9 });
  const ticks = f.ticks[0]!;
  // Two ticks of the phase came first.
  const at = SnapshotTick.BYTES * 3;
  const tick = new SnapshotTick().wrap(ticks.ring.memory, at);
  expect([tick.phase, tick.bidPriceE4(0)]).toEqual([PHASE_CLOSING_CALL, 100_300]);
});

describe('the sequence of a channel', () => {
  test('passes repeated and late events over, and counts them', () => {
    const f = feed();
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 7 });
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 7 });
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 3 });
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 3, channel: 2 });
    const { duplicates, late } = f.handler.trust;
    expect([duplicates, late, f.books.book.levelQty(0, SIDE_BUY, 99_900)]).toEqual([1, 1, 200]);
    expect(f.ticks[0]!.take()).toHaveLength(2);
  });

  test('with a hole marks the book stale where holes mean loss, and only there', () => {
    for (const contiguous of [true, false]) {
      const f = feed({ contiguous });
      f.add(SIDE_BUY, 100, 99_900, { channelSeq: 1 });
      f.add(SIDE_BUY, 100, 99_900, { channelSeq: 3 });
      expect([f.handler.trust.gaps, f.last()!.flags! & FLAG_STALE]).toEqual(
        contiguous ? [1, FLAG_STALE] : [0, 0],
      );
    }
  });

  test('goes on across the end of int32', () => {
    const f = feed();
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 2 ** 31 - 1 });
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: -(2 ** 31) });
    expect(f.handler.trust.duplicates).toBe(0);
  });

  test('with a loss that the feed tells of is stale for all it names, and people hear it', () => {
    const f = feed();
    f.send(FeedGap, { instrument: -1, channel: 1 });
    expect([...f.state.stale, f.handler.trust.gaps]).toEqual([1, 1, 1]);
    expect(f.events.of('FeedGap')).toHaveLength(1);
  });
});

describe('a full ring', () => {
  test('of a strategy conflates its ticks and counts them; the others miss nothing', () => {
    const f = feed({ tickBytes: 4_096 });
    for (let n = 0; n < 40; n++) {
      f.add(SIDE_BUY, 100, 95_000 + n * 100);
      f.ticks[1]!.take();
    }
    const got = f.ticks[0]!.take();
    expect(got.length).toBeGreaterThan(5);
    expect(f.handler.conflated).toBe(40 - got.length);
    f.add(SIDE_BUY, 100, 99_900);
    expect(f.last()).toMatchObject({ type: 'SnapshotTick' });
    expect(f.books.book.bestBid(0)).toBe(99_900);
  });

  test('of every strategy still shows people the market', () => {
    const f = feed({ tickBytes: 4_096, strategies: 1 });
    for (let n = 0; n < 40; n++) f.add(SIDE_BUY, 100, 99_900, { eventNs: 11 * 3600e9 + n * 1e9 });
    expect(f.events.of('SnapshotTick')).toHaveLength(40);
  });

  test('does not lose the end: it comes once there is room, to everyone once', () => {
    const f = feed({ tickBytes: 4_096 });
    for (let n = 0; n < 20; n++) f.add(SIDE_BUY, 100, 99_900);
    f.ticks[1]!.take();
    f.send(End, { reason: END_BY_USER });
    expect(f.ticks[1]!.take().map((frame) => frame.type)).toEqual(['End']);
    expect(f.ticks[0]!.take().some((frame) => frame.type === 'End')).toBe(false);
    for (let n = 0; n < 3; n++) f.handler.doWork();
    expect(f.ticks[0]!.take()).toMatchObject([{ type: 'End', reason: END_BY_USER }]);
    expect(f.ticks[1]!.take()).toEqual([]);
  });

  test('of an OMS gets the quote with the next event', () => {
    const f = feed();
    const filler = f.quotes[0]!.fill(Bar, {});
    f.add(SIDE_BUY, 100, 99_900);
    expect(f.quotes[0]!.take()).toHaveLength(filler);
    f.add(SIDE_BUY, 100, 99_900);
    expect(f.quotes[0]!.take()).toMatchObject([{ type: 'Quote', bidE4: 99_900 }]);
  });
});

describe('events of an earlier life', () => {
  test('bring books and totals up to date and are shown to no strategy', () => {
    const f = feed();
    f.add(SIDE_SELL, 200, 100_100, { flags: FLAG_CATCH_UP });
    const trade = { buyNo: 9, sellNo: 1, aggressor: SIDE_BUY, priceE4: 100_100, qty: 150 };
    f.send(MarketTrade, { ...trade, channel: 1, channelSeq: 2, flags: FLAG_CATCH_UP });
    expect(f.ticks[0]!.take()).toEqual([]);
    f.add(SIDE_BUY, 100, 99_900, { channelSeq: 3 });
    expect(f.last()).toMatchObject({ lastE4: 100_100, volume: 150 });
    expect(f.books.book.levelQty(0, SIDE_SELL, 100_100)).toBe(50);
  });
});

test('an end without reason is the end of the data', () => {
  const f = feed();
  f.send(End, {});
  expect(f.last()).toMatchObject({ type: 'End', reason: END_OF_DATA });
});
