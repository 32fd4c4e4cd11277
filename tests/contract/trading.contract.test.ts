// The trading interface over both servers: every call of the OpenAPI file with good and bad input,
// made from its schemas, over real sockets and a core that answers like the OMS.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertsConfig } from '../../engine/config-arming.ts';
import { OPENAPI_PATH, openApi } from '../../engine/control/openapi.ts';
import { ERROR_CODES, Refusal } from '../../engine/control/trade-schemas.ts';
import { CALLS } from '../../engine/control/trading-calls.ts';
import { BODY_MAX, pathOf, TRADING_PATH } from '../../engine/control/trading-routes.ts';
import { formatOrderId, idAccountEpoch } from '../../engine/core/order-id.ts';
import { STATUS_HELD, STATUS_UNKNOWN } from '../../engine/core/order-status.ts';
import { REJECT_PARKED } from '../../engine/core/reject-code.ts';
import { STAGE_RISK } from '../../engine/messages/codes.ts';
import { Arming } from '../../engine/messages/generated/broker.ts';
import { TYPE_ARMING } from '../../engine/messages/generated/types.ts';
import { type Setup, startApi, TOKEN } from '../support/api-setup.ts';
import {
  accountFrame,
  DAY,
  engineFrame,
  fillFrame,
  frame,
  orderFrame,
  parentFrame,
  positionFrame,
} from '../support/control-frames.ts';
import { FakeOms } from '../support/fake-oms.ts';
import { FakeWebhook } from '../support/fake-webhook.ts';
import { Page, request } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const coidOf = (no: number): string => formatOrderId(idAccountEpoch(0, 1), DAY, no);
const COID = coidOf(1);
/** Two orders that wait for a second person, and one of unknown fate. */
const PARKED = 901;
const REFUSED = 902;
const UNKNOWN = 903;
const OTHERS = 3;
const ORDER = { instrument: '600001.SH', side: 'buy', priceE4: 100_000, qty: 100 };

/** An input each call takes. */
const PARENT = { instrument: '600001.SH', side: 'sell', qty: 1_000 };
const GOOD: { readonly [name: string]: object } = {
  status: {},
  order: ORDER,
  execute: { orders: [ORDER, { ...ORDER, side: 'sell' }] },
  orders: { status: 'open', limit: 5 },
  records: { instrument: '600001.SH' },
  account: { account: 'paper' },
  positions: { account: 'paper' },
  books: { account: 'paper' },
  cancel: { coid: COID },
  parent: { ...PARENT, kind: 'twap', slices: 4 },
  replace: { coid: COID, priceE4: 99_000 },
  parents: { account: 'paper' },
  'parent-cancel': { parentNo: 1 },
  'cancel-all': { account: 'paper' },
  kill: { scope: 'firm' },
  'risk-confirm': { coid: coidOf(PARKED), by: 'Li' },
  'risk-reject': { coid: coidOf(REFUSED), by: '李四' },
  'order-settle': { coid: coidOf(UNKNOWN), as: 'cancelled', by: 'Li', reason: 'told by phone' },
  'risk-pause': { market: 'SH' },
  'risk-resume': { account: 'paper' },
  arming: { account: 'paper' },
  arm: { stage: 'shadow' },
  disarm: { account: 'paper' },
  alerts: {},
  'alert-test': { channel: 'robot' },
};

interface Sent {
  readonly token?: string;
  readonly key?: string;
  readonly type?: string;
  readonly method?: string;
  readonly raw?: string;
}

let keyNo = 0;

function pathOfName(name: string): string {
  const call = CALLS.find((candidate) => candidate.name === name);
  return call === undefined ? TRADING_PATH + name : pathOf(call);
}

