// The one WebSocket of the page: connects, reconnects with growing pauses, notices a silent link,
// sends commands and matches their replies. Called by engine-store.ts; sockets, timers and chance
// are handed in, so the tests drive it without a network. Always holds: at most one socket is open,
// a command is sent at most once and never held back for a later connection, and every command is
// answered: by the server, or locally with the reason why its outcome is not known.
import {
  type Bye,
  type ClientMessage,
  type Events,
  type Hello,
  PROTOCOL_VERSION,
  parseServerMessage,
  type Snapshot,
} from './protocol.ts';

export const FIRST_RETRY_MS = 500;
export const LAST_RETRY_MS = 10_000;
/** After this much silence the server is asked for a sign of life, after twice as much, dropped. */
export const SILENCE_MS = 3_000;
/** A reply that takes longer is reported as "outcome unknown". */
export const REPLY_MS = 5_000;
/** A hole that no snapshot heals within this time: connect afresh. */
export const RESYNC_MS = 5_000;

export type LinkPhase = 'connecting' | 'live' | 'resyncing' | 'waiting' | 'incompatible';

export interface LinkStatus {
  phase: LinkPhase;
  /** Connections lost or refused in a row. */
  failures: number;
  /** Milliseconds until the next attempt, when waiting. */
  retryInMs: number;
  /** What the server said before it closed, or which protocol it speaks. */
  reason: string;
}

export type LocalCode = 'not-connected' | 'no-token' | 'timeout' | 'disconnected';
export type CommandResult =
  | { ok: true; data?: unknown }
  | { ok: false; code: string; message: string };

/** The part of a browser WebSocket that is used here. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

/** What the page does with what arrives. `onEvents` says whether the batch left a hole. */
export interface LinkHandlers {
  onHello(hello: Hello): void;
  onSnapshot(snapshot: Snapshot): void;
  onEvents(events: Events): 'applied' | 'duplicate' | 'hole';
  onStatus(status: LinkStatus): void;
}

export interface LinkPorts {
  openSocket(): SocketLike;
  setTimer(run: () => void, ms: number): number;
  clearTimer(timer: number): void;
  /** Uniform in [0, 1): spreads the reconnects of many pages. */
  random(): number;
}

type TimerName = 'retry' | 'silence' | 'resync';

interface PendingCommand {
  resolve(result: CommandResult): void;
  timer: number;
}

/** A command without its id, as callers write it. */
export type Command = ClientMessage extends infer M
  ? M extends ClientMessage
    ? Omit<M, 'id'>
    : never
  : never;

/** Pause before attempt number `failures`: doubling, bounded, up to a fifth shorter by chance. */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (1 - 0.2 * random));
}

export class Connection {
  readonly #ports: LinkPorts;
  readonly #handlers: LinkHandlers;
  readonly #pending = new Map<number, PendingCommand>();
  #socket: SocketLike | undefined;
  #open = false;
  #stopped = false;
  #status: LinkStatus = { phase: 'connecting', failures: 0, retryInMs: 0, reason: '' };
  #nextId = 1;
  readonly #timers = new Map<TimerName, number>();
  /** A ping is out and nothing has arrived since. */
  #asked = false;

  constructor(ports: LinkPorts, handlers: LinkHandlers) {
    this.#ports = ports;
    this.#handlers = handlers;
  }

