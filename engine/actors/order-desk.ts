// The order helpers of one strategy: from "hold 2,000 of it" or "for 50,000 yuan" to a valid limit
// order. Made by the strategy context, told ticks and news by the host. Invariants: quantities are
// floored to the board's step, never raised; a budget covers fees and minimum commission; targets
// count working orders; a book that is stale or too old prices nothing; nothing is allocated.

import { buyReserveE4, type FeeSchedule } from '../core/fees.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { CAGE_NONE, type Instrument, phaseByClock } from '../core/instrument.ts';
import { columnsOf } from '../core/instrument-columns.ts';
import {
  aggressivePriceE4,
  type BookTop,
  callPriceE4,
  type Reach,
  referenceE4,
} from '../core/ordering/aggressive-price.ts';
import { affordableQty } from '../core/ordering/budget.ts';
import { floorBuyQty, floorSellQty } from '../core/ordering/lots.ts';
import { type Holding, SHORT_LOCKED, stepToTarget, TargetStep } from '../core/ordering/target.ts';
import { WorkingOrders } from '../core/ordering/working-orders.ts';
import {
  REJECT_CASH,
  REJECT_LOT_STEP,
  REJECT_NO_REFERENCE_PRICE,
  REJECT_NONE,
  REJECT_QTY_NOT_POSITIVE,
  REJECT_SELLABLE,
  REJECT_STALE_QUOTE,
  REJECT_SUSPENDED,
  REJECT_UNKNOWN_INSTRUMENT,
} from '../core/reject-code.ts';
import { isCall } from '../core/session.ts';
import type { AccountView, PositionView } from '../core/strategy.ts';
import type { OrderRest, OrderWish } from '../core/strategy-orders.ts';
import {
  FLAG_STALE,
  KIND_LIMIT,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  SIDE_BUY,
  SIDE_SELL,
} from '../messages/codes.ts';
import type { Bar, Phase, SnapshotTick } from '../messages/generated/market.ts';
import type { Fill, OrderUpdate } from '../messages/generated/order.ts';

/** A book older than this prices no order, unless the wish says otherwise. */
const MAX_AGE_S = 60;
const SECOND_NS = 1_000_000_000;
/** Reach where the exchange sets no cage (funds, bonds): two percent, as its narrowest cage. */
const REACH_PERCENT = 2;
const NO_WISH: OrderWish = {};
/** Where a book comes from. */
const FROM_NOTHING = 0;
const FROM_TICK = 1;
const FROM_BAR = 2;

/** What the desk needs of its context. */
export interface DeskContext {
  readonly nowNs: number;
  readonly lastPricesE4: Int32Array;
  readonly positions: readonly PositionView[];
  readonly accountState: AccountView;
  place(instrument: number, side: number, priceE4: number, qty: number, kind: number): number;
}

class Rest implements OrderRest {
  qty = 0;
  code = REJECT_NONE;
}

class Top implements BookTop {
  bidE4 = 0;
  askE4 = 0;
  lastE4 = 0;
  preCloseE4 = 0;
  upperLimitE4 = 0;
  lowerLimitE4 = 0;
}

class Held implements Holding {
  qty = 0;
  sellable = 0;
  openBuy = 0;
  openSell = 0;
}

class NarrowReach implements Reach {
  tickE4 = 0;
  cageUpPercent = REACH_PERCENT;
  cageDownPercent = REACH_PERCENT;
  cageTicks = 0;
}

