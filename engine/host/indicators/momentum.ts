// Recipes of momentum and directional indicators. Called by recipes.ts. A recipe takes the
// program and its checked parameters and gives its output columns in the order of the spec.
// Invariant: where conventions differ the recipe says so; docs/INDICATORS.md states it.
import type { Recipe, Values } from './averages.ts';
import type { Column, Program } from './program.ts';

const n = (p: Values): number => p['period']!;

/**
 * Movement up or down as % of the range, both Wilder's sums (talib: of n - 1 rows first, answers
 * one row later), or plain sums of n rows (tdx).
 */
function directed(g: Program, rows: number, side: 0 | 1): Column {
  const range = smoothed(g, g.trueRange(false), rows);
  const share = g.div(directionalSums(g, rows)[side], range, 0);
  return g.hide(g.scale(share, 100), g.is('talib') ? 1 : 0);
}

/** The range is in both parts and falls out. */
function index(g: Program, rows: number): Column {
  const [up, down] = directionalSums(g, rows);
  const share = g.div(g.abs(g.sub(up, down)), g.add(up, down), 0);
  return g.hide(g.scale(share, 100), g.is('talib') ? 1 : 0);
}

function directionalSums(g: Program, rows: number): readonly [Column, Column] {
  const [up, down] = g.movement();
  return [smoothed(g, up, rows), smoothed(g, down, rows)];
}

function smoothed(g: Program, a: Column, rows: number): Column {
  if (g.is('tdx')) return g.sum(a, rows);
  return g.wilderSum(a, rows, g.is('chartschool') ? rows : rows - 1);
}

function adx(g: Program, p: Values): Column {
  const rows = p['smooth'] || n(p);
  const dx = index(g, n(p));
  return g.is('tdx') ? g.mean(dx, rows) : g.wilder(dx, rows);
}

function adxr(g: Program, p: Values): Column {
  const now = adx(g, p);
  const rows = g.is('tdx') ? p['smooth'] || n(p) : n(p) - 1;
  return g.scale(g.add(now, g.ago(now, rows)), 0.5);
}

function twoAverages(g: Program, p: Values): readonly [Column, Column] {
  const fast = Math.min(p['fast']!, p['slow']!);
  const slow = Math.max(p['fast']!, p['slow']!);
  const exponential = p['matype'] === 1 || g.is('tulip', 'chartschool', 'tdx');
  const of = (rows: number) => (exponential ? g.ema(g.real, rows) : g.mean(g.real, rows));
  return [of(fast), of(slow)];
}

function macd(g: Program, p: Values, fixed = false): readonly Column[] {
  const signal = p['signal']!;
  const [a, b] = fixed ? [12, 26] : [p['fast']!, p['slow']!];
  const fast = Math.min(a, b);
  const slow = Math.max(a, b);
  const isFixed = fixed || (g.is('tulip') && fast === 12 && slow === 26);
  const kFast = isFixed ? 0.15 : 2 / (fast + 1);
  const kSlow = isFixed ? 0.075 : 2 / (slow + 1);
  const k = [kFast, kSlow, 2 / (signal + 1)] as const;
  if (g.is('talib')) return g.macd(k, [fast, slow, signal], 1);
  if (g.is('tdx')) return g.macd(k, [1, 1, 1], 2);
  const all = g.sub(g.average(g.real, kFast, 1), g.average(g.real, kSlow, 1));
  const line = g.hide(all, g.is('tulip') ? slow - 1 : 0);
  const average = g.average(line, k[2], 1);
  return [line, average, g.sub(line, average)];
}

function aroon(g: Program, p: Values): readonly [Column, Column] {
  const rows = n(p);
  const share = (since: Column) => g.scale(since, -100 / rows, 100);
  return [share(g.sinceLowest(g.low, rows + 1)), share(g.sinceHighest(g.high, rows + 1))];
}

function flows(g: Program, p: Values): Column {
  const price = g.over(g.add(g.add(g.high, g.low), g.close), 3);
  const amount = g.mul(price, g.volume);
  const move = g.change(price);
  const up = g.sum(g.whenAbove(move, amount), n(p));
  const down = g.sum(g.whenBelow(move, amount), n(p));
  return g.scale(g.div(up, g.add(up, down), 0), 100);
}

