// Gateways under test whose bridge is a process of its own: the session of gateways/bridge in this
// process, its real link thread and socket, a bridge (Node, QMT way A, QMT way B) and the simulated
// counter behind it. Used by the test files of those gateways. One set of processes serves all
// cases of a file; a case that breaks something leaves it working again.
// Always: only what was started here is signalled; everything lies in one temporary folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewaySession } from '../../engine/host/gateway-session.ts';
import {
  LINK_DOWN,
  LINK_FENCED,
  LINK_UP,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
} from '../../engine/messages/codes.ts';
import { Fence } from '../../engine/messages/generated/broker.ts';
import * as shake from '../../gateways/bridge/handshake.ts';
import { LinkChannel } from '../../gateways/bridge/link-channel.ts';
import { createSession } from '../../gateways/bridge/session.ts';
import { type Fields, type MessageClass, Pipe, type Shown } from '../support/actor-harness.ts';
import { makeSetup } from '../support/make-setup.ts';
import { CounterProcess } from '../support/qmt/counter/counter-process.ts';
import { ROOT } from '../support/run-cli.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  ACCOUNTS,
  cannotOf,
  DAY,
  EPOCH,
  type GatewayUnderTest,
  SYMBOLS,
} from './gateway-under-test.ts';

export type Way = 'node' | 'xtquant' | 'terminal';

const CAPABILITIES: Record<Way, string> = {
  node: 'gateways/counter/capabilities.json',
  xtquant: 'gateways/qmt/capabilities-xtquant.json',
  terminal: 'gateways/qmt/capabilities-terminal.json',
};
const SECRET = 'a secret of the conformance kit';
const QUIET_MS = 40;
const STEP_MS = 2;
const PATIENCE_MS = 60_000;
/** A bridge that was killed lets no order pass for its first second. */
const CLOSED_MS = 1_050;
const LIMITS = { ordersPerSecond: 300, orderAmount: 2_000_000 };

export class ProcessGateway implements GatewayUnderTest {
  readonly cannot: ReadonlySet<string>;
  readonly dir = mkdtempSync(join(tmpdir(), 'pankou-kit-'));
  readonly counter = new CounterProcess(this.dir);
  readonly #way: Way;
  readonly #relay: Relay;
  readonly #requests = ACCOUNTS.map(() => new Pipe());
  readonly #reports = ACCOUNTS.map(() => new Pipe(1 << 20));
  readonly #market = new Pipe(1 << 20);
  #session: GatewaySession | null = null;
  #bridge: ChildProcess | null = null;
  #text = '';
  #states = ACCOUNTS.map(() => LINK_DOWN);
  #epoch = EPOCH;
  /** Frames taken while the gateway was brought into order. */
  #kept: Shown[] = [];

  constructor(way: Way) {
    this.#way = way;
    this.cannot = cannotOf(CAPABILITIES[way]);
    this.#relay = new Relay(join(this.dir, 'link.sock'), join(this.dir, 'bridge.sock'));
  }

