// A day file: the rows of one instrument, day and kind, column by column, compressed, with a hash
// of what they say. Called by import, export, check and the loader. Always: a file is complete or
// absent (written aside, flushed, renamed); what is read has passed its length and its CRC-32s.
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { align8 } from '../../messages/frames.ts';
import { MarketDataError } from '../data/errors.ts';
import { decodeColumn, decodeInto, type EncodedColumn, encodeColumn } from './column-codec.ts';
import { columnsOf, makeTable, PLACE_COLUMNS, type Table } from './columns.ts';

// Little-endian, version 1 (docs/DATA.md has it byte by byte):
//
//   0-7    'PKDAYF01'             8-11   bytes of the meta text      12-15  blocks
//   16-23  rows, float64          24-55  content hash (SHA-256)
//   56-59  CRC-32 of the bytes before and behind it, the meta included        60-63  0
//   64-    meta: JSON in UTF-8, filled with blanks to a multiple of 8, then the blocks
const MAGIC = 'PKDAYF01';
const HEADER_BYTES = 64;
const HASH_AT = 24;
const CRC_AT = 56;
/** Of a block: bytes of all of it, rows, columns, CRC-32 of the bytes before and behind it. */
const BLOCK_HEAD_BYTES = 16;
/** Of a column: base, scale (float64), compressed bytes (int32), width, coding, 0, 0. */
const COLUMN_HEAD_BYTES = 24;
/** A reader that streams holds one block. */
export const BLOCK_ROWS = 65_536;
const META_BYTES_MAX = 1 << 24;
const HASH_PIECE_BYTES = 1 << 20;

/** A file that rows came from. */
export interface SourceFile {
  readonly name: string;
  readonly sha256: string;
  readonly layout: string;
  readonly rows: number;
}

/** What a day file says of itself. */
export interface DayMeta {
  readonly schema: 1;
  readonly kind: string;
  readonly symbol: string;
  /** 20230711; of a series the first day. */
  readonly day: number;
  readonly lastDay: number;
  /** Id of the layout the rows came in. */
  readonly layout: string;
  readonly columns: readonly string[];
  readonly sources: readonly SourceFile[];
  /** Times that stepped back and were held; bars whose missing open was filled; rows left out. */
  readonly heldTimes: number;
  readonly filledOpens: number;
  readonly badRows: number;
  readonly warnings: readonly string[];
}

