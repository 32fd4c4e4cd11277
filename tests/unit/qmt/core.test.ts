// The Python bridge's core between a played engine and a played broker's client: who is let in,
// what is written before what is called, nothing twice, limits, kill flag, pages, broken bytes.
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatOrderId, idAccountEpoch, idCheck } from '../../../engine/core/order-id.ts';
import {
  REJECT_BROKER,
  REJECT_DAY_AMOUNT,
  REJECT_DISARMED,
  REJECT_FENCED,
  REJECT_KILLED,
  REJECT_LINK_DOWN,
  REJECT_NO_ANSWER,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_RATE,
  REJECT_PILOT_AMOUNT,
  REJECT_PILOT_LIST,
  REJECT_SHADOW,
  REJECT_UNKNOWN_FATE,
  REJECT_WHITE_LIST,
} from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  ARM_FULL,
  ARM_PILOT,
  ARM_SHADOW,
  BRIDGE_REFUSED,
  LINK_FENCED,
  LINK_REFUSED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
} from '../../../engine/messages/codes.ts';
import { HandBridge, SECRET } from '../../support/qmt/hand-bridge.ts';
import { LinkClient, type Values } from '../../support/qmt/link-client.ts';
import { HAS_PYTHON, NO_PYTHON } from '../../support/qmt/python.ts';

const DAY = 20260105;

async function handBridge(settings: object = {}): Promise<HandBridge> {
  const bridge = new HandBridge(settings);
  onTestFinished(() => bridge.clean());
  await bridge.start();
  await bridge.connect(DAY);
  return bridge;
}

function orderOf(c: number, more: Values = {}, epoch = 1): Values {
  const a = idAccountEpoch(0, epoch);
  const id = { coid_a: a, coid_b: DAY, coid_c: c, coid_d: idCheck(a, DAY, c) };
  const terms = { account: 0, instrument: 0, action: ACTION_PLACE, side: 1, kind: 1 };
  return { ...id, ...terms, price_e4: 125_000, value_e4: 125_000, qty: 100, ...more };
}

function remarkOf(c: number, epoch = 1): string {
  return formatOrderId(idAccountEpoch(0, epoch), DAY, c);
}

function rowOf(c: number, orderNo: number, status = 3, filled = 0): object {
  const terms = { symbol: '600001.SH', side: 1, kind: 1, price: 125_000, qty: 100 };
  const row = { row: 'order', remark: remarkOf(c), ...terms, order_no: orderNo };
  return { ...row, filled, cancelled: 0, status };
}

