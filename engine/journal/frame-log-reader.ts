// Reads a lossless recording back, block by block, verified before a handler sees a frame. Called
// by replay and by `pankou backtest` over a recorded day. Cold. Invariant: handlers get exactly
// the frames that were appended, in order; a last block that is cut short is left out and reported
// in `tail`; a bad block that a sound one follows is a FrameLogError.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from '../messages/crc32.ts';
import { align8, FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import { VERIFY_OK, verifyFrame } from '../messages/generated/verify.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import { findChangedByte, placeInBlock } from './changed-byte.ts';
import {
  BLOCK_HEAD_BYTES,
  BLOCK_MAGIC,
  type BlockHead,
  FrameLogError,
  LOG_HEAD_BYTES,
  MAX_BLOCK_BYTES,
  readBlockHead,
  readLogHead,
} from './frame-log-block.ts';

/** What was left out at the end of a recording. */
export interface FrameLogTail {
  readonly offset: number;
  readonly bytes: number;
  readonly why: string;
}

/** Bytes looked through at once for a sound block behind a bad one. */
const SCAN_BYTES = 1024 * 1024;

/** Pull-based iteration over one recording. */
export class FrameLogReader {
  readonly path: string;
  /** Schema that wrote it; frames are checked against the schema of this engine. */
  readonly schemaHash: string;
  /** null until the end was reached, and after it when the recording ends in order. */
  tail: FrameLogTail | null = null;
  readonly #handle: number;
  readonly #size: number;
  readonly #head = new FrameMemory(new ArrayBuffer(LOG_HEAD_BYTES));
  #memory = new FrameMemory(new ArrayBuffer(64 * 1024));
  #position = LOG_HEAD_BYTES;
  #at = 0;
  #end = 0;
  #blocks = 0;
  #frames = 0;
  #chain: number;
  #ended = false;

  /** Opens `path`. Throws FrameLogError when it is no recording. */
  constructor(path: string) {
    this.path = path;
    this.#handle = openFile(path);
    this.#size = fstatSync(this.#handle).size;
    const got = this.#read(this.#head, LOG_HEAD_BYTES, 0);
    const head = got === LOG_HEAD_BYTES ? readLogHead(this.#head) : null;
    if (head === null) {
      closeSync(this.#handle);
      const text = "has no sound head: expected 'PKFL' version 1; not a recording, or damaged";
      throw new FrameLogError(path, 0, text);
    }
    this.schemaHash = head.schemaHash;
    this.#chain = head.crc;
  }

  /** Frames handed out so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Hands the next frame to `handler`; false at the end. Throws FrameLogError on damage. */
  next(handler: FrameHandler): boolean {
    while (this.#at === this.#end) {
      if (this.#ended || !this.#nextBlock()) return false;
    }
    const at = this.#at;
    this.#at += frameLength(this.#memory, at);
    this.#frames++;
    handler.onFrame(frameType(this.#memory, at), this.#memory, at);
    return true;
  }

  close(): void {
    this.#ended = true;
    this.#at = this.#end;
    closeSync(this.#handle);
  }

  #nextBlock(): boolean {
    const at = this.#position;
    if (at === this.#size) return this.#finish(null);
    const got = this.#read(this.#head, BLOCK_HEAD_BYTES, at);
    if (got < BLOCK_HEAD_BYTES) return this.#cut('block head cut short');
    const head = readBlockHead(this.#head, 0);
    if (head === null) return this.#cut(`no sound head of block ${this.#blocks + 1}`);
    this.#refuseMisplaced(head);
    if (head.bytes < 8 || head.bytes > MAX_BLOCK_BYTES || head.bytes % 8 !== 0) {
      throw new FrameLogError(
        this.path,
        at + 12,
        `block of ${head.bytes} bytes, expected 8 to 16 MiB`,
      );
    }
    if (this.#memory.byteLength < head.bytes) {
      this.#memory = new FrameMemory(new ArrayBuffer(head.bytes));
    }
    const body = this.#read(this.#memory, head.bytes, at + BLOCK_HEAD_BYTES);
    if (body < head.bytes) return this.#cut('block cut short');
    const crc = crc32(this.#memory.u8, 0, head.bytes) | 0;
    if (crc !== head.bodyCrc) return this.#cut(this.#bodyFault(head, crc));
    this.#checkFrames(head);
    this.#chain = head.headCrc;
    this.#blocks = head.block;
    this.#position = at + BLOCK_HEAD_BYTES + head.bytes;
    this.#at = 0;
    this.#end = head.bytes;
    return true;
  }

  /** Names the changed byte when it was one; the frames of the block are not handed out. */
  #bodyFault(head: BlockHead, crc: number): string {
    const text = `the frames of block ${head.block} do not match its CRC`;
    const body = this.#memory.u8.subarray(0, head.bytes);
    const found = findChangedByte(body, head.bodyCrc, crc);
    if (found === null) return text;
    const { at, was } = found;
    const change = `0x${hex(was)} became 0x${hex(body[at]!)}`;
    body[at] = was;
    const place = placeInBlock(this.#memory, head.bytes, at);
    const byte = this.#position + BLOCK_HEAD_BYTES + at;
    return `${text}: byte ${byte} was changed (${change})${place === '' ? '' : `, ${place}`}`;
  }

  #refuseMisplaced(head: BlockHead): void {
    const at = this.#position;
    const wanted = this.#blocks + 1;
    if (head.block !== wanted) {
      throw new FrameLogError(this.path, at + 8, `block ${head.block}, expected ${wanted}`);
    }
    if (head.chain === this.#chain) return;
    const text = 'chain does not name the block before: blocks were changed or moved';
    throw new FrameLogError(this.path, at + 24, text);
  }

  #checkFrames(head: BlockHead): void {
    const memory = this.#memory;
    let at = 0;
    let frames = 0;
    for (; at < head.bytes; frames++) {
      const code = verifyFrame(memory, at, head.bytes - at);
      if (code !== VERIFY_OK) {
        const place = this.#position + BLOCK_HEAD_BYTES + at;
        const text = `frame type ${frameType(memory, at)} fails the verifier, code ${code}`;
        const hint = `recorded with schema ${this.schemaHash}: replay with an engine of that`;
        throw new FrameLogError(this.path, place, `${text}; ${hint}`);
      }
      at += frameLength(memory, at);
    }
    if (frames !== head.frames) {
      const text = `block holds ${frames} frames, its head says ${head.frames}`;
      throw new FrameLogError(this.path, this.#position + 16, text);
    }
  }

  /** A bad block: the end of the recording if nothing sound follows, else damage. */
  #cut(why: string): boolean {
    const offset = this.#position;
    const sound = this.#findSoundBlock(offset + 8);
    if (sound >= 0) {
      const hint = `a sound block follows at byte ${sound}: restore the file from a copy`;
      throw new FrameLogError(this.path, offset, `${why}; ${hint}`);
    }
    return this.#finish({ offset, bytes: this.#size - offset, why });
  }

  #finish(tail: FrameLogTail | null): boolean {
    this.tail = tail;
    this.#ended = true;
    return false;
  }

  /** Byte of the first sound block head at or after `from`, or -1. */
  #findSoundBlock(from: number): number {
    const bytes = Math.min(SCAN_BYTES, align8(this.#size));
    const chunk = new FrameMemory(new ArrayBuffer(bytes));
    for (let start = from; start < this.#size; start += SCAN_BYTES - BLOCK_HEAD_BYTES) {
      const got = this.#read(chunk, bytes, start);
      for (let at = 0; at + BLOCK_HEAD_BYTES <= got; at += 8) {
        if (chunk.i32[at >> 2] !== BLOCK_MAGIC) continue;
        if (readBlockHead(chunk, at) !== null) return start + at;
      }
    }
    return -1;
  }

  #read(target: FrameMemory, bytes: number, position: number): number {
    let done = 0;
    while (done < bytes) {
      const n = readSync(this.#handle, target.u8, done, bytes - done, position + done);
      if (n === 0) break;
      done += n;
    }
    return done;
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new FrameLogError(path, -1, `cannot be opened (${text}): check the path`);
  }
}
