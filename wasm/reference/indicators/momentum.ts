// Slow twins: momentum, direction, volume, ranges. Each is written from its formula
// (docs/INDICATORS.md), over whole series. Used by tests/differential/indicator-kernels.test.ts.
// Always: nothing here knows how the kernel computes.
import type { Asked, Series, Twin } from './series.ts';
import {
  ago,
  change,
  ema,
  exponential,
  highest,
  isSheet,
  lowest,
  mean,
  meanOf,
  over,
  rolling,
  scale,
  sum,
  sumOf,
  trueRange,
  typical,
  where,
  without,
  zip,
} from './series.ts';

const n = (a: Asked): number => a.p['period']!;
const up = (x: Series): number[] => x.map((d) => (Number.isNaN(d) ? d : Math.max(d, 0)));
const down = (x: Series): number[] => x.map((d) => (Number.isNaN(d) ? d : Math.max(-d, 0)));

/** Movement up and down of each row; the larger counts. */
function movement(a: Asked): [number[], number[]] {
  const rise = change(a.high);
  const fall = scale(change(a.low), -1);
  const plus = zip(rise, fall, (r, f) => (Number.isNaN(r) ? r : r > 0 && r > f ? r : 0));
  const minus = zip(rise, fall, (r, f) => (Number.isNaN(r) ? r : f > 0 && f > r ? f : 0));
  return [plus, minus];
}

/** Wilder's sum: of `seed` values first, then s - s / n + x. */
function wilderSum(x: Series, rows: number, seed: number): number[] {
  const out: number[] = [];
  let count = 0;
  let s = 0;
  for (const value of x) {
    if (Number.isNaN(value)) {
      out.push(value);
      continue;
    }
    count++;
    s = count <= seed ? s + value : s - s / rows + value;
    out.push(count >= Math.max(seed, 1) ? s : Number.NaN);
  }
  return out;
}

function smoothed(a: Asked, x: Series): number[] {
  if (a.convention === 'tdx') return sum(x, n(a));
  return wilderSum(x, n(a), a.convention === 'chartschool' ? n(a) : n(a) - 1);
}

function later(a: Asked, x: Series): Series {
  return a.convention === 'talib' ? without(x, 1) : x;
}

function directed(a: Asked, side: 0 | 1): Series[] {
  const range = smoothed(a, trueRange(a, false));
  return [later(a, scale(over(smoothed(a, movement(a)[side]), range), 100))];
}

function dx(a: Asked): Series {
  const [plus, minus] = movement(a).map((x) => smoothed(a, x));
  const between = zip(plus!, minus!, (p, m) => Math.abs(p - m));
  const both = zip(plus!, minus!, (p, m) => p + m);
  return later(a, scale(over(between, both), 100));
}

function adx(a: Asked): number[] {
  const rows = a.p['smooth'] || n(a);
  return a.convention === 'tdx' ? mean(dx(a), rows) : exponential(dx(a), 1 / rows, rows);
}

function twoAverages(a: Asked): [number[], number[]] {
  const { fast = 0, slow = 0, matype = 0 } = a.p;
  const rows = [Math.min(fast, slow), Math.max(fast, slow)];
  const isPlain = matype === 0 && a.convention === 'talib';
  const [f, s] = rows.map((k) => (isPlain ? mean(a.real, k) : ema(a, a.real, k)));
  return [f!, s!];
}

function macd(a: Asked, isFixed: boolean): Series[] {
  const signal = a.p['signal']!;
  const given = isFixed ? [12, 26] : [a.p['fast']!, a.p['slow']!];
  const [fast, slow] = given.sort((x, y) => x - y) as [number, number];
  const special = isFixed || (a.convention === 'tulip' && fast === 12 && slow === 26);
  const [kf, ks] = special ? [0.15, 0.075] : [2 / (fast + 1), 2 / (slow + 1)];
  const isTalib = a.convention === 'talib';
  const quick = exponential(a.real, kf!, isTalib ? fast : 1, isTalib ? slow - fast : 0);
  const all = zip(quick, exponential(a.real, ks!, isTalib ? slow : 1), (x, y) => x - y);
  const dif = a.convention === 'tulip' ? without(all, slow - 1) : all;
  const dea = exponential(dif, 2 / (signal + 1), isTalib ? signal : 1);
  const bar = zip(dif, dea, (x, y) => (x - y) * (a.convention === 'tdx' ? 2 : 1));
  return [isTalib ? where(dif, dea) : dif, dea, bar];
}

