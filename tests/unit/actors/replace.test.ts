// Cancel-replace in the OMS: the old order ends first, then what is left is placed, once, never
// more than the new quantity less what traded. Run by vitest. Always: real rings and kernels; the
// journal answers when the test lets it.
import { describe, expect, test } from 'vitest';
import {
  REJECT_CANCEL_PENDING,
  REJECT_CASH,
  REJECT_KEY_REUSED,
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_LOT_STEP,
  REJECT_ORDER_FINISHED,
  REJECT_QTY_NOT_POSITIVE,
  REJECT_UNKNOWN_ORDER,
} from '../../../engine/core/reject-code.ts';
import {
  ACTION_PLACE,
  DESK_STRATEGY,
  KIND_FOK,
  LINK_READY,
  PARENT_REPLACE,
  PARENT_STATE_ACCEPTED,
  PARENT_STATE_CANCELLED,
  PARENT_STATE_DONE,
  PARENT_STATE_REJECTED,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  SCOPE_FIRM,
} from '../../../engine/messages/codes.ts';
import { LinkState } from '../../../engine/messages/generated/broker.ts';
import { Kill } from '../../../engine/messages/generated/control.ts';
import {
  ParentIntent,
  ParentUpdate,
  type Report,
} from '../../../engine/messages/generated/order.ts';
import type { Fields, Shown } from '../../support/actor-harness.ts';
import { type OmsOptions, oms } from './oms-kit.ts';

const AT = (10 * 3600 + 5) * 1e9;

function kit(options: OmsOptions = {}) {
  const o = oms({ cashE4: 1e12, qty: 100_000, ...options });
  o.reports.send(LinkState, { state: LINK_READY });
  o.manager.doWork();
  o.quote({ eventNs: AT, bidE4: 99_900, askE4: 100_100 });
  const down: Shown[] = [];
  const states: string[] = [];
  let no = 900;
  /** Lets the journal answer everything that is on its way. */
  const echo = (): void => {
    for (let back = 1; back > 0; ) {
      back = 0;
      for (const frame of o.orders.take()) {
        down.push(frame);
        const { type, ...fields } = frame;
        if (type === 'ParentIntent') o.reports.send(ParentIntent, fields as Fields<ParentIntent>);
        else if (type === 'ParentUpdate') o.reports.send(ParentUpdate, fields as object);
        else continue;
        back++;
      }
      o.manager.doWork();
    }
    for (const u of o.updates.flatMap((u) => u.take()) as unknown as {
      [k: string]: number | string;
    }[]) {
      if (u['type'] === 'ParentUpdate') states.push(`${u['state']}/${u['code']}`);
    }
  };
  const send = (fields: Fields<ParentIntent>): number => {
    const desk = fields.strategy === DESK_STRATEGY;
    (desk ? o.desk : o.intents[0]!).send(ParentIntent, {
      ...{ kind: PARENT_REPLACE, intentNo: ++no, ...fields },
    });
    o.manager.doWork();
    return no;
  };
  return {
    ...o,
    echo,
    send,
    replace(target: number, fields: Fields<ParentIntent> = {}): number {
      const given = send({ targetC: target, ...fields });
      echo();
      return given;
    },
    report(coidC: number, report: number, fields: Fields<Report> = {}): void {
      o.report(coidC, report, fields);
      echo();
    },
    fill(coidC: number, qty: number): void {
      o.fill(coidC, qty);
      echo();
    },
    later(seconds: number): void {
      o.quote({ eventNs: AT + seconds * 1e9, bidE4: 99_900, askE4: 100_100 });
      echo();
    },
    /** Orders and cancels since the last time, as `+qty@price` and `-id`. */
    sent(): string[] {
      const orders = down.splice(0).filter((f) => f.type === 'Order');
      return orders.map((f) =>
        f.action === ACTION_PLACE ? `+${f.qty}@${f.priceE4}` : `-${f.coidC}`,
      );
    },
    states: () => states.splice(0),
  };
}

function live(qty = 1_000) {
  const k = kit();
  const n = k.place({ qty });
  k.echo();
  k.report(1, REPORT_ACCEPTED);
  k.sent();
  k.states();
  return { ...k, n };
}

