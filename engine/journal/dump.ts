// Prints the records of a journal, one line each, for people or as JSON lines. Called by
// `pankou journal dump`. Cold; verifies all of it while reading, whatever is shown.
import { parseOrderId } from '../core/order-id.ts';
import { readText, textName } from '../messages/frame-text.ts';
import { TYPE_NAMES } from '../messages/generated/types.ts';
import { codeText, fieldText, frameValues, orderIdText, timeText } from './field-text.ts';
import type { JournalRecord } from './journal-record.ts';
import { type JournalEnd, readJournal } from './reader.ts';
import { PAYLOAD_OFFSET, RECORD_NAMES, RECORD_SEGMENT } from './record.ts';
import { readSegmentPayload } from './segment.ts';

export interface DumpOptions {
  /** JSON lines instead of text. */
  readonly json?: boolean;
  /** First and last sequence number to show. */
  readonly from?: number;
  readonly to?: number;
  /** Name of a record type, any case. */
  readonly type?: string;
  /** Client order id, 16 characters: only records that bear it. */
  readonly coid?: string;
  /** Most records to show. */
  readonly limit?: number;
}

/** An option of dumpJournal that means nothing. */
export class DumpOptionError extends Error {}

/** Words of an id shown in every frame anyway, or of no use to a person. */
const QUIET_FIELDS = new Set(['coidA', 'coidB', 'coidC', 'coidD', 'reserved', 'recvNs', 'flags']);

/**
 * Hands the chosen records to `write`, one line without line end each, and returns the end of the
 * journal. Throws DumpOptionError before anything is read, and what readJournal throws.
 */
export function dumpJournal(
  dir: string,
  opts: DumpOptions,
  write: (line: string) => void,
): JournalEnd {
  const wanted = compile(opts);
  const line = opts.json === true ? jsonLine : textLine;
  let left = opts.limit ?? Number.POSITIVE_INFINITY;
  const visit = (record: JournalRecord) => {
    if (left <= 0 || !wanted(record)) return;
    left--;
    write(line(record));
  };
  return readJournal(dir, visit, { segments: true });
}

function compile(opts: DumpOptions): (record: JournalRecord) => boolean {
  const type = opts.type === undefined ? -1 : RECORD_NAMES.indexOf(opts.type.toUpperCase(), 1);
  if (opts.type !== undefined && type < 0) {
    const known = RECORD_NAMES.slice(1).join(', ');
    throw new DumpOptionError(`unknown record type ${opts.type}: expected one of ${known}`);
  }
  const id = opts.coid === undefined ? null : parseOrderId(opts.coid);
  if (opts.coid !== undefined && id === null) {
    const expected = 'expected the 16 characters of the order remark, check digits included';
    throw new DumpOptionError(`${opts.coid} is not a client order id: ${expected}`);
  }
  const { from = 0, to = Number.POSITIVE_INFINITY } = opts;
  return (record) => {
    if (record.seq < from || record.seq > to) return false;
    if (type >= 0 && record.type !== type) return false;
    if (id === null) return true;
    if (record.type === RECORD_SEGMENT) return false;
    const values = frameValues(record.frameType, record.memory, record.frameAt);
    const isSame = values.get('coidA') === id.a && values.get('coidC') === id.c;
    return isSame && values.get('coidB') === id.b;
  };
}

function textLine(record: JournalRecord): string {
  const { seq, epoch, day, atNs, type } = record;
  const head = `#${seq} epoch ${epoch} ${day} ${timeText(atNs)} ${RECORD_NAMES[type]}`;
  if (type === RECORD_SEGMENT) {
    const header = readSegmentPayload(record.memory, record.at + PAYLOAD_OFFSET);
    const { index, segmentBytes, schemaHash, engineVersion } = header;
    const versions = `schema=${schemaHash} engine=${engineVersion}`;
    return `${head} segment=${index} bytes=${segmentBytes} ${versions} account=${record.account}`;
  }
  const values = frameValues(record.frameType, record.memory, record.frameAt);
  const coid = orderIdText(values);
  const parts = coid === '' ? [head] : [head, `coid=${coid}`];
  for (const [name, value] of values) {
    const stem = textName(record.frameType, name);
    if (stem === '' || QUIET_FIELDS.has(name)) continue;
    if (stem === null) parts.push(fieldText(record.frameType, name, value));
    else parts.push(`${stem}=${JSON.stringify(textOf(record, name))}`);
  }
  if (record.stateHash !== '') parts.push(`stateHash=${record.stateHash}`);
  return parts.join(' ');
}

function jsonLine(record: JournalRecord): string {
  const { file, at, seq, epoch, day, account, atNs, monoNs, type, crc, chain } = record;
  const place = { file, offset: at, seq, epoch, day, account, atNs, monoNs };
  const base = { ...place, type: RECORD_NAMES[type], crc: crc >>> 0, chain: chain >>> 0 };
  if (type === RECORD_SEGMENT) {
    const segment = readSegmentPayload(record.memory, record.at + PAYLOAD_OFFSET);
    return JSON.stringify({ ...base, segment });
  }
  const values = frameValues(record.frameType, record.memory, record.frameAt);
  const texts: Record<string, string> = {};
  for (const [name, value] of values) {
    const text = codeText(record.frameType, name, value);
    if (text !== '') texts[name] = text;
    const stem = textName(record.frameType, name);
    if (stem !== null && stem !== '') texts[stem] = textOf(record, name);
  }
  const coid = orderIdText(values);
  return JSON.stringify({
    ...base,
    ...(coid === '' ? {} : { coid }),
    frame: TYPE_NAMES.get(record.frameType),
    fields: Object.fromEntries(values),
    texts,
    ...(record.stateHash === '' ? {} : { stateHash: record.stateHash }),
  });
}

function textOf(record: JournalRecord, first: string): string {
  return readText(record.frameType, record.memory, record.frameAt, first);
}
