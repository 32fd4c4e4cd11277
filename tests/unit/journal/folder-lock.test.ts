import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  FolderLockError,
  LOCK_FILE,
  lockFolder,
  readHolder,
} from '../../../engine/host/folder-lock.ts';
import { tempFolder } from './journal-kit.ts';

test('a held folder is refused with pid, host and start of the holder, and free after release', async () => {
  const dir = tempFolder();
  const lock = await lockFolder(dir);
  const error = await lockFolder(dir).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FolderLockError);
  expect((error as FolderLockError).holder).toMatchObject({ pid: process.pid });
  expect((error as FolderLockError).message).toMatch(/is in use by pankou pid \d+ on .+ since 20/);
  await lock.release();
  await lock.release();
  expect(readHolder(dir)).toBeNull();
  await (await lockFolder(dir)).release();
});

test('the same folder through a link is the same lock; another folder is not', async () => {
  const dir = tempFolder();
  mkdirSync(join(dir, 'real'));
  mkdirSync(join(dir, 'other'));
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  const lock = await lockFolder(join(dir, 'real'));
  await expect(lockFolder(join(dir, 'link'))).rejects.toThrow(FolderLockError);
  const other = await lockFolder(join(dir, 'other'));
  await other.release();
  await lock.release();
});

test('of many that try at once exactly one gets the folder', async () => {
  const dir = tempFolder();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(dir)));
  const winners = results.filter((result) => result.status === 'fulfilled');
  expect(winners.length).toBe(1);
  await winners[0].value.release();
});

test('a lock file left behind does not hold the folder', async () => {
  const dir = tempFolder();
  const left = { pid: 2 ** 22 + 1, host: 'gone', since: '2026-01-09T01:30:00.000Z' };
  writeFileSync(join(dir, LOCK_FILE), JSON.stringify(left));
  const lock = await lockFolder(dir);
  expect(readHolder(dir)?.pid).toBe(process.pid);
  await lock.release();
});

test('a file cannot be locked', async () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  await expect(lockFolder(file)).rejects.toThrow('expected a folder');
});
