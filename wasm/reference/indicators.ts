// The slow twins of the streaming indicators: each keeps every value and computes from scratch.
// Used by the differential tests. A value that is not finite is skipped and answers NaN.

/** Mean of the last n values; NaN before there are n. */
export class ReferenceSma {
  readonly n: number;
  values: number[] = [];

  constructor(n: number) {
    this.n = n;
  }

  next(value: number): number {
    if (!Number.isFinite(value)) return Number.NaN;
    this.values.push(value);
    if (this.values.length < this.n) return Number.NaN;
    return sum(this.values.slice(-this.n)) / this.n;
  }
}

/** Exponential average with factor 2 / (n + 1), seeded with the mean of the first n values. */
export class ReferenceEma {
  readonly n: number;
  values: number[] = [];

  constructor(n: number) {
    this.n = n;
  }

  next(value: number): number {
    if (!Number.isFinite(value)) return Number.NaN;
    this.values.push(value);
    if (this.values.length < this.n) return Number.NaN;
    let ema = sum(this.values.slice(0, this.n)) / this.n;
    for (const later of this.values.slice(this.n)) ema = (later - ema) * (2 / (this.n + 1)) + ema;
    return ema;
  }
}

/** Amount over quantity of everything so far; NaN before there is a quantity. */
export class ReferenceVwap {
  trades: { readonly price: number; readonly qty: number }[] = [];

  next(price: number, qty: number): number {
    if (!Number.isFinite(price) || !Number.isFinite(qty) || qty < 0) return Number.NaN;
    this.trades.push({ price, qty });
    const total = sum(this.trades.map((trade) => trade.qty));
    return total > 0
      ? sum(this.trades.map((trade) => trade.price * trade.qty)) / total
      : Number.NaN;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