  /** Connect now, whatever pause was running. Harmless while a socket is open. */
  connect(): void {
    if (this.#socket !== undefined || this.#stopped) return;
    this.#clear('retry');
    const socket = this.#ports.openSocket();
    this.#socket = socket;
    this.#open = false;
    this.#asked = false;
    // A page that is too old stays marked until a hello it understands arrives.
    if (this.#status.phase !== 'incompatible') this.#report({ phase: 'connecting', retryInMs: 0 });
    socket.onopen = () => {
      if (this.#socket === socket) this.#open = true;
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#onText(event.data);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#onClosed();
    };
    this.#watchSilence();
  }

  /** Close for good (the page is going away). */
  stop(): void {
    this.#stopped = true;
    this.#clear('retry');
    if (this.#socket !== undefined) this.#drop();
  }

  /** Send one command. Resolves always; codes of LocalCode are made here, others by the server. */
  send(command: Command): Promise<CommandResult> {
    const socket = this.#socket;
    if (socket === undefined || !this.#open || this.#status.phase === 'incompatible') {
      return Promise.resolve({ ok: false, code: 'not-connected', message: '' });
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      const timer = this.#ports.setTimer(() => {
        this.#pending.delete(id);
        resolve({ ok: false, code: 'timeout', message: '' });
      }, REPLY_MS);
      this.#pending.set(id, { resolve, timer });
      socket.send(JSON.stringify({ id, ...command }));
    });
  }

  #onText(data: unknown): void {
    if (typeof data !== 'string') return;
    const parsed = parseServerMessage(data);
    if (parsed.kind === 'unknown') {
      this.#watchSilence();
      return;
    }
    if (parsed.kind === 'bad') {
      // What was in it is lost, so the copy can no longer be trusted: start over.
      this.#report({ reason: parsed.reason });
      this.#drop();
      return;
    }
    this.#asked = false;
    this.#watchSilence();
    const m = parsed.message;
    if (m.t === 'hello') this.#onHello(m);
    else if (this.#status.phase === 'incompatible') return;
    else if (m.t === 'snapshot') this.#onSnapshot(m);
    else if (m.t === 'events') this.#onEvents(m);
    else if (m.t === 'reply') this.#settle(m.id, m);
    else this.#onBye(m);
  }

  #onHello(hello: Hello): void {
    if (hello.protocol !== PROTOCOL_VERSION) {
      this.#report({ phase: 'incompatible', reason: String(hello.protocol) });
      return;
    }
    if (this.#status.phase === 'incompatible') this.#report({ phase: 'connecting', reason: '' });
    this.#handlers.onHello(hello);
  }

  #onSnapshot(snapshot: Snapshot): void {
    this.#clear('resync');
    this.#handlers.onSnapshot(snapshot);
    if (this.#status.phase !== 'live' || this.#status.failures !== 0) {
      this.#report({ phase: 'live', failures: 0, retryInMs: 0, reason: '' });
    }
  }

  #onEvents(events: Events): void {
    if (this.#handlers.onEvents(events) !== 'hole' || this.#timers.has('resync')) return;
    this.#report({ phase: 'resyncing' });
    this.#after('resync', RESYNC_MS, () => this.#drop());
  }

  #onBye(bye: Bye): void {
    this.#report({ reason: bye.reason });
  }

  #settle(id: number, result: CommandResult): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#ports.clearTimer(pending.timer);
    pending.resolve(result);
  }

  /** Restart the silence watch: first ask, then drop. */
  #watchSilence(): void {
    this.#after('silence', SILENCE_MS, () => {
      if (this.#asked || !this.#open) {
        this.#drop();
        return;
      }
      this.#asked = true;
      void this.send({ op: 'ping' });
      this.#watchSilence();
    });
  }

  /** Let go of the socket at once: a dead link may take minutes to report its close. */
  #drop(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    this.#onClosed();
  }

  #onClosed(): void {
    this.#socket = undefined;
    this.#open = false;
    this.#clear('silence');
    this.#clear('resync');
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, { ok: false, code: 'disconnected', message: '' });
    }
    if (this.#stopped) return;
    const failures = this.#status.failures + 1;
    const retryInMs = retryDelayMs(failures, this.#ports.random());
    const phase = this.#status.phase === 'incompatible' ? 'incompatible' : 'waiting';
    this.#report({ phase, failures, retryInMs });
    this.#after('retry', retryInMs, () => this.connect());
  }

  /** Run once after `ms`; a timer of the same name that still runs is replaced. */
  #after(name: TimerName, ms: number, run: () => void): void {
    this.#clear(name);
    const timer = this.#ports.setTimer(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, timer);
  }

  #clear(name: TimerName): void {
    const timer = this.#timers.get(name);
    if (timer === undefined) return;
    this.#timers.delete(name);
    this.#ports.clearTimer(timer);
  }

  #report(change: Partial<LinkStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#handlers.onStatus(this.#status);
  }
}
