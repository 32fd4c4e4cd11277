// kill -9 at any moment: nothing acknowledged is lost, nothing torn is accepted, and the folder is
// free for the next process. Real processes, started and killed one by one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FolderLockError, lockFolder } from '../../engine/host/folder-lock.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import { tempFolder } from '../unit/journal/journal-kit.ts';

const CHILD = fileURLToPath(new URL('./journal-child.ts', import.meta.url));
const LIVES = 6;

/** Starts the child and resolves at its first line. */
async function start(...args: string[]): Promise<{ child: ChildProcess; lines: () => string[] }> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let errors = '';
  child.stdout!.on('data', (chunk) => {
    text += String(chunk);
  });
  child.stderr!.on('data', (chunk) => {
    errors += String(chunk);
  });
  await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`child ended early: ${errors}`);
  // The last piece may be half a line: what was not told in full does not count.
  return { child, lines: () => text.split('\n').slice(0, -1) };
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

test('what a killed process had acknowledged is all there, over many lives', async () => {
  const dir = tempFolder();
  let total = 0;
  for (let life = 1; life <= LIVES; life++) {
    const { child, lines } = await start(dir);
    await new Promise((done) => setTimeout(done, 20 + ((life * 37) % 90)));
    await kill(child);
    const told = lines();
    expect(told[0]).toBe(`epoch ${life}`);
    const acknowledged = Number(told.at(-1)!.replace('epoch ', ''));
    const request = new Request();
    let expectedNo = 0;
    let lastSeq = 0;
    let wrong = 0;
    const end = readJournal(dir, (record) => {
      if (record.seq !== lastSeq + 1) wrong++;
      lastSeq = record.seq;
      expectedNo = record.frameType === Request.TYPE ? expectedNo + 1 : 0;
      if (expectedNo > 0) {
        const { coidC, qty } = request.wrap(record.memory, record.frameAt);
        if (coidC !== expectedNo || qty !== 100 * expectedNo) wrong++;
      }
    });
    expect(wrong).toBe(0);
    expect(end.epoch).toBe(life);
    if (told.length > 1) expect(end.lastSeq).toBeGreaterThanOrEqual(acknowledged);
    total = end.lastSeq;
  }
  expect(total).toBeGreaterThan(LIVES * 50);
});

test('a second process is refused with the pid of the first, until that is killed', async () => {
  const dir = tempFolder();
  const { child } = await start(dir, 'lock');
  const refused = await lockFolder(dir).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(FolderLockError);
  expect((refused as FolderLockError).message).toContain(`pid ${child.pid} `);
  await kill(child);
  const lock = await lockFolder(dir);
  await lock.release();
});
