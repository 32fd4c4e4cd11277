// Puts live quotes and the phases of the day into one order: what comes out is the market as the
// engine hears it and as it is recorded, so a backtest over the recording hears the same. Called by
// the quote link's thread with every quote and as time passes. Pure: time comes as a number.
// Always: eventNs of quotes strictly rises and never falls behind a phase that has begun; phases
// come by the rule book and the clock, quotes or not; a quote that is late, doubled or cannot be
// true is passed over and counted, and what makes an instrument untrustworthy is told by name.
import { DaySchedule, NO_CHANGE } from '../../../engine/backtest/data/day-schedule.ts';
import { type Instrument, phaseByClock } from '../../../engine/core/instrument.ts';
import {
  END_OF_DATA,
  LINK_DOWN,
  LINK_READY,
  LINK_SILENT,
  LINK_UP,
  PHASE_CLOSED,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  STAGE_FEED,
} from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory } from '../../../engine/messages/frames.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import {
  FeedGap,
  Phase,
  QuoteLink,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import { MAX_FRAME_BYTES } from '../../../engine/messages/generated/types.ts';
import { quoteFault, SeenQuotes } from './quote-checks.ts';

const MS_NS = 1_000_000;
/** A quote from further ahead than this is of another day, or a clock is wrong. */
const AHEAD_NS = 5_000 * MS_NS;
/** Without any quote for this long in continuous trading the subscription is silent. */
export const SILENT_NS = 10_000 * MS_NS;
/** The link's state is said at least this often. */
const SAY_NS = 5_000 * MS_NS;

export interface DeskOptions {
  readonly instruments: readonly Instrument[];
  readonly day: number;
  /** Engine time reached in earlier lives; 0 = none. */
  readonly fromNs: number;
  /** When the session ends. */
  readonly untilNs: number;
}

/** Takes frames in their final order; valid during the call only. */
export type FrameSink = (memory: FrameMemory, at: number) => void;

export class QuoteDesk {
  /** LINK_*: down, asked for, quotes coming, silent. */
  state = LINK_DOWN;
  /** Quotes passed over: late or repeated; not to be believed. */
  repeated = 0;
  refused = 0;
  accepted = 0;
  clockOffsetMs = 0;
  isRecording = true;
  ended = false;
  readonly #options: DeskOptions;
  readonly #sink: FrameSink;
  readonly #tell: (text: string) => void;
  readonly #schedule: DaySchedule;
  readonly #seen: SeenQuotes;
  readonly #scratch = new FrameMemory(new ArrayBuffer((MAX_FRAME_BYTES + 7) & ~7));
  readonly #tick = new SnapshotTick();
  readonly #phase = new Phase();
  readonly #gap = new FeedGap();
  readonly #link = new QuoteLink();
  readonly #end = new End();
  /** Instruments of which a reason for mistrust was told. */
  readonly #told = new Set<string>();
  #step = 0;
  #lastNs: number;
  #lastQuoteNs = 0;
  #saidNs = 0;

  constructor(options: DeskOptions, sink: FrameSink, tell: (text: string) => void) {
    this.#options = options;
    this.#sink = sink;
    this.#tell = tell;
    this.#schedule = new DaySchedule(options.instruments);
    this.#seen = new SeenQuotes(options.instruments.length);
    this.#lastNs = options.fromNs;
  }

