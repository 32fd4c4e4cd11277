// Where a journal stands while its writer lives: the sequence number of its last record, without
// reading the rest. Used by crash-rig.ts to mark faults. Invariant: records lie one behind another
// from the start of a segment, zeros behind them, so the end is found by halving.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  MAGIC_OFFSET,
  RECORD_BYTES,
  RECORD_MAGIC,
  SEQ_OFFSET,
} from '../../engine/journal/record.ts';

/** 0 = no record, or no journal yet. */
export function lastSeq(dir: string): number {
  let names: string[];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith('.pkj'));
  } catch {
    return 0;
  }
  // The newest segment may have been made in advance.
  for (const name of names.sort().reverse()) {
    const seq = lastSeqIn(join(dir, name));
    if (seq > 0) return seq;
  }
  return 0;
}

function lastSeqIn(path: string): number {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(SEQ_OFFSET + 4);
    const isRecord = (index: number): boolean => {
      const got = readSync(file, head, 0, head.length, index * RECORD_BYTES);
      return got === head.length && head.readInt32LE(MAGIC_OFFSET) === RECORD_MAGIC;
    };
    let low = 0;
    let high = Math.floor(fstatSync(file).size / RECORD_BYTES);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isRecord(middle)) low = middle + 1;
      else high = middle;
    }
    return low > 0 && isRecord(low - 1) ? head.readInt32LE(SEQ_OFFSET) : 0;
  } finally {
    closeSync(file);
  }
}
