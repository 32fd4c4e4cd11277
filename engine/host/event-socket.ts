// The core's side of the link to the api process: a local socket that streams frames out and takes
// kills, cancels, orders and switches of risk in. Called by the core's main thread, never by an
// actor. Always: send() neither blocks nor throws; a slow reader costs bounded memory and then its
// connection; a reader without the secret, or that sends anything but commands, is dropped.
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { must } from '../assert.ts';
import { isStage } from '../core/arming.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  CONFIRM_NO,
  CONFIRM_YES,
  MARKET_BSE,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_ORDER,
  SCOPE_STRATEGY,
  SETTLE_FILLED,
  SETTLE_REJECTED,
} from '../messages/codes.ts';
import { type FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import { Arming } from '../messages/generated/broker.ts';
import {
  CancelCommand,
  Kill,
  MarketPause,
  OrderSettle,
  RiskConfirm,
  RiskResume,
} from '../messages/generated/control.ts';
import { Intent } from '../messages/generated/order.ts';
import {
  SCHEMA_HASH,
  TYPE_ARMING,
  TYPE_CANCEL_COMMAND,
  TYPE_FILL,
  TYPE_INTENT,
  TYPE_KILL,
  TYPE_MARKET_PAUSE,
  TYPE_NAMES,
  TYPE_ORDER_SETTLE,
  TYPE_ORDER_UPDATE,
  TYPE_PARENT_INTENT,
  TYPE_PARENT_UPDATE,
  TYPE_REJECT,
  TYPE_RISK_CONFIRM,
  TYPE_RISK_RESUME,
} from '../messages/generated/types.ts';
import {
  LINK_HEADER_BYTES,
  LINK_KIND_JSON,
  LINK_MAX_PAYLOAD,
  LINK_OK,
  LINK_TEXTS,
  type LinkHandler,
  LinkReader,
  writeLinkFrame,
  writeLinkHeader,
} from '../messages/link-format.ts';
import type { LinkHealth, LinkLog, LinkMeta } from '../messages/link-types.ts';
import { CACHED_REJECTS, EventCache } from './event-cache.ts';
import { isPipeAddress } from './local-address.ts';

export interface EventSocketOptions {
  /** From localAddress(). */
  readonly address: string;
  /** The api process proves with it that the launcher started it; at least 16 characters. */
  readonly secret: string;
  readonly meta: LinkMeta;
  /** A checked command: Kill (on), CancelCommand, Intent, ParentIntent, RiskResume, MarketPause,
   *  RiskConfirm, OrderSettle, Arming; valid during the call only. */
  readonly onCommand: (type: number, memory: FrameMemory, at: number) => void;
  /** Lines for people: who was dropped and why. */
  readonly log?: (text: string) => void;
  /** Milliseconds that frames are gathered before they are written; 10 by default. */
  readonly flushMs?: number;
  /** Unsent bytes after which a reader counts as slow; 1 MiB by default. */
  readonly slowBytes?: number;
  /** Bytes of orders, fills and rejects queued for a slow reader, 4 MiB; beyond it only fills and
   *  the newest states are kept, and a reader that not even those fit for is dropped. */
  readonly backlogBytes?: number;
}

/** Counts since start. */
export interface EventSocketStats {
  accepted: number;
  /** Frames handed to send(). */
  frames: number;
  /** Frames a slow reader did not get because a newer one of the same key replaced them. */
  conflated: number;
  /** Frames of no lasting interest (latency, trades), old rejects and log lines that a slow reader
   *  lost. */
  lost: number;
  /** Connections dropped because their backlog was full. */
  droppedSlow: number;
  /** Connections dropped for a wrong secret, garbage, or a message that is no command. */
  refused: number;
  commands: number;
}

const BATCH_BYTES = 65_536;
/** The state for a newcomer is written in pieces of this size. */
const STATE_PIECE_BYTES = 1 << 20;
const AUTH_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 8;
const CLOSE_GRACE_MS = 500;
/** An instrument takes some 250 bytes of JSON. */
const INSTRUMENTS_PER_MESSAGE = 200;

const Hello = z.strictObject({
  kind: z.literal('hello'),
  value: z.strictObject({ secret: z.string().max(256), schemaHash: z.string().max(64) }),
});

/** A message that waits for a slow reader, and its frame's type. */
interface Waiting {
  readonly type: number;
  /** Of an order update: its order, see EventCache.orderKeyOf; else ''. */
  readonly order: string;
  readonly message: Buffer;
}

/** One connection: what it proved, and what waits for it while it is slow. */
class Peer implements LinkHandler {
  readonly socket: Socket;
  readonly reader = new LinkReader();
  /** It sent the secret and has been given the state. */
  admitted = false;
  /** It does not keep up: nothing is written until its socket has drained. */
  behind = false;
  queue: Waiting[] = [];
  queueBytes = 0;
  /** Conflation keys whose newest frame it still has to get. */
  readonly stale = new Set<string>();
  /** Orders whose newest state it still has to get: their updates no longer fitted the queue. */
  readonly staleOrders = new Set<string>();
  staleHealth: Buffer | undefined;
  /** Why the last message was refused. */
  refusal = '';
  readonly #owner: EventSocket;

  constructor(socket: Socket, owner: EventSocket) {
    this.socket = socket;
    this.#owner = owner;
  }

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    return this.#owner.takeCommand(this, type, memory, at);
  }

  onJson(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#owner.takeHello(this, Buffer.from(bytes.subarray(from, to)).toString('utf8'));
  }
}

