// The last close of every instrument before a day, as the exchange would publish it on that day:
// behind ex-rights (rules sheet 3.3), rounded half up to the tick. Kept by the run of many days.
// Always: only days that were played, the data before the first of them, and actions up to the
// coming day are known here; days are opened in order.
import type { Instrument } from '../../core/instrument.ts';
import { likenessOf } from '../../rules/day-by-day.ts';
import { PriorPrices } from '../data/prior-prices.ts';
import type { ActionRow, DayClose } from '../data/stream-set.ts';
import { changesPrice, exPriceE4 } from '../store/adjust.ts';

export class PriorCloses {
  /** What the loader takes for the closes of the day before. */
  readonly prices = new PriorPrices();
  /** Day of each price, by its place; 0 or absent = there is none. */
  readonly #days: number[] = [];
  /** By ex-date. */
  readonly #actions: readonly ActionRow[];
  /** Actions before it have their ex-date on days that were opened. */
  #next = 0;
  readonly #tickOf: (symbol: string) => number;
  /** Of the day before, by index. */
  #places = new Int32Array(0);
  #likeness: object = this;

  /** `before`: closes before the first day; `tickOf`: the instrument's tick, E4. */
  constructor(
    actions: readonly ActionRow[],
    before: ReadonlyMap<string, DayClose>,
    tickOf: (symbol: string) => number,
  ) {
    this.#tickOf = tickOf;
    this.#actions = actions.filter(changesPrice).toSorted((a, b) => a.day - b.day);
    for (const [symbol, { day, closeE4 }] of before) {
      this.#note(this.prices.placeOf(symbol), day, closeE4);
    }
  }

  /** Goes over to a day: by which factors older prices are multiplied, of its ex-dates. */
  openDay(day: number): Map<string, number> {
    const { prices } = this;
    const factors = new Map<string, number>();
    // An action of an opened day has changed the price there, or that price is younger than it.
    for (; this.#next < this.#actions.length; this.#next++) {
      const action = this.#actions[this.#next]!;
      if (action.day > day) break;
      const { symbol } = action;
      const place = prices.placeOf(symbol);
      const last = this.#days[place] ?? 0;
      if (last === 0 || action.day <= last) continue;
      const closeE4 = prices.at(place);
      const exE4 = exPriceE4(closeE4, action);
      factors.set(symbol, ((factors.get(symbol) ?? 1) * exE4) / closeE4);
      prices.put(place, exE4);
    }
    for (const symbol of factors.keys()) {
      const tickE4 = this.#tickOf(symbol);
      const place = prices.placeOf(symbol);
      const ticks = Math.floor(prices.at(place) / tickE4 + 0.5 + 1e-9);
      this.#note(place, day, Math.max(1, ticks) * tickE4);
    }
    return factors;
  }

  /** What a day closed with; 0 = it did not trade. */
  endDay(day: number, instruments: readonly Instrument[], lastPricesE4: ArrayLike<number>): void {
    const likeness = likenessOf(instruments);
    if (likeness !== this.#likeness) {
      this.#places = Int32Array.from(instruments, ({ symbol }) => this.prices.placeOf(symbol));
      this.#likeness = likeness;
    }
    const places = this.#places;
    for (let i = 0; i < places.length; i++) {
      const lastE4 = lastPricesE4[i]!;
      if (lastE4 > 0) this.#note(places[i]!, day, lastE4);
    }
  }

  #note(place: number, day: number, priceE4: number): void {
    this.prices.put(place, priceE4);
    this.#days[place] = day;
  }
}
