// Brings the holdings of a strategy to targets over some minutes: sells first, buys as the proceeds
// come, prices anew what does not trade, and says at the end what was left over and why. Stepped by
// the kit, at most once a second and after news. Invariants: one order works for a line at a time;
// nothing is bought with money that is not there; an order at a sealed limit keeps its place.
import type { Instrument } from '../core/instrument.ts';
import {
  REJECT_CASH,
  REJECT_EXPIRED,
  REJECT_LOT_STEP,
  REJECT_NO_REFERENCE_PRICE,
  rejectText,
} from '../core/reject-code.ts';
import type { KitContext } from '../core/strategy-kit.ts';
import type {
  RebalanceLeft,
  RebalanceOptions,
  RebalanceTarget,
  RebalanceView,
} from '../core/strategy-orders.ts';
import { SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';

const SECOND_NS = 1_000_000_000;
const UNTIL_NS = 300 * SECOND_NS;
const REPRICE_S = 15;
/** Refusals in a row after which a line is given up. */
const REFUSALS_MAX = 3;
const UNKNOWN_QTY = -1;

interface Line {
  readonly instrument: number;
  readonly wish: RebalanceTarget;
  /** UNKNOWN_QTY until a price is known. */
  targetQty: number;
  orderNo: number;
  priceE4: number;
  placedNs: number;
  refusals: number;
  code: number;
}

export class Rebalance {
  readonly no: number;
  /** When the next step is wanted. */
  dueNs: number;
  over = false;
  readonly #context: KitContext;
  readonly #lines: Line[];
  readonly #equityE4: number;
  readonly #untilNs: number;
  readonly #repriceNs: number;
  readonly #orders = new Set<number>();
  #soldE4 = 0;
  #boughtE4 = 0;
  #isEnding = false;

  /** Throws a text naming the line that makes no sense. */
  constructor(
    no: number,
    context: KitContext,
    targets: readonly RebalanceTarget[],
    options: RebalanceOptions,
  ) {
    this.no = no;
    this.#context = context;
    this.#equityE4 = context.desk.equityE4();
    this.#untilNs = options.untilNs ?? context.nowNs + UNTIL_NS;
    this.#repriceNs = (options.repriceS ?? REPRICE_S) * SECOND_NS;
    this.dueNs = context.nowNs;
    const given = new Set(targets.map(({ instrument }) => instrument));
    if (given.size !== targets.length) throw new Error('rebalance: an instrument is named twice');
    const own = new Map(context.instruments.map((one) => [one.index, one]));
    const wishes = targets.map((target) => checked(target, own));
    if (options.sellOthers === true) {
      for (const { index } of context.instruments) {
        const isHeld = context.desk.heldQty(index) + context.desk.working.openBuy[index]! > 0;
        if (isHeld && !given.has(index)) wishes.push({ instrument: index, qty: 0 });
      }
    }
    const fresh = { orderNo: 0, priceE4: 0, placedNs: 0, refusals: 0, code: 0 };
    this.#lines = wishes.map((wish) => {
      return { ...fresh, instrument: wish.instrument, wish, targetQty: UNKNOWN_QTY };
    });
  }

  onTrade(intentNo: number, side: number, amountE4: number): void {
    if (!this.#orders.has(intentNo)) return;
    if (side === SIDE_BUY) this.#boughtE4 += amountE4;
    else this.#soldE4 += amountE4;
    this.dueNs = this.#context.nowNs;
  }

  onRefusal(intentNo: number, code: number): void {
    const line = this.#lines.find((one) => one.orderNo === intentNo);
    if (line === undefined) return;
    line.refusals++;
    line.code = code;
  }

  /** One step; true when it is over. */
  step(nowNs: number): boolean {
    this.dueNs = nowNs + SECOND_NS;
    if (nowNs >= this.#untilNs) this.#isEnding = true;
    const { desk } = this.#context;
    let sells = 0;
    let works = 0;
    let waits = 0;
    for (const line of this.#lines) {
      if (desk.working.has(line.orderNo)) {
        works++;
        this.#mind(line, nowNs);
        if (this.#sideOf(line) === SIDE_SELL || desk.working.openSell[line.instrument]! > 0) {
          sells++;
        }
      } else if (this.#mayTry(line) && this.#sideOf(line) === SIDE_SELL) {
        this.#sell(line, nowNs);
        if (desk.working.has(line.orderNo)) sells++;
        if (line.code !== REJECT_LOT_STEP) waits++;
      }
    }
    for (const line of this.#lines) {
      if (desk.working.has(line.orderNo) || !this.#mayTry(line)) continue;
      if (this.#sideOf(line) !== SIDE_BUY) continue;
      this.#buy(line, nowNs, sells > 0);
      if (line.code !== REJECT_LOT_STEP && (line.code !== REJECT_CASH || sells > 0)) waits++;
    }
    this.over = works === 0 && (this.#isEnding || waits === 0);
    return this.over;
  }

  /** Another one takes its place. */
  cancelAll(): void {
    for (const { orderNo } of this.#lines) {
      if (this.#context.desk.working.has(orderNo)) this.#context.cancel(orderNo);
    }
  }

  /** What came of it. */
  view(): RebalanceView {
    const left: RebalanceLeft[] = [];
    for (const line of this.#lines) {
      const qty = line.targetQty === UNKNOWN_QTY ? 0 : Math.abs(this.#missing(line));
      if (line.targetQty !== UNKNOWN_QTY && qty === 0) continue;
      const code = line.code === 0 ? REJECT_EXPIRED : line.code;
      const why = code === REJECT_EXPIRED ? 'not filled in time' : rejectText(code).en;
      left.push({ instrument: line.instrument, side: this.#sideOf(line), qty, code, why });
    }
    const { no } = this;
    return {
      ...{ no, orders: this.#orders.size, left },
      ...{ soldE4: this.#soldE4, boughtE4: this.#boughtE4 },
    };
  }

  #mayTry(line: Line): boolean {
    if (this.#isEnding || line.refusals >= REFUSALS_MAX) return false;
    if (line.targetQty === UNKNOWN_QTY) this.#resolve(line);
    return true;
  }

  /** The target in shares, once the instrument has a price. */
  #resolve(line: Line): void {
    const { desk } = this.#context;
    const { qty, valueE4, weight } = line.wish;
    if (qty !== undefined) {
      line.targetQty = qty;
      return;
    }
    const wantedE4 = valueE4 ?? Math.floor((weight ?? 0) * this.#equityE4);
    const worthE4 = desk.worthE4(line.instrument);
    const held = desk.heldQty(line.instrument);
    if (wantedE4 === 0) line.targetQty = 0;
    else if (worthE4 === 0) line.code = REJECT_NO_REFERENCE_PRICE;
    else if (wantedE4 < held * worthE4) line.targetQty = Math.ceil(wantedE4 / worthE4);
    else {
      const priceE4 = desk.priceE4(line.instrument, SIDE_BUY);
      if (priceE4 < 0) line.code = -priceE4;
      else {
        const more = desk.buyQtyFor(line.instrument, wantedE4 - held * worthE4, priceE4);
        line.targetQty = held + more;
      }
    }
  }

  /** Shares to buy (> 0) or sell (< 0), working orders not counted. */
  #missing(line: Line): number {
    return line.targetQty - this.#context.desk.heldQty(line.instrument);
  }

  #sideOf(line: Line): number {
    if (line.targetQty === UNKNOWN_QTY) return 0;
    const missing = this.#missing(line);
    if (missing === 0) return 0;
    return missing > 0 ? SIDE_BUY : SIDE_SELL;
  }

  /** What other orders of the strategy offer already is waited for. */
  #sell(line: Line, nowNs: number): void {
    const { desk } = this.#context;
    const { instrument } = line;
    const surplus = -this.#missing(line) - desk.working.openSell[instrument]!;
    if (surplus <= 0) line.code = 0;
    else this.#placed(line, SIDE_SELL, desk.order(instrument, -surplus), nowNs);
  }

  /** Buys all that is missing; with less money only when no more is coming from sells. */
  #buy(line: Line, nowNs: number, hasSells: boolean): void {
    const { desk } = this.#context;
    const { instrument } = line;
    const missing = this.#missing(line) - desk.working.openBuy[instrument]!;
    if (missing <= 0) {
      line.code = 0;
      return;
    }
    const priceE4 = desk.priceE4(instrument, SIDE_BUY);
    if (priceE4 < 0) {
      line.code = -priceE4;
      return;
    }
    const can = desk.buyQtyFor(instrument, desk.availableE4(), priceE4);
    if (can >= missing) this.#placed(line, SIDE_BUY, desk.order(instrument, missing), nowNs);
    else if (hasSells || can === 0) line.code = REJECT_CASH;
    else {
      this.#placed(line, SIDE_BUY, desk.order(instrument, can), nowNs);
      if (line.code === 0) line.code = REJECT_CASH;
    }
  }

  #placed(line: Line, side: number, no: number, nowNs: number): void {
    const { desk } = this.#context;
    line.code = no > 0 ? desk.rest.code : -no;
    if (no <= 0) return;
    line.orderNo = no;
    line.priceE4 = desk.priceE4(line.instrument, side);
    line.placedNs = nowNs;
    this.#orders.add(no);
  }

  /**
   * A working order: cancelled at the end, and when its time is over and a better price is known.
   */
  #mind(line: Line, nowNs: number): void {
    const isOld = nowNs - line.placedNs >= this.#repriceNs;
    if (!this.#isEnding && !isOld) return;
    const side = this.#sideOf(line);
    const priceE4 = this.#context.desk.priceE4(line.instrument, side);
    if (!this.#isEnding && (priceE4 < 0 || priceE4 === line.priceE4)) return;
    // Once: the next step finds it over, or asks again after another while.
    line.placedNs = nowNs;
    this.#context.cancel(line.orderNo);
  }
}

function checked(target: RebalanceTarget, own: ReadonlyMap<number, Instrument>): RebalanceTarget {
  const { instrument, qty, valueE4, weight } = target;
  const name = own.get(instrument)?.symbol;
  if (name === undefined) throw new Error(`rebalance: instrument ${instrument} was not given`);
  const given = [qty, valueE4, weight].filter((one) => one !== undefined);
  const one = given[0];
  if (given.length !== 1 || one === undefined || !Number.isFinite(one) || one < 0) {
    throw new Error(`rebalance ${name}: expected one of qty, valueE4, weight, not below 0`);
  }
  if (weight !== undefined && weight > 1) {
    throw new Error(`rebalance ${name}: weight ${weight}, expected at most 1 (0.1 = a tenth)`);
  }
  return target;
}