  async start(): Promise<void> {
    writeFileSync(join(this.dir, 'secret'), SECRET, { mode: 0o600 });
    writeFileSync(join(this.dir, 'limits.json'), JSON.stringify(LIMITS));
    await this.#startCounter();
    this.#startBridge();
    await this.#relay.listen();
    const bridge = { address: join(this.dir, 'link.sock'), secretFile: join(this.dir, 'secret') };
    const setup = makeSetup({ symbols: SYMBOLS, accounts: ACCOUNTS.map((id) => ({ id })) });
    const session = { ...setup, bridge, day: DAY };
    this.#session = await createSession(session, {
      requests: this.#requests.map((pipe) => pipe.ring),
      reports: this.#reports.map((pipe) => pipe.out()),
      market: this.#market.out(),
      control: new Pipe().ring,
      pacer: { mayRelease: () => false },
      onProgress: null,
    });
    await this.#fenced();
    this.#kept = [];
  }

  async stop(): Promise<void> {
    this.#session?.onClose();
    this.#relay.close();
    this.#bridge?.kill('SIGKILL');
    await this.counter.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  send<T>(message: MessageClass<T>, fields: Fields<T>, account: number): void {
    if (!this.#requests[account]!.send(message, fields)) throw new Error('the ring is full');
  }

  async take(): Promise<Shown[]> {
    await new Promise((done) => setTimeout(done, STEP_MS));
    return [...this.#kept.splice(0), ...this.#work()];
  }

  async settle(): Promise<Shown[]> {
    const frames: Shown[] = [];
    for (let since = performance.now(); performance.now() - since < QUIET_MS; ) {
      const more = await this.take();
      if (more.length > 0) since = performance.now();
      frames.push(...more);
    }
    return frames;
  }

  async market(instrument: number, side: number, priceE4: number, qty: number, keep: boolean) {
    await this.counter.market(SYMBOLS[instrument]!, side, priceE4, qty, keep);
  }

  async phase(name: 'continuous' | 'closed'): Promise<void> {
    // A day that has closed never opens again: the break at noon takes no orders either.
    const phase = name === 'closed' ? PHASE_LUNCH : PHASE_CONTINUOUS;
    await this.counter.admin({ do: 'phase', phase });
  }

  books(account: number) {
    return this.counter.books(ACCOUNTS[account]!);
  }

  async deed([verb, ...rest]: readonly string[]): Promise<void> {
    const what = `${verb} ${rest.join(' ')}`.trim();
    if (verb === 'fault') await this.#fault(rest[0]!, rest[1]);
    else if (verb === 'foreign') await this.#foreign(rest);
    else if (verb === 'print') await this.counter.admin({ do: 'push', account: 'demo' });
    else if (verb === 'kill') await this.#kill(rest[0] === 'on');
    else if (verb === 'fence') this.#fence(Number(rest[0]));
    else if (what === 'bridge restarts') await this.#restartBridge();
    else if (what === 'counter restarts') await this.#restartCounter();
    else if (what === 'link drops') await this.#dropLink();
    else if (what === 'link stands') this.#relay.freeze();
    else if (what === 'client drops') await this.#client(false);
    else if (what === 'client returns') await this.#client(true);
    else if (what === 'broker drops') await this.#broker(false);
    else if (what === 'broker returns') await this.#broker(true);
    else if (verb === 'reinit') await this.#reinit(rest[0]!);
    else if (verb === 'refused') await this.#stranger(rest);
    else throw new Error(`no such deed: ${what}`);
  }

  async clear(): Promise<void> {
    await this.counter.admin({ do: 'client', up: true });
    await this.counter.admin({ do: 'broker', up: true });
    await this.counter.admin({ do: 'clear' });
    this.#epoch = EPOCH;
    if (this.#states.some((state) => state !== LINK_FENCED)) await this.#fenced();
    // What still comes of the case before names orders that no later case knows.
    this.#kept = [];
  }

  #work(): Shown[] {
    for (let i = 0; i < 50 && this.#session!.doWork() > 0; i++);
    this.#market.take();
    const frames = this.#reports.flatMap((pipe) => pipe.take());
    for (const frame of frames) {
      if (frame.type === 'LinkState') this.#states[frame.account!] = frame.state!;
    }
    return frames.filter((frame) => frame.type !== 'Clock');
  }

  /** Waits for the connection and fences both accounts, as a gateway link does. */
  async #fenced(): Promise<void> {
    const asked = new Set<number>();
    await waitFor(
      `the fence (${this.#text.slice(-600)})`,
      async () => {
        this.#kept.push(...(await this.#step()));
        for (const [account, state] of this.#states.entries()) {
          if (state !== LINK_UP || asked.has(account)) continue;
          asked.add(account);
          this.send(Fence, { account, epoch: this.#epoch, day: DAY }, account);
        }
        for (const [account, state] of this.#states.entries()) {
          if (state === LINK_DOWN) asked.delete(account);
        }
        return this.#states.every((state) => state === LINK_FENCED);
      },
      PATIENCE_MS,
    );
  }

  async #down(): Promise<void> {
    await waitFor(
      'the loss of the connection',
      async () => {
        this.#kept.push(...(await this.#step()));
        return this.#states.every((state) => state === LINK_DOWN);
      },
      PATIENCE_MS,
    );
  }

  async #step(): Promise<Shown[]> {
    await new Promise((done) => setTimeout(done, STEP_MS));
    return this.#work();
  }

  #fence(epoch: number): void {
    this.send(Fence, { account: 0, epoch, day: DAY }, 0);
  }

  async #fault(name: string, times = '1'): Promise<void> {
    await this.counter.fault(name as 'none', Number(times));
  }

  async #foreign([side, qty, , price]: readonly string[]): Promise<void> {
    const order = {
      ...{ remark: '', symbol: SYMBOLS[0], side: side === 'buy' ? (1 as const) : (2 as const) },
      ...{ kind: 1, priceE4: Math.round(Number(price) * 10_000), qty: Number(qty) },
    };
    await this.counter.admin({ do: 'foreign', account: ACCOUNTS[0], order });
  }

  async #kill(on: boolean): Promise<void> {
    const text = await talk(join(this.dir, 'bridge.sock'), 'control', {}, { on });
    if (!text.includes('killed')) throw new Error(`kill: ${text}`);
  }

  async #restartBridge(): Promise<void> {
    this.#bridge!.kill('SIGKILL');
    await this.#down();
    this.#startBridge();
    await this.#fenced();
    await new Promise((done) => setTimeout(done, CLOSED_MS));
  }

  async #restartCounter(): Promise<void> {
    await this.counter.kill();
    await this.#down();
    await this.#startCounter();
    await this.#fenced();
  }

  async #dropLink(): Promise<void> {
    this.#relay.cut();
    await this.#down();
    await this.#fenced();
  }

  async #client(up: boolean): Promise<void> {
    await this.counter.admin({ do: 'client', up });
    if (up) await this.#fenced();
    else await this.#down();
  }

  async #broker(up: boolean): Promise<void> {
    await this.counter.admin({ do: 'broker', up });
    if (this.#way !== 'xtquant') return;
    if (up) await this.#fenced();
    else await this.#down();
  }

  /** The strategy's `init` runs again: in the same module, or in a fresh one. */
  async #reinit(how: string): Promise<void> {
    const path = join(this.counter.userdata, 'reinit');
    writeFileSync(`${path}.new`, how);
    renameSync(`${path}.new`, path);
    await this.#down();
    await this.#fenced();
    await new Promise((done) => setTimeout(done, CLOSED_MS));
  }

  /** `refused wrong-secret`: somebody else knocks; the kit wants to be told why not. */
  async #stranger([what]: readonly string[]): Promise<void> {
    const path = join(this.dir, 'bridge.sock');
    const changes: Record<string, object> = {
      'wrong-secret': { secret: 'another secret of somebody' },
      'wrong-day': { day: DAY + 1 },
      'wrong-accounts': { accounts: ['somebody'] },
      'wrong-version': { protocol: 99 },
      'wrong-schema': { schema: 'older' },
    };
    const text = await talk(path, 'engine', changes[what!]!, null);
    if (!text.includes('refused')) throw new Error(`${what}: ${text}`);
  }

  async #startCounter(): Promise<void> {
    await this.counter.start([
      ...['--account', 'demo:1000000', '--account', 'margin:1000000:CREDIT:500000'],
      ...['--position', '000001.SZ:10000:9', '--position', '600001.SH:10000:9'],
      ...SYMBOLS.flatMap((symbol) => ['--instrument', `${symbol}:10`]),
      ...['--session-hold', '200', '--day', String(DAY)],
    ]);
  }

  #startBridge(): void {
    const [program, args, env] = this.#command();
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    this.#bridge = child;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
    });
  }

  #command(): [string, string[], NodeJS.ProcessEnv] {
    const { dir, counter } = this;
    const places = { listen: join(dir, 'bridge.sock'), dir: join(dir, 'bridge') };
    const secretFile = join(dir, 'secret');
    if (this.#way === 'node') {
      const args = [join(ROOT, 'gateways/bridge/main.ts'), '--dir', places.dir];
      args.push('--listen', places.listen, '--secret-file', secretFile);
      args.push('--accounts', ACCOUNTS.join(','), '--limits', join(dir, 'limits.json'));
      args.push('--broker', 'counter', '--broker-address', `127.0.0.1:${counter.port}`);
      return [process.execPath, args, {}];
    }
    const accounts = [
      { name: ACCOUNTS[0], account: ACCOUNTS[0], accountType: 'STOCK' },
      { account: ACCOUNTS[1], accountType: 'CREDIT', credit: { financing: true } },
    ];
    const limits = { ...LIMITS, symbols: SYMBOLS.slice(0, 2).concat('123001.SZ') };
    const settings = { ...places, secretFile, accounts, limits, day: DAY };
    const isTerminal = this.#way === 'terminal';
    const more = isTerminal
      ? { cacheSeconds: 0.05, unseenSeconds: 0.6, tickMs: 10 }
      : { userdataPath: counter.userdata };
    writeFileSync(join(dir, 'bridge.json'), JSON.stringify({ ...settings, ...more }));
    const env = {
      PANKOU_BRIDGE_CONFIG: join(dir, 'bridge.json'),
      PYTHONPATH: join(ROOT, 'tests/support/qmt'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const bridge = (name: string): string => join(ROOT, 'gateways/qmt/bridge', name);
    if (!isTerminal) return ['python3', [bridge('pankou_xtquant.py')], env];
    const emulator = join(ROOT, 'tests/support/qmt/terminal/emulator.py');
    const args = [emulator, bridge('pankou_terminal.py'), '--client', counter.userdata];
    args.push('--account', 'demo', '--account', 'margin:CREDIT');
    args.push('--floor-ms', '10', '--cache-ms', '10', '--bar-seconds', '1');
    return ['python3', args, env];
  }
}

