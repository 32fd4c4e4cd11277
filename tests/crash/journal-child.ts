// A process life for the crash tests: opens the journal of argv[2], appends requests for ever in
// batches of changing size, and reports each flushed sequence number on standard output. With
// `lock` as argv[3] it only holds the folder. Started by journal-kill.test.ts, which kills it.
import { writeSync } from 'node:fs';
import { lockFolder } from '../../engine/host/folder-lock.ts';
import { openJournal } from '../../engine/journal/open.ts';
import { requestFrame, smallJournal } from '../unit/journal/journal-kit.ts';

const dir = process.argv[2];
if (process.argv[3] === 'lock') {
  await lockFolder(dir);
  writeSync(1, 'locked\n');
  setInterval(() => {}, 1000);
} else {
  const sizes = { segmentBytes: 64 * 1024, reservedBytes: 4096 };
  const { writer, epoch } = await openJournal(dir, smallJournal(sizes));
  writeSync(1, `epoch ${epoch}\n`);
  for (let no = 1; ; ) {
    const count = 1 + (no % 17);
    let seq = 0;
    for (let i = 0; i < count; i++, no++) seq = writer.append(requestFrame(no), 0, no, no);
    const code = writer.flush();
    if (seq < 0 || code < 0) throw new Error(`seq=${seq} code=${code}`);
    // What stands for the broker: told only after flush() answered 0.
    writeSync(1, `${seq}\n`);
  }
}
