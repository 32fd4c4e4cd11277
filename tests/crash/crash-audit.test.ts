// The auditor of the crash tests, audited: a day on which both sides agree, and each way in which
// they may not. What it may excuse is two cases of an order that nobody can prove anything about.
import { describe, expect, test } from 'vitest';
import { audit, booksOf, type Evidence } from './crash-audit.ts';
import type { Dumped } from './crash-books.ts';

/** A: filled. B: cancelled. C: never reached the bridge. D: the bridge died with it. */
const LEDGER = [
  { t: 'open', accounts: [{ cashE4: 5_000 }] },
  { t: 'order', no: 1, remark: 'A', side: 1, qty: 100, refused: '' },
  { t: 'order', no: 2, remark: 'B', side: 2, qty: 200, refused: '' },
  { t: 'fill', no: 1, trade: 7, qty: 100, priceE4: 10 },
  { t: 'cancel', no: 2, qty: 200 },
];

const request = (coid: string, intentNo: number, qty: number): Line => ({
  ...{ type: 'REQUEST', coid, fields: { intentNo, qty } },
});
const report = (coid: string, kind: number, code = 0): Line => ({
  ...{ type: 'REPORT', coid, fields: { kind, code } },
});
const result = (coid: string, state: number): Line => ({ type: 'BRIDGE', coid, fields: { state } });
const fill = (coid: string, fillNo: number): Line => ({
  ...{ type: 'FILL', coid, fields: { fillNo, qty: 100, priceE4: 10, side: 1 } },
});

type Line = Partial<Dumped> & Pick<Dumped, 'type' | 'fields'>;

const ENGINE: Line[] = [
  ...[request('A', 1, 100), request('B', 2, 200), request('C', 3, 100), request('D', 4, 100)],
  ...[report('A', 2), fill('A', 7), report('B', 4), report('C', 3, 507), report('D', 6)],
];
const BRIDGE: Line[] = [
  ...[request('A', 1, 100), result('A', 3), request('B', 2, 200), result('B', 3)],
  ...[request('D', 4, 100), { type: 'EPOCH', fields: {}, epoch: 2 }],
];

interface Change {
  ledger?: object[];
  engine?: Line[];
  bridge?: Line[];
  more?: Partial<Evidence>;
}

function look({ ledger = LEDGER, engine = ENGINE, bridge = BRIDGE, more = {} }: Change = {}) {
  const text = ledger.map((line) => `${JSON.stringify(line)}\n`).join('');
  const rest = { acknowledged: [1, 2], engineCashE4: 4_000, counterFaults: [], callNs: 1.5e9 };
  const evidence = { books: booksOf(text), engine: whole(engine), bridge: whole(bridge) };
  return audit({ ...evidence, ...rest, ...more });
}

function whole(lines: readonly Line[]): Dumped[] {
  return lines.map((line, i) => ({ seq: i + 1, epoch: 1, monoNs: i * 1e6, ...line }));
}

test('a day on which both sides agree has no finding; a lost order is counted', () => {
  expect(look()).toEqual({ wrong: [], unknown: 1, fills: 1 });
});

const order = (no: number, remark: string): object => {
  return { t: 'order', no, remark, side: 1, qty: 100, refused: '' };
};
const without = (lines: Line[], type: string, coid: string): Line[] =>
  lines.filter((line) => line.type !== type || line.coid !== coid);
