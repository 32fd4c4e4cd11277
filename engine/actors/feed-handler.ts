// Turns the exchange's feed into what strategies and the OMS read: keeps the book of each
// instrument, detects gaps, sends ten-level ticks to every strategy and quotes to every OMS.
// First actor of the path. Invariant: a tick shows the book after its event, never half of it; a
// full tick ring conflates (the newest wins later) and is counted, nothing else is dropped.

import { assert } from '../assert.ts';
import { type BarBlocks, BLOCK_STEP } from '../core/bar-blocks.ts';
import type { BookBuilder } from '../core/book-builder.ts';
import { callReferenceE4 } from '../core/call-price.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { addTrade, type MarketState } from '../core/market-state.ts';
import { isCall } from '../core/session.ts';
import { POLL_LIMIT } from '../limits.ts';
import {
  END_OF_DATA,
  FAULT_NONE,
  FAULT_UNKNOWN_INSTRUMENT,
  FLAG_CATCH_UP,
  FLAG_STALE,
  PHASE_CLOSING_CALL,
} from '../messages/codes.ts';
import {
  BODY_OFFSET,
  copyFrame,
  type FrameMemory,
  frameEventNs,
  frameLength,
} from '../messages/frames.ts';
import { End } from '../messages/generated/control.ts';
import {
  Bar,
  BarBlock,
  FeedGap,
  MarketOrder,
  MarketTrade,
  Phase,
  Quote,
  QuoteLink,
  SnapshotTick,
} from '../messages/generated/market.ts';
import { FIELDS } from '../messages/generated/verify.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import { FeedTrust, type FeedTrustOptions } from './feed-trust.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';

const LEVELS = 10;
/** int32 word of the first bid and ask level in a SnapshotTick frame (docs/MESSAGES.md). */
const BID_WORD = offsetOf('bidPriceE4') >> 2;
const ASK_WORD = offsetOf('askPriceE4') >> 2;
/** During a call the indicative price is shown at most this often (the exchanges: 3 s). */
const CALL_TICK_NS = 1_000_000_000;
/** Ticks go to people at most this often per instrument, in event time. */
const SHOW_TICK_NS = 100_000_000;
/** Risk gets a quote of an instrument this often in event time; each OMS tells it newer ones. */
const RISK_QUOTE_NS = 1_000_000_000;

const NO_ROOM = 'a ring has no room, expected room for one frame';

export interface FeedHandlerPorts {
  readonly market: FrameInput;
  /** To each strategy host. */
  readonly ticks: readonly OutPort[];
  /** Of these, which want every order and trade of the feed too; absent = none. */
  readonly orderEvents?: readonly boolean[];
  /** To each OMS. */
  readonly quotes: readonly OutPort[];
  /** Of them those to accounts that people alone trade for: no strategy brings them the end. */
  readonly ends?: readonly OutPort[];
  /** To risk; absent where its rules value nothing and listen to no feed. */
  readonly riskQuotes?: OutPort;
  readonly events: EventSink;
  readonly tap: Tap;
  readonly clock: MonoClock;
  /** Phases of the market go on whole: a day of bars has no book to show at each. */
  readonly wholePhases?: boolean;
  /** Where blocks of bars lie; absent = every bar comes for itself. */
  readonly blocks?: BarBlocks;
}

export class FeedHandler implements Agent, FrameHandler {
  readonly roleName = 'feed';
  /** Events taken, and ticks that a full ring conflated. */
  eventCount = 0;
  conflated = 0;
  /** Losses, faults, late and repeated rows, and which books are stale by them. */
  readonly trust: FeedTrust;
  readonly #market: MarketState;
  readonly #books: BookBuilder;
  readonly #ports: FeedHandlerPorts;
  readonly #in: InPort;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #snapshot = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #block = new BarBlock();
  readonly #phase = new Phase();
  readonly #gap = new FeedGap();
  readonly #end = new End();
  readonly #tickOut = new SnapshotTick();
  readonly #quoteOut = new Quote();
  readonly #endOut = new End();
  readonly #lastCallTickNs: Float64Array;
  readonly #lastShownNs: Float64Array;
  readonly #quoteSum: Int32Array;
  /** What risk was told last: when, and of which phase, limits and trust. */
  readonly #riskToldNs: Float64Array;
  readonly #riskState: Int32Array;
  #recvNs = FLOAT_ZERO;
  /** Engine time of the event at hand; a field, as float64 arguments would be boxed. */
  #eventNs = FLOAT_ZERO;
  /** The event at hand is of an earlier life: books and totals only. */
  #catchUp = false;
  /** END_* once the input ended, and whether and which strategies have not been told yet. */
  #endReason = 0;
  #owesEnd = false;
  #endNs = FLOAT_ZERO;
  readonly #endPending: Uint8Array;
  /** Strategies that get every row. */
  readonly #rowsTo: readonly number[];
  readonly #ends: readonly OutPort[];
  readonly #isWhole: boolean;

