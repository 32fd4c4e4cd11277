// Indicators as one writes them in an afternoon: streaming classes in plain TypeScript, running
// sums that add and subtract. The baseline of indicators.bench.ts beside the packages from npm.
// Always: values as TA-Lib's, but for the rounding that running sums collect.

/** One row in, the indicator out; NaN while it warms up. */
export type Naive = (high: number, low: number, close: number) => number;

function mean(n: number): (value: number) => number {
  const window: number[] = [];
  let sum = 0;
  return (value) => {
    window.push(value);
    sum += value;
    if (window.length > n) sum -= window.shift()!;
    return window.length === n ? sum / n : Number.NaN;
  };
}

function exponential(n: number, k: number): (value: number) => number {
  let count = 0;
  let e = 0;
  return (value) => {
    count++;
    if (count <= n) {
      e += value / n;
      return count === n ? e : Number.NaN;
    }
    e += (value - e) * k;
    return e;
  };
}

export function naiveSma(n: number): Naive {
  const next = mean(n);
  return (_high, _low, close) => next(close);
}

export function naiveEma(n: number): Naive {
  const next = exponential(n, 2 / (n + 1));
  return (_high, _low, close) => next(close);
}

export function naiveRsi(n: number): Naive {
  const gain = exponential(n, 1 / n);
  const loss = exponential(n, 1 / n);
  let before = Number.NaN;
  return (_high, _low, close) => {
    const move = close - before;
    before = close;
    if (Number.isNaN(move)) return Number.NaN;
    const up = gain(Math.max(move, 0));
    const down = loss(Math.max(-move, 0));
    return (100 * up) / (up + down);
  };
}

export function naiveAtr(n: number): Naive {
  const next = exponential(n, 1 / n);
  let before = Number.NaN;
  return (high, low, close) => {
    const range = Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
    before = close;
    return Number.isNaN(range) ? Number.NaN : next(range);
  };
}

/** The upper band. */
export function naiveBands(n: number, factor: number): Naive {
  const window: number[] = [];
  return (_high, _low, close) => {
    window.push(close);
    if (window.length > n) window.shift();
    if (window.length < n) return Number.NaN;
    const level = window.reduce((sum, value) => sum + value, 0) / n;
    const squares = window.reduce((sum, value) => sum + (value - level) ** 2, 0);
    return level + factor * Math.sqrt(squares / n);
  };
}

/** The histogram. */
export function naiveMacd(): Naive {
  const fast = exponential(12, 2 / 13);
  const slow = exponential(26, 2 / 27);
  const signal = exponential(9, 2 / 10);
  let skipped = 0;
  return (_high, _low, close) => {
    // TA-Lib starts the fast average late, so that both are ready together.
    const s = slow(close);
    const f = ++skipped > 14 ? fast(close) : Number.NaN;
    if (Number.isNaN(s)) return Number.NaN;
    return f - s - signal(f - s);
  };
}

/** End of the straight line through n rows. */
export function naiveLine(n: number): Naive {
  const window: number[] = [];
  return (_high, _low, close) => {
    window.push(close);
    if (window.length > n) window.shift();
    if (window.length < n) return Number.NaN;
    const middle = (n - 1) / 2;
    const level = window.reduce((sum, value) => sum + value, 0) / n;
    const xy = window.reduce((sum, value, k) => sum + (k - middle) * (value - level), 0);
    return level + ((xy * 12) / (n * (n * n - 1))) * middle;
  };
}

/** %D of the slow stochastic. */
export function naiveStoch(k: number, slow: number, d: number): Naive {
  const highs: number[] = [];
  const lows: number[] = [];
  const first = mean(slow);
  const second = mean(d);
  return (high, low, close) => {
    highs.push(high);
    lows.push(low);
    if (highs.length > k) {
      highs.shift();
      lows.shift();
    }
    if (highs.length < k) return Number.NaN;
    const floor = Math.min(...lows);
    const raw = (100 * (close - floor)) / (Math.max(...highs) - floor);
    const smooth = first(raw);
    return Number.isNaN(smooth) ? smooth : second(smooth);
  };
}
