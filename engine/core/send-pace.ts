// How many orders and cancels an account may still send in this second: the maximum reported to
// the broker. Asked by the gateway link before it sends a cancel that can wait its turn. Always:
// times are engine time and never go back; what must not wait is counted and never held.
// Allocates at construction only.
const SECOND_NS = 1_000_000_000;

export class SendPace {
  /** Most in any second; 0 = no limit. */
  readonly perSecond: number;
  /** Times of the last `perSecond` messages; the oldest stands at #next. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
    this.#times = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** Whether one more at now[0] keeps to the limit (floats travel in arrays: no boxing). */
  isOpen(now: Float64Array): boolean {
    return this.perSecond === 0 || now[0] - this.#times[this.#next] >= SECOND_NS;
  }

  /** One was sent at now[0]. */
  count(now: Float64Array): void {
    if (this.perSecond === 0) return;
    this.#times[this.#next] = now[0];
    this.#next = this.#next + 1 === this.perSecond ? 0 : this.#next + 1;
  }
}
