// The second link to a bridge: its kill flag is set without an engine, survives a bridge that is
// away, and nobody but the holder of the secret gets that far. Run by vitest over a real socket.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KillLink } from '../../../gateways/bridge/kill-link.ts';
import { openHouse, SECRET } from '../../support/bridge-house.ts';
import { waitFor } from '../../support/wait-for.ts';

function openLink(dir: string, secret = SECRET) {
  const secretFile = join(dir, `secret-${secret.length}`);
  writeFileSync(secretFile, secret, { mode: 0o600 });
  const told: string[] = [];
  const set: [string[], boolean][] = [];
  const link = new KillLink({
    address: join(dir, 'bridge.sock'),
    secretFile,
    log: (text) => void told.push(text),
    onSet: (accounts, on) => void set.push([[...accounts], on]),
  });
  onTestFinished(() => link.close());
  return { link, told, set };
}

const folder = () => mkdtempSync(join(tmpdir(), 'pankou-kill-'));

test('sets and lets go the flag of an account or of all, confirmed by the bridge', async () => {
  const dir = folder();
  const { bridge } = await openHouse(dir);
  const { link, set } = openLink(dir);
  await waitFor('the link', () => link.isOpen);
  expect(link.set('*', true)).toBe(true);
  await waitFor('the flag', () => set.length === 1);
  expect([bridge.journal.killed, link.isConfirmed, set]).toEqual([true, true, [[['demo'], true]]]);
  link.set('demo', false);
  await waitFor('its release', () => set.length === 2);
  expect([bridge.journal.killed, link.isConfirmed]).toEqual([false, true]);
});

test('a kill that is asked while the bridge is away is said when it is back', async () => {
  const dir = folder();
  const { link } = openLink(dir);
  expect([link.set('*', true), link.isConfirmed]).toEqual([false, false]);
  const { bridge } = await openHouse(dir);
  await waitFor('the flag', () => link.isConfirmed);
  expect(bridge.journal.killed).toBe(true);
});

test('without the secret nothing is killed, and the bridge is not taken for ours', async () => {
  const dir = folder();
  const { bridge } = await openHouse(dir);
  const { link, told } = openLink(dir, 'another secret of sixteen and more');
  link.set('*', true);
  await waitFor('the refusal', () => told.some((text) => text.includes('wrong secret')));
  expect([bridge.journal.killed, link.isOpen, link.isConfirmed]).toEqual([false, false, false]);
});

test('an account that the bridge has not is said once, and others still are', async () => {
  const dir = folder();
  const { bridge } = await openHouse(dir);
  const { link, told } = openLink(dir);
  await waitFor('the link', () => link.isOpen);
  link.set('nobody', true);
  await waitFor('the refusal', () => told.some((text) => text.startsWith('refused')));
  await waitFor('the link again', () => link.isOpen);
  link.set('demo', true);
  await waitFor('the flag', () => link.isConfirmed);
  expect(bridge.journal.killed).toBe(true);
});
