// Losses in feed channels: who becomes stale, who hears it, and how a book is trusted again.
// Run by vitest. Always: real kernel and rings, one frame at a time.
import { describe, expect, test } from 'vitest';
import { ChannelTable } from '../../../engine/core/channel-table.ts';
import { FAULT_NONE, FLAG_STALE, MARKET_SSE, MARKET_SZSE } from '../../../engine/messages/codes.ts';
import { FeedGap } from '../../../engine/messages/generated/market.ts';
import { makeFeed, SSE_A, SSE_B, SZSE } from './feed-kit.ts';

const WHOLE = { contiguous: true };

describe('a loss in a whole channel', () => {
  test('makes every instrument of the channel stale, and no other', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.order(SSE_B);
    f.order(SZSE, { channel: 2011, channelSeq: 1 });
    f.lose(2);
    expect(f.stale()).toEqual([0, 0, 0]);
    f.order(SSE_A);
    expect([f.stale(), f.trust.gaps]).toEqual([[1, 1, 0], 1]);
  });

  test('makes those of the market stale whose channel nobody knows yet', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.lose();
    f.order(SSE_A);
    // The lost row may have been the first of the other share; it cannot have been SZSE's.
    expect(f.stale()).toEqual([1, 1, 0]);
  });

  test('spares an instrument of another channel of the same market', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.order(SSE_B, { channel: 7, channelSeq: 1 });
    f.lose(1);
    f.order(SSE_A, { channelSeq: 9 });
    expect(f.stale()).toEqual([1, 0, 0]);
  });

  test('is told to strategies and people with what was expected and what came', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.lose(3);
    f.ticks.take();
    f.order(SSE_A);
    const gap = { type: 'FeedGap', instrument: -1, channel: 6, expectedSeq: 2, receivedSeq: 5 };
    const told = f.ticks.take();
    expect(told[0]).toMatchObject(gap);
    expect(told[1]).toMatchObject({ type: 'SnapshotTick', flags: FLAG_STALE });
    expect(f.events.of('FeedGap')).toMatchObject([gap]);
  });

  test('counts the rows before the first, as a channel begins with 1', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A, { channelSeq: 5 });
    expect([f.trust.gaps, f.stale()]).toEqual([1, [1, 1, 0]]);
    expect(f.events.of('FeedGap')).toMatchObject([{ expectedSeq: 1, receivedSeq: 5 }]);
  });

  test('is seen in the channel named, where another is filtered', () => {
    const f = makeFeed({ wholeChannels: [{ market: MARKET_SZSE, channel: 6 }] });
    f.order(SSE_A, { channelSeq: 10 });
    f.order(SSE_A, { channelSeq: 20 });
    // The same number on another market is another channel.
    f.order(SZSE, { channelSeq: 1 });
    expect(f.stale()).toEqual([0, 0, 0]);
    f.order(SZSE, { channelSeq: 3 });
    expect([f.stale(), f.trust.gaps]).toEqual([[0, 0, 1], 1]);
  });
});

describe('rows that are no loss', () => {
  test('holes of a filtered file', () => {
    const f = makeFeed();
    f.order(SSE_A);
    f.lose(1000);
    f.order(SSE_A);
    expect([f.trust.gaps, f.stale(), f.events.of('FeedGap')]).toEqual([0, [0, 0, 0], []]);
  });

  test('lower numbers of another instrument, where the tape goes by time', () => {
    const f = makeFeed();
    f.order(SSE_A, { channelSeq: 40_000 });
    f.wait(5);
    f.order(SSE_B, { channelSeq: 7 });
    f.order(SSE_A, { channelSeq: 40_001 });
    f.order(SSE_B, { channelSeq: 9 });
    expect([f.trust.problems(), f.stale()]).toEqual([[], [0, 0, 0]]);
    // Its own numbers must rise all the same.
    f.order(SSE_B, { channelSeq: 8, priceE4: 99_000 });
    expect([f.trust.late, f.book.levelQty(SSE_B, 1, 99_000)]).toEqual([1, 0]);
  });

  test('repeated and late ones are counted apart and passed over', () => {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.order(SSE_A);
    f.order(SSE_A, { channelSeq: 2, priceE4: 99_000 });
    f.order(SSE_A, { channelSeq: 1, priceE4: 99_000 });
    expect([f.trust.duplicates, f.trust.late, f.trust.gaps]).toEqual([1, 1, 0]);
    expect([f.book.levelQty(SSE_A, 1, 99_000), f.stale()]).toEqual([0, [0, 0, 0]]);
  });
});