describe.each(['uws', 'ws'] as const)('trading interface, server %s', (server) => {
  let setup: Setup;
  let oms: FakeOms;
  let runDir = '';
  const robot = new FakeWebhook();

  beforeAll(async () => {
    runDir = mkdtempSync(join(tmpdir(), 'pankou-trading-'));
    await robot.open();
    const urlFile = join(runDir, 'robot');
    writeFileSync(urlFile, `http://127.0.0.1:${robot.port}/send`, { mode: 0o600 });
    const channels = { robot: { kind: 'wecom', urlFile, level: 'critical' } as const };
    const alerts: AlertsConfig = {
      ...{ language: 'zh', channels, levels: {}, perMinute: 60, repeatMinutes: 30 },
      ...{ rejectsPerMinute: 1_000, diskFreeMiB: 1 },
    };
    const arming = [{ id: 'paper', number: '1', reported: null, pilot: null }];
    setup = await startApi(server, { runDir, arming, alerts }, { answerMs: 300 });
    oms = new FakeOms(setup.core);
    const { onCommand } = setup.core;
    setup.core.onCommand = (type, memory, at) => {
      if (type !== TYPE_ARMING) onCommand(type, memory, at);
      else setup.core.socket.send(memory, at);
    };
    for (const shown of [
      engineFrame(),
      accountFrame(),
      positionFrame(),
      fillFrame(1),
      parentFrame(1),
      orderFrame(PARKED, { status: STATUS_HELD, code: REJECT_PARKED, stage: STAGE_RISK }),
      orderFrame(REFUSED, { status: STATUS_HELD, code: REJECT_PARKED, stage: STAGE_RISK }),
      orderFrame(UNKNOWN, { status: STATUS_UNKNOWN }),
      frame(Arming, { stage: 0 }),
    ]) {
      setup.core.socket.send(shown, 0);
    }
    await ask('order', ORDER, { key: 'first' });
  });
  afterAll(async () => {
    await setup.close();
    await robot.close();
    rmSync(runDir, { recursive: true, force: true });
  });

  async function ask(name: string, input: object, sent: Sent = {}) {
    const call = CALLS.find((candidate) => candidate.name === name);
    const method = sent.method ?? call?.method ?? 'GET';
    const isGet = call?.method !== 'POST';
    const query = isGet ? `?${new URLSearchParams(input as Record<string, string>)}` : '';
    const body = isGet ? '' : (sent.raw ?? JSON.stringify(input));
    const { token = TOKEN, key = `key-${++keyNo}`, type = 'application/json' } = sent;
    const answer = await request(setup.port, `${pathOfName(name)}${query}`, {
      method,
      body,
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(key === '' ? {} : { 'Idempotency-Key': key }),
        ...(isGet || type === '' ? {} : { 'Content-Type': type }),
      },
    });
    const value = answer.body === '' ? {} : JSON.parse(answer.body);
    return { status: answer.status, headers: answer.headers, ...value };
  }

  /** A refusal keeps to its schema and repeats nothing that was sent. */
  function expectRefused(answer: Awaited<ReturnType<typeof ask>>, status: number, field?: string) {
    expect(Refusal.safeParse({ ok: answer.ok, error: answer.error }).success).toBe(true);
    expect([answer.status, answer.error.field]).toEqual([status, field]);
  }

  test.each([
    ['stop-loss', {}, 'triggerE4'],
    ['take-profit', {}, 'triggerE4'],
    ['at-time', {}, 'startNs'],
    ['pov', {}, 'rateE4'],
    ['iceberg', { priceE4: 100_000 }, 'showQty'],
    ['iceberg', { showQty: 200 }, 'priceE4'],
    ['twap', { triggerE4: 90_000 }, 'triggerE4'],
    ['vwap', { rateE4: 100 }, 'rateE4'],
    ['stop-loss', { triggerE4: 90_000, slices: 3 }, 'slices'],
  ])('a %s of %j is refused by its field %s', async (kind, fields, field) => {
    const before = oms.parents.size;
    expectRefused(await ask('parent', { ...PARENT, kind, ...fields }), 400, field);
    expect(oms.parents.size).toBe(before);
  });

  test('a parent is made once for a key, refused or unknown as the engine says', async () => {
    const wish = { ...PARENT, kind: 'stop-loss', triggerE4: 90_000 };
    const made = oms.parents.size;
    const first = await ask('parent', wish, { key: 'parent-1' });
    const again = await ask('parent', wish, { key: 'parent-1' });
    const told = { kind: 'conditional', triggerE4: 90_000, state: 'accepted' };
    expect(first.data).toMatchObject(told);
    expect(again.data.parentNo).toBe(first.data.parentNo);
    const other = await ask('parent', { ...wish, qty: 2_000 }, { key: 'parent-1' });
    expectRefused(other, 409, 'Idempotency-Key');
    const refused = await ask('parent', { ...wish, qty: 777 });
    expect([refused.status, refused.error.code]).toEqual([422, 'refused']);
    const silent = await ask('parent', { ...wish, qty: 888 });
    expect([silent.status, silent.error.code]).toEqual([504, 'unknown-outcome']);
    expect(oms.parents.size).toBe(made + 1);
  });

  test('only parents of the desk can be ended, and only known orders replaced', async () => {
    expect((await ask('parent-cancel', { parentNo: 99 })).error.code).toBe('unknown-order');
    const answer = await ask('replace', { coid: `${COID.slice(0, -1)}!`, qty: 100 });
    expectRefused(answer, 400, 'coid');
  });

  describe.each(CALLS.map((call) => [call.name, call] as const))('%s', (name, call) => {
    const properties = Object.keys(call.input.shape);
    const required = properties.filter((p) => !call.input.shape[p].safeParse(undefined).success);

    test('takes good input and answers with the data of its schema', async () => {
      const answer = await ask(name, GOOD[name]!);
      expect([answer.status, answer.ok]).toEqual([200, true]);
      expect(call.data.safeParse(answer.data).error).toBe(undefined);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    test.each(required)('names the missing field %s', async (field) => {
      const { [field as never]: _, ...rest } = GOOD[name] as Record<string, unknown>;
      expectRefused(await ask(name, rest), 400, field);
    });

    test.each(properties)('names the field %s of a wrong type', async (field) => {
      const wrong = call.method === 'GET' ? '\n' : { nested: [1] };
      const answer = await ask(name, { ...GOOD[name], [field]: wrong });
      expectRefused(answer, 400, field);
    });

    test('names a field it does not have', async () => {
      for (const field of ['riskApproved', 'constructor']) {
        expectRefused(await ask(name, { ...GOOD[name], [field]: '1' }), 400, field);
      }
    });

    test('asks for the token, and does nothing without the right one', async () => {
      const before = setup.core.commands.length;
      const wrong = TOKEN.slice(0, -1) + (TOKEN.endsWith('A') ? 'B' : 'A');
      for (const token of ['', wrong, `${TOKEN}x`]) {
        const answer = await ask(name, GOOD[name]!, { token });
        expectRefused(answer, 401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
      expect(setup.core.commands.length).toBe(before);
    });

    test('has one method', async () => {
      for (const method of ['PUT', 'DELETE', 'PATCH', call.method === 'GET' ? 'POST' : 'GET']) {
        const answer = await ask(name, GOOD[name]!, { method });
        expectRefused(answer, 405);
        expect(answer.headers.get('allow')).toBe(call.method);
      }
    });

    test.runIf(call.method === 'POST')('refuses what is too large, or no JSON', async () => {
      const before = setup.core.commands.length;
      expectRefused(await ask(name, {}, { raw: ' '.repeat(BODY_MAX + 1) }), 413);
      for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded']) {
        expectRefused(await ask(name, GOOD[name]!, { type }), 415);
      }
      for (const raw of ['{', '[]', 'null', '"x"', '\u0000']) {
        expectRefused(await ask(name, {}, { raw }), 400);
      }
      const [field = '', value] = Object.entries(GOOD[name]!)[0]!;
      const text = JSON.stringify({ [field]: value }).slice(1, -1);
      const twice = JSON.stringify(GOOD[name]).replace('{', `{${text},`);
      expectRefused(await ask(name, {}, { raw: twice }), 400, field);
      const proto = JSON.stringify(GOOD[name]).replace('{', '{"__proto__":1,').replace(',}', '}');
      expectRefused(await ask(name, {}, { raw: proto }), 400, '__proto__');
      const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
      expectRefused(await ask(name, {}, { raw: deep }), 400);
      expect(setup.core.commands.length).toBe(before);
    });

    test.runIf(call.keyed)('needs a key of printable characters', async () => {
      for (const key of ['', 'a b', 'x'.repeat(129)]) {
        expectRefused(await ask(name, GOOD[name]!, { key }), 400, 'Idempotency-Key');
      }
    });
  });

  test.each(['qty', 'priceE4'])('takes only whole numbers of a right size as %s', async (field) => {
    const before = setup.core.commands.length;
    const texts = ['-1', '1.5', '1e308', '-1e3', '1.00000001', '9007199254740993', '2147483648'];
    texts.push('"100"', 'null', 'true', '[100]', '{}', '""');
    if (field === 'qty') texts.push('0', '-0');
    for (const text of texts) {
      const raw = JSON.stringify({ ...ORDER, [field]: '#' }).replace('"#"', text);
      const answer = await ask('order', {}, { raw });
      expect([text, answer.status, answer.error.field]).toEqual([text, 400, field]);
    }
    expect(setup.core.commands.length).toBe(before);
  });

  test('gives the same key with the same content the same order, other content 409', async () => {
    const count = oms.orders.length;
    const key = `same-${server}`;
    const first = await ask('order', ORDER, { key });
    const again = await ask('order', ORDER, { key });
    expect(again.data.coid).toBe(first.data.coid);
    expectRefused(await ask('order', { ...ORDER, qty: 200 }, { key }), 409, 'Idempotency-Key');
    expect(oms.orders.length).toBe(count + 1);
    const found = await ask('orders', { key });
    expect(found.data.rows.map((row: { coid: string }) => row.coid)).toEqual([first.data.coid]);
  });

  test('makes one order of fifty copies that come at once', async () => {
    const count = oms.orders.length;
    const key = `parallel-${server}`;
    const copies = Array.from({ length: 50 }, () => ask('order', ORDER, { key }));
    const coids = new Set((await Promise.all(copies)).map((answer) => answer.data.coid));
    expect([coids.size, oms.orders.length]).toEqual([1, count + 1]);
  });

  test('says where and why the engine refused, and that silence is unknown', async () => {
    const refused = await ask('order', { ...ORDER, qty: 777 });
    expectRefused(refused, 422);
    expect(refused.error.reject).toMatchObject({ stage: 'oms', code: 306 });
    const unknown = await ask('order', { ...ORDER, qty: 888 });
    expectRefused(unknown, 504);
    expect(unknown.error.code).toBe('unknown-outcome');
  });

  test('answers each leg of a basket by itself', async () => {
    const orders = [ORDER, { ...ORDER, qty: 777 }, { ...ORDER, instrument: '999999.SH' }];
    const { data } = await ask('execute', { orders });
    const legs = data.legs.map((leg: { ok: boolean; error?: { code: string } }) =>
      leg.ok ? 'ok' : leg.error?.code,
    );
    expect(legs).toEqual(['ok', 'refused', 'unknown-instrument']);
  });

  test('pages through all orders without a hole or a double', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const query: object = after === null ? { limit: 2 } : { limit: 2, after };
      const { data } = await ask('orders', query);
      seen.push(...data.rows.map((row: { coid: string }) => row.coid));
      after = data.next;
    } while (after !== null);
    expect(seen.length).toBe(oms.orders.length + OTHERS);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('stops a flood of orders with 429 and lets the cancel through', async () => {
    const orders = Array.from({ length: 100 }, () => ORDER);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask('execute', { orders }));
    expect(answers.map((answer) => answer.status)).toContain(429);
    expect((await ask('cancel', { coid: COID })).status).toBe(200);
  });

  test('refuses foreign hosts and origins before it looks at the token', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    for (const stranger of [{ Host: 'evil.example' }, { Origin: 'http://evil.example' }]) {
      const answer = await request(setup.port, `${TRADING_PATH}kill`, {
        method: 'POST',
        body: '{}',
        headers: { ...headers, 'Content-Type': 'application/json', ...stranger },
      });
      expect(answer.status).toBe(403);
    }
  });

  test('takes the same calls over the WebSocket once it has seen the token', async () => {
    const page = await new Page(setup.port).ready();
    const place = { op: 'order', key: `ws-${server}`, ...ORDER };
    expect(await page.ask(place)).toMatchObject({ ok: false, code: 'unauthorised' });
    expect((await page.ask({ op: 'auth', token: TOKEN })).ok).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // the flood above has emptied it
    const first = await page.ask(place);
    const again = await page.ask(place);
    expect(first).toMatchObject({ ok: true, data: { status: 'submitted', strategy: 'desk' } });
    expect(again).toMatchObject({ data: { coid: (first as never)['data']['coid'] } });
    const bad = await page.ask({ ...place, qty: 0 });
    expect(bad).toMatchObject({ ok: false, code: 'bad-request', field: 'qty' });
    const { coid } = (first as never)['data'] as { coid: string };
    const cancel = await page.ask({ op: 'cancel', coid, wait: true });
    expect(cancel).toMatchObject({ ok: true, data: { status: 'cancel-pending' } });
    expect(await page.ask({ op: 'positions' })).toMatchObject({ ok: true });
    page.close();
  });

  test('serves the OpenAPI file to everybody', async () => {
    const answer = await request(setup.port, OPENAPI_PATH);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(JSON.parse(JSON.stringify(openApi())));
  });

  test('says unknown for an order under way when the engine goes', async () => {
    const asked = ask('order', { ...ORDER, qty: 888 });
    await waitFor('the order to be sent', () => setup.core.commands.length > 0);
    await setup.core.socket.close();
    const answer = await asked;
    expect(['unknown-outcome', 'engine-down']).toContain(answer.error.code);
    await waitFor('the link to be down', () => !setup.api.link.up);
    expectRefused(await ask('kill', {}), 503);
  });
});

describe('docs/openapi.json', () => {
  test('is what the schemas say: run node tools/openapi.ts', () => {
    const file = join(import.meta.dirname, '../../docs/openapi.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())));
  });

  test('has every call and every error code', () => {
    const { paths } = openApi() as { paths: object };
    const own = CALLS.map(pathOf);
    expect(Object.keys(paths).filter((path) => own.includes(path))).toEqual(own);
    expect(Object.keys(GOOD).sort()).toEqual(CALLS.map(({ name }) => name).sort());
    expect(Object.keys(ERROR_CODES).length).toBeGreaterThan(10);
  });
});
