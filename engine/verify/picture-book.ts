// The kernel's book at the moments of the published pictures: ten levels and the queue at the best
// price. Called by verify-day.ts after the trades are judged. The exchange does not say between
// which two records a picture was taken, only after which trade; so any state of the book at that
// number of trades may be the picture's.
// Always: the operations are run a second time, outside the measured time, and stopped inside an
// order where a picture falls between two of its trades.
import type { BookKernel } from '../core/book.ts';
import { PHASE_CONTINUOUS, PHASE_LUNCH, SIDE_BUY } from '../messages/codes.ts';
import type { Level, Picture } from './feed-rows.ts';
import type { OrderOps, TradeList } from './order-ops.ts';
import { OP_ADD, OP_CANCEL, OP_SUBMIT, OP_UNCROSS } from './order-ops.ts';
import type { QueueRow } from './queue-file.ts';
import { SHOWN } from './queue-file.ts';
import type { EngineRun } from './run-ops.ts';
import { INSTR } from './run-ops.ts';

/** Levels a picture holds. */
const LEVELS = 10;

/** A published row that no state of the book equals. */
export interface Unequal {
  /** Operation after which the trade number was reached. */
  readonly at: number;
  readonly ns: number;
  readonly exchange: string;
  readonly engine: string;
  /** A queue row that contradicts the exchange's own picture of the same moment. */
  readonly isAmbiguous: boolean;
}

/** Rows compared and equal. */
export interface PictureCounts {
  readonly compared: number;
  readonly equal: number;
  readonly unequal: readonly Unequal[];
}

export interface PictureVerdict {
  readonly snapshots: PictureCounts;
  readonly queues: PictureCounts & {
    /** Unequal rows that contradict the picture the exchange published for the same moment. */
    readonly ambiguous: number;
  };
}

/**
 * Compares the pictures from 9:30 to 14:57, over lunch too, and the queues published with them.
 * `ambiguous` queue rows differ from the first level of the picture of their own moment in price or
 * shares: whatever the book was, one of the two published rows is not of that moment.
 */
export function checkPictures(
  book: BookKernel,
  ops: OrderOps,
  run: EngineRun,
  pictures: readonly Picture[],
  queues: readonly QueueRow[],
): PictureVerdict {
  const wanted = pictures.filter(
    ({ phase }) => phase === PHASE_CONTINUOUS || phase === PHASE_LUNCH,
  );
  const moments = makeMoments(run.trades, wanted, queues);
  const walk = new Walk(book, ops, run, moments);
  book.resetInstrument(INSTR);
  for (let at = 0; at < ops.count; at++) walk.step(at);
  return verdictOf(moments);
}

/** One published row under comparison. */
interface Item {
  readonly ns: number;
  isEqual: boolean;
  at: number;
  engine: string;
}
interface PictureItem extends Item {
  readonly picture: Picture;
}
interface QueueItem extends Item {
  readonly row: QueueRow;
  readonly picture: Picture;
}

/** The rows that wait, by number of trades made. */
class Moments {
  readonly pictures = new Map<number, PictureItem[]>();
  readonly queues = new Map<number, QueueItem[]>();
  /** Every row compared, also where the engine never reached its number of trades. */
  readonly all: PictureItem[] = [];
  readonly allQueues: QueueItem[] = [];
}

function makeMoments(
  trades: TradeList,
  pictures: readonly Picture[],
  queues: readonly QueueRow[],
): Moments {
  const moments = new Moments();
  const totals = new Totals(trades);
  const byTime = new Map<number, Picture>();
  for (const picture of pictures) {
    byTime.set(picture.ns, picture);
    const item = { ns: picture.ns, picture, isEqual: false, at: 0, engine: 'never reached' };
    const made = totals.tradesAt(picture);
    moments.all.push(item);
    if (!totals.fit(picture, made)) item.engine = totals.text(made);
    else put(moments.pictures, made, item);
  }
  for (const row of queues) {
    const picture = byTime.get(row.ns);
    if (picture === undefined) continue;
    const item = { ns: row.ns, row, picture, isEqual: false, at: 0, engine: 'never reached' };
    moments.allQueues.push(item);
    put(moments.queues, totals.tradesAt(picture), item);
  }
  return moments;
}

