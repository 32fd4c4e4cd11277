// What a strategy sees as `ctx`: its parameters, positions, account, and the ways to ask for
// orders. Made and fed by the strategy host. Invariant: only numbers that reached the strategy as
// messages are here; asking for an order writes one intent or refuses at once, and never blocks.

import { must } from '../assert.ts';
import type { BarSeries } from '../core/bar-series.ts';
import { BookCode, type IndicatorKernel } from '../core/book.ts';
import type { EarlierBarsOf } from '../core/earlier-bars.ts';
import type { FeeSchedule } from '../core/fees.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { Indicators } from '../core/indicator-port.ts';
import type { Instrument } from '../core/instrument.ts';
import { columnsOf } from '../core/instrument-columns.ts';
import {
  REJECT_BUSY,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_ORDER_FINISHED,
  REJECT_STRATEGY_STOPPED,
} from '../core/reject-code.ts';
import type {
  AccountView,
  ConditionalWish,
  Context,
  IcebergWish,
  Indicator,
  OrderOptions,
  ParamSpecs,
  ParamsOf,
  ParentWish,
  PositionView,
  PriceAction,
  ReplaceWish,
  SlicedWish,
  VolumeWish,
} from '../core/strategy.ts';
import type { AtOptions, StrategyKit, When } from '../core/strategy-kit.ts';
import type {
  OrderRest,
  OrderWish,
  RebalanceOptions,
  RebalanceTarget,
} from '../core/strategy-orders.ts';
import type { TimerTable } from '../core/timer-table.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  PARENT_ICEBERG,
  PARENT_POV,
  PARENT_REPLACE,
  PARENT_TRIGGER,
  PARENT_TWAP,
  PARENT_VWAP,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_STRATEGY,
  TIF_DAY,
  TRIGGER_AT_OR_ABOVE,
  TRIGGER_AT_OR_BELOW,
} from '../messages/codes.ts';
import { Intent, ParentIntent } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import { NightOrders } from './night-orders.ts';
import { OrderDesk } from './order-desk.ts';
import type { OutPort } from './port.ts';

/** Shares of an account at the open, by instrument; money in 1/10,000 yuan. */
export interface OpeningShares {
  readonly qty: Int32Array;
  readonly sellableQty: Int32Array;
  readonly costAmountE4: Float64Array;
}

/** Facts of one strategy, fixed at start. */
export interface StrategyFacts {
  readonly index: number;
  readonly name: string;
  readonly account: number;
  readonly day: number;
  /** Every instrument of the engine; `own` are the indices this strategy was given. */
  readonly instruments: readonly Instrument[];
  readonly own: readonly number[];
  readonly params: Readonly<Record<string, number | boolean | string>>;
  /** Intent numbers used in earlier lives of this day. */
  readonly lastIntentNo: number;
  /** By instrument, for budgets; absent = nothing costs anything. */
  readonly fees?: readonly FeeSchedule[];
  /** Why it may not start; '' or absent = it may. */
  readonly barred?: string;
  /** Another day follows in this run: its end is not the strategy's. */
  readonly moreDays?: boolean;
  /** Ex-dates between the day before and this one. */
  readonly adjusted?: readonly PriceAction[];
  /** Orders of a night that go out in a second of the morning; absent = NIGHT_PER_SECOND. */
  readonly nightPerSecond?: number;
  /** What the account opens with, to a strategy that lives on; absent = the OMS tells it. */
  readonly opening?: OpeningShares;
  /** Bars from before the run; absent = there are none (a live session). */
  readonly earlier?: EarlierBarsOf;
}

const NO_OPTIONS: OrderOptions = {};
const NO_FEES: readonly FeeSchedule[] = [];
const NIGHT_PER_SECOND = 20;

class Position implements PositionView {
  qty = 0;
  sellableQty = 0;
  frozenQty = 0;
  costAmountE4 = 0;
}

class AccountState implements AccountView {
  cashE4 = 0;
  reservedE4 = 0;
  feesE4 = 0;
  marketValueE4 = 0;
}

