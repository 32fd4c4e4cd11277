// One event = one request appended and flushed, as the gateway does for each drained batch; the
// file is real, so the garbage of the write itself is included. Segments are prepared in time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENESIS_CHAIN } from '../../engine/journal/record.ts';
import { SegmentFiles } from '../../engine/journal/segment-file.ts';
import { JournalWriter } from '../../engine/journal/writer.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import { Epoch } from '../../engine/messages/generated/control.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import type { AllocScenario } from './alloc-harness.ts';

const SEGMENT_BYTES = 160 * 1024 * 1024;
const dir = mkdtempSync(join(tmpdir(), 'pankou-alloc-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

const files = new SegmentFiles(dir);
files.prepare(1, SEGMENT_BYTES);
const writer = new JournalWriter({
  files,
  position: { segment: 1, handle: files.open(1), offset: 0, seq: 0, chain: GENESIS_CHAIN },
  account: 1,
  day: 20260109,
  epoch: 1,
  policy: 'none',
  engineVersion: '0.1.0',
  segmentBytes: SEGMENT_BYTES,
});
const memory = new FrameMemory(new ArrayBuffer(1024));
new Epoch().begin(memory, 0).epoch = 1;
writer.append(memory, 0, 0, 0);
const request = new Request().begin(memory, 512);
request.action = 1;
const clock = new Float64Array(2);

export const scenario: AllocScenario = {
  warmupEvents: 200_000,
  events: 100_000,
  run(events) {
    const before = writer.writtenSeq;
    for (let i = 0; i < events; i++) {
      request.coidC = i;
      request.qty = 100 + (i & 1023);
      clock[0] += 1_000.5;
      writer.stamps[0] = clock[0];
      writer.stamps[1] = clock[0];
      const seq = writer.appendStamped(memory, 512);
      if (seq < 0 || writer.flush() < 0) throw new Error(`seq=${seq} failure=${writer.failure}`);
    }
    return writer.writtenSeq - before;
  },
};
