// The gateway link and a whole fake broker: nothing is sent before the link is ready, nothing is
// sent twice, and what has an unknown fate ends by proof only (recovery R4 to R9, faults F1-F16).
import { describe, expect, test } from 'vitest';
import { idAccountEpoch } from '../../../engine/core/order-id.ts';
import {
  STATUS_CANCELLED,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
} from '../../../engine/core/order-status.ts';
import * as reject from '../../../engine/core/reject-code.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { FakeBroker } from '../../support/fake-broker.ts';
import { DAY, type GatewayOptions, gateway } from './gateway-kit.ts';

/** The id word of epoch 1, account 0, that the kit's requests carry. */
const A = idAccountEpoch(0, 1);
const OPENING = ['fence 1', 'query 1', 'query 2', 'query 3'];

function scene(options: GatewayOptions = {}) {
  const g = gateway({ ...options, connected: false });
  const broker = new FakeBroker(g.link, g.answers, g.wire, DAY);
  /** Reports and fills to the OMS since the last look, as `1 unknown 503`. */
  const told = (): string[] =>
    g.reports.take().flatMap((frame) => {
      const { type, coidA, coidC, kind, code, qty, fillNo } = frame;
      const who = coidA === A ? `${coidC}` : `external ${coidC}`;
      if (type === 'Fill') return [`${who} fill ${qty} no ${fillNo}`];
      if (type === 'BrokerOrder') return [`${who} adopted ${qty}`];
      if (type === 'LinkState') return [`link ${codes.LINK_NAMES[frame.state!]}`];
      if (type !== 'Report' || kind === codes.REPORT_WRITTEN) return [];
      return [`${who} ${REPORTS[kind!]}${code === 0 ? '' : ` ${code}`}`];
    });
  const place = (id: number, qty = 100): void => {
    g.request(id, { qty, eventNs: broker.nowNs });
    broker.work();
  };
  const ready = (): void => {
    broker.connect();
    broker.pass(2);
    told();
    broker.heard = [];
  };
  return { g, broker, told, place, ready };
}

const REPORTS = ['', 'written', 'accepted', 'rejected', 'cancelled', 'cancel-rejected', 'unknown'];

describe('a link', () => {
  test('is fenced, asks the bridge, then orders and trades twice a second apart, is ready', () => {
    const { g, broker, told } = scene();
    expect(g.link.broker.state).toBe(codes.LINK_DOWN);
    broker.connect();
    expect(broker.heard).toEqual(OPENING);
    broker.pass(0.75);
    expect(broker.heard).toEqual(OPENING);
    broker.pass(0.25);
    const rest = ['query 2', 'query 3', 'query 4', 'query 5', 'LinkState 4'];
    expect(broker.heard).toEqual([...OPENING, ...rest]);
    expect(told()).toEqual(['link up', 'link fenced', 'link ready']);
  });

  test('of a broker in this process is ready after one round', () => {
    const { g, broker } = scene();
    broker.traits = codes.TRAIT_EXACT | codes.TRAIT_FORGETS;
    broker.connect();
    expect(broker.heard).toEqual(['fence 1', 'query 2', 'query 3', 'LinkState 4']);
    expect(g.link.broker.state).toBe(codes.LINK_READY);
  });

  test('refuses orders before it is ready, unjournaled, with the reason', () => {
    const { g, broker, told, place } = scene();
    place(1);
    broker.connect();
    place(2);
    const down = `rejected ${reject.REJECT_LINK_DOWN}`;
    expect(told()).toEqual([`1 ${down}`, 'link up', 'link fenced', `2 ${down}`]);
    expect(g.journal.records.filter((record) => record.type === 'Request')).toEqual([]);
    expect(broker.heard.filter((line) => line.startsWith('place'))).toEqual([]);
  });

  test('that ends asks each second what became of its last orders', () => {
    const { g, broker, place, ready } = scene();
    ready();
    place(1);
    g.control.send(End, {});
    broker.work();
    broker.heard = [];
    broker.pass(3);
    expect(broker.heard.filter((line) => line === 'query 2').length).toBeGreaterThanOrEqual(2);
  });

  test('that a newer engine has fenced off sends nothing any more', () => {
    const { g, broker, told, place } = scene();
    broker.epoch = 2;
    broker.connect();
    place(1);
    expect(told()).toEqual(['link up', 'link refused', `1 rejected ${reject.REJECT_FENCED}`]);
    broker.pass(30);
    expect(broker.heard).toEqual(['fence 1']);
    expect(g.link.broker.state).toBe(codes.LINK_REFUSED);
  });

  for (const spoil of ['failed', 'partial', 'yesterday', 'rows', 'silent'] as const) {
    test(`is not ready on an answer that is ${spoil}, and gets ready when it is whole`, () => {
      const { g, broker } = scene();
      broker.hold(A, DAY, 7, 100);
      broker.spoil.set(codes.QUERY_ORDERS, spoil);
      broker.connect();
      broker.pass(40);
      expect(g.link.broker.state).toBe(codes.LINK_FENCED);
      broker.spoil.clear();
      broker.pass(13);
      expect(g.link.broker.state).toBe(codes.LINK_READY);
    });
  }

  test('is not ready while the bridge does not answer', () => {
    const { g, broker } = scene();
    broker.spoil.set(codes.QUERY_BRIDGE, 'failed');
    broker.connect();
    broker.pass(20);
    expect(g.link.broker.state).toBe(codes.LINK_FENCED);
  });

  test('that sees one id on two broker orders stops, and lets cancels pass', () => {
    const { broker, told, place, ready, g } = scene();
    ready();
    place(1);
    const twin = broker.hold(A, DAY, 1, 100);
    expect(twin.no).not.toBe(broker.order(1).no);
    broker.pass(6);
    expect(told().at(-1)).toBe('link stopped');
    place(2);
    expect(told()).toEqual([`2 rejected ${reject.REJECT_ACCOUNT_STOPPED}`]);
    broker.heard = [];
    g.cancel(1);
    broker.work();
    expect(broker.heard).toContain('cancel 1');
  });
});