export class StrategyContext implements Context<ParamSpecs, unknown> {
  readonly params: ParamsOf<ParamSpecs>;
  state: unknown = undefined;
  nowNs = FLOAT_ZERO;
  /** Host time at which the cause of the running hook was received. */
  recvNs = FLOAT_ZERO;
  day: number;
  instruments: readonly Instrument[];
  readonly positions: readonly Position[];
  readonly accountState = new AccountState();
  readonly lastPricesE4: Int32Array;
  stopped = false;
  intentNo: number;
  /** Set by the host: a bar subscription, a line for people. */
  subscribeBars: ((i: number, length: number | string, keep: number) => BarSeries) | undefined =
    undefined;
  /** The cold half: timers on the calendar, kept state, series, rebalances. */
  kit: StrategyKit | undefined = undefined;
  readonly desk: OrderDesk;
  writeLog: (text: string) => void = () => {};
  makeIndicators: (() => Indicators) | undefined = undefined;
  /** Orders made when the day is over. */
  readonly night = new NightOrders();
  #facts: StrategyFacts;
  #out: OutPort;
  #clock: MonoClock;
  readonly #timers: TimerTable;
  readonly #indicators: IndicatorKernel;
  #made: Indicators | undefined = undefined;
  readonly #intent = new Intent();
  readonly #parentIntent = new ParentIntent();
  readonly #stamp = new Float64Array(1);

  constructor(
    facts: StrategyFacts,
    out: OutPort,
    clock: MonoClock,
    timers: TimerTable,
    indicators: IndicatorKernel,
  ) {
    this.#facts = facts;
    this.#out = out;
    this.#clock = clock;
    this.#timers = timers;
    this.#indicators = indicators;
    this.params = facts.params;
    this.day = facts.day;
    this.instruments = ownOf(facts);
    this.positions = facts.instruments.map(() => new Position());
    this.lastPricesE4 = new Int32Array(facts.instruments.length);
    this.intentNo = facts.lastIntentNo;
    this.desk = new OrderDesk(this, facts.instruments, facts.fees ?? []);
  }

  /** Another day of the same run begins: its facts, and where intents go from now on. */
  nextDay(facts: StrategyFacts, out: OutPort, clock: MonoClock): void {
    this.#facts = facts;
    this.#out = out;
    this.#clock = clock;
    this.day = facts.day;
    this.nowNs = 0;
    this.night.sentCount = 0;
    this.instruments = ownOf(facts);
    this.desk.beginDay(facts.instruments, facts.fees ?? NO_FEES);
    const { preCloseE4 } = columnsOf(facts.instruments);
    for (let i = 0; i < preCloseE4.length; i++) {
      if (preCloseE4[i] > 0) this.lastPricesE4[i] = preCloseE4[i];
    }
  }

  /** Shares of the open, where they come as facts and not as news. */
  takeOpening(): void {
    const { opening } = this.#facts;
    if (opening === undefined) return;
    for (let i = 0; i < opening.qty.length; i++) {
      if (opening.qty[i] === 0) continue;
      const position = this.positions[i]!;
      position.qty = opening.qty[i];
      position.sellableQty = opening.sellableQty[i];
      position.frozenQty = 0;
      position.costAmountE4 = opening.costAmountE4[i];
      this.desk.onPosition(i);
    }
  }

  instrument(symbol: string): Instrument {
    const found = this.instruments.find((i) => i.symbol === symbol); // hot-ok: cold call
    const given = this.instruments.map((i) => i.symbol).join(', '); // hot-ok: cold call
    return must(found, `instrument ${symbol} was not given to ${this.#facts.name} (has: ${given})`);
  }

  buy(
    instrument: number,
    priceE4: number,
    qty: number,
    kind: number = KIND_LIMIT,
    options: OrderOptions = NO_OPTIONS,
  ): number {
    return this.#place(instrument, SIDE_BUY, priceE4, qty, kind, options);
  }

  sell(
    instrument: number,
    priceE4: number,
    qty: number,
    kind: number = KIND_LIMIT,
    options: OrderOptions = NO_OPTIONS,
  ): number {
    return this.#place(instrument, SIDE_SELL, priceE4, qty, kind, options);
  }

  cancel(intentNo: number): number {
    if (this.stopped) return -REJECT_STRATEGY_STOPPED;
    if (this.night.count > 0 && this.night.cancel(intentNo) === REJECT_NONE) return 1;
    if (this.night.isNight) return -REJECT_ORDER_FINISHED;
    const at = this.#out.claim(Intent.BYTES);
    if (at < 0) return -REJECT_BUSY;
    this.#head(at, 0);
    this.#intent.action = ACTION_CANCEL;
    this.#intent.targetIntentNo = intentNo;
    this.#out.commit();
    return 1;
  }

