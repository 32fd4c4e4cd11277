// Runs one strategy: hands it ticks, bars, its own orders, fills and timers, and carries its
// intents to the OMS. User code never shares a thread with an engine actor. Invariant: user code
// that throws stops this strategy only: it is told once to the OMS (which handles its orders by
// policy) and to people, and no hook of it runs again.

import { type BarBlocks, BlockRest } from '../core/bar-blocks.ts';
import type { BarBuilder } from '../core/bar-builder.ts';
import type { IndicatorKernel } from '../core/book.ts';
import type { IndicatorBinding, Indicators } from '../core/indicator-port.ts';
import { isOpen } from '../core/order.ts';
import type { ParamSpecs, Strategy } from '../core/strategy.ts';
import type { MakeKit, StrategyKit } from '../core/strategy-kit.ts';
import { TIMER_NONE, TimerTable } from '../core/timer-table.ts';
import { POLL_LIMIT, TIMERS_MAX } from '../limits.ts';
import { ACTION_PLACE, STRATEGY_FAILED, STRATEGY_STOPPED } from '../messages/codes.ts';
import { FrameMemory, frameEventNs, frameRecvNs } from '../messages/frames.ts';
import { LinkState } from '../messages/generated/broker.ts';
import { End } from '../messages/generated/control.ts';
import {
  Bar,
  BarBlock,
  FeedFault,
  FeedGap,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  Intent,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject,
} from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import { AuctionWatch } from './auction-done.ts';
import type { MonoClock } from './clock.ts';
import { DayBars } from './day-bars.ts';
import { IndicatorFeed } from './indicator-feed.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';
import { StrategyBars } from './strategy-bars.ts';
import { StrategyContext, type StrategyFacts } from './strategy-context.ts';
import { StrategyWord } from './strategy-word.ts';

/** Ticks of one duty cycle: user code may be slow, and the thread must show that it lives. */
const TICKS_PER_CYCLE = 8;
/** A bar of this length is the day's. */
const DAY_S = 86_400;
/** Intents that a bar of a block finds room for. */
const BAR_ROOM = Intent.BYTES * 64;
const EARLIER_ROWS = 1_000; // from before the run: enough for averages without end
// The opening call begins (rules sheet 5.1): the night's orders go out with the first event.
const OPENING_CALL_NS = 33_300e9;

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
  /** Takes the kit over into another day of the same run. */
  readonly renewKit?: (kit: StrategyKit) => void;
  /** One word, counted up before and after user code: odd while it runs. */
  readonly loopWatch?: Int32Array;
  /** A line for people: strategy name and text. */
  readonly log: (strategy: string, text: string) => void;
  /** Where blocks of bars lie; absent = every bar comes for itself. */
  readonly blocks?: BarBlocks;
}

export class StrategyHost implements Agent, FrameHandler {
  readonly roleName: string;
  readonly context: StrategyContext;
  /** Why user code stopped, '' = it did not. */
  failure = '';
  ended = false;
  #facts: StrategyFacts;
  readonly #strategy: Strategy<ParamSpecs, unknown>;
  #ports: StrategyHostPorts;
  #ticksIn: InPort;
  #updatesIn: InPort;
  readonly #timers = new TimerTable(TIMERS_MAX);
  readonly #bars: StrategyBars;
  #kit: StrategyKit | null = null;
  readonly #auctions: AuctionWatch;
  readonly #dayBars: DayBars;
  readonly #whole = new Phase();
  readonly #feed: IndicatorFeed;
  #isStarted = false;
  /** The day's first account news opens it for the strategy. */
  #dayOpens = true;
  readonly #tick = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #gap = new FeedGap();
  readonly #fault = new FeedFault();
  readonly #marketOrder = new MarketOrder();
  readonly #marketTrade = new MarketTrade();
  readonly #block = new BarBlock();
  readonly #rest = new BlockRest();
  readonly #barMemory = new FrameMemory(new ArrayBuffer(Bar.BYTES));
  readonly #order = new OrderUpdate();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #parent = new ParentUpdate();
  readonly #link = new LinkState();
  readonly #position = new PositionUpdate();
  readonly #account = new AccountUpdate();
  readonly #end = new End();
  readonly #own: Uint8Array;
  readonly #watch: Int32Array;
  readonly #word: StrategyWord;

