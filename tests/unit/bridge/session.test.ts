// The session of a bridge in the core, between rings of the test; nobody listens at its address.
// Always: the clock that the links hear goes on, and never beyond the next market event.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { END_BY_USER } from '../../../engine/messages/codes.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { createSession } from '../../../gateways/bridge/session.ts';
import { Pipe } from '../../support/actor-harness.ts';
import { makeSetup } from '../../support/make-setup.ts';
import { waitFor } from '../../support/wait-for.ts';

const SECOND_NS = 1e9;

async function openSession(speed: number) {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-session-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const secretFile = join(dir, 'secret');
  writeFileSync(secretFile, 'not-a-secret-of-anybody', { mode: 0o600 });
  const setup = { ...makeSetup(), speed, bridge: { address: join(dir, 'none.sock'), secretFile } };
  const [requests, reports, market, control] = [0, 1, 2, 3].map(() => new Pipe());
  const gate = { open: true };
  const session = await createSession(setup, {
    requests: [requests!.ring],
    reports: [reports!.out()],
    market: market!.out(),
    control: control!.ring,
    pacer: { mayRelease: () => gate.open },
    onProgress: null,
  });
  onTestFinished(() => session.onClose());
  session.doWork();
  gate.open = false;
  const clocks = () => reports!.take().filter((frame) => frame.type === 'Clock');
  return { session, gate, market: market!, control: control!, clocks };
}

test('a market that ended does not stop the clock of the gateway links', async () => {
  const { session, control, clocks } = await openSession(100);
  control.send(End, { reason: END_BY_USER });
  session.doWork();
  session.doWork();
  expect(session.ended).toBe(true);
  const fromNs = session.nowNs;
  let last = 0;
  await waitFor('five seconds of engine time', () => {
    session.doWork();
    for (const { eventNs } of clocks()) {
      expect(eventNs).toBeGreaterThan(last);
      last = eventNs!;
    }
    return last > fromNs + 5 * SECOND_NS;
  });
});

test('a quiet market does not either, but time never passes its next event', async () => {
  const { session, gate, market, clocks } = await openSession(1e6);
  const seen: number[] = [];
  for (let i = 0; i < 200; i++) {
    session.doWork();
    seen.push(...clocks().map((clock) => clock.eventNs!));
    await new Promise((done) => setTimeout(done, 1));
  }
  expect(session.eventCount).toBe(1);
  expect(seen.length).toBeGreaterThan(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const clockedNs = session.nowNs;
  market.take();
  gate.open = true;
  session.doWork();
  expect(market.take()[0]!.eventNs).toBeGreaterThan(clockedNs);
});
