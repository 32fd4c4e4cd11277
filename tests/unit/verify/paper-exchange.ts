// An exchange on paper: random orders matched by the slow twin, published the way SSE or SZSE
// publishes them (rules sheet 11.1, 11.2). Used by the property tests of `pankou verify`, which
// must find the same trades from what is published. Always: one seed gives one day.
import { callReferenceE4 } from '../../../engine/core/call-price.ts';
import { ROW_ADD, ROW_CANCEL, ROW_TRADE } from '../../../engine/verify/feed-rows.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';
import type { RowFact } from './verify-kit.ts';
import { at } from './verify-kit.ts';

const TICK = 100;
const LOW = 99_000;
const TICKS = 21;
const STEP_NS = 10_000_000;
const QUOTA = 4096;

/** The window's ends, for those who need them. */
export const PAPER_HIGH_E4 = LOW + (TICKS - 1) * TICK;

export interface PaperWish {
  readonly style: 'sse' | 'szse';
  readonly seed: number;
  /** Orders and cancels of continuous trading. */
  readonly events: number;
  readonly preCloseE4: number;
  /** Step, lowest price and number of prices; default 9.90 to 10.10 by 0.01. */
  readonly tickE4?: number;
  readonly lowE4?: number;
  readonly ticks?: number;
}

/** Rows of a day with both calls. */
export function paperDay(wish: PaperWish): RowFact[] {
  const exchange = new PaperExchange(wish);
  exchange.call(at('9:15'), 20, true);
  for (let i = 0; i < wish.events; i++) exchange.event(at('9:30') + i * STEP_NS);
  exchange.call(at('14:57'), 12, false);
  return exchange.rows;
}

class PaperExchange {
  readonly rows: RowFact[] = [];
  readonly #wish: PaperWish;
  readonly #tickE4: number;
  readonly #lowE4: number;
  readonly #ticks: number;
  readonly #highE4: number;
  readonly #book: ReferenceBook;
  readonly #sides = new Map<number, number>();
  #random: number;
  #nextId = 1;
  #lastE4 = 0;

  constructor(wish: PaperWish) {
    this.#wish = wish;
    this.#random = wish.seed | 0;
    const { tickE4 = TICK, lowE4 = LOW, ticks = TICKS } = wish;
    this.#tickE4 = tickE4;
    this.#lowE4 = lowE4;
    this.#ticks = ticks;
    this.#highE4 = lowE4 + (ticks - 1) * tickE4;
    this.#book = new ReferenceBook(1, QUOTA, ticks);
    this.#book.openInstrument(0, tickE4, lowE4, this.#highE4, QUOTA);
  }

  /** A call auction: orders, some cancels, then its trades. */
  call(ns: number, orders: number, isOpening: boolean): void {
    for (let i = 0; i < orders; i++) {
      const [id, side, priceE4, qty] = this.#order();
      this.#book.add(0, id, side, priceE4, qty);
      this.rows.push({ type: ROW_ADD, ns: ns + i * STEP_NS, id, side, priceE4, qty });
      if (isOpening && this.#below(5) === 0) this.#cancel(ns + i * STEP_NS);
    }
    const market = this.#wish.style === 'sse' ? 1 : 2;
    const { preCloseE4 } = this.#wish;
    const referenceE4 = callReferenceE4(market, isOpening, preCloseE4, this.#lastE4);
    const priceE4 = this.#book.auctionPriceE4(0, referenceE4);
    if (priceE4 <= 0) return;
    this.#book.uncross(0, priceE4);
    this.#printTrades(at(isOpening ? '9:25' : '15:00'), 0);
  }

  /** One order or cancel of continuous trading. */
  event(ns: number): void {
    if (this.#below(3) === 0) this.#cancel(ns);
    else if (this.#wish.style === 'sse') this.#sseOrder(ns);
    else this.#szseOrder(ns);
  }

  /** SSE: the trades, then what rests. */
  #sseOrder(ns: number): void {
    const [id, side, priceE4, qty] = this.#order();
    this.#book.submit(0, id, side, 1, priceE4, qty);
    this.#printTrades(ns, side);
    const rest = this.#book.restedQty;
    if (rest > 0) this.rows.push({ type: ROW_ADD, ns, id, side, priceE4, qty: rest });
  }

  /** SZSE: the order, its trades, and a cancel of what was killed; no word on the market kind. */
  #szseOrder(ns: number): void {
    const [id, side, priceE4, qty] = this.#order();
    const kind = this.#below(2) === 0 ? 1 : [2, 4, 5, 6, 7][this.#below(5)];
    this.#book.submit(0, id, side, kind, kind === 1 ? priceE4 : 0, qty);
    const told = kind === 1 || kind === 5 ? kind : 2;
    const shown = kind === 1 ? priceE4 : 0;
    this.rows.push({ type: ROW_ADD, ns, id, side, kind: told, priceE4: shown, qty });
    this.#printTrades(ns, side);
    const killed = this.#book.killedQty;
    if (killed > 0) this.rows.push({ type: ROW_CANCEL, ns, id, side, priceE4: 0, qty: killed });
  }

  #cancel(ns: number): void {
    const ids = [...this.#sides.keys()];
    const id = ids[this.#below(ids.length)];
    const qty = this.#book.cancel(0, id, 0);
    if (qty <= 0) return;
    this.rows.push({ type: ROW_CANCEL, ns, id, side: this.#sides.get(id) ?? 0, priceE4: 0, qty });
  }

  #printTrades(ns: number, side: number): void {
    for (const { buyId, sellId, priceE4, qty } of this.#book.trades) {
      this.rows.push({ type: ROW_TRADE, ns, id: buyId, sellId, side, priceE4, qty });
      this.#lastE4 = priceE4;
    }
  }

  #order(): [id: number, side: number, priceE4: number, qty: number] {
    const id = this.#nextId++;
    const side = 1 + this.#below(2);
    this.#sides.set(id, side);
    // Buys lean low and sells high, so that both rest and trade.
    const shift = Math.floor(this.#ticks / 3.5);
    const lean = side === 1 ? 0 : shift;
    const priceE4 = this.#lowE4 + (lean + this.#below(this.#ticks - shift)) * this.#tickE4;
    return [id, side, priceE4, 100 * (1 + this.#below(8))];
  }

  /** Whole number 0..n-1 (mulberry32). */
  #below(n: number): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  }
}