function aroon(a: Asked): [number[], number[]] {
  const share = (x: Series, best: (w: number[]) => number) =>
    rolling(x, n(a) + 1, (w) => (100 * w.lastIndexOf(best(w))) / n(a));
  return [share(a.low, (w) => Math.min(...w)), share(a.high, (w) => Math.max(...w))];
}

/** Gains and losses averaged as the convention says; f of both, `none` where nothing moved. */
function strength(a: Asked, f: (gain: number, loss: number) => number): number[] {
  const moves = change(a.real);
  const rows = n(a);
  const of = (x: number[]): number[] => {
    if (a.convention === 'tdx') return exponential(x, 1 / rows, 1);
    if (a.convention !== 'chartschool') return exponential(x, 1 / rows, rows);
    // The average starts at zero on the first row.
    return exponential([0, ...x.slice(1)], 1 / rows, 1);
  };
  const out = zip(of(up(moves)), of(down(moves)), (g, l) => {
    if (Number.isNaN(g)) return g;
    return g + l === 0 ? 0 : (100 * f(g, l)) / (g + l);
  });
  return out;
}

function rsi(a: Asked): number[] {
  const all = strength(a, (gain) => gain);
  return a.convention === 'chartschool' ? without(all, n(a) - 1) : all;
}

function cmo(a: Asked): number[] {
  if (a.convention === 'tulip') {
    return rolling(change(a.real), n(a), (w) => {
      const [g, l] = [sumOf(up(w)), sumOf(down(w))];
      return g + l === 0 ? 0 : (100 * (g - l)) / (g + l);
    });
  }
  const usual = a.convention === 'chartschool' ? { ...a, convention: 'talib' } : a;
  return strength(usual, (gain, loss) => gain - loss);
}

function place(x: Series, low: Series, high: Series, by: number): number[] {
  return x.map((value, i) => {
    const range = high[i]! - low[i]!;
    if (Number.isNaN(range) || Number.isNaN(value)) return Number.NaN;
    const isOne = range <= 1e-12 * (Math.abs(low[i]!) + Math.abs(high[i]!));
    return isOne ? 0 : (by * (value - low[i]!)) / range;
  });
}

function smooth(a: Asked, x: Series, rows: number): number[] {
  return a.convention === 'tdx' ? exponential(x, 1 / rows, 1) : mean(x, rows);
}

function stochastic(a: Asked, rows: number): number[] {
  return place(a.close, lowest(a.low, rows), highest(a.high, rows), 100);
}

function stochRsi(a: Asked): Series[] {
  const x = rsi(a);
  const rows = isSheet(a) ? n(a) : a.p['fastk']!;
  const k = place(x, lowest(x, rows), highest(x, rows), isSheet(a) ? 1 : 100);
  const d = smooth(a, k, a.p['fastd']!);
  return [isSheet(a) ? k : where(k, d), d];
}

function trix(a: Asked): number[] {
  let x = a.real;
  for (let k = 0; k < 3; k++) {
    const next = ema(a, x, n(a));
    x = isSheet(a) ? without(next, n(a) - 1) : next;
  }
  const under = a.convention === 'tulip' ? x : ago(x, 1);
  return scale(over(change(x), where(under, change(x))), 100);
}

function ultimate(a: Asked): number[] {
  const before = ago(a.close, 1);
  const pressure = a.close.map((c, i) =>
    i === 0 ? Number.NaN : c - Math.min(a.low[i]!, before[i]!),
  );
  const range = trueRange(a, false);
  const rows = ['period1', 'period2', 'period3'].map((key) => a.p[key]!).sort((x, y) => x - y);
  const [x, y, z] = rows.map((k) => over(sum(pressure, k), sum(range, k)));
  return x!.map((value, i) => (100 * (4 * value + 2 * y![i]! + z![i]!)) / 7);
}

function power(strong: Series, weak: Series, rows: number): number[] {
  return scale(over(sum(strong, rows), sum(weak, rows)), 100);
}

function vortex(a: Asked): Series[] {
  const range = sum(trueRange(a, false), n(a));
  const plus = zip(a.high, ago(a.low, 1), (h, l) => Math.abs(h - l));
  const minus = zip(a.low, ago(a.high, 1), (l, h) => Math.abs(l - h));
  return [over(sum(plus, n(a)), range), over(sum(minus, n(a)), range)];
}

