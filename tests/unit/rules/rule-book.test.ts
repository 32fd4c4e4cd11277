// The built-in book as a whole: it passes its own schema, leaves no hole at a switch, has the
// dates of the rules sheet (0.3).
import { describe, expect, test } from 'vitest';
import { BUILT_IN_ROWS, builtInLayer } from '../../../engine/rules/built-in.ts';
import { addDays, isWeekend } from '../../../engine/rules/calendar-date.ts';
import { diffRules } from '../../../engine/rules/explain.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { rowsFrom } from '../../../engine/rules/rule-layer.ts';
import { TOPICS } from '../../../engine/rules/rule-row.ts';
import { ruleText } from '../../../engine/rules/rule-text.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';

const book = new RuleBook();
const TODAY = 20261120;

describe('the built-in rows', () => {
  test('pass the schema, cover every topic, and each says who says so', () => {
    const { rows } = builtInLayer();
    expect(rows).toHaveLength(BUILT_IN_ROWS.length);
    expect(new Set(rows.map(({ what }) => what))).toEqual(new Set(TOPICS));
    for (const row of rows) expect(row.source.length, row.id).toBeGreaterThan(5);
    for (const row of rows) expect(ruleText(row), row.id).not.toBe('');
  });

  test('a second row for the same question on the same day is refused', () => {
    const tick = BUILT_IN_ROWS.find(({ id }) => id === 'tick/shares');
    expect(() => rowsFrom([tick, { ...tick, id: 'tick/again' }], 'x')).toThrow('both hold from');
  });

  test('leave no trading day without an answer between a rule and its successor', () => {
    const holes: string[] = [];
    const { rows } = builtInLayer();
    for (const row of rows) {
      if (row.validTo === 0) continue;
      const later = rows.filter(
        (other) =>
          other.what === row.what &&
          other.key === row.key &&
          other.validFrom > row.validTo &&
          other.states.join() === row.states.join() &&
          other.venues.some((venue) => row.venues.includes(venue)) &&
          other.kinds.some((kind) => row.kinds.includes(kind)),
      );
      if (later.length === 0) continue;
      const next = Math.min(...later.map(({ validFrom }) => validFrom));
      for (let day = addDays(row.validTo, 1); day < next; day = addDays(day, 1)) {
        if (!isWeekend(day)) holes.push(`${row.id} ${day}`);
      }
    }
    expect(holes).toEqual([]);
  });
});

describe('rules sheet 0.3', () => {
  test.each<[number, number, string[]]>([
    [20160506, 20160509, ['session:changed']],
    [
      20180817,
      20180820,
      ['session:changed', 'session:new', 'no-cancel:new', 'close-price:changed'],
    ],
    [20200821, 20200824, ['price-limit:changed', 'free-days:new', 'cage:new', 'after-hours:new']],
    [20220428, 20220429, ['fee:changed']],
    [20220729, 20220801, ['price-limit:changed', 'first-day-limit:new']],
    [20230407, 20230410, ['cage:new', 'cage:changed', 'free-days:new', 'first-day-limit:ended']],
    [20230825, 20230828, ['fee:changed']],
    [20250930, 20251009, ['code-range:ended', 'code-range:new']],
    [20250704, 20250707, ['threshold:new']],
    [20240710, 20240711, ['threshold:new']],
    [20240719, 20240722, ['threshold:new']],
    [20260116, 20260119, ['threshold:new']],
    [20260703, 20260706, ['price-limit:changed', 'session:new', 'after-hours:new']],
    [20260828, 20260831, ['buy-cap:new']],
  ])('something changed between %i and %i', (from, to, expected) => {
    const changes = diffRules(book, from, to);
    const found = changes.map(({ kind, before, after }) => `${(before ?? after)?.what}:${kind}`);
    for (const change of expected) expect(found).toContain(change);
  });

  test.each([
    [20190719, 20190722, 'SSE star'],
    [20211112, 20211115, 'BSE bse'],
  ])('a board opens between %i and %i', (from, to, scope) => {
    const names = diffRules(book, from, to)
      .filter(({ kind, scopes }) => kind === 'new' && scopes.includes(scope))
      .map(({ after }) => after?.what);
    expect(names).toEqual(expect.arrayContaining(['lot', 'price-limit', 'cage', 'free-days']));
  });

  test('nothing changed within a week without a switch', () => {
    expect(diffRules(book, 20260810, 20260814)).toEqual([]);
  });
});

describe('code ranges', () => {
  test('the venue decides: 000001 is an index at SSE and a share at SZSE', () => {
    const rules = book.on(TODAY);
    expect(subjectOf(rules, '000001.SH').kind).toBe('index');
    expect(subjectOf(rules, '000001.SZ').kind).toBe('main');
    expect(subjectOf(rules, '920002.BJ').kind).toBe('bse');
  });

  test('an old BSE code is known before 2025-10-09 and refused with a reason after', () => {
    expect(subjectOf(book.on(20250930), '830799.BJ').kind).toBe('bse');
    expect(() => subjectOf(book.on(20251009), '830799.BJ')).toThrow('no code range of BSE');
  });

  test('facts win over the code', () => {
    const rules = book.on(TODAY);
    const fund = subjectOf(rules, '159001.SZ', { type: 'money' });
    expect(rules.find('turnround', fund)?.value.sameDay).toBe(true);
    expect(rules.find('turnround', subjectOf(rules, '159001.SZ'))?.value.sameDay).toBe(false);
  });
});
