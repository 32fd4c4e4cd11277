// Every risk rule against its reference of a few lines, in random days of a small firm: at each
// order both must say the same, and name the same row. Run by vitest over 10,000 orders; with
// PANKOU_PROPERTY=long over more than 100,000, with PANKOU_PROPERTY=long:7 over others of them.
// Always: the reference derives everything from a log; nothing is shared but the instruments.
import { beforeAll, describe, expect, test } from 'vitest';
import { RULES } from '../../../engine/core/risk/judge.ts';
import { REFERENCE, Scenario } from '../../support/risk-reference/scenario.ts';

const [LENGTH, SEED = '0'] = (process.env['PANKOU_PROPERTY'] ?? 'short').split(':');
const SCALE = LENGTH === 'long' ? 10 : 1;
const DAYS = 420 * SCALE;
const STEPS = 64;
const CASES = 10_000 * SCALE;
const FIRST = Number(SEED) * DAYS;

describe('each risk rule', () => {
  const refused = RULES.map(() => 0);
  const passed = RULES.map(() => 0);
  const wrong = RULES.map(() => '');

  beforeAll(() => {
    for (let seed = FIRST + 1; seed <= FIRST + DAYS; seed++) {
      new Scenario(seed).play(STEPS, (rule, isRefused, agree, text) => {
        if (isRefused) refused[rule]!++;
        else passed[rule]!++;
        if (!agree && wrong[rule] === '') wrong[rule] = `seed ${seed}: ${text()}`;
      });
    }
  }, 120_000);

  test('has a reference, and no reference lacks its rule', () => {
    expect(Object.keys(REFERENCE).sort()).toEqual(RULES.map((rule) => rule.name).sort());
    expect(new Set(RULES.map((rule) => rule.code)).size).toBe(RULES.length);
  });

  for (const [r, { name }] of RULES.entries()) {
    test(`${name}: says what its reference says, order by order`, () => {
      expect(wrong[r]).toBe('');
      expect(refused[r]! + passed[r]!).toBeGreaterThanOrEqual(CASES);
      // A rule that never refuses, or always, has not been tested.
      expect(refused[r]).toBeGreaterThan(8 * SCALE);
      expect(passed[r]).toBeGreaterThan(1_000 * SCALE);
    });
  }
});