/** Stands between session and bridge, so that a test can cut the wire. */
class Relay {
  readonly #from: string;
  readonly #to: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
    this.#server = createServer((near) => {
      const far = connect(this.#to);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  listen(): Promise<void> {
    return new Promise((done) => this.#server.listen(this.#from, done));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The wire is there and carries nothing any more: half-open. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

interface Claims {
  readonly secret?: string;
  readonly day?: number;
  readonly accounts?: readonly string[];
  readonly protocol?: number;
  readonly schema?: string;
}

/** Knocks as an engine or as the kill switch; what the bridge answers, as text. */
function talk(path: string, role: 'engine' | 'control', claims: Claims, kill: object | null) {
  const { secret = SECRET, day = DAY, accounts = ACCOUNTS, ...hello } = claims;
  const nonce = shake.newNonce();
  const engineId = 1 + (createHash('sha1').update(nonce).digest()[0] ?? 0);
  return new Promise<string>((done) => {
    const socket = connect(path);
    const heard: string[] = [];
    const channel = new LinkChannel(socket, {
      onFrame: () => true,
      onPiece: () => {},
      onClosed: () => done(heard.join(' ')),
      onJson: (message) => {
        const said = message as Record<string, string>;
        heard.push(JSON.stringify(said));
        if (said['kind'] === 'challenge') {
          const proof = shake.proofOf(secret, role, nonce, said['nonce']!);
          channel.sendJson({ kind: 'login', proof, engineId, day, accounts: [...accounts] });
        } else if (said['kind'] === 'welcome' && kill !== null) {
          channel.sendJson({ kind: 'kill', account: '*', ...kill });
        } else channel.close('told');
        return true;
      },
    });
    channel.sendJson({ ...shake.makeHello(role, nonce), ...hello });
  });
}
