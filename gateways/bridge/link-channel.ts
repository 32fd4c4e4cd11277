// One end of a connection between core and bridge: messages with length and CRC-32, frames also
// verified and numbered, heartbeats both ways. Used by the bridge and by the core's link worker.
// Always: a frame out of number, a broken message or `silentMs` without a byte closes the
// connection; the handler then hears onClosed once and nothing else.
import type { Socket } from 'node:net';
import { BODY_OFFSET, copyFrame, FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import { Clock } from '../../engine/messages/generated/control.ts';
import { MAX_FRAME_BYTES } from '../../engine/messages/generated/types.ts';
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
} from '../../engine/messages/link-format.ts';

/** Clock frames are said at least this often. */
export const HEARTBEAT_MS = 500;
/** Without a byte for this long the other end counts as gone (half-open connection, frozen). */
export const SILENT_MS = 2_000;

const SEQUENCE_WORD = BODY_OFFSET >> 2;

export interface ChannelHandler {
  /** The frame is valid during the call only; `false` closes the connection. */
  onFrame(type: number, memory: FrameMemory, at: number): boolean;
  onJson(message: unknown): boolean;
  /** All messages of one piece of the stream were handed over. */
  onPiece(): void;
  onClosed(why: string): void;
}

export class LinkChannel implements LinkHandler {
  readonly #socket: Socket;
  readonly #handler: ChannelHandler;
  readonly #reader = new LinkReader();
  readonly #scratch = new FrameMemory(new ArrayBuffer((MAX_FRAME_BYTES + 7) & ~7));
  readonly #clock = new Clock();
  readonly #timer: ReturnType<typeof setInterval>;
  #sent = 0;
  #received = 0;
  #saidAt = performance.now();
  #heardAt = performance.now();
  #paused = false;
  #why = '';
  #closed = false;

  constructor(socket: Socket, handler: ChannelHandler) {
    this.#socket = socket;
    this.#handler = handler;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.#onClose());
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS / 2);
  }

  get isOpen(): boolean {
    return !this.#closed && this.#why === '';
  }

  /** Bytes that the operating system has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  /** Numbers and sends a hot frame; nothing happens on a closed connection. */
  sendFrame(memory: FrameMemory, at: number): void {
    if (!this.isOpen) return;
    copyFrame(memory, at, this.#scratch, 0);
    this.#scratch.i32[SEQUENCE_WORD] = ++this.#sent | 0;
    const bytes = Buffer.alloc(LINK_HEADER_BYTES + frameLength(this.#scratch, 0));
    writeLinkFrame(this.#scratch, 0, bytes, 0);
    this.#write(bytes);
  }

  sendJson(message: object): void {
    if (!this.isOpen) return;
    const text = Buffer.from(JSON.stringify(message));
    if (text.length > LINK_MAX_PAYLOAD) throw new Error(`message of ${text.length} bytes`);
    const bytes = Buffer.alloc(LINK_HEADER_BYTES + text.length);
    text.copy(bytes, LINK_HEADER_BYTES);
    writeLinkHeader(bytes, 0, text.length, LINK_KIND_JSON);
    this.#write(bytes);
  }

  /** Stops reading: the other end feels it through its full socket. Silence is forgiven then. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#heardAt = performance.now();
    this.#socket.resume();
  }

  close(why: string): void {
    if (this.#why === '') this.#why = why;
    this.#socket.destroy();
  }

  /** Closes after what was written has left. */
  end(why: string): void {
    if (this.#why === '') this.#why = why;
    this.#socket.end();
  }

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    const expected = (this.#received + 1) | 0;
    const found = memory.i32[(at >> 2) + SEQUENCE_WORD];
    if (found !== expected) {
      this.#why = `frame number ${found}, expected ${expected}: a frame is lost or doubled`;
      return false;
    }
    this.#received = expected;
    return type === Clock.TYPE || this.#handler.onFrame(type, memory, at);
  }

  onJson(bytes: Uint8Array, from: number, to: number): boolean {
    try {
      return this.#handler.onJson(JSON.parse(Buffer.from(bytes.subarray(from, to)).toString()));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#why = 'a message is not JSON';
      return false;
    }
  }

  #write(bytes: Buffer): void {
    this.#saidAt = performance.now();
    this.#socket.write(bytes);
  }

  #onData(chunk: Buffer): void {
    this.#heardAt = performance.now();
    if (!this.isOpen) return;
    const code = this.#reader.push(chunk, this);
    this.#handler.onPiece();
    if (code !== LINK_OK) this.close(LINK_TEXTS[-code] ?? `link code ${code}`);
  }

  #beat(): void {
    const now = performance.now();
    if (!this.#paused && now - this.#heardAt > SILENT_MS) {
      this.close(`nothing heard for ${Math.round(now - this.#heardAt)} ms`);
    } else if (now - this.#saidAt >= HEARTBEAT_MS) {
      this.#clock.begin(this.#scratch, 0);
      this.sendFrame(this.#scratch, 0);
    }
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#handler.onClosed(this.#why === '' ? 'the other end closed' : this.#why);
  }
}
