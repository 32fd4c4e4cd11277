// Every indicator kernel against its slow twin, in every convention, over random rows with missing
// numbers and jumps; and the batch form against the streaming form, bit for bit, in pieces of any
// size. Fails when an indicator has no twin.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONVENTIONS,
  type Convention,
  INDICATORS,
  type IndicatorName,
  type IndicatorSpec,
} from '../../engine/core/indicator-specs.ts';
import { IndicatorModule } from '../../engine/host/indicators/module.ts';
import { runTwin, TWINS } from '../../wasm/reference/indicators/twins.ts';
import type { Random } from './operations.ts';
import { below, seeded } from './operations.ts';

const NAMES = Object.keys(INDICATORS) as IndicatorName[];
const ROWS = 500;
const module = new IndicatorModule({ megabytes: 256 });

type Columns = Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'real' | 'real2', number[]>;

/** Rows of a walk on a tick of 0.01 (so that values repeat), with flat stretches and jumps. */
function walk(random: Random, rows: number): Columns {
  const columns: Columns = {
    ...{ open: [], high: [], low: [], close: [], volume: [], real: [], real2: [] },
  };
  const tick = (value: number) => Math.max(0.01, Math.round(value * 100) / 100);
  let price = 10 + random() * 50;
  for (let i = 0; i < rows; i++) {
    const isFlat = i % 90 > 80;
    if (random() < 0.005) price *= 1 + (random() - 0.3);
    const open = isFlat ? price : tick(price * (1 + (random() - 0.5) * 0.03));
    const close = isFlat ? price : tick(open * (1 + (random() - 0.5) * 0.06));
    const wick = () => (isFlat || random() < 0.3 ? 0 : price * random() * 0.03);
    price = close;
    columns.open.push(open);
    columns.close.push(close);
    columns.high.push(Math.max(open, close, tick(Math.max(open, close) + wick())));
    columns.low.push(Math.min(open, close, tick(Math.min(open, close) - wick())));
    columns.volume.push(below(random, 10) === 0 ? 0 : 100 * below(random, 5_000));
    columns.real.push(close);
    columns.real2.push(tick(close * (1 + (random() - 0.5) * 0.1)));
  }
  for (let k = 0; k < rows / 50; k++) {
    const column = Object.values(columns)[below(random, 7)]!;
    column[below(random, rows)] = [Number.NaN, Number.POSITIVE_INFINITY, 1e300][k % 3]!;
  }
  return columns;
}

/** Parameters: short ones, so that windows turn over often, and once the defaults. */
function someParams(spec: IndicatorSpec, random: Random, isDefault: boolean) {
  const params: Record<string, number> = {};
  for (const [name, range] of Object.entries(spec.params)) {
    if (isDefault) continue;
    const most = Math.min(range.max, range.min + (range.int ? 22 : 2));
    const value = range.min + random() * (most - range.min);
    params[name] = range.int ? Math.round(value) : value;
  }
  if ('weight' in params) params['weight'] = 1;
  return params;
}

function expectClose(
  ours: Float64Array,
  twin: readonly number[],
  size: number,
  what: string,
): void {
  for (const [i, expected] of twin.entries()) {
    const actual = ours[i]!;
    if (Number.isNaN(actual) && Number.isNaN(expected)) continue;
    const slack = 1e-9 * Math.max(Math.abs(expected), size);
    if (Math.abs(actual - expected) <= slack) continue;
    expect.fail(`${what}, row ${i}: kernel ${actual}, twin ${expected}`);
  }
}

/** What a rounding error is measured by: outputs in prices, or in volumes. */
function sizeOf(name: IndicatorName, spec: IndicatorSpec): number {
  if (spec.inputs.includes('volume') && !['mfi', 'vr', 'vwap', 'vwma'].includes(name)) return 1e6;
  return name === 'beta' || name === 'correl' ? 10 : 100;
}

function compare(name: IndicatorName, convention: Convention, seed: number): void {
  const spec: IndicatorSpec = INDICATORS[name];
  const random = seeded(seed);
  const columns = walk(random, ROWS);
  const given = someParams(spec, random, seed > 8);
  const opened = module.open(name, { convention, params: given });
  const { params } = opened.facts;
  const inputs = spec.inputs.map((input) => Float64Array.from(columns[input]));
  const results = opened.batch(inputs);
  const twins = runTwin(name, spec.inputs, columns, { p: params, convention });
  expect(twins).toHaveLength(spec.outputs.length);
  for (const [k, twin] of twins.entries()) {
    const what = `${name} ${convention} ${JSON.stringify(params)} ${spec.outputs[k]}`;
    expectClose(results[k]!, twin, sizeOf(name, spec), what);
    expect(twin.some((value) => !Number.isNaN(value))).toBe(true);
  }
}

describe('every indicator', () => {
  test('has a twin', () => {
    expect(Object.keys(TWINS).sort()).toEqual([...NAMES].sort());
  });

  test.each(NAMES)('%s agrees with its twin in every convention', (name) => {
    for (const [k, convention] of CONVENTIONS.entries()) {
      for (let round = 0; round < 3; round++) compare(name, convention, 1 + k + 4 * round);
    }
  });

  test('gives the same bit for bit in batches of any size and row by row', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1_300 }), { minLength: 1, maxLength: 5 });
    const room = new IndicatorModule({ megabytes: 512 });
    const property = fc.property(
      fc.constantFrom(...NAMES),
      fc.constantFrom(...CONVENTIONS),
      sizes,
      fc.integer({ min: 1, max: 1e6 }),
      (name, convention, pieces, seed) => {
        const spec: IndicatorSpec = INDICATORS[name];
        const random = seeded(seed);
        const columns = walk(random, 1_500);
        const params = someParams(spec, random, false);
        const inputs = spec.inputs.map((input) => Float64Array.from(columns[input]));
        const whole = room.open(name, { convention, params }).batch(inputs);
        const stepped = room.open(name, { convention, params });
        let from = 0;
        for (let k = 0; from < 1_500; k++) {
          const size = Math.min(pieces[k % pieces.length]!, 1_500 - from);
          const part = inputs.map((input) => input.subarray(from, from + size));
          if (size > 1) expectSame(stepped.batch(part), whole, from);
          else {
            stepped.next(...part.map((one) => one[0]!));
            for (const [o, one] of whole.entries()) {
              expect(Object.is(stepped.last[o], one[from])).toBe(true);
            }
          }
          from += size;
        }
      },
    );
    fc.assert(property, { numRuns: 120, seed: 20_261_121 });
  });
});

function expectSame(
  part: readonly Float64Array[],
  whole: readonly Float64Array[],
  from: number,
): void {
  for (const [k, one] of part.entries()) {
    for (const [i, value] of one.entries()) {
      if (!Object.is(value, whole[k]![from + i])) {
        expect.fail(`output ${k}, row ${from + i}: ${value}, in one batch ${whole[k]![from + i]}`);
      }
    }
  }
}