  constructor(
    market: MarketState,
    books: BookBuilder,
    ports: FeedHandlerPorts,
    options: FeedTrustOptions,
  ) {
    this.#market = market;
    this.#books = books;
    this.#ports = ports;
    this.trust = new FeedTrust(market, books, ports.ticks, ports.events, options);
    this.#in = new InPort(ports.market, 0, true, ports.tap, this);
    this.#lastCallTickNs = this.trust.tables.float64(market.count).fill(-CALL_TICK_NS);
    this.#lastShownNs = this.trust.tables.float64(market.count).fill(-SHOW_TICK_NS);
    this.#quoteSum = this.trust.tables.int32(market.count);
    this.#riskToldNs = this.trust.tables.float64(market.count).fill(-RISK_QUOTE_NS);
    this.#riskState = this.trust.tables.int32(market.count);
    this.#ends = [...ports.ticks, ...(ports.ends ?? [])];
    this.#endPending = new Uint8Array(this.#ends.length);
    // Risk is told of each instrument at a pace of its own.
    this.#isWhole = ports.wholePhases === true && ports.riskQuotes === undefined;
    this.#rowsTo = (ports.orderEvents ?? []).flatMap((wants, s) => (wants ? [s] : []));
  }

  onStart(): void {}

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    // The clock is read only for a batch, before it is taken: each reading allocates.
    let count = 0;
    if (!this.#in.isEmpty()) {
      this.#recvNs = this.#ports.clock.nowNs();
      count = this.#in.poll(POLL_LIMIT);
    }
    if (this.#owesEnd) this.#sendEnds();
    if (count === 0) return 0;
    const { ticks, quotes } = this.#ports;
    for (let i = 0; i < ticks.length; i++) ticks[i]!.publish();
    // Risk first: an order never overtakes the quotes before the one that caused it.
    this.#ports.riskQuotes?.publish();
    for (let i = 0; i < quotes.length; i++) quotes[i]!.publish();
    this.#ports.events.publish();
    this.#ports.tap.publish();
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    return this.#in.isEmpty() && !this.#owesEnd;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    this.eventCount++;
    this.#catchUp = (memory.i16[(at + BODY_OFFSET + 6) >> 1] & FLAG_CATCH_UP) !== 0;
    switch (type) {
      case MarketOrder.TYPE:
        this.#onOrder(memory, at);
        break;
      case MarketTrade.TYPE:
        this.#onTrade(memory, at);
        break;
      case SnapshotTick.TYPE:
        this.#onSnapshot(memory, at);
        break;
      case Bar.TYPE:
        this.#onBar(memory, at);
        break;
      case BarBlock.TYPE:
        this.#onBlock(memory, at);
        break;
      case Phase.TYPE:
        this.#onPhase(memory, at);
        break;
      case FeedGap.TYPE:
        this.#onGap(memory, at);
        break;
      case End.TYPE:
        this.#onEnd(memory, at);
        break;
      case QuoteLink.TYPE:
        this.#ports.events.offer(memory, at);
        break;
      default:
        break;
    }
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#order.wrap(memory, at);
    const { instrument, channel, channelSeq } = order;
    this.#at(memory, at);
    if (!this.trust.inSequence(channel, channelSeq, instrument)) return;
    if (this.#books.heldCount > 0) this.#releaseHeld(instrument);
    const fault = this.#books.onOrder(order);
    if (fault !== FAULT_NONE) this.trust.onFault(fault, instrument, channel, channelSeq);
    if (!this.#knows(instrument)) return;
    this.trust.setBuilt(instrument);
    if (this.#rowsTo.length > 0) this.#forwardRow(memory, at);
    this.#bookTick(instrument);
  }

  #onTrade(memory: FrameMemory, at: number): void {
    const trade = this.#trade.wrap(memory, at);
    const { instrument, channel, channelSeq, priceE4, qty } = trade;
    this.#at(memory, at);
    if (!this.trust.inSequence(channel, channelSeq, instrument)) return;
    if (this.#books.heldCount > 0) this.#releaseHeld(instrument);
    const fault = this.#books.onTrade(trade);
    if (fault !== FAULT_NONE) this.trust.onFault(fault, instrument, channel, channelSeq);
    if (!this.#knows(instrument)) return;
    if (priceE4 > 0 && qty > 0) addTrade(this.#market, instrument, priceE4, qty);
    if (this.#rowsTo.length > 0) this.#forwardRow(memory, at);
    this.#bookTick(instrument);
  }

  #knows(instrument: number): boolean {
    return instrument >= 0 && instrument < this.#market.count;
  }

  /** Time is the frame's; not given as a number, since a float64 argument is boxed. */
  #at(memory: FrameMemory, at: number): void {
    const eventNs = frameEventNs(memory, at);
    this.#eventNs = eventNs;
    this.trust.nowNs = eventNs;
    this.trust.catchUp = this.#catchUp;
  }

  /**
   * Market orders of other instruments whose kind was waited for: time has gone on, so what is left
   * of them stands (rules sheet 11.1). The builder itself does so for the instrument at hand.
   */
  #releaseHeld(except: number): void {
    const books = this.#books;
    for (let n = books.heldCount - 1; n >= 0; n--) {
      const i = books.heldInstrument(n);
      if (i === except || books.heldSinceNs(i) >= this.#eventNs) continue;
      this.#release(i);
      this.#bookTick(i);
    }
  }

  #release(i: number): void {
    const fault = this.#books.release(i);
    if (fault !== FAULT_NONE) this.trust.onFault(fault, i, 0, 0);
  }

  #onSnapshot(memory: FrameMemory, at: number): void {
    const tick = this.#snapshot.wrap(memory, at);
    const i = tick.instrument;
    const m = this.#market;
    this.#at(memory, at);
    if (!this.#knows(i)) {
      this.trust.onFault(FAULT_UNKNOWN_INSTRUMENT, i, 0, 0);
      return;
    }
    this.trust.onPicture(tick);
    m.lastE4[i] = tick.lastE4;
    m.volume[i] = tick.volume;
    m.amountE4[i] = tick.amountE4;
    if (tick.upperLimitE4 > 0) m.upperLimitE4[i] = tick.upperLimitE4;
    if (tick.lowerLimitE4 > 0) m.lowerLimitE4[i] = tick.lowerLimitE4;
    if (tick.preCloseE4 > 0) m.preCloseE4[i] = tick.preCloseE4;
    m.phase[i] = tick.phase;
    this.#forward(memory, at);
    this.#show(i, memory, at);
    this.#quote(i, tick.bidPriceE4(0), tick.askPriceE4(0));
  }

  #onBar(memory: FrameMemory, at: number): void {
    const bar = this.#bar.wrap(memory, at);
    this.#at(memory, at);
    if (!this.#knows(bar.instrument)) {
      this.trust.onFault(FAULT_UNKNOWN_INSTRUMENT, bar.instrument, 0, 0);
      return;
    }
    this.#market.lastE4[bar.instrument] = bar.closeE4;
    this.#ports.events.offer(memory, at);
    this.#forward(memory, at);
    this.#quote(bar.instrument, 0, 0);
  }

  #onPhase(memory: FrameMemory, at: number): void {
    const phase = this.#phase.wrap(memory, at);
    this.#at(memory, at);
    if (phase.instrument >= this.#market.count) {
      this.trust.onFault(FAULT_UNKNOWN_INSTRUMENT, phase.instrument, 0, 0);
      return;
    }
    for (let n = this.#books.heldCount - 1; n >= 0; n--) {
      this.#release(this.#books.heldInstrument(n));
    }
    this.#books.setPhase(phase.instrument, phase.phase);
    const one = phase.instrument;
    if (one < 0 && this.#isWhole && !this.#catchUp) {
      this.#onWholePhase(phase.phase, memory, at);
      return;
    }
    const from = one < 0 ? 0 : one;
    const to = one < 0 ? this.#market.count : one + 1;
    for (let i = from; i < to; i++) {
      this.#market.phase[i] = phase.phase;
      this.#lastShownNs[i] = -SHOW_TICK_NS;
      this.#bookTick(i);
    }
    this.#ports.events.offer(memory, at);
  }

