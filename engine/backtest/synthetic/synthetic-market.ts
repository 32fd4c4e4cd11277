// The synthetic market: a seeded trading day of several instruments as an order-by-order feed in
// the manner of SZSE: every order first, then its trades, cancels by order number. Called by paper
// sessions, backtests without data, and the sample writer. Always: same options and seed, same
// bytes; events are made one by one when asked for, so memory does not grow with the day.
import { hasClosingCall, type Instrument, type PhaseStep } from '../../core/instrument.ts';
import type { MarketSource } from '../../core/market-source.ts';
import { SOURCE_END } from '../../core/market-source.ts';
import {
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
  STAGE_FEED,
} from '../../messages/codes.ts';
import { copyFrame, FrameMemory } from '../../messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../messages/generated/market.ts';
import { makeInstrument } from '../../rules/make-instrument.ts';
import { builtInBook } from '../../rules/rule-book.ts';
import { DaySchedule } from '../data/day-schedule.ts';
import { CLOSE_NS, OPENING_CALL_NS, OPENING_UNCROSS_NS } from '../data/sessions.ts';
import type { SyntheticInstrument } from './instrument-market.ts';
import { InstrumentMarket } from './instrument-market.ts';
import { DO_CANCEL, DO_ORDER } from './order-flow.ts';
import { SessionPace } from './session-pace.ts';

/** Feed channels, by market: SSE, SZSE, BSE. */
const CHANNELS = [0, 1, 2011, 3];
const SCRATCH_BYTES = 128;

/** A synthetic day. */
export interface SyntheticOptions {
  /** Any int32. */
  readonly seed: number;
  /** Trading day, 20260105. */
  readonly day: number;
  readonly instruments: readonly SyntheticInstrument[];
  /** The same instruments as the engine trades them; default: by the built-in rule book. */
  readonly made?: readonly Instrument[];
  /** Leave out what is before; the orders resting then enter first. Default 9:15. */
  readonly fromNs?: number;
  /** Leave out what is at this time or later. Default: to the close, auction included. */
  readonly toNs?: number;
  /** For `pace` only: squeeze the opening call into 1.5 s. */
  readonly compressOpening?: boolean;
  /** For `pace` only: take the 9:25 pause and lunch out. */
  readonly skipBreaks?: boolean;
}

/** An order of a market's book. */
interface Resting {
  readonly index: number;
  readonly slot: number;
}

/** Makes the market. Throws when an option cannot be carried out. */
export function createSyntheticMarket(options: SyntheticOptions): SyntheticMarket {
  return new SyntheticMarket(options);
}

/** A MarketSource that invents its events. */
export class SyntheticMarket implements MarketSource {
  /** Not known beforehand. */
  readonly count = -1;
  readonly day: number;
  readonly instruments: readonly Instrument[];
  /** Pacing for a person who watches; frames carry true exchange times. */
  readonly pace: SessionPace;
  readonly #markets: InstrumentMarket[];
  /** Markets by channel, then index: who goes first at the same time, as a merge of files would. */
  readonly #turns: readonly number[];
  readonly #fromNs: number;
  readonly #toNs: number;
  readonly #scratch = new FrameMemory(new ArrayBuffer(SCRATCH_BYTES));
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #phaseFrame = new Phase();
  /** Next sequence number of each channel. */
  readonly #sequences = CHANNELS.map(() => 1);
  /** Phases of the day, the same for every instrument. */
  readonly #session: readonly PhaseStep[];
  /** Step of the session that comes next. */
  #step = 0;
  #phase: number = PHASE_PRE_OPEN;
  /** Market whose order is being matched, -1 when none. */
  #matching = -1;
  /** Turn of the market whose call is being uncrossed, -1 when none. */
  #uncrossing = -1;
  /** Resting orders to replay after a fast forward, null when done. */
  #resting: readonly Resting[] | null = null;
  #replayed = 0;
  #frames = 0;
  #nextNs = SOURCE_END;
  #length = 0;

