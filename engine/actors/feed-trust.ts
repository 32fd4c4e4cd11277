// Whether each book of the feed can be trusted: sequence of the channels, rows that a book could
// not follow, and the one way back. Called by the feed handler for every row and picture.
// Always: a loss in a channel marks every instrument of that channel, and every one of that market
// whose channel is not known yet, as its first row may be what was lost; a stale book is trusted
// again only when it equals a picture the exchange published (ten levels and last price), or the
// next day; late and repeated rows are counted and passed over, a numbering begun anew is a loss.

import type { BookBuilder } from '../core/book-builder.ts';
import {
  type ChannelName,
  ChannelTable,
  NO_CHANNEL,
  SEQ_DUPLICATE,
  SEQ_GAP,
  SEQ_LATE,
  SEQ_RESTART,
  SequenceTable,
} from '../core/channel-table.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { MarketState } from '../core/market-state.ts';
import { NEW_TABLES, type Tables } from '../core/tables.ts';
import {
  FAULT_NAMES,
  FAULT_NONE,
  FAULT_UNKNOWN_INSTRUMENT,
  STAGE_FEED,
} from '../messages/codes.ts';
import { copyFrame, type FrameMemory } from '../messages/frames.ts';
import { FeedFault, FeedGap, type SnapshotTick } from '../messages/generated/market.ts';
import type { EventSink, OutPort } from './port.ts';

const LEVELS = 10;
const UNKNOWN = -1;

export interface FeedTrustOptions {
  /** No channel of this feed has holes: a hole is a loss. */
  readonly contiguous: boolean;
  /** Channels of which that is so although it is not of all. */
  readonly wholeChannels?: readonly ChannelName[];
  /** Where columns of a day come from; absent = new ones. */
  readonly tables?: Tables;
}

export class FeedTrust {
  /** Losses: holes in whole channels, numberings begun anew, and those the feed told of. */
  gaps = 0;
  /** Of these: numberings begun anew. */
  restarts = 0;
  /** Rows with the number of the row before, and rows below it. */
  duplicates = 0;
  late = 0;
  /** Rows of channels beyond those a table holds: followed, but a loss there is not seen. */
  untracked = 0;
  /** Stale books that agreed with a picture again. */
  recovered = 0;
  /** FeedGap and FeedFault frames that a strategy's full ring refused. */
  unsent = 0;
  /** Faults so far, by FAULT_*. */
  readonly faults = new Int32Array(FAULT_NAMES.length);
  /** Event time of the row at hand; a field, as float64 arguments would be boxed. */
  nowNs = FLOAT_ZERO;
  /** The row is of an earlier life: strategies are told nothing. */
  catchUp = false;
  readonly #market: MarketState;
  readonly #books: BookBuilder;
  readonly #ticks: readonly OutPort[];
  readonly #events: EventSink;
  readonly #channels: ChannelTable;
  /** Numbers of each instrument alone, where a channel is not whole. */
  readonly #own: SequenceTable;
  /** Channels by instrument: SSE's split feed may have two of them. UNKNOWN: none seen. */
  readonly #first: Int16Array;
  readonly #second: Int16Array;
  /** Where columns of the day come from. */
  readonly tables: Tables;
  /** 1 = the instrument has an order stream, so its book is built here. */
  readonly #built: Uint8Array;
  readonly #gap = new FeedGap();
  readonly #fault = new FeedFault();

  constructor(
    market: MarketState,
    books: BookBuilder,
    ticks: readonly OutPort[],
    events: EventSink,
    options: FeedTrustOptions,
  ) {
    const { tables = NEW_TABLES } = options;
    this.tables = tables;
    this.#market = market;
    this.#books = books;
    this.#ticks = ticks;
    this.#events = events;
    this.#channels = new ChannelTable(options.contiguous);
    this.#own = new SequenceTable(market.count * 2, tables);
    for (const { market: m, channel } of options.wholeChannels ?? []) {
      this.#channels.setWhole(m, channel);
    }
    this.#first = tables.int16(market.count).fill(UNKNOWN);
    this.#second = tables.int16(market.count).fill(UNKNOWN);
    this.#built = tables.uint8(market.count);
  }

