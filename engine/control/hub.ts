// All WebSockets of the pages: greets, sends snapshots and batches, hands messages to the commands.
// Called by the server (SocketHandler) and by its own timer. Always: a client's `seq` has no holes
// unless a snapshot follows, also across a reconnect that says where it was; a client that does not
// read costs bounded memory and delays nobody; one that sends nonsense is closed after ten times.
import { randomBytes } from 'node:crypto';
import { type Commands, refusal, type Session } from './commands.ts';
import type { Reply, Resync, ServerMessage } from './protocol.ts';
import type { Replica } from './replica.ts';
import type { SocketHandler, SocketPeer } from './server.ts';

export const MAX_CLIENTS = 64;
/** Milliseconds between batches. */
const BATCH_MS = 100;
/** Unsent bytes above which a client gets nothing more until it has drained. */
const SLOW_BYTES = 1 << 20;
/** A paused client below this has drained. */
const DRAINED_BYTES = 64 << 10;
/** Batches a client may stay paused: one minute, then it is cut off. */
const PAUSED_BATCHES = 600;
const BAD_MESSAGES = 10;
/** Bytes of past batches kept for clients that come back. */
const HISTORY_BYTES = 8 << 20;
/** Messages at once, and more of them with each batch: 100 a second. */
const BURST = 200;
const REFILL = 10;

export interface HubOptions {
  readonly replica: Replica;
  readonly commands: Commands;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** Largest number of pages at once; 64. */
  readonly maxClients?: number;
  /** 100 */
  readonly batchMs?: number;
  /** 1 MiB */
  readonly slowBytes?: number;
  /** 8 MiB */
  readonly historyBytes?: number;
}

interface Client {
  readonly peer: SocketPeer;
  readonly session: Session;
  /** Where it wants to go on, as it said when it came; '' = it wants a snapshot. */
  resume: string;
  /** Gets hello and snapshot with the next batch. */
  fresh: boolean;
  /** Does not read: gets nothing until drained, then a snapshot. */
  paused: boolean;
  pausedBatches: number;
  /** Bytes of the snapshot it is allowed to have unsent beside SLOW_BYTES. */
  snapshotBytes: number;
  bad: number;
  budget: number;
}

