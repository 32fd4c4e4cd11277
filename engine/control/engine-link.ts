// The api process's side of the link to the core: connects, proves itself, feeds the replica, and
// carries commands. Called by api.ts. Always: while the core is gone the replica says `down` and
// the link tries again with growing pauses; nothing reaches the replica before verifier and schema.
import { connect, type Socket } from 'node:net';
import type { FrameMemory } from '../messages/frames.ts';
import { frameLength } from '../messages/frames.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import {
  LINK_HEADER_BYTES,
  LINK_KIND_JSON,
  LINK_OK,
  LINK_TEXTS,
  type LinkHandler,
  LinkReader,
  writeLinkFrame,
  writeLinkHeader,
} from '../messages/link-format.ts';
import { CoreMessage } from './link-schemas.ts';
import type { Replica } from './replica.ts';

export interface EngineLinkOptions {
  readonly address: string;
  readonly secret: string;
  readonly replica: Replica;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** First pause before another attempt, ms; doubles up to `maxPauseMs`. 100 and 2,000. */
  readonly minPauseMs?: number;
  readonly maxPauseMs?: number;
  /** A core that says nothing for so long is taken as gone; it sends health every 500 ms. 10 s. */
  readonly silenceMs?: number;
}

export class EngineLink implements LinkHandler {
  readonly #options: EngineLinkOptions;
  readonly #minPauseMs: number;
  readonly #maxPauseMs: number;
  #pauseMs: number;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #metaSeen = false;
  #ready = false;
  /** Why this side dropped the connection, or the last error of the socket. */
  #why = '';

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    this.#minPauseMs = options.minPauseMs ?? 100;
    this.#maxPauseMs = options.maxPauseMs ?? 2_000;
    this.#pauseMs = this.#minPauseMs;
  }

  /** Whether commands reach the core now. */
  get up(): boolean {
    return this.#ready;
  }

  /** Connects, and goes on connecting until close(). */
  open(): void {
    if (this.#closed) return;
    const reader = new LinkReader();
    const socket = connect(this.#options.address);
    this.#socket = socket;
    this.#metaSeen = false;
    this.#why = '';
    socket.setNoDelay(true);
    socket.setTimeout(this.#options.silenceMs ?? 10_000, () => this.#drop('the core is silent'));
    socket.on('connect', () => socket.write(helloMessage(this.#options.secret)));
    socket.on('data', (chunk: Buffer) => {
      const code = reader.push(chunk, this);
      if (code !== LINK_OK) this.#drop(this.#why === '' ? LINK_TEXTS[-code] : this.#why);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The code only: the text holds a path of this machine, and pages show the reason.
      if (this.#why === '') this.#why = error.code ?? 'socket error';
    });
    socket.on('close', () => this.#lost());
  }

  /** Hands the command frame at byte `at` to the core; false when the core is not there. */
  sendCommand(memory: FrameMemory, at: number): boolean {
    const socket = this.#socket;
    if (!this.#ready || socket === undefined || !socket.writable) return false;
    const message = Buffer.alloc(LINK_HEADER_BYTES + frameLength(memory, at));
    writeLinkFrame(memory, at, message, 0);
    socket.write(message);
    return true;
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#ready = false;
    this.#socket?.destroy();
  }

  /** For the reader only. */
  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    if (!this.#metaSeen) return this.#refuse('a frame came before the meta message');
    this.#options.replica.applyFrame(type, memory, at);
    return true;
  }

  /** For the reader only. */
  onJson(bytes: Uint8Array, from: number, to: number): boolean {
    const parsed = CoreMessage.safeParse(parseJson(bytes.subarray(from, to)));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = issue.path.join('.');
      return this.#refuse(`a JSON message is not valid at '${where}': ${issue.message}`);
    }
    const message = parsed.data;
    if (!this.#metaSeen && message.kind !== 'meta') {
      return this.#refuse(`${message.kind} came before the meta message`);
    }
    return this.#apply(message);
  }

  #apply(message: CoreMessage): boolean {
    const { replica } = this.#options;
    switch (message.kind) {
      case 'meta':
        if (message.value.schemaHash !== SCHEMA_HASH) {
          const theirs = message.value.schemaHash;
          return this.#refuse(`the core has message schema ${theirs}, expected ${SCHEMA_HASH}`);
        }
        this.#metaSeen = true;
        replica.applyMeta(message.value);
        return true;
      case 'instruments':
        replica.applyInstruments(message.value);
        return true;
      case 'ready':
        replica.applyReady();
        this.#ready = true;
        this.#pauseMs = this.#minPauseMs;
        this.#options.log('info', 'connected to the engine');
        return true;
      case 'health':
        replica.applyHealth(message.value);
        return true;
      case 'log':
        replica.applyLog(message.value);
        return true;
    }
  }

  #refuse(why: string): boolean {
    this.#why = why;
    return false;
  }

  #drop(why: string): void {
    this.#why = why;
    this.#ready = false;
    this.#socket?.destroy();
  }

  #lost(): void {
    const wasUp = this.#ready || this.#metaSeen;
    this.#ready = false;
    this.#metaSeen = false;
    if (this.#closed) return;
    const why = this.#why === '' ? 'the core closed the connection' : this.#why;
    const level = this.#options.replica.isStopped ? 'info' : 'warn';
    this.#options.replica.markDown(`no connection to the engine: ${why}`);
    // After its last word (stopped) the core closes the link in order: nothing to warn about.
    if (wasUp) this.#options.log(level, `link to the engine lost: ${why}`);
    this.#timer = setTimeout(() => this.open(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#maxPauseMs);
  }
}

function helloMessage(secret: string): Buffer {
  const hello = { kind: 'hello', value: { secret, schemaHash: SCHEMA_HASH } };
  const text = Buffer.from(JSON.stringify(hello), 'utf8');
  const message = Buffer.alloc(LINK_HEADER_BYTES + text.length);
  text.copy(message, LINK_HEADER_BYTES);
  writeLinkHeader(message, 0, text.length, LINK_KIND_JSON);
  return message;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
