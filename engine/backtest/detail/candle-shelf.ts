// Candles of the instruments of a run, of as many as a page can show: those that traded come first,
// in the order of the run. Used by detail-recorder.ts. Always: what can no longer be among them is
// dropped and recorded no further, so thousands of stocks cost no more than some dozens.
import { CandleBuilder } from './candle-builder.ts';
import { type CandleSeries, DETAIL_MAX } from './run-detail.ts';

export class CandleShelf {
  readonly #most: number;
  /** Places of the symbols in the order of the run. */
  readonly #places = new Map<string, number>();
  readonly #builders = new Map<string, CandleBuilder>();
  readonly #traded = new Set<string>();
  /** Places of the first that traded, rising. */
  readonly #firstTraded: number[] = [];

  constructor(most: number = DETAIL_MAX.instruments) {
    this.#most = most;
  }

  /** Instruments of the run. */
  get count(): number {
    return this.#places.size;
  }

  /** Where an instrument's prices go; null = it will not be shown. */
  builderOf(symbol: string): CandleBuilder | null {
    const place = this.#places.get(symbol) ?? this.#places.size;
    this.#places.set(symbol, place);
    if (place > this.#lastPlace) return null;
    const builder = this.#builders.get(symbol) ?? new CandleBuilder(symbol);
    this.#builders.set(symbol, builder);
    return builder;
  }

  /** An order of the instrument was seen. */
  trades(symbol: string): void {
    const place = this.#places.get(symbol);
    if (place === undefined || this.#traded.has(symbol)) return;
    this.#traded.add(symbol);
    const before = this.#firstTraded.findIndex((other) => other > place);
    this.#firstTraded.splice(before < 0 ? this.#firstTraded.length : before, 0, place);
    if (this.#firstTraded.length > this.#most) this.#firstTraded.pop();
    for (const known of [...this.#builders.keys()].reverse()) {
      if (this.#places.get(known)! <= this.#lastPlace) break;
      this.#builders.delete(known);
    }
  }

  /** What a page shows. */
  shown(): CandleSeries[] {
    const symbols = [...this.#builders.keys()];
    const traded = symbols.filter((symbol) => this.#traded.has(symbol));
    const others = symbols.filter((symbol) => !this.#traded.has(symbol));
    return [...traded, ...others]
      .slice(0, this.#most)
      .map((symbol) => this.#builders.get(symbol)!.series());
  }

  /** Nothing behind this place can be shown: as many before it have traded as there is room for. */
  get #lastPlace(): number {
    const traded = this.#firstTraded;
    return traded.length < this.#most ? Number.POSITIVE_INFINITY : traded[this.#most - 1]!;
  }
}
