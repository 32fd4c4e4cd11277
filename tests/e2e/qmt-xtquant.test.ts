// Bridge A as it is shipped, over the stand-in of xtquant: orders and their ends, calls that
// fail with a live order, queries that hang, a client that dies, replays, foreign orders, credit
// accounts, codes that nobody knows. One counter and one bridge, an order id for each case.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOrderId, idAccountEpoch, idCheck } from '../../engine/core/order-id.ts';
import { REJECT_BROKER, REJECT_KIND_NOT_SUPPORTED } from '../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_IOC,
  LINK_DOWN,
  LINK_FENCED,
  LINK_UP,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_POSITIONS,
  QUERY_TRADES,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
} from '../../engine/messages/codes.ts';
import { CounterProcess } from '../support/qmt/counter/counter-process.ts';
import type { LinkClient, Values } from '../support/qmt/link-client.ts';
import { HAS_PYTHON, NO_PYTHON, PYTHON_ENV } from '../support/qmt/python.ts';
import { XtBridge } from '../support/qmt/xt-bridge.ts';
import { ROOT } from '../support/run-cli.ts';

const DAY = 20260105;
const SCRIPT = join(ROOT, 'gateways/qmt/bridge/pankou_xtquant.py');

let lastC = 0;

/** An order with an id of its own. */
function order(more: Values = {}): Values {
  const c = ++lastC;
  const a = idAccountEpoch(0, 1);
  const id = { coid_a: a, coid_b: DAY, coid_c: c, coid_d: idCheck(a, DAY, c) };
  const terms = { account: 0, instrument: 0, action: ACTION_PLACE, side: 1, kind: 1 };
  return { ...id, ...terms, price_e4: 98_000, value_e4: 98_000, qty: 100, ...more };
}

/** Reports of an order so far. */
function reportsOf(engine: LinkClient, placed: Values): Values[] {
  return engine.named('Report').filter((one) => one['coid_c'] === placed['coid_c']);
}

/** Waits for a report of a kind of this order. */
async function reported(engine: LinkClient, placed: Values, kind: number): Promise<Values> {
  for (let tries = 0; tries < 1_500; tries++) {
    const found = reportsOf(engine, placed).find((one) => one['kind'] === kind);
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`no report ${kind}: ${JSON.stringify(reportsOf(engine, placed))}`);
}

