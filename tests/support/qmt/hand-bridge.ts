// A Python bridge whose broker a test plays by hand (fake_bridge.py), as a process. Used by
// tests of the core. Always: in a folder of its own; a second start goes on with its journal.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../run-cli.ts';
import { waitFor } from '../wait-for.ts';
import { LinkClient } from './link-client.ts';
import { PYTHON_ENV } from './python.ts';

export const SECRET = 'a-secret-of-nobody-0123456789';
const PATIENCE_MS = 15_000;

export interface HandCall {
  readonly call: string;
  readonly account?: string;
  readonly order?: { readonly remark: string; readonly symbol: string; readonly qty: number };
  readonly orderNo?: number;
  readonly kind?: number;
  readonly token?: unknown;
  readonly onDisk?: boolean;
  readonly syncs?: number;
}

export class HandBridge {
  readonly dir = mkdtempSync(join(tmpdir(), 'pankou-qmt-hand-'));
  readonly address = join(this.dir, 'bridge.sock');
  calls: HandCall[] = [];
  log = '';
  readonly #settings: object;
  #child: ChildProcess | null = null;
  #ended = true;

  constructor(settings: object = {}) {
    this.#settings = settings;
    writeFileSync(join(this.dir, 'secret'), `${SECRET}\n`, { mode: 0o600 });
  }

  async start(): Promise<void> {
    const settings = {
      ...{ dir: join(this.dir, 'journal'), listen: this.address, accounts: ['demo'] },
      ...{ secretFile: join(this.dir, 'secret'), ...this.#settings },
    };
    writeFileSync(join(this.dir, 'settings.json'), JSON.stringify(settings));
    const script = join(ROOT, 'tests/support/qmt/fake_bridge.py');
    const child = spawn('python3', [script, join(this.dir, 'settings.json')], { env: PYTHON_ENV });
    this.#child = child;
    this.#ended = false;
    this.calls = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.calls.push(JSON.parse(line) as HandCall);
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.log += piece;
    });
    child.once('close', () => {
      this.#ended = true;
    });
    await this.until('listening');
  }

  /** What the broker's client tells the core. */
  tell(...event: readonly unknown[]): void {
    this.#child!.stdin!.write(`${JSON.stringify(event)}\n`);
  }

  /** Waits for `count` calls of a kind; all of them. */
  async until(call: string, count = 1): Promise<HandCall[]> {
    const find = (): HandCall[] => this.calls.filter((one) => one.call === call);
    await waitFor(`${count} ${call}`, () => find().length >= count || this.#ended, PATIENCE_MS);
    if (find().length < count) throw new Error(`the bridge ended: ${this.log}`);
    return find();
  }

  /** The broker's client is up, and the core has taken note. */
  async connect(day: number): Promise<void> {
    const from = this.log.length;
    this.tell('connected', day);
    await waitFor('the day', () => this.log.includes('broker connected', from), PATIENCE_MS);
  }

  /** An engine that has taken account 0. */
  async engine(epoch: number, engineId = 1): Promise<LinkClient> {
    const client = await new LinkClient(this.address).login({ secret: SECRET, engineId });
    await client.until('LinkState');
    await client.fence(epoch);
    return client;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await waitFor('the bridge to end', () => this.#ended, PATIENCE_MS);
  }

  async clean(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
