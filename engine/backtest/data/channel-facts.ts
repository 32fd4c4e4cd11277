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
  /** Numbers between first and last that no row has. */
  readonly missing: number;
  /** Whether the tape holds all of the channel, so that missing numbers are losses. */
  readonly isWhole: boolean;
}

/** Of a whole channel at most one number in this many is missing between first and last. */
const WHOLE_MISSES_ONE_IN = 100;

interface Counter {
  readonly market: number;
  readonly channel: number;
  rows: number;
  firstSeq: number;
  lastSeq: number;
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
      counters.set(key, { market, channel, rows: 1, firstSeq: channelSeq, lastSeq: channelSeq });
    } else {
      counter.rows++;
      if (channelSeq < counter.firstSeq) counter.firstSeq = channelSeq;
      if (channelSeq > counter.lastSeq) counter.lastSeq = channelSeq;
    }
  }
  return [...counters.values()]
    .sort((a, b) => a.market - b.market || a.channel - b.channel)
    .map((counter) => {
      const span = counter.lastSeq - counter.firstSeq + 1;
      const missing = span - counter.rows;
      return { ...counter, missing, isWhole: missing * WHOLE_MISSES_ONE_IN <= span };
    });
}

/** A line for the loader's report: which channels are checked for losses, and which cannot be. */
export function channelText(facts: ChannelFacts): string {
  const { market, channel, rows, firstSeq, lastSeq, missing, isWhole } = facts;
  const name = `channel ${channel} (${MARKET_SUFFIXES[market]})`;
  if (!isWhole) {
    return (
      `${name}: ${rows} of the numbers ${firstSeq} to ${lastSeq}: rows of some instruments only, ` +
      'so losses in the channel cannot be told'
    );
  }
  const lost = missing === 0 ? 'none missing' : `${missing} missing: they were lost`;
  return `${name}: whole, numbers ${firstSeq} to ${lastSeq}, ${lost}`;
}