function chande(g: Program, p: Values): Column {
  if (!g.is('tulip')) return g.strength(g.real, n(p), g.is('tdx') ? 1 : n(p), -1, 0);
  const move = g.change(g.real);
  const up = g.sum(g.gain(move), n(p));
  const down = g.sum(g.gain(g.scale(move, -1)), n(p));
  return g.scale(g.div(g.sub(up, down), g.add(up, down), 0), 100);
}

function rsi(g: Program, rows: number): Column {
  if (g.is('chartschool')) return g.hide(g.strength(g.real, rows, 0, 0, 0), rows - 1);
  return g.strength(g.real, rows, g.is('tdx') ? 1 : rows, 0, 0);
}

/** Raw stochastic of the close. */
function raw(g: Program, rows: number): Column {
  return g.place(g.close, g.lowest(g.low, rows), g.highest(g.high, rows));
}

function smooth(g: Program, a: Column, rows: number): Column {
  return g.is('tdx') ? g.weighted(a, rows) : g.mean(a, rows);
}

function stochRsi(g: Program, p: Values): readonly Column[] {
  const strength = rsi(g, n(p));
  const isShare = g.is('tulip', 'chartschool');
  const rows = isShare ? n(p) : p['fastk']!;
  const [low, high] = [g.lowest(strength, rows), g.highest(strength, rows)];
  const k = g.place(strength, low, high, isShare ? 1 : 100);
  const d = smooth(g, k, p['fastd']!);
  return [isShare ? k : g.when(k, d), d];
}

function trix(g: Program, p: Values): Column {
  const hidden = g.is('tulip', 'chartschool') ? n(p) - 1 : 0;
  let from = g.real;
  for (let k = 0; k < 3; k++) from = g.hide(g.ema(from, n(p)), hidden);
  const before = g.previous(from);
  const under = g.is('tulip') ? from : before;
  return g.scale(g.div(g.sub(from, before), under, 0), 100);
}

function ultimate(g: Program, p: Values): Column {
  const [a, b, c] = [p['period1']!, p['period2']!, p['period3']!].sort((x, y) => x - y);
  const pressure = g.sub(g.close, g.smaller(g.low, g.previous(g.close)));
  const range = g.trueRange(false);
  const ratio = (rows: number) => g.div(g.sum(pressure, rows), g.sum(range, rows), 0);
  const short = g.add(g.scale(ratio(a!), 4), g.scale(ratio(b!), 2));
  return g.scale(g.over(g.add(short, ratio(c!)), 7), 100);
}

function tsi(g: Program, p: Values): Column {
  const move = g.change(g.real);
  const rows = p['slow']!;
  const of = (a: Column) => g.ema(g.ema(a, rows), p['fast']!);
  return g.scale(g.div(of(move), of(g.abs(move)), 0), 100);
}

function vortex(g: Program, p: Values): readonly Column[] {
  const range = g.sum(g.trueRange(false), n(p));
  const up = g.abs(g.sub(g.high, g.previous(g.low)));
  const down = g.abs(g.sub(g.low, g.previous(g.high)));
  return [g.div(g.sum(up, n(p)), range, 0), g.div(g.sum(down, n(p)), range, 0)];
}

function brar(g: Program, p: Values): readonly Column[] {
  const before = g.previous(g.close);
  const strong = g.sum(g.gain(g.sub(g.high, before)), n(p));
  const weak = g.sum(g.gain(g.sub(before, g.low)), n(p));
  const up = g.sum(g.sub(g.high, g.open), n(p));
  const down = g.sum(g.sub(g.open, g.low), n(p));
  const br = g.scale(g.div(strong, weak, 0), 100);
  return [br, g.when(g.scale(g.div(up, down, 0), 100), br)];
}

function cr(g: Program, p: Values): Column {
  const middle = g.previous(g.scale(g.add(g.high, g.low), 0.5));
  const strong = g.sum(g.gain(g.sub(g.high, middle)), n(p));
  const weak = g.sum(g.gain(g.sub(middle, g.low)), n(p));
  return g.scale(g.div(strong, weak, 0), 100);
}