const late = { type: 'BRIDGE', fields: {}, monoNs: 9e9 };
const numbered = (coid: string, brokerOrderNo: number): Line => ({
  ...{ type: 'BRIDGE', coid, fields: { state: 3, brokerOrderNo } },
});
const HELD = { cashE4: 5_000, positions: { '600001.SH': { qty: 300 } } };
const ADJUSTED: Line = { type: 'ADJUSTMENT', fields: {} };
const withCancelled = (coid: string): Line[] => [
  ...without(ENGINE, 'REPORT', coid),
  report(coid, 4),
];
const CASES: [string, Change, string][] = [
  ['an id twice', { ledger: [...LEDGER, order(3, 'A')] }, 'I1: A is at the counter twice'],
  ['an order of nobody', { ledger: [...LEDGER, order(3, 'X')] }, 'I2: X is at the counter, not'],
  ['no bridge record', { bridge: without(BRIDGE, 'REQUEST', 'A') }, 'I2: A is at the counter, not'],
  ['a lost acknowledgement', { more: { acknowledged: [9] } }, 'I3: intent 9'],
  ['an id given out twice', { engine: [...ENGINE, request('A', 9, 1)] }, 'I4'],
  ['a missed fill', { engine: without(ENGINE, 'FILL', 'A') }, 'I5: fill 7'],
  ['a doubled fill', { engine: [...ENGINE, fill('A', 7)] }, 'I6: fill 7 is in the journal twice'],
  ['an invented fill', { engine: [...ENGINE, fill('A', 8)] }, 'I6: fill 8 never happened'],
  ['an order left open', { ledger: LEDGER.slice(0, -1) }, 'I7: B is still open'],
  ['other cash', { more: { engineCashE4: 4_001 } }, 'I8'],
  ['two ends', { engine: [...ENGINE, report('B', 3)] }, 'I10: B has two different ends'],
  [
    'a timeout taken as a reject',
    { engine: [...ENGINE, report('D', 3, 509)] },
    'I11: D was closed',
  ],
  [
    'a false never sent',
    { engine: [...ENGINE, report('D', 3, 507)] },
    'I11: D ended as never sent',
  ],
  ['a reject of what lives', { engine: [...ENGINE, report('A', 3)] }, 'I11: A ended as rejected'],
  ['an invented cancel', { engine: [...ENGINE, report('C', 4)] }, 'I11: C ended as cancelled, not'],
  [
    "another's number",
    { bridge: [...BRIDGE, numbered('A', 2)] },
    'I4: A has number 2 in the bridge',
  ],
  [
    'two numbers',
    { bridge: [...BRIDGE, numbered('A', 1), numbered('A', 50_000_001)] },
    "I4: A has two numbers in the bridge's journal: 1, 50000001",
  ],
  [
    'other shares',
    { ledger: [{ t: 'open', accounts: [HELD] }, ...LEDGER.slice(1)] },
    'I5: 600001.SH: 300 shares at the counter, 0 here',
  ],
  [
    'a refusal that is no refusal here',
    { ledger: [...LEDGER, { ...order(3, 'C'), refused: 'no' }], engine: withCancelled('C') },
    'I10: C was refused by the counter, not so here',
  ],
  ['a difference that was adopted', { engine: [...ENGINE, ADJUSTED] }, 'I8: a difference'],
  ['an order without end', { engine: without(ENGINE, 'REPORT', 'C') }, 'I22: C has no end'],
];

describe('is found:', () => {
  for (const [name, change, expected] of CASES) {
    test(name, () => expect(look(change).wrong.join('\n')).toContain(expected));
  }
});

describe('no excuse:', () => {
  const failed = [...BRIDGE, result('D', 4)];

  test('no result, though the bridge never died', () => {
    const bridge = BRIDGE.slice(0, -1);
    expect(look({ bridge }).wrong).toEqual(['F19: D has no result, its bridge never died']);
  });

  test('no result, though the bridge lived on for longer than a call', () => {
    const bridge = [...BRIDGE.slice(0, -1), late, ...BRIDGE.slice(-1)];
    expect(look({ bridge }).wrong.join()).toContain('F19: D has no result, its bridge lived on');
  });

  test('no answer of a counter that was well; one that died meanwhile is excused', () => {
    expect(look({ bridge: failed }).wrong.join()).toContain('F19: D had no answer');
    expect(look({ bridge: failed, more: { counterFaults: [5] } }).wrong).toEqual([]);
  });
});
