// What every gateway session must keep, whatever broker stands behind it: run for each by a test
// file of its own. Source: engine/host/gateway-session.ts and invariants I1, I6, I7, I10.
import { beforeEach, describe, expect, test } from 'vitest';
import {
  KIND_LIMIT,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  SIDE_BUY,
  SIDE_SELL,
} from '../../engine/messages/codes.ts';
import type { Request } from '../../engine/messages/generated/order.ts';
import type { Fields, Shown } from '../support/actor-harness.ts';

/** A session with a broker that the suite can move; account 0, instrument 0, two accounts. */
export interface GatewayUnderTest {
  /** Sends a request and lets everything settle. */
  request(fields: Fields<Request>): void;
  /** Reports and fills since the last look, of one account. */
  answers(account?: number): Shown[];
  /** The market offers `qty` shares to a buyer at 10.00 yuan, once. */
  offer(qty: number): void;
  /** Trading is open with no offer at 10.00, or closed for the day. */
  open(): void;
  close(): void;
  /** Everything that is left is done; whether the session says that it has ended. */
  end(): boolean;
}

const PLACE = 1;
const CANCEL = 2;

/** A buy of 300 shares at 10.00 yuan under id 1 of account 0. */
const BUY = {
  ...{ coidA: 0, coidB: 20_260_105, coidC: 1, account: 0, strategy: 2, instrument: 0 },
  ...{ action: PLACE, side: SIDE_BUY, kind: KIND_LIMIT, priceE4: 100_000, qty: 300 },
} as const;

const kindsOf = (answers: readonly Shown[]): (number | string | undefined)[] =>
  answers.map((answer) => (answer.type === 'Fill' ? 'fill' : answer.kind));

/** Runs the suite; `make` gives a fresh session before each test. */
export function gatewayContract(name: string, make: () => GatewayUnderTest): void {
  let gateway: GatewayUnderTest;
  beforeEach(() => {
    gateway = make();
    gateway.open();
  });
  describe(`${name} keeps the gateway contract:`, () => {
    answering(() => gateway);
    trading(() => gateway);
    ending(() => gateway);
  });
}

function answering(gateway: () => GatewayUnderTest): void {
  test('every order is answered, naming it by all words of its id that are not its check', () => {
    gateway().request(BUY);
    const [report] = gateway().answers();
    expect(report).toMatchObject({ type: 'Report', kind: REPORT_ACCEPTED });
    expect(report).toMatchObject({ coidA: 0, coidB: 20_260_105, coidC: 1, account: 0 });
  });

  test('the same id twice is one order, and never ends the living one', () => {
    gateway().request(BUY);
    gateway().request(BUY);
    const finals = kindsOf(gateway().answers()).filter(
      (kind) => kind === REPORT_REJECTED || kind === REPORT_CANCELLED,
    );
    expect(finals).toEqual([]);
    gateway().offer(1_000);
    const fills = gateway()
      .answers()
      .filter((answer) => answer.type === 'Fill');
    expect(fills.reduce((sum, fill) => sum + fill.qty!, 0)).toBe(300);
  });

  test('an id that has ended trades never again', () => {
    gateway().request(BUY);
    gateway().request({ ...BUY, action: CANCEL });
    gateway().answers();
    gateway().request(BUY);
    gateway().offer(1_000);
    expect(kindsOf(gateway().answers())).not.toContain('fill');
  });

  test('a cancel of a living order ends it, of another one is refused', () => {
    gateway().request(BUY);
    gateway().answers();
    const cancel = { ...BUY, action: CANCEL };
    gateway().request(cancel);
    gateway().request(cancel);
    gateway().request({ ...cancel, coidC: 77 });
    const kinds = kindsOf(gateway().answers());
    expect(kinds).toEqual([REPORT_CANCELLED, REPORT_CANCEL_REJECTED, REPORT_CANCEL_REJECTED]);
  });

  test('what the session does not take is refused with a code', () => {
    gateway().close();
    gateway().request(BUY);
    const [report] = gateway().answers();
    expect(report!.kind).toBe(REPORT_REJECTED);
    expect(report!.code).toBeGreaterThan(0);
  });
}

function trading(gateway: () => GatewayUnderTest): void {
  test('fills add up, say what is left, and each has a number of its own', () => {
    gateway().request(BUY);
    gateway().request({ ...BUY, coidC: 2, qty: 200 });
    gateway().answers();
    for (const qty of [100, 300, 500]) gateway().offer(qty);
    const fills = gateway()
      .answers()
      .filter((answer) => answer.type === 'Fill');
    expect(new Set(fills.map((fill) => fill.fillNo)).size).toBe(fills.length);
    for (const [coidC, qty] of [
      [1, 300],
      [2, 200],
    ] as const) {
      let left: number = qty;
      for (const fill of fills.filter((one) => one.coidC === coidC)) {
        left -= fill.qty!;
        expect(fill).toMatchObject({ leavesQty: left, side: SIDE_BUY, priceE4: 100_000 });
        expect(fill.qty).toBeGreaterThan(0);
      }
      expect(left).toBe(0);
    }
  });

  test('nothing trades beyond its limit', () => {
    gateway().request({ ...BUY, priceE4: 99_900 });
    gateway().request({ ...BUY, coidC: 2, side: SIDE_SELL, priceE4: 100_100 });
    gateway().offer(1_000);
    expect(kindsOf(gateway().answers())).not.toContain('fill');
  });

  test('accounts hear of their own orders only', () => {
    gateway().request(BUY);
    gateway().request({ ...BUY, coidA: 1, account: 1 });
    gateway().offer(1_000);
    for (const account of [0, 1]) {
      const answers = gateway().answers(account);
      expect(answers.length).toBeGreaterThan(0);
      expect(answers.every((a) => a.account === account && a.coidA === account)).toBe(true);
    }
  });

  test('a cancel after the last fill is refused and changes nothing', () => {
    gateway().request(BUY);
    gateway().offer(300);
    gateway().answers();
    gateway().request({ ...BUY, action: CANCEL });
    expect(kindsOf(gateway().answers())).toEqual([REPORT_CANCEL_REJECTED]);
  });
}

function ending(gateway: () => GatewayUnderTest): void {
  test('at the end every living order is reported ended, then the session has ended', () => {
    gateway().request(BUY);
    gateway().request({ ...BUY, coidC: 2 });
    gateway().answers();
    expect(gateway().end()).toBe(true);
    expect(kindsOf(gateway().answers())).toEqual([REPORT_CANCELLED, REPORT_CANCELLED]);
  });
}
