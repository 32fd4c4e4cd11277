// Limits files: what a good one becomes, that every kind of bad one is refused whole with its
// place, and that a changed file reaches risk while one with errors does not. Run by vitest.
// Always: files in a folder of the test's own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../engine/core/risk/limit-table.ts';
import { ENTRY_LIMIT, fillRules, needsFeed } from '../../../engine/core/risk/rule-entry.ts';
import { RuleSet } from '../../../engine/core/risk/rule-set.ts';
import { watchLimits } from '../../../engine/host/limits-watch.ts';
import { defaultLimits, loadLimits, loadRules, rulesOf } from '../../../engine/risk-limits.ts';
import { limitsSchema } from '../../../engine/risk-limits-schema.ts';
import { waitFor } from '../../support/wait-for.ts';

let dir = '';
let count = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-limits-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const NAMES = {
  accounts: ['demo', 'other'],
  strategies: ['ma'],
  symbols: ['600001.SH', '000001.SZ'],
};

function file(content: unknown, path = join(dir, `l${count++}.json`)): string {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 1));
  return path;
}

function refusal(content: unknown): string {
  try {
    loadRules(file(content), NAMES);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the file was accepted');
}

/** Limits of a row by key, as the engine reads them. */
function rowOf(content: unknown, row: number): Record<string, number> {
  const { entries } = loadRules(file(content), NAMES);
  const mine = entries.filter(([kind, a]) => kind === ENTRY_LIMIT && a === row);
  return Object.fromEntries(mine.map(([, , slot, value]) => [LIMITS[slot]!.key, value]));
}

const WALL = { reportedPerSecond: 50, highFrequencyPerSecond: 300, highFrequencyPerDay: 20_000 };

describe('a limits file', () => {
  test('gives each account what all have, overlaid with its own, and the outer wall', () => {
    const content = {
      account: { maxOrderAmount: 1_000.5, maxPriceDeviation: 0.05 },
      accounts: { other: { maxOrderAmount: 7, reportedPerSecond: 20 } },
    };
    const both = { maxPriceDeviation: 0.05, ...WALL };
    expect(rowOf(content, 1)).toEqual({ ...both, maxOrderAmount: 10_005_000 });
    expect(rowOf(content, 2)).toEqual({ ...both, maxOrderAmount: 70_000, reportedPerSecond: 20 });
    expect([rowOf(content, 0), rowOf(content, 3)]).toEqual([{}, {}]);
  });

  test('that is empty switches everything off but the wall', () => {
    expect(rowOf({}, 1)).toEqual(WALL);
  });

  test('tells 0 from absent', () => {
    expect(rowOf({ firm: { maxOrderAmount: 0 } }, 0)).toEqual({ maxOrderAmount: 0 });
  });

  test('has the same hash for the same content, and another for any other', () => {
    const hash = (content: unknown) => loadRules(file(content), NAMES).hash;
    const one = { firm: { maxOrderQty: 5, blackList: ['600001.SH'] } };
    const others = [
      { firm: { maxOrderQty: 6, blackList: ['600001.SH'] } },
      { firm: { maxOrderQty: 5, blackList: ['000001.SZ'] } },
      { firm: { maxOrderQty: 5, whiteList: ['600001.SH'] } },
      { ...one, riskWarning: ['600001.SH'] },
      { ...one, industries: { steel: ['600001.SH'] } },
      { ...one, accounts: { demo: { permissions: [] } } },
      { ...one, accounts: { demo: { manager: 'x' } } },
      { firm: { ...one.firm, breakerIndex: '600001.SH' } },
    ];
    expect(hash(one)).toBe(hash(JSON.parse(JSON.stringify(one))));
    const all = [one, ...others].map(hash);
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toContain(0);
  });

  test('survives the way into a set: every limit of the table, at its end of the range', () => {
    for (const { key, scopes, unit, max } of LIMITS) {
      const scope = scopes.includes('f') ? 'firm' : scopes.includes('a') ? 'account' : 'strategy';
      const value = unit === 'switch' ? true : max;
      const rules = loadRules(file({ [scope]: { [key]: value } }), NAMES);
      const sizes = { accounts: 2, strategies: 1, instruments: 2 };
      expect(fillRules(new RuleSet(sizes), rules.entries), key).toBe(rules.hash);
    }
  });

  test('may name symbols that this engine does not follow', () => {
    const rules = loadRules(file({ firm: { blackList: ['600519.SH', '600001.SH'] } }), NAMES);
    expect(rules.entries.filter(([kind]) => kind === 2)).toEqual([[2, 0, 0, 0]]);
  });

  test('of the defaults and of the examples is right', () => {
    expect(rulesOf(defaultLimits(), NAMES).hash).not.toBe(0);
    const example = join(import.meta.dirname, '../../../examples/limits.json');
    expect(loadLimits(example).accounts).toHaveProperty('demo');
  });
});

test('only limits that value holdings or watch the market need the feed at risk', () => {
  const needs = (limits: object): boolean => needsFeed(loadRules(file(limits), NAMES).entries);
  expect(needsFeed(rulesOf(defaultLimits(), NAMES).entries)).toBe(false);
  const alone = { maxPriceDeviation: 0.02, maxOrderAmount: 1, checkCage: true, cashReserve: 5 };
  expect(needs({ firm: alone })).toBe(false);
  for (const key of ['maxDayLoss', 'maxTotalValue', 'maxStockValue', 'maxVolumeShare']) {
    expect([key, needs({ firm: { [key]: 1 } })]).toEqual([key, true]);
  }
  expect(needs({ account: { units: 5, stopNetValue: 0.8 } })).toBe(true);
  expect(needs({ firm: { breakerIndex: '600001.SH', breakerMove: 0.05 } })).toBe(true);
});

describe('a limits file with errors is refused whole, and says', () => {
  test.each([
    [
      { firm: { maxOrderAmont: 1 } },
      "firm.maxOrderAmont: unknown key; did you mean 'maxOrderAmount'",
    ],
    [{ frim: {} }, "frim: unknown key; did you mean 'firm'"],
    [{ firm: { units: 5 } }, 'firm.units: unknown key'],
    [{ firm: { maxOrderAmount: -1 } }, 'found -1; expected yuan from 0'],
    [{ firm: { maxOrderAmount: 0.000_01 } }, 'at most 4 decimals'],
    [{ firm: { maxOrderAmount: '5' } }, 'found "5"; expected yuan'],
    [{ firm: { maxOrderQty: 1.5 } }, 'expected a whole number from 0'],
    [{ account: { maxOrdersPerSecond: 0 } }, 'leave the key out for no limit'],
    [{ account: { highFrequencyPerSecond: 301 } }, 'expected a whole number from 1 to 300'],
    [{ account: { reportedPerDay: 20_000 } }, 'expected a whole number from 1 to 19999'],
    [{ account: { maxCancelRatio: 1.5 } }, 'expected a fraction from 0 to 1'],
    [{ firm: { checkCage: 1 } }, 'expected true or false'],
    [{ accounts: { dmo: {} } }, "accounts.dmo: no such name in the engine; did you mean 'demo'"],
    [{ strategies: { am: {} } }, 'strategies.am: no such name'],
    [{ account: { permissions: ['stars'] } }, 'expected one of star, chinext'],
    [{ riskWarning: ['60001'] }, "'60001' is not a symbol"],
    [
      { industries: { a: ['600001.SH'], b: ['600001.SH'] } },
      "industries.b[0]: 600001.SH is in 'a' too",
    ],
    ['{"firm": {}', 'is not valid JSON: line 1'],
    ['{"firm": {}, "firm": {}}', 'given twice'],
    ['', 'is empty'],
  ])('%j', (content, expected) => {
    const message = refusal(content);
    expect(message).toContain(expected);
    expect(message).toContain('limits file');
  });

  test('every error at once, each with its line', () => {
    const lines = refusal({ firm: { maxOrderQty: -1 }, account: { coolDown: 'x' }, nonsense: 1 });
    expect(lines.split('\n')).toHaveLength(4);
    expect(lines).toMatch(
      /line 3: firm\.maxOrderQty.*\n.*line 6: account\.coolDown.*\n.*line 8: n/,
    );
  });
});

test('a changed file is applied, one with errors is not', async () => {
  const path = file({ firm: { maxOrderQty: 1 } });
  const applied: number[] = [];
  const said: string[] = [];
  const inForce = loadRules(path, NAMES);
  const watch = watchLimits(
    path,
    NAMES,
    inForce,
    (rules) => applied.push(rules.hash),
    (_, text) => said.push(text),
  );
  try {
    file({ firm: { maxOrderQty: -1 } }, path);
    await waitFor('a refusal', () => said.some((text) => text.includes('stays in force')));
    expect(applied).toEqual([]);
    file({ firm: { maxOrderQty: 22 } }, path);
    await waitFor('the new rules', () => applied.length > 0);
    expect(applied).toEqual([loadRules(path, NAMES).hash]);
  } finally {
    watch.close();
  }
});

test('the schema has every key of the table in its scopes and no other limit', () => {
  for (const [letter, name] of Object.entries({ f: 'firm', a: 'account', s: 'strategy' })) {
    const keys = LIMITS.filter((limit) => limit.scopes.includes(letter)).map((limit) => limit.key);
    const values = LIMITS.filter((limit) => limit.scopes.includes(letter)).map(
      ({ unit, max, key }) => [key, unit === 'switch' ? true : max] as const,
    );
    const parsed = limitsSchema.parse({ [name]: Object.fromEntries(values) });
    const scope = parsed[name as 'firm'];
    const given = Object.entries(scope).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    );
    expect(given.sort()).toEqual(keys.sort());
  }
});