function moneyFlow(a: Asked): number[] {
  const price = typical(a);
  const moves = change(price);
  const part = (sign: number) =>
    price.map((value, i) => {
      if (i === 0) return Number.NaN;
      return Math.sign(moves[i]!) === sign ? value * a.volume[i]! : 0;
    });
  const [plus, minus] = [sum(part(1), n(a)), sum(part(-1), n(a))];
  return scale(
    over(
      plus,
      zip(plus, minus, (x, y) => x + y),
    ),
    100,
  );
}

function accumulation(a: Asked): number[] {
  const flow = a.close.map((c, i) => {
    const [h, l] = [a.high[i]!, a.low[i]!];
    return h > l ? ((c - l - (h - c)) / (h - l)) * a.volume[i]! : 0;
  });
  return flow.map((_, i) => sumOf(flow.slice(0, i + 1)));
}

function onBalance(a: Asked): number[] {
  let total = 0;
  return a.real.map((value, i) => {
    if (i === 0) {
      if (a.convention === 'chartschool') return Number.NaN;
      total = a.convention === 'talib' ? a.volume[0]! : 0;
    } else total += Math.sign(value - a.real[i - 1]!) * a.volume[i]!;
    return total;
  });
}

function volumeIndex(a: Asked, way: number): number[] {
  let index = 1000;
  return a.real.map((value, i) => {
    const before = a.real[i - 1];
    const counts = i > 0 && Math.sign(a.volume[i]! - a.volume[i - 1]!) === way && before !== 0;
    if (counts) index *= value / before!;
    return index;
  });
}

function volumeRatio(a: Asked): number[] {
  const moves = change(a.real);
  const of = (sign: number) =>
    a.volume.map((v, i) => (i === 0 ? Number.NaN : Math.sign(moves[i]!) === sign ? v : 0));
  const [rise, fall, even] = [1, -1, 0].map((sign) => sum(of(sign), n(a)));
  return rise!.map((r, i) => {
    const under = 2 * fall![i]! + even![i]!;
    return under === 0 ? 0 : (100 * (2 * r + even![i]!)) / under;
  });
}

function atr(a: Asked): number[] {
  if (a.convention === 'tdx') return mean(trueRange(a, false), n(a));
  return exponential(trueRange(a, isSheet(a)), 1 / n(a), n(a));
}

function ratio(a: Asked, f: (now: number, before: number) => number): number[] {
  return zip(a.real, ago(a.real, n(a)), (now, before) => (before === 0 ? 0 : f(now, before)));
}

