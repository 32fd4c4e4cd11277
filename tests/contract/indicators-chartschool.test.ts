// The indicators against StockCharts' ChartSchool sheets, in the chartschool convention, to the
// decimals a sheet shows. Skips when the folder of shared data is absent.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { IndicatorModule } from '../../engine/host/indicators/module.ts';
import { decimalsOf, readSheet, SHEETS, type Sheet } from './chartschool-sheets.ts';

const FOLDER = new URL('../../../shared/data/indicators-chartschool/', import.meta.url).pathname;
const isThere = existsSync(FOLDER);
if (!isThere) console.warn(`indicators-chartschool.test: ${FOLDER} is absent, it is skipped`);
const module = new IndicatorModule({ megabytes: 8 });

/** Closes and volumes that a sheet leaves out because they do not matter yet: any number does. */
function columnOf(rows: readonly { readonly [name: string]: number }[], name: string) {
  return Float64Array.from(rows, (row) => {
    const value = row[name]!;
    if (!Number.isNaN(value)) return value;
    return name === 'Close' ? (row['High'] ?? Number.NaN) : 0;
  });
}

function compare(sheet: Sheet): { compared: number; wrong: string[] } {
  const rows = readSheet(`${FOLDER}cs-${sheet.file}.csv`);
  const { convention, params = {} } = sheet;
  const columns = sheet.inputs.map((name) => columnOf(rows, name));
  const outputs = module.open(sheet.ours, { convention, params }).batch(columns);
  const wrong: string[] = [];
  let compared = 0;
  for (const [k, name] of sheet.outputs.entries()) {
    if (name === '') continue;
    const decimals = Math.min(10, decimalsOf(rows.map((row) => row[name]!)));
    for (let i = sheet.from ?? 0; i < rows.length; i++) {
      const expected = rows[i]![name]!;
      const ours = outputs[k]![i]!;
      if (Number.isNaN(expected) || Number.isNaN(ours)) continue;
      compared++;
      const slack = 1.01 * 10 ** -decimals + Math.abs(expected) * 1e-6 + (sheet.slack ?? 0);
      if (Math.abs(ours - expected) > slack) wrong.push(`${name} row ${i}: ${ours}, ${expected}`);
    }
  }
  return { compared, wrong };
}

describe.skipIf(!isThere)('ChartSchool', () => {
  test.each(SHEETS)('sheet $file: $ours agrees with $outputs', (sheet) => {
    const { compared, wrong } = compare(sheet);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(sheet.rows);
  });
});
