// The bridge process: stands beside a broker's client, takes the links of engines and of the
// supervisor's kill switch. Started by hand or by a service:
//   node gateways/bridge/main.ts --dir DIR --listen ADDRESS --secret-file FILE --accounts A,B
//     --broker NAME --broker-address ADDRESS [--limits FILE]
// Invariant: engines are let in only once the broker's day is known and its journals are open.
import { existsSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { BrokerEvents, BrokerModule, BrokerPort } from '../broker-port.ts';
import { readSecret, targetOf } from './address.ts';
import { Bridge, type BridgeVoice } from './bridge.ts';
import { BridgeJournal } from './journal.ts';
import { type BridgeLimits, DEFAULT_LIMITS, LimitGate, readLimits } from './limits.ts';
import { type BridgeHouse, Peer } from './peer.ts';

interface BridgeArgs {
  readonly dir: string;
  readonly listen: string;
  readonly secret: string;
  readonly accounts: readonly string[];
  readonly limits: BridgeLimits;
}

class BridgeProcess implements BridgeHouse, BrokerEvents {
  readonly secret: string;
  readonly accounts: readonly string[];
  readonly bridges: Bridge[] = [];
  readonly broker: BrokerPort;
  day = 0;
  brokerUp = false;
  readonly #args: BridgeArgs;
  readonly #peers = new Set<Peer>();
  readonly #server: Server;
  #opening: Promise<void> | null = null;

  constructor(args: BridgeArgs, broker: BrokerPort) {
    this.#args = args;
    this.secret = args.secret;
    this.accounts = args.accounts;
    this.broker = broker;
    this.#server = createServer((socket) => {
      this.#peers.add(new Peer(socket, this));
    });
  }

  async start(): Promise<void> {
    const target = targetOf(this.#args.listen);
    if (target.path !== undefined) await removeDeadSocket(target.path);
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen({ ...target, exclusive: true }, done);
    });
    this.log(`listening on ${this.#args.listen}`);
    this.broker.start(this);
  }

  onConnected(day: number): void {
    this.#opening ??= this.#open(day);
    this.#opening.then(
      () => this.#onBrokerUp(day),
      (error: Error) => {
        this.log(`cannot open the bridge's journals: ${error.message}`);
        process.exit(1);
      },
    );
  }

  onDisconnected(why: string): void {
    this.log(`broker gone: ${why}`);
    if (!this.brokerUp) return;
    this.brokerUp = false;
    for (const peer of this.#peers) peer.onBroker(false);
  }

  onOrder(account: string, row: Parameters<BrokerEvents['onOrder']>[1]): void {
    this.#bridgeOf(account)?.onOrder(row);
  }

  onTrade(account: string, row: Parameters<BrokerEvents['onTrade']>[1]): void {
    this.#bridgeOf(account)?.onTrade(row);
  }

  onCancelError(account: string, orderNo: number, text = ''): void {
    this.#bridgeOf(account)?.onCancelError(orderNo, text);
  }

  onFenced(peer: Peer, account: number): void {
    for (const other of this.#peers) if (other !== peer) other.epochs[account] = 0;
  }

  onGone(peer: Peer): void {
    this.#peers.delete(peer);
  }

  log(text: string): void {
    process.stderr.write(`bridge: ${text}\n`);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.broker.close();
    for (const peer of this.#peers) peer.channel.end('the bridge ends');
    for (const bridge of this.bridges) await bridge.journal.close();
  }

  async #open(day: number): Promise<void> {
    const { dir, limits } = this.#args;
    const opened: Bridge[] = [];
    for (const [a, account] of this.accounts.entries()) {
      const journal = await BridgeJournal.open(dir, account, a, day);
      const restarted = journal.orders.size > 0 ? performance.now() : null;
      const gate = new LimitGate(limits, restarted);
      const nowMs = (): number => performance.now();
      const voice = this.#voice(a);
      opened.push(new Bridge({ account, journal, broker: this.broker, gate, voice, nowMs }));
      const known = `${journal.orders.size} ids known, fence ${journal.fence}`;
      this.log(`account ${account}, day ${day}: ${known}${journal.killed ? ', KILLED' : ''}`);
    }
    this.bridges.push(...opened);
    this.day = day;
  }

  #onBrokerUp(day: number): void {
    if (day !== this.day) {
      this.log(`the broker is at day ${day}, this bridge at ${this.day}: start it again`);
      process.exit(1);
    }
    this.log('broker connected');
    this.brokerUp = true;
    for (const bridge of this.bridges) bridge.forgetTold();
    for (const peer of this.#peers) peer.onBroker(true);
  }

  #bridgeOf(account: string): Bridge | undefined {
    return this.bridges.find((bridge) => bridge.account === account);
  }

  /** Tells the engine that holds the fence of account `a`. */
  #voice(a: number): BridgeVoice {
    const listeners = (): Peer[] => [...this.#peers].filter((peer) => peer.holds(a));
    return {
      report: (order, kind, code) => {
        for (const peer of listeners()) peer.wire.sayReport(a, order, kind, code);
      },
      refuse: (request, kind, code) => {
        // Also to an engine below the fence: it is told why.
        for (const peer of this.#peers) {
          if (peer.epochs[a] === request.epoch) peer.wire.sayRefusal(a, request, kind, code);
        }
      },
      fill: (order, trade) => {
        for (const peer of listeners()) peer.wire.sayFill(a, order, trade);
      },
      alarm: (text) => this.log(`ALARM: ${text}`),
    };
  }
}

/** A socket file that nobody listens on is left over from a killed bridge. */
async function removeDeadSocket(path: string): Promise<void> {
  if (process.platform === 'win32' || path.startsWith('\0') || !existsSync(path)) return;
  const alive = await new Promise<boolean>((done) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
  if (alive) throw new Error(`another bridge listens on ${path}`);
  unlinkSync(path);
}

function readArgs(): { args: BridgeArgs; broker: string; brokerAddress: string } {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({
    options: {
      dir: text,
      listen: text,
      'secret-file': text,
      accounts: text,
      broker: { type: 'string', default: 'counter' },
      'broker-address': text,
      limits: text,
    },
  });
  const accounts = values.accounts.split(',').filter((name) => name !== '');
  for (const key of ['dir', 'listen', 'secret-file', 'accounts', 'broker-address'] as const) {
    if (values[key] === '') throw new Error(`--${key} is missing; see docs/BRIDGE.md`);
  }
  if (!/^[a-z]+$/.test(values.broker)) throw new Error(`--broker ${values.broker}: no such broker`);
  const limits = values.limits === '' ? DEFAULT_LIMITS : readLimits(values.limits);
  const secret = readSecret(values['secret-file']);
  const args = { dir: values.dir, listen: values.listen, secret, accounts, limits };
  return { args, broker: values.broker, brokerAddress: values['broker-address'] };
}

async function main(): Promise<void> {
  const { args, broker, brokerAddress } = readArgs();
  mkdirSync(args.dir, { recursive: true, mode: 0o700 });
  const path = new URL(`../${broker}/broker.ts`, import.meta.url).href;
  const module = (await import(path)) as BrokerModule;
  const port = module.openBroker(brokerAddress, (line) => process.stderr.write(`${line}\n`));
  const bridge = new BridgeProcess(args, port);
  await bridge.start();
  const stop = (): void => void bridge.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: Error) => {
  process.stderr.write(`bridge: ${error.message}\n`);
  process.exit(1);
});
