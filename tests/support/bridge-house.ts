// A whole bridge of one account behind a local socket, over a fake broker: the product's peers,
// journal and limits. Used by tests of what connects to a bridge. Always: closed with its test.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Bridge } from '../../gateways/bridge/bridge.ts';
import { BridgeJournal } from '../../gateways/bridge/journal.ts';
import { DEFAULT_LIMITS, LimitGate } from '../../gateways/bridge/limits.ts';
import { type BridgeHouse, Peer } from '../../gateways/bridge/peer.ts';
import { FakeBrokerPort } from './fake-broker-port.ts';

export const DAY = 20260105;
export const SECRET = 'a secret of sixteen and more';

export interface House {
  readonly path: string;
  readonly broker: FakeBrokerPort;
  readonly bridge: Bridge;
}

/** A bridge that listens on a local socket in `dir`, with one account; gone with the test. */
export async function openHouse(
  dir: string = mkdtempSync(join(tmpdir(), 'pankou-peer-')),
): Promise<House> {
  const broker = new FakeBrokerPort();
  const journal = await BridgeJournal.open(dir, 'demo', 0, DAY);
  const peers = new Set<Peer>();
  const told = (tell: (peer: Peer) => void): void => {
    for (const peer of peers) if (peer.holds(0)) tell(peer);
  };
  const bridge = new Bridge({
    account: 'demo',
    journal,
    broker,
    gate: new LimitGate(DEFAULT_LIMITS, null),
    nowMs: () => performance.now(),
    voice: {
      report: (order, kind, code) => told((peer) => peer.wire.sayReport(0, order, kind, code)),
      refuse: (order, kind, code) => told((peer) => peer.wire.sayRefusal(0, order, kind, code)),
      fill: (order, trade) => told((peer) => peer.wire.sayFill(0, order, trade)),
      alarm: () => {},
    },
  });
  const house: BridgeHouse = {
    ...{ secret: SECRET, broker, bridges: [bridge], accounts: ['demo'], day: DAY, brokerUp: true },
    log: () => {},
    onGone: (peer) => void peers.delete(peer),
    onFenced: (peer) => {
      for (const other of peers) if (other !== peer) other.epochs[0] = 0;
    },
  };
  const server = createServer((socket) => void peers.add(new Peer(socket, house)));
  const path = join(dir, 'bridge.sock');
  await new Promise<void>((done) => server.listen(path, done));
  onTestFinished(async () => {
    for (const peer of peers) peer.channel.close('test over');
    server.close();
    await journal.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { path, broker, bridge };
}
