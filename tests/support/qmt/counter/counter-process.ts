// The simulated counter (gateways/counter) as a process for tests, and the test's hand in it: moves
// its market, orders its faults, reads its books. Used by the tests of the QMT stand-ins, of the
// bridges and of the conformance kit. Always: everything lies in one folder, `stop` ends what it
// started, and what `books` shows is what the ledger on disk holds.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { FaultName } from '../../../../gateways/counter/behaviour.ts';
import type { LedgerOrder, LedgerTrade } from '../../../../gateways/counter/ledger.ts';
import type { AdminCall } from '../../../../gateways/counter/protocol.ts';
import { LineReader } from '../../../../gateways/counter/protocol.ts';
import { ROOT } from '../../run-cli.ts';
import { waitFor } from '../../wait-for.ts';

export interface CounterBooks {
  readonly orders: readonly LedgerOrder[];
  readonly trades: readonly LedgerTrade[];
  readonly positions: readonly { symbol: string; qty: number; sellableQty: number }[];
  readonly cash: { cashE4: number; availableE4: number; frozenE4: number };
  /** Session numbers of the clients that are connected. */
  readonly sessions: readonly number[];
}

type Deed = Omit<AdminCall, 'op' | 'seq'>;

export class CounterProcess {
  readonly dir: string;
  port = 0;
  #child: ChildProcess | null = null;
  #text = '';
  #ended = true;
  #socket: Socket | null = null;
  #seq = 0;
  readonly #waiting = new Map<number, (value: unknown) => void>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Folder of the client, as a bridge is told it (`userdata_mini`). */
  get userdata(): string {
    return join(this.dir, 'userdata_mini');
  }

  /** Starts it, again on the same port and ledger after `kill`. */
  async start(args: readonly string[] = []): Promise<void> {
    mkdirSync(this.userdata, { recursive: true });
    const child = spawn(
      process.execPath,
      [
        ...[join(ROOT, 'gateways/counter/main.ts'), '--dir', join(this.dir, 'counter')],
        ...['--port', String(this.port), '--beat', '0', ...args],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.#text = '';
    this.#ended = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
    });
    child.once('close', () => {
      this.#ended = true;
    });
    const listens = (): boolean => {
      if (this.#ended) throw new Error(`the counter ended: ${this.#text}`);
      return /listening \d+/.test(this.#text);
    };
    await waitFor('the counter to listen', listens, 30_000);
    this.port = Number(/listening (\d+)/.exec(this.#text)![1]);
    const place = { host: '127.0.0.1', port: this.port };
    writeFileSync(join(this.userdata, 'counter.json'), JSON.stringify(place));
    await this.#connect();
  }

  async kill(): Promise<void> {
    this.#socket?.destroy();
    this.#child?.kill('SIGKILL');
    await waitFor('the counter to end', () => this.#ended);
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    this.#child?.kill('SIGTERM');
    await waitFor('the counter to end', () => this.#ended);
  }

  /** Any deed of the protocol's `admin`. */
  async admin(deed: Deed): Promise<unknown> {
    const seq = ++this.#seq;
    const answer = new Promise((resolve) => this.#waiting.set(seq, resolve));
    this.#socket!.write(`${JSON.stringify({ op: 'admin', seq, ...deed })}\n`);
    return await answer;
  }

  async fault(name: FaultName | 'delayMs' | 'staleMs', times = 1): Promise<void> {
    await this.admin({ do: 'fault', name, times });
  }

  /** The crowd buys (1) or sells (2); what does not trade leaves again unless kept. */
  async market(symbol: string, side: number, priceE4: number, qty: number, keep = false) {
    await this.admin({ do: 'market', symbol, side, priceE4, qty, keep });
  }

  async books(account: string): Promise<CounterBooks> {
    return (await this.admin({ do: 'books', account })) as CounterBooks;
  }

  #connect(): Promise<void> {
    const reader = new LineReader();
    const socket = connect({ host: '127.0.0.1', port: this.port });
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: string) => {
      reader.push(chunk, (line) => {
        const said = JSON.parse(line) as { t: string; seq: number; value: unknown };
        if (said.t !== 'answer') return;
        this.#waiting.get(said.seq)?.(said.value);
        this.#waiting.delete(said.seq);
      });
    });
    return new Promise((done) => socket.once('connect', () => done()));
  }
}
