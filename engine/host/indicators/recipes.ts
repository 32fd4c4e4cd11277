// All recipes by name: averages, statistics, momentum, and here volume, ranges and candles.
// Called by module.ts and tests. A recipe takes the program and its checked parameters and gives
// its output columns in the order of the spec. Invariant: there is a recipe for every name of
// engine/core/indicator-specs.ts (the type says so).
import {
  type Convention,
  INDICATORS,
  type IndicatorName,
  type IndicatorSpec,
} from '../../core/indicator-specs.ts';
import { AVERAGES, type Recipe, STATISTICS, type Values } from './averages.ts';
import { MOMENTUM } from './momentum.ts';
import { type Column, Program } from './program.ts';

const n = (p: Values): number => p['period']!;

function accumulation(g: Program): Column {
  return g.total(g.mul(g.closeLocation(), g.volume));
}

function accumulationOscillator(g: Program, p: Values): Column {
  const line = accumulation(g);
  const of = (rows: number) => g.average(line, 2 / (rows + 1), 1);
  return g.hide(g.sub(of(p['fast']!), of(p['slow']!)), Math.max(p['fast']!, p['slow']!) - 1);
}

function onBalance(g: Program): Column {
  const first = g.is('talib') ? 'b' : g.is('chartschool') ? 'empty' : 'zero';
  return g.total(g.signed(g.change(g.real), g.volume, first));
}

/** 100 (2 up + even) / (2 down + even), by way of the whole volume. */
function volumeRatio(g: Program, p: Values): Column {
  const move = g.change(g.real);
  const up = g.sum(g.whenAbove(move, g.volume), n(p));
  const down = g.sum(g.whenBelow(move, g.volume), n(p));
  const all = g.sum(g.when(g.volume, move), n(p));
  const more = g.sub(up, down);
  return g.scale(g.div(g.add(all, more), g.sub(all, more), 0), 100);
}

function atr(g: Program, rows: number): Column {
  if (g.is('tdx')) return g.mean(g.trueRange(false), rows);
  return g.atr(rows, !g.is('talib'));
}

const BARS = {
  ad: (g) => [accumulation(g)],
  adOsc: (g, p) => [accumulationOscillator(g, p)],
  obv: (g) => [onBalance(g)],
  nvi: (g) => [g.volumeIndex(-1)],
  pvi: (g) => [g.volumeIndex(1)],
  vr: (g, p) => [volumeRatio(g, p)],
  trange: (g) => [g.trueRange(g.is('tulip', 'chartschool'))],
  atr: (g, p) => [atr(g, n(p))],
  natr: (g, p) => [g.scale(g.div(atr(g, n(p)), g.close, 0), 100)],
  avgPrice: (g) => [g.over(g.add(g.add(g.open, g.high), g.add(g.low, g.close)), 4)],
  medPrice: (g) => [g.over(g.add(g.high, g.low), 2)],
  typPrice: (g) => [g.over(g.add(g.add(g.high, g.low), g.close), 3)],
  wclPrice: (g) => [g.over(g.add(g.add(g.high, g.low), g.scale(g.close, 2)), 4)],
} as const satisfies Readonly<Record<string, Recipe>>;

const CANDLES = {
  cdlDoji: (g) => [g.candle(0, 10)],
  cdlDragonflyDoji: (g) => [g.candle(1, 10)],
  cdlGravestoneDoji: (g) => [g.candle(2, 10)],
  cdlLongLeggedDoji: (g) => [g.candle(3, 10)],
  cdlMarubozu: (g) => [g.candle(4, 10)],
  cdlSpinningTop: (g) => [g.candle(5, 10)],
  cdlHammer: (g) => [g.candle(10, 11)],
  cdlHangingMan: (g) => [g.candle(11, 11)],
  cdlInvertedHammer: (g) => [g.candle(12, 11)],
  cdlShootingStar: (g) => [g.candle(13, 11)],
  cdlEngulfing: (g) => [g.candle(14, 2)],
  cdlHarami: (g) => [g.candle(15, 11)],
  cdlHaramiCross: (g) => [g.candle(16, 11)],
  cdlPiercing: (g) => [g.candle(17, 11)],
  cdlDarkCloudCover: (g, p) => [g.candle(18, 11, p['penetration'])],
  cdlMorningStar: (g, p) => [g.candle(20, 12, p['penetration'])],
  cdlEveningStar: (g, p) => [g.candle(21, 12, p['penetration'])],
  cdl3WhiteSoldiers: (g) => [g.candle(22, 12)],
  cdl3BlackCrows: (g) => [g.candle(23, 13)],
} as const satisfies Readonly<Record<string, Recipe>>;

const RECIPES: Readonly<Record<IndicatorName, Recipe>> = {
  ...AVERAGES,
  ...STATISTICS,
  ...MOMENTUM,
  ...BARS,
  ...CANDLES,
};

/** A program and its output columns. `params` as from checkParams(). */
export function writeProgram(name: IndicatorName, convention: Convention, params: Values) {
  const program = new Program(convention);
  const outputs = RECIPES[name](program, params);
  return { steps: program.steps, outputs };
}

/**
 * Parameters with defaults filled in. Throws an Error that names the indicator, the parameter, what
 * was given and what is expected.
 */
export function checkParams(
  name: IndicatorName,
  convention: Convention,
  given: { readonly [name: string]: number | undefined },
): Values {
  const spec: IndicatorSpec = INDICATORS[name];
  const values: Record<string, number> = {};
  for (const [key, range] of Object.entries(spec.params)) {
    const standard = (convention === 'tdx' ? spec.tdx?.[key] : undefined) ?? range.default;
    const value = given[key] ?? standard;
    const isRight = Number.isFinite(value) && (!range.int || Number.isInteger(value));
    if (!isRight || value < range.min || value > range.max) {
      const kind = range.int ? 'a whole number' : 'a number';
      const expected = `expected ${kind} from ${range.min} to ${range.max}`;
      throw new Error(`indicator ${name}: ${key}=${value}, ${expected}`);
    }
    values[key] = value;
  }
  const known = Object.keys(spec.params);
  const unknown = Object.keys(given).find((key) => given[key] !== undefined && !(key in values));
  if (unknown !== undefined) {
    const list = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
    throw new Error(`indicator ${name}: no parameter is called ${unknown}; ${list}`);
  }
  if (name === 'sma' && convention === 'tdx' && values['weight']! > values['period']!) {
    const { weight, period } = values;
    throw new Error(`indicator sma: weight=${weight}, expected at most period=${period}`);
  }
  return values;
}
