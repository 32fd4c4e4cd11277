// The price range each instrument's book must cover: the day's limits where they are known, else
// what the tape holds. Called when a setup is made. Looking through the whole tape decides memory
// layout only; no actor sees it, so no decision can know the future by it.
import type { BookWindow } from '../core/book-builder.ts';
import type { Instrument } from '../core/instrument.ts';
import { MARKET_ADD } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Bar, MarketOrder, MarketTrade, SnapshotTick } from '../messages/generated/market.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Tape } from './tape.ts';

/** Ticks of a book whose prices are not known at all. */
const SPARE_TICKS = 64;
/** Order slots of an instrument that comes as bars. */
const BARS_QUOTA = 1;

/** Lowest and highest price per instrument index; 0 = none seen. */
class PriceRange implements FrameHandler {
  readonly lowE4: Int32Array;
  readonly highE4: Int32Array;
  readonly firstE4: Int32Array;
  readonly lastE4: Int32Array;
  /** 1 = an order, trade or picture of it was seen. */
  readonly hasBook: Uint8Array;
  readonly #bar = new Bar();
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #tick = new SnapshotTick();
  /** Most orders resting at once, at most: adds so far. */
  readonly adds: Int32Array;

  constructor(count: number) {
    this.lowE4 = new Int32Array(count);
    this.highE4 = new Int32Array(count);
    this.firstE4 = new Int32Array(count);
    this.lastE4 = new Int32Array(count);
    this.hasBook = new Uint8Array(count);
    this.adds = new Int32Array(count);
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Bar.TYPE) {
      const bar = this.#bar.wrap(memory, at);
      this.lastE4[bar.instrument] = bar.closeE4;
      this.#first(bar.instrument, bar.openE4);
    } else if (type === MarketOrder.TYPE) {
      const order = this.#order.wrap(memory, at);
      this.hasBook[order.instrument] = 1;
      if (order.action === MARKET_ADD) this.adds[order.instrument]++;
      this.#see(order.instrument, order.priceE4);
    } else if (type === MarketTrade.TYPE) {
      const trade = this.#trade.wrap(memory, at);
      this.hasBook[trade.instrument] = 1;
      this.lastE4[trade.instrument] = trade.priceE4;
      this.#first(trade.instrument, trade.priceE4);
      this.#see(trade.instrument, trade.priceE4);
    } else if (type === SnapshotTick.TYPE) {
      const tick = this.#tick.wrap(memory, at);
      this.hasBook[tick.instrument] = 1;
      if (tick.lastE4 > 0) this.lastE4[tick.instrument] = tick.lastE4;
      this.#first(tick.instrument, tick.lastE4);
      this.#see(tick.instrument, tick.lastE4);
    }
  }

  #first(i: number, priceE4: number): void {
    if (this.firstE4[i] === 0) this.firstE4[i] = priceE4;
  }

  #see(i: number, priceE4: number): void {
    if (priceE4 <= 0) return;
    if (this.lowE4[i] === 0 || priceE4 < this.lowE4[i]!) this.lowE4[i] = priceE4;
    if (priceE4 > this.highE4[i]!) this.highE4[i] = priceE4;
  }
}

/** Windows by instrument, and order slots one instrument needs at most. */
export interface Windows {
  readonly windows: readonly BookWindow[];
  readonly quota: number;
  /** Price of each instrument's first trade or snapshot; 0 = none. */
  readonly firstTradesE4: ArrayLike<number>;
  /** Last price of each instrument's trades, pictures or bars; 0 = none. */
  readonly lastPricesE4: ArrayLike<number>;
  /** The tape holds bars and nothing that makes a book. */
  readonly hasBarsOnly: boolean;
}

/** Windows of recorded data; `ofBars`: known to be those of these instruments on a day of bars. */
export function windowsOfTape(
  instruments: readonly Instrument[],
  tape: Tape,
  ofBars: readonly BookWindow[] | null = null,
): Windows {
  const range = new PriceRange(instruments.length);
  for (let c = 0; c < tape.chunkCount; c++) {
    const memory = tape.chunk(c);
    const used = tape.chunkUsed(c);
    for (let at = 0; at < used; at += memory.i32[at >> 2]!) {
      range.onFrame(memory.i32[(at >> 2) + 1]!, memory, at);
    }
  }
  const hasBarsOnly = !range.hasBook.includes(1) && range.lastE4.some((priceE4) => priceE4 > 0);
  const windows =
    hasBarsOnly && ofBars !== null ? ofBars : windowsOf(instruments, range, hasBarsOnly);
  const quota = hasBarsOnly ? BARS_QUOTA : range.adds.reduce((a, b) => Math.max(a, b), 1024);
  const prices = { firstTradesE4: range.firstE4, lastPricesE4: range.lastE4 };
  return { windows, quota, ...prices, hasBarsOnly };
}

function windowsOf(
  instruments: readonly Instrument[],
  range: PriceRange,
  hasBarsOnly: boolean,
): BookWindow[] {
  return instruments.map((instrument, i) => {
    const { tickE4, upperLimitE4, lowerLimitE4 } = instrument;
    const low = pick(lowerLimitE4, range.lowE4[i]!, Math.min);
    const high = pick(upperLimitE4, range.highE4[i]!, Math.max);
    // Bars make no book: one of the day's width would be memory for nothing.
    const isBars = hasBarsOnly || (range.hasBook[i] === 0 && range.lastE4[i]! > 0);
    if (high === 0 || isBars) return spareWindow(tickE4);
    return {
      lowE4: Math.max(tickE4, Math.floor(low / tickE4) * tickE4),
      highE4: Math.ceil(high / tickE4) * tickE4,
    };
  });
}

const spareWindows = new Map<number, BookWindow>();

/** One for all books of a tick, day after day. */
function spareWindow(tickE4: number): BookWindow {
  const known = spareWindows.get(tickE4);
  if (known !== undefined) return known;
  const made = { lowE4: tickE4, highE4: tickE4 * SPARE_TICKS };
  spareWindows.set(tickE4, made);
  return made;
}

/** Windows of the synthetic market: the day's limits, always known. */
export function windowsOfLimits(instruments: readonly Instrument[], quota: number): Windows {
  const windows = instruments.map((instrument) => ({
    lowE4: Math.max(instrument.tickE4, instrument.lowerLimitE4),
    highE4: instrument.upperLimitE4,
  }));
  const none = instruments.map(() => 0);
  return { windows, quota, firstTradesE4: none, lastPricesE4: none, hasBarsOnly: false };
}

/** The outer of a known limit and a price seen; 0 = neither. */
function pick(limitE4: number, seenE4: number, outer: (a: number, b: number) => number): number {
  if (limitE4 === 0) return seenE4;
  return seenE4 === 0 ? limitE4 : outer(limitE4, seenE4);
}