  constructor(options: SyntheticOptions) {
    const { seed, day } = options;
    if (!Number.isInteger(seed)) throw new Error(`seed=${seed}, expected an integer`);
    if (options.instruments.length === 0) throw new Error('instruments is empty, expected one');
    this.day = day;
    this.instruments = options.instruments.map((wish, i) => {
      const made = options.made?.[i] ?? plainInstrument(wish, i, day);
      return checked(wish, made, day);
    });
    this.#session = sessionOf(this.instruments, day);
    this.#markets = options.instruments.map(
      (wish, i) => new InstrumentMarket(seed | 0, this.instruments[i], wish),
    );
    const channel = (index: number): number => CHANNELS[this.instruments[index].market];
    const turns = this.instruments.map((instrument) => instrument.index);
    this.#turns = turns.sort((a, b) => channel(a) - channel(b) || a - b);
    // At 9:25 itself the auction prints: whoever starts there starts behind it.
    const fromNs = options.fromNs ?? OPENING_CALL_NS;
    this.#fromNs = fromNs === OPENING_UNCROSS_NS ? fromNs + 1 : fromNs;
    this.#toNs = options.toNs ?? Number.POSITIVE_INFINITY;
    if (this.#fromNs >= Math.min(this.#toNs, CLOSE_NS)) {
      throw new Error(`fromNs=${this.#fromNs}, expected before toNs and 15:00`);
    }
    this.pace = new SessionPace(options);
    if (this.#fromNs > OPENING_CALL_NS) this.#fastForward();
    else this.#generate();
    this.#endAtTo();
  }

  nextNs(): number {
    return this.#nextNs;
  }

