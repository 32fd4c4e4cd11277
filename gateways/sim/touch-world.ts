// The world that own orders do not change. Order streams: fills at the touch, capped by what is
// displayed there, a resting order only after what stood ahead of it at its price has traded
// (`--world touch`). Pictures and bars: picture-fills.ts and bar-fills.ts, whatever is asked for.
// Made by plan-world.ts.
// Always: an event is applied to the books before own orders trade against it.
import { type BarBlocks, BLOCK_STEP } from '../../engine/core/bar-blocks.ts';
import type { BookBuilder } from '../../engine/core/book-builder.ts';
import { FLOAT_ZERO } from '../../engine/core/float-zero.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import type { MarketSource } from '../../engine/core/market-source.ts';
import { NEW_TABLES, type Tables } from '../../engine/core/tables.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  SIDE_SELL,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import {
  Bar,
  BarBlock,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../engine/messages/generated/market.ts';
import { BarFills } from './bar-fills.ts';
import { bookProblems } from './book-problems.ts';
import type { ExchangeWorld, FillPort, OwnSide } from './exchange-world.ts';
import type { OrderDoor } from './order-door.ts';
import { PictureFills, type QueueModel } from './picture-fills.ts';
import { TouchUse } from './touch-use.ts';
import type { WorkingOrders } from './working-orders.ts';

/** What an instrument comes as, where no order stream was seen. */
const FROM_NOTHING = 0;
const FROM_PICTURES = 1;
const FROM_BARS = 2;

/** Settings of the fills from pictures and bars. */
export interface FillModels {
  readonly queue?: QueueModel;
  /** Share of a bar's volume, 0 to 1. */
  readonly barShare?: number;
  /** Where tables come from; absent = new ones. */
  readonly tables?: Tables;
  /** Where blocks of bars lie, of a source that tells them so. */
  readonly blocks?: BarBlocks;
}

export class TouchWorld implements ExchangeWorld {
  nowNs = FLOAT_ZERO;
  readonly isBusy = false;
  readonly count: number;
  readonly #source: MarketSource;
  readonly #books: BookBuilder;
  readonly #working: WorkingOrders;
  readonly #door: OrderDoor;
  readonly #fills: FillPort;
  readonly #pictures: PictureFills;
  readonly #bars: BarFills;
  readonly #blocks: BarBlocks | undefined;
  /** FROM_*: what the instrument's first data were; an order stream wins (#fromBook). */
  readonly #comesFrom: Uint8Array;
  readonly #touch: TouchUse;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #snapshot = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #block = new BarBlock();
  readonly #phase = new Phase();
  /** Best prices and shares of instruments that come as snapshots or bars: bid, ask by side. */
  readonly #bestE4: Int32Array;
  readonly #bestQty: Float64Array;
  readonly #fromBook: Uint8Array;

  constructor(
    books: BookBuilder,
    instruments: readonly Instrument[],
    source: MarketSource,
    own: OwnSide,
    models: FillModels = {},
  ) {
    const n = instruments.length;
    const { tables = NEW_TABLES } = models;
    this.count = source.count;
    this.#source = source;
    this.#books = books;
    this.#working = own.working;
    this.#door = own.door;
    this.#fills = own.fills;
    this.#touch = new TouchUse(n, tables);
    this.#bestE4 = tables.int32(n * 2);
    this.#bestQty = tables.float64(n * 2);
    this.#fromBook = tables.uint8(n);
    this.#comesFrom = tables.uint8(n);
    this.#pictures = new PictureFills(n, own, models.queue);
    this.#bars = new BarFills(instruments, own, models.barShare);
    this.#blocks = models.blocks;
  }

  nextNs(): number {
    return this.#source.nextNs();
  }

  next(target: FrameMemory, at: number): number {
    const bytes = this.#source.next(target, at);
    if (bytes > 0) this.apply(target);
    return bytes;
  }

  close(): void {
    this.#source.close?.();
  }

  phase(instrument: number): number {
    return this.#books.phase(instrument);
  }

  refusal(): number {
    return 0;
  }

  remove(): void {}

