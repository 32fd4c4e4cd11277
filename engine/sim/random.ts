// The simulator's only source of chance: sfc32, seeded by run and stream, so that a fault class
// that is switched off takes no draws away from the others. Called by everything in engine/sim.
// Invariant: equal seed and stream give equal draws on every machine.

/** Mixes two int32 into a well spread one (murmur's finaliser). */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number, stream: number) {
    this.#a = mix(seed | 0, stream);
    this.#b = mix(Math.floor(seed / 4_294_967_296) | 0, stream + 1);
    this.#c = mix(stream, seed | 0);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** The next 32 bits, unsigned. */
  next(): number {
    const t = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.next() / 4_294_967_296) * n);
  }

  /** Whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return p > 0 && this.next() < p * 4_294_967_296;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