describe('a dropped link', () => {
  test('makes what was not answered unknown, sends nothing again, and finds it alive', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    place(1);
    broker.disconnect();
    const unknown = `1 unknown ${reject.REJECT_LINK_DOWN}`;
    expect(told()).toEqual(['link down', unknown]);
    broker.mute = false;
    broker.connect();
    broker.pass(2);
    expect(told()).toEqual(['link up', 'link fenced', '1 accepted', 'link ready']);
    expect(broker.heard.filter((line) => line === 'place 1')).toHaveLength(1);
  });

  test('proves by the bridge that an order never reached it', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.loses = true;
    place(1);
    broker.disconnect();
    broker.loses = false;
    told();
    broker.connect();
    broker.pass(2);
    const never = `1 rejected ${reject.REJECT_NEVER_SENT}`;
    expect(told()).toEqual(['link up', 'link fenced', never, 'link ready']);
  });

  test('leaves unknown what the bridge handed over and no list shows', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    place(1);
    broker.disconnect();
    told();
    broker.orders.length = 0;
    broker.connect();
    broker.pass(300);
    expect(told()).toEqual(['link up', 'link fenced', 'link ready']);
    expect([g.link.live.unknown[0], g.link.live.liveCount]).toEqual([1, 1]);
  });

  test('brings in the fills and ends that were missed, fills first', () => {
    const { broker, told, place, ready } = scene();
    ready();
    place(1, 300);
    place(2, 300);
    broker.disconnect();
    broker.fill(broker.order(1), 100, false);
    broker.end(broker.order(1), STATUS_CANCELLED, false);
    broker.fill(broker.order(2), 300, false);
    told();
    broker.connect();
    broker.pass(2);
    expect(told().slice(2)).toEqual([
      '1 fill 100 no 500',
      '2 fill 300 no 501',
      '1 cancelled',
      'link ready',
    ]);
  });

  test('keeps cancels and sends each once when it is fenced again', () => {
    const { g, broker, place, ready } = scene();
    ready();
    place(1);
    broker.disconnect();
    g.cancel(1);
    g.cancel(1);
    broker.work();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual([]);
    expect(g.link.isIdle()).toBe(true);
    broker.connect();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual(['cancel 1']);
  });
});