export class EventSocket {
  readonly stats: EventSocketStats = {
    accepted: 0,
    frames: 0,
    conflated: 0,
    lost: 0,
    droppedSlow: 0,
    refused: 0,
    commands: 0,
  };
  readonly #options: EventSocketOptions;
  readonly #flushMs: number;
  readonly #slowBytes: number;
  readonly #backlogBytes: number;
  readonly #secretHash: Buffer;
  readonly #cache = new EventCache();
  readonly #peers = new Set<Peer>();
  /** Messages of this moment for every reader that keeps up. */
  readonly #batch = Buffer.alloc(BATCH_BYTES + LINK_HEADER_BYTES + LINK_MAX_PAYLOAD);
  #batchBytes = 0;
  #flushTimer: NodeJS.Timeout | undefined;
  #health: Buffer | undefined;
  readonly #meta: LinkMeta;
  #server: Server | undefined;
  readonly #kill = new Kill();
  readonly #cancel = new CancelCommand();
  readonly #intent = new Intent();
  readonly #resume = new RiskResume();
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #pause = new MarketPause();
  readonly #arming = new Arming();

  /** Throws when the secret is shorter than 16 characters or the meta too long to send. */
  constructor(options: EventSocketOptions) {
    if (options.secret.length < 16) {
      throw new Error(`secret has ${options.secret.length} characters, expected at least 16`);
    }
    metaMessages(options.meta); // throws now, not when somebody connects
    this.#options = options;
    this.#meta = options.meta;
    this.#flushMs = options.flushMs ?? 10;
    this.#slowBytes = options.slowBytes ?? 1 << 20;
    this.#backlogBytes = options.backlogBytes ?? 4 << 20;
    this.#secretHash = sha256(options.secret);
  }

