// Writes lossless recordings: whole ring frames, byte for byte, in checked blocks. Called by the
// recorder, a gating reader of the rings, in a thread of its own. Cold, yet append() itself
// allocates nothing. Invariant: a frame is in the file when flush() returned; an error is thrown,
// never swallowed, because a recording with a hole is worth nothing.
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { copyFrame, FrameMemory, frameLength } from '../messages/frames.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import { VERIFY_OK, verifyFrame } from '../messages/generated/verify.ts';
import {
  BLOCK_HEAD_BYTES,
  FrameLogError,
  FrameLogFullError,
  LOG_HEAD_BYTES,
  MAX_BLOCK_BYTES,
  writeBlockHead,
  writeLogHead,
} from './frame-log-block.ts';

/** Bytes of frames gathered before append() writes a block by itself. */
export const BLOCK_BYTES = 64 * 1024;

/** One recording file, new at construction. */
export class FrameLogWriter {
  readonly path: string;
  readonly #memory: FrameMemory;
  readonly #end: number;
  readonly #handle: number;
  #position = 0;
  #fill = BLOCK_HEAD_BYTES;
  #inBlock = 0;
  #blocks = 0;
  #frames = 0;
  #chain: number;
  #failed = false;

  /** Creates `path`, which must not exist. `blockBytes` is a multiple of 8. */
  constructor(path: string, blockBytes = BLOCK_BYTES) {
    if (blockBytes % 8 !== 0 || blockBytes < 512 || blockBytes > MAX_BLOCK_BYTES) {
      const text = `blockBytes=${blockBytes}, expected a multiple of 8 from 512 to 16 MiB`;
      throw new FrameLogError(path, -1, text);
    }
    this.path = path;
    this.#handle = createFile(path);
    this.#memory = new FrameMemory(new ArrayBuffer(BLOCK_HEAD_BYTES + blockBytes));
    this.#end = BLOCK_HEAD_BYTES + blockBytes;
    this.#chain = writeLogHead(this.#memory, SCHEMA_HASH);
    this.#write(LOG_HEAD_BYTES);
  }

  /** Frames appended so far. */
  get frames(): number {
    return this.#frames;
  }
  /** Blocks in the file so far. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Bytes of frames that append() takes before it has to write a block. */
  get room(): number {
    return this.#end - this.#fill;
  }

  /** Adds the frame at byte `at`; writes a block when it is full. Throws FrameLogError. */
  append(memory: FrameMemory, at: number): void {
    const code = verifyFrame(memory, at, memory.byteLength - at);
    if (code !== VERIFY_OK) {
      throw new FrameLogError(this.path, -1, `frame at ${at} is not sound, verifier code ${code}`);
    }
    if (this.#fill + frameLength(memory, at) > this.#end) this.flush();
    this.#fill += copyFrame(memory, at, this.#memory, this.#fill);
    this.#inBlock++;
    this.#frames++;
  }

  /**
   * Writes the frames gathered so far as one block. Survives kill -9. Throws FrameLogError; for
   * want of room FrameLogFullError: nothing is lost, flush() may be tried again.
   */
  flush(): void {
    if (this.#inBlock === 0) return;
    const bytes = this.#fill - BLOCK_HEAD_BYTES;
    const block = this.#blocks + 1;
    const chain = writeBlockHead(this.#memory, block, bytes, this.#inBlock, this.#chain);
    this.#write(this.#fill);
    this.#chain = chain;
    this.#blocks = block;
    this.#fill = BLOCK_HEAD_BYTES;
    this.#inBlock = 0;
  }

  /** flush(), and the device has it. */
  sync(): void {
    this.flush();
    fdatasyncSync(this.#handle);
  }

  /** sync(), and the file is closed. */
  close(): void {
    try {
      this.sync();
    } finally {
      closeSync(this.#handle);
    }
  }

  #write(bytes: number): void {
    if (this.#failed) {
      throw new FrameLogError(this.path, this.#position, 'stopped after an earlier write error');
    }
    let done = 0;
    try {
      while (done < bytes) {
        const position = this.#position + done;
        done += writeSync(this.#handle, this.#memory.u8, done, bytes - done, position);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (isFull(error)) throw new FrameLogFullError(this.path, this.#position, text);
      this.#failed = true;
      const hint = 'stop trading, free space or change the disk, then start a new recording';
      throw new FrameLogError(this.path, this.#position, `cannot be written (${text}): ${hint}`);
    }
    this.#position += bytes;
  }
}

function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function createFile(path: string): number {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    return openSync(path, O_CREAT | O_EXCL | O_WRONLY, 0o640);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const hint = 'each recording is a new file; check the folder and its permissions';
    throw new FrameLogError(path, -1, `cannot be created (${text}): ${hint}`);
  }
}
