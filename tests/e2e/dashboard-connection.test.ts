// The page's connection, driven with hand-made sockets and a hand-turned clock: it comes back after
// a loss, notices silence and holes, sends a command once, and always answers its caller.
import { describe, expect, test } from 'vitest';
import {
  type CommandResult,
  Connection,
  FIRST_RETRY_MS,
  LAST_RETRY_MS,
  type LinkStatus,
  REPLY_MS,
  RESYNC_MS,
  retryDelayMs,
  SILENCE_MS,
  type SocketLike,
} from '../../dashboards/src/connection.ts';

interface Timer {
  id: number;
  atMs: number;
  run: () => void;
}

/** A clock that moves only when told to. */
class HandClock {
  nowMs = 0;
  #timers: Timer[] = [];
  #nextId = 1;

  set(run: () => void, ms: number): number {
    const id = this.#nextId++;
    this.#timers.push({ id, atMs: this.nowMs + ms, run });
    return id;
  }

  clear(id: number): void {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.nowMs = due.atMs;
      this.clear(due.id);
      due.run();
    }
    this.nowMs = endMs;
  }

  get waiting(): number {
    return this.#timers.length;
  }
}

class HandSocket implements SocketLike {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  give(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  commands(): Record<string, unknown>[] {
    return this.sent.filter((message) => message['op'] !== 'ping');
  }
}

const HELLO = {
  ...{ t: 'hello', protocol: 1, version: '0.1.0', engineId: 'e', day: 20260105 },
  ...{ pace: 'realtime', mode: 'paper', speed: 1 },
};
const SNAPSHOT = {
  ...{ t: 'snapshot', seq: 0, engine: {}, account: [], positions: [], orders: [], fills: [] },
  ...{ rejects: [], books: [], prices: {}, latency: {} },
};

function bench() {
  const clock = new HandClock();
  const sockets: HandSocket[] = [];
  const statuses: LinkStatus[] = [];
  let batchResult: 'applied' | 'hole' = 'applied';
  const connection = new Connection(
    {
      openSocket: () => {
        const socket = new HandSocket();
        sockets.push(socket);
        return socket;
      },
      setTimer: (run, ms) => clock.set(run, ms),
      clearTimer: (id) => clock.clear(id),
      random: () => 0,
    },
    {
      onHello: () => undefined,
      onSnapshot: () => undefined,
      onEvents: () => batchResult,
      onStatus: (status) => statuses.push(status),
    },
  );
  const goLive = (): HandSocket => {
    const socket = sockets.at(-1)!;
    socket.onopen?.();
    socket.give(HELLO);
    socket.give(SNAPSHOT);
    return socket;
  };
  return {
    ...{ clock, sockets, connection, goLive },
    status: () => statuses.at(-1),
    nextBatch: (result: 'applied' | 'hole') => {
      batchResult = result;
    },
  };
}

describe('connection', () => {
  test('is live once the snapshot has arrived, not before', () => {
    const b = bench();
    b.connection.connect();
    b.sockets[0]!.onopen?.();
    b.sockets[0]!.give(HELLO);
    expect(b.status()?.phase).toBe('connecting');
    b.sockets[0]!.give(SNAPSHOT);
    expect(b.status()).toEqual({ phase: 'live', failures: 0, retryInMs: 0, reason: '' });
  });

  test('waits longer after each failure, up to a bound, and starts over once live', () => {
    const b = bench();
    b.connection.connect();
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      b.sockets.at(-1)!.onclose?.();
      waits.push(b.status()!.retryInMs);
      b.clock.advance(b.status()!.retryInMs);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, LAST_RETRY_MS, LAST_RETRY_MS]);
    b.goLive().onclose?.();
    expect(b.status()?.retryInMs).toBe(FIRST_RETRY_MS);
  });

  test('spreads reconnects by chance but never beyond the pause announced', () => {
    expect(retryDelayMs(1, 0)).toBe(500);
    expect(retryDelayMs(1, 0.999)).toBe(400);
    expect(retryDelayMs(40, 0)).toBe(LAST_RETRY_MS);
  });

  test('has one socket at most, however often it is told to connect', () => {
    const b = bench();
    b.connection.connect();
    b.connection.connect();
    expect(b.sockets).toHaveLength(1);
    b.sockets[0]!.onclose?.();
    b.connection.connect();
    b.clock.advance(FIRST_RETRY_MS * 2);
    expect(b.sockets).toHaveLength(2);
  });

