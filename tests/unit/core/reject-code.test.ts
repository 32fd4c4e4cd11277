// Every reason to refuse has a number, a text in both languages, and a line in the documents.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as codes from '../../../engine/core/reject-code.ts';

const PAGE = join(import.meta.dirname, '../../../docs/MARKET_RULES.md');
const declared = Object.entries(codes).flatMap(([name, value]) =>
  typeof value === 'number' ? [[name, value as number] as const] : [],
);
/** Rows of the page that open with a number: code, Chinese, English, source. */
const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^\d+$/.test(cells[1] ?? ''));

describe('every reject code', () => {
  test('has a number of its own and is in the list of codes', () => {
    const numbers = declared.map(([, value]) => value);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect([...codes.rejectCodes()].sort()).toEqual([...numbers].sort());
  });

  for (const [name, value] of declared) {
    test(`${name} (${value}) has both texts and its line in docs/MARKET_RULES.md`, () => {
      const { zh, en } = codes.rejectText(value);
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).toMatch(/^[ -~]+$/);
      const row = rows.filter((cells) => Number(cells[1]) === value);
      expect(row).toHaveLength(1);
      expect(row[0]!.slice(2, 4)).toEqual([zh, en]);
      expect(row[0]![4], 'source').toMatch(/\w/);
    });
  }

  test('has a line only when it exists', () => {
    const known = new Set(declared.map(([, value]) => value));
    expect(rows.filter((cells) => !known.has(Number(cells[1])))).toEqual([]);
  });

  test('that is the broker’s own shows its number in both languages', () => {
    expect(codes.rejectText(937)).toEqual({ zh: '柜台代码 937', en: 'broker code 937' });
  });
});
