// The stage of an account at its gateway link: what goes out disarmed, in shadow, as pilot and in
// full, when the bridge hears of it, and that cancels pass whatever the stage.
import { describe, expect, test } from 'vitest';
import type { ArmingSetup } from '../../../engine/core/arming.ts';
import {
  REJECT_DISARMED,
  REJECT_PILOT_AMOUNT,
  REJECT_PILOT_LIST,
  REJECT_SHADOW,
} from '../../../engine/core/reject-code.ts';
import {
  ACTION_HOLD,
  ARM_DISARMED,
  ARM_FULL,
  ARM_PILOT,
  ARM_SHADOW,
  LINK_DOWN,
  LINK_FENCED,
  LINK_UP,
  REPORT_REJECTED,
} from '../../../engine/messages/codes.ts';
import { Arming, LinkState } from '../../../engine/messages/generated/broker.ts';
import { gateway, sent } from './gateway-kit.ts';

/** 100 shares of value 10 yuan are 1,000 yuan. */
const PILOT: ArmingSetup = {
  stage: ARM_DISARMED,
  orderAmountE4: 10_000_000,
  dayAmountE4: 25_000_000,
  instruments: [0, 2],
};
const VALUE = { valueE4: 100_000, qty: 100 };

function armed(stage: number) {
  return gateway({ arming: { ...PILOT, stage } });
}

function codes(kit: ReturnType<typeof gateway>): number[] {
  const rejects = kit.reports.take().filter(({ kind }) => kind === REPORT_REJECTED);
  return rejects.map(({ code }) => code!);
}

describe('the stage of an account', () => {
  test('disarmed: no order goes out and none is kept, each is refused and journaled', () => {
    const kit = armed(ARM_DISARMED);
    kit.request(1, VALUE);
    kit.request(2, { ...VALUE, action: ACTION_HOLD });
    kit.link.doWork();
    expect(sent(kit.wire)).toEqual([]);
    expect(codes(kit)).toEqual([REJECT_DISARMED, REJECT_DISARMED]);
    expect(kit.journal.records.map(({ type }) => type)).toEqual(['Reject', 'Reject']);
  });

  test('shadow: what would have been sent ends as that, and nothing reaches the link', () => {
    const kit = armed(ARM_SHADOW);
    kit.request(1, VALUE);
    kit.link.doWork();
    expect(sent(kit.wire)).toEqual([]);
    expect(codes(kit)).toEqual([REJECT_SHADOW]);
    expect(kit.link.live.liveCount).toBe(0);
  });

  test('pilot: the list, the cap of an order and the cap of the day hold', () => {
    const kit = armed(ARM_PILOT);
    kit.request(1, { ...VALUE, instrument: 1 });
    kit.request(2, { ...VALUE, qty: 101 });
    kit.request(3, VALUE);
    kit.request(4, { ...VALUE, instrument: 2 });
    kit.request(5, { ...VALUE, qty: 51 });
    kit.request(6, { ...VALUE, qty: 50 });
    kit.link.doWork();
    expect(sent(kit.wire)).toEqual(['place 3', 'place 4', 'place 6']);
    expect(codes(kit)).toEqual([REJECT_PILOT_LIST, REJECT_PILOT_AMOUNT, REJECT_PILOT_AMOUNT]);
  });

  test('an order valued at nothing does not pass the pilot', () => {
    const kit = armed(ARM_PILOT);
    kit.request(1, { ...VALUE, valueE4: 0 });
    kit.link.doWork();
    expect(codes(kit)).toEqual([REJECT_PILOT_AMOUNT]);
  });

  test('disarming holds from the next order on, and cancels still pass', () => {
    const kit = armed(ARM_FULL);
    kit.request(1, VALUE);
    kit.link.doWork();
    kit.control.send(Arming, { account: 0, stage: ARM_DISARMED });
    kit.request(2, VALUE);
    kit.cancel(1);
    kit.link.doWork();
    expect(sent(kit.wire)).toEqual(['place 1', 'Arming 0', 'cancel 1']);
    expect(codes(kit)).toEqual([REJECT_DISARMED]);
    const shown = kit.events.all.filter(({ type }) => type === 'Arming');
    expect(shown.map(({ stage }) => stage)).toEqual([ARM_DISARMED]);
  });

  test('the bridge hears the stage behind every fence, before any order', () => {
    const kit = armed(ARM_PILOT);
    kit.answers.send(LinkState, { state: LINK_DOWN, sessionNo: 1 });
    kit.answers.send(LinkState, { state: LINK_UP, sessionNo: 2 });
    kit.link.doWork();
    kit.answers.send(LinkState, { state: LINK_FENCED, sessionNo: 2, epoch: 1 });
    while (kit.link.doWork() > 0);
    const told = kit.wire.take().filter(({ type }) => type !== 'Query');
    expect(told.map(({ type }) => type)).toEqual(['Fence', 'Arming']);
    const { stage, orderAmountE4, dayAmountE4 } = told[1]!;
    expect({ stage, orderAmountE4, dayAmountE4 }).toEqual({
      ...{ stage: ARM_PILOT, orderAmountE4: 10_000_000, dayAmountE4: 25_000_000 },
    });
  });

  test('an account of a simulated broker has no stage: a change of it is passed over', () => {
    const kit = gateway();
    kit.control.send(Arming, { account: 0, stage: ARM_DISARMED });
    kit.request(1, VALUE);
    kit.link.doWork();
    expect(sent(kit.wire)).toEqual(['place 1']);
  });
});