  problems(): readonly string[] {
    return bookProblems(this.#books);
  }

  place(slot: number): void {
    const working = this.#working;
    const i = working.instrument[slot];
    const kind = working.kind[slot];
    // Also where the first bar of the day is still to come: it must know what is older than it.
    this.#bars.arrive(slot, this.nowNs);
    if (this.#fromBook[i] === 0 && this.#comesFrom[i] !== FROM_NOTHING) {
      if (this.#comesFrom[i] === FROM_PICTURES) this.#pictures.arrive(slot);
      return;
    }
    working.priceE4[slot] = this.#limitOf(slot);
    if (working.priceE4[slot] <= 0) {
      this.#fills.expireOrder(slot);
      return;
    }
    working.ahead[slot] = this.#queueAhead(slot);
    if (this.#books.phase(i) !== PHASE_CONTINUOUS) return;
    if (kind === KIND_FOK && !this.#couldFill(slot)) {
      this.#fills.expireOrder(slot);
      return;
    }
    this.#takeTouch(slot);
    const immediate = kind === KIND_IOC || kind === KIND_BEST5_CANCEL;
    if (immediate && working.live[slot] === 1) this.#fills.expireOrder(slot);
  }

  /** Applies the event at byte 0 to the books, then trades own orders against it. */
  apply(memory: FrameMemory): void {
    switch (memory.i32[1]) {
      case MarketOrder.TYPE:
        this.#applyOrder(memory);
        break;
      case MarketTrade.TYPE:
        this.#applyTrade(memory);
        break;
      case SnapshotTick.TYPE:
        this.#applySnapshot(memory);
        break;
      case Bar.TYPE:
        this.#applyBar(memory, 0);
        break;
      case BarBlock.TYPE:
        this.#applyBlock(memory);
        break;
      case Phase.TYPE:
        this.#applyPhase(memory);
        break;
      default:
        break;
    }
  }

  #applyOrder(memory: FrameMemory): void {
    const order = this.#order.wrap(memory, 0);
    this.#fromBook[order.instrument] = 1;
    this.#books.onOrder(order);
    this.#tradeAtTouch(order.instrument);
  }

  #applyTrade(memory: FrameMemory): void {
    const trade = this.#trade.wrap(memory, 0);
    const { instrument, priceE4, qty } = trade;
    if (priceE4 > 0 && qty > 0) this.#door.lastE4[instrument] = priceE4;
    // The pictures hold this volume too, and own orders there wait for the next one.
    if (this.#fromBook[instrument] === 0 && this.#comesFrom[instrument] === FROM_PICTURES) return;
    this.#books.onTrade(trade);
    this.#tradeWithTape(instrument, priceE4, qty);
    this.#tradeAtTouch(instrument);
  }

  #applySnapshot(memory: FrameMemory): void {
    const tick = this.#snapshot.wrap(memory, 0);
    const i = tick.instrument;
    this.#books.setPhase(i, tick.phase);
    this.#door.onSnapshot(tick);
    this.#bestE4[i * 2] = tick.bidPriceE4(0);
    this.#bestE4[i * 2 + 1] = tick.askPriceE4(0);
    this.#bestQty[i * 2] = tick.bidQty(0);
    this.#bestQty[i * 2 + 1] = tick.askQty(0);
    if (this.#fromBook[i] === 1) return;
    this.#comesFrom[i] = FROM_PICTURES;
    this.#pictures.onPicture(tick);
  }

  /** A complete bar: orders made before it trade in it. */
  #applyBar(memory: FrameMemory, at: number): void {
    const bar = this.#bar.wrap(memory, at);
    const i = bar.instrument;
    const { closeE4 } = bar;
    this.#books.setPhase(i, PHASE_CONTINUOUS);
    this.#door.lastE4[i] = closeE4;
    this.#comesFrom[i] = FROM_BARS;
    if (this.#working.liveIn[i] > 0) {
      const upperE4 = this.#door.upperE4[i];
      const lowerE4 = this.#door.lowerE4[i];
      const { openE4, highE4, lowE4, volume, intervalS, startNs } = bar;
      const prices = { openE4, highE4, lowE4, closeE4, upperE4, lowerE4 };
      this.#bars.onBar(i, { ...prices, volume, intervalS, startNs });
    }
    // What a bar leaves behind is its close, and nobody's size.
    this.#bestE4[i * 2] = closeE4;
    this.#bestE4[i * 2 + 1] = closeE4;
  }

  #applyBlock(memory: FrameMemory): void {
    const block = this.#block.wrap(memory, 0);
    const bars = this.#blocks!.memory;
    const end = block.firstAt + block.count * BLOCK_STEP;
    for (let at = block.firstAt; at < end; at += BLOCK_STEP) this.#applyBar(bars, at);
  }

