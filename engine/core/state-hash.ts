// A rolling hash over numbers, the same on every machine: two int32 lanes (FNV-1a and a
// multiply-xorshift), floats by their IEEE bits. Called where two runs must be shown equal.
// Allocates at construction only.
export class StateHash {
  #a = 0x811c9dc5 | 0;
  #b = 0x2545f491;
  readonly #f64 = new Float64Array(1);
  readonly #i32 = new Int32Array(this.#f64.buffer);
  /** A row: three int32 from word 1 on, two float64 from word 4 on. */
  readonly #floats = new Float64Array(4);
  readonly #words = new Int32Array(this.#floats.buffer);

  /** Mixes an int32 in. */
  int(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    let b = Math.imul(this.#b ^ value, 0x9e3779b1);
    b ^= b >>> 15;
    this.#b = Math.imul(b, 0x85ebca6b) ^ (b >>> 13);
  }

  /** Mixes a float64 in, by its bits; -0 counts as 0. */
  float(value: number): void {
    this.#f64[0] = value + 0;
    this.int(this.#i32[0]!);
    this.int(this.#i32[1]!);
  }

  /**
   * Mixes `count` rows of three int32 and two float64 columns in, value by value as int() and
   * float() do, a row after the other.
   */
  rows(
    count: number,
    a: Int32Array,
    b: Int32Array,
    c: Int32Array,
    x: Float64Array,
    y: Float64Array,
  ): void {
    const words = this.#words;
    const floats = this.#floats;
    let low = this.#a;
    let high = this.#b;
    for (let i = 0; i < count; i++) {
      words[1] = a[i]!;
      words[2] = b[i]!;
      words[3] = c[i]!;
      floats[2] = x[i]! + 0;
      floats[3] = y[i]! + 0;
      for (let k = 1; k < 8; k++) {
        const value = words[k]!;
        low = Math.imul(low ^ value, 0x01000193);
        let mixed = Math.imul(high ^ value, 0x9e3779b1);
        mixed ^= mixed >>> 15;
        high = Math.imul(mixed, 0x85ebca6b) ^ (mixed >>> 13);
      }
    }
    this.#a = low;
    this.#b = high;
  }

  /** The first lane, int32: a short name of what was mixed in. */
  low(): number {
    return this.#a;
  }

  /** 16 hex digits. Cold: allocates. */
  hex(): string {
    return (
      (this.#a >>> 0).toString(16).padStart(8, '0') + (this.#b >>> 0).toString(16).padStart(8, '0')
    );
  }
}
