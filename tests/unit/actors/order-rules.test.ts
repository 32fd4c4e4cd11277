// The exchange's rules before an order leaves: cage, ranges of calls, halts, after-hours trading,
// suspension, by the quotes an OMS has. Run by vitest. Always: the real validation kernel with the
// record of the rule book; the exchange of the simulation must say the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderRules } from '../../../engine/actors/order-rules.ts';
import type { KernelRules } from '../../../engine/core/exchange-kernel.ts';
import * as code from '../../../engine/core/reject-code.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import {
  FLAG_STALE,
  KIND_BEST5_CANCEL,
  KIND_LIMIT,
  PHASE_AFTER_HOURS,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  PHASE_OPENING_CALL,
  SIDE_BUY,
  SIDE_SELL,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Quote } from '../../../engine/messages/generated/market.ts';
import { type Intent, Request } from '../../../engine/messages/generated/order.ts';
import { OrderDoor } from '../../../gateways/sim/order-door.ts';
import type { Fields } from '../../support/actor-harness.ts';
import { kernelRulesOf } from '../../support/instruments.ts';
import { INSTRUMENTS, oms } from './oms-kit.ts';

const TOUCH = { bidE4: 99_900, askE4: 100_000 };
/** A day without daily limits, as the feed tells it. */
const FREE = { upperLimitE4: 0, lowerLimitE4: 0 };
const RANGES = {
  ...{ openingLowPermille: 500, openingHighPermille: 9_000 },
  ...{ closingLowPermille: 900, closingHighPermille: 1_100, closingOfLast: 1 },
};
const NO_AFTER = { afterHours: 0 };
const HALTS = { haltPermille1: 300, haltPermille2: 600 };

/** Codes people see of one order under a quote. */
function codesOf(quote: Fields<Quote>, intent: Fields<Intent>, rules: Partial<KernelRules> = {}) {
  const o = oms({ rules });
  o.quote({ ...TOUCH, instrument: 0, ...quote });
  o.place(intent);
  const { people, strategy } = o.codes();
  expect(strategy).toEqual(people);
  expect(o.passed().filter(({ type }) => type === 'Order')).toHaveLength(
    people.length === 0 ? 1 : 0,
  );
  return people;
}

const sell = { side: SIDE_SELL };
const continuous = { phase: PHASE_CONTINUOUS };
const opening = { phase: PHASE_OPENING_CALL, ...FREE };
const closing = { phase: PHASE_CLOSING_CALL, ...FREE, lastE4: 200_000 };
const halted = { phase: PHASE_HALTED };
const after = { phase: PHASE_AFTER_HOURS, lastE4: 101_000 };

describe('before an order leaves', () => {
  test.each<[string, Fields<Quote>, Fields<Intent>, Partial<KernelRules>, number]>([
    ['a buy at the bound of the cage', continuous, { priceE4: 102_000 }, {}, 0],
    ['a buy above it', continuous, { priceE4: 102_100 }, {}, code.REJECT_OUTSIDE_CAGE],
    ['a sell at the bound', continuous, { ...sell, priceE4: 97_900 }, {}, 0],
    ['a sell below it', continuous, { ...sell, priceE4: 97_800 }, {}, code.REJECT_OUTSIDE_CAGE],
    ['a passive buy far away', continuous, { priceE4: 91_000 }, {}, 0],
    ['a buy by the bid', { askE4: 0 }, { priceE4: 102_000 }, {}, code.REJECT_OUTSIDE_CAGE],
    [
      'a buy by the last trade',
      { askE4: 0, bidE4: 0, lastE4: 107_000 },
      ...([{ priceE4: 109_200 }, {}, code.REJECT_OUTSIDE_CAGE] as const),
    ],
    ['a call by no cage', { phase: PHASE_OPENING_CALL }, { priceE4: 110_000 }, {}, 0],
    ['an opening call', opening, { priceE4: 900_000 }, RANGES, 0],
    ['above its range', opening, { priceE4: 900_100 }, RANGES, code.REJECT_OUTSIDE_CALL_RANGE],
    ['a closing call by the last trade', closing, { priceE4: 220_000 }, RANGES, 0],
    ['above its range', closing, { priceE4: 220_100 }, RANGES, code.REJECT_OUTSIDE_CALL_RANGE],
    ['a halt', halted, {}, {}, code.REJECT_NOT_IN_SESSION],
    ['a halt by the price', { ...halted, ...FREE }, {}, HALTS, 0],
    [
      'a market order in it',
      { ...halted, ...FREE },
      ...([{ kind: KIND_BEST5_CANCEL, priceE4: 0 }, HALTS] as const),
      code.REJECT_KIND_NOT_SUPPORTED,
    ],
    [
      'after hours, where there is none',
      after,
      { priceE4: 101_000 },
      NO_AFTER,
      code.REJECT_NOT_IN_SESSION,
    ],
    ['after hours at the close', after, { priceE4: 101_000 }, { afterHours: 1 }, 0],
    [
      'after hours below it',
      ...([after, { priceE4: 100_900 }, { afterHours: 1 }, code.REJECT_AGAINST_CLOSE] as const),
    ],
    ['a suspended security', continuous, {}, { suspended: 1 }, code.REJECT_SUSPENDED],
  ])('%s: %o %o %o -> %i', (_, quote, intent, rules, expected) => {
    expect(codesOf(quote, intent, rules)).toEqual(expected === 0 ? [] : [expected]);
  });
});

