// A bridge's connection over a real local socket: who is let in, what a fence opens, what a hole in
// the numbers does. The other end is written here from the protocol, with the channel of the
// product only for framing.
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { idAccountEpoch, idCheck } from '../../../engine/core/order-id.ts';
import {
  ACTION_PLACE,
  ARM_DISARMED,
  ARM_FULL,
  ARM_PILOT,
  LINK_FENCED,
  LINK_REFUSED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
} from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory } from '../../../engine/messages/frames.ts';
import {
  Arming,
  BridgeRow,
  Fence,
  LinkState,
  Query,
  QueryEnd,
} from '../../../engine/messages/generated/broker.ts';
import { Report, Request } from '../../../engine/messages/generated/order.ts';
import { LINK_HEADER_BYTES, writeLinkFrame } from '../../../engine/messages/link-format.ts';
import * as shake from '../../../gateways/bridge/handshake.ts';
import { LinkChannel } from '../../../gateways/bridge/link-channel.ts';
import { DAY, openHouse, SECRET } from '../../support/bridge-house.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The engine's end: notes what it hears. */
class FakeEngine {
  readonly heard: string[] = [];
  readonly socket: Socket;
  readonly channel: LinkChannel;
  readonly #memory = new FrameMemory(new ArrayBuffer(512));
  readonly #nonce = shake.newNonce();
  #answer: object | null = null;