function psy(g: Program, p: Values): Column {
  const one = g.scale(g.real, 0, 1);
  return g.scale(g.mean(g.whenAbove(g.change(g.real), one), n(p)), 100);
}

/** Ratio to the value n rows ago, times `by` plus `plus`; `none` after a zero. */
function ratio(g: Program, p: Values, by: number, plus: number): Column {
  const before = g.ago(g.real, n(p));
  const change = plus === 0 ? g.real : g.sub(g.real, before);
  return g.scale(g.div(change, before, 0), by);
}

export const MOMENTUM = {
  adx: (g, p) => [adx(g, p)],
  adxr: (g, p) => [adxr(g, p)],
  dx: (g, p) => [index(g, n(p))],
  plusDi: (g, p) => [directed(g, n(p), 0)],
  minusDi: (g, p) => [directed(g, n(p), 1)],
  plusDm: (g, p) => [directionalSums(g, n(p))[0]],
  minusDm: (g, p) => [directionalSums(g, n(p))[1]],
  apo: (g, p) => {
    const [fast, slow] = twoAverages(g, p);
    return [g.hide(g.sub(fast, slow), g.is('tulip') ? 1 : 0)];
  },
  ppo: (g, p) => {
    const [fast, slow] = twoAverages(g, p);
    const share = g.scale(g.div(g.sub(fast, slow), slow, 0), 100);
    return [g.hide(share, g.is('tulip') ? 1 : 0)];
  },
  aroon: (g, p) => aroon(g, p),
  aroonOsc: (g, p) => {
    const [down, up] = aroon(g, p);
    return [g.sub(up, down)];
  },
  bop: (g) => [g.div(g.sub(g.close, g.open), g.sub(g.high, g.low), 0, true)],
  cci: (g, p) => {
    const price = g.over(g.add(g.add(g.high, g.low), g.close), 3);
    return [g.hide(g.cci(price, n(p)), g.is('tulip') ? n(p) - 1 : 0)];
  },
  cmo: (g, p) => [chande(g, p)],
  macd: (g, p) => macd(g, p),
  macdFix: (g, p) => macd(g, p, true),
  mfi: (g, p) => [flows(g, p)],
  mom: (g, p) => [g.sub(g.real, g.ago(g.real, n(p)))],
  roc: (g, p) => [ratio(g, p, g.is('tulip') ? 1 : 100, -1)],
  rocp: (g, p) => [ratio(g, p, 1, -1)],
  rocr: (g, p) => [ratio(g, p, 1, 0)],
  rocr100: (g, p) => [ratio(g, p, 100, 0)],
  rsi: (g, p) => [rsi(g, n(p))],
  stoch: (g, p) => {
    const k = smooth(g, raw(g, p['fastk']!), p['slowk']!);
    const d = smooth(g, k, p['slowd']!);
    return [g.when(k, d), d];
  },
  stochF: (g, p) => {
    const k = raw(g, p['fastk']!);
    const d = smooth(g, k, p['fastd']!);
    return [g.when(k, d), d];
  },
  stochRsi: (g, p) => stochRsi(g, p),
  kdj: (g, p) => {
    const k = smooth(g, raw(g, n(p)), p['k']!);
    const d = smooth(g, k, p['d']!);
    return [g.when(k, d), d, g.sub(g.scale(k, 3), g.scale(d, 2))];
  },
  trix: (g, p) => [trix(g, p)],
  ultosc: (g, p) => [ultimate(g, p)],
  willR: (g, p) => {
    const [high, low] = [g.highest(g.high, n(p)), g.lowest(g.low, n(p))];
    return [g.place(g.close, high, low, g.is('tdx') ? 100 : -100)];
  },
  tsi: (g, p) => [tsi(g, p)],
  vortex: (g, p) => vortex(g, p),
  bias: (g, p) => {
    const mean = g.mean(g.real, n(p));
    return [g.scale(g.div(g.sub(g.real, mean), mean, 0), 100)];
  },
  psy: (g, p) => [psy(g, p)],
  brar: (g, p) => brar(g, p),
  cr: (g, p) => [cr(g, p)],
} as const satisfies Readonly<Record<string, Recipe>>;
