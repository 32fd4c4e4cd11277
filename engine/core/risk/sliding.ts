// Counters over sliding time, one per row: the last N times (orders within a second), and sums by
// whole seconds (amounts within a minute). Called by the risk state. Invariants: a window never
// counts less than what truly lies in it; times of a row come in order. Allocates at construction.

export const SECOND_NS = 1_000_000_000;
/** One more than a minute: the present second and the 60 before it hold any 60 seconds. */
export const MINUTE_SECONDS = 61;

/** The latest times of each row: "is the n-th last younger than a second" is one look. */
export class RecentTimes {
  readonly #times: Float64Array;
  readonly #head: Int32Array;
  readonly #mask: number;
  /** Times counted in each row so far. */
  readonly #counted: Int32Array;

  /** Room for `depth` times a row, rounded up to a power of two. */
  constructor(rows: number, depth: number) {
    let size = 16;
    while (size < depth) size *= 2;
    this.#times = new Float64Array(rows * size).fill(Number.NEGATIVE_INFINITY);
    this.#head = new Int32Array(rows);
    this.#counted = new Int32Array(rows);
    this.#mask = size - 1;
  }

  /** Forgets every time: for the next day. */
  clear(): void {
    const size = this.#mask + 1;
    for (let row = 0; row < this.#counted.length; row++) {
      const used = Math.min(size, this.#counted[row]);
      this.#times.fill(Number.NEGATIVE_INFINITY, row * size, row * size + used);
    }
    this.#head.fill(0);
    this.#counted.fill(0);
  }

  /** Times of a row that can be told apart. */
  get depth(): number {
    return this.#mask + 1;
  }

  /** Counts one event of `row` at times[0]; floats travel in arrays, as arguments are boxed. */
  add(row: number, at: Float64Array): void {
    const head = this.#head[row];
    this.#counted[row]++;
    this.#times[row * (this.#mask + 1) + head] = at[0];
    this.#head[row] = (head + 1) & this.#mask;
  }

  /** Whether at least n events of `row` are younger than a second at times[0]; 1 <= n <= depth. */
  hasRecent(row: number, n: number, at: Float64Array): boolean {
    const place = (this.#head[row] - n) & this.#mask;
    return at[0] - this.#times[row * (this.#mask + 1) + place] < SECOND_NS;
  }
}

/** Sums of the last MINUTE_SECONDS whole seconds of each row. */
export class MinuteSums {
  /** Sum of each row as of its last advance. */
  readonly sum: Float64Array;
  readonly #buckets: Float64Array;
  readonly #second: Int32Array;

  constructor(rows: number) {
    this.sum = new Float64Array(rows);
    this.#buckets = new Float64Array(rows * MINUTE_SECONDS);
    this.#second = new Int32Array(rows);
  }

  /** Brings a row's sum to the second of at[0]; time that goes back changes nothing. */
  advance(row: number, at: Float64Array): void {
    const second = Math.floor(at[0] / SECOND_NS);
    const passed = second - this.#second[row];
    if (passed <= 0) return;
    const base = row * MINUTE_SECONDS;
    if (passed >= MINUTE_SECONDS) {
      this.#buckets.fill(0, base, base + MINUTE_SECONDS);
      this.sum[row] = 0;
    } else {
      for (let s = this.#second[row] + 1; s <= second; s++) {
        const bucket = base + (s % MINUTE_SECONDS);
        this.sum[row] -= this.#buckets[bucket];
        this.#buckets[bucket] = 0;
      }
    }
    this.#second[row] = second;
  }

  /** Adds at[1] to a row at the time at[0]. */
  add(row: number, at: Float64Array): void {
    this.advance(row, at);
    this.#buckets[row * MINUTE_SECONDS + (this.#second[row] % MINUTE_SECONDS)] += at[1];
    this.sum[row] += at[1];
  }
}