export const MOMENTUM: { readonly [name: string]: Twin } = {
  adx: (a) => [adx(a)],
  adxr: (a) => {
    const back = a.convention === 'tdx' ? a.p['smooth'] || n(a) : n(a) - 1;
    return [zip(adx(a), ago(adx(a), back), (x, y) => (x + y) / 2)];
  },
  dx: (a) => [dx(a)],
  plusDi: (a) => directed(a, 0),
  minusDi: (a) => directed(a, 1),
  plusDm: (a) => [smoothed(a, movement(a)[0])],
  minusDm: (a) => [smoothed(a, movement(a)[1])],
  apo: (a) => {
    const out = zip(...twoAverages(a), (f, s) => f - s);
    return [a.convention === 'tulip' ? without(out, 1) : out];
  },
  ppo: (a) => {
    const out = zip(...twoAverages(a), (f, s) => (100 * (f - s)) / s);
    return [a.convention === 'tulip' ? without(out, 1) : out];
  },
  aroon: (a) => aroon(a),
  aroonOsc: (a) => [zip(...aroon(a), (low, high) => high - low)],
  bop: (a) => [
    a.close.map((c, i) =>
      a.high[i]! > a.low[i]! ? (c - a.open[i]!) / (a.high[i]! - a.low[i]!) : 0,
    ),
  ],
  cci: (a) => {
    const out = rolling(typical(a), n(a), (w) => {
      const level = meanOf(w);
      const spread = meanOf(w.map((value) => Math.abs(value - level)));
      return spread === 0 ? 0 : (w[w.length - 1]! - level) / (0.015 * spread);
    });
    return [a.convention === 'tulip' ? without(out, n(a) - 1) : out];
  },
  cmo: (a) => [cmo(a)],
  macd: (a) => macd(a, false),
  macdFix: (a) => macd(a, true),
  mfi: (a) => [moneyFlow(a)],
  mom: (a) => [zip(a.real, ago(a.real, n(a)), (x, y) => x - y)],
  roc: (a) => [ratio(a, (x, y) => (a.convention === 'tulip' ? 1 : 100) * (x / y - 1))],
  rocp: (a) => [ratio(a, (x, y) => x / y - 1)],
  rocr: (a) => [ratio(a, (x, y) => x / y)],
  rocr100: (a) => [ratio(a, (x, y) => (100 * x) / y)],
  rsi: (a) => [rsi(a)],
  stoch: (a) => {
    const k = smooth(a, stochastic(a, a.p['fastk']!), a.p['slowk']!);
    const d = smooth(a, k, a.p['slowd']!);
    return [where(k, d), d];
  },
  stochF: (a) => {
    const k = stochastic(a, a.p['fastk']!);
    const d = smooth(a, k, a.p['fastd']!);
    return [where(k, d), d];
  },
  stochRsi,
  kdj: (a) => {
    const k = smooth(a, stochastic(a, n(a)), a.p['k']!);
    const d = smooth(a, k, a.p['d']!);
    return [where(k, d), d, zip(k, d, (x, y) => 3 * x - 2 * y)];
  },
  trix: (a) => [trix(a)],
  ultosc: (a) => [ultimate(a)],
  willR: (a) => {
    const [high, low] = [highest(a.high, n(a)), lowest(a.low, n(a))];
    const sign = a.convention === 'tdx' ? 100 : -100;
    return [
      a.close.map((c, i) =>
        high[i] === low[i] ? 0 : (sign * (high[i]! - c)) / (high[i]! - low[i]!),
      ),
    ];
  },
  tsi: (a) => {
    const moves = change(a.real);
    const of = (x: Series) => ema(a, ema(a, x, a.p['slow']!), a.p['fast']!);
    return [scale(over(of(moves), of(moves.map(Math.abs))), 100)];
  },
  vortex,
  bias: (a) => [zip(a.real, mean(a.real, n(a)), (x, m) => (100 * (x - m)) / m)],
  psy: (a) => [rolling(change(a.real), n(a), (w) => (100 * w.filter((d) => d > 0).length) / n(a))],
  brar: (a) => {
    const before = ago(a.close, 1);
    const strong = up(zip(a.high, before, (h, c) => h - c));
    const weak = up(zip(before, a.low, (c, l) => c - l));
    const br = power(strong, weak, n(a));
    const above = zip(a.high, a.open, (h, o) => h - o);
    const below = zip(a.open, a.low, (o, l) => o - l);
    return [br, where(power(above, below, n(a)), br)];
  },
  cr: (a) => {
    const middle = ago(
      zip(a.high, a.low, (h, l) => (h + l) / 2),
      1,
    );
    const strong = up(zip(a.high, middle, (h, m) => h - m));
    return [power(strong, up(zip(middle, a.low, (m, l) => m - l)), n(a))];
  },
  ad: (a) => [accumulation(a)],
  adOsc: (a) => {
    const { fast = 0, slow = 0 } = a.p;
    const [f, s] = [fast, slow].map((k) => exponential(accumulation(a), 2 / (k + 1), 1));
    return [
      without(
        zip(f!, s!, (x, y) => x - y),
        Math.max(fast, slow) - 1,
      ),
    ];
  },
  obv: (a) => [onBalance(a)],
  nvi: (a) => [volumeIndex(a, -1)],
  pvi: (a) => [volumeIndex(a, 1)],
  vr: (a) => [volumeRatio(a)],
  trange: (a) => [trueRange(a, isSheet(a))],
  atr: (a) => [atr(a)],
  natr: (a) => [zip(atr(a), a.close, (x, c) => (100 * x) / c)],
  avgPrice: (a) => [a.open.map((o, i) => (o + a.high[i]! + a.low[i]! + a.close[i]!) / 4)],
  medPrice: (a) => [zip(a.high, a.low, (h, l) => (h + l) / 2)],
  typPrice: (a) => [typical(a)],
  wclPrice: (a) => [a.close.map((c, i) => (a.high[i]! + a.low[i]! + 2 * c) / 4)],
};