  /** When something is due without any quote: the next phase, or the end. */
  nextNs(): number {
    const step = this.#schedule.steps[this.#step];
    return Math.min(step?.ns ?? Number.POSITIVE_INFINITY, this.#options.untilNs);
  }

  /** Time has come to `nowNs`: phases begin, silence is noticed, the session ends. */
  onTime(nowNs: number): void {
    if (this.ended) return;
    this.#phasesUntil(Math.min(nowNs, this.#options.untilNs));
    this.#watch(nowNs);
    if (nowNs < this.#options.untilNs) return;
    this.#end.begin(this.#scratch, 0).reason = END_OF_DATA;
    this.#end.eventNs = this.#lastNs;
    this.ended = true;
    this.#sink(this.#scratch, 0);
  }

  /** The link stands and every instrument was asked for. */
  onUp(nowNs: number): void {
    this.#seen.forgetQuoted();
    this.#lastQuoteNs = nowNs;
    this.#setState(LINK_UP, nowNs);
  }

  /** The link went: no book can be trusted until its next quote. */
  onDown(nowNs: number): void {
    if (this.state === LINK_DOWN) return;
    this.#setState(LINK_DOWN, nowNs);
    this.#putGap(-1);
  }

  /** A quote as the bridge sent it. */
  onQuote(memory: FrameMemory, at: number, nowNs: number): void {
    if (this.ended) return;
    copyFrame(memory, at, this.#scratch, 0);
    const tick = this.#tick.wrap(this.#scratch, 0);
    const i = tick.instrument;
    const instrument = this.#options.instruments[i];
    if (instrument === undefined) {
      this.refused++;
      this.#tellOnce(`place ${i}`, `a quote for place ${i}, which nobody asked for`);
      return;
    }
    const ns = tick.eventNs;
    if (ns > nowNs + AHEAD_NS) {
      const ahead = `${Math.round((ns - nowNs) / (1000 * MS_NS))} s ahead of this machine's clock`;
      this.#mistrust(i, `ahead ${i}`, `${instrument.symbol}: a quote ${ahead}; passed over`);
      return;
    }
    this.#lastQuoteNs = nowNs;
    if (this.#seen.isRepeated(tick)) {
      this.repeated++;
      this.#seen.quotedNs[i] = nowNs;
      return;
    }
    this.#phasesUntil(Math.min(Math.max(ns, nowNs), this.#options.untilNs));
    tick.eventNs = Math.max(ns, this.#lastNs + 1);
    const byClock = phaseByClock(instrument.phases, tick.eventNs);
    const isHalted = tick.phase === PHASE_HALTED && byClock !== PHASE_CLOSED;
    tick.phase = isHalted ? PHASE_HALTED : byClock;
    const fault = quoteFault(tick, instrument, this.#seen);
    if (fault !== '') {
      const text = `${instrument.symbol}: ${fault}; passed over, its book counts as stale`;
      this.#mistrust(i, `${i} ${fault.split(' ')[0]}`, text);
      return;
    }
    this.#putQuote(tick, instrument, nowNs, ns);
  }

  #putQuote(tick: SnapshotTick, instrument: Instrument, nowNs: number, exchangeNs: number): void {
    const { preCloseE4, upperLimitE4, lowerLimitE4 } = instrument;
    tick.source = STAGE_FEED;
    tick.flags = 0;
    tick.recvNs = 0;
    tick.preCloseE4 = preCloseE4;
    tick.upperLimitE4 = upperLimitE4;
    tick.lowerLimitE4 = lowerLimitE4;
    this.#seen.remember(tick, exchangeNs, nowNs);
    this.#lastNs = tick.eventNs;
    this.accepted++;
    this.#sink(this.#scratch, 0);
    if (this.state !== LINK_READY) this.#setState(LINK_READY, nowNs);
  }

  /** Phases that have begun by `ns`, in the order in which a recorded day has them. */
  #phasesUntil(ns: number): void {
    const { steps } = this.#schedule;
    for (; this.#step < steps.length && steps[this.#step]!.ns <= ns; this.#step++) {
      const { ns: at, phase, own } = steps[this.#step]!;
      if (phase !== NO_CHANGE) this.#putPhase(at, phase, -1);
      for (const other of own) this.#putPhase(at, other.phase, other.instrument);
    }
  }

  #putPhase(at: number, phase: number, instrument: number): void {
    const scratch = new FrameMemory(new ArrayBuffer(Phase.BYTES));
    const frame = this.#phase.begin(scratch, 0);
    frame.source = STAGE_FEED;
    // What began before an earlier life ended keeps its time: it only brings the books up to date.
    const isPast = this.accepted === 0 && at <= this.#options.fromNs;
    frame.eventNs = isPast ? at : Math.max(at, this.#lastNs);
    frame.instrument = instrument;
    frame.phase = phase;
    frame.day = this.#options.day;
    this.#lastNs = Math.max(this.#lastNs, frame.eventNs);
    this.#sink(scratch, 0);
  }

  #watch(nowNs: number): void {
    const isTrading = phaseByClock(this.#schedule.market, nowNs) === PHASE_CONTINUOUS;
    if (!isTrading || this.state === LINK_DOWN) this.#lastQuoteNs = nowNs;
    else if (this.state !== LINK_SILENT && nowNs - this.#lastQuoteNs > SILENT_NS) {
      const s = Math.round((nowNs - this.#lastQuoteNs) / (1000 * MS_NS));
      this.#tell(`no quote of any instrument for ${s} s although the market trades`);
      this.#setState(LINK_SILENT, nowNs);
      this.#putGap(-1);
    }
    if (nowNs - this.#saidNs >= SAY_NS) this.#sayState(nowNs);
  }

  #setState(state: number, nowNs: number): void {
    this.state = state;
    this.#sayState(nowNs);
  }

  #sayState(nowNs: number): void {
    this.#saidNs = nowNs;
    const memory = new FrameMemory(new ArrayBuffer(QuoteLink.BYTES));
    const frame = this.#link.begin(memory, 0);
    frame.source = STAGE_FEED;
    frame.eventNs = Math.max(this.#lastNs, 0);
    frame.state = this.state;
    frame.subscribed = this.#options.instruments.length;
    const { quoted, oldest, oldestNs } = this.#seen.oldest();
    frame.quoted = quoted;
    frame.oldest = oldest;
    frame.oldestAgeMs = oldest < 0 ? 0 : Math.max(0, Math.round((nowNs - oldestNs) / MS_NS));
    frame.clockOffsetMs = Math.round(this.clockOffsetMs);
    frame.repeated = this.repeated;
    frame.refused = this.refused;
    frame.recording = this.isRecording ? 1 : 0;
    frame.reserved = 0;
    this.#sink(memory, 0);
  }

  /** Books of an instrument, or of all (-1), are not to be trusted until the next quote. */
  #putGap(instrument: number): void {
    const memory = new FrameMemory(new ArrayBuffer(FeedGap.BYTES));
    const frame = this.#gap.begin(memory, 0);
    frame.source = STAGE_FEED;
    // Engine time does not move by it: quotes that are under way keep their own.
    frame.eventNs = this.#lastNs;
    frame.instrument = instrument;
    this.#sink(memory, 0);
  }

  #mistrust(instrument: number, key: string, text: string): void {
    this.refused++;
    if (this.#seen.mark(instrument)) this.#putGap(instrument);
    this.#tellOnce(key, text);
  }

  #tellOnce(key: string, text: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell(text);
  }

  /** What was known of an instrument at the start is not what the client says now. */
  onChangedDetail(instrument: number, what: string): void {
    const { symbol } = this.#options.instruments[instrument]!;
    this.#seen.bar(instrument);
    this.#mistrust(
      instrument,
      `changed ${instrument}`,
      `${symbol}: ${what} since the start: its quotes are passed over; start the session again`,
    );
  }
}
