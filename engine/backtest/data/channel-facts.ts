// Whether a loaded day holds the whole of each feed channel, or only the rows of some instruments.
// Called by the loader for every day. Always: decided by the data alone, over what is on the tape:
// a whole channel has (nearly) every number between its first and last, a filtered one has other
// instruments' rows as holes. Where a channel is whole, a hole is a loss (rules sheet 11).
import type { Instrument } from '../../core/instrument.ts';
import { MARKET_SUFFIXES } from '../../messages/codes.ts';
import { MarketOrder } from '../../messages/generated/market.ts';
import { TYPE_MARKET_ORDER, TYPE_MARKET_TRADE } from '../../messages/generated/types.ts';
import type { Tape } from '../tape.ts';
import { TapeCursor } from '../tape.ts';

/** One channel on a tape. */
export interface ChannelFacts {
  readonly market: number;
  readonly channel: number;
  /** Rows on the tape, first and last number. */
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Numbers that no row has; in a whole channel from 1 on, as the exchanges count. */
  readonly missing: number;
  /** Of a whole channel the first that is missing; 0 = none, or the channel is not whole. */
  readonly firstMissingSeq: number;
  /** Indexes of the instruments that have rows in it. */
  readonly instruments: readonly number[];
  /** Whether the tape holds all of the channel, so that missing numbers are losses. */
  readonly isWhole: boolean;
  /**
   * Whether the rows lie on the tape in the channel's order. SSE's split feed numbered the orders
   * of the opening call stock by stock, so that time and number do not go together.
   */
  readonly isInOrder: boolean;
}

/** Of a whole channel at most one number in this many is missing between first and last. */
const WHOLE_MISSES_ONE_IN = 100;

interface Counter {
  readonly market: number;
  readonly channel: number;
  rows: number;
  firstSeq: number;
  lastSeq: number;
  isInOrder: boolean;
  readonly instruments: Set<number>;
}

/**
 * Channels of a tape, by market and number. `fixedRows`: rows at the front that are no feed rows
 * (a start book). O(frames).
 */
export function channelsOf(
  tape: Tape,
  instruments: readonly Instrument[],
  fixedRows: number,
): ChannelFacts[] {
  const counters = new Map<number, Counter>();
  const order = new MarketOrder();
  let skip = fixedRows;
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type !== TYPE_MARKET_ORDER && cursor.type !== TYPE_MARKET_TRADE) continue;
    if (skip-- > 0) continue;
    // Instrument, channel and number lie at the same place in orders and trades.
    order.wrap(cursor.memory, cursor.at);
    const { market } = instruments[order.instrument];
    const { channel, channelSeq } = order;
    const key = channel * 4 + market;
    const counter = counters.get(key);
    if (counter === undefined) {
      const range = { rows: 1, firstSeq: channelSeq, lastSeq: channelSeq };
      const own = new Set([order.instrument]);
      counters.set(key, { market, channel, ...range, isInOrder: true, instruments: own });
    } else {
      counter.instruments.add(order.instrument);
      counter.rows++;
      if (channelSeq < counter.firstSeq) counter.firstSeq = channelSeq;
      if (channelSeq > counter.lastSeq) counter.lastSeq = channelSeq;
      else counter.isInOrder = false;
    }
  }
  return [...counters.values()]
    .sort((a, b) => a.market - b.market || a.channel - b.channel)
    .map((counter) => factsOf(counter, tape));
}

function factsOf(counter: Counter, tape: Tape): ChannelFacts {
  const { rows, firstSeq, lastSeq } = counter;
  const span = lastSeq - firstSeq + 1;
  const isWhole = (span - rows) * WHOLE_MISSES_ONE_IN <= span;
  // A whole channel that begins later lacks its beginning: rows before the first were lost.
  const missing = isWhole ? lastSeq - rows : span - rows;
  const firstMissingSeq = isWhole && missing > 0 ? firstHole(counter, tape) : 0;
  const instruments = [...counter.instruments].sort((a, b) => a - b);
  return { ...counter, instruments, missing, firstMissingSeq, isWhole };
}

/** The lowest number from 1 on that no row of the channel has. */
function firstHole({ market: _, channel, instruments, lastSeq }: Counter, tape: Tape): number {
  const seen = new Uint8Array(lastSeq + 1);
  const order = new MarketOrder();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type !== TYPE_MARKET_ORDER && cursor.type !== TYPE_MARKET_TRADE) continue;
    order.wrap(cursor.memory, cursor.at);
    const own = order.channel === channel && instruments.has(order.instrument);
    if (own && order.channelSeq <= lastSeq) seen[order.channelSeq] = 1;
  }
  return seen.indexOf(0, 1);
}

/** A line for the loader's report: which channels are checked for losses, and which cannot be. */
export function channelText(facts: ChannelFacts): string {
  const { market, channel, rows, firstSeq, lastSeq, missing, isWhole, isInOrder } = facts;
  const name = `channel ${channel} (${MARKET_SUFFIXES[market]})`;
  if (!isWhole) {
    return (
      `${name}: ${rows} of the numbers ${firstSeq} to ${lastSeq}: rows of some instruments only, ` +
      'so losses in the channel cannot be told'
    );
  }
  const lost = missing === 0 ? 'none missing' : `${missing} missing: they were lost`;
  const order = isInOrder ? '' : '; not in the order of time, so the engine does not check it';
  return `${name}: whole, numbers ${firstSeq} to ${lastSeq}, ${lost}${order}`;
}