  twap(wish: SlicedWish): number {
    return this.#parent(PARENT_TWAP, wish, 0, 0, wish.slices ?? 0, 0);
  }

  vwap(wish: SlicedWish): number {
    return this.#parent(PARENT_VWAP, wish, 0, 0, wish.slices ?? 0, 0);
  }

  pov(wish: VolumeWish): number {
    // The rate travels where the others have their number of slices.
    return this.#parent(PARENT_POV, wish, 0, 0, Math.round(wish.rate * 10_000), wish.showQty ?? 0);
  }

  iceberg(wish: IcebergWish): number {
    return this.#parent(PARENT_ICEBERG, wish, 0, 0, 0, wish.showQty);
  }

  stopLoss(wish: ConditionalWish): number {
    const when = wish.side === SIDE_SELL ? TRIGGER_AT_OR_BELOW : TRIGGER_AT_OR_ABOVE;
    return this.#parent(PARENT_TRIGGER, wish, wish.triggerE4, when, 0, 0);
  }

  takeProfit(wish: ConditionalWish): number {
    const when = wish.side === SIDE_SELL ? TRIGGER_AT_OR_ABOVE : TRIGGER_AT_OR_BELOW;
    return this.#parent(PARENT_TRIGGER, wish, wish.triggerE4, when, 0, 0);
  }

  atTime(wish: ParentWish): number {
    return this.#parent(PARENT_TRIGGER, wish, 0, 0, 0, 0);
  }

  replace(intentNo: number, wish: ReplaceWish): number {
    if (this.stopped) return -REJECT_STRATEGY_STOPPED;
    if (this.night.isNight) return -REJECT_NOT_IN_SESSION;
    const at = this.#out.claim(ParentIntent.BYTES);
    if (at < 0) return -REJECT_BUSY;
    const no = this.#beginParent(at, PARENT_REPLACE);
    // What is not given is taken from the order; what is no whole number above 0 is refused.
    this.#parentIntent.priceE4 = givenOr(wish.priceE4);
    this.#parentIntent.qty = givenOr(wish.qty);
    this.#parentIntent.targetC = intentNo;
    this.#out.commit();
    return no;
  }

