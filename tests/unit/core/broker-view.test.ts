// When a list of the broker may be believed (R5), whose order a row is (R6), and what it proves of
// an order whose end is not known (R9): rule by rule, and against a broker drawn at random.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as rules from '../../../engine/core/broker-view.ts';
import { BrokerView } from '../../../engine/core/broker-view.ts';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import { idAccountEpoch, idCheck } from '../../../engine/core/order-id.ts';
import * as proofs from '../../../engine/core/order-proof.ts';
import { proofOf } from '../../../engine/core/order-proof.ts';
import * as status from '../../../engine/core/order-status.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { BridgeRow, BrokerOrder, BrokerTrade } from '../../../engine/messages/generated/broker.ts';
import type { Fields } from '../../support/actor-harness.ts';

const DAY = 20_260_105;
const A = idAccountEpoch(0, 1);
const memory = new FrameMemory(new ArrayBuffer(512));

function open(ids: readonly number[] = [1, 2]) {
  const live = new LiveOrders(64);
  for (const id of ids) live.add(A, DAY, id, 300);
  const view = new BrokerView(live, 0, DAY);
  view.beginSession(false);
  return { live, view };
}

function order(view: BrokerView, id: number, no: number, fields: Fields<BrokerOrder> = {}): void {
  const coid = { coidA: A, coidB: DAY, coidC: id, coidD: idCheck(A, DAY, id) };
  const facts = { side: 1, qty: 300, status: status.STATUS_ACCEPTED, brokerOrderNo: no };
  const remark = id === 0 ? {} : coid;
  view.onOrder(Object.assign(new BrokerOrder().begin(memory, 0), { ...facts, ...remark }, fields));
}

function trade(view: BrokerView, no: number, fillNo: number, qty: number): void {
  const facts = { side: 1, qty, priceE4: 100_000, brokerOrderNo: no, fillNo };
  view.onTrade(Object.assign(new BrokerTrade().begin(memory, 0), facts));
}

function bridge(view: BrokerView, id: number, fields: Fields<BridgeRow>): void {
  const ids = { coidA: A, coidB: DAY, coidC: id };
  view.onBridgeRow(Object.assign(new BridgeRow().begin(memory, 0), { ...ids, ...fields }));
}

/** A round of orders 1 and 2, the first with 100 filled, played with one thing wrong. */
function round(view: BrokerView, wrong: Partial<Record<string, number>> = {}): number {
  view.beginRound();
  order(view, 1, 11, { filledQty: wrong['filled'] ?? 100, side: wrong['side'] ?? 1 });
  if (wrong['lacks'] === undefined) order(view, wrong['id'] ?? 2, wrong['no'] ?? 12);
  const rows = (wrong['lacks'] === undefined ? 2 : 1) + (wrong['rows'] ?? 0);
  const result = wrong['result'] ?? codes.QUERY_COMPLETE;
  const fault = view.endOrders(result, rows, wrong['day'] ?? DAY);
  if (fault !== rules.SNAPSHOT_GOOD) return fault;
  view.beginTrades();
  trade(view, wrong['tradeNo'] ?? 11, 501, wrong['traded'] ?? 100);
  return view.endTrades(wrong['result2'] ?? codes.QUERY_COMPLETE, 1, DAY);
}