  next(target: FrameMemory, at: number): number {
    if (this.#nextNs === SOURCE_END) return SOURCE_END;
    copyFrame(this.#scratch, 0, target, at);
    const length = this.#length;
    this.#advance();
    return length;
  }

  /** Makes the next frame, or ends. */
  #advance(): void {
    if (this.#resting === null) this.#generate();
    else this.#replayResting(this.#resting);
    this.#endAtTo();
  }

  #endAtTo(): void {
    if (this.#nextNs >= this.#toNs) this.#nextNs = SOURCE_END;
  }

  /**
   * Plays the market silently up to fromNs; then the orders that rest there are the first events.
   */
  #fastForward(): void {
    while (this.#dueNs() < this.#fromNs) this.#generate();
    this.#frames = 0;
    const resting: Resting[] = [];
    for (let index = 0; index < this.#markets.length; index++) {
      const { book } = this.#markets[index];
      for (let i = 0; i < book.liveCount; i++) resting.push({ index, slot: book.live[i] });
    }
    const channel = (index: number): number => CHANNELS[this.instruments[index].market];
    const number = (at: Resting): number => this.#markets[at.index].book.orderNo[at.slot];
    resting.sort((a, b) => channel(a.index) - channel(b.index) || number(a) - number(b));
    this.#resting = resting;
    this.#putPhase(this.#fromNs, PHASE_PAUSE);
  }

  /** The next resting order, and after the last one the phase in force at fromNs. */
  #replayResting(resting: readonly Resting[]): void {
    const at = resting[this.#replayed++];
    if (at === undefined) {
      this.#resting = null;
      this.#putPhase(this.#fromNs, this.#phase);
      return;
    }
    const { book } = this.#markets[at.index];
    const channel = this.instruments[at.index].market;
    const sequence = this.#sequences[channel];
    const order = this.#beginOrder(at.index, this.#fromNs);
    this.#sequences[channel] = sequence;
    order.orderNo = book.orderNo[at.slot];
    order.channelSeq = order.orderNo;
    order.action = MARKET_ADD;
    order.side = book.side[at.slot];
    order.kind = KIND_LIMIT;
    order.priceE4 = this.#markets[at.index].priceE4(book.tick[at.slot]);
    order.qty = book.qty[at.slot];
  }

  /** Time of the frame that #generate would make. */
  #dueNs(): number {
    if (this.#matching >= 0) return this.#markets[this.#matching].nowNs;
    const boundary = this.#step < this.#session.length ? this.#session[this.#step].ns : CLOSE_NS;
    if (this.#uncrossing >= 0) return boundary;
    const due = this.#earliest();
    return due < 0 ? boundary : Math.min(boundary, this.#markets[due].nextNs);
  }

  #generate(): void {
    for (;;) {
      if (this.#matching >= 0) {
        if (this.#continueMatching()) return;
      } else if (this.#uncrossing >= 0) {
        if (this.#continueUncross()) return;
      } else {
        const due = this.#earliest();
        const boundary =
          this.#step < this.#session.length ? this.#session[this.#step].ns : CLOSE_NS;
        const ns = due < 0 ? Number.POSITIVE_INFINITY : this.#markets[due].nextNs;
        if (boundary <= ns) {
          if (this.#atBoundary()) return;
        } else if (this.#act(due)) return;
      }
    }
  }

  /** The market with the earliest event, by turn among equals; -1 when none is due any more. */
  #earliest(): number {
    let best = -1;
    let bestNs = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < this.#turns.length; turn++) {
      const index = this.#turns[turn];
      const ns = this.#markets[index].nextNs;
      if (ns < bestNs) {
        best = index;
        bestNs = ns;
      }
    }
    return best;
  }

  /**
   * Goes on to the next phase, or first to the auction that precedes it. True: a frame was made.
   */
  #atBoundary(): boolean {
    if (this.#step === this.#session.length) {
      this.#nextNs = SOURCE_END;
      return true;
    }
    const { phase } = this.#session[this.#step];
    const inCall =
      this.#phase === PHASE_OPENING_CALL_NO_CANCEL || this.#phase === PHASE_CLOSING_CALL;
    if (inCall && this.#uncrossing === -1 && (phase === PHASE_PAUSE || phase === PHASE_CLOSED)) {
      this.#uncrossing = 0;
      this.#markets[this.#turns[0]].beginUncross();
      return false;
    }
    this.#enterPhase();
    return true;
  }

  #enterPhase(): void {
    const { ns, phase } = this.#session[this.#step++];
    this.#phase = phase;
    this.#uncrossing = -1;
    for (const market of this.#markets) market.enterPhase(phase, ns);
    this.#putPhase(ns, phase);
  }

  /** One trade of the auction; true when a frame was made. */
  #continueUncross(): boolean {
    const turn = this.#uncrossing;
    const index = this.#turns[turn];
    if (this.#markets[index].uncrossStep()) {
      this.#putTrade(index, this.#session[this.#step].ns, 0);
      return true;
    }
    if (turn + 1 < this.#turns.length) {
      this.#uncrossing = turn + 1;
      this.#markets[this.#turns[turn + 1]].beginUncross();
      return false;
    }
    this.#enterPhase();
    return true;
  }

  /** One trade of the order just sent, or the end of it; true when a frame was made. */
  #continueMatching(): boolean {
    const index = this.#matching;
    const market = this.#markets[index];
    const incoming = market.incoming;
    if (market.matchStep()) {
      this.#putTrade(index, market.nowNs, incoming.side);
      return true;
    }
    this.#matching = -1;
    if (incoming.left === 0 || market.restIncoming()) return false;
    this.#putCancel(index, market.nowNs, incoming.orderNo, incoming.side, incoming.left);
    return true;
  }

  /** Lets the agents of a market decide at its next time; true when a frame was made. */
  #act(index: number): boolean {
    const market = this.#markets[index];
    const action = market.decide(this.#phase);
    if (action === DO_CANCEL) {
      const { book, flow } = market;
      const slot = flow.slot;
      this.#putCancel(index, market.nowNs, book.orderNo[slot], book.side[slot], book.qty[slot]);
      book.remove(slot);
      return true;
    }
    if (action !== DO_ORDER) return false;
    this.#putOrder(index);
    if (this.#phase === PHASE_CONTINUOUS) this.#matching = index;
    else market.restIncoming();
    return true;
  }

  /** The order that the agents decided on; its number is its sequence number, as on SZSE. */
  #putOrder(index: number): void {
    const market = this.#markets[index];
    const { side, kind, tick, qty } = market.flow;
    const order = this.#beginOrder(index, market.nowNs);
    const orderNo = order.channelSeq;
    order.orderNo = orderNo;
    order.action = MARKET_ADD;
    order.side = side;
    order.kind = kind;
    order.priceE4 = kind === KIND_LIMIT ? market.priceE4(tick) : 0;
    order.qty = qty;
    market.receive(orderNo);
  }

  #putCancel(index: number, ns: number, orderNo: number, side: number, qty: number): void {
    const order = this.#beginOrder(index, ns);
    order.orderNo = orderNo;
    order.action = MARKET_CANCEL;
    order.side = side;
    order.kind = KIND_LIMIT;
    order.qty = qty;
  }

  #beginOrder(index: number, ns: number): MarketOrder {
    const market = this.instruments[index].market;
    const order = this.#order.begin(this.#scratch, 0);
    order.sequence = this.#frames++ | 0;
    order.source = STAGE_FEED;
    order.eventNs = ns;
    order.instrument = index;
    order.channel = CHANNELS[market];
    order.channelSeq = this.#sequences[market]++;
    this.#nextNs = ns;
    this.#length = MarketOrder.BYTES;
    return order;
  }

