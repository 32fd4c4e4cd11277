// The indicators against the expected outputs of Tulip Indicators: values from Achelis' book and
// its companion sheets (atoz), made by hand (extra), by the library itself (untest). Where TA-Lib
// computes otherwise only the tulip convention is compared; the others in both conventions. Skips
// when the folder of shared data is absent.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { INDICATORS, type IndicatorName } from '../../engine/core/indicator-specs.ts';
import { IndicatorModule } from '../../engine/host/indicators/module.ts';
import { readTulip, TULIP, type TulipCase } from './tulip-cases.ts';

const FOLDER = new URL('../../../shared/data/indicators-tulip/', import.meta.url).pathname;
const isThere = existsSync(FOLDER);
if (!isThere) console.warn(`indicators-tulip.test: ${FOLDER} is absent, its cases are skipped`);
const module = new IndicatorModule({ megabytes: 8 });

function compute(one: TulipCase, convention: 'tulip' | 'talib'): Float64Array[] {
  const row = TULIP[one.name]!;
  const params: Record<string, number> = {};
  for (const [k, names] of (row.params ?? []).entries()) {
    for (const name of names.split('+')) params[name] = one.options[k]!;
  }
  const names: readonly IndicatorName[] = row.more ?? [row.ours];
  return names.flatMap((name) => {
    const columns = one.columns.slice(0, INDICATORS[name].inputs.length);
    const opened = module.open(name, { convention, params });
    return [...opened.batch(columns.map((column) => Float64Array.from(column)))];
  });
}

/** What differs, '' when nothing does. Outputs are compared from their ends. */
function difference(one: TulipCase, convention: 'tulip' | 'talib'): string {
  const row = TULIP[one.name]!;
  const inputs = inputsOf(one);
  const expected = one.columns.slice(inputs);
  const ours = compute(one, convention);
  const order = row.outputs ?? expected.map((_, k) => k);
  for (const [k, column] of expected.entries()) {
    const got = [...ours[order[k]!]!].filter((value) => !Number.isNaN(value));
    if (got.length !== column.length) return `${got.length} values, expected ${column.length}`;
    for (const [i, value] of column.entries()) {
      const slack = one.slack[inputs + k]![i]!;
      if (Math.abs(got[i]! - value) > slack) return `value ${i}: ${got[i]}, expected ${value}`;
    }
  }
  return '';
}

/** Directional movement of theirs takes fewer columns than ours of the same name. */
function inputsOf(one: TulipCase): number {
  return INDICATORS[TULIP[one.name]!.ours].inputs.length;
}

describe.skipIf(!isThere)('Tulip Indicators', () => {
  const files = [
    ['atoz', 35],
    ['extra', 26],
    ['untest', 57],
  ] as const;
  test.each(files)('%s.txt: all of the %i cases that we have agree', (file, count) => {
    const cases = readTulip(`${FOLDER}${file}.txt`).filter((one) => TULIP[one.name] !== undefined);
    const wrong = cases.flatMap((one) => {
      const why = difference(one, 'tulip');
      return why === '' ? [] : [`${one.name} (line ${one.line}): ${why}`];
    });
    expect(wrong).toEqual([]);
    expect(cases.length).toBe(count);
  });

  test.each(files)('%s.txt: talib agrees too where TA-Lib and Tulip are one', (file) => {
    const cases = readTulip(`${FOLDER}${file}.txt`).filter((one) => {
      const row = TULIP[one.name];
      return row !== undefined && row.own === undefined;
    });
    const wrong = cases.flatMap((one) => {
      const why = difference(one, 'talib');
      return why === '' ? [] : [`${one.name} (line ${one.line}): ${why}`];
    });
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(15);
  });
});
