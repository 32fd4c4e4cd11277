// Keeps what pages and files show of a run while it goes on: candles, the book before each own
// fill, every step of every order, every refusal. Given to the runner beside RunCollector by the
// backtest command; a sweep does without. Always: it only listens, so a run with it and a run
// without it make the same orders.
import { must } from '../../assert.ts';
import { formatOrderId } from '../../core/order-id.ts';
import { STATUS_NAMES } from '../../core/order-status.ts';
import { E4_PER_YUAN } from '../../core/price.ts';
import { rejectText } from '../../core/reject-code.ts';
import type { EngineSetup } from '../../host/setup.ts';
import { ACTION_CANCEL, SIDE_BUY, STAGE_NAMES } from '../../messages/codes.ts';
import { copyFrame, FrameMemory } from '../../messages/frames.ts';
import { Bar, SnapshotTick } from '../../messages/generated/market.ts';
import { Fill, OrderUpdate, Reject } from '../../messages/generated/order.ts';
import type { FrameHandler } from '../../ring/frame-handler.ts';
import type { CandleBuilder } from './candle-builder.ts';
import { CandleShelf } from './candle-shelf.ts';
import { FillQualityMeter } from './fill-quality.ts';
import { QueueMeter } from './queue-meter.ts';
import {
  type BookAtFill,
  DETAIL_MAX,
  type OrderLife,
  type OrderStep,
  type Refusal,
  type RunDetail,
} from './run-detail.ts';

/** Levels of a book at a fill. */
const LEVELS = 5;

/** What actors must show for it. */
export const SHOWN: ReadonlySet<number> = new Set([
  ...[Fill.TYPE, Reject.TYPE, OrderUpdate.TYPE],
  ...[SnapshotTick.TYPE, Bar.TYPE],
]);

type MutableLife = { -readonly [K in keyof OrderLife]: OrderLife[K] } & { steps: OrderStep[] };

/** Every order and refusal of a run; the page's part of them is RunDetail. */
export interface WholeLives {
  readonly orders: readonly OrderLife[];
  readonly rejects: readonly Refusal[];
}

export class DetailRecorder implements FrameHandler, WholeLives {
  readonly orders: OrderLife[] = [];
  readonly rejects: Refusal[] = [];
  readonly #lives = new Map<string, MutableLife>();
  readonly #candles = new CandleShelf();
  /** Last picture of each instrument, and whether there was one. */
  readonly #pictures: FrameMemory[] = [];
  readonly #books: BookAtFill[] = [];
  #booksLeftOut = 0;
  readonly #quality = new FillQualityMeter();
  readonly #queue = new QueueMeter();
  #setup: EngineSetup | null = null;
  #builders: (CandleBuilder | null)[] = [];
  #hasPicture: boolean[] = [];
  readonly #fill = new Fill();
  readonly #update = new OrderUpdate();
  readonly #tick = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #reject = new Reject();