  #putTrade(index: number, ns: number, aggressor: number): void {
    const market = this.instruments[index].market;
    const { book } = this.#markets[index];
    const trade = this.#trade.begin(this.#scratch, 0);
    trade.sequence = this.#frames++ | 0;
    trade.source = STAGE_FEED;
    trade.eventNs = ns;
    trade.instrument = index;
    trade.channel = CHANNELS[market];
    trade.channelSeq = this.#sequences[market]++;
    trade.buyNo = book.tradeBuyNo;
    trade.sellNo = book.tradeSellNo;
    trade.aggressor = aggressor;
    trade.priceE4 = this.#markets[index].priceE4(book.tradeTick);
    trade.qty = book.tradeQty;
    this.#nextNs = ns;
    this.#length = MarketTrade.BYTES;
  }

  #putPhase(ns: number, phase: number): void {
    const frame = this.#phaseFrame.begin(this.#scratch, 0);
    frame.sequence = this.#frames++ | 0;
    frame.source = STAGE_FEED;
    frame.eventNs = ns;
    frame.instrument = -1;
    frame.phase = phase;
    frame.day = this.day;
    this.#nextNs = ns;
    this.#length = Phase.BYTES;
  }
}

function plainInstrument(wish: SyntheticInstrument, index: number, day: number): Instrument {
  const { symbol, preCloseE4 } = wish;
  return makeInstrument(builtInBook().on(day), index, symbol, { preCloseE4 });
}

/** The one session of all instruments; throws when they keep different hours. */
function sessionOf(instruments: readonly Instrument[], day: number): readonly PhaseStep[] {
  const { market, steps } = new DaySchedule(instruments);
  const other = steps.find(({ own }) => own.length > 0)?.own[0];
  if (other === undefined) return market;
  const { symbol } = instruments[other.instrument];
  throw new Error(`${symbol}: keeps other hours than the rest on ${day}; not supported`);
}

/** The instrument behind a wish; throws when the market cannot trade it. */
function checked(wish: SyntheticInstrument, instrument: Instrument, day: number): Instrument {
  const { symbol, preCloseE4, volatility, eventsPerSecond } = wish;
  const { tickE4, upperLimitE4, lowerLimitE4 } = instrument;
  const fault = (what: string): Error => new Error(`${symbol}: ${what}`);
  if (!Number.isInteger(preCloseE4) || preCloseE4 <= 0 || preCloseE4 % tickE4 !== 0) {
    throw fault(`preCloseE4=${preCloseE4}, expected a price on the tick of ${tickE4}`);
  }
  if (!(volatility > 0 && volatility <= 0.2)) {
    throw fault(`volatility=${volatility}, expected above 0 and at most 0.2`);
  }
  if (!(eventsPerSecond > 0 && eventsPerSecond <= 100_000)) {
    throw fault(`eventsPerSecond=${eventsPerSecond}, expected above 0 and at most 100,000`);
  }
  if (instrument.kind === 'index') throw fault('an index is not traded');
  if (upperLimitE4 === 0) throw fault(`has no daily limit on ${day}; not supported`);
  if (upperLimitE4 > 0x7fffffff) throw fault(`preCloseE4=${preCloseE4}, upper limit beyond int32`);
  if ((upperLimitE4 - lowerLimitE4) / tickE4 < 20) {
    throw fault(`preCloseE4=${preCloseE4}, expected at least 20 ticks between the limits`);
  }
  if (!hasClosingCall(instrument)) throw fault(`has no closing call on ${day}; not supported`);
  return instrument;
}
