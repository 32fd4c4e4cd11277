// The link I/O thread of the core: holds the socket to a bridge, so that no spinning thread has
// to. Started by session.ts; frames come and go through two rings. Invariants: it reconnects for
// ever, after half a second at most while nobody answers; a full ring stops reading the socket and
// nothing is dropped; what was asked before a connection is never sent over it (the session's mark
// of the connection in the ring opens the way).
import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { CAN_ARM, LINK_DOWN, LINK_REFUSED, LINK_UP } from '../../engine/messages/codes.ts';
import { copyFrame, FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import { Arming, BridgeFacts, LinkState } from '../../engine/messages/generated/broker.ts';
import { MAX_FRAME_BYTES } from '../../engine/messages/generated/types.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import { targetOf } from './address.ts';
import { accountOf } from './frame-account.ts';
import * as shake from './handshake.ts';
import { type ChannelHandler, LinkChannel } from './link-channel.ts';
import { BEAT_MS, type LinkStart, WORD_BEAT, WORD_WANTS } from './link-worker-start.ts';

const STDERR = 2;

const RETRY_MS = 100;
/** Back soon when the way is free again; one that answered and sent us away is not pressed. */
const RETRY_MAX_MS = 500;
const REFUSED_MAX_MS = 3_000;
/** The bridge's buffer is full: wait before more is taken from the ring. */
const BACKLOG_BYTES = 1_048_576;
const POLL_LIMIT = 256;
const STALL_MS = 1;

class LinkWorker implements ChannelHandler {
  readonly #start: LinkStart;
  readonly #toBridge: SpscRing;
  readonly #fromBridge: SpscRing;
  /** Frames that found no room in the ring; only of the piece that is being read. */
  readonly #stalled: FrameMemory[] = [];
  readonly #scratch = new FrameMemory(new ArrayBuffer((MAX_FRAME_BYTES + 7) & ~7));
  readonly #state = new LinkState();
  readonly #facts = new BridgeFacts();
  /** The bridge takes Arming frames; one that does not would end the connection at the first. */
  #canArm = false;
  #loginMs = 0;
  readonly #sessions: number[];
  /** By account: connected as the bridge says, and the session has marked it. */
  readonly #up: boolean[];
  readonly #open: boolean[];
  #channel: LinkChannel | null = null;
  /** Nobody who speaks our protocol has answered this connection yet. */
  #isUnreached = true;
  #nonce = '';
  #bridgeNonce = '';
  #welcome = false;
  #retryMs = RETRY_MS;
  /** What people were told last: a retry that meets the same is not told again. */
  #toldLast = '';

  constructor(start: LinkStart) {
    this.#start = start;
    this.#toBridge = new SpscRing(start.toBridge, 0, start.ringBytes);
    this.#fromBridge = new SpscRing(start.fromBridge, 0, start.ringBytes);
    this.#sessions = start.accounts.map(() => 0);
    this.#up = start.accounts.map(() => false);
    this.#open = start.accounts.map(() => false);
  }

  run(): void {
    const { words } = this.#start;
    parentPort?.on('message', () => this.#pump());
    setInterval(() => Atomics.add(words, WORD_BEAT, 1), BEAT_MS);
    this.#pump();
    this.#connect();
  }

  onJson(message: unknown): boolean {
    this.#isUnreached = false;
    const refused = shake.refusedSchema.safeParse(message);
    if (refused.success) {
      this.#tell(`refused: ${refused.data.text}`);
      return false;
    }
    if (this.#bridgeNonce === '') return this.#onChallenge(message);
    const welcome = shake.welcomeSchema.safeParse(message);
    if (this.#welcome || !welcome.success) return false;
    this.#welcome = true;
    this.#retryMs = RETRY_MS;
    const facts = shake.factsText(welcome.data);
    this.#tell(facts === '' ? 'connected' : `connected: ${facts}`);
    this.#tellFacts(welcome.data);
    return true;
  }

  /** What the bridge can do, and how its clock stands against ours, for people. */
  #tellFacts({ capabilities = [], nowMs }: shake.Welcome): void {
    this.#canArm = capabilities.includes(shake.CAPABILITY_ARMING);
    const now = Date.now();
    // It read its clock between our login and now: half of that is the best guess.
    const offset = nowMs === undefined ? 0 : nowMs - (this.#loginMs + now) / 2;
    for (let a = 0; a < this.#sessions.length; a++) {
      const facts = this.#facts.begin(this.#scratch, 0);
      facts.account = a;
      facts.capabilities = this.#canArm ? CAN_ARM : 0;
      facts.protocol = shake.PROTOCOL;
      facts.hasClock = nowMs === undefined ? 0 : 1;
      facts.clockOffsetMs = offset;
      this.#pass(this.#scratch, 0);
    }
  }

  /** Frames of the bridge go to the session; LinkState ones open and close the way. */
  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    if (!this.#welcome) return false;
    if (type !== LinkState.TYPE) {
      this.#pass(memory, at);
      return true;
    }
    const state = this.#state.wrap(memory, at);
    const a = state.account;
    if (a < 0 || a >= this.#sessions.length) return false;
    if (state.state === LINK_UP) {
      this.#up[a] = true;
      this.#open[a] = false;
      this.#sessions[a]!++;
    } else if (state.state === LINK_DOWN) {
      this.#up[a] = false;
      this.#open[a] = false;
    } else if (state.state === LINK_REFUSED) {
      this.#tell(
        `account ${this.#start.accounts[a]} is fenced: the bridge has taken epoch ` +
          `${state.epoch} of another engine, or cannot write. Orders are refused here. Either ` +
          'that engine trades now, or this journal folder is not the one that traded last ' +
          '(docs/BRIDGE.md, Fenced)',
      );
    }
    state.sessionNo = this.#sessions[a]!;
    this.#pass(memory, at);
    return true;
  }

  onPiece(): void {
    this.#fromBridge.publish();
    if (this.#stalled.length === 0) return;
    this.#channel?.pause();
    setTimeout(() => this.#drain(), STALL_MS);
  }

  onClosed(why: string): void {
    const mostMs = this.#welcome || this.#isUnreached ? RETRY_MAX_MS : REFUSED_MAX_MS;
    if (this.#welcome) this.#tell(`connection lost: ${why}; trying again`);
    else if (this.#isUnreached) {
      const text = `cannot be reached (${why}): is it running? Trying again, orders are refused`;
      // However the system puts it each time.
      this.#tell(text, 'cannot be reached');
    }
    this.#welcome = false;
    this.#channel = null;
    for (let a = 0; a < this.#up.length; a++) {
      if (!this.#up[a]) continue;
      this.#up[a] = false;
      this.#open[a] = false;
      const state = this.#state.begin(this.#scratch, 0);
      state.account = a;
      state.state = LINK_DOWN;
      state.sessionNo = this.#sessions[a]!;
      this.#pass(this.#scratch, 0);
    }
    this.#fromBridge.publish();
    this.#retryMs = Math.min(mostMs, this.#retryMs);
    setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs *= 2;
  }

  #connect(): void {
    // What stalled belongs before anything that a new connection says.
    if (this.#stalled.length > 0) {
      this.#drain();
      setTimeout(() => this.#connect(), STALL_MS);
      return;
    }
    const socket: Socket = connect({ ...targetOf(this.#start.address) } as { path: string });
    this.#nonce = shake.newNonce();
    this.#bridgeNonce = '';
    this.#isUnreached = true;
    const channel = new LinkChannel(socket, this);
    this.#channel = channel;
    socket.once('connect', () => channel.sendJson(shake.makeHello('engine', this.#nonce)));
  }

  #onChallenge(message: unknown): boolean {
    const { secret, accounts, symbols, day, engineId } = this.#start;
    const found = shake.challengeSchema.safeParse(message);
    if (!found.success || this.#channel === null) return false;
    const proof = shake.answerTo(found.data, secret, 'engine', this.#nonce);
    if (proof === null) {
      this.#tell("wrong secret: the bridge's --secret-file and gateway.secretFile differ");
      return false;
    }
    this.#bridgeNonce = found.data.nonce;
    for (let i = 0; i < symbols.length; i += shake.SYMBOLS_PER_MESSAGE) {
      const part = symbols.slice(i, i + shake.SYMBOLS_PER_MESSAGE);
      this.#channel.sendJson({ kind: 'symbols', symbols: part });
    }
    this.#loginMs = Date.now();
    const login = { kind: 'login', proof, engineId, day, accounts };
    const { arming } = this.#start;
    this.#channel.sendJson(arming.length === 0 ? login : { ...login, arming });
    return true;
  }

  #pass(memory: FrameMemory, at: number): void {
    if (this.#stalled.length === 0 && this.#fromBridge.offer(memory, at) >= 0) return;
    const copy = new FrameMemory(new ArrayBuffer((frameLength(memory, at) + 7) & ~7));
    copyFrame(memory, at, copy, 0);
    this.#stalled.push(copy);
  }

  /** The session has made room: what waits goes first, then the socket is read again. */
  #drain(): void {
    while (this.#stalled.length > 0 && this.#fromBridge.offer(this.#stalled[0]!, 0) >= 0) {
      this.#stalled.shift();
    }
    this.#fromBridge.publish();
    if (this.#stalled.length === 0) this.#channel?.resume();
    else setTimeout(() => this.#drain(), STALL_MS);
  }

  /** Sends what the session put into its ring. */
  #pump(): void {
    const { words } = this.#start;
    for (;;) {
      if ((this.#channel?.backlogBytes ?? 0) > BACKLOG_BYTES) {
        setTimeout(() => this.#pump(), STALL_MS);
        return;
      }
      if (this.#toBridge.poll(this.#sender, POLL_LIMIT) > 0) continue;
      Atomics.store(words, WORD_WANTS, 1);
      // What came between the look and the word would wait for the next message.
      if (this.#toBridge.isEmpty()) return;
      Atomics.store(words, WORD_WANTS, 0);
    }
  }

  readonly #sender = {
    onFrame: (type: number, memory: FrameMemory, at: number): void => {
      const a = accountOf(memory, at);
      if (type === LinkState.TYPE && this.#state.wrap(memory, at).state === LINK_UP) {
        this.#open[a] = this.#up[a]! && this.#state.sessionNo === this.#sessions[a];
      } else if (this.#open[a] && (type !== Arming.TYPE || this.#canArm)) {
        this.#channel?.sendFrame(memory, at);
      }
    },
  };

  #tell(text: string, key = text): void {
    if (key === this.#toldLast) return;
    this.#toldLast = key;
    // The thread above never turns its event loop, so neither messages nor its streams get out.
    writeSync(STDERR, `bridge ${this.#start.address}: ${text}\n`);
  }
}

new LinkWorker(workerData as LinkStart).run();