describe('a replace', () => {
  test('cancels, waits for the end, then places what has not traded, once', () => {
    const k = live();
    k.fill(1, 300);
    k.replace(k.n, { priceE4: 99_000 });
    expect(k.sent()).toEqual(['-1']);
    k.later(1);
    k.fill(1, 200);
    expect(k.sent()).toEqual([]);
    k.report(1, REPORT_CANCELLED);
    expect(k.sent()).toEqual(['+500@99000']);
    k.later(3);
    k.fill(2, 500);
    k.later(6);
    expect(k.sent()).toEqual([]);
    expect(k.states()).toEqual([`${PARENT_STATE_ACCEPTED}/0`, `${PARENT_STATE_DONE}/0`]);
  });

  test.each([
    ['more', 1_500, 300, ['+1200@100000']],
    ['less', 700, 300, ['+400@100000']],
    ['as much as has traded', 300, 300, []],
    ['less than has traded', 200, 300, []],
    ['a rest below a lot step', 1_000, 350, ['+600@100000']],
    ['a rest below the smallest order', 400, 350, []],
  ])('to %s places no more than the new quantity less the traded', (_name, qty, done, sent) => {
    const k = live();
    k.replace(k.n, { qty });
    k.fill(1, done);
    k.report(1, REPORT_CANCELLED);
    expect(k.sent()).toEqual(['-1', ...sent]);
  });

  test('of an order that fills meanwhile places nothing and is done', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.fill(1, 1_000);
    k.later(10);
    expect(k.sent()).toEqual(['-1']);
    expect(k.states()).toEqual([`${PARENT_STATE_ACCEPTED}/0`, `${PARENT_STATE_DONE}/0`]);
  });

  test('of an order of unknown fate places nothing before its end is known', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.report(1, REPORT_UNKNOWN);
    k.later(60);
    expect(k.sent().filter((text) => text.startsWith('+'))).toEqual([]);
    k.report(1, REPORT_CANCELLED);
    k.later(120);
    expect(k.sent()).toContain('+1000@99000');
  });

  test('of an order of unknown fate whose cancel is refused asks again ever later', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.report(1, REPORT_UNKNOWN);
    const asked: number[] = [];
    for (let second = 0; second < 3_600; second++) {
      k.later(second);
      if (!k.sent().includes('-1')) continue;
      asked.push(second);
      k.report(1, REPORT_CANCEL_REJECTED);
    }
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.length).toBeLessThan(14);
  });

  test('whose new order is refused is told as not placed, and places no other', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.report(1, REPORT_CANCELLED);
    k.report(2, REPORT_REJECTED, { code: REJECT_CASH });
    k.later(30);
    expect(k.sent()).toEqual(['-1', '+1000@99000']);
    expect(k.states().at(-1)).toBe(`${PARENT_STATE_REJECTED}/${REJECT_CASH}`);
  });

  test('may be replaced again, by its own number, and both stay within the quantity', () => {
    const k = live();
    const first = k.replace(k.n, { priceE4: 99_000 });
    k.report(1, REPORT_CANCELLED);
    k.report(2, REPORT_ACCEPTED);
    k.fill(2, 400);
    k.replace(first, { priceE4: 99_500 });
    k.report(2, REPORT_CANCELLED);
    expect(k.sent()).toEqual(['-1', '+1000@99000', '-2', '+600@99500']);
  });

  test('is ended by the kill switch before it places anything', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.reports.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    k.manager.doWork();
    k.echo();
    k.report(1, REPORT_CANCELLED);
    k.later(30);
    expect(k.sent()).toEqual(['-1']);
    expect(k.states().at(-1)).toBe(`${PARENT_STATE_CANCELLED}/0`);
  });
});

describe('a replace after a restart', () => {
  test('places the rest once where the old order has ended, and not again', () => {
    const k = live();
    k.replace(k.n, { priceE4: 99_000 });
    k.fill(1, 300);
    const next = kit({ account: k.account });
    expect(next.sent()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^\+/)]));
    next.report(1, REPORT_CANCELLED);
    next.later(10);
    expect(next.sent().filter((text) => text.startsWith('+'))).toEqual(['+700@99000']);
    const third = kit({ account: next.account });
    third.later(20);
    expect(third.sent()).toEqual([]);
    expect(third.account.orders.count).toBe(2);
  });
});

describe('a replace is refused', () => {
  test.each([
    ['of an order nobody knows', { targetC: 55 }, REJECT_UNKNOWN_ORDER],
    ["of another strategy's order", { strategy: 1 }, REJECT_UNKNOWN_ORDER],
    ['to a quantity off the lot', { qty: 150 }, REJECT_LOT_STEP],
    ['to no quantity', { qty: -1 }, REJECT_QTY_NOT_POSITIVE],
  ])('%s', (_name, fields, code) => {
    const k = live();
    k.replace(k.n, fields);
    expect(k.states()).toEqual([`${PARENT_STATE_REJECTED}/${code}`]);
    expect(k.sent()).toEqual([]);
  });

  test('of a finished order, and of one that is being cancelled or replaced', () => {
    const k = live();
    k.send({ targetC: k.n });
    k.send({ targetC: k.n, priceE4: 99_000 });
    k.echo();
    expect(k.states()).toContain(`${PARENT_STATE_REJECTED}/${REJECT_CANCEL_PENDING}`);
    k.replace(k.n);
    expect(k.states()).toEqual([`${PARENT_STATE_REJECTED}/${REJECT_CANCEL_PENDING}`]);
    k.report(1, REPORT_CANCELLED);
    k.replace(k.n);
    expect(k.states()).toContain(`${PARENT_STATE_REJECTED}/${REJECT_ORDER_FINISHED}`);
    expect(k.sent()).toEqual(['-1', '+1000@100000']);
  });

  test('of a market order', () => {
    const k = kit({ rules: { marketKinds: 1 << KIND_FOK } });
    const n = k.place({ kind: KIND_FOK });
    k.replace(n);
    expect(k.states()).toContain(`${PARENT_STATE_REJECTED}/${REJECT_KIND_NOT_SUPPORTED}`);
  });
});

describe('a key of a parent', () => {
  const KEY = { keyA: 1, keyB: 2, keyC: 3, keyD: 4 };
  test('makes one replace, however often it is asked for, also after a restart', () => {
    const k = live();
    const wish = { ...KEY, targetA: k.account.orders.idA[0]!, priceE4: 99_000, qty: 1_000 };
    k.replace(1, wish);
    k.replace(1, wish);
    k.replace(1, { ...wish, qty: 900 });
    expect(k.states()).toEqual([
      `${PARENT_STATE_ACCEPTED}/0`,
      `${PARENT_STATE_ACCEPTED}/0`,
      `${PARENT_STATE_REJECTED}/${REJECT_KEY_REUSED}`,
    ]);
    const next = kit({ account: k.account });
    next.replace(1, wish);
    expect(next.account.parents.count).toBe(1);
    expect(k.sent()).toEqual(['-1']);
  });
});