  #applyPhase(memory: FrameMemory): void {
    const phase = this.#phase.wrap(memory, 0);
    this.#books.setPhase(phase.instrument, phase.phase);
  }

  bestE4(i: number, side: number): number {
    if (this.#fromBook[i] === 0) return this.#bestE4[i * 2 + side - 1];
    const book = this.#books.book;
    return side === SIDE_BUY ? book.bestBid(i) : book.bestAsk(i);
  }

  /** Shares displayed at that best price. */
  #shown(i: number, side: number, priceE4: number): number {
    if (this.#fromBook[i] === 0) return this.#bestQty[i * 2 + side - 1];
    return this.#books.book.levelQty(i, side, priceE4);
  }

  /** Own orders that cross the opposite touch trade there, in order of arrival. */
  #tradeAtTouch(i: number): void {
    const working = this.#working;
    if (working.liveCount === 0 || this.#books.phase(i) !== PHASE_CONTINUOUS) return;
    for (let n = 0; n < working.liveCount; n++) {
      const slot = working.liveSlots[n];
      if (working.instrument[slot] !== i) continue;
      const before = working.liveCount;
      this.#takeTouch(slot);
      if (working.liveCount < before) n--;
    }
  }

  /** Fills what the opposite touch gives; returns shares filled. */
  #takeTouch(slot: number): number {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot] === SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    const priceE4 = this.bestE4(i, side);
    if (priceE4 <= 0 || !working.accepts(slot, priceE4)) {
      this.#touch.moved(i, side, priceE4);
      return 0;
    }
    const free = this.#touch.free(i, side, priceE4, this.#shown(i, side, priceE4));
    const qty = Math.min(working.leaves(slot), free);
    if (qty <= 0) return 0;
    this.#touch.use(i, side, qty);
    this.#fills.fillOrder(slot, priceE4, qty);
    return qty;
  }

  /** A trade of the tape: resting orders it passed through or whose queue it used up trade. */
  #tradeWithTape(i: number, priceE4: number, qty: number): void {
    const working = this.#working;
    if (working.liveCount === 0) return;
    let left = qty;
    for (let n = 0; n < working.liveCount && left > 0; n++) {
      const slot = working.liveSlots[n];
      if (working.instrument[slot] !== i || !working.accepts(slot, priceE4)) continue;
      let share = left;
      if (!working.passedThrough(slot, priceE4)) {
        const ahead = working.ahead[slot];
        working.ahead[slot] = Math.max(0, ahead - left);
        share = Math.floor(Math.max(0, left - ahead));
      }
      const fill = Math.min(share, working.leaves(slot));
      if (fill <= 0) continue;
      left -= fill;
      const before = working.liveCount;
      this.#fills.fillOrder(slot, this.#tapePrice(slot, i, priceE4), fill);
      if (working.liveCount < before) n--;
    }
  }

  /** In a call everyone gets the call's price; in continuous trading the resting order's own. */
  #tapePrice(slot: number, i: number, priceE4: number): number {
    return this.#books.phase(i) === PHASE_CONTINUOUS ? this.#working.priceE4[slot] : priceE4;
  }

  /**
   * A limit order's own price; a market kind's protection price, else the best price of the side
   * it looks to, never beyond protection; 0 = that side is empty (rules sheet 7.2: cancelled).
   */
  #limitOf(slot: number): number {
    const { instrument, side: sides, kind: kinds, priceE4: prices } = this.#working;
    const i = instrument[slot];
    const side = sides[slot];
    const kind = kinds[slot];
    const priceE4 = prices[slot];
    if (kind === KIND_LIMIT) return priceE4;
    const own = Math.max(0, this.bestE4(i, side));
    const other = Math.max(0, this.bestE4(i, side === SIDE_BUY ? SIDE_SELL : SIDE_BUY));
    const looksToOwn = kind === KIND_OWN_BEST || (kind === KIND_BEST5_LIMIT && other === 0);
    const best = looksToOwn ? own : other;
    if (best === 0 || priceE4 <= 0) return best;
    if (kind !== KIND_OPPOSITE_BEST && !looksToOwn) return priceE4;
    return side === SIDE_BUY ? Math.min(best, priceE4) : Math.max(best, priceE4);
  }

  #couldFill(slot: number): boolean {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot] === SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    const priceE4 = this.bestE4(i, side);
    if (priceE4 <= 0 || !working.accepts(slot, priceE4)) return false;
    const free = this.#touch.free(i, side, priceE4, this.#shown(i, side, priceE4));
    return free >= working.leaves(slot);
  }

  /** Shares displayed at the order's own price: they trade first. */
  #queueAhead(slot: number): number {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot];
    const priceE4 = working.priceE4[slot];
    if (this.#fromBook[i] === 1) return Math.max(0, this.#books.book.levelQty(i, side, priceE4));
    return this.bestE4(i, side) === priceE4 ? this.#shown(i, side, priceE4) : 0;
  }
}