  /** Begins a parent's frame; its number. */
  #beginParent(at: number, kind: number): number {
    const intent = this.#parentIntent.begin(this.#out.memory, at);
    intent.eventNs = this.nowNs;
    intent.source = STAGE_STRATEGY;
    intent.intentNo = ++this.intentNo;
    intent.strategy = this.#facts.index;
    intent.account = this.#facts.account;
    intent.kind = kind;
    return this.intentNo;
  }

  #parent(
    kind: number,
    wish: ParentWish,
    triggerE4: number,
    when: number,
    share: number,
    showQty: number,
  ): number {
    if (this.stopped) return -REJECT_STRATEGY_STOPPED;
    if (this.night.isNight) return -REJECT_NOT_IN_SESSION;
    const at = this.#out.claim(ParentIntent.BYTES);
    if (at < 0) return -REJECT_BUSY;
    const intentNo = this.#beginParent(at, kind);
    const intent = this.#parentIntent;
    intent.instrument = wish.instrument;
    intent.side = wish.side;
    // What is not a whole number is refused by its code: a negative price, no quantity.
    intent.priceE4 = Number.isInteger(wish.priceE4 ?? 0) ? (wish.priceE4 ?? 0) : -1;
    intent.qty = Number.isInteger(wish.qty) && wish.qty < 2_147_483_648 ? wish.qty : 0;
    // A stop-loss without a price would go off at once.
    const isPrice = when === 0 || (Number.isInteger(triggerE4) && triggerE4 > 0);
    intent.triggerE4 = isPrice ? triggerE4 : -1;
    intent.triggerWhen = when;
    if (kind === PARENT_POV) intent.rateE4 = wholeOr(share, -1);
    else intent.slices = wholeOr(share, -1);
    intent.showQty = wholeOr(showQty, -1);
    intent.startNs = wish.startNs ?? 0;
    intent.endNs = wish.endNs ?? 0;
    this.#out.commit();
    return intentNo;
  }

  position(instrument: number): PositionView {
    return must(this.positions[instrument], `instrument=${instrument}, not one of this engine`);
  }

  account(): AccountView {
    return this.accountState;
  }

  lastE4(instrument: number): number {
    return this.lastPricesE4[instrument] ?? 0;
  }

  bars(instrument: number, length: number | string, options?: { keep?: number }): BarSeries {
    const subscribe = must(this.subscribeBars, 'ctx.bars: this host has none');
    return subscribe(instrument, length, options?.keep ?? 0);
  }

  get rest(): OrderRest {
    return this.desk.rest;
  }

  order(instrument: number, qty: number, wish?: OrderWish): number {
    return this.desk.order(instrument, qty, wish);
  }

  orderTarget(instrument: number, qty: number, wish?: OrderWish): number {
    return this.desk.target(instrument, qty, wish);
  }

  orderValue(instrument: number, amountE4: number, wish?: OrderWish): number {
    return this.desk.value(instrument, amountE4, wish);
  }

  orderTargetValue(instrument: number, amountE4: number, wish?: OrderWish): number {
    return this.desk.targetValue(instrument, amountE4, wish);
  }

  orderPercent(instrument: number, part: number, wish?: OrderWish): number {
    return this.desk.value(instrument, Math.trunc(part * this.desk.equityE4()), wish);
  }

  orderTargetPercent(instrument: number, part: number, wish?: OrderWish): number {
    return this.desk.targetValue(instrument, Math.trunc(part * this.desk.equityE4()), wish);
  }

  rebalance(targets: readonly RebalanceTarget[], options?: RebalanceOptions): number {
    return this.#kit().rebalance(targets, options);
  }

  availableE4(): number {
    return this.desk.availableE4();
  }

  at(when: When, run: () => void, options?: AtOptions): number {
    return this.#kit().at(when, run, options);
  }

  dropTimer(timer: number): boolean {
    return this.#kit().drop(timer);
  }

  restored<T>(): T | undefined {
    return this.#kit().restored() as T | undefined;
  }

  save(): void {
    this.#kit().save();
  }

  series(name: string, value: number): void {
    this.#kit().series(name, value);
  }

  random(): number {
    return this.#kit().random();
  }

  #kit(): StrategyKit {
    return must(this.kit, 'ctx.at, save, series, rebalance, random: this host has none');
  }

  /** Of the order desk: one plain order. */
  place(instrument: number, side: number, priceE4: number, qty: number, kind: number): number {
    return this.#place(instrument, side, priceE4, qty, kind, NO_OPTIONS);
  }

  timerAt(atNs: number): number {
    return this.#timers.add(atNs);
  }

  /** Made when first asked for: most strategies have none. */
  get indicators(): Indicators {
    const make = must(this.makeIndicators, 'ctx.indicators: this host has none');
    this.#made ??= make();
    return this.#made;
  }

  sma(period: number): Indicator {
    const kernel = this.#indicators;
    const handle = openHandle(kernel.smaOpen(period), `sma(${period})`);
    return { next: (value) => kernel.smaNext(handle, value) }; // hot-ok: at onInit
  }

  ema(period: number): Indicator {
    const kernel = this.#indicators;
    const handle = openHandle(kernel.emaOpen(period), `ema(${period})`);
    return { next: (value) => kernel.emaNext(handle, value) }; // hot-ok: at onInit
  }

  log(text: string): void {
    this.writeLog(text);
  }

  #place(
    instrument: number,
    side: number,
    priceE4: number,
    qty: number,
    kind: number,
    options: OrderOptions,
  ): number {
    if (this.stopped) return -REJECT_STRATEGY_STOPPED;
    const timeInForce = wholeOr(options.timeInForce ?? TIF_DAY, 0);
    const flags = wholeOr(options.flags ?? 0, -1);
    // What is not a whole number cannot be an int32: it becomes 0 and is refused by its code.
    const price = Number.isInteger(priceE4) ? priceE4 : 0;
    const shares = Number.isInteger(qty) && Math.abs(qty) < 2_147_483_648 ? qty : 0;
    if (this.night.isNight) {
      return this.#keep(instrument, side, price, shares, kind, timeInForce, flags);
    }
    const at = this.#out.claim(Intent.BYTES);
    if (at < 0) return -REJECT_BUSY;
    const intentNo = ++this.intentNo;
    this.#head(at, intentNo);
    const intent = this.#intent;
    intent.action = ACTION_PLACE;
    intent.instrument = instrument;
    intent.side = side;
    intent.kind = kind;
    intent.timeInForce = timeInForce;
    intent.flags = flags;
    intent.priceE4 = price;
    intent.qty = shares;
    this.#out.commit();
    const asked = intent.qty;
    if (asked > 0 && instrument >= 0 && instrument < this.positions.length) {
      this.desk.onAsk(intentNo, instrument, side, intent.priceE4, asked);
    }
    return intentNo;
  }

  /** Keeps an order for the next morning; its number, or minus a reject code. */
  #keep(
    instrument: number,
    side: number,
    priceE4: number,
    qty: number,
    kind: number,
    timeInForce: number,
    flags: number,
  ): number {
    const night = this.night;
    const n = night.claim();
    if (n < 0) return n;
    night.intentNo[n] = ++this.intentNo;
    night.instrument[n] = instrument;
    night.side[n] = side;
    night.kind[n] = kind;
    night.timeInForce[n] = timeInForce;
    night.flags[n] = flags;
    night.priceE4[n] = priceE4;
    night.qty[n] = qty;
    night.count++;
    return this.intentNo;
  }

  /** Sends what was kept overnight, as far as the ring has room. */
  sendNight(): void {
    const night = this.night;
    while (night.isDue) {
      const n = night.first;
      if (night.intentNo[n] !== 0) {
        const at = this.#out.claim(Intent.BYTES);
        if (at < 0) return;
        this.#head(at, night.intentNo[n]!);
        const intent = this.#intent;
        intent.eventNs = this.nowNs + night.delayNs(this.#facts.nightPerSecond ?? NIGHT_PER_SECOND);
        night.sentCount++;
        intent.action = ACTION_PLACE;
        intent.instrument = night.instrument[n]!;
        intent.side = night.side[n]!;
        intent.kind = night.kind[n]!;
        intent.timeInForce = night.timeInForce[n]!;
        intent.flags = night.flags[n]!;
        intent.priceE4 = night.priceE4[n]!;
        intent.qty = night.qty[n]!;
        this.#out.commit();
        const { instrument, side, priceE4, qty } = intent;
        if (qty > 0 && instrument >= 0 && instrument < this.positions.length) {
          this.desk.onAsk(night.intentNo[n]!, instrument, side, priceE4, qty);
        }
      }
      night.drop();
    }
  }

  #head(at: number, intentNo: number): void {
    const intent = this.#intent.begin(this.#out.memory, at);
    intent.eventNs = this.nowNs;
    intent.recvNs = this.recvNs;
    intent.source = STAGE_STRATEGY;
    intent.intentNo = intentNo;
    intent.strategy = this.#facts.index;
    intent.account = this.#facts.account;
    this.#clock.stamp(this.#stamp, 0);
    intent.intentAtNs = this.#stamp[0];
  }
}

