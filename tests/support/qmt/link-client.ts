// An engine's end of a bridge link, played by a test: handshake, frames by the names of their
// columns, broken bytes on purpose. Used by tests of the Python bridges. Always: what the bridge
// says is kept in order; frames pass the verifier before they count.
import { connect, type Socket } from 'node:net';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { TYPE_NAMES } from '../../../engine/messages/generated/types.ts';
import {
  LINK_HEADER_BYTES,
  LINK_KIND_FRAME,
  LINK_KIND_JSON,
  LinkReader,
  writeLinkHeader,
} from '../../../engine/messages/link-format.ts';
import { targetOf } from '../../../gateways/bridge/address.ts';
import { makeHello, newNonce, proofOf } from '../../../gateways/bridge/handshake.ts';
import { columnsOf } from '../../../tools/codegen-python.ts';
import { waitFor } from '../wait-for.ts';
import { frameOf } from './frame-bytes.ts';

export type Values = Readonly<Record<string, number>>;

export interface Heard {
  readonly name: string;
  readonly values: Values;
}

export interface LoginOptions {
  readonly secret: string;
  readonly role?: 'engine' | 'control';
  readonly engineId?: number;
  readonly day?: number;
  readonly accounts?: readonly string[];
  readonly symbols?: readonly string[];
  readonly arming?: readonly { account: string; symbols: readonly string[] }[];
}

const TYPES = new Map([...TYPE_NAMES].map(([type, name]) => [name, type]));
const PATIENCE_MS = 15_000;

export class LinkClient {
  readonly frames: Heard[] = [];
  readonly jsons: Record<string, unknown>[] = [];
  closed = false;
  readonly #socket: Socket;
  readonly #beat: ReturnType<typeof setInterval>;
  #sent = 0;

  constructor(address: string) {
    const reader = new LinkReader();
    this.#socket = connect({ ...targetOf(address) } as { path: string });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.closed = true;
      clearInterval(this.#beat);
    });
    this.#socket.on('data', (chunk: Buffer) => {
      reader.push(chunk, {
        onFrame: (type, memory) => this.#keep(type, memory),
        onJson: (bytes, from, to) => {
          this.jsons.push(JSON.parse(Buffer.from(bytes.subarray(from, to)).toString()));
          return true;
        },
      });
    });
    this.#beat = setInterval(() => this.#sent > 0 && this.say('Clock', {}), 500);
  }

  /** Sends a frame with the next number. */
  say(name: string, values: Values): void {
    this.#socket.write(this.frame(name, values));
  }

  /** A message with a frame, numbered, not sent: to be cut, doubled or damaged. */
  frame(name: string, values: Values, sequence = ++this.#sent): Buffer {
    return messageOf(frameOf(TYPES.get(name)!, { ...values, sequence }), LINK_KIND_FRAME);
  }

  sayJson(message: object): void {
    this.#socket.write(messageOf(Buffer.from(JSON.stringify(message)), LINK_KIND_JSON));
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The whole handshake; resolves at welcome or at the end of the connection. */
  async login(options: LoginOptions): Promise<this> {
    const { secret, role = 'engine', engineId = 1, day = 20260105 } = options;
    const { accounts = ['demo'], symbols = ['600001.SH', '000002.SZ'] } = options;
    const nonce = newNonce();
    this.sayJson(makeHello(role, nonce));
    const challenge = await this.json('challenge');
    if (challenge === null) return this;
    const proof = proofOf(secret, role, nonce, String(challenge['nonce']));
    this.sayJson({ kind: 'symbols', symbols });
    const { arming } = options;
    this.sayJson({ kind: 'login', proof, engineId, day, accounts, arming });
    await this.json('welcome');
    return this;
  }

  /** The next JSON message of a kind, or null when the connection ended before it came. */
  async json(kind: string): Promise<Record<string, unknown> | null> {
    const find = () => this.jsons.find((one) => one['kind'] === kind);
    await waitFor(kind, () => find() !== undefined || this.closed, PATIENCE_MS);
    return find() ?? null;
  }

  /** Frames of a name so far. */
  named(name: string): Values[] {
    return this.frames.filter((one) => one.name === name).map((one) => one.values);
  }

  /** Waits until there are `count` frames of a name; all of them. */
  async until(name: string, count = 1): Promise<Values[]> {
    await waitFor(
      `${count} ${name}, have ${JSON.stringify(this.frames.slice(-5))}`,
      () => this.named(name).length >= count || this.closed,
      PATIENCE_MS,
    );
    return this.named(name);
  }

  /** Takes account 0 with an epoch; the bridge's answer (LINK_*). */
  async fence(epoch: number): Promise<number> {
    const before = this.named('LinkState').length;
    this.say('Fence', { account: 0, epoch, day: 20260105 });
    return (await this.until('LinkState', before + 1)).at(-1)!['state']!;
  }

  async ended(): Promise<void> {
    await waitFor('the end of the connection', () => this.closed, PATIENCE_MS);
  }

  close(): void {
    this.#socket.destroy();
  }

  #keep(type: number, memory: FrameMemory): boolean {
    const name = TYPE_NAMES.get(type)!;
    if (name === 'Clock') return true;
    const values = columnsOf(type).map(({ name: column, kind, offset }) => {
      if (kind === 'float64') return [column, memory.f64[offset >> 3]!];
      return [column, kind === 'int32' ? memory.i32[offset >> 2]! : memory.i16[offset >> 1]!];
    });
    this.frames.push({ name, values: Object.fromEntries(values) });
    return true;
  }
}

function messageOf(payload: Uint8Array, kind: number): Buffer {
  const bytes = Buffer.alloc(LINK_HEADER_BYTES + payload.length);
  bytes.set(payload, LINK_HEADER_BYTES);
  writeLinkHeader(bytes, 0, payload.length, kind);
  return bytes;
}
