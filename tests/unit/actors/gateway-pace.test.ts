// Cancels that the gateway link owes go out at the account's rate, behind a wire: all are written
// at once, a person's own cancel does not wait, and nothing new takes their place.
import { describe, expect, test } from 'vitest';
import { idAccountEpoch } from '../../../engine/core/order-id.ts';
import * as reject from '../../../engine/core/reject-code.ts';
import { SendPace } from '../../../engine/core/send-pace.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { Kill } from '../../../engine/messages/generated/control.ts';
import { FakeBroker } from '../../support/fake-broker.ts';
import { DAY, type GatewayOptions, gateway } from './gateway-kit.ts';

const A = idAccountEpoch(0, 1);

/** A broker behind a wire that holds `count` orders of strategy 1, sent more than a second ago. */
function scene(count: number, options: GatewayOptions = {}) {
  const g = gateway({ ...options, connected: false });
  const broker = new FakeBroker(g.link, g.answers, g.wire, DAY);
  broker.connect();
  broker.pass(2);
  for (let id = 1; id <= count; id++) {
    g.request(id, { coidA: A, eventNs: broker.nowNs, strategy: 1 });
    broker.work();
  }
  broker.pass(2);
  const news = (): void => {
    g.reports.take();
    broker.heard = [];
    g.log.length = 0;
  };
  const cancels = (): string[] => broker.heard.filter((line) => line.startsWith('cancel'));
  const records = (): string[] => g.log.filter((line) => line.startsWith('append cancel'));
  news();
  return { g, broker, news, cancels, records };
}

describe('the kill switch', () => {
  test('writes the cancels of all live orders at once, sends as many as a second may have', () => {
    const { g, broker, cancels, records } = scene(12, { perSecond: 5 });
    g.killWord[0] = 1;
    g.link.doWork();
    expect(records()).toHaveLength(12);
    broker.work();
    expect(cancels()).toEqual([12, 11, 10, 9, 8].map((id) => `cancel ${id}`));
    broker.pass(0.75);
    expect(cancels()).toHaveLength(5);
    broker.pass(0.25);
    expect(cancels()).toHaveLength(10);
    broker.pass(1);
    expect(cancels()).toHaveLength(12);
    expect(records()).toHaveLength(12);
    broker.pass(5);
    expect(new Set(cancels()).size).toBe(12);
    expect(cancels()).toHaveLength(12);
  });

  test('counts what was sent before it in the same second', () => {
    const { g, broker, cancels } = scene(6, { perSecond: 5 });
    for (let id = 7; id <= 9; id++) g.request(id, { coidA: A, eventNs: broker.nowNs });
    broker.work();
    g.killWord[0] = 1;
    broker.work();
    expect(cancels()).toHaveLength(2);
    broker.pass(1);
    expect(cancels()).toHaveLength(7);
  });

  test('lets a person cancel one order at once while the others wait', () => {
    const { g, broker, cancels } = scene(12, { perSecond: 5 });
    g.killWord[0] = 1;
    broker.work();
    g.cancel(2);
    broker.work();
    expect(cancels().slice(5)).toEqual(['cancel 2']);
  });

  test('of one strategy goes before new orders of the others', () => {
    const { g, broker, cancels } = scene(12, { perSecond: 5 });
    g.control.send(Kill, { scope: codes.SCOPE_STRATEGY, strategy: 1, on: 1 });
    broker.work();
    g.reports.take();
    g.request(20, { coidA: A, eventNs: broker.nowNs, strategy: 0 });
    broker.work();
    const code = reject.REJECT_REPORTED_RATE;
    expect(g.reports.take()).toMatchObject([{ coidC: 20, kind: codes.REPORT_REJECTED, code }]);
    broker.pass(3);
    expect(cancels()).toHaveLength(12);
    g.request(21, { coidA: A, eventNs: broker.nowNs, strategy: 0 });
    broker.work();
    expect(broker.heard).toContain('place 21');
  });

  test('does not cancel what ended while its cancel waited', () => {
    const { g, broker, cancels } = scene(7, { perSecond: 5 });
    g.killWord[0] = 1;
    broker.work();
    for (const id of [1, 2]) {
      broker.report(broker.order(id), codes.REPORT_CANCELLED, 0);
    }
    broker.pass(2);
    expect(cancels()).toHaveLength(5);
  });

  test('leaves a gateway at rest until time has gone on', () => {
    const { g, broker } = scene(12, { perSecond: 5 });
    g.killWord[0] = 1;
    broker.work();
    expect(g.link.isIdle()).toBe(true);
  });

  test('writes its cancels while the link is down, and sends them behind the fence', () => {
    const { g, broker, cancels, records } = scene(3, { perSecond: 2 });
    broker.disconnect();
    g.killWord[0] = 1;
    broker.work();
    expect(records()).toHaveLength(3);
    expect(cancels()).toEqual([]);
    broker.connect();
    broker.pass(2);
    expect(cancels()).toHaveLength(3);
    expect(records()).toHaveLength(3);
  });
});

test('no second has more than its messages, whenever they are sent', () => {
  const pace = new SendPace(4);
  const now = new Float64Array(1);
  const sent: number[] = [];
  for (let step = 0; step < 2_000; step++) {
    now[0] += ((step * 7_919) % 97) * 1e6;
    while (pace.isOpen(now)) {
      pace.count(now);
      sent.push(now[0]!);
    }
  }
  for (let i = 4; i < sent.length; i++) expect(sent[i]! - sent[i - 4]!).toBeGreaterThanOrEqual(1e9);
  expect(sent.length).toBeGreaterThan(4 * 60);
});