describe.skipIf(!HAS_PYTHON)(`the core of the Python bridges ${NO_PYTHON}`, () => {
  test('lets in who proves the secret for its day and accounts, and says why not', async () => {
    const bridge = await handBridge();
    const refusals = [
      [{ secret: 'another-secret-0123456789' }, '密钥不符 / wrong secret'],
      [{ secret: SECRET, day: 20260106 }, '20260105'],
      [{ secret: SECRET, accounts: ['other'] }, 'serves accounts demo'],
    ] as const;
    await new LinkClient(bridge.address).login({ secret: SECRET }).then((c) => c.close());
    for (const [options, text] of refusals) {
      const client = await new LinkClient(bridge.address).login(options);
      await client.ended();
      expect(client.jsons.at(-1)!['text'], text).toContain(text);
      expect(client.frames).toEqual([]);
    }
    const early = new LinkClient(bridge.address);
    early.say('Fence', { account: 0, epoch: 9, day: DAY });
    await early.ended();
    expect(early.jsons.at(-1)!['text']).toContain('frames before the login');
    const engine = await new LinkClient(bridge.address).login({ secret: SECRET });
    const welcome = await engine.json('welcome');
    expect(welcome).toMatchObject({ heartbeatMs: 500, bridge: { way: 'by-hand', kinds: [1] } });
    expect((await engine.until('LinkState'))[0]).toMatchObject({ state: LINK_UP, day: DAY });
    engine.close();
  });

  test('writes and flushes before the call, and never calls for an id twice', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    const [call] = await bridge.until('place');
    expect(call).toMatchObject({ account: 'demo', onDisk: true, order: { remark: remarkOf(1) } });
    bridge.tell('placed', 'demo', remarkOf(1), 77, '');
    const [report] = await engine.until('Report');
    expect(report).toMatchObject({ kind: REPORT_ACCEPTED, broker_order_no: 77, coid_c: 1 });
    engine.say('Request', orderOf(1));
    expect((await engine.until('Report', 2))[1]).toMatchObject({ kind: REPORT_ACCEPTED });
    await bridge.kill();
    await bridge.start();
    await bridge.connect(DAY);
    const again = await bridge.engine(2);
    again.say('Request', orderOf(1));
    const [known] = await again.until('Report');
    expect(known).toMatchObject({ kind: REPORT_ACCEPTED, broker_order_no: 77 });
    expect(bridge.calls.filter((one) => one.call === 'place')).toEqual([]);
  });

  test('a burst shares a flush', async () => {
    const bridge = await handBridge({ limits: { ordersPerSecond: 300 } });
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    const [first] = await bridge.until('place');
    const burst = Array.from({ length: 60 }, (_, i) => engine.frame('Request', orderOf(i + 2)));
    engine.raw(Buffer.concat(burst));
    const last = (await bridge.until('place', 61)).at(-1)!;
    expect(last.onDisk).toBe(true);
    expect(last.syncs! - first!.syncs!).toBeLessThanOrEqual(6);
  });

  test('older epochs and other engines are fenced, the newest has the account', async () => {
    const bridge = await handBridge();
    const first = await bridge.engine(3, 1);
    const other = await new LinkClient(bridge.address).login({ secret: SECRET, engineId: 2 });
    await other.until('LinkState');
    expect(await other.fence(2)).toBe(LINK_REFUSED);
    expect(await other.fence(3)).toBe(LINK_REFUSED);
    expect(await other.fence(4)).toBe(LINK_FENCED);
    first.say('Request', orderOf(1, {}, 3));
    other.say('Request', orderOf(2, {}, 5));
    expect((await other.until('Report'))[0]).toMatchObject({ code: REJECT_FENCED, coid_c: 2 });
    other.say('Request', orderOf(3, {}, 4));
    expect((await bridge.until('place'))[0]!.order!.remark).toBe(remarkOf(3, 4));
    expect(first.named('Report')).toEqual([]);
  });

  test('its own limits refuse, say which one, and hold over a restart', async () => {
    const limits = { ordersPerSecond: 3, orderAmount: 5_000, dayAmount: 5_500 };
    const bridge = await handBridge({ limits: { ...limits, symbols: ['600001.SH'] } });
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1, { qty: 500 }));
    engine.say('Request', orderOf(2, { instrument: 1 }));
    for (const c of [3, 4, 5, 6]) engine.say('Request', orderOf(c));
    const codes = (await engine.until('Report', 3)).map((one) => [one['coid_c'], one['code']]);
    expect(codes).toEqual([
      [1, REJECT_ORDER_AMOUNT],
      [2, REJECT_WHITE_LIST],
      [6, REJECT_ORDER_RATE],
    ]);
    await bridge.until('place', 3);
    await bridge.kill();
    await bridge.start();
    await bridge.connect(DAY);
    const again = await bridge.engine(2);
    again.say('Request', orderOf(7, { qty: 200 }, 2));
    expect((await again.until('Report'))[0]).toMatchObject({ code: REJECT_DAY_AMOUNT });
  });

  test('a real account takes no order before its stage, a pilot only below its caps', async () => {
    const bridge = await handBridge();
    const arming = [{ account: 'demo', symbols: ['600001.SH'] }];
    const engine = await new LinkClient(bridge.address).login({ secret: SECRET, arming });
    expect(await engine.json('welcome')).toMatchObject({ capabilities: ['arming'] });
    await engine.until('LinkState');
    await engine.fence(1);
    const arm = (stage: number): void =>
      engine.say('Arming', {
        ...{ account: 0, stage },
        ...{ order_amount_e4: 20_000_000, day_amount_e4: 40_000_000 },
      });
    engine.say('Request', orderOf(1));
    arm(ARM_SHADOW);
    engine.say('Request', orderOf(2));
    arm(ARM_PILOT);
    engine.say('Request', orderOf(3, { instrument: 1 }));
    engine.say('Request', orderOf(4, { qty: 200 }));
    for (const c of [5, 6, 7, 8]) engine.say('Request', orderOf(c));
    arm(ARM_FULL);
    engine.say('Request', orderOf(9, { instrument: 1, qty: 500 }));
    const placed = (await bridge.until('place', 4)).map((one) => one.order!.remark);
    expect(placed).toEqual([5, 6, 7, 9].map((c) => remarkOf(c)));
    const codes = (await engine.until('Report', 5)).map((one) => one['code']);
    expect(codes).toEqual([
      REJECT_DISARMED,
      REJECT_SHADOW,
      REJECT_PILOT_LIST,
      REJECT_PILOT_AMOUNT,
      REJECT_PILOT_AMOUNT,
    ]);
    expect(await engine.fence(2)).toBe(LINK_FENCED);
    engine.say('Request', orderOf(10, {}, 2));
    expect((await engine.until('Report', 6)).at(-1)).toMatchObject({ code: REJECT_DISARMED });
  });

  test('tells on the control link what the client did: answers, pushes, doubles', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    for (const c of [1, 2]) engine.say('Request', orderOf(c));
    await bridge.until('place', 2);
    bridge.tell('order', 'demo', rowOf(1, 77));
    bridge.tell('placed', 'demo', remarkOf(1), 77, '');
    bridge.tell('placed', 'demo', remarkOf(2), 78, '');
    bridge.tell('order', 'demo', { ...rowOf(2, 78), remark: '' });
    bridge.tell('order', 'demo', { ...rowOf(2, 78), remark: '' });
    bridge.tell('order', 'demo', { ...rowOf(3, 79), remark: 'by hand' });
    bridge.tell('cancel_error', 'demo', 77, 'too late');
    await engine.until('Report', 3);
    const control = await new LinkClient(bridge.address).login({ secret: SECRET, role: 'control' });
    control.sayJson({ kind: 'facts' });
    const { accounts } = (await control.json('facts')) as unknown as {
      accounts: Record<string, object>;
    };
    expect(accounts['demo']).toMatchObject({
      place: { count: 2, failed: 0, max: expect.any(Number) },
      answers: { beforePush: 1, afterPush: 1 },
      remarks: { whole: 1, missing: 2, altered: 0 },
      pushes: { orders: 4, doubledOrders: 1, foreign: 1, trades: 0 },
      cancel: { failed: 1, errors: ['too late'] },
      statuses: { 3: 4 },
    });
  });

  test('the kill switch cancels, refuses, lets cancels pass, and survives kill -9', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    await bridge.until('place');
    bridge.tell('placed', 'demo', remarkOf(1), 77, '');
    await engine.until('Report');
    const control = await new LinkClient(bridge.address).login({ secret: SECRET, role: 'control' });
    control.sayJson({ kind: 'kill', account: '*', on: true });
    expect(await control.json('killed')).toMatchObject({ accounts: ['demo'], on: true });
    expect((await bridge.until('cancel'))[0]).toMatchObject({ orderNo: 77 });
    await bridge.kill();
    await bridge.start();
    await bridge.connect(DAY);
    const again = await bridge.engine(2);
    again.say('Request', orderOf(2, {}, 2));
    expect((await again.until('Report'))[0]).toMatchObject({
      kind: REPORT_REJECTED,
      code: REJECT_KILLED,
    });
    again.say('Request', orderOf(1, { action: ACTION_CANCEL }));
    expect((await bridge.until('cancel'))[0]).toMatchObject({ orderNo: 77 });
    expect(bridge.calls.filter((one) => one.call === 'place')).toEqual([]);
  });

  test('a call without an answer is unknown until a push names it; its cancel waits', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    await bridge.until('place');
    bridge.tell('placed', 'demo', remarkOf(1), 0, 'no answer');
    const [unknown] = await engine.until('Report');
    expect(unknown).toMatchObject({ kind: REPORT_UNKNOWN, code: REJECT_NO_ANSWER });
    engine.say('Request', orderOf(1, { action: ACTION_CANCEL }));
    engine.say('Request', orderOf(1));
    const [, state] = await engine.until('Report', 2);
    expect(state).toMatchObject({ kind: REPORT_UNKNOWN, code: REJECT_UNKNOWN_FATE });
    bridge.tell('order', 'demo', rowOf(1, 88));
    expect((await bridge.until('cancel'))[0]).toMatchObject({ orderNo: 88 });
    bridge.tell('order', 'demo', rowOf(1, 88, 7));
    const kinds = (await engine.until('Report', 4)).map((one) => one['kind']);
    expect(kinds.slice(2)).toEqual([REPORT_ACCEPTED, REPORT_CANCELLED]);
    expect(bridge.calls.filter((one) => one.call === 'place').length).toBe(1);
  });

  test('an order without a number is searched for before its cancel is answered', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    for (const c of [1, 2]) engine.say('Request', orderOf(c));
    await bridge.until('place', 2);
    for (const c of [1, 2]) bridge.tell('placed', 'demo', remarkOf(c), 0, 'no answer');
    await engine.until('Report', 2);
    for (const c of [1, 2]) engine.say('Request', orderOf(c, { action: ACTION_CANCEL }));
    bridge.tell('rows', (await bridge.until('query'))[0]!.token, [rowOf(2, 99)]);
    expect((await bridge.until('cancel'))[0]).toMatchObject({ orderNo: 99 });
    for (const n of [2, 3]) bridge.tell('rows', (await bridge.until('query', n)).at(-1)!.token, []);
    const last = (await engine.until('Report', 4)).at(-1);
    expect(last).toMatchObject({ coid_c: 1, kind: REPORT_CANCEL_REJECTED });
  }, 20_000);

  test('what was not sent, or refused by the client, ends with proof in the journal', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    for (const c of [1, 2]) engine.say('Request', orderOf(c));
    await bridge.until('place', 2);
    bridge.tell('unsent', 'demo', remarkOf(1), REJECT_LINK_DOWN);
    bridge.tell('refused', 'demo', remarkOf(2), '资金不足', 'no funds');
    const reports = await engine.until('Report', 2);
    expect(reports.map((one) => [one['kind'], one['code']])).toEqual([
      [REPORT_REJECTED, REJECT_LINK_DOWN],
      [REPORT_REJECTED, REJECT_BROKER],
    ]);
    engine.say('Query', { account: 0, query_no: 5, kind: QUERY_BRIDGE });
    const [end] = await engine.until('QueryEnd');
    expect(end).toMatchObject({ query_no: 5, result: QUERY_COMPLETE, rows: 2 });
    expect(engine.named('BridgeRow').map((row) => row['state'])).toEqual([
      BRIDGE_REFUSED,
      BRIDGE_REFUSED,
    ]);
    expect(bridge.log).toContain('资金不足');
  });

  test('a long list goes in pages; None is a failure, not an empty list', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Query', { account: 0, query_no: 1, kind: QUERY_ORDERS });
    const [first] = await bridge.until('query');
    const foreign = (i: number) => ({ ...rowOf(1, 1_000 + i), remark: 'by hand' });
    bridge.tell(
      'rows',
      first!.token,
      Array.from({ length: 3_000 }, (_, i) => foreign(i)),
    );
    engine.say('Request', orderOf(1));
    await bridge.until('place');
    bridge.tell('placed', 'demo', remarkOf(1), 77, '');
    const [end] = await engine.until('QueryEnd');
    expect(end).toMatchObject({ result: QUERY_COMPLETE, rows: 3_000, day: DAY });
    const rows = engine.named('BrokerOrder');
    expect(rows.length).toBe(3_000);
    expect(rows[2_999]).toMatchObject({ coid_a: 0, broker_order_no: 3_999, instrument: 0 });
    engine.say('Query', { account: 0, query_no: 2, kind: QUERY_ORDERS });
    bridge.tell('rows', (await bridge.until('query', 2))[1]!.token, null);
    expect((await engine.until('QueryEnd', 2))[1]).toMatchObject({ result: QUERY_FAILED, rows: 0 });
  });

  test('a frame in two halves is one; a damaged or doubled one ends the connection', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    const whole = engine.frame('Request', orderOf(1));
    engine.raw(whole.subarray(0, 50));
    await new Promise((done) => setTimeout(done, 30));
    engine.raw(whole.subarray(50));
    await bridge.until('place');
    const broken: ((client: LinkClient) => Buffer)[] = [
      (client) => {
        const bytes = client.frame('Request', orderOf(2));
        bytes[60]! ^= 1;
        return bytes;
      },
      (client) => client.frame('Request', orderOf(3), 1),
      (client) => client.frame('Timer', {}),
      () => Buffer.from('GET / HTTP/1.1\r\nHost: bridge\r\n\r\n'),
    ];
    for (const [i, make] of broken.entries()) {
      const client = await bridge.engine(2 + i);
      client.raw(make(client));
      await client.ended();
    }
    expect(bridge.calls.filter((one) => one.call === 'place').length).toBe(1);
    const well = await bridge.engine(9);
    well.say('Request', orderOf(9, {}, 9));
    await bridge.until('place', 2);
  });

  test('fills are told once each, and by number where the remark is gone', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    await bridge.until('place');
    const fill = { row: 'trade', symbol: '600001.SH', side: 1, price: 124_900, qty: 100 };
    bridge.tell('trade', 'demo', { ...fill, remark: remarkOf(1), order_no: 77, trade_no: 5 });
    bridge.tell('trade', 'demo', { ...fill, remark: '', order_no: 77, trade_no: 5 });
    bridge.tell('trade', 'demo', { ...fill, remark: '', order_no: 77, trade_no: 6 });
    bridge.tell('trade', 'demo', { ...fill, remark: 'by hand', order_no: 78, trade_no: 7 });
    bridge.tell('placed', 'demo', remarkOf(1), 77, '');
    await engine.until('Report');
    const fills = engine.named('Fill');
    expect(fills.map((one) => one['fill_no'])).toEqual([5, 6]);
    expect(fills[0]).toMatchObject({ coid_c: 1, price_e4: 124_900, qty: 100, instrument: 0 });
  });

  test('the next day has new journals, the engine of the old one is sent away', async () => {
    const bridge = await handBridge();
    const engine = await bridge.engine(1);
    engine.say('Request', orderOf(1));
    await bridge.until('place');
    bridge.tell('connected', 20260106);
    await engine.ended();
    const next = await new LinkClient(bridge.address).login({ secret: SECRET, day: 20260106 });
    expect((await next.until('LinkState'))[0]).toMatchObject({ day: 20260106, epoch: 0 });
    next.close();
  });
});
