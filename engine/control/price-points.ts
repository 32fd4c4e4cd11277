// Last prices as a chart draws them: one point per instrument and virtual second. Called by the
// replica with each book. Pure. Always: points of an instrument ascend by whole seconds, the newest
// point of a second wins, and the memory is bounded over all instruments together.
import type { Bar1, Book, Item } from './protocol.ts';

/** Points of one instrument. */
export const PRICE_POINTS = 2_000;
/** Points of all instruments together: some 2 MB of snapshot text at most. */
const ALL_POINTS = 60_000;
const LEAST_POINTS = 50;
const NS_PER_SECOND = 1e9;

export class PricePoints {
  readonly #points = new Map<string, Bar1[]>();
  /** Instruments whose newest point was not handed out yet. */
  readonly #changed = new Set<string>();
  /** Points of seconds that ended before they were handed out. */
  #finished: Item[] = [];

  /** Takes the last price of a book; a book without a trade, or of an older second, has none. */
  add(book: Book): void {
    if (book.lastE4 <= 0) return;
    const point: Bar1 = [book.ns, book.lastE4, book.volume];
    const points = this.#of(book.instrument);
    const last = points.at(-1);
    if (last === undefined || secondOf(last) < secondOf(point)) {
      if (last !== undefined && this.#changed.has(book.instrument)) {
        this.#finished.push(itemOf(book.instrument, last));
      }
      points.push(point);
      this.#bound(points);
    } else if (secondOf(last) === secondOf(point)) {
      points[points.length - 1] = point;
    } else {
      return;
    }
    this.#changed.add(book.instrument);
  }

  /** Appends what is new since the last call to `items`. */
  take(items: Item[]): void {
    for (const item of this.#finished) items.push(item);
    this.#finished = [];
    for (const instrument of this.#changed) {
      const last = this.#points.get(instrument)?.at(-1);
      if (last !== undefined) items.push(itemOf(instrument, last));
    }
    this.#changed.clear();
  }

  /** All points by instrument, at most `limit()` each. */
  all(): { [instrument: string]: readonly Bar1[] } {
    const limit = this.#limit();
    const prices: { [instrument: string]: readonly Bar1[] } = {};
    for (const [instrument, points] of this.#points) prices[instrument] = points.slice(-limit);
    return prices;
  }

  /** Points that wait for take(), for the replica's bound on a batch. */
  get waiting(): number {
    return this.#finished.length;
  }

  clear(): void {
    this.#points.clear();
    this.dropWaiting();
  }

  /** A snapshot is about to say it all. */
  dropWaiting(): void {
    this.#finished = [];
    this.#changed.clear();
  }

  #of(instrument: string): Bar1[] {
    let points = this.#points.get(instrument);
    if (points === undefined) {
      points = [];
      this.#points.set(instrument, points);
    }
    return points;
  }

  #limit(): number {
    const share = Math.floor(ALL_POINTS / Math.max(this.#points.size, 1));
    return Math.min(PRICE_POINTS, Math.max(LEAST_POINTS, share));
  }

  /** Cut in blocks: moving the whole array for each point would cost more than the points. */
  #bound(points: Bar1[]): void {
    const limit = this.#limit();
    if (points.length > limit * 1.25) points.splice(0, points.length - limit);
  }
}

function secondOf(point: Bar1): number {
  return Math.floor(point[0] / NS_PER_SECOND);
}

function itemOf(instrument: string, point: Bar1): Item {
  return { k: 'price', instrument, ns: point[0], lastE4: point[1], volume: point[2] };
}
