// The conditions of going live: each one is fine only with its own fact, and says what to do in
// both languages. A table: one fact is broken at a time, everything else stays fine.
import { expect, test } from 'vitest';
import { type ConditionFacts, conditionsOf } from '../../../engine/control/arming/conditions.ts';

const TODAY = { day: 20260105, known: true, trading: true };
const RATES = { id: 'a', killed: false, perSecond: 10, perDay: 1_000 };
const CORE = { live: true, unpriced: [], today: TODAY, accounts: [RATES] };
const STAGE = { link: 'ready', sessionNo: 1, canArm: true, clockOffsetMs: -40 };
const ACCOUNT = {
  ...{ id: 'a', number: '888' },
  reported: { day: 20251201, by: '李伟', perSecond: 10, perDay: 1_000 },
  pilot: { orderAmountE4: 1e8, dayAmountE4: 1e9, instruments: ['600001.SH'] },
};
const FINE: ConditionFacts = {
  ...{ account: ACCOUNT, day: 20260105, stage: STAGE, core: CORE, unknown: [], hasPassword: true },
  ...{ tested: ['mail'], channels: ['mail'], ntp: 'unknown' },
};

const failed = (facts: ConditionFacts) => conditionsOf(facts).filter(({ ok }) => !ok);

test('with every fact as it should be every condition is met', () => {
  expect(failed(FINE)).toEqual([]);
  expect(conditionsOf(FINE)).toHaveLength(12);
});

const core = (change: object) => ({ core: { ...CORE, ...change } });
const stage = (change: object) => ({ stage: { ...STAGE, ...change } });

test.each<[string, string, Partial<ConditionFacts>]>([
  ['reported', 'no report', { account: { ...ACCOUNT, reported: null } }],
  ['limits', 'a rate above the reported one', core({ accounts: [{ ...RATES, perSecond: 11 }] })],
  ['limits', 'no reported rate in force', core({ accounts: [{ ...RATES, perDay: null }] })],
  ['pilot', 'no pilot', { account: { ...ACCOUNT, pilot: null } }],
  ['password', 'no password', { hasPassword: false }],
  ['unknown-orders', 'an unknown order', { unknown: ['1abc'] }],
  ['limit-prices', 'a played market', core({ live: false })],
  ['limit-prices', 'a missing limit price', core({ unpriced: ['600001.SH'] })],
  ['calendar', 'an unknown day', core({ today: { ...TODAY, known: false } })],
  ['calendar', 'a holiday', core({ today: { ...TODAY, trading: false } })],
  ['calendar', "another day than today's", { day: 20260104 }],
  ['clock', 'a clock two seconds off', stage({ clockOffsetMs: 2_000 })],
  ['clock', 'a clock out of step', { ntp: 'no' }],
  ['clock', 'nothing known', stage({ clockOffsetMs: undefined })],
  ['alerts', 'no test today', { tested: [] }],
  ['alerts', 'no channel', { tested: [], channels: [] }],
  ['bridge', 'a link that is fenced only', stage({ link: 'fenced' })],
  ['bridge', 'no link', stage({ link: '' })],
  ['capability', 'an old bridge', stage({ canArm: false })],
  ['capability', 'a bridge that said nothing', stage({ canArm: undefined })],
  ['kill', 'a kill', core({ accounts: [{ ...RATES, killed: true }] })],
])('%s is not met with %s, alone, and says what to do', (id, _why, change) => {
  const found = failed({ ...FINE, ...change });
  expect(found.map((row) => row.id)).toEqual([id]);
  expect(found[0]!.todo!.en).toMatch(/^[ -~]{10,}$/);
  expect(found[0]!.todo!.zh).toMatch(/\p{Script=Han}/u);
  expect(found[0]!.found.zh).toMatch(/\p{Script=Han}/u);
});

test('without an engine nothing that it knows is met', () => {
  const ids = failed({ ...FINE, core: undefined }).map(({ id }) => id);
  expect(ids).toEqual(['limits', 'limit-prices', 'calendar', 'kill']);
});

test('without the clock of the bridge the time server alone is enough', () => {
  const { clockOffsetMs: _, ...rest } = STAGE;
  expect(failed({ ...FINE, stage: rest, ntp: 'yes' })).toEqual([]);
});