export class OrderDesk {
  readonly working: WorkingOrders;
  readonly rest = new Rest();
  readonly #context: DeskContext;
  #instruments: readonly Instrument[];
  #fees: readonly FeeSchedule[];
  readonly #bidE4: Int32Array;
  readonly #askE4: Int32Array;
  readonly #upperE4: Int32Array;
  readonly #lowerE4: Int32Array;
  readonly #phase: Int8Array;
  readonly #flags: Int16Array;
  readonly #source: Uint8Array;
  readonly #seenNs: Float64Array;
  /** The phases told whole so far: their number, and the last one's phase and time. */
  #wholeCount = 0;
  #wholePhase = 0;
  #wholeNs = FLOAT_ZERO;
  /** How many had been told when the columns of an instrument were written. */
  readonly #seenWhole: Int32Array;
  /** Own fills that the told position does not hold yet, and what others hold frozen. */
  readonly #newQty: Int32Array;
  readonly #newSold: Int32Array;
  readonly #othersFrozen: Int32Array;
  /** What own fills spent or earned since the account was told; what others hold reserved. */
  #newCashE4 = FLOAT_ZERO;
  #othersReservedE4 = FLOAT_ZERO;
  readonly #top = new Top();
  readonly #held = new Held();
  readonly #narrow = new NarrowReach();
  readonly #step = new TargetStep();

  /** `fees` by instrument; an instrument without one costs nothing. */
  constructor(
    context: DeskContext,
    instruments: readonly Instrument[],
    fees: readonly FeeSchedule[],
  ) {
    const n = instruments.length;
    this.#context = context;
    this.#instruments = instruments;
    this.#fees = fees;
    this.working = new WorkingOrders(n);
    this.#bidE4 = new Int32Array(n);
    this.#askE4 = new Int32Array(n);
    this.#upperE4 = columnsOf(instruments).upperE4.slice();
    this.#lowerE4 = columnsOf(instruments).lowerE4.slice();
    this.#phase = new Int8Array(n);
    this.#flags = new Int16Array(n);
    this.#source = new Uint8Array(n);
    this.#seenNs = new Float64Array(n);
    this.#seenWhole = new Int32Array(n);
    this.#newQty = new Int32Array(n);
    this.#newSold = new Int32Array(n);
    this.#othersFrozen = new Int32Array(n);
  }

  /** Another day of the same run, with as many instruments: nothing is known of it yet. */
  beginDay(instruments: readonly Instrument[], fees: readonly FeeSchedule[]): void {
    this.#instruments = instruments;
    this.#fees = fees;
    const { upperE4, lowerE4 } = columnsOf(instruments);
    this.#upperE4.set(upperE4);
    this.#lowerE4.set(lowerE4);
    this.working.clear();
    this.rest.qty = 0;
    this.rest.code = REJECT_NONE;
    this.#bidE4.fill(0);
    this.#askE4.fill(0);
    this.#phase.fill(0);
    this.#flags.fill(0);
    this.#source.fill(FROM_NOTHING);
    this.#seenNs.fill(0);
    this.#newQty.fill(0);
    this.#newSold.fill(0);
    this.#othersFrozen.fill(0);
    this.#newCashE4 = 0;
    this.#othersReservedE4 = 0;
  }

  // -- what the host tells ------------------------------------------------------------------