describe('a stale quote', () => {
  const stale = { flags: FLAG_STALE };
  test('judges neither the cage nor a range by the last trade', () => {
    expect(codesOf({ ...continuous, ...stale }, { priceE4: 109_000 })).toEqual([]);
    expect(codesOf({ ...closing, ...stale }, { priceE4: 500_000 }, RANGES)).toEqual([]);
  });

  test('still judges limits, session and kind', () => {
    const { REJECT_ABOVE_UPPER_LIMIT, REJECT_KIND_NOT_SUPPORTED, REJECT_NOT_IN_SESSION } = code;
    const above = codesOf({ ...continuous, ...stale }, { priceE4: 110_100 });
    expect(above).toEqual([REJECT_ABOVE_UPPER_LIMIT]);
    expect(codesOf({ ...halted, ...stale }, {})).toEqual([REJECT_NOT_IN_SESSION]);
    const market = { kind: KIND_BEST5_CANCEL, priceE4: 0 };
    expect(codesOf({ phase: PHASE_CLOSING_CALL, ...stale }, market)).toEqual([
      REJECT_KIND_NOT_SUPPORTED,
    ]);
  });

  test('counts until the next one that is not', () => {
    const o = oms();
    o.quote({ ...TOUCH, ...stale });
    o.place({ priceE4: 109_000 });
    o.quote(TOUCH);
    o.place({ priceE4: 109_000 });
    expect(o.codes().people).toEqual([code.REJECT_OUTSIDE_CAGE]);
  });
});

test('an order is judged by the quote of its own instrument', () => {
  const o = oms();
  o.quote({ ...TOUCH, instrument: 0 });
  o.quote({ bidE4: 108_900, askE4: 109_000, instrument: 1 });
  o.place({ priceE4: 109_000, instrument: 0 });
  o.quote({ bidE4: 108_900, askE4: 109_000, instrument: 0 });
  o.place({ priceE4: 109_000, instrument: 0 });
  expect(o.codes().people).toEqual([code.REJECT_OUTSIDE_CAGE]);
});

describe('OMS and simulated exchange', () => {
  const quotes = new FrameMemory(new ArrayBuffer(Quote.BYTES));
  const requests = new FrameMemory(new ArrayBuffer(Request.BYTES));
  const kernels = () => loadKernels({ maxInstruments: 2, maxOrders: 1, maxLevels: 1 }).validate;

  test('say the same of every order where both see the same market', () => {
    const [ours, theirs] = [kernels(), kernels()];
    const [instrument] = INSTRUMENTS;
    const price = fc.integer({ min: 880, max: 1_120 }).map((ticks) => ticks * 100);
    const seen = new Set<number>();
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9),
        fc.constantFrom(SIDE_BUY, SIDE_SELL),
        fc.constantFrom(KIND_LIMIT, KIND_LIMIT, 2, 3, 4, 5, 6, 7),
        ...([fc.constantFrom(0, 99_900), fc.constantFrom(0, 100_000), price, price] as const),
        fc.integer({ min: 0, max: 12 }).map((lots) => lots * 100),
        fc.record({ buyCap: fc.constantFrom(0, 800), afterHours: fc.constantFrom(0, 1) }),
        (phase, side, kind, bidE4, askE4, lastE4, priceE4, qty, change) => {
          const record = { ...kernelRulesOf(instrument!, { preCloseE4: 100_000 }), ...change };
          for (const kernel of [ours, theirs]) expect(kernel.setRules(0, record)).toBe(0);
          const limits = { upperLimitE4: 110_000, lowerLimitE4: 90_000 };
          const quote = new Quote().begin(quotes, 0);
          Object.assign(quote, { instrument: 0, phase, bidE4, askE4, lastE4, ...limits });
          const rules = new OrderRules([instrument!], ours);
          rules.onQuote(quote);
          const request = new Request().begin(requests, 0);
          Object.assign(request, { account: 0, instrument: 0, side, kind, priceE4, qty });
          const door = new OrderDoor([instrument!], 1, theirs);
          door.lastE4[0] = lastE4;
          door.add(0, 0, SIDE_BUY, 300);
          const found = rules.check(0, side, kind, priceE4, qty, 10_000, 300, phase);
          seen.add(found);
          expect(door.judge(request, phase, bidE4, askE4)).toBe(found);
        },
      ),
      { numRuns: 3_000, seed: 7 },
    );
    for (const expected of [0, 202, 203, 207, 211, 213, 214, 401, 405]) {
      expect(seen).toContain(expected);
    }
  });
});
