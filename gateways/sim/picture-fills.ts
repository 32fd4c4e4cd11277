// Fills from three-second pictures: what was decided on one trades from the next. An order that
// reaches the other side takes what the new picture displays; one that rests trades by the volume
// between two pictures, as its queue model says. Called by touch-world.ts for instruments that come
// as pictures. The models with their formulas: docs/BACKTEST.md.
// Always: volume between two pictures is used once; at a sealed limit only the queue gives fills.
import {
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  SIDE_SELL,
} from '../../engine/messages/codes.ts';
import type { SnapshotTick } from '../../engine/messages/generated/market.ts';
import type { OwnSide } from './exchange-world.ts';

/** Where a resting order stands among the displayed shares of its price. */
export type QueueModel = 'prob' | 'pro-rata' | 'front';

const LEVELS = 10;

/** Best prices and volume of the picture before, per instrument. */
interface Before {
  bidE4: number;
  askE4: number;
  volume: number;
  amountE4: number;
}

/** Volume between two pictures that traded at the bid and at the ask of the first. */
export interface SidedVolume {
  readonly atBid: number;
  readonly atAsk: number;
}

/**
 * Splits volume by its mean price over the two prices that stood before it: exact when nothing else
 * traded; all on one side when the other was empty (a sealed limit).
 */
export function splitVolume(
  volume: number,
  amountE4: number,
  bidE4: number,
  askE4: number,
): SidedVolume {
  if (volume <= 0) return { atBid: 0, atAsk: 0 };
  if (bidE4 <= 0) return { atBid: 0, atAsk: volume };
  if (askE4 <= 0) return { atBid: volume, atAsk: 0 };
  const part = (amountE4 / volume - bidE4) / (askE4 - bidE4);
  const atAsk = Math.round(volume * Math.min(1, Math.max(0, part)));
  return { atBid: volume - atAsk, atAsk };
}

export class PictureFills {
  readonly #own: OwnSide;
  readonly #model: QueueModel;
  readonly #count: number;
  /** By instrument; made when the first picture comes. */
  #before: (Before | null)[] = [];
  /** 1 = the order has not met a picture yet; by slot. */
  readonly #isNew: Uint8Array;
  /** Displayed shares at its price when it was last looked at, by slot. */
  readonly #shown: Float64Array;

  constructor(instruments: number, own: OwnSide, model: QueueModel = 'prob') {
    this.#own = own;
    this.#model = model;
    this.#count = instruments;
    this.#isNew = own.working.isNew;
    this.#shown = own.working.shown;
  }

  arrive(slot: number): void {
    this.#isNew[slot] = 1;
  }

  /** The next picture: new orders meet what it displays, resting ones the volume before it. */
  onPicture(tick: SnapshotTick): void {
    const i = tick.instrument;
    if (this.#before.length === 0) this.#before = new Array<null>(this.#count).fill(null);
    const { working, fills } = this.#own;
    const before = this.#before[i] ?? null;
    const left = this.#volumeSince(before, tick);
    const used = { bid: 0, ask: 0 };
    const isOpen = tick.phase === PHASE_CONTINUOUS;
    for (let n = 0; isOpen && n < working.liveCount; n++) {
      const slot = working.liveSlots[n]!;
      if (working.instrument[slot] !== i) continue;
      const count = working.liveCount;
      if (this.#isNew[slot] === 1) this.#meet(slot, tick, used);
      else this.#wait(slot, tick, left, used);
      if (working.live[slot] === 1 && isImmediate(working.kind[slot]!)) fills.expireOrder(slot);
      if (working.liveCount < count) n--;
    }
    const { volume, amountE4 } = tick;
    this.#before[i] = { bidE4: tick.bidPriceE4(0), askE4: tick.askPriceE4(0), volume, amountE4 };
  }

  #volumeSince(before: Before | null, tick: SnapshotTick): { bid: number; ask: number } {
    if (before === null) return { bid: 0, ask: 0 };
    const { bidE4, askE4 } = before;
    const volume = tick.volume - before.volume;
    const { atBid, atAsk } = splitVolume(volume, tick.amountE4 - before.amountE4, bidE4, askE4);
    return { bid: atBid, ask: atAsk };
  }

  /** An order that has just come takes what is displayed, then joins the queue at its price. */
  #meet(slot: number, tick: SnapshotTick, used: { bid: number; ask: number }): void {
    const { working, fills } = this.#own;
    this.#isNew[slot] = 0;
    if (!this.#readKind(slot, tick)) {
      fills.expireOrder(slot);
      return;
    }
    if (working.kind[slot] === KIND_FOK && this.#within(slot, tick, used) < working.leaves(slot)) {
      fills.expireOrder(slot);
      return;
    }
    const lastE4 = this.#take(slot, tick, used);
    if (working.live[slot] === 0) return;
    if (working.kind[slot] === KIND_BEST5_LIMIT && lastE4 > 0) working.priceE4[slot] = lastE4;
    const priceE4 = working.priceE4[slot]!;
    if (priceE4 <= 0) {
      fills.expireOrder(slot);
      return;
    }
    const shown = shownAt(tick, working.side[slot]!, priceE4);
    this.#shown[slot] = shown;
    working.ahead[slot] = this.#model === 'front' ? 0 : shown;
  }