describe('a round of answers is a snapshot (R5)', () => {
  const cases: [string, Partial<Record<string, number>>, number][] = [
    ['when nothing is wrong', {}, rules.SNAPSHOT_GOOD],
    ['when the broker does not say its day', { day: 0 }, rules.SNAPSHOT_GOOD],
    ['not when it failed', { result: codes.QUERY_FAILED }, rules.SNAPSHOT_INCOMPLETE],
    ['not when rows may lack', { result2: codes.QUERY_PARTIAL }, rules.SNAPSHOT_INCOMPLETE],
    ['not of another day', { day: DAY - 1 }, rules.SNAPSHOT_OTHER_DAY],
    ['not with another number of rows', { rows: 1 }, rules.SNAPSHOT_MALFORMED],
    ['not with a row without a side', { side: 0 }, rules.SNAPSHOT_MALFORMED],
    ['not with a row without a number', { no: 0 }, rules.SNAPSHOT_MALFORMED],
    ['not without an order seen before', { lacks: 1 }, rules.SNAPSHOT_LACKS_ORDER],
    ['not when trades are less than filled', { traded: 50 }, rules.SNAPSHOT_UNEQUAL],
    ['not when trades are more than filled', { traded: 200 }, rules.SNAPSHOT_UNEQUAL],
    ['not with a trade of no listed order', { tradeNo: 99 }, rules.SNAPSHOT_UNEQUAL],
    ['not when less is filled than before', { filled: 0, traded: 0 }, rules.SNAPSHOT_SHRANK],
  ];
  for (const [name, wrong, expected] of cases) {
    test(name, () => {
      const { view } = open();
      expect(round(view)).toBe(rules.SNAPSHOT_GOOD);
      expect(round(view, wrong)).toBe(expected);
      // And the next whole one is believed again: a spoiled list leaves nothing behind.
      expect(round(view)).toBe(rules.SNAPSHOT_GOOD);
    });
  }

  test('also after a list of yesterday whose orders have no remark', () => {
    const { view } = open();
    view.beginRound();
    order(view, 0, 11);
    order(view, 0, 77);
    expect(view.endOrders(codes.QUERY_COMPLETE, 2, DAY - 1)).toBe(rules.SNAPSHOT_OTHER_DAY);
    expect(round(view)).toBe(rules.SNAPSHOT_GOOD);
    expect([view.slotOfNo(11), view.slotOfNo(12)]).toEqual([0, 1]);
  });
});

describe('a row belongs (R6)', () => {
  test('to the id in its remark; without one, to the number the bridge or a report told', () => {
    const { live, view } = open();
    bridge(view, 1, { state: codes.BRIDGE_ANSWERED, brokerOrderNo: 11 });
    view.bind(1, 12);
    view.beginRound();
    order(view, 0, 11);
    order(view, 0, 12);
    expect(view.endOrders(codes.QUERY_COMPLETE, 2, DAY)).toBe(rules.SNAPSHOT_GOOD);
    expect([live.count, view.isListed(0), view.isListed(1)]).toEqual([2, true, true]);
  });

  test('to somebody else when its remark was altered or is of another account', () => {
    for (const change of [{ coidD: 5 }, { coidA: idAccountEpoch(3, 1) }]) {
      const { live, view } = open();
      view.beginRound();
      order(view, 1, 11, change);
      expect([live.count, view.foreign[2], live.live[2], live.idA[2]]).toEqual([3, 1, 0, 0]);
    }
  });

  test('to two orders of one id: the account must stop', () => {
    const { view } = open();
    view.beginRound();
    order(view, 1, 11);
    expect(view.duplicateId).toBe(false);
    order(view, 1, 12);
    expect(view.duplicateId).toBe(true);
  });
});

