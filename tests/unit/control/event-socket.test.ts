// The core's socket towards the api process: access, replay, slow readers, commands only. Real
// sockets; the other end is a whole reader of the link, no part of the api process.
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { STATUS_FILLED } from '../../../engine/core/order-status.ts';
import { CACHED_ORDERS } from '../../../engine/host/event-cache.ts';
import {
  EventSocket,
  type EventSocketOptions,
  jsonMessage,
} from '../../../engine/host/event-socket.ts';
import { localAddress } from '../../../engine/host/local-address.ts';
import { type FrameMemory, frameLength } from '../../../engine/messages/frames.ts';
import {
  MarketPause,
  OrderSettle,
  RiskConfirm,
  RiskResume,
} from '../../../engine/messages/generated/control.ts';
import { OrderUpdate } from '../../../engine/messages/generated/order.ts';
import {
  SCHEMA_HASH,
  TYPE_CANCEL_COMMAND,
  TYPE_FILL,
  TYPE_KILL,
  TYPE_ORDER_UPDATE,
  TYPE_REJECT,
  TYPE_SNAPSHOT_TICK,
} from '../../../engine/messages/generated/types.ts';
import {
  LINK_HEADER_BYTES,
  type LinkHandler,
  LinkReader,
  writeLinkFrame,
} from '../../../engine/messages/link-format.ts';
import {
  cancelFrame,
  engineFrame,
  fillFrame,
  frame,
  killFrame,
  latencyFrame,
  makeMeta,
  orderFrame,
  rejectFrame,
  tickFrame,
} from '../../support/control-frames.ts';
import { waitFor } from '../../support/wait-for.ts';

const SECRET = randomBytes(24).toString('base64url');

/** A whole api process's end of the link, as far as bytes go. */
class Reader implements LinkHandler {
  readonly socket: Socket;
  readonly types: number[] = [];
  readonly json: { kind: string; value: unknown }[] = [];
  readonly orders: string[] = [];
  closed = false;

