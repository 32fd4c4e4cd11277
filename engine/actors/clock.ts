// Where actors read the host's monotonic time: for stamps and latencies only, never to decide.
// The host injects a real one into worker threads and a still one into the backtester.
export interface MonoClock {
  /** Monotonic ns, the same clock on every thread of the process; 0 in a backtest. */
  nowNs(): number;
  /** Writes the same into `slots[index]`: a float64 that is returned may be boxed. */
  stamp(slots: Float64Array, index: number): void;
}

/** A clock that stands still: a backtest measures no latency and costs no clock call. */
export class StillClock implements MonoClock {
  nowNs(): number {
    return 0;
  }

  stamp(slots: Float64Array, index: number): void {
    slots[index] = 0;
  }
}
