// Writes the final tape of a day: the merged events with dense instrument indexes, the market's
// phases at their place between them, and the resting orders of a partial day. Called by
// assemble.ts. Always: an auction's trades lie before the phase that ends their call, also when
// the feed prints them a second later; bars lie before the phase that begins at their end.
import type { Instrument } from '../../core/instrument.ts';
import {
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CLOSED,
  PHASE_CONTINUOUS,
  PHASE_PAUSE,
  STAGE_FEED,
} from '../../messages/codes.ts';
import { copyFrame, frameLength } from '../../messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../messages/generated/market.ts';
import { TYPE_BAR, TYPE_MARKET_ORDER, TYPE_MARKET_TRADE } from '../../messages/generated/types.ts';
import { Tape, TapeCursor } from '../tape.ts';
import { type DaySchedule, NO_CHANGE, scheduleOf } from './day-schedule.ts';
import type { StartBook } from './event-rows.ts';
import {
  CLOSING_CALL_NS,
  MORNING_NS,
  OPENING_CALL_NS,
  OPENING_UNCROSS_NS,
  SECOND_NS,
} from './sessions.ts';

/** A continuous trade prints at most this long after the end of its session. */
const LATE_TRADE_NS = 5 * SECOND_NS;
/** An auction prints at most this long after the end of its call. */
const AUCTION_PRINT_NS = 300 * SECOND_NS;
const NO_STEP = -1;

/** What a DayWriter needs to know. */
export interface DayPlan {
  readonly merged: Tape;
  readonly instruments: readonly Instrument[];
  /** Dense index by the provisional one that the merged frames carry. */
  readonly indexOf: ReadonlyMap<number, number>;
  readonly day: number;
  readonly startBook: StartBook | null;
}

/** One use: `new DayWriter(plan).write()`. */
export class DayWriter {
  /** Cancels left out because their order is a start-book row without a price. */
  droppedCancels = 0;
  readonly #plan: DayPlan;
  readonly #tape = new Tape();
  readonly #phase = new Phase();
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #schedule: DaySchedule;
  /** When each step of the day begins in this tape, and how many trades must come before. */
  readonly #times: number[];
  readonly #tradesBefore: number[];
  #step = 0;

  constructor(plan: DayPlan) {
    this.#plan = plan;
    this.#schedule = scheduleOf(plan.instruments);
    this.#times = this.#schedule.steps.map((step) => step.ns);
    this.#tradesBefore = this.#times.map(() => 0);
  }