/** SHA-256 in hex over kind, symbol, day, layout and values; where rows came from is left out. */
export function contentHash(meta: DayMeta, table: Table): string {
  const hash = createHash('sha256');
  const { kind, symbol, day, layout } = meta;
  hash.update(`${MAGIC}\n${kind}\n${symbol}\n${day}\n${layout}\n${table.rows}\n`);
  for (const [i, name] of columnsOf(kind).entries()) {
    if (PLACE_COLUMNS.includes(name)) continue;
    hash.update(`${name}\n`);
    const { buffer, byteOffset, byteLength } = table.columns[i];
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** Writes the file; returns its content hash. Throws MarketDataError when the disk refuses. */
export function writeDayFile(path: string, meta: DayMeta, table: Table): string {
  const hash = contentHash(meta, table);
  const blocks = Math.ceil(table.rows / BLOCK_ROWS);
  const text = Buffer.from(JSON.stringify(meta));
  const head = Buffer.alloc(HEADER_BYTES + align8(text.length), ' ');
  head.fill(0, 0, HEADER_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeInt32LE(text.length, 8);
  head.writeInt32LE(blocks, 12);
  head.writeDoubleLE(table.rows, 16);
  head.write(hash, HASH_AT, 'hex');
  text.copy(head, HEADER_BYTES);
  head.writeUInt32LE(headCrc(head), CRC_AT);
  const aside = `${path}.part`;
  try {
    const file = openSync(aside, 'w');
    try {
      writeAll(file, head);
      for (let b = 0; b < blocks; b++) writeAll(file, encodeBlock(table, b * BLOCK_ROWS));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw diskError(path, error);
  }
  return hash;
}

function headCrc(head: Buffer): number {
  return crc32(head.subarray(CRC_AT + 4), crc32(head.subarray(0, CRC_AT)));
}

function encodeBlock(table: Table, from: number): Buffer {
  const to = Math.min(table.rows, from + BLOCK_ROWS);
  const columns = table.columns.map((column) => encodeColumn(column.subarray(from, to)));
  const packedBytes = columns.reduce((sum, column) => sum + column.bytes.length, 0);
  const heads = BLOCK_HEAD_BYTES + columns.length * COLUMN_HEAD_BYTES;
  const block = Buffer.alloc(align8(heads + packedBytes));
  let at = BLOCK_HEAD_BYTES;
  let dataAt = heads;
  for (const { base, scale, bytes, width, coding } of columns) {
    block.writeDoubleLE(base, at);
    block.writeDoubleLE(scale, at + 8);
    block.writeInt32LE(bytes.length, at + 16);
    block[at + 20] = width;
    block[at + 21] = coding;
    block.set(bytes, dataAt);
    at += COLUMN_HEAD_BYTES;
    dataAt += bytes.length;
  }
  block.writeInt32LE(block.length, 0);
  block.writeInt32LE(to - from, 4);
  block.writeInt32LE(columns.length, 8);
  block.writeUInt32LE(blockCrc(block, block.subarray(BLOCK_HEAD_BYTES)), 12);
  return block;
}

function blockCrc(head: Buffer, body: Buffer): number {
  return crc32(body, crc32(head.subarray(0, BLOCK_HEAD_BYTES - 4)));
}

/** A block of rows, its columns as they lie in the file: they hold until another file is read. */
export interface EncodedBlock {
  readonly rows: number;
  readonly columns: readonly EncodedColumn[];
}

/** Whole files are read through it, one at a time: thousands of buffers would be garbage. */
const WHOLE_BYTES = 1 << 20;
let whole: Buffer | null = null;

/** A day file that is open for reading; close it. */
export class DayFile {
  readonly path: string;
  readonly meta: DayMeta;
  readonly rows: number;
  readonly blocks: number;
  readonly contentHash: string;
  readonly bytes: number;
  readonly #file: number;
  /** Its first bytes. */
  #ahead: Buffer = Buffer.alloc(0);
  #at: number;

  /** Opens and checks the header; throws MarketDataError. `scratch` takes what is read ahead. */
  constructor(path: string, scratch: Buffer | null = null) {
    this.path = path;
    this.#file = openFile(path);
    try {
      this.bytes = fstatSync(this.#file).size;
      if (scratch !== null) {
        const ahead = scratch.subarray(0, this.bytes);
        this.#read(ahead, 0);
        this.#ahead = ahead;
      }
      const head = this.#view(0, HEADER_BYTES);
      if (head.toString('latin1', 0, 8) !== MAGIC) throw this.#fault('not a day file of version 1');
      const metaBytes = head.readInt32LE(8);
      if (metaBytes < 2 || metaBytes > META_BYTES_MAX) throw this.#fault('damaged (meta length)');
      const all = this.#view(0, HEADER_BYTES + align8(metaBytes));
      if (headCrc(all) !== all.readUInt32LE(CRC_AT)) throw this.#fault('damaged header (CRC-32)');
      this.blocks = all.readInt32LE(12);
      this.rows = all.readDoubleLE(16);
      this.contentHash = all.toString('hex', HASH_AT, HASH_AT + 32);
      const text = all.toString('utf8', HEADER_BYTES, HEADER_BYTES + metaBytes);
      this.meta = JSON.parse(text) as DayMeta;
      this.#at = all.length;
      const expected = columnsOf(this.meta.kind);
      if (this.meta.columns.join() !== expected.join()) {
        throw this.#fault('columns of another version');
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The next block of rows in order, or null at the end; O(block). */
  next(): Table | null {
    const block = this.nextEncoded();
    if (block === null) return null;
    const { rows, columns } = block;
    return { kind: this.meta.kind, rows, columns: columns.map((one) => decodeColumn(one, rows)) };
  }

  /** Like next(), before its columns are decoded. */
  nextEncoded(): EncodedBlock | null {
    if (this.#at >= this.bytes) return null;
    const head = this.#view(this.#at, BLOCK_HEAD_BYTES);
    const bytes = head.readInt32LE(0);
    const rows = head.readInt32LE(4);
    const columns = head.readInt32LE(8);
    const fits = bytes >= BLOCK_HEAD_BYTES && this.#at + bytes <= this.bytes;
    if (!fits || columns !== this.meta.columns.length || rows > BLOCK_ROWS) {
      throw this.#fault(`damaged block at byte ${this.#at}, or cut off there`);
    }
    const body = this.#view(this.#at + BLOCK_HEAD_BYTES, bytes - BLOCK_HEAD_BYTES);
    if (blockCrc(head, body) !== head.readUInt32LE(12)) {
      throw this.#fault(`damaged block at byte ${this.#at} (CRC-32)`);
    }
    this.#at += bytes;
    return { rows, columns: encodedIn(body, columns) };
  }

  /** All blocks; from the first one, once. Throws MarketDataError for missing or too many rows. */
  allEncoded(): EncodedBlock[] {
    const blocks: EncodedBlock[] = [];
    let rows = 0;
    for (let block = this.nextEncoded(); block !== null; block = this.nextEncoded()) {
      rows += block.rows;
      if (rows > this.rows) throw this.#fault('more rows than its header says');
      blocks.push(block);
    }
    if (rows !== this.rows) throw this.#fault(`${rows} rows, expected ${this.rows} (cut off)`);
    return blocks;
  }

  /** All rows; from the first block, once. */
  readAll(): Table {
    const blocks = this.allEncoded();
    const table = makeTable(this.meta.kind, this.rows);
    for (const [i, values] of table.columns.entries()) fillColumn(blocks, i, values);
    return table;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Bytes of the file: of those read ahead, or read now. */
  #view(at: number, length: number): Buffer {
    if (at + length <= this.#ahead.length) return this.#ahead.subarray(at, at + length);
    const bytes = Buffer.alloc(length);
    this.#read(bytes, at);
    return bytes;
  }

  #read(into: Buffer, at: number): void {
    let got = 0;
    while (got < into.length) {
      const n = readSync(this.#file, into, got, into.length - got, at + got);
      if (n === 0) throw this.#fault(`${this.bytes} bytes long, cut off`);
      got += n;
    }
  }

  #fault(what: string): MarketDataError {
    return new MarketDataError(`${this.path}: ${what}; import the day again with --replace`);
  }
}

function encodedIn(body: Buffer, count: number): EncodedColumn[] {
  let dataAt = count * COLUMN_HEAD_BYTES;
  const columns: EncodedColumn[] = [];
  for (let i = 0; i < count; i++) {
    const at = i * COLUMN_HEAD_BYTES;
    const length = body.readInt32LE(at + 16);
    columns.push({
      base: body.readDoubleLE(at),
      scale: body.readDoubleLE(at + 8),
      width: body[at + 20],
      coding: body[at + 21],
      bytes: body.subarray(dataAt, dataAt + length),
    });
    dataAt += length;
  }
  return columns;
}

/** Decodes the i-th column of all blocks. */
export function fillColumn(
  blocks: readonly EncodedBlock[],
  i: number,
  values: Float64Array | Int32Array,
): void {
  let at = 0;
  for (const { rows, columns } of blocks) {
    decodeInto(columns[i], rows, values, at);
    at += rows;
  }
}

/** Opens, has `use` read what it wants, and closes. What is not decoded by then is gone. */
export function openDayFile<T>(path: string, use: (file: DayFile) => T): T {
  whole ??= Buffer.allocUnsafeSlow(WHOLE_BYTES);
  const file = new DayFile(path, whole);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** Opens, reads and closes. */
export function readDayFile(path: string): { readonly file: DayFile; readonly table: Table } {
  return openDayFile(path, (file) => ({ file, table: file.readAll() }));
}

/** SHA-256 in hex of a file's bytes, however long it is. */
export function fileHash(path: string): string {
  const hash = createHash('sha256');
  const file = openFile(path);
  try {
    const piece = Buffer.alloc(HASH_PIECE_BYTES);
    for (let n = 1; n > 0; ) {
      n = readSync(file, piece, 0, piece.length, null);
      hash.update(piece.subarray(0, n));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new MarketDataError(`${path}: cannot be read (${codeOf(error)})`);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** What a person can do about a disk that refuses. */
export function diskError(path: string, error: unknown): Error {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new MarketDataError(
      `${path}: the disk is full; files finished before are kept, no half file is left. ` +
        'Make room and import again: what is there already is passed over',
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOENT' || code === 'ENOTDIR') {
    return new MarketDataError(`${path}: cannot be written (${code})`);
  }
  return error instanceof Error ? error : new MarketDataError(`${path}: ${String(error)}`);
}
