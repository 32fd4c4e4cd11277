// Runs one strategy: hands it ticks, bars, its own orders, fills and timers, and carries its
// intents to the OMS. User code never shares a thread with an engine actor. Invariant: user code
// that throws stops this strategy only: it is told once to the OMS (which handles its orders by
// policy) and to people, and no hook of it runs again.

import { BarBuilder } from '../core/bar-builder.ts';
import { secondsOf } from '../core/bar-length.ts';
import { BarSeries } from '../core/bar-series.ts';
import type { IndicatorKernel } from '../core/book.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { IndicatorBinding, Indicators } from '../core/indicator-port.ts';
import { isOpen } from '../core/order.ts';
import { SessionBars } from '../core/session-bars.ts';
import type { AuctionView, ParamSpecs, Strategy } from '../core/strategy.ts';
import type { MakeKit, StrategyKit } from '../core/strategy-kit.ts';
import { TIMER_NONE, TimerTable } from '../core/timer-table.ts';
import { POLL_LIMIT, TIMERS_MAX } from '../limits.ts';
import {
  ACTION_PLACE,
  PHASE_CLOSING_CALL,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  STAGE_STRATEGY,
  STRATEGY_FAILED,
  STRATEGY_STOPPED,
} from '../messages/codes.ts';
import { FrameMemory, frameEventNs, frameRecvNs } from '../messages/frames.ts';
import { LinkState } from '../messages/generated/broker.ts';
import { End, StrategyState } from '../messages/generated/control.ts';
import {
  Bar,
  FeedFault,
  FeedGap,
  MarketOrder,
  MarketTrade,
  SnapshotTick,
} from '../messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject,
} from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import { IndicatorFeed } from './indicator-feed.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';
import { StrategyContext, type StrategyFacts } from './strategy-context.ts';

/** Ticks of one duty cycle: user code may be slow, and the thread must show that it lives. */
const TICKS_PER_CYCLE = 8;
/** Bar subscriptions one strategy may have: five lengths for each of 6,000 instruments. */
const BARS_MAX = 30_000;
/** Complete bars that one subscription may keep. */
const KEEP_MAX = 100_000;

export interface StrategyHostPorts {
  readonly ticks: FrameInput;
  /** Order updates, fills, refusals, positions and account from the OMS. */
  readonly updates: FrameInput;
  readonly intents: OutPort;
  readonly events: EventSink;
  readonly tap: Tap;
  readonly clock: MonoClock;
  readonly indicators: IndicatorKernel;
  /** Makes ctx.indicators when it is first used; what it attaches is fed by the host. */
  readonly makeIndicators?: (attach: (binding: IndicatorBinding) => void) => Indicators;
  /** Makes the cold half of ctx; absent in hosts that have none. */
  readonly makeKit?: MakeKit;
  /** One word, counted up before and after user code: odd while it runs. */
  readonly loopWatch?: Int32Array;
  /** A line for people: strategy name and text. */
  readonly log: (strategy: string, text: string) => void;
}

/** What onAuctionDone is handed; reused. */
class Auction implements AuctionView {
  instrument = 0;
  eventNs = FLOAT_ZERO;
  phase = 0;
  priceE4 = 0;
  volume = FLOAT_ZERO;
  amountE4 = FLOAT_ZERO;
}

function isCall(phase: number): boolean {
  return (
    phase === PHASE_OPENING_CALL ||
    phase === PHASE_OPENING_CALL_NO_CANCEL ||
    phase === PHASE_CLOSING_CALL
  );
}

export class StrategyHost implements Agent, FrameHandler {
  readonly roleName: string;
  readonly context: StrategyContext;
  /** Why user code stopped, '' = it did not. */
  failure = '';
  ended = false;
  readonly #facts: StrategyFacts;
  readonly #strategy: Strategy<ParamSpecs, unknown>;
  readonly #ports: StrategyHostPorts;
  readonly #ticksIn: InPort;
  readonly #updatesIn: InPort;
  readonly #timers = new TimerTable(TIMERS_MAX);
  /** First builder of each instrument; the others hang on it. */
  readonly #bars: (BarBuilder | null)[];
  #barCount = 0;
  #kit: StrategyKit | null = null;
  readonly #auction = new Auction();
  /** Volume and turnover of an instrument when its call began. */
  readonly #callVolume: Float64Array;
  readonly #callAmountE4: Float64Array;
  readonly #feed = new IndicatorFeed();
  #isStarted = false;
  readonly #tick = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #gap = new FeedGap();
  readonly #fault = new FeedFault();
  readonly #marketOrder = new MarketOrder();
  readonly #marketTrade = new MarketTrade();
  readonly #barMemory = new FrameMemory(new ArrayBuffer(Bar.BYTES));
  readonly #order = new OrderUpdate();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #parent = new ParentUpdate();
  readonly #link = new LinkState();
  readonly #position = new PositionUpdate();
  readonly #account = new AccountUpdate();
  readonly #end = new End();
  readonly #state = new StrategyState();
  readonly #own: Uint8Array;
  readonly #watch: Int32Array;
  /** What the OMS has not been told yet. */
  #owesState = false;
  #endReason = 0;

