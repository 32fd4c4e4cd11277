// Puts the segments of an in-memory disk into a folder and reads them with the real reader, so that
// no test trusts what the writer says of itself.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEnd, readJournal } from '../../../engine/journal/reader.ts';
import { RECORD_NAMES } from '../../../engine/journal/record.ts';
import { segmentName } from '../../../engine/journal/segment.ts';
import { type MemoryDisk, tempFolder } from './journal-kit.ts';

/** The end of the journal, and the record types in order. */
export function readDisk(disk: MemoryDisk): { end: JournalEnd; types: string[]; dir: string } {
  const dir = tempFolder();
  for (const [index, bytes] of disk.segments) writeFileSync(join(dir, segmentName(index)), bytes);
  const types: string[] = [];
  const end = readJournal(dir, (record) => types.push(RECORD_NAMES[record.type]));
  return { end, types, dir };
}