describe('an order of unknown fate (R9)', () => {
  const believed = (fields: Fields<BrokerOrder>, traded: number, booked: number): number => {
    const { live, view } = open([1]);
    if (booked > 0) live.book(0, booked);
    view.beginRound();
    order(view, 1, 11, fields);
    view.endOrders(codes.QUERY_COMPLETE, 1, DAY);
    view.beginTrades();
    if (traded > 0) trade(view, 11, 501, traded);
    expect(view.endTrades(codes.QUERY_COMPLETE, traded > 0 ? 1 : 0, DAY)).toBe(0);
    return proofOf(view, 0, 0);
  };
  const { STATUS_CANCELLED, STATUS_REJECTED, STATUS_UNKNOWN, STATUS_FILLED } = status;

  test('ends as the broker shows it, and not before its fills are booked', () => {
    expect(believed({ status: status.STATUS_ACCEPTED }, 0, 0)).toBe(proofs.PROOF_ALIVE);
    expect(believed({ status: STATUS_CANCELLED }, 0, 0)).toBe(proofs.PROOF_CANCELLED);
    expect(believed({ status: STATUS_REJECTED }, 0, 0)).toBe(proofs.PROOF_REJECTED);
    const partly = { status: STATUS_CANCELLED, filledQty: 100 };
    expect(believed(partly, 100, 0)).toBe(proofs.PROOF_NONE);
    expect(believed(partly, 100, 100)).toBe(proofs.PROOF_CANCELLED);
    expect(believed({ ...partly, status: STATUS_REJECTED }, 100, 100)).toBe(proofs.PROOF_CANCELLED);
    const filled = { status: STATUS_FILLED, filledQty: 300 };
    expect(believed(filled, 300, 0)).toBe(proofs.PROOF_NONE);
    expect(believed({ status: STATUS_UNKNOWN }, 0, 0)).toBe(proofs.PROOF_NONE);
  });

  test('that no list shows ends only by the bridge, or by a broker that died', () => {
    const bridged = (state: number, complete: boolean, traits = 0): number => {
      const { view } = open([1]);
      if (state > 0) bridge(view, 1, { state, code: 301 });
      if (complete) view.onBridgeComplete();
      view.beginRound();
      return proofOf(view, 0, traits);
    };
    expect(bridged(0, false)).toBe(proofs.PROOF_NONE);
    expect(bridged(0, true)).toBe(proofs.PROOF_NEVER_SENT);
    expect(bridged(codes.BRIDGE_REFUSED, true)).toBe(proofs.PROOF_BRIDGE_REFUSED);
    for (const state of [codes.BRIDGE_HANDED_OVER, codes.BRIDGE_ANSWERED, codes.BRIDGE_FAILED]) {
      expect(bridged(state, true)).toBe(proofs.PROOF_NONE);
    }
    expect(bridged(0, false, codes.TRAIT_FORGETS)).toBe(proofs.PROOF_FORGOTTEN);
  });

  test('made behind the bridge answer is not judged by it', () => {
    const { live, view } = open([1]);
    view.onBridgeComplete();
    live.add(A, DAY, 2, 300);
    view.beginRound();
    expect(proofOf(view, 0, 0)).toBe(proofs.PROOF_NEVER_SENT);
    expect(proofOf(view, 1, 0)).toBe(proofs.PROOF_NONE);
  });
});

test('no order that the broker holds alive is ever proven ended, whatever its lists lack', () => {
  const row = fc.record({
    listed: fc.boolean(),
    remark: fc.boolean(),
    bridge: fc.integer({ min: 1, max: 4 }).filter((s) => s !== codes.BRIDGE_REFUSED),
    numbered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.boolean(), (rows, complete) => {
      const { view } = open(rows.map((_, n) => n + 1));
      // Each was handed over: the bridge wrote it down before the call.
      for (const [n, { bridge: state, numbered }] of rows.entries()) {
        bridge(view, n + 1, { state, brokerOrderNo: numbered ? n + 11 : 0 });
      }
      if (complete) view.onBridgeComplete();
      view.beginRound();
      let count = 0;
      for (const [n, { listed, remark }] of rows.entries()) {
        if (!listed) continue;
        order(view, remark ? n + 1 : 0, n + 11);
        count++;
      }
      const good = view.endOrders(codes.QUERY_COMPLETE, count, DAY) === rules.SNAPSHOT_GOOD;
      for (const n of rows.keys()) {
        const proof = good ? proofOf(view, n, 0) : proofs.PROOF_NONE;
        if (proof > proofs.PROOF_ALIVE) expect.fail(`order ${n + 1} ended by proof ${proof}`);
      }
    }),
    { numRuns: 2_000, seed: 4 },
  );
});
