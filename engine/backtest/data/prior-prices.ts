// What instruments closed with before a day, as that day's ex-rights leave it: kept by
// actions/prior-closes.ts, asked by the makers of a day (load.ts, bar-series.ts). Always: a price
// of 0 is not known. By place, not by text: a run of years asks for thousands of symbols a day.

export class PriorPrices {
  readonly #places = new Map<string, number>();
  #pricesE4 = new Float64Array(64);
  /** Asked for last, and the places of these. */
  #asked: readonly string[] = [];
  #askedPlaces = new Int32Array(0);

  constructor(prices: Iterable<readonly [string, number]> = []) {
    for (const [symbol, priceE4] of prices) this.put(this.placeOf(symbol), priceE4);
  }

  /** Place of a symbol, dense; one that is new gets the next. */
  placeOf(symbol: string): number {
    const known = this.#places.get(symbol);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(symbol, place);
    if (place === this.#pricesE4.length) {
      const more = new Float64Array(place * 2);
      more.set(this.#pricesE4);
      this.#pricesE4 = more;
    }
    return place;
  }

  /** Price of a place of placeOf(). */
  at(place: number): number {
    return this.#pricesE4[place]!;
  }

  put(place: number, priceE4: number): void {
    this.#pricesE4[place] = priceE4;
  }

  get(symbol: string): number {
    const place = this.#places.get(symbol);
    return place === undefined ? 0 : this.#pricesE4[place]!;
  }

  /** Those of all of `symbols`, which nobody changes, in their order; the array is the caller's. */
  of(symbols: readonly string[]): Float64Array {
    if (this.#asked !== symbols) {
      this.#askedPlaces = Int32Array.from(symbols, (symbol) => this.placeOf(symbol));
      this.#asked = symbols;
    }
    const [places, pricesE4] = [this.#askedPlaces, this.#pricesE4];
    const found = new Float64Array(places.length);
    for (let i = 0; i < found.length; i++) found[i] = pricesE4[places[i]!]!;
    return found;
  }

  /** Known prices by symbol, as plain data for another thread. */
  toMap(): Map<string, number> {
    const known = [...this.#places].filter(([, place]) => this.#pricesE4[place]! > 0);
    return new Map(known.map(([symbol, place]) => [symbol, this.#pricesE4[place]!]));
  }
}
