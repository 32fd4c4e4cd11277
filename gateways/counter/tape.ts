// A seeded tape of trades for the counter: which instrument, at what price, how many shares. Its
// prices wander by ticks and are drawn to the orders it is shown, so resting orders trade some
// time. Called by the counter at a steady beat. Pure: same seed and orders, same tape.
const TICK_E4 = 100;
const LOT = 100;
const LOTS_MAX = 8;

export interface Print {
  readonly symbol: string;
  readonly priceE4: number;
  readonly qty: number;
}

/** A small generator of numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Tape {
  readonly #random: () => number;
  readonly #priceE4 = new Map<string, number>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** An order's price: the tape goes there by and by. */
  show(symbol: string, priceE4: number): void {
    const now = this.#priceE4.get(symbol);
    const goal = now === undefined ? priceE4 : now + (priceE4 - now) / 4;
    this.#priceE4.set(symbol, Math.round(goal / TICK_E4) * TICK_E4);
  }

  /** The next trade; null while no instrument was shown. */
  next(): Print | null {
    const symbols = [...this.#priceE4.keys()];
    if (symbols.length === 0) return null;
    const symbol = symbols[Math.floor(this.#random() * symbols.length)]!;
    const step = Math.floor(this.#random() * 7) - 3;
    const priceE4 = Math.max(TICK_E4, this.#priceE4.get(symbol)! + step * TICK_E4);
    this.#priceE4.set(symbol, priceE4);
    return { symbol, priceE4, qty: LOT * (1 + Math.floor(this.#random() * LOTS_MAX)) };
  }
}
