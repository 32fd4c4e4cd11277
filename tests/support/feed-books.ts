// The book of the engine's feed handler beside that of `pankou verify`, over one recorded
// instrument: same rows, two ways. Used by tests only. Always: the handler runs as in a backtest,
// one thread, one frame at a time; verify's book is the kernel fed with orders and cancels alone.
import { StillClock } from '../../engine/actors/clock.ts';
import { FeedHandler } from '../../engine/actors/feed-handler.ts';
import { NoTap } from '../../engine/actors/port.ts';
import type { MarketDay } from '../../engine/backtest/data/load.ts';
import { loadMarketData } from '../../engine/backtest/data/load.ts';

import { windowsOfTape } from '../../engine/backtest/price-window.ts';
import { TapeCursor } from '../../engine/backtest/tape.ts';
import type { BookKernel } from '../../engine/core/book.ts';
import { BookBuilder } from '../../engine/core/book-builder.ts';
import { hasClosingCall } from '../../engine/core/instrument.ts';
import { MarketState } from '../../engine/core/market-state.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { KIND_LIMIT, MARKET_ADD, MARKET_SZSE } from '../../engine/messages/codes.ts';
import { copyFrame, type FrameMemory } from '../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, SnapshotTick } from '../../engine/messages/generated/market.ts';
import type { Derived } from '../../engine/verify/derive-ops.ts';
import { deriveOps } from '../../engine/verify/derive-ops.ts';
import { feedsOfTape } from '../../engine/verify/feed-rows.ts';
import { NO_ROW, OP_ADD, OP_CANCEL, OP_SUBMIT, OP_UNCROSS } from '../../engine/verify/order-ops.ts';
import { runOps } from '../../engine/verify/run-ops.ts';
import { Pipe, ShownEvents } from './actor-harness.ts';

const LEVELS = 5;
/** Numbers kept of a book: price, shares and orders of each level and side. */
const WIDTH = LEVELS * 2 * 3;

/** What a comparison found. */
export interface FeedBooks {
  /** Moments compared: after each order of the derived stream with its trades. */
  readonly compared: number;
  readonly equal: number;
  /** Moments left out: a market order is held aside until the next event tells its rest. */
  readonly waiting: number;
  /** Ticks compared with the book they must show. */
  readonly ticks: number;
  readonly equalTicks: number;
  readonly first: string;
  readonly handler: FeedHandler;
  readonly stale: number;
}

/** Runs one instrument of a folder both ways. */
export async function compareFeedBooks(path: string, symbol: string): Promise<FeedBooks> {
  const day = await loadMarketData({
    ...{ path, instruments: [symbol], skipBadRows: false },
    contents: ['orders', 'trades'],
  });
  const instrument = day.instruments[0];
  const { rows } = feedsOfTape(day.tape, 1)[0];
  const layout = day.orderLayouts[0];
  const full = layout.startsWith('pankou');
  const style = full ? 'full' : instrument.market === MARKET_SZSE ? 'szse' : 'sse';
  const derived = deriveOps(rows, {
    style,
    hasClosingCall: hasClosingCall(instrument),
    hasStartBook: day.layouts.includes('start-book'),
  });
  const expected = verifyBooks(day, derived);
  return new Comparison(day, derived, style !== 'sse', expected).run(rows.count);
}

