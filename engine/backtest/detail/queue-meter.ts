// How own orders waited: which of them were passive, how many shares stood before them when they
// joined the queue, how long it took to their first fill. Fed by detail-recorder.ts. Always: judged
// by the last book shown before the order was accepted; where none was shown (bars), or the price
// is beyond its levels, nothing is guessed: such orders are counted and left out.
import { SIDE_BUY } from '../../messages/codes.ts';
import type { SnapshotTick } from '../../messages/generated/market.ts';
import { quantile } from '../analytics/statistics.ts';
import type { QueueQuality } from './run-detail.ts';

/** Levels of a picture. */
const LEVELS = 10;

interface Joined {
  readonly ns: number;
  readonly isPassive: boolean;
  filled: number;
}

export class QueueMeter {
  /** Orders that joined the market with a book shown, by client order id. */
  readonly #orders = new Map<string, Joined>();
  readonly #ahead: number[] = [];
  readonly #waits: number[] = [];
  #unseen = 0;
  #passiveOrders = 0;
  #passiveQty = 0;
  #filledQty = 0;

  /** The exchange took an order; `book` is what was shown last, null = nothing yet. */
  join(coid: string, ns: number, side: number, priceE4: number, book: SnapshotTick | null): void {
    const [ownE4, otherE4] = bestOf(side, book);
    if (book === null || (ownE4 <= 0 && otherE4 <= 0)) {
      this.#unseen++;
      return;
    }
    const isPassive = !reaches(side, priceE4, otherE4);
    this.#orders.set(coid, { ns, isPassive, filled: 0 });
    if (!isPassive) return;
    this.#passiveOrders++;
    const ahead = sharesAt(side, priceE4, book);
    if (ahead >= 0) this.#ahead.push(ahead);
  }

  /** An order has traded `filledQty` in all. */
  fill(coid: string, ns: number, filledQty: number): void {
    const order = this.#orders.get(coid);
    if (order === undefined || filledQty <= order.filled) return;
    const more = filledQty - order.filled;
    if (order.isPassive && order.filled === 0) this.#waits.push((ns - order.ns) / 1e9);
    order.filled = filledQty;
    this.#filledQty += more;
    if (order.isPassive) this.#passiveQty += more;
  }

  result(): QueueQuality {
    return {
      orders: this.#orders.size,
      unseenOrders: this.#unseen,
      passiveOrders: this.#passiveOrders,
      passiveShare: this.#filledQty === 0 ? null : this.#passiveQty / this.#filledQty,
      aheadKnown: this.#ahead.length,
      aheadMedian: quantile(this.#ahead, 0.5),
      aheadHigh: quantile(this.#ahead, 0.95),
      filledPassive: this.#waits.length,
      waitSMedian: quantile(this.#waits, 0.5),
      waitSHigh: quantile(this.#waits, 0.95),
    };
  }
}

/** Best prices of the order's own side and of the other; 0 = empty. */
function bestOf(side: number, book: SnapshotTick | null): [number, number] {
  if (book === null) return [0, 0];
  const [bidE4, askE4] = [book.bidPriceE4(0), book.askPriceE4(0)];
  return side === SIDE_BUY ? [bidE4, askE4] : [askE4, bidE4];
}

/** Whether an order would trade at once; one without a limit (0) does where anybody stands. */
function reaches(side: number, priceE4: number, otherE4: number): boolean {
  if (otherE4 <= 0) return false;
  if (priceE4 <= 0) return true;
  return side === SIDE_BUY ? priceE4 >= otherE4 : priceE4 <= otherE4;
}

/** Shares shown at the price; 0 for one between shown levels, -1 for one beyond them. */
function sharesAt(side: number, priceE4: number, book: SnapshotTick): number {
  const isBuy = side === SIDE_BUY;
  for (let level = 0; level < LEVELS; level++) {
    const shownE4 = isBuy ? book.bidPriceE4(level) : book.askPriceE4(level);
    // The book ends here: nobody stands at the price.
    if (shownE4 <= 0) return 0;
    if (shownE4 === priceE4) return isBuy ? book.bidQty(level) : book.askQty(level);
    if (isBuy ? shownE4 < priceE4 : shownE4 > priceE4) return 0;
  }
  return -1;
}