  constructor(address: string) {
    this.socket = connect(address);
    const reader = new LinkReader();
    this.socket.on('data', (chunk: Buffer) => {
      expect(reader.push(chunk, this)).toBe(0);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    this.types.push(type);
    if (type === TYPE_ORDER_UPDATE) {
      const order = new OrderUpdate().wrap(memory, at);
      this.orders.push(`${order.coidC}:${order.status}`);
    }
    return true;
  }

  onJson(bytes: Uint8Array, from: number, to: number): boolean {
    this.json.push(JSON.parse(Buffer.from(bytes.subarray(from, to)).toString('utf8')));
    return true;
  }

  hello(secret = SECRET, schemaHash = SCHEMA_HASH): void {
    this.socket.write(jsonMessage('hello', { secret, schemaHash }) ?? '');
  }

  frame(memory: FrameMemory): void {
    const message = Buffer.alloc(frameLength(memory, 0) + LINK_HEADER_BYTES);
    writeLinkFrame(memory, 0, message, 0);
    this.socket.write(message);
  }

  count(type: number): number {
    return this.types.filter((one) => one === type).length;
  }

  get ready(): boolean {
    return this.json.some((message) => message.kind === 'ready');
  }
}

const sockets: EventSocket[] = [];
const readers: Reader[] = [];

interface Core {
  socket: EventSocket;
  address: string;
  commands: number[];
  lines: string[];
}

async function startCore(options: Partial<EventSocketOptions> = {}): Promise<Core> {
  const address = options.address ?? localAddress(`test-${randomBytes(6).toString('hex')}`);
  const commands: number[] = [];
  const lines: string[] = [];
  const socket = new EventSocket({
    address,
    secret: SECRET,
    meta: makeMeta(),
    onCommand: (type) => commands.push(type),
    log: (text) => lines.push(text),
    flushMs: 1,
    ...options,
  });
  sockets.push(socket);
  await socket.listen();
  return { socket, address, commands, lines };
}

function reader(core: Core): Reader {
  const one = new Reader(core.address);
  readers.push(one);
  return one;
}

async function readyReader(core: Core): Promise<Reader> {
  const one = reader(core);
  one.hello();
  await waitFor('ready', () => one.ready);
  return one;
}

afterEach(async () => {
  for (const one of readers.splice(0)) one.socket.destroy();
  for (const socket of sockets.splice(0)) await socket.close();
});

describe('EventSocket', () => {
  test.skipIf(process.platform === 'win32')('its socket file is for this user only', async () => {
    const { address, socket } = await startCore();
    expect(statSync(address).mode & 0o777).toBe(0o600);
    await socket.close();
    expect(existsSync(address)).toBe(false);
  });

  test('greets with meta, replays the newest state, then says ready', async () => {
    const core = await startCore();
    core.socket.send(engineFrame(), 0);
    core.socket.send(orderFrame(1), 0);
    core.socket.send(orderFrame(1, { status: STATUS_FILLED }), 0);
    core.socket.send(fillFrame(1), 0);
    for (let price = 100_000; price < 100_500; price += 100) core.socket.send(tickFrame(price), 0);
    core.socket.sendJson('health', { actors: [] });
    const one = await readyReader(core);
    expect(one.json.map((message) => message.kind)).toEqual(['meta', 'health', 'ready']);
    expect(one.orders).toEqual([`1:${STATUS_FILLED}`]);
    expect([one.count(TYPE_FILL), one.count(TYPE_SNAPSHOT_TICK)]).toEqual([1, 1]);
    expect(core.socket.connected).toBe(true);
  });

  test('sends a universe of 5,000 instruments in parts', async () => {
    const instruments = Array.from({ length: 5_000 }, (_, index) => ({
      index,
      symbol: `${600_000 + index}.SH`,
      name: '某某某某某某某某',
      decimals: 2,
    }));
    const core = await startCore({ meta: makeMeta({ instruments }) });
    const one = await readyReader(core);
    const lists = one.json.flatMap(({ kind, value }) =>
      kind === 'meta'
        ? (value as { instruments: unknown[] }).instruments
        : kind === 'instruments'
          ? (value as unknown[])
          : [],
    );
    expect(lists).toEqual(instruments);
  });

  test('keeps open orders and drops the oldest finished ones beyond the limit', async () => {
    const core = await startCore();
    core.socket.send(orderFrame(1), 0);
    for (let no = 2; no <= CACHED_ORDERS + 500; no++) {
      core.socket.send(orderFrame(no, { status: STATUS_FILLED }), 0);
    }
    const one = await readyReader(core);
    expect(one.orders).toHaveLength(CACHED_ORDERS);
    expect(one.orders).toContain('1:3');
    expect(one.orders).toContain(`${CACHED_ORDERS + 500}:${STATUS_FILLED}`);
    expect(one.orders).not.toContain(`2:${STATUS_FILLED}`);
  });

  test('streams to several readers, each frame once and in order', async () => {
    const core = await startCore();
    const all = [await readyReader(core), await readyReader(core)];
    for (let no = 1; no <= 3_000; no++) core.socket.send(orderFrame(no), 0);
    for (const one of all) {
      await waitFor('3,000 orders', () => one.orders.length === 3_000);
      expect(one.orders).toEqual(Array.from({ length: 3_000 }, (_, i) => `${i + 1}:3`));
    }
  });

  test('hands on kill, cancel and the switches of risk, and only those', async () => {
    const core = await startCore();
    const good = await readyReader(core);
    good.frame(killFrame());
    good.frame(cancelFrame());
    good.frame(frame(RiskResume, { scope: 2 }));
    good.frame(frame(MarketPause, { market: 3, on: 1 }));
    good.frame(frame(RiskConfirm, { decision: 1 }));
    good.frame(frame(OrderSettle, { outcome: 3 }));
    await waitFor('six commands', () => core.commands.length === 6);
    expect(core.commands).toEqual([
      ...[TYPE_KILL, TYPE_CANCEL_COMMAND, RiskResume.TYPE, MarketPause.TYPE],
      ...[RiskConfirm.TYPE, OrderSettle.TYPE],
    ]);
    for (const memory of [
      orderFrame(1),
      killFrame({ on: 0 }),
      killFrame({ scope: 9 }),
      cancelFrame({ scope: 0 }),
      frame(RiskResume, { scope: 1 }),
      frame(MarketPause, { market: 4, on: 1 }),
      frame(MarketPause, { market: 0, on: 2 }),
      frame(RiskConfirm, { decision: 3 }),
      frame(OrderSettle, { outcome: 0 }),
    ]) {
      const bad = await readyReader(core);
      bad.frame(memory);
      await waitFor('drop', () => bad.closed);
    }
    expect(core.commands).toHaveLength(6);
    expect(core.lines.join('\n')).toContain('OrderUpdate is not a command');
    expect(good.closed).toBe(false);
  });

  test('drops a wrong secret, another schema, garbage, a frame before the hello', async () => {
    const core = await startCore();
    const attempts: [(one: Reader) => void, string][] = [
      [(one) => one.hello('x'.repeat(32)), 'wrong secret'],
      [(one) => one.hello(SECRET, '00'), 'message schema 00'],
      [(one) => one.frame(killFrame()), 'a frame before the hello'],
      [(one) => one.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'payload length'],
      [(one) => one.socket.write(jsonMessage('log', { a: 1 }) ?? ''), 'not a hello'],
    ];
    for (const [act, reason] of attempts) {
      const one = reader(core);
      act(one);
      await waitFor(`drop for ${reason}`, () => one.closed);
      expect(core.lines.at(-1)).toContain(reason);
      expect(one.json).toEqual([]);
    }
    expect(core.socket.stats.refused).toBe(attempts.length);
    expect(core.commands).toEqual([]);
    expect(core.lines.join()).not.toContain(SECRET);
  });

  test('a reader that stops gets the newest books and every order later', async () => {
    const core = await startCore({ slowBytes: 10_000 });
    const slow = await readyReader(core);
    slow.socket.pause();
    let no = 0;
    // The kernel's buffers fill first; from then on the reader counts as slow.
    while (core.socket.stats.conflated < 1_000) {
      no++;
      core.socket.send(orderFrame(no), 0);
      for (let i = 0; i < 20; i++) core.socket.send(tickFrame(100_000 + no * 100), 0);
      if (no % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    slow.socket.resume();
    await waitFor('all orders', () => slow.orders.length === no);
    core.socket.send(latencyFrame(1), 0);
    await waitFor('the stream goes on', () => slow.types.at(-1) === 401);
    expect(slow.orders).toEqual(Array.from({ length: no }, (_, i) => `${i + 1}:3`));
    expect(slow.count(TYPE_SNAPSHOT_TICK)).toBeLessThan(no * 20);
    expect(slow.count(TYPE_SNAPSHOT_TICK) + core.socket.stats.conflated).toBe(no * 20);
  });

  test('a flood leaves a slow reader all fills and the newest of the rest', async () => {
    const core = await startCore({ slowBytes: 10_000, backlogBytes: 200_000 });
    const slow = await readyReader(core);
    slow.socket.pause();
    let no = 0;
    // Until the queue was thinned out several times; updates before that went out in order.
    while (core.socket.stats.lost < 5_000) {
      no++;
      core.socket.send(orderFrame(no % 40), 0);
      for (let i = 0; i < 10; i++) core.socket.send(rejectFrame(no % 300), 0);
      if (no % 20 === 0) core.socket.send(fillFrame(no), 0);
      if (no % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    for (let i = 0; i < 40; i++) core.socket.send(orderFrame(i, { status: STATUS_FILLED }), 0);
    // Thinned out once more: the last updates of the orders are in no queue now.
    const lost = core.socket.stats.lost;
    while (core.socket.stats.lost === lost) core.socket.send(rejectFrame(299), 0);
    slow.socket.resume();
    core.socket.send(latencyFrame(1), 0);
    const ends = () => slow.count(TYPE_FILL) === Math.floor(no / 20) && slow.orders.length > 0;
    await waitFor('all fills', ends);
    core.socket.send(latencyFrame(2), 0);
    await waitFor('the stream goes on', () => slow.types.at(-1) === 401);
    expect(core.socket.stats.droppedSlow).toBe(0);
    expect(slow.closed).toBe(false);
    const newest = new Map(slow.orders.map((text) => text.split(':') as [string, string]));
    expect([...newest.values()]).toEqual(Array(40).fill(String(STATUS_FILLED)));
    expect(slow.count(TYPE_REJECT)).toBeLessThan(no * 10);
  });

  test('a reader that never reads is dropped, and the others miss nothing', async () => {
    const core = await startCore({ slowBytes: 10_000, backlogBytes: 50_000 });
    const good = await readyReader(core);
    const stuck = await readyReader(core);
    stuck.socket.pause();
    let no = 0;
    while (core.socket.stats.droppedSlow === 0) {
      core.socket.send(fillFrame(++no), 0);
      const all = () => good.count(TYPE_FILL) >= no - 200;
      if (no % 200 === 0) await waitFor('the good reader', all);
    }
    await waitFor('all fills', () => good.count(TYPE_FILL) === no);
    expect(core.socket.stats.droppedSlow).toBe(1);
    expect(core.lines.at(-1)).toContain('it does not read');
    stuck.socket.resume();
    await waitFor('the end of the stuck reader', () => stuck.closed);
    expect(good.closed).toBe(false);
  });

  test('takes over the socket file of a killed run, not that of a living one', async () => {
    const core = await startCore();
    await expect(startCore({ address: core.address })).rejects.toThrow('another process');
    const address = localAddress(`test-${randomBytes(6).toString('hex')}`);
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(address, resolve));
    // What kill -9 leaves: the file without its server. Node removes it at close, so put it back.
    const { renameSync } = await import('node:fs');
    renameSync(address, `${address}.kept`);
    await new Promise<void>((resolve) => stale.close(() => resolve()));
    renameSync(`${address}.kept`, address);
    const next = await startCore({ address });
    expect((await readyReader(next)).ready).toBe(true);
  });

  test('refuses a short secret', () => {
    const options = { address: '', meta: makeMeta(), onCommand: () => {} };
    expect(() => new EventSocket({ ...options, secret: 'short' })).toThrow('at least 16');
  });
});

describe('localAddress', () => {
  test('is a socket in the temporary folder, on Windows a named pipe', () => {
    expect(localAddress('r1', 'linux', '/tmp')).toBe('/tmp/pankou-r1.sock');
    expect(localAddress('r1', 'win32')).toBe('\\\\.\\pipe\\pankou-r1');
  });

  test('refuses an id that could leave the folder and a path that the system cannot hold', () => {
    expect(() => localAddress('../x')).toThrow("runId='../x'");
    const folder = `/${'d'.repeat(90)}`;
    expect(() => localAddress('run-123456', 'linux', folder)).toThrow('TMPDIR');
    expect(() => localAddress('run-1', 'darwin', `/${'d'.repeat(85)}`)).toThrow('at most 103');
  });
});
