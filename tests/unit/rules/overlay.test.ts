// A user's overlay: it wins where it speaks, is refused whole with every fault at its line, and is
// stored in one step or not at all.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placesOf } from '../../../engine/config-json.ts';
import { overlayFromDays, parseOverlay } from '../../../engine/rules/overlay.ts';
import { importOverlay, readRuleBook } from '../../../engine/rules/overlay-files.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { RuleError } from '../../../engine/rules/rule-error.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';

const CAGE = {
  id: 'my/cage-star',
  what: 'cage',
  venues: ['SSE'],
  kinds: ['star'],
  value: { upPercent: 2, downPercent: 2, ticks: 10, outside: 'refused' },
  validFrom: '2026-08-03',
  source: 'answer of our broker, 2026-07-30',
  confidence: 'B',
};
const YEAR = {
  from: 20270101,
  to: '2027-12-31',
  closed: [20270101],
  source: 'notice',
  confidence: 'A',
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-rules-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const text = (file: unknown) => JSON.stringify(file, null, 2);
const parse = (file: unknown) => parseOverlay(text(file), 'mine.json', placesOf);

/** Message of the refusal of an overlay; fails when it is taken. */
function refusal(file: unknown): string {
  try {
    parse(file);
  } catch (error) {
    expect(error).toBeInstanceOf(RuleError);
    return (error as Error).message;
  }
  throw new Error('the overlay was taken');
}

describe('an overlay', () => {
  test('wins from its first day on and leaves every other question to the book below', () => {
    const book = new RuleBook([parse({ rows: [CAGE] })]);
    const ticks = (day: number) => {
      const rules = book.on(day);
      const subject = subjectOf(rules, '688981.SH');
      expect(rules.find('lot', subject)?.id).toBe('lot/star');
      return rules.findHeld('cage', subject);
    };
    expect(ticks(20260731)).toMatchObject({ layer: 'built-in', row: { value: { ticks: 0 } } });
    expect(ticks(20260803)).toMatchObject({ layer: 'mine.json', row: { value: { ticks: 10 } } });
  });

  test('may bring a code range, longer prefixes first', () => {
    const told = { source: 'notice', confidence: 'A', venues: ['SSE'] };
    const range = {
      ...told,
      id: 'r',
      what: 'code-range',
      kinds: ['etf'],
      value: { prefixes: ['6005'] },
    };
    const rules = new RuleBook([parse({ rows: [range] })]).on(20260803);
    expect(subjectOf(rules, '600519.SH').kind).toBe('etf');
    expect(subjectOf(rules, '600419.SH').kind).toBe('main');
  });

  test('brings calendar days', () => {
    const { calendar } = new RuleBook([parse({ calendar: [YEAR] })]);
    expect(calendar.isTradingDay(20270104)).toBe(true);
    expect(calendar.lastTradingDay).toBe(20271231);
  });
});

describe('is refused whole', () => {
  test.each<[string, unknown, string]>([
    ['an unknown topic', { rows: [{ ...CAGE, what: 'cages' }] }, 'rows.0.what'],
    ['an unknown key', { rows: [{ ...CAGE, valid: 1 }] }, 'valid'],
    ['a value of another topic', { rows: [{ ...CAGE, what: 'tick' }] }, 'rows.0.value'],
    ['a day that is none', { rows: [{ ...CAGE, validFrom: 20260230 }] }, 'rows.0.validFrom'],
    ['an end before its start', { rows: [{ ...CAGE, validTo: 20260101 }] }, 'rows.0.validTo'],
    ['no source', { rows: [{ ...CAGE, source: '' }] }, 'rows.0.source'],
    ['an unknown confidence', { rows: [{ ...CAGE, confidence: 'D' }] }, 'rows.0.confidence'],
    ['an id twice', { rows: [CAGE, { ...CAGE, validFrom: 0, validTo: 20200101 }] }, 'also the id'],
    ['two answers', { rows: [CAGE, { ...CAGE, id: 'b' }] }, 'both hold from 2026-08-03'],
    [
      'a trading weekend',
      { calendar: [{ ...YEAR, closed: undefined, trading: [20270102] }] },
      'weekend',
    ],
    ['a day outside', { calendar: [{ ...YEAR, closed: [20260101] }] }, 'outside from..to'],
    ['neither list', { calendar: [{ ...YEAR, closed: undefined }] }, "either 'closed'"],
    ['nothing in it', { rows: [] }, "expected 'rows' or 'calendar'"],
  ])('for %s', (_, file, message) => {
    expect(refusal(file)).toContain(message);
  });

  test('and names every fault with its line', () => {
    const file = { rows: [CAGE, { ...CAGE, id: 'b', confidence: 'D', kinds: [] }] };
    const line =
      text(file)
        .split('\n')
        .findIndex((each) => each.includes('"D"')) + 1;
    const message = refusal(file);
    expect(message).toContain(`mine.json:${line}: rows.1.confidence`);
    expect(message).toContain('rows.1.kinds');
  });

  test('for broken JSON and for a key given twice', () => {
    expect(() => parseOverlay('{"rows": [', 'a.json', placesOf)).toThrow('a.json:1:');
    expect(() => parseOverlay('{"rows": [', 'a.json')).toThrow('not JSON');
    const twice = `{"rows": [],\n"calendar": [${JSON.stringify(YEAR)}],\n"rows": []}`;
    expect(() => parseOverlay(twice, 'a.json', placesOf)).toThrow(
      'a.json:3: rows: this key is given twice',
    );
  });
});

describe('a list of trading days', () => {
  test('is known from its first to its last day, days between are closed', () => {
    const csv = 'date,open\r\n2023-12-28,x\r\n2023-12-29T00:00:00Z,x\r\n2024-01-02,x\r\n';
    const { calendar } = new RuleBook([parseOverlay(overlayFromDays(csv, 'd.csv'), 'd.json')]);
    expect(calendar.tradingDays(20231228, 20240102)).toEqual([20231228, 20231229, 20240102]);
    expect(calendar.statusOf(20231227)).toBe('unknown');
  });

  test.each([
    ['2023-12-28\n2023-12-27\n', 'd.csv:2: column 1'],
    ['2023-12-28\nsoon\n', "'soon' is not a day"],
    ['2023-12-30\n', 'weekend'],
    ['date\n', 'holds no trading day'],
  ])('%j is refused', (csv, message) => {
    expect(() => overlayFromDays(csv, 'd.csv')).toThrow(message);
  });
});

describe('import', () => {
  const write = (name: string, content: string | Buffer) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };

  test('stores in a rules folder under its own name, and the folder counts from then on', () => {
    const place = { rulesDir: join(dir, 'rules') };
    const done = importOverlay(write('year.json', text({ calendar: [YEAR] })), place);
    expect(done).toMatchObject({
      path: join(dir, 'rules', 'year.json'),
      spans: 1,
      replaced: false,
    });
    expect(readRuleBook(place).calendar.isTradingDay(20270104)).toBe(true);
  });

  test('stores as rules.json of a run folder, which need not be there to begin with', () => {
    const place = { runDir: dir };
    expect(readRuleBook(place).layers).toHaveLength(1);
    importOverlay(write('mine.json', text({ rows: [CAGE] })), place);
    expect(readRuleBook(place).layers.map(({ name }) => name)).toEqual([
      'built-in',
      join(dir, 'rules.json'),
    ]);
  });

  test('takes packed trading days and says which days differ from before', () => {
    const csv = '2026-09-24\n2026-09-25\n2026-09-28\n';
    const done = importOverlay(write('d.csv.gz', gzipSync(csv)), { rulesDir: join(dir, 'r') });
    expect(done).toMatchObject({ path: join(dir, 'r', 'd.json'), changedDays: [20260925] });
  });

  test('a refused file changes nothing', () => {
    const rulesDir = join(dir, 'rules');
    const bad = write('bad.json', text({ rows: [CAGE, { ...CAGE, id: 'b' }] }));
    expect(() => importOverlay(bad, { rulesDir })).toThrow('refused, nothing is taken');
    expect(existsSync(rulesDir)).toBe(false);
    expect(() => importOverlay(join(dir, 'none.json'), { rulesDir })).toThrow('none.json');
    expect(() => importOverlay(write('a.txt', ''), { rulesDir })).toThrow('expected a .json');
  });

  test('replaces a stored file only when asked to, even one that has gone bad', () => {
    const rulesDir = join(dir, 'rules');
    mkdirSync(rulesDir);
    writeFileSync(join(rulesDir, 'mine.json'), '{');
    const good = write('mine.json', text({ rows: [CAGE] }));
    expect(() => importOverlay(good, { rulesDir })).toThrow('--replace');
    expect(() => readRuleBook({ rulesDir })).toThrow('mine.json');
    expect(importOverlay(good, { rulesDir }, { replace: true }).replaced).toBe(true);
    expect(readdirSync(rulesDir)).toEqual(['mine.json']);
    expect(readRuleBook({ rulesDir }).layers).toHaveLength(2);
  });

  test('a rules folder that is named must exist', () => {
    expect(() => readRuleBook({ rulesDir: join(dir, 'none') })).toThrow('none');
  });
});