export class Hub implements SocketHandler {
  /** Counts since start. */
  readonly stats = {
    ...{ opened: 0, snapshots: 0, batches: 0, paused: 0, cut: 0, refused: 0 },
    resumed: 0,
  };
  /** Names this run of sequence numbers. */
  readonly stream = randomBytes(9).toString('base64url');
  readonly #replica: Replica;
  readonly #commands: Commands;
  readonly #log: HubOptions['log'];
  readonly #maxClients: number;
  readonly #batchMs: number;
  readonly #slowBytes: number;
  readonly #clients = new Map<SocketPeer, Client>();
  readonly #historyLimit: number;
  /** Past batches without a hole, the last one has number #seq. */
  #history: Buffer[] = [];
  #historyBytes = 0;
  #seq = 0;
  #generation = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HubOptions) {
    this.#replica = options.replica;
    this.#commands = options.commands;
    this.#log = options.log;
    this.#maxClients = options.maxClients ?? MAX_CLIENTS;
    this.#batchMs = options.batchMs ?? BATCH_MS;
    this.#slowBytes = options.slowBytes ?? SLOW_BYTES;
    this.#historyLimit = options.historyBytes ?? HISTORY_BYTES;
  }

  /** Whether another client may come. */
  get hasRoom(): boolean {
    return this.#clients.size < this.#maxClients;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.tick(), this.#batchMs);
  }

  /** Says why to every client and closes them. */
  stop(reason: string): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { peer } of this.#clients.values()) {
      peer.send(encode({ t: 'bye', reason }));
      peer.close(1001, 'going away');
    }
  }

  /** One batch: what changed to those who follow, a snapshot to those who must start anew. */
  tick(): void {
    if (!this.#replica.settled) return;
    const items = this.#replica.takeItems();
    const resync = this.#replica.generation !== this.#generation;
    this.#generation = this.#replica.generation;
    let batch: Buffer | undefined;
    if (items.length > 0 || resync) {
      this.#seq++;
      if (resync) this.#forget();
      else {
        batch = encode({ t: 'events', seq: this.#seq, items });
        this.#remember(batch);
      }
    }
    let snapshot: Buffer | undefined;
    for (const client of this.#clients.values()) {
      client.budget = Math.min(BURST, client.budget + REFILL);
      if (resync) client.fresh = true;
      if (!this.#keepsUp(client)) continue;
      if (client.fresh && this.#resume(client)) continue;
      if (client.fresh) {
        snapshot ??= encode({ t: 'snapshot', seq: this.#seq, ...this.#replica.snapshot() });
        this.#greet(client, snapshot);
      } else if (batch !== undefined) {
        client.peer.send(batch);
        this.stats.batches++;
      }
    }
  }

  onOpen(peer: SocketPeer, query = ''): void {
    if (!this.hasRoom) {
      peer.close(1013, 'too many clients');
      return;
    }
    this.stats.opened++;
    this.#clients.set(peer, {
      peer,
      session: { authorised: false },
      resume: new URLSearchParams(query).get('resume') ?? '',
      fresh: true,
      paused: false,
      pausedBatches: 0,
      snapshotBytes: 0,
      bad: 0,
      budget: BURST,
    });
  }

  onMessage(peer: SocketPeer, text: string | undefined): void {
    const client = this.#clients.get(peer);
    if (client === undefined) return;
    if (!this.#mayTalk(client, text)) {
      this.#answer(client, refusal(0, 'too-fast'));
      return;
    }
    if (text === undefined) {
      this.#answer(client, refusal(0, 'bad-request', 'binary messages are not understood'));
      return;
    }
    const reply = this.#commands.execute(text, client.session);
    if (!(reply instanceof Promise)) {
      this.#answer(client, reply);
      return;
    }
    void reply.then((late) => {
      if (this.#clients.get(peer) === client) this.#answer(client, late);
    });
  }

  onPing(peer: SocketPeer): void {
    const client = this.#clients.get(peer);
    if (client !== undefined && !this.#mayTalk(client, undefined)) this.#cut(client, 'ping flood');
  }

  onClose(peer: SocketPeer): void {
    this.#clients.delete(peer);
  }

  /** Spends a message of the client's budget. A kill is heard whatever the budget. */
  #mayTalk(client: Client, text: string | undefined): boolean {
    client.budget--;
    return client.budget >= 0 || text?.includes('"kill"') === true;
  }

  #answer(client: Client, reply: Reply): void {
    client.peer.send(encode(reply));
    if (reply.ok) return;
    const { code } = reply;
    if (code !== 'bad-request' && code !== 'unauthorised' && code !== 'too-fast') return;
    this.stats.refused++;
    client.bad++;
    if (client.bad < BAD_MESSAGES) return;
    client.peer.send(encode({ t: 'bye', reason: 'too many bad messages' }));
    this.#clients.delete(client.peer);
    client.peer.close(1008, 'too many bad messages');
    this.#log('warn', `a page was closed after ${BAD_MESSAGES} bad messages, the last: ${code}`);
  }

  /** Whether the client has taken enough of what it was sent to get more. */
  #keepsUp(client: Client): boolean {
    const unsent = client.peer.unsentBytes();
    if (!client.paused) {
      if (unsent <= DRAINED_BYTES) client.snapshotBytes = 0;
      if (unsent <= this.#slowBytes + client.snapshotBytes) return true;
      client.paused = true;
      client.pausedBatches = 0;
      this.stats.paused++;
      return false;
    }
    if (unsent <= DRAINED_BYTES) {
      client.paused = false;
      client.fresh = true;
      return true;
    }
    client.pausedBatches++;
    if (client.pausedBatches > PAUSED_BATCHES) this.#cut(client, 'it did not read for a minute');
    return false;
  }

  #remember(batch: Buffer): void {
    this.#history.push(batch);
    this.#historyBytes += batch.length;
    while (this.#historyBytes > this.#historyLimit) {
      this.#historyBytes -= this.#history.shift()?.length ?? 0;
    }
  }

  #forget(): void {
    this.#history = [];
    this.#historyBytes = 0;
  }

  /** Sends what a client missed that said where it was; false = it gets a snapshot. */
  #resume(client: Client): boolean {
    const { resume } = client;
    client.resume = '';
    if (resume === '') return false;
    const [stream, text] = resume.split(':');
    const seen = /^\d{1,15}$/.test(text ?? '') ? Number(text) : -1;
    const missed = this.#seq - seen;
    if (stream !== this.stream || seen < 0 || missed < 0 || missed > this.#history.length) {
      const reason = stream === this.stream ? 'too much was missed' : 'another run of numbers';
      client.peer.send(encode({ t: 'resync', reason }));
      return false;
    }
    client.fresh = false;
    client.peer.send(encode(this.#hello()));
    const batches = missed === 0 ? [] : this.#history.slice(-missed);
    for (const batch of batches) {
      client.snapshotBytes += batch.length;
      client.peer.send(batch);
    }
    this.stats.resumed++;
    return true;
  }

  #hello(): ServerMessage {
    return { ...this.#replica.hello(), stream: this.stream };
  }

  #greet(client: Client, snapshot: Buffer): void {
    client.fresh = false;
    client.snapshotBytes = snapshot.length;
    client.peer.send(encode(this.#hello()));
    client.peer.send(snapshot);
    this.stats.snapshots++;
  }

  #cut(client: Client, why: string): void {
    this.stats.cut++;
    this.#clients.delete(client.peer);
    client.peer.terminate();
    this.#log('warn', `a page was cut off: ${why}`);
  }
}

function encode(message: ServerMessage | Resync): Buffer {
  return Buffer.from(JSON.stringify(message), 'utf8');
}
