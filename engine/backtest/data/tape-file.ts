// A tape on disk, so that a loaded day is read back without parsing CSV again. Called by the
// backtest command and tests. Always: a file is complete or absent (written aside, then renamed);
// what is read has passed its length, its CRC-32 and the generated verifier.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { align8, FrameMemory, frameLength, frameType } from '../../messages/frames.ts';
import { SCHEMA_HASH } from '../../messages/generated/types.ts';
import { VERIFY_OK, verifyFrame } from '../../messages/generated/verify.ts';
import { isMarketFrame, Tape } from '../tape.ts';
import { MarketDataError } from './errors.ts';

// Little-endian, version 1:
//
//   bytes 0-7    'PKTAPE01'
//   8-23         schema hash, 16 ASCII characters
//   24-27        bytes of the meta text, int32        28-31  frames, int32
//   32-39        bytes of all frames, float64
//   40-          meta: JSON in UTF-8, filled with blanks to a multiple of 8
//                frames, each with its own length in front
//   last 4       CRC-32 of everything before
const MAGIC = 'PKTAPE01';
const HEADER_BYTES = 40;
const CRC_BYTES = 4;

/** What a tape file holds. `meta` is whatever was stored with it. */
export interface StoredTape {
  readonly tape: Tape;
  readonly meta: unknown;
}

/** Writes the tape and `meta` (anything JSON can hold) to `path`. Throws when the disk refuses. */
export function writeTape(path: string, tape: Tape, meta: unknown): void {
  const text = Buffer.from(JSON.stringify(meta));
  const head = Buffer.alloc(HEADER_BYTES + align8(text.length), ' ');
  head.write(MAGIC, 0, 'latin1');
  head.write(SCHEMA_HASH.padEnd(16), 8, 'latin1');
  head.writeInt32LE(text.length, 24);
  head.writeInt32LE(tape.count, 28);
  head.writeDoubleLE(tape.bytes, 32);
  text.copy(head, HEADER_BYTES);
  const aside = `${path}.part`;
  const file = openSync(aside, 'w');
  try {
    let crc = crc32(head);
    writeAll(file, head);
    for (let i = 0; i < tape.chunkCount; i++) {
      const bytes = tape.chunk(i).u8.subarray(0, tape.chunkUsed(i));
      crc = crc32(bytes, crc);
      writeAll(file, bytes);
    }
    const tail = Buffer.alloc(CRC_BYTES);
    tail.writeUInt32LE(crc);
    writeAll(file, tail);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}

/**
 * Reads a tape file; throws MarketDataError when it is missing, cut off, damaged or of another
 * schema.
 */
export function readTape(path: string): StoredTape {
  const bytes = readBytes(path);
  const fault = (what: string): MarketDataError =>
    new MarketDataError(`${path}: ${what}; load the day from its CSV files again`);
  if (bytes.length < HEADER_BYTES + CRC_BYTES) throw fault('too short for a tape');
  if (bytes.toString('latin1', 0, 8) !== MAGIC) throw fault('not a tape file of version 1');
  const schema = bytes.toString('latin1', 8, 24).trim();
  if (schema !== SCHEMA_HASH) throw fault(`message schema ${schema}, expected ${SCHEMA_HASH}`);
  const metaBytes = bytes.readInt32LE(24);
  const count = bytes.readInt32LE(28);
  const frameBytes = bytes.readDoubleLE(32);
  const start = HEADER_BYTES + align8(metaBytes);
  const expected = start + frameBytes + CRC_BYTES;
  if (metaBytes < 0 || bytes.length !== expected) {
    throw fault(`${bytes.length} bytes long, expected ${expected} (cut off or damaged)`);
  }
  const end = bytes.length - CRC_BYTES;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) throw fault('damaged (CRC-32)');
  const tape = framesOf(bytes.subarray(start, end), fault);
  if (tape.count !== count) throw fault(`${tape.count} frames, expected ${count}`);
  const meta: unknown = JSON.parse(bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + metaBytes));
  return { tape, meta };
}

function framesOf(bytes: Buffer, fault: (what: string) => MarketDataError): Tape {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  const memory = new FrameMemory(copy);
  const tape = new Tape();
  for (let at = 0; at < bytes.length; at += frameLength(memory, at)) {
    const code = verifyFrame(memory, at, bytes.length - at);
    if (code !== VERIFY_OK || !isMarketFrame(frameType(memory, at))) {
      throw fault(`frame ${tape.count} at byte ${at} is not a market message (code ${code})`);
    }
    tape.append(memory, at);
  }
  return tape;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new MarketDataError(`${path}: cannot be read (${code})`);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