  write(): Tape {
    const merged = this.#plan.merged;
    if (merged.count === 0) return this.#tape;
    this.#placeBoundaries();
    const cursor = new TapeCursor(merged);
    this.#writeStartBook(cursor);
    for (; !cursor.done; cursor.advance()) {
      this.#phasesUntil(cursor.eventNs, cursor.type === TYPE_BAR);
      if (this.#isDropped(cursor)) this.droppedCancels++;
      else this.#copy(cursor);
      const step = this.#stepEndedBy(cursor);
      if (step !== NO_STEP) this.#tradesBefore[step]--;
    }
    // A day that reached its closing call is whole: it also ends.
    const whole = merged.lastNs >= CLOSING_CALL_NS;
    this.#phasesUntil(whole ? Number.MAX_SAFE_INTEGER : merged.lastNs, false);
    return this.#tape;
  }

  /**
   * A day of nothing but bars, straight to its place: `times` are those of their ends, not falling;
   * `write` puts the n-th of them, with its dense index, at the end of the tape.
   */
  writeBars(times: Float64Array, write: (n: number, tape: Tape) => void): Tape {
    const last = times[times.length - 1];
    if (last === undefined) return this.#tape;
    for (let n = 0; n < times.length; n++) {
      this.#phasesUntil(times[n]!, true);
      write(n, this.#tape);
    }
    this.#phasesUntil(last >= CLOSING_CALL_NS ? Number.MAX_SAFE_INTEGER : last, false);
    return this.#tape;
  }

  /** Moves each boundary behind the trades that still belong before it. */
  #placeBoundaries(): void {
    for (const cursor = new TapeCursor(this.#plan.merged); !cursor.done; cursor.advance()) {
      const step = this.#stepEndedBy(cursor);
      if (step === NO_STEP) continue;
      this.#times[step] = Math.max(this.#times[step], cursor.eventNs);
      this.#tradesBefore[step]++;
    }
  }

  /** The step that this event must precede although its time has come; NO_STEP for most events. */
  #stepEndedBy(cursor: TapeCursor): number {
    if (cursor.type !== TYPE_MARKET_TRADE) return NO_STEP;
    const trade = this.#trade.wrap(cursor.memory, cursor.at);
    const ns = trade.eventNs;
    const schedule = this.#schedule;
    const instrument = this.#plan.indexOf.get(trade.instrument) ?? 0;
    for (let step = schedule.steps.length - 1; step > 0; step--) {
      const from = schedule.steps[step].ns;
      if (ns < from) continue;
      const phase = schedule.phaseAt(step, instrument);
      const before = schedule.phaseAt(step - 1, instrument);
      // Others change here, this instrument trades on (14:57 without a closing call).
      if (phase === before) continue;
      if (phase === PHASE_PAUSE || phase === PHASE_CLOSED) {
        return ns < from + AUCTION_PRINT_NS ? step : NO_STEP;
      }
      const late =
        before === PHASE_CONTINUOUS && trade.aggressor !== 0 && ns < from + LATE_TRADE_NS;
      return late ? step : NO_STEP;
    }
    return NO_STEP;
  }

  /**
   * Writes the phases that begin by `ns`; at `ns` itself not before a bar (it ends there) and not
   * while trades are to come that belong before.
   */
  #phasesUntil(ns: number, isBar: boolean): void {
    const { steps } = this.#schedule;
    for (; this.#step < steps.length; this.#step++) {
      const at = this.#times[this.#step];
      if (at > ns || (isBar && at === ns) || this.#tradesBefore[this.#step] > 0) return;
      const { phase, own } = steps[this.#step];
      if (phase !== NO_CHANGE) this.#putPhase(at, phase, -1);
      for (const other of own) this.#putPhase(at, other.phase, other.instrument);
    }
  }

  #putPhase(ns: number, phase: number, instrument: number): void {
    const at = this.#tape.claim(Phase.BYTES);
    const frame = this.#phase.begin(this.#tape.tail, at);
    frame.source = STAGE_FEED;
    frame.eventNs = Math.max(ns, this.#tape.lastNs);
    frame.instrument = instrument;
    frame.phase = phase;
    frame.day = this.#plan.day;
    this.#tape.commit();
  }

  /** Resting orders enter under a phase in which nothing is matched: the pause, or the call. */
  #writeStartBook(first: TapeCursor): void {
    const book = this.#plan.startBook;
    if (book === null) return;
    const ns = first.eventNs >= MORNING_NS ? OPENING_UNCROSS_NS : OPENING_CALL_NS;
    this.#phasesUntil(ns, false);
    const head = this.#order.wrap(first.memory, first.at);
    const instrument = this.#plan.indexOf.get(head.instrument) ?? 0;
    const channel = head.channel;
    for (const row of book.orders) {
      const at = this.#tape.claim(MarketOrder.BYTES);
      const order = this.#order.begin(this.#tape.tail, at);
      order.source = STAGE_FEED;
      order.eventNs = Math.max(ns, this.#tape.lastNs);
      order.instrument = instrument;
      order.channel = channel;
      order.channelSeq = row.orderNo;
      order.orderNo = row.orderNo;
      order.action = MARKET_ADD;
      order.side = row.side;
      order.kind = KIND_LIMIT;
      order.priceE4 = row.priceE4;
      order.qty = row.qty;
      this.#tape.commit();
    }
  }

  /** A cancel of a start-book order whose price nobody knows: it never stood in the book. */
  #isDropped(cursor: TapeCursor): boolean {
    const book = this.#plan.startBook;
    if (book === null || cursor.type !== TYPE_MARKET_ORDER) return false;
    const order = this.#order.wrap(cursor.memory, cursor.at);
    return order.action === MARKET_CANCEL && book.priceless.has(order.orderNo);
  }

  #copy(cursor: TapeCursor): void {
    const tape = this.#tape;
    const at = tape.claim(frameLength(cursor.memory, cursor.at));
    copyFrame(cursor.memory, cursor.at, tape.tail, at);
    // The instrument lies at the same place in every market message.
    const frame = this.#order.wrap(tape.tail, at);
    frame.instrument = this.#plan.indexOf.get(frame.instrument) ?? -1;
    if (frame.eventNs < tape.lastNs) frame.eventNs = tape.lastNs;
    tape.commit();
  }
}
