// A journal whose only life has a chosen epoch, as after that many restarts. Called by the test of
// the last epoch that an order id can carry.

import { GENESIS_CHAIN } from '../../../engine/journal/record.ts';
import { SegmentFiles } from '../../../engine/journal/segment-file.ts';
import { JournalWriter } from '../../../engine/journal/writer.ts';
import { ACCOUNT, DAY, epochFrame } from './journal-kit.ts';

export function writeJournalAtEpoch(dir: string, epoch: number): void {
  const files = new SegmentFiles(dir);
  files.prepare(1, 8192);
  const handle = files.open(1);
  const writer = new JournalWriter({
    files,
    position: { segment: 1, handle, offset: 0, seq: 0, chain: GENESIS_CHAIN },
    account: ACCOUNT,
    day: DAY,
    epoch,
    policy: 'none',
    engineVersion: '0.1.0',
    segmentBytes: 8192,
    reservedBytes: 1024,
  });
  writer.append(epochFrame(epoch), 0, 1, 1);
  writer.close();
}