  constructor(
    facts: StrategyFacts,
    strategy: Strategy<ParamSpecs, unknown>,
    ports: StrategyHostPorts,
  ) {
    this.roleName = `strategy:${facts.name}`;
    this.#facts = facts;
    this.#strategy = strategy;
    this.#ports = ports;
    this.#watch = ports.loopWatch ?? new Int32Array(1);
    this.context = new StrategyContext(
      facts,
      ports.intents,
      ports.clock,
      this.#timers,
      ports.indicators,
    );
    this.#own = new Uint8Array(facts.instruments.length);
    for (const i of facts.own) this.#own[i] = 1;
    this.#ticksIn = new InPort(ports.ticks, 0, false, ports.tap, this);
    this.#updatesIn = new InPort(ports.updates, 1, false, ports.tap, this);
    const count = facts.instruments.length;
    this.#bars = facts.instruments.map(() => null);
    this.#callVolume = new Float64Array(count);
    this.#callAmountE4 = new Float64Array(count);
    this.context.subscribeBars = (i, length, keep) => this.#subscribe(i, length, keep);
    this.context.writeLog = (text) => ports.log(facts.name, text);
    const make = ports.makeIndicators;
    if (make !== undefined) this.context.makeIndicators = () => make((one) => this.#attach(one));
  }

  onStart(): void {
    const { barred = '' } = this.#facts;
    if (barred !== '') {
      this.#halt('not started', barred);
      return;
    }
    this.#run(() => {
      const { context } = this;
      const tell = this.#strategy.onRebalance;
      const kit = this.#ports.makeKit?.(context, (view) => tell?.(context, view)) ?? null;
      this.#kit = kit;
      if (kit !== null) context.kit = kit;
      context.state = this.#strategy.onInit?.(context as never);
    });
    this.#isStarted = true;
    this.#ports.intents.publish();
  }

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    // News of own orders first: a decision on a tick knows them.
    let count = this.#updatesIn.poll(POLL_LIMIT);
    count += this.#ticksIn.poll(TICKS_PER_CYCLE);
    if (this.#owesState || this.#endReason !== 0) this.#payOwed();
    if (count > 0) {
      this.#ports.intents.publish();
      this.#ports.events.publish();
      this.#ports.tap.publish();
    }
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    if (this.#owesState || this.#endReason !== 0) return false;
    return this.#ticksIn.isEmpty() && this.#updatesIn.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (this.failure !== '') {
      if (type === End.TYPE) this.#onEnd(memory, at);
      return;
    }
    this.#watch[0]++;
    // hot-ok: user code may throw, and only this strategy stops
    try {
      this.#dispatch(type, memory, at);
    } catch (error) {
      this.#fail(error);
    }
    this.#watch[0]++;
  }

  #dispatch(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case SnapshotTick.TYPE:
        this.#onTick(memory, at);
        break;
      case OrderUpdate.TYPE:
        this.#onOrder(memory, at);
        break;
      case Fill.TYPE:
        this.#onFill(memory, at);
        break;
      case Reject.TYPE:
        this.#onReject(memory, at);
        break;
      case ParentUpdate.TYPE:
        this.#now(memory, at);
        this.#strategy.onParent?.(this.context, this.#parent.wrap(memory, at));
        break;
      case PositionUpdate.TYPE:
        this.#onPosition(memory, at);
        break;
      case AccountUpdate.TYPE:
        this.#onAccount(memory, at);
        break;
      case Bar.TYPE:
        this.#onBar(memory, at);
        break;
      case MarketOrder.TYPE:
        this.#onMarketOrder(memory, at);
        break;
      case MarketTrade.TYPE:
        this.#onMarketTrade(memory, at);
        break;
      case FeedGap.TYPE:
        this.#onFeedGap(memory, at);
        break;
      case FeedFault.TYPE:
        this.#onFeedFault(memory, at);
        break;
      case LinkState.TYPE:
        this.#now(memory, at);
        this.#strategy.onLink?.(this.context, this.#link.wrap(memory, at));
        break;
      case End.TYPE:
        this.#onEnd(memory, at);
        break;
      default:
        break;
    }
  }

  #onTick(memory: FrameMemory, at: number): void {
    const tick = this.#tick.wrap(memory, at);
    const i = tick.instrument;
    if (this.#own[i] === 0) return;
    this.#now(memory, at);
    const last = tick.lastE4;
    const { context } = this;
    context.lastPricesE4[i] = last;
    if (tick.phase !== context.desk.phaseOf(i)) this.#onPhase(tick);
    context.desk.onTick(tick);
    for (let builder = this.#bars[i]!; builder !== null; builder = builder.next!) {
      if (builder.isClosedBy(tick.eventNs, tick.volume)) this.#emitBar(builder);
      builder.add(tick.eventNs, last, tick.volume, tick.amountE4);
    }
    this.#feed.onTick(tick);
    this.#strategy.onTick?.(context, tick);
  }

  /** A bar that came from the feed (bar files). */
  #onBar(memory: FrameMemory, at: number): void {
    const bar = this.#bar.wrap(memory, at);
    if (this.#own[bar.instrument] === 0) return;
    this.#now(memory, at);
    this.context.lastPricesE4[bar.instrument] = bar.closeE4;
    this.context.desk.onBar(bar);
    for (let b = this.#bars[bar.instrument]!; b !== null; b = b.next!) {
      if (b.intervalS === bar.intervalS) b.series?.push(bar);
    }
    this.#feed.onBar(bar);
    this.#strategy.onBar?.(this.context, bar);
  }

  #emitBar(builder: BarBuilder): void {
    const bar = this.#bar.begin(this.#barMemory, 0);
    bar.eventNs = builder.endNs;
    bar.instrument = builder.instrument;
    bar.intervalS = builder.intervalS;
    bar.startNs = builder.startNs;
    bar.openE4 = builder.openE4;
    bar.highE4 = builder.highE4;
    bar.lowE4 = builder.lowE4;
    bar.closeE4 = builder.closeE4;
    bar.volume = builder.volume;
    bar.amountE4 = builder.amountE4;
    builder.clear();
    builder.series?.push(bar);
    this.#feed.onBar(bar);
    this.#strategy.onBar?.(this.context, bar);
  }

  #onFeedGap(memory: FrameMemory, at: number): void {
    const gap = this.#gap.wrap(memory, at);
    if (gap.instrument >= 0 && this.#own[gap.instrument] !== 1) return;
    this.#now(memory, at);
    this.#strategy.onFeedGap?.(this.context, gap);
  }

  #onFeedFault(memory: FrameMemory, at: number): void {
    const fault = this.#fault.wrap(memory, at);
    if (this.#own[fault.instrument] !== 1) return;
    this.#now(memory, at);
    this.#strategy.onFeedFault?.(this.context, fault);
  }

  #onPosition(memory: FrameMemory, at: number): void {
    const update = this.#position.wrap(memory, at);
    const position = this.context.positions[update.instrument]!;
    position.qty = update.qty;
    position.sellableQty = update.sellableQty;
    position.frozenQty = update.frozenQty;
    position.costAmountE4 = update.costAmountE4;
    this.context.desk.onPosition(update.instrument);
  }

  #onOrder(memory: FrameMemory, at: number): void {
    this.#now(memory, at);
    const order = this.#order.wrap(memory, at);
    this.context.desk.onOrder(order, isOpen(order.status));
    this.#strategy.onOrder?.(this.context, order);
  }

  #onFill(memory: FrameMemory, at: number): void {
    this.#now(memory, at);
    const fill = this.#fill.wrap(memory, at);
    this.context.desk.onFill(fill);
    this.#kit?.onTrade(fill.intentNo, fill.side, fill.priceE4 * fill.qty);
    this.#strategy.onTrade?.(this.context, fill);
  }

  #onReject(memory: FrameMemory, at: number): void {
    this.#now(memory, at);
    const reject = this.#reject.wrap(memory, at);
    if (reject.action === ACTION_PLACE) {
      this.context.desk.working.refused(reject.intentNo);
      this.#kit?.onRefusal(reject.intentNo, reject.code);
    }
    this.#strategy.onReject?.(this.context, reject);
  }

  #onMarketOrder(memory: FrameMemory, at: number): void {
    const order = this.#marketOrder.wrap(memory, at);
    if (this.#own[order.instrument] !== 1) return;
    this.#now(memory, at);
    this.#strategy.onMarketOrder?.(this.context, order);
  }

  #onMarketTrade(memory: FrameMemory, at: number): void {
    const trade = this.#marketTrade.wrap(memory, at);
    if (this.#own[trade.instrument] !== 1) return;
    this.#now(memory, at);
    this.#strategy.onMarketTrade?.(this.context, trade);
  }

  /** The phase of an instrument changed: a call begins, or is over. */
  #onPhase(tick: SnapshotTick): void {
    const i = tick.instrument;
    const before = this.context.desk.phaseOf(i);
    if (isCall(before) && !isCall(tick.phase)) {
      const isOpening = before !== PHASE_CLOSING_CALL;
      const auction = this.#auction;
      auction.instrument = i;
      auction.eventNs = tick.eventNs;
      auction.phase = isOpening ? PHASE_OPENING_CALL : PHASE_CLOSING_CALL;
      auction.volume = tick.volume - this.#callVolume[i];
      auction.amountE4 = tick.amountE4 - this.#callAmountE4[i];
      const priceE4 = isOpening ? tick.openE4 : tick.lastE4;
      auction.priceE4 = auction.volume > 0 ? priceE4 : 0;
      this.#strategy.onAuctionDone?.(this.context, auction);
    }
    if (isCall(tick.phase) && !isCall(before)) {
      this.#callVolume[i] = tick.volume;
      this.#callAmountE4[i] = tick.amountE4;
    }
  }

  #onAccount(memory: FrameMemory, at: number): void {
    const update = this.#account.wrap(memory, at);
    const account = this.context.accountState;
    account.cashE4 = update.cashE4;
    account.reservedE4 = update.reservedE4;
    account.feesE4 = update.feesE4;
    account.marketValueE4 = update.marketValueE4;
    this.context.desk.onAccount();
  }

  /** The run ends in order: the strategy's last word, then the OMS hears the end. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    const reason = end.reason;
    const eventNs = end.eventNs;
    if (this.failure === '') {
      // hot-ok: once, at the end; a timer that throws now must not swallow the end
      this.#run(() => {
        this.#now(memory, at);
        this.#endBars();
        this.#strategy.onStop?.(this.context);
        this.#kit?.onEnd();
      });
    }
    this.context.stopped = true;
    this.ended = true;
    this.#endReason = reason;
    this.#tellState(this.failure === '' ? STRATEGY_STOPPED : STRATEGY_FAILED, eventNs);
  }

  /** Tells the OMS of failure and end as soon as the ring has room: neither may be lost. */
  #payOwed(): void {
    const intents = this.#ports.intents;
    if (this.#owesState && intents.room() >= StrategyState.BYTES * 4) {
      const at = intents.claim(StrategyState.BYTES);
      if (at >= 0) {
        this.#writeState(intents.memory, at, STRATEGY_FAILED, this.context.nowNs);
        intents.commit();
        this.#owesState = false;
      }
    }
    if (this.#endReason !== 0 && !this.#owesState && intents.room() >= End.BYTES * 4) {
      const at = intents.claim(End.BYTES);
      if (at < 0) return;
      this.#end.begin(intents.memory, at).reason = this.#endReason;
      this.#end.eventNs = this.context.nowNs;
      intents.commit();
      this.#endReason = 0;
    }
    intents.publish();
  }

  /**
   * Moves time on to the frame's and fires the timers that are due. It takes the frame, not its
   * times: a float64 argument is boxed whenever the call is not inlined.
   */
  #now(memory: FrameMemory, at: number): void {
    const context = this.context;
    const eventNs = frameEventNs(memory, at);
    if (eventNs > context.nowNs) context.nowNs = eventNs;
    context.recvNs = frameRecvNs(memory, at);
    while (this.#timers.earliestNs <= context.nowNs) {
      const timer = this.#timers.take(context.nowNs);
      if (timer === TIMER_NONE) break;
      this.#strategy.onTimer?.(context, timer);
    }
    const kit = this.#kit;
    if (kit !== null && kit.dueNs <= context.nowNs) kit.onTime(context.nowNs);
  }

  /** Bars cut along trading time that the day's end completed. */
  #endBars(): void {
    for (const i of this.#facts.own) {
      for (let b = this.#bars[i]!; b !== null; b = b.next!) {
        if (b.isSession && b.isComplete(this.context.nowNs)) this.#emitBar(b);
      }
    }
  }

  /** A text is cut along trading time, a number of seconds along the clock. */
  #subscribe(instrument: number, length: number | string, keep: number): BarSeries {
    const symbol = this.#facts.instruments[instrument]?.symbol ?? `instrument ${instrument}`;
    if (this.#own[instrument] !== 1) {
      // hot-ok: called in onInit
      throw new Error(`bars: instrument ${instrument} was not given to this strategy`);
    }
    const isText = typeof length === 'string';
    const seconds = isText ? secondsOf(length, 'bars') : length;
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new Error(`bars: seconds=${seconds}, expected a whole number from 1`); // hot-ok: onInit
    }
    if (!Number.isInteger(keep) || keep < 0 || keep > KEEP_MAX) {
      throw new Error(`bars: keep=${keep}, expected 0 to ${KEEP_MAX}`); // hot-ok: onInit
    }
    let last: BarBuilder | null = null;
    for (let b = this.#bars[instrument]!; b !== null; b = b.next!) {
      const isSame = b.intervalS === seconds && b.isSession === isText;
      if (isSame && b.series !== null && b.series.kept >= keep) return b.series;
      last = b;
    }
    if (this.#barCount++ >= BARS_MAX) throw new Error('bars: too many'); // hot-ok: onInit
    const name = `${isText ? length : `${seconds} s`} bars of ${symbol}`;
    const series = new BarSeries(instrument, seconds, keep, name); // hot-ok: onInit
    const builder = this.#builder(instrument, seconds, isText, series);
    if (last === null) this.#bars[instrument] = builder;
    else last.next = builder;
    return series;
  }

  #builder(i: number, seconds: number, isText: boolean, series: BarSeries): BarBuilder {
    const { phases, symbol } = this.#facts.instruments[i]!;
    if (!isText) return new BarBuilder(i, seconds, null, series); // hot-ok: onInit
    const session = new SessionBars(phases); // hot-ok: onInit
    // hot-ok: called in onInit
    if (session.totalNs === 0) throw new Error(`bars: ${symbol} has no trading time`);
    return new BarBuilder(i, seconds, session, series); // hot-ok: onInit
  }

  #attach(binding: IndicatorBinding): void {
    // hot-ok: called in onInit
    if (this.#isStarted) throw new Error('indicators are made in onInit, not later');
    if (binding.seconds > 0) this.#subscribe(binding.instrument, binding.seconds, 0);
    this.#feed.attach(binding);
  }

  /** Runs user code at start and end; a throw stops the strategy. */
  #run(hook: () => void): void {
    const watch = this.#watch[0];
    this.#watch[0] = watch | 1;
    // hot-ok: user code may throw
    try {
      hook();
    } catch (error) {
      this.#fail(error);
    }
    this.#watch[0] = watch;
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // Whoever throws an empty text has failed all the same.
    this.#halt('stopped', text === '' ? 'threw an empty text' : text);
  }

  /** No hook runs from here on; its orders are handled by policy. */
  #halt(what: string, why: string): void {
    this.failure = why;
    this.context.stopped = true;
    this.#ports.log(this.#facts.name, `${what}: ${why}`);
    this.#owesState = true;
    this.#tellState(STRATEGY_FAILED, this.context.nowNs);
  }

  #tellState(state: number, eventNs: number): void {
    const events = this.#ports.events;
    const at = events.claim(StrategyState.BYTES);
    if (at < 0) return;
    this.#writeState(events.memory, at, state, eventNs);
    events.commit();
    events.publish();
  }

  #writeState(memory: FrameMemory, at: number, state: number, eventNs: number): void {
    const out = this.#state.begin(memory, at);
    out.eventNs = eventNs;
    out.source = STAGE_STRATEGY;
    out.strategy = this.#facts.index;
    out.state = state;
  }
}
