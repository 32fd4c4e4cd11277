// One process per folder, in this process; tests/crash/journal-kill.test.ts does it with a killed
// one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  FolderLockError,
  LOCK_FILE,
  lockFolder,
  readHolder,
} from '../../../engine/host/folder-lock.ts';
import { tempFolder } from './journal-kit.ts';

test('a held folder is refused with pid, host and start of the holder, until release', async () => {
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

describe('where the system has no such sockets', () => {
  const lock = (dir: string) => lockFolder(dir, 'darwin');

  test('the lock file of a living process holds the folder until release', async () => {
    const dir = tempFolder();
    const held = await lock(dir);
    await expect(lock(dir)).rejects.toThrow(`pid ${process.pid} on`);
    await held.release();
    await (await lock(dir)).release();
  });

  test('the lock file of a dead process is taken over, by one of many', async () => {
    const dir = tempFolder();
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = { pid, host: hostname(), since: '2026-01-09T01:30:00.000Z' };
    writeFileSync(join(dir, LOCK_FILE), JSON.stringify(left));
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => lock(dir)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
    expect(readHolder(dir)?.pid).toBe(process.pid);
  });

  test('a lock file of another host, or one that cannot be read, is believed', async () => {
    const dir = tempFolder();
    const left = { pid: 1, host: 'elsewhere', since: '2026-01-09T01:30:00.000Z' };
    writeFileSync(join(dir, LOCK_FILE), JSON.stringify(left));
    await expect(lock(dir)).rejects.toThrow('on elsewhere since');
    writeFileSync(join(dir, LOCK_FILE), '{');
    await expect(lock(dir)).rejects.toThrow(FolderLockError);
  });
});