  /** What people must be told, one line each; empty: nothing. Cold. */
  problems(): readonly string[] {
    const lines: string[] = []; // hot-ok: cold, when a run ends
    for (let fault = 1; fault < this.faults.length; fault++) {
      if (this.faults[fault] === 0) continue;
      lines.push(`${this.faults[fault]} rows the book could not follow: ${FAULT_NAMES[fault]}`);
    }
    if (this.gaps > 0) lines.push(`${this.gaps} losses in the feed's channels`);
    if (this.duplicates + this.late > 0) {
      lines.push(`${this.duplicates} repeated and ${this.late} late rows passed over`);
    }
    if (this.untracked > 0) lines.push(`${this.untracked} rows of channels beyond the table`);
    let stale = 0;
    for (let i = 0; i < this.#market.count; i++) stale += this.#market.stale[i];
    if (stale > 0) lines.push(`${stale} of ${this.#market.count} books ended stale`);
    return lines;
  }

  /** False for a repeated or late row, which is counted and must be passed over. */
  inSequence(channel: number, seq: number, instrument: number): boolean {
    const slot = this.#slotOf(channel, instrument);
    if (slot === NO_CHANNEL) {
      this.untracked++;
      return true;
    }
    const channels = this.#channels;
    const known = instrument >= 0 && instrument < this.#market.count;
    if (known) this.#join(instrument, slot);
    // Other instruments' rows are missing, or stand elsewhere: only its own numbers must rise.
    const whole = channels.isWhole(slot);
    if (!whole && !known) return true;
    const numbers = whole ? channels : this.#own;
    numbers.nowNs = this.nowNs;
    const verdict = numbers.next(whole ? slot : this.#ownSlot(instrument, slot), seq);
    if (verdict === SEQ_DUPLICATE) this.duplicates++;
    if (verdict === SEQ_LATE) this.late++;
    if (verdict < 0) return false;
    if (verdict === SEQ_RESTART) this.restarts++;
    if (verdict === SEQ_GAP || verdict === SEQ_RESTART) {
      this.#lose(slot);
      this.#tellGap(UNKNOWN, channel, numbers.expectedSeq, seq);
    }
    return true;
  }

  /** A row that a book could not follow: FAULT_* of the builder, counted; the book is stale. */
  onFault(fault: number, instrument: number, channel: number, seq: number): void {
    const count = ++this.faults[fault];
    const known = instrument >= 0 && instrument < this.#market.count;
    // One frame for each time a book becomes stale; of rows nobody knows, for the first.
    if (known && this.#market.stale[instrument] === 1) return;
    if (known) this.#market.stale[instrument] = 1;
    else if (fault !== FAULT_UNKNOWN_INSTRUMENT || count > 1) return;
    this.#tellFault(fault, instrument, channel, seq, count);
  }

  /** The feed itself tells of a loss. */
  onGap(gap: FeedGap, memory: FrameMemory, at: number): void {
    this.gaps++;
    const { instrument, channel } = gap;
    if (instrument >= 0) {
      if (instrument < this.#market.count) this.#market.stale[instrument] = 1;
    } else if (this.#channels.find(channel, 0) === NO_CHANNEL) {
      this.#market.stale.fill(1);
    } else {
      // The frame does not name the market.
      for (let n = 0; ; n++) {
        const slot = this.#channels.find(channel, n);
        if (slot === NO_CHANNEL) break;
        this.#mark(slot);
      }
    }
    this.#events.offer(memory, at);
    this.#copyToStrategies(memory, at, FeedGap.BYTES);
  }

  /**
   * A picture came. A stale book that equals it is trusted again: what lies below the tenth level
   * is not proven by it, and a fault there will mark the book anew.
   */
  onPicture(tick: SnapshotTick): void {
    const i = tick.instrument;
    if (this.#market.stale[i] === 0) return;
    if (this.#built[i] === 1 && !this.#agrees(i, tick)) return;
    this.#market.stale[i] = 0;
    this.recovered++;
    this.#tellFault(FAULT_NONE, i, 0, 0, this.recovered);
  }

  /** An order stream exists for this instrument. */
  setBuilt(instrument: number): void {
    this.#built[instrument] = 1;
  }

  #slotOf(channel: number, instrument: number): number {
    const known = instrument >= 0 && instrument < this.#market.count;
    if (known) return this.#channels.slotOf(this.#market.exchange[instrument], channel);
    // Nobody knows the market of such a row; its number counts in the channel all the same.
    const found = this.#channels.find(channel, 0);
    return found === NO_CHANNEL ? this.#channels.slotOf(0, channel) : found;
  }

  #join(instrument: number, slot: number): void {
    if (this.#first[instrument] === slot || this.#second[instrument] === slot) return;
    if (this.#first[instrument] === UNKNOWN) this.#first[instrument] = slot;
    else this.#second[instrument] = slot;
  }

  /** Place of an instrument's own numbers in a channel: two channels at most. */
  #ownSlot(instrument: number, slot: number): number {
    return instrument * 2 + (this.#first[instrument] === slot ? 0 : 1);
  }

  #lose(slot: number): void {
    this.gaps++;
    this.#mark(slot);
  }

  #mark(slot: number): void {
    const { stale, exchange, count } = this.#market;
    const market = this.#channels.marketOf(slot);
    for (let i = 0; i < count; i++) {
      const first = this.#first[i];
      const mayBe = first === UNKNOWN && (market === 0 || exchange[i] === market);
      if (mayBe || first === slot || this.#second[i] === slot) stale[i] = 1;
    }
  }

  #agrees(i: number, tick: SnapshotTick): boolean {
    const books = this.#books;
    if (!books.isContinuous(i) || tick.lastE4 !== this.#market.lastE4[i]) return false;
    const book = books.book;
    book.depth(i, LEVELS);
    if (book.bidLevels + book.askLevels === 0) return false;
    for (let n = 0; n < LEVELS; n++) {
      const bids = tick.bidOrderCount(n);
      const asks = tick.askOrderCount(n);
      const bid = n < book.bidLevels;
      const ask = n < book.askLevels;
      if (tick.bidQty(n) !== (bid ? book.bidQty(n) : 0)) return false;
      if (tick.askQty(n) !== (ask ? book.askQty(n) : 0)) return false;
      if (bid && tick.bidPriceE4(n) !== book.bidPriceE4(n)) return false;
      if (ask && tick.askPriceE4(n) !== book.askPriceE4(n)) return false;
      // 0: the feed does not publish the number of orders.
      if (bid && bids > 0 && bids !== book.bidOrders(n)) return false;
      if (ask && asks > 0 && asks !== book.askOrders(n)) return false;
    }
    return true;
  }

  #tellGap(instrument: number, channel: number, expectedSeq: number, receivedSeq: number): void {
    const events = this.#events;
    const at = events.claim(FeedGap.BYTES);
    if (at >= 0) {
      this.#writeGap(events.memory, at, instrument, channel, expectedSeq, receivedSeq);
      events.commit();
    }
    if (this.catchUp) return;
    for (let s = 0; s < this.#ticks.length; s++) {
      const out = this.#ticks[s]!;
      const to = out.claim(FeedGap.BYTES);
      if (to < 0) {
        this.unsent++;
        continue;
      }
      this.#writeGap(out.memory, to, instrument, channel, expectedSeq, receivedSeq);
      out.commit();
    }
  }

  #writeGap(
    memory: FrameMemory,
    at: number,
    instrument: number,
    channel: number,
    expectedSeq: number,
    receivedSeq: number,
  ): void {
    const gap = this.#gap.begin(memory, at);
    gap.source = STAGE_FEED;
    gap.eventNs = this.nowNs;
    gap.instrument = instrument;
    gap.channel = channel;
    gap.expectedSeq = expectedSeq;
    gap.receivedSeq = receivedSeq;
  }

  #tellFault(code: number, instrument: number, channel: number, seq: number, count: number): void {
    const events = this.#events;
    const at = events.claim(FeedFault.BYTES);
    if (at >= 0) {
      this.#writeFault(events.memory, at, code, instrument, channel, seq, count);
      events.commit();
    }
    if (this.catchUp) return;
    for (let s = 0; s < this.#ticks.length; s++) {
      const out = this.#ticks[s]!;
      const to = out.claim(FeedFault.BYTES);
      if (to < 0) {
        this.unsent++;
        continue;
      }
      this.#writeFault(out.memory, to, code, instrument, channel, seq, count);
      out.commit();
    }
  }

  #writeFault(
    memory: FrameMemory,
    at: number,
    code: number,
    instrument: number,
    channel: number,
    seq: number,
    count: number,
  ): void {
    const fault = this.#fault.begin(memory, at);
    fault.source = STAGE_FEED;
    fault.eventNs = this.nowNs;
    fault.instrument = instrument;
    fault.channel = channel;
    fault.channelSeq = seq;
    fault.orderNo = code === FAULT_NONE ? 0 : this.#books.lastOrderNo;
    fault.code = code;
    fault.count = count;
  }

  #copyToStrategies(memory: FrameMemory, at: number, bytes: number): void {
    if (this.catchUp) return;
    for (let s = 0; s < this.#ticks.length; s++) {
      const out = this.#ticks[s]!;
      const to = out.claim(bytes);
      if (to < 0) this.unsent++;
      else {
        copyFrame(memory, at, out.memory, to);
        out.commit();
      }
    }
  }
}