describe('a cancel', () => {
  test('that a silently dropped connection swallowed goes out again behind the next fence', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    place(1);
    broker.mute = true;
    g.killWord[0] = 1;
    broker.work();
    broker.mute = false;
    told();
    broker.heard = [];
    broker.connect();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual(['cancel 1']);
    expect(told()).not.toContain('1 cancel-rejected');
  });

  test("of the kill switch goes out again though an earlier cancel's refusal came late", () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    place(1);
    broker.mute = true;
    g.cancel(1);
    broker.work();
    g.killWord[0] = 1;
    broker.work();
    broker.report(broker.order(1), codes.REPORT_CANCEL_REJECTED, 902);
    broker.work();
    expect(told()).toContain('1 cancel-rejected 902');
    broker.mute = false;
    broker.heard = [];
    broker.connect();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual(['cancel 1']);
  });

  test('that its session could not hand over is not refused, but waits for the next fence', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    place(1);
    broker.mute = true;
    g.cancel(1);
    broker.work();
    broker.report(broker.order(1), codes.REPORT_CANCEL_REJECTED, reject.REJECT_LINK_DOWN);
    told();
    broker.work();
    expect(told()).toEqual([]);
    broker.mute = false;
    broker.heard = [];
    broker.disconnect();
    broker.connect();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual(['cancel 1']);
  });

  test('sent before the connection went is not sent again for an order that has ended', () => {
    const { g, broker, place, ready } = scene();
    ready();
    place(1);
    g.cancel(1);
    broker.work();
    broker.heard = [];
    broker.disconnect();
    broker.connect();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual([]);
  });
});

describe('an order without an answer', () => {
  test('stays unanswered when only its cancel was refused', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    broker.loses = true;
    place(1);
    g.cancel(1);
    broker.work();
    const ids = { coidA: A, coidB: DAY, coidC: 1, no: 0, qty: 100, side: 1, instrument: 0 };
    const ghost = { ...ids, priceE4: 0, filled: 0, state: 0, remark: true };
    broker.report(ghost, codes.REPORT_CANCEL_REJECTED, 404);
    expect(told()).toEqual(['1 cancel-rejected 404']);
    broker.pass(6);
    expect(told()).toEqual([`1 unknown ${reject.REJECT_NO_ANSWER}`]);
  });

  test('is unknown after the time for it, keeps its place, and ends by what the list shows', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    place(1);
    broker.order(1).state = STATUS_SUBMITTED;
    broker.spoil.set(codes.QUERY_ORDERS, 'failed');
    broker.pass(4.5);
    expect(told()).toEqual(['1 accepted'].slice(1));
    broker.pass(1.5);
    expect(told()).toEqual([`1 unknown ${reject.REJECT_NO_ANSWER}`]);
    expect(g.link.live.liveCount).toBe(1);
    broker.end(broker.order(1), STATUS_REJECTED, false);
    broker.spoil.clear();
    broker.pass(2);
    expect(told()).toEqual(['1 rejected']);
    expect(broker.heard.filter((line) => line.startsWith('place'))).toHaveLength(1);
  });

  test('is not ended by absence from any number of lists', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.loses = true;
    place(1);
    broker.pass(120);
    expect(told().filter((line) => line.startsWith('1'))).toEqual([
      `1 unknown ${reject.REJECT_NO_ANSWER}`,
    ]);
  });
});

describe('a missed fill', () => {
  test('on a healthy link is found within ten seconds, once', () => {
    const { broker, told, place, ready } = scene();
    ready();
    place(1, 300);
    broker.fill(broker.order(1), 100, false);
    told();
    broker.pass(10);
    expect(told()).toEqual(['1 fill 100 no 500']);
    broker.pushFill(broker.trades[0]!);
    broker.pass(60);
    expect(told()).toEqual([]);
  });

  test('of an order whose remark was lost is found by its number', () => {
    const { broker, told, place, ready } = scene();
    ready();
    place(1, 300);
    broker.order(1).remark = false;
    broker.fill(broker.order(1), 300, true);
    told();
    broker.pass(2);
    expect(told()).toEqual(['1 fill 300 no 500']);
  });
});