/** What the feed handler has to say of all instruments of a folder together. */
export async function feedOf(path: string): Promise<FeedHandler> {
  const contents = ['orders', 'trades'] as const;
  const day = await loadMarketData({ path, instruments: 'all', skipBadRows: false, contents });
  const { windows, quota } = windowsOfTape(day.instruments, day.tape);
  const ticksOf = (i: number): number =>
    (windows[i].highE4 - windows[i].lowE4) / day.instruments[i].tickE4 + 1;
  const kernels = loadKernels({
    maxInstruments: windows.length,
    maxOrders: quota * windows.length,
    maxLevels: windows.reduce((sum, _, i) => sum + ticksOf(i), 0),
  });
  const full = day.instruments.map(({ market }) => market === MARKET_SZSE);
  const books = new BookBuilder(kernels.book, day.instruments, windows, full, quota);
  const market = new Pipe(1 << 20);
  const rest = { tap: new NoTap(), clock: new StillClock(), events: new ShownEvents() };
  const ports = { market: market.ring, ticks: [], quotes: [], ...rest };
  const contiguous = day.channels.every((c) => c.isWhole && c.isInOrder);
  const handler = new FeedHandler(new MarketState(day.instruments), books, ports, { contiguous });
  for (const cursor = new TapeCursor(day.tape); !cursor.done; cursor.advance()) {
    const at = market.ring.tryClaim(cursor.memory.i32[cursor.at >> 2]);
    copyFrame(cursor.memory, cursor.at, market.ring.memory, at);
    market.ring.commit();
    market.ring.publish();
    handler.doWork();
    rest.events.all = [];
  }
  return handler;
}

/** By number of rows: the book of `pankou verify` once they are worked off. */
function verifyBooks(day: MarketDay, { ops }: Derived): Map<number, Float64Array> {
  const instrument = day.instruments[0];
  const { windows } = windowsOfTape(day.instruments, day.tape);
  const { lowE4, highE4 } = windows[0];
  const levels = (highE4 - lowE4) / instrument.tickE4 + 1;
  const make = (): BookKernel => {
    const kernels = loadKernels({ maxInstruments: 1, maxOrders: ops.count, maxLevels: levels });
    kernels.book.openInstrument(0, instrument.tickE4, lowE4, highE4, ops.count);
    return kernels.book;
  };
  // The calls' prices come from a run as verify makes it.
  const { market, preCloseE4 } = instrument;
  const { calls } = runOps(make(), ops, { market, preCloseE4 });
  const book = make();
  const books = new Map<number, Float64Array>();
  let call = 0;
  for (let at = 0; at < ops.count; at++) {
    const { op, id, side, kind, priceE4, qty } = ops;
    if (op[at] === OP_ADD) book.add(0, id[at], side[at], priceE4[at], qty[at]);
    else if (op[at] === OP_CANCEL) book.cancel(0, id[at], 0);
    else if (op[at] === OP_SUBMIT) {
      book.submit(0, id[at], side[at], kind[at], priceE4[at], qty[at]);
    } else if (op[at] === OP_UNCROSS) {
      const price = calls[call++].priceE4;
      if (price > 0) book.uncross(0, price);
    }
    if (at + 1 === ops.count) break;
    const next = ops.row[at + 1];
    if (next !== NO_ROW && next > 0) books.set(next, levelsOf(book));
  }
  return books;
}

function levelsOf(book: BookKernel): Float64Array {
  const levels = new Float64Array(WIDTH);
  book.depth(0, LEVELS);
  for (let i = 0; i < LEVELS; i++) {
    const bid = i < book.bidLevels;
    const ask = i < book.askLevels;
    const at = i * 6;
    if (bid) levels.set([book.bidPriceE4(i), book.bidQty(i), book.bidOrders(i)], at);
    if (ask) levels.set([book.askPriceE4(i), book.askQty(i), book.askOrders(i)], at + 3);
  }
  return levels;
}

class Comparison {
  readonly #day: MarketDay;
  readonly #derived: Derived;
  readonly #expected: ReadonlyMap<number, Float64Array>;
  readonly #market = new Pipe(1 << 20);
  readonly #ticks = new Pipe(1 << 20);
  readonly #state: MarketState;
  readonly #books: BookBuilder;
  readonly #handler: FeedHandler;
  compared = 0;
  equal = 0;
  waiting = 0;
  ticks = 0;
  equalTicks = 0;
  first = '';