  onTick(tick: SnapshotTick): void {
    const i = tick.instrument;
    this.#seenWhole[i] = this.#wholeCount;
    this.#bidE4[i] = tick.bidPriceE4(0);
    this.#askE4[i] = tick.askPriceE4(0);
    this.#phase[i] = tick.phase;
    this.#flags[i] = tick.flags;
    this.#source[i] = FROM_TICK;
    this.#seenNs[i] = tick.eventNs;
    const upperE4 = tick.upperLimitE4;
    // A feed without limits leaves those of the rule book.
    if (upperE4 === 0 || upperE4 === this.#upperE4[i]) return;
    this.#upperE4[i] = upperE4;
    this.#lowerE4[i] = tick.lowerLimitE4;
  }

  /** A phase of the market where ticks show no book, as a tick of each would tell it. */
  onWholePhase(phase: Phase): void {
    this.#wholeCount++;
    this.#wholePhase = phase.phase;
    this.#wholeNs = phase.eventNs;
  }

  /** Writes down what the last whole phase told, before somebody looks at an instrument. */
  #catchUp(i: number): void {
    if (this.#seenWhole[i] === this.#wholeCount) return;
    this.#seenWhole[i] = this.#wholeCount;
    this.#bidE4[i] = 0;
    this.#askE4[i] = 0;
    this.#phase[i] = this.#wholePhase;
    this.#flags[i] = 0;
    this.#source[i] = FROM_TICK;
    this.#seenNs[i] = this.#wholeNs;
  }

  onBar(bar: Bar): void {
    const i = bar.instrument;
    if (this.#source[i] === FROM_TICK || this.#seenWhole[i] !== this.#wholeCount) return;
    this.#source[i] = FROM_BAR;
    this.#seenNs[i] = bar.eventNs;
  }

  /** Phase of the last tick of an instrument. */
  phaseOf(i: number): number {
    this.#catchUp(i);
    return this.#phase[i];
  }

  onOrder(order: OrderUpdate, isOpen: boolean): void {
    const { intentNo, instrument, side } = order;
    const leaves = isOpen ? order.qty - order.filledQty : 0;
    const amountE4 = leaves * order.priceE4;
    const costE4 =
      side === SIDE_BUY ? this.#holdsE4(instrument, order.filledAmountE4, amountE4) : 0;
    this.working.update(intentNo, instrument, side, leaves, costE4);
  }

  onFill(fill: Fill): void {
    const { instrument, qty } = fill;
    const amountE4 = fill.priceE4 * qty;
    this.working.filled(fill.intentNo, fill.leavesQty);
    if (fill.side === SIDE_BUY) {
      this.#newQty[instrument] += qty;
      this.#newCashE4 -= amountE4 + fill.feeE4;
    } else {
      this.#newQty[instrument] -= qty;
      this.#newSold[instrument] += qty;
      this.#newCashE4 += amountE4 - fill.feeE4;
    }
  }

  /** The OMS told the position of an instrument: it holds all fills told before. */
  onPosition(i: number): void {
    this.#newQty[i] = 0;
    this.#newSold[i] = 0;
    const others = this.#context.positions[i]!.frozenQty - this.working.knownSell[i];
    this.#othersFrozen[i] = others > 0 ? others : 0;
  }

  onAccount(): void {
    this.#newCashE4 = 0;
    const othersE4 = this.#context.accountState.reservedE4 - this.working.knownBuyE4;
    this.#othersReservedE4 = othersE4 > 0 ? othersE4 : 0;
  }

  /** An order was asked for: it counts from now on. */
  onAsk(intentNo: number, i: number, side: number, priceE4: number, qty: number): void {
    const costE4 = side === SIDE_BUY ? this.#holdsE4(i, 0, priceE4 * qty) : 0;
    this.working.ask(intentNo, i, side, qty, costE4);
  }

  #holdsE4(i: number, filledE4: number, leavesE4: number): number {
    const fees = this.#fees[i];
    return fees === undefined ? leavesE4 : buyReserveE4(fees, SIDE_BUY, filledE4, leavesE4);
  }

  // -- what a strategy asks -----------------------------------------------------------------

  /** Cash that no working order holds, fills and orders of this very hook included. */
  availableE4(): number {
    const { cashE4 } = this.#context.accountState;
    return cashE4 + this.#newCashE4 - this.#othersReservedE4 - this.working.openBuyE4;
  }

  /** Shares held, fills of this very hook included. */
  heldQty(i: number): number {
    return this.#context.positions[i]!.qty + this.#newQty[i];
  }

  /** Shares that may still be offered: working sells and those of others taken off. */
  freeQty(i: number): number {
    const { sellableQty, frozenQty } = this.#context.positions[i]!;
    const all = sellableQty + frozenQty - this.#othersFrozen[i] - this.#newSold[i];
    return Math.max(0, all - this.working.openSell[i]);
  }

  /** The price of an order on this side now, or minus the code that says why there is none. */
  priceE4(i: number, side: number, wish: OrderWish = NO_WISH): number {
    const instrument = this.#instruments[i];
    if (instrument === undefined) return -REJECT_UNKNOWN_INSTRUMENT;
    if (wish.priceE4 !== undefined) return wish.priceE4;
    this.#catchUp(i);
    if (this.#phase[i] === PHASE_HALTED) return -REJECT_SUSPENDED;
    const { nowNs } = this.#context;
    const phase = phaseByClock(instrument.phases, nowNs);
    const top = this.#topOf(i, instrument);
    const reach = this.#reachOf(instrument);
    if (isCall(phase)) return callPriceE4(side, top, reach) || -REJECT_NO_REFERENCE_PRICE;
    const source = this.#source[i];
    if (source === FROM_NOTHING || (this.#flags[i] & FLAG_STALE) !== 0) return -REJECT_STALE_QUOTE;
    const age = nowNs - this.#seenNs[i];
    const isOld = age > (wish.maxAgeS ?? MAX_AGE_S) * SECOND_NS;
    if (isOld && source === FROM_TICK && phase === PHASE_CONTINUOUS) return -REJECT_STALE_QUOTE;
    return aggressivePriceE4(side, top, reach) || -REJECT_NO_REFERENCE_PRICE;
  }

  /** What a share is worth now: last price, else the book, else preclose; 0 = nobody knows. */
  worthE4(i: number): number {
    const lastE4 = this.#context.lastPricesE4[i];
    if (lastE4 > 0) return lastE4;
    const instrument = this.#instruments[i];
    return instrument === undefined ? 0 : referenceE4(SIDE_SELL, this.#topOf(i, instrument));
  }

  /** Buys (qty > 0) or sells (qty < 0) so many shares, floored. */
  order(i: number, qty: number, wish: OrderWish = NO_WISH): number {
    this.#clear();
    const instrument = this.#instruments[i];
    if (instrument === undefined) return this.#refuse(0, REJECT_UNKNOWN_INSTRUMENT);
    if (!Number.isFinite(qty)) return this.#refuse(0, REJECT_QTY_NOT_POSITIVE);
    if (qty === 0) return 0;
    if (qty > 0) return this.#send(i, SIDE_BUY, floorBuyQty(qty, instrument), qty, wish, 0);
    const free = this.freeQty(i);
    const sold = floorSellQty(-qty, free, instrument);
    return this.#send(i, SIDE_SELL, sold, -qty, wish, free < -qty ? REJECT_SELLABLE : 0);
  }

  /** Buys or sells toward a holding of `target` shares. */
  target(i: number, target: number, wish: OrderWish = NO_WISH): number {
    this.#clear();
    const instrument = this.#instruments[i];
    if (instrument === undefined) return this.#refuse(0, REJECT_UNKNOWN_INSTRUMENT);
    if (!Number.isFinite(target) || target < 0) return this.#refuse(0, REJECT_QTY_NOT_POSITIVE);
    const step = stepToTarget(this.#step, Math.floor(target), this.#holdingOf(i), instrument);
    const wanted = step.qty + step.leftQty;
    if (wanted === 0) return 0;
    const code = step.short === SHORT_LOCKED ? REJECT_SELLABLE : 0;
    const side = step.side === 0 ? this.#sideTo(i, target) : step.side;
    return this.#send(i, side, step.qty, wanted, wish, code);
  }

  /** Buys for at most so much money, fees included; sells shares of so much value when below 0. */
  value(i: number, amountE4: number, wish: OrderWish = NO_WISH): number {
    this.#clear();
    const instrument = this.#instruments[i];
    if (instrument === undefined) return this.#refuse(0, REJECT_UNKNOWN_INSTRUMENT);
    if (!Number.isFinite(amountE4)) return this.#refuse(0, REJECT_QTY_NOT_POSITIVE);
    if (amountE4 === 0) return 0;
    if (amountE4 < 0) {
      const worthE4 = this.worthE4(i);
      if (worthE4 === 0) return this.#refuse(0, REJECT_NO_REFERENCE_PRICE);
      return this.order(i, -Math.floor(-amountE4 / worthE4), wish);
    }
    const priceE4 = this.priceE4(i, SIDE_BUY, wish);
    if (priceE4 < 0) return this.#refuse(0, -priceE4);
    const qty = this.buyQtyFor(i, Math.min(amountE4, this.availableE4()), priceE4);
    const wanted = Math.max(qty, floorBuyQty(amountE4 / priceE4, instrument));
    return this.#place(i, SIDE_BUY, priceE4, qty, wanted, wish, REJECT_CASH);
  }

  /** Buys or sells toward a holding worth `amountE4`; 0 sells everything, the odd lot too. */
  targetValue(i: number, amountE4: number, wish: OrderWish = NO_WISH): number {
    if (amountE4 === 0 || this.#instruments[i] === undefined) return this.target(i, 0, wish);
    this.#clear();
    const worthE4 = this.worthE4(i);
    if (worthE4 === 0) return this.#refuse(0, REJECT_NO_REFERENCE_PRICE);
    const coming = this.heldQty(i) + this.working.openBuy[i] - this.working.openSell[i];
    const moreE4 = amountE4 - coming * worthE4;
    if (moreE4 >= 0) return this.value(i, moreE4, wish);
    return this.target(i, Math.ceil(amountE4 / worthE4), wish);
  }

  /** Shares that so much money buys at a price, fees included; floored. */
  buyQtyFor(i: number, budgetE4: number, priceE4: number): number {
    const instrument = this.#instruments[i]!;
    const fees = this.#fees[i];
    if (fees === undefined) return floorBuyQty(budgetE4 / priceE4, instrument);
    return affordableQty(fees, instrument, budgetE4, priceE4);
  }

  /** Cash and market value of the account. */
  equityE4(): number {
    const { cashE4, marketValueE4 } = this.#context.accountState;
    return cashE4 + marketValueE4;
  }

  #sideTo(i: number, target: number): number {
    const coming = this.heldQty(i) + this.working.openBuy[i] - this.working.openSell[i];
    return target > coming ? SIDE_BUY : SIDE_SELL;
  }

  #holdingOf(i: number): Holding {
    const held = this.#held;
    held.qty = this.heldQty(i);
    held.sellable = this.freeQty(i);
    held.openBuy = this.working.openBuy[i];
    held.openSell = this.working.openSell[i];
    return held;
  }

  #send(
    i: number,
    side: number,
    qty: number,
    wanted: number,
    wish: OrderWish,
    code: number,
  ): number {
    const priceE4 = qty > 0 ? this.priceE4(i, side, wish) : 0;
    if (priceE4 < 0) return this.#refuse(wanted, -priceE4);
    return this.#place(i, side, priceE4, qty, wanted, wish, code);
  }

  #place(
    i: number,
    side: number,
    priceE4: number,
    qty: number,
    wanted: number,
    wish: OrderWish,
    code: number,
  ): number {
    const why = code === 0 ? REJECT_LOT_STEP : code;
    if (qty <= 0) return this.#refuse(wanted, why);
    const no = this.#context.place(i, side, priceE4, qty, wish.kind ?? KIND_LIMIT);
    if (no < 0) return this.#refuse(wanted, -no);
    this.rest.qty = wanted - qty;
    this.rest.code = wanted > qty ? why : REJECT_NONE;
    return no;
  }

  #clear(): void {
    this.rest.qty = 0;
    this.rest.code = REJECT_NONE;
  }

  #refuse(qty: number, code: number): number {
    this.rest.qty = qty;
    this.rest.code = code;
    return -code;
  }

  #topOf(i: number, instrument: Instrument): BookTop {
    this.#catchUp(i);
    const top = this.#top;
    top.bidE4 = this.#bidE4[i];
    top.askE4 = this.#askE4[i];
    top.lastE4 = this.#context.lastPricesE4[i];
    top.preCloseE4 = instrument.preCloseE4;
    top.upperLimitE4 = this.#upperE4[i];
    top.lowerLimitE4 = this.#lowerE4[i];
    return top;
  }

  #reachOf(instrument: Instrument): Reach {
    if (instrument.cage !== CAGE_NONE) return instrument;
    this.#narrow.tickE4 = instrument.tickE4;
    return this.#narrow;
  }
}