describe('an order without its remark', () => {
  test('whose number nobody told is found through the bridge, and not adopted', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    place(1, 300);
    broker.order(1).remark = false;
    told();
    broker.pass(8);
    expect(told()).toEqual(['1 accepted']);
    broker.fill(broker.order(1), 300, false);
    broker.pass(6);
    expect(told()).toEqual(['1 fill 300 no 500']);
  });

  test('that filled before anyone told its number is not adopted either', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    place(1, 300);
    broker.fill(broker.order(1), 300, true);
    broker.order(1).remark = false;
    const other = broker.byHand(200);
    told();
    broker.pass(62);
    expect(told()).toEqual(['external 2 adopted 200']);
    expect(other.no).not.toBe(broker.order(1).no);
  });

  test('is adopted once the bridge was asked and cannot say whose it is', () => {
    const { broker, told, place, ready } = scene();
    ready();
    broker.mute = true;
    broker.loses = true;
    place(1, 300);
    broker.byHand(300);
    told();
    broker.pass(4);
    expect(told()).toEqual([]);
    broker.pass(58);
    // Nor does the bridge prove that ours was never sent: it went out behind the fence.
    const unknown = `1 unknown ${reject.REJECT_NO_ANSWER}`;
    expect(told()).toEqual([unknown, 'external 1 adopted 300', 'link silent']);
  });
});

describe('orders of others', () => {
  test('that ours have not heard of take their first fill from a list, once', () => {
    const { broker, told, ready } = scene();
    ready();
    broker.hold(A, DAY, 9, 200);
    const order = broker.order(9);
    broker.spoil.set(codes.QUERY_TRADES, 'failed');
    broker.pass(61);
    broker.fill(order, 100, true);
    expect(told()).toEqual([]);
    broker.spoil.clear();
    broker.pass(12);
    expect(told()).toEqual(['9 adopted 200', '9 fill 100 no 500', '9 accepted']);
  });

  test('are adopted, followed and ended, and never cancelled by the kill switch', () => {
    const { g, broker, told, ready } = scene();
    ready();
    const order = broker.byHand(500);
    broker.pass(61);
    expect(told()).toEqual(['external 1 adopted 500']);
    broker.fill(order, 200, true);
    broker.pass(2);
    expect(told()).toEqual(['external 1 fill 200 no 500']);
    g.killWord[0] = 1;
    broker.work();
    expect(broker.heard.filter((line) => line.startsWith('cancel'))).toEqual([]);
    broker.end(order, 8, true);
    broker.pass(2);
    expect(told()).toEqual(['external 1 cancelled']);
    broker.pass(120);
    expect(told()).toEqual([]);
  });

  test('under an id of ours that the journal lost are adopted and stay ours', () => {
    const { g, broker, told } = scene();
    broker.hold(A, DAY, 9, 200);
    broker.connect();
    broker.pass(2);
    // The second word reaches an OMS that knew the id all along, as held or unknown.
    expect(told().filter((line) => line.startsWith('9'))).toEqual(['9 adopted 200', '9 accepted']);
    g.killWord[0] = 1;
    broker.work();
    expect(broker.heard).toContain('cancel 9');
  });
});

describe('the kill switch', () => {
  test('cancels an order of ours that becomes known only after it was pressed', () => {
    const { g, broker, told, ready } = scene();
    ready();
    g.killWord[0] = 1;
    broker.work();
    broker.hold(A, DAY, 9, 200);
    broker.byHand(300);
    broker.pass(61);
    expect(told()).toContain('9 adopted 200');
    const cancels = broker.heard.filter((line) => line.startsWith('cancel'));
    expect(cancels).toEqual(['cancel 9']);
  });
});

describe('silence', () => {
  test('stops orders and repeated cancels, and ends after a believed round', () => {
    const { g, broker, told, place, ready } = scene();
    ready();
    place(1);
    told();
    for (const kind of [codes.QUERY_ORDERS, codes.QUERY_TRADES]) broker.spoil.set(kind, 'silent');
    broker.mute = true;
    g.cancel(1);
    broker.pass(20);
    expect(told()).toEqual(['link silent']);
    place(2);
    g.cancel(1);
    broker.work();
    const pending = `1 cancel-rejected ${reject.REJECT_CANCEL_PENDING}`;
    expect(told()).toEqual([`2 rejected ${reject.REJECT_LINK_DOWN}`, pending]);
    expect(broker.heard.filter((line) => line === 'cancel 1')).toHaveLength(1);
    broker.spoil.clear();
    broker.pass(12);
    // The list shows it alive: the cancel that nobody answered may be asked for again.
    expect(told()).toEqual([`1 cancel-rejected ${reject.REJECT_NO_ANSWER}`, 'link ready']);
    g.cancel(1);
    broker.work();
    expect(broker.heard.filter((line) => line === 'cancel 1')).toHaveLength(2);
  });
});