test('a numbering begun anew is a loss, in a filtered file too', () => {
  for (const contiguous of [true, false]) {
    const f = makeFeed({ contiguous });
    for (let n = 0; n < 5; n++) f.order(SSE_A);
    f.wait(60);
    f.order(SSE_A, { channelSeq: 1 });
    f.order(SSE_A, { channelSeq: 2 });
    expect([f.trust.gaps, f.trust.restarts, f.trust.late, f.stale()[0]]).toEqual([1, 1, 0, 1]);
    expect(f.events.of('FeedGap')).toMatchObject([{ expectedSeq: 6, receivedSeq: 1 }]);
  }
});

describe('a loss that the feed tells of', () => {
  test('marks the instruments of the channel it names', () => {
    const f = makeFeed();
    f.order(SSE_A);
    f.order(SSE_B, { channel: 7 });
    f.order(SZSE, { channel: 2011 });
    f.ticks.take();
    f.send(FeedGap, { instrument: -1, channel: 7 });
    expect([f.stale(), f.told('FeedGap').length]).toEqual([[0, 1, 0], 1]);
    f.send(FeedGap, { instrument: SZSE, channel: 2011 });
    expect(f.stale()).toEqual([0, 1, 1]);
  });

  test('marks all when nothing is known of the channel', () => {
    const f = makeFeed();
    f.send(FeedGap, { instrument: -1, channel: 99 });
    expect(f.stale()).toEqual([1, 1, 1]);
  });
});

describe('a stale book', () => {
  function staleFeed() {
    const f = makeFeed(WHOLE);
    f.order(SSE_A);
    f.lose();
    f.order(SSE_A, { side: 2, priceE4: 100_100, qty: 300 });
    expect(f.stale()[SSE_A]).toBe(1);
    f.ticks.take();
    return f;
  }

  test('does not heal by itself, whatever comes', () => {
    const f = staleFeed();
    for (let n = 0; n < 20; n++) f.order(SSE_A);
    expect(f.told('SnapshotTick').every((tick) => tick.flags === FLAG_STALE)).toBe(true);
    expect(f.stale()[SSE_A]).toBe(1);
  });

  test.each([
    ['equals it', 100, 300, 0],
    ['shows other shares', 200, 300, 1],
    ['shows an empty side', 100, 0, 1],
  ])('after a picture that %s', (_, bid, ask, stale) => {
    const f = staleFeed();
    f.sendPicture(SSE_A, [99_900, bid], [100_100, ask]);
    expect([f.stale()[SSE_A], f.trust.recovered]).toEqual([stale, 1 - stale]);
    const faults = f.events.of('FeedFault');
    expect(faults).toMatchObject(stale === 1 ? [] : [{ instrument: SSE_A, code: FAULT_NONE }]);
    f.ticks.take();
    f.order(SSE_A);
    expect(f.told('SnapshotTick')).toMatchObject([{ flags: stale === 1 ? FLAG_STALE : 0 }]);
  });

  test('of pictures alone is trusted with the next one', () => {
    const f = makeFeed();
    f.send(FeedGap, { instrument: SZSE, channel: 1 });
    f.sendPicture(SZSE, [99_900, 100], [100_100, 100]);
    expect(f.stale()).toEqual([0, 0, 0]);
  });
});

test('a table of channels tells markets apart and says when it is full', () => {
  const table = new ChannelTable(false);
  const slot = table.slotOf(MARKET_SSE, 6);
  expect(table.slotOf(MARKET_SZSE, 6)).not.toBe(slot);
  expect(table.slotOf(MARKET_SSE, 6)).toBe(slot);
  for (let channel = 100; table.slotOf(MARKET_SSE, channel) >= 0; channel++) {
    expect(channel).toBeLessThan(1000);
  }
  expect([table.count, table.slotOf(MARKET_SSE, 6)]).toEqual([512, slot]);
});