  /** Gives a kind without a limit the one it reads off the picture; false = that side is empty. */
  #readKind(slot: number, tick: SnapshotTick): boolean {
    const { working } = this.#own;
    const kind = working.kind[slot]!;
    if (kind !== KIND_OWN_BEST && kind !== KIND_OPPOSITE_BEST) return true;
    const looksToBid = (working.side[slot] === SIDE_BUY) === (kind === KIND_OWN_BEST);
    const bestE4 = looksToBid ? tick.bidPriceE4(0) : tick.askPriceE4(0);
    if (bestE4 > 0 && this.#takes(slot, bestE4)) working.priceE4[slot] = bestE4;
    return bestE4 > 0;
  }

  /** Displayed shares of the other side that the order's limit reaches and nobody of us took. */
  #within(slot: number, tick: SnapshotTick, used: { bid: number; ask: number }): number {
    const { working } = this.#own;
    const buys = working.side[slot] === SIDE_BUY;
    let sum = 0;
    for (let level = 0; level < LEVELS; level++) {
      const priceE4 = buys ? tick.askPriceE4(level) : tick.bidPriceE4(level);
      if (priceE4 <= 0 || !this.#takes(slot, priceE4)) break;
      sum += buys ? tick.askQty(level) : tick.bidQty(level);
    }
    return sum - (buys ? used.ask : used.bid);
  }

  /** Takes level by level what own orders before it have left; the last price, 0 = none. */
  #take(slot: number, tick: SnapshotTick, used: { bid: number; ask: number }): number {
    const { working, fills } = this.#own;
    const buys = working.side[slot] === SIDE_BUY;
    const kind = working.kind[slot];
    const levels = kind === KIND_BEST5_CANCEL || kind === KIND_BEST5_LIMIT ? 5 : LEVELS;
    let skip = buys ? used.ask : used.bid;
    let lastE4 = 0;
    for (let level = 0; level < levels && working.live[slot] === 1; level++) {
      const priceE4 = buys ? tick.askPriceE4(level) : tick.bidPriceE4(level);
      if (priceE4 <= 0 || !this.#takes(slot, priceE4)) break;
      const shown = buys ? tick.askQty(level) : tick.bidQty(level);
      const free = shown - Math.min(skip, shown);
      skip -= shown - free;
      const qty = Math.min(free, working.leaves(slot));
      if (qty <= 0) continue;
      if (buys) used.ask += qty;
      else used.bid += qty;
      lastE4 = priceE4;
      fills.fillOrder(slot, priceE4, qty);
    }
    return lastE4;
  }

  #takes(slot: number, priceE4: number): boolean {
    const { working } = this.#own;
    return working.priceE4[slot] === 0 || working.accepts(slot, priceE4);
  }

  /** A resting order: traded volume at its price, or prices that went through it. */
  #wait(
    slot: number,
    tick: SnapshotTick,
    left: { bid: number; ask: number },
    used: { bid: number; ask: number },
  ): void {
    const { working, fills } = this.#own;
    const side = working.side[slot]!;
    const buys = side === SIDE_BUY;
    const priceE4 = working.priceE4[slot]!;
    const before = this.#before[tick.instrument]!;
    const best = buys ? before.bidE4 : before.askE4;
    const other = buys ? tick.askPriceE4(0) : tick.bidPriceE4(0);
    const volume = buys ? left.bid : left.ask;
    // The other side stands at our price now: it came through us on its way, and is still there.
    if (other > 0 && working.accepts(slot, other)) {
      const qty = Math.min(working.leaves(slot), Math.max(0, this.#within(slot, tick, used)));
      if (qty > 0) fills.fillOrder(slot, priceE4, qty);
      if (buys) used.ask += qty;
      else used.bid += qty;
      return;
    }
    const isBehind = best > 0 && (buys ? priceE4 < best : priceE4 > best);
    const now = shownAt(tick, side, priceE4);
    const traded = isBehind ? 0 : volume;
    const qty = Math.min(this.#share(slot, traded, now), working.leaves(slot), volume);
    this.#shown[slot] = now;
    if (qty <= 0) return;
    if (buys) left.bid -= qty;
    else left.ask -= qty;
    fills.fillOrder(slot, priceE4, qty);
  }

  /** Shares of the volume at its price that are the order's, by the queue model. */
  #share(slot: number, traded: number, now: number): number {
    const { working } = this.#own;
    if (this.#model === 'front') return Math.floor(traded);
    const shown = this.#shown[slot]!;
    if (this.#model === 'pro-rata') {
      const leaves = working.leaves(slot);
      return Math.floor((traded * leaves) / (leaves + shown));
    }
    // What left without trading was cancelled: ahead of us as likely as its share of the queue.
    const ahead = working.ahead[slot]!;
    const gone = Math.max(0, shown - now - traded);
    const cancelled = shown > 0 ? gone * Math.min(1, ahead / shown) : 0;
    const rest = ahead - cancelled - traded;
    working.ahead[slot] = Math.max(0, rest);
    return rest < 0 ? Math.floor(Math.min(traded, -rest)) : 0;
  }
}

/** Shares a picture displays at a price, 0 = none among its levels. */
function shownAt(tick: SnapshotTick, side: number, priceE4: number): number {
  for (let level = 0; level < LEVELS; level++) {
    if (side === SIDE_BUY && tick.bidPriceE4(level) === priceE4) return tick.bidQty(level);
    if (side === SIDE_SELL && tick.askPriceE4(level) === priceE4) return tick.askQty(level);
  }
  return 0;
}

function isImmediate(kind: number): boolean {
  return kind === KIND_IOC || kind === KIND_FOK || kind === KIND_BEST5_CANCEL;
}
