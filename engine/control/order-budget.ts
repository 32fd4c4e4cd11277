// How many orders the doors of the api process let in: a bucket for all clients together. Called by
// the HTTP routes and the WebSocket commands. Always: cancels and the kill switch are not counted;
// the engine's own risk limits stand behind it all the same.

/** Orders at once, and more of them each second. */
const BURST = 200;
const PER_SECOND = 100;

export class OrderBudget {
  #left = BURST;
  #atMs = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
  }

  /** Takes room for `orders`; false = too fast, and nothing was taken. */
  take(orders: number): boolean {
    const now = this.#nowMs();
    this.#left = Math.min(BURST, this.#left + ((now - this.#atMs) / 1_000) * PER_SECOND);
    this.#atMs = now;
    if (this.#left < orders) return false;
    this.#left -= orders;
    return true;
  }
}
