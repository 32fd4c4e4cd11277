// Seeded random numbers of the synthetic market: xoshiro128** by Blackman and Vigna (public domain
// algorithm), seeded through splitmix32. Integer operations only, so the same seed gives the same
// numbers on every machine. Called by the order flow; one object per instrument.

/** A stream of uniform numbers. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `stream` sets independent streams of one seed apart. Both any int32. */
  constructor(seed: number, stream = 0) {
    let state = (seed ^ Math.imul(stream | 0, 0x9e3779b9)) | 0;
    const mix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    this.#d = mix() | 1;
  }

  /** Uniform over 0..2^32-1. */
  uint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform over 0..n-1, n in 1..2^20 (exact in float64). */
  below(n: number): number {
    return Math.floor((this.uint32() * n) / 4_294_967_296);
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }
}
