// The trading password's proof on disk: what is stored, what wrong ones cost, over restarts. The
// store is a real one in a temporary folder; its clock is the test's, its scrypt a cheap one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PeopleStore } from '../../../engine/control/arming/people-store.ts';

const CHEAP = { N: 1_024, r: 8, p: 1 };
let nowMs = 1_000_000;

function open(dir = ''): { store: PeopleStore; dir: string } {
  const folder = dir === '' ? mkdtempSync(join(tmpdir(), 'pankou-people-')) : dir;
  if (dir === '') onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new PeopleStore(folder, () => nowMs, CHEAP);
  onTestFinished(() => store.close());
  return { store, dir: folder };
}

test('a password is proven, over restarts, and never stands on disk', async () => {
  const { store, dir } = open();
  expect(await store.checkPassword('任何密码 x')).toEqual({ ok: false, why: 'none' });
  await expect(store.setPassword('短密码')).rejects.toThrow('at least 8');
  await store.setPassword('盘口交易密码 2026');
  expect(await store.checkPassword('盘口交易密码 2026')).toEqual({ ok: true });
  await store.close();
  const again = open(dir).store;
  expect(again.hasPassword).toBe(true);
  expect(await again.checkPassword('盘口交易密码 2026')).toEqual({ ok: true });
  expect(await again.checkPassword('盘口交易密码 2025')).toMatchObject({ why: 'wrong' });
  for (const name of readdirSync(join(dir, 'people'))) {
    expect(readFileSync(join(dir, 'people', name)).includes('交易密码')).toBe(false);
  }
});

test('guessing is slowed down, more each time, over a restart; a right one ends it', async () => {
  const { store, dir } = open();
  await store.setPassword('correct horse');
  const guess = () => store.checkPassword('wrong horse');
  for (let i = 0; i < 5; i++) expect(await guess()).toMatchObject({ why: 'wrong' });
  expect(await guess()).toEqual({ ok: false, why: 'locked', seconds: 60 });
  expect(await store.checkPassword('correct horse')).toMatchObject({ why: 'locked' });
  await store.close();
  const again = open(dir).store;
  expect(await again.checkPassword('correct horse')).toMatchObject({ why: 'locked' });
  nowMs += 61_000;
  expect(await again.checkPassword('wrong horse')).toMatchObject({ why: 'wrong' });
  expect(await again.checkPassword('x')).toEqual({ ok: false, why: 'locked', seconds: 120 });
  nowMs += 121_000;
  expect(await again.checkPassword('correct horse')).toEqual({ ok: true });
  expect(await again.checkPassword('wrong horse')).toMatchObject({ why: 'wrong' });
});

test('guesses at once are counted one by one', async () => {
  const { store } = open();
  await store.setPassword('correct horse');
  const all = await Promise.all(Array.from({ length: 20 }, () => store.checkPassword('guess')));
  expect(all.filter((one) => !one.ok && one.why === 'wrong')).toHaveLength(5);
  expect(all.filter((one) => !one.ok && one.why === 'locked')).toHaveLength(15);
});