describe.skipIf(!HAS_PYTHON)(`bridge A over its stand-in ${NO_PYTHON}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-qmt-a-'));
  const counter = new CounterProcess(join(dir, '终端'));
  const accounts = [
    { name: 'demo', account: 'demo' },
    { name: 'rzrq', account: 'margin', accountType: 'CREDIT', credit: { financing: true } },
  ];
  const bridge = new XtBridge(dir, counter.userdata, {
    accounts,
    waits: { query: 1.5, refusal: 1 },
  });
  let engine: LinkClient;
  let queryNo = 0;

  beforeAll(async () => {
    await counter.start([
      ...['--account', 'demo:1000000', '--account', 'margin:100000:CREDIT:50000'],
      ...['--instrument', '600001.SH:10', '--instrument', '000002.SZ:10'],
      ...['--position', '600001.SH:5000:9.5', '--session-hold', '300'],
    ]);
    await bridge.start();
    engine = await bridge.engine(1, 1, ['demo', 'rzrq']);
    engine.say('Fence', { account: 1, epoch: 1, day: DAY });
    await engine.until('LinkState', 4);
  }, 60_000);

  afterAll(async () => {
    engine?.close();
    await bridge.kill();
    await counter.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function ask(kind: number, account = 0): Promise<Values> {
    const no = ++queryNo;
    engine.say('Query', { account, query_no: no, kind });
    for (;;) {
      const end = engine.named('QueryEnd').find((one) => one['query_no'] === no);
      if (end !== undefined) return end;
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  async function place(more: Values = {}): Promise<Values> {
    const placed = order(more);
    engine.say('Request', placed);
    return placed;
  }

  async function bookOf(placed: Values) {
    const remark = formatOrderId(placed['coid_a']!, placed['coid_b']!, placed['coid_c']!);
    const { orders } = await counter.books('demo');
    return orders.filter((one) => one.remark === remark);
  }

  test('an order is accepted, filled and cancelled, under its id and one number', async () => {
    const placed = await place({ qty: 300 });
    const accepted = await reported(engine, placed, REPORT_ACCEPTED);
    await counter.market('600001.SH', 2, 98_000, 100);
    const [fill] = await engine.until('Fill');
    expect(fill).toMatchObject({ coid_c: placed['coid_c'], qty: 100, price_e4: 98_000 });
    engine.say('Request', { ...placed, action: ACTION_CANCEL });
    const ended = await reported(engine, placed, REPORT_CANCELLED);
    expect(ended).toMatchObject({ filled_qty: 100, broker_order_no: accepted['broker_order_no'] });
    expect((await bookOf(placed))[0]!.orderNo).toBe(accepted['broker_order_no']);
  });

  test('a refusal of the counter ends the order and its words are in the log', async () => {
    const placed = await place({ qty: 150_000 });
    expect(await reported(engine, placed, REPORT_REJECTED)).toMatchObject({ code: REJECT_BROKER });
    expect(bridge.log).toMatch(/refused: .*资金/);
  });

  test('a price type that the market does not know is refused before any call', async () => {
    const placed = await place({ kind: KIND_IOC });
    const report = await reported(engine, placed, REPORT_REJECTED);
    expect(report).toMatchObject({ code: REJECT_KIND_NOT_SUPPORTED, broker_order_no: 0 });
    expect(await bookOf(placed)).toEqual([]);
    const known = await place({ kind: KIND_IOC, instrument: 1, price_e4: 0, value_e4: 100_000 });
    await reported(engine, known, REPORT_ACCEPTED).catch(() => undefined);
    expect((await bookOf(known))[0]).toMatchObject({ kind: KIND_IOC });
  });

  test('-1 from a call whose order lives: found by its push, never sent again', async () => {
    writeFileSync(join(counter.userdata, 'minus1-live'), '');
    const placed = await place();
    await reported(engine, placed, REPORT_ACCEPTED);
    engine.say('Request', placed);
    engine.say('Request', { ...placed, action: ACTION_CANCEL });
    await reported(engine, placed, REPORT_CANCELLED);
    expect((await bookOf(placed)).length).toBe(1);
  });

  test('-1 from a call without an order stays unknown: it proves nothing', async () => {
    writeFileSync(join(counter.userdata, 'minus1-dead'), '');
    const placed = await place();
    await reported(engine, placed, REPORT_UNKNOWN);
    await ask(QUERY_ORDERS);
    expect(reportsOf(engine, placed).map((one) => one['kind'])).toEqual([REPORT_UNKNOWN]);
  });

  test('a response that never comes does no harm where the push told all', async () => {
    await counter.fault('lostResponse');
    const placed = await place();
    await reported(engine, placed, REPORT_ACCEPTED);
    engine.say('Request', { ...placed, action: ACTION_CANCEL });
    await reported(engine, placed, REPORT_CANCELLED);
    expect(reportsOf(engine, placed).some((one) => one['kind'] === REPORT_UNKNOWN)).toBe(false);
  });

  test('an error of the client with no order behind it is an end, once proven', async () => {
    await counter.fault('refusedCall');
    const placed = await place();
    expect(await reported(engine, placed, REPORT_REJECTED)).toMatchObject({ code: REJECT_BROKER });
    expect(await bookOf(placed)).toEqual([]);
  }, 20_000);

  test('None, twice, is a failed answer; rows, cash and positions are the counter’s', async () => {
    await counter.fault('none', 2);
    expect(await ask(QUERY_ORDERS)).toMatchObject({ result: QUERY_FAILED, rows: 0 });
    for (const kind of [QUERY_ORDERS, QUERY_TRADES, QUERY_POSITIONS, QUERY_CASH]) {
      expect(await ask(kind)).toMatchObject({ result: QUERY_COMPLETE, day: DAY });
    }
    const { cash } = await counter.books('demo');
    expect(engine.named('BrokerCash').at(-1)).toMatchObject({
      cash_e4: cash.cashE4,
      available_e4: cash.availableE4,
    });
    expect(engine.named('BrokerPosition').at(-1)).toMatchObject({ instrument: 0, qty: 5_100 });
  });

  test('a foreign order is listed without an id, an unknown status is told once', async () => {
    const terms = { symbol: '600001.SH', side: 1 as const, kind: 1, priceE4: 97_000, qty: 100 };
    const foreign = { remark: 'by hand', ...terms };
    await counter.admin({ do: 'foreign', account: 'demo', order: foreign });
    await counter.fault('unknownStatus');
    const placed = await place();
    await bridge.says('order_status=99');
    await reported(engine, placed, REPORT_ACCEPTED);
    await ask(QUERY_ORDERS);
    const rows = engine.named('BrokerOrder').filter((row) => row['price_e4'] === 97_000);
    expect(rows.at(-1)).toMatchObject({ coid_a: 0, coid_c: 0, qty: 100, instrument: 0 });
    expect(rows.at(-1)!['broker_order_no']).toBeGreaterThan(0);
    expect(bridge.log.split('order_status=99').length).toBeLessThanOrEqual(3);
  });

  test('a credit account buys with own and borrowed money, and sells nothing short', async () => {
    const own = await place({ account: 1 });
    const borrowed = await place({ account: 1, credit: 1 });
    const short = await place({ account: 1, credit: 2, side: 2 });
    await reported(engine, own, REPORT_ACCEPTED);
    await reported(engine, borrowed, REPORT_ACCEPTED);
    expect(await reported(engine, short, REPORT_REJECTED)).toMatchObject({ broker_order_no: 0 });
    const { orders } = await counter.books('margin');
    expect(orders.map((one) => one.credit ?? 0).sort()).toEqual([0, 1]);
  });

  test('a query that hangs is left behind and told; the next ones work', async () => {
    const from = bridge.log.length;
    // Trades that were read with orders a moment ago would answer without a call.
    await ask(QUERY_TRADES);
    await counter.fault('hang');
    expect(await ask(QUERY_TRADES)).toMatchObject({ result: QUERY_FAILED });
    expect(await ask(QUERY_TRADES)).toMatchObject({ result: QUERY_COMPLETE });
    await bridge.says('its thread is left behind', from);
  }, 20_000);

  test('a dead client is noticed and replaced, a replayed day fills nothing twice', async () => {
    const states = (): number[] => engine.named('LinkState').map((one) => one['state']!);
    const fills = engine.named('Fill').length;
    const before = states().length;
    await counter.kill();
    const killedMs = performance.now();
    await engine.until('LinkState', before + 2);
    expect(performance.now() - killedMs).toBeLessThan(3_000);
    expect(states().slice(before)).toEqual([LINK_DOWN, LINK_DOWN]);
    await counter.start(['--behave', 'replay=1', '--session-hold', '300']);
    const startedMs = performance.now();
    await engine.until('LinkState', before + 4);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(states().slice(before + 2)).toEqual([LINK_UP, LINK_UP]);
    expect(await engine.fence(1)).toBe(LINK_FENCED);
    const placed = await place();
    await reported(engine, placed, REPORT_ACCEPTED);
    const twice = new Set(engine.named('Fill').map((one) => one['fill_no']));
    expect(twice.size).toBe(fills);
  }, 30_000);
});

describe.skipIf(!HAS_PYTHON)(`settings of bridge A ${NO_PYTHON}`, () => {
  const good = (): Record<string, string> => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-qmt-set-'));
    mkdirSync(join(dir, 'userdata_mini'));
    writeFileSync(join(dir, 'secret'), 'sixteen-characters-or-more', { mode: 0o600 });
    return {
      MINIQMT_ENABLED: 'true',
      MINIQMT_ACCOUNT_ID: '8881234567',
      MINIQMT_ACCOUNT_TYPE: 'STOCK',
      MINIQMT_USERDATA_PATH: join(dir, 'userdata_mini'),
      PANKOU_BRIDGE_SECRET_FILE: join(dir, 'secret'),
      PANKOU_BRIDGE_DIR: join(dir, 'bridge'),
      PYTHONPATH: join(ROOT, 'tests/support/qmt'),
    };
  };
  const check = (change: Record<string, string>) => {
    const env = { ...PYTHON_ENV, ...good(), ...change };
    const run = spawnSync('python3', [SCRIPT, '--check'], { encoding: 'utf8', env });
    return { status: run.status, text: run.stderr };
  };

  test.each([
    ['not enabled', { MINIQMT_ENABLED: 'false' }, 'not enabled'],
    ['no account', { MINIQMT_ACCOUNT_ID: '' }, '资金账号'],
    ['another type', { MINIQMT_ACCOUNT_TYPE: 'FUTURE' }, 'expected STOCK or CREDIT'],
    ['a path that is not there', { MINIQMT_USERDATA_PATH: '/没有/这个目录' }, '目录不存在'],
    ['no secret', { PANKOU_BRIDGE_SECRET_FILE: '' }, 'secretFile is missing'],
    ['a wrong port', { PANKOU_BRIDGE_PORT: '99999' }, 'expected 1 to 65535'],
  ])('%s is said in both languages before anything is done', (_, change, text) => {
    const { status, text: said } = check(change);
    expect(status).toBe(2);
    expect(said).toContain(text);
    expect(said).toContain(' / ');
  });

  test('a journal folder that is taken ends the second bridge with its reason', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-qmt-two-'));
    const counter = new CounterProcess(join(dir, 'client'));
    await counter.start(['--account', 'demo:1000000']);
    const first = new XtBridge(dir, counter.userdata, {});
    const listen = join(dir, 'second.sock');
    const second = new XtBridge(dir, counter.userdata, { listen, sessions: [110, 111] });
    try {
      await first.start();
      await first.says('broker connected');
      await second.start();
      await second.says('journals cannot be used');
      expect(second.log).toContain('桥接日志无法使用');
      expect(await second.stop()).toBe(1);
    } finally {
      await first.kill();
      await second.kill();
      await counter.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }, 30_000);

  test('good ones are told as they count', () => {
    const { status, text } = check({ PANKOU_BRIDGE_HOST: '0.0.0.0', PANKOU_BRIDGE_PORT: '7811' });
    expect([status, text]).toEqual([0, expect.stringContaining('listen tcp:0.0.0.0:7811')]);
    expect(text).toContain('accounts 8881234567');
  });
});