  /** One frame for all instead of a tick and a quote for each, whose readers know what it says. */
  #onWholePhase(phase: number, memory: FrameMemory, at: number): void {
    this.#market.phase.fill(phase);
    this.#lastShownNs.fill(-SHOW_TICK_NS);
    if (isCall(phase)) this.#lastCallTickNs.fill(this.#eventNs);
    // Whatever is quoted of one instrument after this is news.
    this.#quoteSum.fill(0);
    this.#passToAll(memory, at);
    this.#ports.events.offer(memory, at);
  }

  /** Bars of one moment: their prices, and one frame that tells who reads on where they lie. */
  #onBlock(memory: FrameMemory, at: number): void {
    const { firstAt, count } = this.#block.wrap(memory, at);
    this.#at(memory, at);
    this.eventCount += count - 1;
    const bars = this.#ports.blocks!.memory;
    for (let n = 0, to = firstAt; n < count; n++, to += BLOCK_STEP) {
      const { instrument, closeE4 } = this.#bar.wrap(bars, to);
      this.#market.lastE4[instrument] = closeE4;
      this.#quoteSum[instrument] = 0;
      this.#ports.events.offer(bars, to);
    }
    this.#passToAll(memory, at);
  }

  /** To every strategy and OMS. Nothing makes up for a loss: in lockstep the rings are empty. */
  #passToAll(memory: FrameMemory, at: number): void {
    for (const out of this.#ports.ticks) assert(this.#pass(memory, at, out), NO_ROOM);
    for (const out of this.#ports.quotes) assert(this.#pass(memory, at, out), NO_ROOM);
  }

  #onGap(memory: FrameMemory, at: number): void {
    this.#at(memory, at);
    this.trust.onGap(this.#gap.wrap(memory, at), memory, at);
  }

  /** The input is at its end: strategies hear it, and through them the OMS. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    this.#endReason = end.reason === 0 ? END_OF_DATA : end.reason;
    this.#endNs = end.eventNs;
    this.#endPending.fill(1);
    this.#owesEnd = true;
  }

  /** Tells each strategy the end as soon as its ring has room: this must not be lost. */
  #sendEnds(): void {
    const ends = this.#ends;
    this.#owesEnd = false;
    for (let i = 0; i < ends.length; i++) {
      const out = ends[i]!;
      if (this.#endPending[i] === 0) continue;
      const to = out.room() < End.BYTES * 4 ? -1 : out.claim(End.BYTES);
      if (to < 0) {
        this.#owesEnd = true;
        continue;
      }
      this.#endOut.begin(out.memory, to).reason = this.#endReason;
      this.#endOut.eventNs = this.#endNs;
      out.commit();
      out.publish();
      this.#endPending[i] = 0;
    }
  }

  /** A tick of the book as it stands, to strategies; a quote when it changed, to the OMS. */
  #bookTick(i: number): void {
    if (this.#catchUp) return;
    const phase = this.#market.phase[i];
    const call = isCall(phase);
    if (call) {
      if (this.#eventNs - this.#lastCallTickNs[i] < CALL_TICK_NS) return;
      this.#lastCallTickNs[i] = this.#eventNs;
    } else {
      this.#books.book.depth(i, LEVELS);
    }
    const { ticks } = this.#ports;
    let written = -1;
    for (let s = 0; s < ticks.length; s++) {
      const out = ticks[s]!;
      const at = out.claim(SnapshotTick.BYTES);
      if (at < 0) {
        this.conflated++;
        continue;
      }
      if (written < 0) {
        this.#writeTick(out.memory, at, i, call);
        written = s;
      } else {
        copyFrame(ticks[written]!.memory, this.#tickOut.at, out.memory, at);
      }
      out.commit();
    }
    if (written >= 0) this.#show(i, ticks[written]!.memory, this.#tickOut.at);
    else this.#showAlone(i, call);
    const { book } = this.#books;
    this.#quote(i, call ? 0 : book.bidPriceE4(0), call ? 0 : book.askPriceE4(0));
  }

  /** No strategy took the tick: people still see it. */
  #showAlone(i: number, call: boolean): void {
    if (this.#eventNs - this.#lastShownNs[i] < SHOW_TICK_NS) return;
    const { events } = this.#ports;
    const at = events.claim(SnapshotTick.BYTES);
    if (at < 0) return;
    this.#lastShownNs[i] = this.#eventNs;
    this.#writeTick(events.memory, at, i, call);
    events.commit();
  }

  #show(i: number, memory: FrameMemory, at: number): void {
    if (this.#catchUp) return;
    if (this.#eventNs - this.#lastShownNs[i] < SHOW_TICK_NS) return;
    this.#lastShownNs[i] = this.#eventNs;
    this.#ports.events.offer(memory, at);
  }

  #writeTick(memory: FrameMemory, at: number, i: number, call: boolean): void {
    const m = this.#market;
    const tick = this.#tickOut.begin(memory, at);
    tick.eventNs = this.#eventNs;
    tick.recvNs = this.#recvNs;
    tick.flags = m.stale[i] === 1 ? FLAG_STALE : 0;
    tick.instrument = i;
    tick.phase = m.phase[i];
    tick.lastE4 = m.lastE4[i];
    tick.preCloseE4 = m.preCloseE4[i];
    tick.openE4 = m.openE4[i];
    tick.highE4 = m.highE4[i];
    tick.lowE4 = m.lowE4[i];
    tick.upperLimitE4 = m.upperLimitE4[i];
    tick.lowerLimitE4 = m.lowerLimitE4[i];
    tick.tradeCount = m.tradeCount[i];
    tick.volume = m.volume[i];
    tick.amountE4 = m.amountE4[i];
    if (call) this.#writeCall(tick, i);
    else this.#writeLevels(memory, at);
  }

  /** The rows depth() read have the layout of the tick's levels: they are copied whole. */
  #writeLevels(memory: FrameMemory, at: number): void {
    const base = at >> 2;
    this.#books.book.copyDepth(memory.i32, base + BID_WORD, base + ASK_WORD, LEVELS);
  }

  /** In a call both first levels show the indicative price, the heavy side's second the rest. */
  #writeCall(tick: SnapshotTick, i: number): void {
    const book = this.#books.book;
    const m = this.#market;
    const isOpening = m.phase[i] !== PHASE_CLOSING_CALL;
    const referenceE4 = callReferenceE4(m.exchange[i], isOpening, m.preCloseE4[i], m.lastE4[i]);
    const priceE4 = book.auctionPriceE4(i, referenceE4);
    if (priceE4 <= 0) return;
    tick.setBidPriceE4(0, priceE4);
    tick.setAskPriceE4(0, priceE4);
    tick.setBidQty(0, book.auctionQty);
    tick.setAskQty(0, book.auctionQty);
    const rest = book.auctionImbalance;
    if (rest > 0) tick.setBidQty(1, rest);
    if (rest < 0) tick.setAskQty(1, -rest);
  }

  /** Sends a whole frame on to every strategy. */
  #forward(memory: FrameMemory, at: number): void {
    if (this.#catchUp) return;
    const { ticks } = this.#ports;
    for (let s = 0; s < ticks.length; s++) {
      if (!this.#pass(memory, at, ticks[s]!)) this.conflated++;
    }
  }

  /** A whole frame, with the time it was received; false = the ring has no room. */
  #pass(memory: FrameMemory, at: number, out: OutPort): boolean {
    const to = out.claim(frameLength(memory, at));
    if (to < 0) return false;
    copyFrame(memory, at, out.memory, to);
    this.#tickOut.wrap(out.memory, to).recvNs = this.#recvNs;
    out.commit();
    return true;
  }

  /** Sends a row of the feed on to the strategies that want every one. */
  #forwardRow(memory: FrameMemory, at: number): void {
    if (this.#catchUp) return;
    const bytes = frameLength(memory, at);
    for (let s = 0; s < this.#rowsTo.length; s++) {
      const out = this.#ports.ticks[this.#rowsTo[s]!]!;
      const to = out.claim(bytes);
      if (to < 0) {
        this.conflated++;
        continue;
      }
      copyFrame(memory, at, out.memory, to);
      out.commit();
    }
  }

  /** To every OMS when anything in it changed; to risk at a pace of its own. */
  #quote(i: number, bidE4: number, askE4: number): void {
    const state = this.#stateOf(i);
    const sum = quoteSum(state, this.#market.lastE4[i], bidE4, askE4);
    this.#quoteRisk(i, bidE4, askE4, state);
    if (sum === this.#quoteSum[i]) return;
    const { quotes } = this.#ports;
    let all = true;
    for (let q = 0; q < quotes.length; q++) {
      if (!this.#writeQuote(quotes[q]!, i, bidE4, askE4)) all = false;
    }
    // A quote that found a full ring is sent with the next event.
    if (all) this.#quoteSum[i] = sum;
  }

  /** Phase, trust and limits of an instrument, mixed. */
  #stateOf(i: number): number {
    const m = this.#market;
    const state = Math.imul(m.phase[i] + 1, 0x27d4eb2f) ^ Math.imul(m.stale[i], 0x165667b1);
    return Math.imul(state ^ m.upperLimitE4[i], 0x9e3779b1) ^ m.lowerLimitE4[i];
  }

  /** Phase, limits and trust at once; prices, volume and the feed's pulse every so often. */
  #quoteRisk(i: number, bidE4: number, askE4: number, state: number): void {
    const out = this.#ports.riskQuotes;
    if (out === undefined) return;
    const isDue = this.#eventNs - this.#riskToldNs[i] >= RISK_QUOTE_NS;
    if (!isDue && state === this.#riskState[i]) return;
    if (!this.#writeQuote(out, i, bidE4, askE4)) return;
    this.#riskState[i] = state;
    this.#riskToldNs[i] = this.#eventNs;
  }

  /** False: the ring is full. */
  #writeQuote(out: OutPort, i: number, bidE4: number, askE4: number): boolean {
    const at = out.claim(Quote.BYTES);
    if (at < 0) {
      this.conflated++;
      return false;
    }
    const m = this.#market;
    const quote = this.#quoteOut.begin(out.memory, at);
    quote.eventNs = this.#eventNs;
    quote.recvNs = this.#recvNs;
    quote.flags = m.stale[i] === 1 ? FLAG_STALE : 0;
    quote.instrument = i;
    quote.phase = m.phase[i];
    quote.lastE4 = m.lastE4[i];
    quote.preCloseE4 = m.preCloseE4[i];
    quote.bidE4 = bidE4;
    quote.askE4 = askE4;
    quote.upperLimitE4 = m.upperLimitE4[i];
    quote.lowerLimitE4 = m.lowerLimitE4[i];
    quote.volume = m.volume[i];
    out.commit();
    return true;
  }
}

/** What a quote says, mixed: the same again is not sent. */
function quoteSum(state: number, lastE4: number, bidE4: number, askE4: number): number {
  const sum = Math.imul(lastE4, 0x9e3779b1) ^ Math.imul(bidE4, 0x85ebca6b);
  return Math.imul(sum ^ askE4, 0xc2b2ae35) ^ state;
}

/** Byte offset of a field in a SnapshotTick frame, from the generated table. At import. */
function offsetOf(field: string): number {
  const info = FIELDS.get(SnapshotTick.TYPE)?.find(({ name }) => name === field);
  assert(info !== undefined, `field=${field}, expected one of SnapshotTick`);
  return info.offset;
}
