// The instruments of a run by name of a file, or all of a store: behaviour of
// tools/option-values.ts and tools/universe.ts. Run by vitest.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDailyStore } from '../../../bench/daily-store.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { universeValue } from '../../../tools/option-values.ts';
import { universeOf } from '../../../tools/universe.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-universe-'));
  const symbols = ['600519.SH', '000001.SZ', '000300.SH', '510300.SH'];
  const closes = symbols.map(() => Int32Array.of(1_000, 1_001));
  writeDailyStore(join(dir, 'store'), symbols, [20260105, 20260106], closes);
});
afterAll(() => rmSync(dir, { recursive: true }));

function fileOf(text: string): string {
  const path = join(dir, 'universe.txt');
  writeFileSync(path, text);
  return `@${path}`;
}

describe('a file of symbols', () => {
  test('has them by lines or commas, with comments, in the order of the file', () => {
    const text = '\uFEFF# mine\r\n600519.SH, SZ000001\n\n510300.SH # an ETF\n';
    expect(universeValue(fileOf(text))).toEqual(['600519.SH', '000001.SZ', '510300.SH']);
  });

  test.each([
    ['600519.SH\n60051', /universe\.txt:2: .*60051/],
    ['600519.SH\n000001.SZ 600519.XSHG', /universe\.txt:2: 600519\.SH is given twice/],
    ['# nothing\n', /holds no symbol/],
  ])('is refused with its line: %j', (text, message) => {
    const path = fileOf(text);
    expect(() => universeValue(path)).toThrow(InvalidArgumentError);
    expect(() => universeValue(path)).toThrow(message);
  });

  test('that is not there is named', () => {
    expect(() => universeValue('@nowhere.txt')).toThrow(/nowhere\.txt/);
  });
});

describe('all of a store', () => {
  const all = (wish: { path?: string; freq?: '1d' | '1m'; benchmark?: string } = {}) => {
    const { path = join(dir, 'store'), ...rest } = wish;
    const data = { kind: 'files', path } as const;
    return universeOf({ instruments: 'all', data, ...rest }, builtInBook(), (message) => {
      throw new Error(message);
    });
  };

  test('are those that trade, without an index or the benchmark', () => {
    expect(all()).toEqual(['000001.SZ', '510300.SH', '600519.SH']);
    expect(all({ freq: '1d', benchmark: '510300.SH' })).toEqual(['000001.SZ', '600519.SH']);
  });

  test('are refused where there is no store, or nothing of the wanted length', () => {
    expect(() => all({ path: dir })).toThrow(/no store of day files; make one/);
    expect(() => all({ freq: '1m' })).toThrow(/holds no bars-1m/);
  });
});
