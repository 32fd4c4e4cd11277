// How long the way to the broker and back took, from journals: for each order the host time between
// its request and the first word of the broker. Called by `pankou latency`. Always: read only; both
// times are of one monotonic clock and one life of the engine, so no clock has to be right.
import { STATUS_PENDING, STATUS_SUBMITTED } from '../core/order-status.ts';
import { frameValues, orderIdText } from './field-text.ts';
import type { JournalRecord } from './journal-record.ts';
import { readJournal } from './reader.ts';
import { RECORD_FILL, RECORD_REPORT, RECORD_REQUEST } from './record.ts';

export interface RoundTrips {
  /** In the order of the answers, ns. */
  readonly ns: readonly number[];
  /** Requests that nobody answered in their life. */
  readonly unanswered: number;
}

/** Reads the journal of one account; throws what the reader throws. */
export function roundTrips(journalDir: string): RoundTrips {
  const open = new Map<string, { readonly epoch: number; readonly monoNs: number }>();
  const ns: number[] = [];
  let unanswered = 0;
  readJournal(journalDir, (record) => {
    if (record.type === RECORD_REQUEST) {
      open.set(idOf(record), { epoch: record.epoch, monoNs: record.monoNs });
      return;
    }
    if (!isAnswer(record)) return;
    const id = idOf(record);
    const sent = open.get(id);
    open.delete(id);
    if (sent === undefined) return;
    if (sent.epoch === record.epoch) ns.push(Math.max(0, record.monoNs - sent.monoNs));
    else unanswered++;
  });
  return { ns, unanswered: unanswered + open.size };
}

/** A fill, or a report of more than our own sending. */
function isAnswer(record: JournalRecord): boolean {
  if (record.type === RECORD_FILL) return true;
  if (record.type !== RECORD_REPORT) return false;
  const status = valuesOf(record).get('status');
  return status !== STATUS_PENDING && status !== STATUS_SUBMITTED;
}

function idOf(record: JournalRecord): string {
  return orderIdText(valuesOf(record));
}

function valuesOf(record: JournalRecord): ReadonlyMap<string, number> {
  return frameValues(record.frameType, record.memory, record.frameAt);
}

/**
 * One way each: half a round trip, to three digits, with how often it came, as `--latency
 * order=file:PATH` reads it.
 */
export function halvesText(ns: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const one of ns) {
    const half = Number((one / 2).toPrecision(3));
    counts.set(half, (counts.get(half) ?? 0) + 1);
  }
  const lines = [...counts].sort(([a], [b]) => a - b).map(([half, n]) => `${half},${n}`);
  return `ns,count\n${lines.join('\n')}\n`;
}
