// The last close of every instrument before a day, as the exchange would publish it on that day:
// behind ex-rights (rules sheet 3.3), rounded half up to the tick. Kept by the run of many days.
// Always: only days that were played, the data before the first of them, and actions up to the
// coming day are known here.
import type { Instrument } from '../../core/instrument.ts';
import type { ActionRow, DayClose } from '../data/stream-set.ts';
import { changesPrice, exPriceE4 } from '../store/adjust.ts';

export class PriorCloses {
  /** By symbol; what the loader takes for the close of the day before. */
  readonly prices = new Map<string, number>();
  readonly #days = new Map<string, number>();
  readonly #actions: readonly ActionRow[];
  readonly #tickOf: (symbol: string) => number;

  /** `before`: closes before the first day; `tickOf`: the instrument's tick, E4. */
  constructor(
    actions: readonly ActionRow[],
    before: ReadonlyMap<string, DayClose>,
    tickOf: (symbol: string) => number,
  ) {
    this.#tickOf = tickOf;
    this.#actions = actions.filter(changesPrice).toSorted((a, b) => a.day - b.day);
    for (const [symbol, { day, closeE4 }] of before) {
      this.prices.set(symbol, closeE4);
      this.#days.set(symbol, day);
    }
  }

  /** Goes over to a day: by which factors older prices are multiplied, of its ex-dates. */
  openDay(day: number): Map<string, number> {
    const factors = new Map<string, number>();
    for (const action of this.#actions) {
      const { symbol } = action;
      const last = this.#days.get(symbol);
      if (last === undefined || action.day <= last || action.day > day) continue;
      const closeE4 = this.prices.get(symbol)!;
      const exE4 = exPriceE4(closeE4, action);
      factors.set(symbol, ((factors.get(symbol) ?? 1) * exE4) / closeE4);
      this.prices.set(symbol, exE4);
    }
    for (const symbol of factors.keys()) {
      const tickE4 = this.#tickOf(symbol);
      const ticks = Math.floor(this.prices.get(symbol)! / tickE4 + 0.5 + 1e-9);
      this.prices.set(symbol, Math.max(1, ticks) * tickE4);
      this.#days.set(symbol, day);
    }
    return factors;
  }

  /** What a day closed with; 0 = it did not trade. */
  endDay(day: number, instruments: readonly Instrument[], lastPricesE4: readonly number[]): void {
    for (const [i, { symbol }] of instruments.entries()) {
      const lastE4 = lastPricesE4[i]!;
      if (lastE4 <= 0) continue;
      this.prices.set(symbol, lastE4);
      this.#days.set(symbol, day);
    }
  }
}