  constructor(path: string, secret: string, hello: object = {}, login: object = {}) {
    this.socket = connect(path);
    onTestFinished(() => void this.socket.destroy());
    this.channel = new LinkChannel(this.socket, {
      onFrame: (type, memory, at) => this.#onFrame(type, memory, at),
      onJson: (message) => this.#onJson(message as Record<string, string>, secret, login),
      onPiece: () => {},
      onClosed: () => this.heard.push('closed'),
    });
    this.channel.sendJson({ ...shake.makeHello('engine', this.#nonce), ...hello });
  }

  async hears(what: string): Promise<void> {
    await waitFor(`${what} in ${JSON.stringify(this.heard)}`, () =>
      this.heard.some((line) => line.includes(what)),
    );
  }

  fence(epoch: number): void {
    new Fence().begin(this.#memory, 0).epoch = epoch;
    this.channel.sendFrame(this.#memory, 0);
  }

  arm(stage: number): void {
    const arming = new Arming().begin(this.#memory, 0);
    Object.assign(arming, { stage, orderAmountE4: 12_000_000, dayAmountE4: 12_000_000 });
    this.channel.sendFrame(this.#memory, 0);
  }

  query(kind: number): void {
    const query = new Query().begin(this.#memory, 0);
    query.kind = kind;
    query.queryNo = kind;
    this.channel.sendFrame(this.#memory, 0);
  }

  place(c: number, epoch: number): void {
    this.channel.sendFrame(this.request(c, epoch), 0);
  }

  request(c: number, epoch: number): FrameMemory {
    const request = new Request().begin(this.#memory, 0);
    request.coidA = idAccountEpoch(0, epoch);
    request.coidB = DAY;
    request.coidC = c;
    request.coidD = idCheck(request.coidA, DAY, c);
    request.action = ACTION_PLACE;
    request.side = 1;
    request.kind = 1;
    request.qty = 100;
    request.priceE4 = 120_000;
    request.valueE4 = 120_000;
    return this.#memory;
  }

  #onJson(message: Record<string, string>, secret: string, login: object): boolean {
    this.heard.push(`${message['kind']} ${message['text'] ?? ''}`);
    if (message['kind'] !== 'challenge' || this.#answer !== null) return true;
    const proof = shake.proofOf(secret, 'engine', this.#nonce, message['nonce']!);
    this.channel.sendJson({ kind: 'symbols', symbols: ['600001.SH'] });
    this.#answer = { kind: 'login', proof, engineId: 5, day: DAY, accounts: ['demo'], ...login };
    this.channel.sendJson(this.#answer);
    return true;
  }

  #onFrame(type: number, memory: FrameMemory, at: number): boolean {
    if (type === LinkState.TYPE) {
      this.heard.push(`state ${new LinkState().wrap(memory, at).state}`);
    } else if (type === QueryEnd.TYPE) {
      const { kind, result, rows } = new QueryEnd().wrap(memory, at);
      this.heard.push(`end ${kind} ${result} ${rows}`);
    } else if (type === BridgeRow.TYPE) {
      this.heard.push(`row ${new BridgeRow().wrap(memory, at).coidC}`);
    } else this.heard.push(`frame ${type}`);
    return true;
  }
}

test('an engine with the secret is let in, fences, and its orders reach the broker', async () => {
  const { path, broker } = await openHouse();
  const engine = new FakeEngine(path, SECRET);
  await engine.hears(`state ${LINK_UP}`);
  engine.place(9, 4);
  engine.fence(4);
  await engine.hears(`state ${LINK_FENCED}`);
  // What came before the fence is not done: the engine asks what became of it.
  expect(broker.placed).toHaveLength(0);
  engine.place(1, 4);
  await waitFor('the order', () => broker.placed.length === 1);
  engine.query(QUERY_BRIDGE);
  await engine.hears(`end ${QUERY_BRIDGE} ${QUERY_COMPLETE} 1`);
  expect(engine.heard).toContain('row 1');
});

test.each([
  ['a wrong secret', 'another secret of sixteen', {}, {}, 'wrong secret'],
  ['another protocol', SECRET, { protocol: 99 }, {}, 'protocol'],
  ['another schema', SECRET, { schema: 'feedfeedfeedfeed' }, {}, 'schema'],
  ['another day', SECRET, {}, { day: 20260106 }, 'trading day'],
  ['other accounts', SECRET, {}, { accounts: ['demo', 'two'] }, 'accounts'],
])('%s is refused in words', async (_name, secret, hello, login, words) => {
  const { path } = await openHouse();
  const engine = new FakeEngine(path, secret, hello, login);
  await engine.hears('closed');
  expect(engine.heard.find((line) => line.startsWith('refused'))).toContain(words);
  expect(engine.heard.some((line) => line.startsWith('state'))).toBe(false);
});

test('an engine that tells stages trades only once it has told one, behind its fence', async () => {
  const { path, broker } = await openHouse();
  const arming = [{ account: 'demo', symbols: ['600001.SH'] }];
  const engine = new FakeEngine(path, SECRET, {}, { arming });
  await engine.hears(`state ${LINK_UP}`);
  // Before the fence it is nobody's word.
  engine.arm(ARM_FULL);
  engine.fence(4);
  await engine.hears(`state ${LINK_FENCED}`);
  engine.place(1, 4);
  await engine.hears(`frame ${Report.TYPE}`);
  engine.arm(ARM_PILOT);
  engine.place(2, 4);
  await waitFor('the order', () => broker.placed.length === 1);
  expect(broker.placed[0]!.remark.length).toBe(16);
  engine.arm(ARM_DISARMED);
  engine.place(3, 4);
  engine.query(QUERY_BRIDGE);
  await engine.hears(`end ${QUERY_BRIDGE} ${QUERY_COMPLETE} 3`);
  expect(broker.placed).toHaveLength(1);
});

test('a frame before the login ends the connection', async () => {
  const { path, broker } = await openHouse();
  const engine = new FakeEngine(path, SECRET, { role: 'control' });
  engine.place(1, 4);
  await engine.hears('closed');
  expect(broker.placed).toHaveLength(0);
});

test('a hole in the numbers of frames ends the connection', async () => {
  const { path, broker } = await openHouse();
  const engine = new FakeEngine(path, SECRET);
  await engine.hears(`state ${LINK_UP}`);
  engine.fence(4);
  await engine.hears(`state ${LINK_FENCED}`);
  const copy = new FrameMemory(new ArrayBuffer(512));
  copyFrame(engine.request(1, 4), 0, copy, 0);
  copy.i32[6] = 77;
  const bytes = Buffer.alloc(LINK_HEADER_BYTES + copy.i32[0]!);
  writeLinkFrame(copy, 0, bytes, 0);
  engine.socket.write(bytes);
  await engine.hears('closed');
  expect(broker.placed).toHaveLength(0);
});

test('a second engine with a lower epoch is refused, and the first one goes on', async () => {
  const { path, broker } = await openHouse();
  const first = new FakeEngine(path, SECRET);
  await first.hears(`state ${LINK_UP}`);
  first.fence(4);
  await first.hears(`state ${LINK_FENCED}`);
  const second = new FakeEngine(path, SECRET, {}, { engineId: 6 });
  await second.hears(`state ${LINK_UP}`);
  second.fence(3);
  await second.hears(`state ${LINK_REFUSED}`);
  second.place(1, 3);
  first.place(1, 4);
  await waitFor('the order', () => broker.placed.length === 1);
  expect(first.heard).not.toContain('closed');
});

test('a new connection that fenced leaves nothing of the old one to be done', async () => {
  const { path, broker } = await openHouse();
  const before = new FakeEngine(path, SECRET);
  await before.hears(`state ${LINK_UP}`);
  before.fence(4);
  await before.hears(`state ${LINK_FENCED}`);
  const after = new FakeEngine(path, SECRET);
  await after.hears(`state ${LINK_UP}`);
  after.fence(4);
  await after.hears(`state ${LINK_FENCED}`);
  before.place(1, 4);
  after.query(QUERY_BRIDGE);
  await after.hears(`end ${QUERY_BRIDGE} ${QUERY_COMPLETE} 0`);
  after.place(2, 4);
  await waitFor('the order', () => broker.placed.length === 1);
  expect(broker.placed[0]!.remark.slice(8, 14)).toBe('000002');
});

test('None is answered as failed, never as an empty list', async () => {
  const { path, broker } = await openHouse();
  broker.saysNone = true;
  const engine = new FakeEngine(path, SECRET);
  await engine.hears(`state ${LINK_UP}`);
  engine.query(QUERY_ORDERS);
  await engine.hears(`end ${QUERY_ORDERS} ${QUERY_FAILED} 0`);
});