  /** A day begins; its setup may number instruments anew. */
  begin(setup: EngineSetup): void {
    this.#setup = setup;
    this.#quality.beginDay(setup.instruments.length);
    this.#hasPicture = setup.instruments.map(() => false);
    this.#builders = setup.instruments.map(({ symbol }, i) => {
      this.#pictures[i] ??= new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
      return this.#candles.builderOf(symbol);
    });
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === SnapshotTick.TYPE) this.#onTick(memory, at);
    else if (type === OrderUpdate.TYPE) this.#onOrder(memory, at);
    else if (type === Fill.TYPE) this.#onFill(memory, at);
    else if (type === Reject.TYPE) this.#onReject(memory, at);
    else if (type === Bar.TYPE) this.#onBar(memory, at);
  }

  /** What a page carries; `leftOut` counts what it does not. */
  detail(): RunDetail {
    const candles = this.#candles.shown();
    return {
      quality: this.#quality.result(),
      queue: this.#queue.result(),
      candles,
      orders: this.orders.slice(0, DETAIL_MAX.orders),
      books: this.#books,
      rejects: this.rejects.slice(0, DETAIL_MAX.rejects),
      leftOut: {
        instruments: this.#candles.count - candles.length,
        orders: Math.max(0, this.orders.length - DETAIL_MAX.orders),
        books: this.#booksLeftOut,
        rejects: Math.max(0, this.rejects.length - DETAIL_MAX.rejects),
      },
    };
  }

  get #day(): EngineSetup {
    return must(this.#setup, 'begin() before the first frame');
  }

  #onTick(memory: FrameMemory, at: number): void {
    const { instrument, eventNs, lastE4, volume } = this.#tick.wrap(memory, at);
    this.#builders[instrument]?.price(this.#day.day, eventNs, lastE4, volume);
    const [bidE4, askE4] = [this.#tick.bidPriceE4(0), this.#tick.askPriceE4(0)];
    this.#quality.book(instrument, eventNs, bidE4, askE4, volume);
    copyFrame(memory, at, this.#pictures[instrument]!, 0);
    this.#hasPicture[instrument] = true;
  }

  #onBar(memory: FrameMemory, at: number): void {
    const bar = this.#bar.wrap(memory, at);
    const { openE4, highE4, lowE4, closeE4, volume } = bar;
    const row = { openE4, highE4, lowE4, closeE4, volume };
    this.#quality.bar(bar.instrument, volume);
    this.#builders[bar.instrument]?.bar(this.#day.day, bar.startNs, row);
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#update.wrap(memory, at);
    const coid = formatOrderId(order.coidA, this.#day.day, order.coidC);
    let life = this.#lives.get(coid);
    if (life === undefined) {
      life = {
        day: this.#day.day,
        coid,
        strategy: this.#day.strategies[order.strategy]?.name ?? '',
        instrument: this.#day.instruments[order.instrument]!.symbol,
        side: order.side === SIDE_BUY ? 'buy' : 'sell',
        price: order.priceE4 / E4_PER_YUAN,
        qty: order.qty,
        filled: 0,
        averagePrice: null,
        fee: 0,
        createdNs: order.createdNs,
        status: '',
        code: 0,
        steps: [],
      };
      this.#lives.set(coid, life);
      this.#candles.trades(life.instrument);
      this.orders.push(life);
    }
    const status = STATUS_NAMES[order.status]!;
    life.code = order.code || life.code;
    life.fee = order.feeE4 / E4_PER_YUAN;
    if (status === life.status && order.filledQty === life.filled) return;
    life.status = status;
    life.filled = order.filledQty;
    const traded = order.filledQty * E4_PER_YUAN;
    life.averagePrice = traded === 0 ? null : order.filledAmountE4 / traded;
    life.steps.push([order.eventNs, status, order.filledQty]);
    this.#queueOf(life, order);
  }

  /** The first word that the exchange has it, and what it traded. */
  #queueOf({ coid, steps }: OrderLife, order: OrderUpdate): void {
    const isIn = ({ 1: name, 2: filled }: OrderStep): boolean => name === 'accepted' || filled > 0;
    if (!isIn(steps.at(-1)!)) return;
    if (!steps.slice(0, -1).some(isIn)) {
      const i = order.instrument;
      const book = this.#hasPicture[i] ? this.#tick.wrap(this.#pictures[i]!, 0) : null;
      this.#queue.join(coid, order.eventNs, order.side, order.priceE4, book);
    }
    this.#queue.fill(coid, order.eventNs, order.filledQty);
  }

  #onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    const i = fill.instrument;
    this.#quality.fill(i, fill.eventNs, fill.side, fill.priceE4, fill.qty);
    if (this.#books.length >= DETAIL_MAX.books) {
      this.#booksLeftOut++;
      return;
    }
    if (!this.#hasPicture[i]) return;
    const tick = this.#tick.wrap(this.#pictures[i]!, 0);
    const bids: [number, number][] = [];
    const asks: [number, number][] = [];
    for (let level = 0; level < LEVELS; level++) {
      const bidE4 = tick.bidPriceE4(level);
      const askE4 = tick.askPriceE4(level);
      if (bidE4 > 0) bids.push([bidE4 / E4_PER_YUAN, tick.bidQty(level)]);
      if (askE4 > 0) asks.push([askE4 / E4_PER_YUAN, tick.askQty(level)]);
    }
    // Bars show no book.
    if (bids.length + asks.length === 0) return;
    const coid = formatOrderId(fill.coidA, this.#day.day, fill.coidC);
    const { day } = this.#day;
    this.#books.push({ day, coid, ns: fill.eventNs, shownNs: tick.eventNs, bids, asks });
  }

  #onReject(memory: FrameMemory, at: number): void {
    const reject = this.#reject.wrap(memory, at);
    const { zh, en } = rejectText(reject.code);
    this.rejects.push({
      day: this.#day.day,
      ns: reject.eventNs,
      strategy: this.#day.strategies[reject.strategy]?.name ?? '',
      instrument: this.#day.instruments[reject.instrument]?.symbol ?? '',
      side: reject.side === SIDE_BUY ? 'buy' : 'sell',
      action: reject.action === ACTION_CANCEL ? 'cancel' : 'order',
      price: reject.priceE4 / E4_PER_YUAN,
      qty: reject.qty,
      stage: STAGE_NAMES[reject.stage] ?? '',
      code: reject.code,
      zh,
      en,
      value: reject.value,
      limit: reject.limit,
    });
  }
}

/** Both listen, in this order. */
export class BothHandlers implements FrameHandler {
  readonly #first: FrameHandler;
  readonly #second: FrameHandler;

  constructor(first: FrameHandler, second: FrameHandler) {
    this.#first = first;
    this.#second = second;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    this.#first.onFrame(type, memory, at);
    this.#second.onFrame(type, memory, at);
  }
}