  constructor(
    day: MarketDay,
    derived: Derived,
    fullStream: boolean,
    expected: ReadonlyMap<number, Float64Array>,
  ) {
    this.#day = day;
    this.#derived = derived;
    this.#expected = expected;
    const { windows, quota } = windowsOfTape(day.instruments, day.tape);
    const { lowE4, highE4 } = windows[0];
    const levels = (highE4 - lowE4) / day.instruments[0].tickE4 + 1;
    const slots = quota + derived.openingOrders;
    const kernels = loadKernels({ maxInstruments: 1, maxOrders: slots, maxLevels: levels });
    this.#state = new MarketState(day.instruments);
    this.#books = new BookBuilder(kernels.book, day.instruments, windows, fullStream, slots);
    const ports = {
      market: this.#market.ring,
      ...{ ticks: [this.#ticks.out()], quotes: [], events: new ShownEvents() },
      ...{ tap: new NoTap(), clock: new StillClock() },
    };
    const contiguous = day.channels.every((c) => c.isWhole && c.isInOrder);
    this.#handler = new FeedHandler(this.#state, this.#books, ports, { contiguous });
  }

  run(rows: number): FeedBooks {
    let row = 0;
    let begun = false;
    for (const cursor = new TapeCursor(this.#day.tape); !cursor.done; cursor.advance()) {
      const isRow = cursor.type === MarketOrder.TYPE || cursor.type === MarketTrade.TYPE;
      if (isRow && !begun) {
        begun = true;
        this.#openingOrders();
      }
      this.#send(cursor.memory, cursor.at);
      if (isRow) this.#compare(++row, rows);
      else this.#ticks.take();
    }
    const { compared, equal, waiting, ticks, equalTicks, first } = this;
    const stale = this.#state.stale[0];
    return { compared, equal, waiting, ticks, equalTicks, first, handler: this.#handler, stale };
  }

  /** Orders of before a partial day, which verify derives; here they enter as a start book does. */
  #openingOrders(): void {
    const { ops } = this.#derived;
    for (let at = 0; at < this.#derived.openingOrders; at++) {
      this.#market.send(MarketOrder, {
        ...{ channel: 60_000, channelSeq: at + 1, orderNo: ops.id[at], action: MARKET_ADD },
        ...{ side: ops.side[at], kind: KIND_LIMIT, priceE4: ops.priceE4[at], qty: ops.qty[at] },
      });
      this.#handler.doWork();
      this.#ticks.take();
    }
  }

  #send(memory: FrameMemory, from: number): void {
    const { ring } = this.#market;
    const bytes = memory.i32[from >> 2];
    const at = ring.tryClaim(bytes);
    copyFrame(memory, from, ring.memory, at);
    ring.commit();
    ring.publish();
    this.#handler.doWork();
  }

  #compare(row: number, rows: number): void {
    const wanted = this.#expected.get(row);
    const shown = this.#lastTick();
    if (wanted === undefined) return;
    if (this.#books.heldCount > 0) {
      this.waiting++;
      return;
    }
    this.compared++;
    const own = levelsOf(this.#books.book);
    if (sameNumbers(own, wanted)) this.equal++;
    else if (this.first === '') {
      this.first = `row ${row} of ${rows}: feed ${own.join(' ')}, verify ${wanted.join(' ')}`;
    }
    if (shown === null || !this.#books.isContinuous(0)) return;
    this.ticks++;
    if (sameNumbers(shown, wanted)) this.equalTicks++;
    else if (this.first === '') this.first = `row ${row}: tick ${shown.join(' ')}`;
  }

  /** Five levels of the tick that the row made; null when it made none. */
  #lastTick(): Float64Array | null {
    let levels: Float64Array | null = null;
    const tick = new SnapshotTick();
    this.#ticks.ring.poll(
      {
        onFrame(type, memory, at) {
          if (type !== SnapshotTick.TYPE) return;
          tick.wrap(memory, at);
          levels = new Float64Array(WIDTH);
          for (let i = 0; i < LEVELS; i++) {
            levels.set([tick.bidPriceE4(i), tick.bidQty(i), tick.bidOrderCount(i)], i * 6);
            levels.set([tick.askPriceE4(i), tick.askQty(i), tick.askOrderCount(i)], i * 6 + 3);
          }
        },
      },
      Number.MAX_SAFE_INTEGER,
    );
    return levels;
  }
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < WIDTH; i++) if (a[i] !== b[i]) return false;
  return true;
}
