// The slow, obvious twin of engine/backtest/analytics, from the definitions of docs/ANALYTICS.md:
// sums term by term, every pair of moments for the drawdown, every share on its own in the queue.
// Used by tests only. Always: shares no code with what it checks.

export interface RefPoint {
  day: number;
  equityE4: number;
  marketValueE4: number;
  flowE4?: number;
}
export interface RefFill {
  day: number;
  timeNs: number;
  orderId: string;
  instrument: string;
  side: 'buy' | 'sell';
  priceE4: number;
  qty: number;
  feeE4: number;
}

function average(values: number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

function spread(values: number[]): number {
  const middle = average(values);
  let total = 0;
  for (const value of values) total += (value - middle) * (value - middle);
  return Math.sqrt(total / (values.length - 1));
}

function julian(day: number): number {
  const text = String(day);
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T00:00:00Z`;
  return Date.parse(iso) / 86_400_000;
}

/** Return of every period. */
export function refReturns(points: RefPoint[]): number[] {
  const list: number[] = [];
  points.forEach((point, i) => {
    if (i > 0) list.push((point.equityE4 - (point.flowE4 ?? 0)) / points[i - 1]!.equityE4 - 1);
  });
  return list;
}

export function refPerformance(points: RefPoint[], rf: number, yearDays: 'calendar' | number) {
  const r = refReturns(points);
  const days = julian(points.at(-1)!.day) - julian(points[0]!.day);
  const years = yearDays === 'calendar' ? days / 365 : r.length / yearDays;
  const perYear = r.length / years;
  const rfPeriod = Math.exp(Math.log(1 + rf) / perYear) - 1;
  let logGrowth = 0;
  for (const one of r) logGrowth += Math.log(1 + one);
  let shortfall = 0;
  for (const one of r) if (one < rfPeriod) shortfall += (one - rfPeriod) ** 2;
  const above = average(r) - rfPeriod;
  return {
    totalReturn: Math.exp(logGrowth) - 1,
    annualReturn: Math.exp(logGrowth / years) - 1,
    annualVolatility: spread(r) * Math.sqrt(perYear),
    sharpe: (above / spread(r)) * Math.sqrt(perYear),
    sortino: (above / Math.sqrt(shortfall / r.length)) * Math.sqrt(perYear),
    years,
    rfPeriod,
    perYear,
  };
}

/** The deepest fall over every pair of moments, the first of equals. */
export function refDrawdown(growth: number[]) {
  let best = { depth: 0, peak: -1, trough: -1, recovery: -1 };
  for (let trough = 0; trough < growth.length; trough++) {
    for (let peak = 0; peak < trough; peak++) {
      const depth = 1 - growth[trough]! / growth[peak]!;
      const same = trough === best.trough && depth >= best.depth - 1e-12;
      if (depth > best.depth + 1e-12 || (same && depth > 1e-12)) {
        best = { depth, peak, trough, recovery: -1 };
      }
    }
  }
  if (best.trough < 0) return best;
  for (let i = growth.length - 1; i > best.trough; i--) {
    if (growth[i]! >= growth[best.peak]! * (1 - 1e-12)) best.recovery = i;
  }
  return best;
}

export function refRelative(
  points: RefPoint[],
  closes: Map<number, number>,
  rfPeriod: number,
  perYear: number,
) {
  const all = refReturns(points);
  const own: number[] = [];
  const other: number[] = [];
  for (let i = 1; i < points.length; i++) {
    if (!closes.has(points[i]!.day) || !closes.has(points[i - 1]!.day)) continue;
    own.push(all[i - 1]!);
    other.push(closes.get(points[i]!.day)! / closes.get(points[i - 1]!.day)! - 1);
  }
  const n = own.length;
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sx += other[i]!;
    sy += own[i]!;
    sxx += other[i]! ** 2;
    sxy += other[i]! * own[i]!;
  }
  const beta = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  const active = own.map((one, i) => one - other[i]!);
  return {
    periods: n,
    beta,
    alpha: (sy / n - rfPeriod - beta * (sx / n - rfPeriod)) * perYear,
    trackingError: spread(active) * Math.sqrt(perYear),
    informationRatio: (average(active) / spread(active)) * Math.sqrt(perYear),
  };
}

/** One share after the other: profit and holding time of each pair of orders. */
export function refTrips(fills: RefFill[], base: { instrument: string; priceE4: number }[]) {
  const shares = base.map((one) => ({ ...one, orderId: '', fee: 0, at: -1 }));
  const trips = new Map<string, { profit: number; shares: number; from: number; to: number }>();
  let unmatched = 0;
  for (const fill of fills) {
    const at = julian(fill.day) + fill.timeNs / 1e9 / 3600 / 24;
    for (let n = 0; n < fill.qty; n++) {
      const fee = fill.feeE4 / fill.qty;
      if (fill.side === 'buy') {
        const { instrument, priceE4, orderId } = fill;
        shares.push({ instrument, priceE4, orderId, fee, at });
        continue;
      }
      const oldest = shares.findIndex(({ instrument }) => instrument === fill.instrument);
      if (oldest < 0) {
        unmatched++;
        continue;
      }
      const [bought] = shares.splice(oldest, 1);
      const key = `${fill.instrument}/${bought!.orderId}/${fill.orderId}`;
      const trip = trips.get(key) ?? { profit: 0, shares: 0, from: bought!.at, to: at };
      trip.profit += fill.priceE4 - bought!.priceE4 - fee - bought!.fee;
      trip.shares += 1;
      trip.to = at;
      trips.set(key, trip);
    }
  }
  return { trips: [...trips.values()], unmatched };
}