  /** Whether an api process is there that proved itself. */
  get connected(): boolean {
    for (const peer of this.#peers) if (peer.admitted) return true;
    return false;
  }

  /** Opens the socket (0600). Rejects when another live process serves the address. */
  async listen(): Promise<void> {
    const { address } = this.#options;
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    try {
      await listenOn(server, address);
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || isPipeAddress(address)) throw error;
      if (await isServed(address)) {
        throw new Error(`the local socket ${address} is served by another process`);
      }
      unlinkSync(address); // left behind by a killed run
      await listenOn(server, address);
    }
    if (!isPipeAddress(address)) chmodSync(address, 0o600);
    server.on('error', (error) => this.#log(`event socket: ${error.message}`));
  }

  /** Takes a copy of the frame at byte `at` for every reader; never blocks, never throws. */
  send(memory: FrameMemory, at: number): void {
    const type = frameType(memory, at);
    this.stats.frames++;
    this.#cache.store(type, memory, at);
    if (this.#peers.size === 0) return;
    const bytes = frameLength(memory, at) + LINK_HEADER_BYTES;
    // Before the readers are asked: a flush may find that one of them is slow.
    if (this.#batchBytes + bytes > BATCH_BYTES) this.#flush();
    let keepingUp = false;
    for (const peer of this.#peers) {
      if (!peer.admitted) continue;
      if (peer.behind) this.#hold(peer, type, memory, at);
      else keepingUp = true;
    }
    if (!keepingUp) return;
    this.#batchBytes += writeLinkFrame(memory, at, this.#batch, this.#batchBytes);
    this.#scheduleFlush();
  }

  /** Sends `{kind, value}` as JSON; beyond 64 KiB it is counted as lost. The last health stays. */
  sendJson(kind: 'health' | 'log', value: LinkHealth | LinkLog): void {
    const message = jsonMessage(kind, value);
    if (message === undefined) {
      this.stats.lost++;
      this.#log(`event socket: a ${kind} message above ${LINK_MAX_PAYLOAD} bytes was not sent`);
      return;
    }
    if (kind === 'health') this.#health = message;
    if (this.#batchBytes + message.length > BATCH_BYTES) this.#flush();
    let keepingUp = false;
    for (const peer of this.#peers) {
      if (!peer.admitted) continue;
      if (!peer.behind) keepingUp = true;
      else if (kind === 'health') peer.staleHealth = message;
      else this.stats.lost++;
    }
    if (!keepingUp) return;
    message.copy(this.#batch, this.#batchBytes);
    this.#batchBytes += message.length;
    this.#scheduleFlush();
  }

  /** Sends what is gathered, ends all connections and gives the address back. */
  async close(): Promise<void> {
    this.#flush();
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const peer of this.#peers) peer.socket.end();
    const timer = setTimeout(() => {
      for (const peer of this.#peers) peer.socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(timer);
  }

  /** For Peer only: the first JSON message must carry the secret, and nothing may follow it. */
  takeHello(peer: Peer, text: string): boolean {
    if (peer.admitted) return refuse(peer, 'JSON after the hello');
    const hello = Hello.safeParse(parseJson(text));
    if (!hello.success) return refuse(peer, 'the first message is not a hello');
    if (!timingSafeEqual(sha256(hello.data.value.secret), this.#secretHash)) {
      return refuse(peer, 'wrong secret');
    }
    if (hello.data.value.schemaHash !== SCHEMA_HASH) {
      const theirs = hello.data.value.schemaHash;
      return refuse(peer, `message schema ${theirs}, expected ${SCHEMA_HASH}: restart both sides`);
    }
    this.#admit(peer);
    return true;
  }

  /** For Peer only: hands on a command, refuses everything else. */
  takeCommand(peer: Peer, type: number, memory: FrameMemory, at: number): boolean {
    if (!peer.admitted) return refuse(peer, 'a frame before the hello');
    const fault = this.#faultOf(type, memory, at);
    if (fault !== '') return refuse(peer, fault);
    this.stats.commands++;
    this.#options.onCommand(type, memory, at);
    return true;
  }

  /** What is wrong with a command; '' = nothing. */
  #faultOf(type: number, memory: FrameMemory, at: number): string {
    switch (type) {
      case TYPE_KILL: {
        const { scope, on } = this.#kill.wrap(memory, at);
        if (on !== 1) return `Kill on=${on}, expected 1: no kill is cleared from here`;
        return scope < SCOPE_FIRM || scope > SCOPE_STRATEGY ? `Kill scope=${scope}` : '';
      }
      case TYPE_CANCEL_COMMAND: {
        const { scope } = this.#cancel.wrap(memory, at);
        return scope < SCOPE_FIRM || scope > SCOPE_ORDER ? `Cancel scope=${scope}` : '';
      }
      case TYPE_INTENT: {
        const { action } = this.#intent.wrap(memory, at);
        const isKnown = action === ACTION_PLACE || action === ACTION_CANCEL;
        return isKnown ? '' : `Intent action=${action}`;
      }
      case TYPE_PARENT_INTENT:
        return '';
      case TYPE_RISK_CONFIRM: {
        const { decision } = this.#confirm.wrap(memory, at);
        const isKnown = decision === CONFIRM_YES || decision === CONFIRM_NO;
        return isKnown ? '' : `RiskConfirm decision=${decision}`;
      }
      case TYPE_ORDER_SETTLE: {
        const { outcome } = this.#settle.wrap(memory, at);
        const isKnown = outcome >= SETTLE_FILLED && outcome <= SETTLE_REJECTED;
        return isKnown ? '' : `OrderSettle outcome=${outcome}`;
      }
      case TYPE_ARMING: {
        const { stage } = this.#arming.wrap(memory, at);
        return isStage(stage) ? '' : `Arming stage=${stage}`;
      }
      case TYPE_RISK_RESUME: {
        const { scope } = this.#resume.wrap(memory, at);
        return scope < SCOPE_ACCOUNT || scope > SCOPE_STRATEGY ? `RiskResume scope=${scope}` : '';
      }
      case TYPE_MARKET_PAUSE: {
        const { market, on } = this.#pause.wrap(memory, at);
        if (on !== 0 && on !== 1) return `MarketPause on=${on}`;
        return market < 0 || market > MARKET_BSE ? `MarketPause market=${market}` : '';
      }
      default:
        return `${TYPE_NAMES.get(type) ?? type} is not a command`;
    }
  }

  #accept(socket: Socket): void {
    if (this.#peers.size >= MAX_CONNECTIONS) {
      this.#log(`event socket: connection refused, ${MAX_CONNECTIONS} are open`);
      socket.destroy();
      return;
    }
    this.stats.accepted++;
    const peer = new Peer(socket, this);
    this.#peers.add(peer);
    const timer = setTimeout(() => this.#drop(peer, 'no hello within 5 s'), AUTH_TIMEOUT_MS);
    timer.unref();
    socket.on('data', (chunk: Buffer) => {
      const code = peer.reader.push(chunk, peer);
      if (peer.admitted) clearTimeout(timer);
      if (code === LINK_OK) return;
      this.stats.refused++;
      this.#drop(peer, peer.refusal === '' ? LINK_TEXTS[-code] : peer.refusal);
    });
    socket.on('drain', () => this.#catchUp(peer));
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy()); // the close event follows and is the news
    socket.on('close', () => {
      clearTimeout(timer);
      this.#peers.delete(peer);
    });
  }

  /** Gives the whole state to a reader that proved itself: meta, newest frames, `ready`. */
  #admit(peer: Peer): void {
    this.#flush();
    let parts = metaMessages(this.#meta);
    let bytes = 0;
    // A day's orders are some 30 MB: in pieces, so that they are not all held twice.
    this.#cache.replay((memory, at) => {
      const message = frameMessage(memory, at);
      parts.push(message);
      bytes += message.length;
      if (bytes < STATE_PIECE_BYTES) return;
      peer.socket.write(Buffer.concat(parts));
      parts = [];
      bytes = 0;
    });
    if (this.#health !== undefined) parts.push(this.#health);
    parts.push(must(jsonMessage('ready', {}), 'a ready message is short'));
    peer.socket.write(Buffer.concat(parts));
    peer.admitted = true;
    this.#markSlow(peer);
  }

  #scheduleFlush(): void {
    if (this.#flushTimer !== undefined) return;
    this.#flushTimer = setTimeout(() => this.#flush(), this.#flushMs);
    this.#flushTimer.unref();
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#batchBytes === 0) return;
    const chunk = Buffer.from(this.#batch.subarray(0, this.#batchBytes));
    this.#batchBytes = 0;
    for (const peer of this.#peers) {
      if (!peer.admitted || peer.behind || !peer.socket.writable) continue;
      peer.socket.write(chunk);
      this.#markSlow(peer);
    }
  }

  #markSlow(peer: Peer): void {
    // Only a socket that will say `drain` may be held, or it would never catch up.
    const { writableLength, writableNeedDrain } = peer.socket;
    if (writableNeedDrain && writableLength > this.#slowBytes) peer.behind = true;
  }

  /** What a slow reader must not lose is queued, what has a newer version is only remembered. */
  #hold(peer: Peer, type: number, memory: FrameMemory, at: number): void {
    const key = this.#cache.keyOf(type, memory, at);
    if (key !== '') {
      if (peer.stale.has(key)) this.stats.conflated++;
      else peer.stale.add(key);
    } else if (isHappening(type)) {
      const order = type === TYPE_ORDER_UPDATE ? this.#cache.orderKeyOf(memory, at) : '';
      this.#queue(peer, { type, order, message: frameMessage(memory, at) });
    } else {
      this.stats.lost++;
    }
  }

  #queue(peer: Peer, waiting: Waiting): void {
    peer.queue.push(waiting);
    peer.queueBytes += waiting.message.length;
    if (peer.queueBytes <= this.#backlogBytes) return;
    this.#thinOut(peer);
    // So far below the bound that thinning out again is rare.
    if (peer.queueBytes <= this.#backlogBytes / 2) return;
    this.stats.droppedSlow++;
    this.#drop(peer, `it does not read: more than ${this.#backlogBytes} bytes of fills wait`);
  }

  /** A full queue (a strategy floods) keeps all fills, of orders the newest state, and of rejects
   *  the newest few; else a reader would be dropped, given the whole state, and dropped again. */
  #thinOut(peer: Peer): void {
    const rejects = peer.queue.reduce((n, { type }) => n + Number(type === TYPE_REJECT), 0);
    let tooMany = rejects - Math.min(CACHED_REJECTS, this.#backlogBytes >> 10);
    const kept: Waiting[] = [];
    for (const waiting of peer.queue) {
      if (waiting.order !== '') {
        this.stats.conflated++;
        peer.staleOrders.add(waiting.order);
      } else if (waiting.type === TYPE_REJECT && tooMany-- > 0) this.stats.lost++;
      else kept.push(waiting);
    }
    peer.queue = kept;
    peer.queueBytes = kept.reduce((bytes, { message }) => bytes + message.length, 0);
  }

  /** The socket has drained: first what happened, in order, then the newest states. */
  #catchUp(peer: Peer): void {
    if (!peer.behind) return;
    const parts = peer.queue.map(({ message }) => message);
    // Behind the queue: a newer update of the same order may wait in it.
    for (const key of peer.staleOrders) {
      this.#cache.visitOrder(key, (memory, at) => parts.push(frameMessage(memory, at)));
    }
    for (const key of peer.stale) {
      const frame = this.#cache.latest(key);
      if (frame !== undefined) parts.push(frameMessage(frame));
    }
    if (peer.staleHealth !== undefined) parts.push(peer.staleHealth);
    peer.queue = [];
    peer.queueBytes = 0;
    peer.stale.clear();
    peer.staleOrders.clear();
    peer.staleHealth = undefined;
    // Messages gathered for the others since the flush are not for this reader: it was held.
    this.#flush();
    peer.behind = false;
    if (parts.length > 0) peer.socket.write(Buffer.concat(parts));
    this.#markSlow(peer);
  }

  #drop(peer: Peer, why: string): void {
    this.#peers.delete(peer);
    peer.queue = [];
    peer.queueBytes = 0;
    peer.socket.destroy();
    this.#log(`event socket: connection dropped: ${why}`);
  }

  #log(text: string): void {
    this.#options.log?.(text);
  }
}

/** A message around JSON, or undefined when it is too long. */
export function jsonMessage(kind: string, value: object): Buffer | undefined {
  const text = Buffer.from(JSON.stringify({ kind, value }), 'utf8');
  if (text.length > LINK_MAX_PAYLOAD) return undefined;
  const message = Buffer.alloc(LINK_HEADER_BYTES + text.length);
  text.copy(message, LINK_HEADER_BYTES);
  writeLinkHeader(message, 0, text.length, LINK_KIND_JSON);
  return message;
}

/** The meta, its instruments in parts that fit a message each. */
function metaMessages(meta: LinkMeta): Buffer[] {
  const { instruments } = meta;
  const first = { ...meta, instruments: instruments.slice(0, INSTRUMENTS_PER_MESSAGE) };
  const parts = [must(jsonMessage('meta', first), 'meta without instruments is above 64 KiB')];
  for (let i = INSTRUMENTS_PER_MESSAGE; i < instruments.length; i += INSTRUMENTS_PER_MESSAGE) {
    const some = instruments.slice(i, i + INSTRUMENTS_PER_MESSAGE);
    parts.push(must(jsonMessage('instruments', some), 'names of instruments are too long'));
  }
  return parts;
}

function frameMessage(memory: FrameMemory, at = 0): Buffer {
  const message = Buffer.alloc(LINK_HEADER_BYTES + frameLength(memory, at));
  writeLinkFrame(memory, at, message, 0);
  return message;
}

function refuse(peer: Peer, why: string): boolean {
  peer.refusal = why;
  return false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function listenOn(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** Whether somebody answers at the address; a file that a killed process left behind does not. */
function isServed(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** What a slow reader must not miss, and what has no newer version. */
function isHappening(type: number): boolean {
  return (
    type === TYPE_ORDER_UPDATE ||
    type === TYPE_FILL ||
    type === TYPE_REJECT ||
    type === TYPE_PARENT_UPDATE
  );
}
