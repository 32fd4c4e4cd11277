// The whole story of one order from its journal: the request and what risk said, every report,
// fill and cancel, each with its record. Called by `pankou explain`. Cold; reads only, beside a
// running engine too. Always: what it tells was proved by the reader (CRC, sequence, chain).
import { symbolOf } from '../core/instrument.ts';
import { parseOrderId } from '../core/order-id.ts';
import { readText, textName } from '../messages/frame-text.ts';
import { TYPE_NAMES } from '../messages/generated/types.ts';
import { frameValues, orderIdText } from './field-text.ts';
import type { JournalRecord } from './journal-record.ts';
import { readJournal } from './reader.ts';
import {
  RECORD_CANCEL,
  RECORD_CONFIRM,
  RECORD_FILL,
  RECORD_HOLD,
  RECORD_INSTRUMENT,
  RECORD_NAMES,
  RECORD_REJECT,
  RECORD_REPORT,
  RECORD_REQUEST,
  RECORD_SETTLE,
} from './record.ts';

/** One record that bears the order. */
export interface OrderRecord {
  readonly seq: number;
  /** Segment file and byte of the record in it. */
  readonly file: string;
  readonly offset: number;
  readonly epoch: number;
  readonly day: number;
  /** Engine time of day, ns. */
  readonly atNs: number;
  /** RECORD_NAMES */
  readonly type: string;
  readonly frame: string;
  readonly fields: { readonly [name: string]: number };
  /** Names and reasons of people; absent = the record has none. */
  readonly texts?: { readonly [name: string]: string };
  readonly crc: number;
}

export interface OrderStory {
  readonly dir: string;
  /** Client order id; '' = the key belongs to an intent that was refused before it was an order. */
  readonly coid: string;
  readonly symbol: string;
  readonly records: readonly OrderRecord[];
  /** Records of the journal in all, and whether its end was torn. */
  readonly lastSeq: number;
  readonly torn: boolean;
}

/** What is looked for: an order by its id, or an order or refusal by its client's key. */
export interface OrderQuestion {
  readonly coid?: string;
  /** 32 hexadecimal digits. */
  readonly key?: string;
}

const ABOUT_ORDERS = new Set([
  RECORD_HOLD,
  RECORD_CONFIRM,
  RECORD_SETTLE,
  RECORD_REQUEST,
  RECORD_CANCEL,
  RECORD_REPORT,
  RECORD_FILL,
  RECORD_REJECT,
]);

/** The stories in one journal folder, first to last; throws what readJournal throws. */
export function explainOrder(dir: string, question: OrderQuestion): OrderStory[] {
  const id = question.coid === undefined ? null : parseOrderId(question.coid);
  const wanted = new Set(id === null ? [] : [`${id.a} ${id.c}`]);
  const stories = new Map<string, OrderRecord[]>();
  const symbols = new Map<number, string>();
  const end = readJournal(dir, (record) => {
    const values = frameValues(record.frameType, record.memory, record.frameAt);
    if (record.type === RECORD_INSTRUMENT) {
      const code = values.get('securityCode') ?? 0;
      symbols.set(values.get('instrument') ?? -1, symbolOf(values.get('market') ?? 0, code));
    }
    if (!ABOUT_ORDERS.has(record.type)) return;
    // Account and epoch, and the sequence: enough within a journal, and in every record.
    const name = `${values.get('coidA')} ${values.get('coidC')}`;
    const hasKey = question.key !== undefined && keyText(values) === question.key;
    if (hasKey && values.get('coidC') !== 0) wanted.add(name);
    if (!hasKey && !wanted.has(name)) return;
    const story = stories.get(name) ?? [];
    story.push(recordOf(record, values));
    stories.set(name, story);
  });
  return [...stories.values()].map((records) => ({
    ...{ dir, records, lastSeq: end.lastSeq, torn: end.tail !== null },
    coid: orderIdText(new Map(Object.entries(records[0]!.fields))),
    symbol: symbols.get(records[0]!.fields['instrument'] ?? -1) ?? '',
  }));
}

function recordOf(record: JournalRecord, values: ReadonlyMap<string, number>): OrderRecord {
  const { seq, file, epoch, day, atNs, type } = record;
  return {
    ...{ seq, file, offset: record.at, epoch, day, atNs },
    type: RECORD_NAMES[type] ?? String(type),
    frame: TYPE_NAMES.get(record.frameType) ?? String(record.frameType),
    fields: Object.fromEntries(values),
    ...textsOf(record, values),
    crc: record.crc >>> 0,
  };
}

function textsOf(record: JournalRecord, values: ReadonlyMap<string, number>): object {
  const texts: Record<string, string> = {};
  for (const name of values.keys()) {
    const stem = textName(record.frameType, name);
    if (stem === null || stem === '') continue;
    texts[stem] = readText(record.frameType, record.memory, record.frameAt, name);
  }
  return Object.keys(texts).length === 0 ? {} : { texts };
}

function keyText(values: ReadonlyMap<string, number>): string {
  return ['keyA', 'keyB', 'keyC', 'keyD']
    .map((name) => ((values.get(name) ?? 0) >>> 0).toString(16).padStart(8, '0'))
    .join('');
}