  test('asks a silent server for a sign of life, then drops the link', () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    b.clock.advance(SILENCE_MS);
    expect(socket.sent).toEqual([{ id: 1, op: 'ping' }]);
    expect(socket.closed).toBe(false);
    b.clock.advance(SILENCE_MS);
    expect(socket.closed).toBe(true);
    expect(b.status()?.phase).toBe('waiting');
  });

  test('keeps a link whose server answers the ping', () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    for (let i = 1; i <= 5; i += 1) {
      b.clock.advance(SILENCE_MS);
      socket.give({ t: 'reply', id: i, ok: true });
    }
    expect(socket.closed).toBe(false);
    expect(b.status()?.phase).toBe('live');
  });

  test('reports a hole as resyncing and is live again after the snapshot', () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    b.nextBatch('hole');
    socket.give({ t: 'events', seq: 5, items: [] });
    expect(b.status()?.phase).toBe('resyncing');
    socket.give(SNAPSHOT);
    expect(b.status()?.phase).toBe('live');
  });

  test('connects afresh when no snapshot heals the hole', () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    b.nextBatch('hole');
    for (let ms = 0; ms < RESYNC_MS; ms += 1000) {
      socket.give({ t: 'events', seq: 5, items: [] });
      b.clock.advance(1000);
    }
    expect(socket.closed).toBe(true);
  });

  test('drops a link that sends what cannot be read', () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    socket.onmessage?.({ data: '{"t":"events"' });
    expect(socket.closed).toBe(true);
    expect(b.status()?.reason).toContain('not JSON');
  });

  test('says so when the server speaks another protocol, and sends it nothing', async () => {
    const b = bench();
    b.connection.connect();
    b.sockets[0]!.onopen?.();
    b.sockets[0]!.give({ ...HELLO, protocol: 2 });
    b.sockets[0]!.give(SNAPSHOT);
    expect(b.status()).toMatchObject({ phase: 'incompatible', reason: '2' });
    const result = await b.connection.send({ op: 'kill', token: 't' });
    expect(result).toMatchObject({ ok: false, code: 'not-connected' });
    expect(b.sockets[0]!.sent).toEqual([]);
  });
});

describe('commands', () => {
  test('carry an id and settle with the reply of that id', async () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    const kill = b.connection.send({ op: 'kill', token: 't' });
    const cancel = b.connection.send({ op: 'cancel', coid: 'A1', token: 't' });
    expect(socket.sent).toEqual([
      { id: 1, op: 'kill', token: 't' },
      { id: 2, op: 'cancel', coid: 'A1', token: 't' },
    ]);
    socket.give({ t: 'reply', id: 2, ok: false, code: 'unauthorised', message: 'no' });
    socket.give({ t: 'reply', id: 1, ok: true });
    expect(await kill).toMatchObject({ ok: true });
    expect(await cancel).toMatchObject({ ok: false, code: 'unauthorised' });
  });

  test('are refused at once without a connection and not sent later', async () => {
    const b = bench();
    b.connection.connect();
    expect(await b.connection.send({ op: 'kill', token: 't' })).toMatchObject({
      code: 'not-connected',
    });
    expect(b.goLive().commands()).toEqual([]);
  });

  test('end as outcome unknown when the link breaks, and are not sent again', async () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    const pending: Promise<CommandResult> = b.connection.send({ op: 'kill', token: 't' });
    socket.onclose?.();
    expect(await pending).toMatchObject({ ok: false, code: 'disconnected' });
    b.clock.advance(FIRST_RETRY_MS);
    expect(b.goLive().commands()).toEqual([]);
  });

  test('end as outcome unknown when no reply comes in time', async () => {
    const b = bench();
    b.connection.connect();
    const socket = b.goLive();
    const pending = b.connection.send({ op: 'kill', token: 't' });
    for (let ms = 0; ms < REPLY_MS; ms += 1000) {
      socket.give({ t: 'events', seq: 1, items: [] });
      b.clock.advance(1000);
    }
    expect(await pending).toMatchObject({ ok: false, code: 'timeout' });
  });

  test('leave no timer behind once the page is gone', () => {
    const b = bench();
    b.connection.connect();
    b.goLive();
    void b.connection.send({ op: 'kill', token: 't' });
    b.connection.stop();
    expect(b.clock.waiting).toBe(0);
    expect(b.sockets[0]!.closed).toBe(true);
  });
});