  constructor(
    facts: StrategyFacts,
    strategy: Strategy<ParamSpecs, unknown>,
    ports: StrategyHostPorts,
  ) {
    this.roleName = `strategy:${facts.name}`;
    this.#facts = facts;
    this.#word = new StrategyWord(facts.index);
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
    this.#bars = new StrategyBars(facts);
    this.#feed = new IndicatorFeed(count, facts.moreDays === true);
    this.#auctions = new AuctionWatch(count);
    this.#dayBars = new DayBars(count);
    this.context.subscribeBars = (i, length, keep) => this.#bars.subscribe(i, length, keep);
    this.context.writeLog = (text) => ports.log(facts.name, text);
    const make = ports.makeIndicators;
    if (make !== undefined) this.context.makeIndicators = () => make((one) => this.#attach(one));
  }

  /** The run goes on with another day: the same strategy at new rings. Before onStart(). */
  nextDay(facts: StrategyFacts, ports: StrategyHostPorts): void {
    this.#facts = facts;
    this.#ports = ports;
    // hot-ok: once a day
    this.#ticksIn = new InPort(ports.ticks, 0, false, ports.tap, this);
    this.#updatesIn = new InPort(ports.updates, 1, false, ports.tap, this); // hot-ok: once a day
    this.context.nextDay(facts, ports.intents, ports.clock);
    this.context.night.isNight = false;
    this.context.night.isMorning = true;
    this.#timers.clear();
    this.#bars.beginDay();
    this.#auctions.beginDay();
    this.#dayBars.beginDay();
    if (this.#kit !== null) ports.renewKit?.(this.#kit);
    this.ended = false;
    this.#word.endReason = 0;
    this.#dayOpens = true;
    if (this.failure !== '') this.#word.owesFailure = true;
    else this.#adjust();
  }

  /** Ex-dates: indicators see the prices before them as adjusted, and the strategy is told. */
  #adjust(): void {
    const { adjusted } = this.#facts;
    if (adjusted === undefined) return;
    for (const action of adjusted) {
      if (this.#own[action.instrument] !== 1) continue;
      this.#feed.rebase(action.instrument, action.factor);
      this.#bars.rebase(action.instrument, action.factor);
      this.#run(() => this.#strategy.onAction?.(this.context, action)); // hot-ok: ex-dates only
    }
  }

  onStart(): void {
    if (this.#isStarted) return;
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
      kit?.begun();
    });
    this.#isStarted = true;
    this.#ports.intents.publish();
  }

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    // News of own orders first: a decision on a tick knows them.
    let count = this.#updatesIn.poll(POLL_LIMIT);
    count += this.#rest.left > 0 ? this.#takeBars() : this.#ticksIn.poll(TICKS_PER_CYCLE);
    if (this.#word.isOwed) this.#word.pay(this.#ports.intents, this.context.nowNs);
    if (count > 0) {
      this.#ports.intents.publish();
      this.#ports.events.publish();
      this.#ports.tap.publish();
    }
    return count;
  }

  onClose(): void {}

  /** Bars of a block, as long as the ring of intents has room for what they may cause. */
  #takeBars(): number {
    const { intents, blocks } = this.#ports;
    const rest = this.#rest;
    const before = rest.left;
    this.#watch[0]++;
    // hot-ok: user code may throw, and only this strategy stops
    try {
      while (rest.left > 0 && this.failure === '' && intents.room() >= BAR_ROOM) {
        this.#onBar(blocks!.memory, rest.take());
        // The thread shows that it lives.
        this.#watch[0] += 2;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#watch[0]++;
    if (this.failure !== '') rest.left = 0;
    return before - rest.left;
  }

  isIdle(): boolean {
    if (this.#word.isOwed || this.#rest.left > 0) return false;
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
      case BarBlock.TYPE:
        this.#rest.begin(this.#block.wrap(memory, at));
        break;
      case Phase.TYPE:
        this.#onWholePhase(memory, at);
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
    const before = context.desk.phaseOf(i);
    if (tick.phase !== before) {
      const auction = this.#auctions.onPhase(before, tick);
      if (auction !== null) this.#strategy.onAuctionDone?.(context, auction);
    }
    context.desk.onTick(tick);
    for (let builder = this.#bars.first(i); builder !== null; builder = builder.next!) {
      this.#bars.hasBegun = true;
      if (builder.isClosedBy(tick)) this.#emitBar(builder);
      builder.add(tick);
    }
    this.#feed.onTick(tick);
    this.#strategy.onTick?.(context, tick);
  }

  #onBar(memory: FrameMemory, at: number): void {
    const bar = this.#bar.wrap(memory, at);
    if (this.#own[bar.instrument] === 0) return;
    this.#now(memory, at);
    this.context.lastPricesE4[bar.instrument] = bar.closeE4;
    this.#dayBars.lastE4[bar.instrument] = bar.closeE4;
    this.context.desk.onBar(bar);
    for (let b = this.#bars.first(bar.instrument); b !== null; b = b.next!) {
      if (b.intervalS === bar.intervalS) b.series?.push(bar);
      else if (b.intervalS > bar.intervalS) {
        if (b.startNs >= 0 && bar.startNs >= b.endNs) this.#emitBar(b);
        b.addBar(this.#bar.wrap(memory, at));
        this.#bars.hasBegun = true;
      }
    }
    this.#tellBar(bar, true);
    for (let b = this.#bars.first(bar.instrument); b !== null; b = b.next!) {
      if (b.isComplete(this.#bar.wrap(memory, at).eventNs)) this.#emitBar(b);
    }
  }

  /** A complete bar, to the strategy and, but for a second one of its length, to indicators. */
  #tellBar(bar: Bar, feeds: boolean): void {
    if (feeds) this.#feed.onBar(bar);
    // Whoever has seen the whole day decides for the next one.
    const { night } = this.context;
    const wasNight = night.isNight;
    if (this.#facts.moreDays === true && bar.intervalS >= DAY_S) night.isNight = true;
    this.#strategy.onBar?.(this.context, bar);
    night.isNight = wasNight;
  }

  #emitBar(builder: BarBuilder): void {
    const bar = this.#bar.begin(this.#barMemory, 0);
    builder.write(bar);
    builder.clear();
    builder.series?.push(bar);
    this.#tellBar(bar, this.#bars.isFirst(builder));
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

  /** A phase told whole: what ticks of all instruments would tell, and ticks where these count. */
  #onWholePhase(memory: FrameMemory, at: number): void {
    const phase = this.#whole.wrap(memory, at);
    const { own, instruments } = this.#facts;
    if (own.length > 0) this.#now(memory, at);
    const { onTick, onAuctionDone } = this.#strategy;
    const isQuiet = onTick === undefined && onAuctionDone === undefined && !this.#feed.hasTicks;
    if (isQuiet) {
      this.context.desk.onWholePhase(phase);
      this.#dayBars.tellPrices(own, this.context.lastPricesE4);
      if (!this.#bars.hasBegun) return;
    }
    for (let n = 0; n < own.length; n++) {
      const i = own[n]!;
      if (isQuiet && !this.#bars.isOver(i, phase.eventNs)) continue;
      this.#dayBars.writeTick(phase, i, instruments[i]!);
      this.#onTick(this.#dayBars.memory, 0);
    }
  }

  #onAccount(memory: FrameMemory, at: number): void {
    if (this.#dayOpens) this.context.takeOpening();
    const update = this.#account.wrap(memory, at);
    const account = this.context.accountState;
    account.cashE4 = update.cashE4;
    account.reservedE4 = update.reservedE4;
    account.feesE4 = update.feesE4;
    account.marketValueE4 = update.marketValueE4;
    this.context.desk.onAccount();
    if (!this.#dayOpens) return;
    this.#dayOpens = false;
    this.#strategy.onDay?.(this.context);
  }

  /** The run ends in order: the strategy's last word, then the OMS hears the end. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    const { reason, eventNs } = end;
    if (this.#facts.moreDays === true) {
      this.#endDay(memory, at);
      this.#word.endReason = reason;
      return;
    }
    if (this.failure === '') {
      // hot-ok: once, at the end; a timer that throws now must not swallow the end
      this.#run(() => {
        this.#now(memory, at);
        this.#endBars();
        this.#strategy.onDayEnd?.(this.context);
        this.#strategy.onStop?.(this.context);
        this.#kit?.onEnd();
      });
    }
    this.context.stopped = true;
    this.ended = true;
    this.#word.endReason = reason;
    const state = this.failure === '' ? STRATEGY_STOPPED : STRATEGY_FAILED;
    this.#word.show(this.#ports.events, state, eventNs);
  }

  /** The day is over and another follows: its last bars, then orders wait for the morning. */
  #endDay(memory: FrameMemory, at: number): void {
    this.ended = true;
    this.context.night.isNight = true;
    if (this.failure !== '') return;
    // hot-ok: once, at the end of the day
    this.#run(() => {
      this.#now(memory, at);
      this.#endBars();
      this.#strategy.onDayEnd?.(this.context);
      this.#kit?.onEnd();
    });
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
    if (context.night.isDue && eventNs >= OPENING_CALL_NS) {
      context.sendNight();
    }
    while (this.#timers.earliestNs <= context.nowNs) {
      const timer = this.#timers.take(context.nowNs);
      if (timer === TIMER_NONE) break;
      this.#strategy.onTimer?.(context, timer);
    }
    const kit = this.#kit;
    if (kit !== null && kit.dueNs <= context.nowNs) kit.onTime(context.nowNs);
  }

  /** Bars that the day's end completed: along trading time, and where another day follows, all. */
  #endBars(): void {
    const all = this.#facts.moreDays === true;
    for (const i of this.#facts.own) {
      for (let b = this.#bars.first(i); b !== null; b = b.next) {
        const isOver = all ? b.startNs >= 0 : b.isSession && b.isComplete(this.context.nowNs);
        if (isOver) this.#emitBar(b);
      }
    }
  }

  #attach(binding: IndicatorBinding): void {
    // hot-ok: called in onInit
    if (this.#isStarted) throw new Error('indicators are made in onInit, not later');
    if (binding.seconds > 0) this.#bars.subscribe(binding.instrument, binding.seconds, 0);
    const { earlier } = this.#facts;
    this.#feed.attach(
      binding,
      earlier?.(binding.instrument, binding.seconds, EARLIER_ROWS) ?? null,
    );
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
    this.#word.owesFailure = true;
    this.#word.show(this.#ports.events, STRATEGY_FAILED, this.context.nowNs);
  }
}