/** The instruments a strategy was given. At start and once a day. */
function ownOf({ own, instruments }: StrategyFacts): Instrument[] {
  let isAll = own.length === instruments.length;
  for (let n = 0; isAll && n < own.length; n++) isAll = own[n] === n;
  return isAll ? instruments.slice() : own.map((i) => instruments[i]!);
}

const WHY_REFUSED: { readonly [code: number]: string } = {
  [BookCode.INDICATORS_FULL]:
    'no room for more averages: a strategy has 4,096 of them, or 8 an instrument where that is ' +
    'more, with windows of 512 bars an instrument together; ctx.indicators has room of its own',
  [BookCode.BAD_PERIOD]: 'expected a whole number of bars from 1 to 65,536',
};

/** A kernel handle, or a thrown error with the kernel's refusal. */
function openHandle(handle: number, name: string): number {
  if (handle >= 0) return handle;
  // hot-ok: at onInit
  throw new Error(`${name} refused: ${WHY_REFUSED[handle] ?? 'by the kernel'} (code ${handle})`);
}

/** A whole int32, or `other`: what is none is refused by its code. */
function wholeOr(value: number, other: number): number {
  return Number.isInteger(value) && Math.abs(value) < 2_147_483_648 ? value : other;
}

/** 0 where nothing is given, -1 (refused) where it is no quantity or price. */
function givenOr(value: number | undefined): number {
  if (value === undefined) return 0;
  const whole = wholeOr(value, -1);
  return whole > 0 ? whole : -1;
}
