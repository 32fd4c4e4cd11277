// What can be saved of a journal with damage in its middle: the records before it, which the chain
// still proves, and the sound ones behind it, which stand for themselves. Called by `pankou journal
// verify --salvage`. Invariants: the damaged folder is only read; the copy is for people and for
// reading commands: an engine must not trade on it, because what is missing may have been sent.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { frameBytes, VERIFY_OK, verifyFrame } from '../messages/generated/verify.ts';
import { frameValues, orderIdText } from './field-text.ts';
import { JournalCorruptError, JournalError } from './journal-error.ts';
import { JournalRecord } from './journal-record.ts';
import { listSegments, loadSegment, readJournal } from './reader.ts';
import { RECORD_BYTES, RECORD_NAMES, RECORD_SEGMENT } from './record.ts';
import { isSoundRecord } from './record-check.ts';
import { segmentName } from './segment.ts';

/** A stretch of the journal that no record covers. */
export interface SalvageGap {
  readonly file: string;
  readonly fromByte: number;
  readonly toByte: number;
  /** Sequence numbers that are lost; from > to = none, only the chain is broken. */
  readonly fromSeq: number;
  readonly toSeq: number;
}

export interface SalvageReport {
  readonly dir: string;
  readonly out: string;
  /** What the reader says is wrong; '' = nothing is, and nothing was written. */
  readonly damage: string;
  /** Records before the damage, proven by the chain: they are in `out` as a journal. */
  readonly proven: number;
  /** Sound records behind it: in `out`/behind.jsonl, one line each. */
  readonly behind: number;
  readonly gaps: readonly SalvageGap[];
  /** Highest epoch seen in any sound record. */
  readonly epoch: number;
}

/** Name of the file of records behind the damage. */
export const BEHIND_FILE = 'behind.jsonl';

/** Writes what can be saved to the new folder `out`. Throws JournalError. */
export function salvageJournal(dir: string, out: string): SalvageReport {
  refusePlace(dir, out);
  const damage = damageOf(dir);
  const head = { dir, out };
  if (damage === null) return { ...head, damage: '', proven: 0, behind: 0, gaps: [], epoch: 0 };
  const scan = new SalvageScan(dir, damage);
  const { proven, lines, gaps, epoch } = scan;
  mkdirSync(out, { recursive: true });
  for (const { name, bytes } of scan.prefix) writeFileSync(join(out, name), bytes, { flag: 'wx' });
  writeFileSync(join(out, BEHIND_FILE), lines.map((line) => `${line}\n`).join(''), { flag: 'wx' });
  return { ...head, damage: damage.message, proven, behind: lines.length, gaps, epoch };
}

function refusePlace(dir: string, out: string): void {
  const inside = relative(resolve(dir), resolve(out));
  if (inside === '' || !inside.startsWith('..')) {
    const text = `--salvage ${out} lies in the damaged journal: give a new folder elsewhere`;
    throw new JournalError('not-a-folder', text);
  }
  if (!existsSync(out)) return;
  throw new JournalError('not-a-folder', `--salvage ${out} exists: give the name of a new folder`);
}

function damageOf(dir: string): JournalCorruptError | null {
  try {
    readJournal(dir, () => {});
    return null;
  } catch (error) {
    if (error instanceof JournalCorruptError) return error;
    throw error;
  }
}

/** One pass over all slots of all segments. */
class SalvageScan {
  proven = 0;
  epoch = 0;
  readonly lines: string[] = [];
  readonly gaps: SalvageGap[] = [];
  /** Files of the proven part, the last one with zeros from the damage on. */
  readonly prefix: { name: string; bytes: Uint8Array }[] = [];
  #lastSeq = 0;
  #gapFile = '';
  #gapFrom = -1;

  constructor(dir: string, damage: JournalCorruptError) {
    const record = new JournalRecord();
    let isBehind = false;
    for (const index of listSegments(dir)) {
      const name = segmentName(index);
      const { memory, bytes } = loadSegment(join(dir, name));
      record.memory = memory;
      record.file = name;
      const isDamaged = name === damage.file;
      const cut = isDamaged ? damage.record * RECORD_BYTES : isBehind ? 0 : bytes;
      if (cut > 0) {
        const copy = new Uint8Array(bytes);
        copy.set(memory.u8.subarray(0, cut));
        this.prefix.push({ name, bytes: copy });
      }
      for (record.at = 0; record.at + RECORD_BYTES <= bytes; record.at += RECORD_BYTES) {
        this.#look(record, record.at >= cut);
      }
      isBehind ||= isDamaged;
    }
  }

  #look(record: JournalRecord, isBehind: boolean): void {
    const { memory, at, file } = record;
    if (!isSoundRecord(memory, at) || RECORD_NAMES[record.type] === undefined) {
      if (this.#gapFrom < 0) {
        this.#gapFile = file;
        this.#gapFrom = at;
      }
      return;
    }
    this.epoch = Math.max(this.epoch, record.epoch);
    const isHeader = record.type === RECORD_SEGMENT;
    // A header bears the number of the record behind it.
    const seq = isHeader ? record.seq - 1 : record.seq;
    if (isBehind && seq > this.#lastSeq + (isHeader ? 0 : 1)) this.#closeGap(record, seq);
    this.#gapFrom = -1;
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    if (isHeader) return;
    if (isBehind) this.lines.push(lineOf(record));
    else this.proven++;
  }

  #closeGap(record: JournalRecord, seq: number): void {
    const isHere = this.#gapFrom >= 0;
    const file = isHere ? this.#gapFile : record.file;
    const fromByte = isHere ? this.#gapFrom : record.at;
    const toSeq = record.type === RECORD_SEGMENT ? seq : seq - 1;
    this.gaps.push({ file, fromByte, toByte: record.at, fromSeq: this.#lastSeq + 1, toSeq });
  }
}

/** A record as one line of JSON; a frame this engine does not know is kept as hexadecimal. */
function lineOf(record: JournalRecord): string {
  const { memory, frameAt, frameType, seq, epoch, day, atNs, file, at } = record;
  const type = RECORD_NAMES[record.type];
  const head = { seq, epoch, day, type, atNs, file, offset: at };
  const isKnown =
    frameBytes(frameType) > 0 && verifyFrame(memory, frameAt, record.payloadLength) === VERIFY_OK;
  if (!isKnown) {
    const raw = memory.u8.subarray(frameAt, frameAt + record.payloadLength);
    return JSON.stringify({ ...head, frame: Buffer.from(raw).toString('hex') });
  }
  const values = frameValues(frameType, memory, frameAt);
  return JSON.stringify({ ...head, coid: orderIdText(values), ...Object.fromEntries(values) });
}