function put<T>(map: Map<number, T[]>, key: number, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** Sums over the engine's trades, by number of trades. */
class Totals {
  readonly #trades: TradeList;
  readonly #volume: Float64Array;
  readonly #amountE4: Float64Array;
  readonly #byVolume = new Map<number, number>([[0, 0]]);

  constructor(trades: TradeList) {
    this.#trades = trades;
    this.#volume = new Float64Array(trades.count + 1);
    this.#amountE4 = new Float64Array(trades.count + 1);
    for (let i = 0; i < trades.count; i++) {
      this.#volume[i + 1] = this.#volume[i] + trades.qty[i];
      this.#amountE4[i + 1] = this.#amountE4[i] + trades.qty[i] * trades.priceE4[i];
      this.#byVolume.set(this.#volume[i + 1], i + 1);
    }
  }

  /** Number of trades at a picture: as published, else by its volume; -1 when no number fits. */
  tradesAt(picture: Picture): number {
    if (picture.tradeCount > 0) return picture.tradeCount;
    return this.#byVolume.get(picture.volume) ?? -1;
  }

  /** Whether volume, turnover and last price are those of the engine's first `made` trades. */
  fit(picture: Picture, made: number): boolean {
    if (made < 0 || made > this.#trades.count) return false;
    const lastE4 = made === 0 ? picture.lastE4 : this.#trades.priceE4[made - 1];
    return (
      picture.volume === this.#volume[made] &&
      picture.amountE4 === this.#amountE4[made] &&
      picture.lastE4 === lastE4
    );
  }

  text(made: number): string {
    if (made < 0 || made > this.#trades.count) return 'never reached';
    return `volume ${this.#volume[made]}, turnover ${this.#amountE4[made]}`;
  }
}

/** Runs the operations one by one and looks at the book wherever a row waits. */
class Walk {
  readonly #book: BookKernel;
  readonly #ops: OrderOps;
  readonly #run: EngineRun;
  readonly #moments: Moments;
  #trades = 0;
  #calls = 0;

  constructor(book: BookKernel, ops: OrderOps, run: EngineRun, moments: Moments) {
    this.#book = book;
    this.#ops = ops;
    this.#run = run;
    this.#moments = moments;
  }

  step(at: number): void {
    const { op, id, side, priceE4, qty } = this.#ops;
    const book = this.#book;
    if (op[at] === OP_ADD) book.add(INSTR, id[at], side[at], priceE4[at], qty[at]);
    else if (op[at] === OP_CANCEL) book.cancel(INSTR, id[at], 0);
    else if (op[at] === OP_SUBMIT) this.#submit(at);
    else if (op[at] === OP_UNCROSS) {
      const call = this.#run.calls[this.#calls++];
      if (call.priceE4 > 0) book.uncross(INSTR, call.priceE4);
      this.#trades += Math.max(0, this.#run.result[at]);
    }
    this.#look(at);
  }

  /** An order, stopped behind those of its trades at which a row waits. */
  #submit(at: number): void {
    const { id, side, kind, priceE4, qty } = this.#ops;
    const made = Math.max(0, this.#run.result[at]);
    const from = this.#run.tradeFrom[at];
    let done = 0;
    for (let i = 1; i < made; i++) {
      if (!this.#waits(this.#trades + i)) continue;
      this.#part(at, from + done, from + i);
      this.#trades += i - done;
      done = i;
      this.#look(at);
    }
    if (done === 0) {
      this.#book.submit(INSTR, id[at], side[at], kind[at], priceE4[at], qty[at]);
    } else {
      this.#part(at, from + done, from + made);
      const rested = this.#run.restedQty[at];
      const restedE4 = this.#run.restedPriceE4[at];
      if (rested > 0) this.#book.add(INSTR, id[at], side[at], restedE4, rested);
    }
    this.#trades += made - done;
  }

  /** The trades from..to-1 of an order, as a limit order that makes just these. */
  #part(at: number, from: number, to: number): void {
    const trades = this.#run.trades;
    let qty = 0;
    for (let i = from; i < to; i++) qty += trades.qty[i];
    const { id, side } = this.#ops;
    this.#book.submit(INSTR, id[at], side[at], 1, trades.priceE4[to - 1], qty);
  }

  #waits(trades: number): boolean {
    return this.#moments.pictures.has(trades) || this.#moments.queues.has(trades);
  }

  /** Compares the book as it stands with every row that waits at this number of trades. */
  #look(at: number): void {
    const pictures = this.#moments.pictures.get(this.#trades);
    const queues = this.#moments.queues.get(this.#trades);
    if (pictures?.some((item) => !item.isEqual)) {
      this.#book.depth(INSTR, LEVELS);
      for (const item of pictures) {
        if (!item.isEqual) compareLevels(this.#book, item, at);
      }
    }
    for (const item of queues ?? []) if (!item.isEqual) compareQueue(this.#book, item, at);
  }
}

function compareLevels(book: BookKernel, item: PictureItem, at: number): void {
  const { bids, asks } = item.picture;
  let difference = '';
  for (let i = 0; i < LEVELS && difference === ''; i++) {
    const bid = { priceE4: book.bidPriceE4(i), qty: book.bidQty(i), orders: book.bidOrders(i) };
    const ask = { priceE4: book.askPriceE4(i), qty: book.askQty(i), orders: book.askOrders(i) };
    if (!sameLevel(bids[i], bid)) difference = `bid ${i + 1}: ${levelText(bid)}`;
    else if (!sameLevel(asks[i], ask)) difference = `ask ${i + 1}: ${levelText(ask)}`;
  }
  item.isEqual = difference === '';
  item.at = at;
  item.engine = difference;
}

/** An empty level has price 0; a feed may leave the number of orders out. */
function sameLevel(published: Level, own: Level): boolean {
  if (published.qty === 0) return own.qty === 0;
  const { priceE4, qty, orders } = published;
  return priceE4 === own.priceE4 && qty === own.qty && (orders === 0 || orders === own.orders);
}

function compareQueue(book: BookKernel, item: QueueItem, at: number): void {
  const { row } = item;
  const bestE4 = row.side === SIDE_BUY ? book.bestBid(INSTR) : book.bestAsk(INSTR);
  item.at = at;
  item.isEqual = bestE4 === row.priceE4 && (bestE4 === 0 || sameQueue(book, row));
  item.engine = item.isEqual ? '' : `best price ${bestE4}, ${queueText(book, row.side, bestE4)}`;
}

/** The row shows the first 50 orders, and the shares of all. */
function sameQueue(book: BookKernel, row: QueueRow): boolean {
  const count = book.queue(INSTR, row.side, row.priceE4, SHOWN);
  if (count !== row.qty.length) return false;
  for (let i = 0; i < count; i++) if (book.queueQty(i) !== row.qty[i]) return false;
  return book.levelQty(INSTR, row.side, row.priceE4) === row.volume;
}

function queueText(book: BookKernel, side: number, priceE4: number): string {
  if (priceE4 <= 0) return 'side empty';
  const count = book.queue(INSTR, side, priceE4, 8);
  const shown = Array.from({ length: count }, (_, i) => book.queueQty(i)).join(' ');
  return `${book.levelQty(INSTR, side, priceE4)} shares: ${shown}`;
}

export function levelText(level: Level): string {
  return `${level.qty} at ${level.priceE4} in ${level.orders} orders`;
}

function verdictOf(moments: Moments): PictureVerdict {
  const bad = moments.all.filter((item) => !item.isEqual);
  const badQueues = moments.allQueues.filter((item) => !item.isEqual);
  return {
    snapshots: {
      compared: moments.all.length,
      equal: moments.all.length - bad.length,
      unequal: bad.map(({ at, ns, engine, picture }) => {
        const best = `${levelText(picture.bids[0])} / ${levelText(picture.asks[0])}`;
        const exchange = `after trade ${picture.tradeCount}: best levels ${best}`;
        return { at, ns, exchange, engine, isAmbiguous: false };
      }),
    },
    queues: {
      compared: moments.allQueues.length,
      equal: moments.allQueues.length - badQueues.length,
      ambiguous: badQueues.filter(contradictsPicture).length,
      unequal: badQueues.map((item) => {
        const { at, ns, row, engine } = item;
        const side = row.side === SIDE_BUY ? 'bid' : 'ask';
        const shown = row.qty.slice(0, 8).join(' ');
        const exchange = `${side} queue at ${row.priceE4}, ${row.volume} shares: ${shown}`;
        return { at, ns, exchange, engine, isAmbiguous: contradictsPicture(item) };
      }),
    },
  };
}

/** Whether a queue row and the picture of the same moment cannot both be right. */
function contradictsPicture({ row, picture }: QueueItem): boolean {
  const best = row.side === SIDE_BUY ? picture.bids[0] : picture.asks[0];
  return row.priceE4 !== best.priceE4 || row.volume !== best.qty;
}
