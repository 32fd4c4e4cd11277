// The unmodified bridge A as a process: over the stand-in of xtquant and its counter. Used by tests
// and the bench of bridge A. Always: in the counter's folder; a second start goes on with the same
// journal; only what it started is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run-cli.ts';
import { waitFor } from '../wait-for.ts';
import { LinkClient } from './link-client.ts';
import { PYTHON_ENV } from './python.ts';

export const XT_SECRET = 'a-secret-of-nobody-0123456789';
const PATIENCE_MS = 30_000;

export class XtBridge {
  readonly address: string;
  log = '';
  readonly #dir: string;
  readonly #settings: object;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #ended = true;

  /** `dir`: where folder `userdata` (with counter.json) lies; `settings`: above the defaults. */
  constructor(dir: string, userdata: string, settings: object, env: NodeJS.ProcessEnv = {}) {
    this.#dir = dir;
    this.#env = env;
    this.address = join(dir, 'bridge.sock');
    this.#settings = {
      ...{ account: 'demo', userdataPath: userdata, day: 20260105, listen: this.address },
      ...{ secretFile: join(dir, 'secret'), dir: join(dir, 'bridge'), sessions: [100, 103] },
      ...settings,
    };
  }

  async start(): Promise<void> {
    mkdirSync(this.#dir, { recursive: true });
    writeFileSync(join(this.#dir, 'secret'), XT_SECRET, { mode: 0o600 });
    writeFileSync(join(this.#dir, 'bridge.json'), JSON.stringify(this.#settings));
    const script = join(ROOT, 'gateways/qmt/bridge/pankou_xtquant.py');
    const child = spawn('python3', [script, '--config', join(this.#dir, 'bridge.json')], {
      env: { ...PYTHON_ENV, PYTHONPATH: join(ROOT, 'tests/support/qmt'), ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#ended = false;
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.log += piece;
    });
    child.once('close', () => {
      this.#ended = true;
    });
  }

  /** Waits until the log holds `text` again, from byte `from` on. */
  async says(text: string, from = 0): Promise<void> {
    await waitFor(`'${text}' in ${this.log}`, () => this.log.includes(text, from), PATIENCE_MS);
  }

  /** An engine that has taken account 0. */
  async engine(epoch: number, engineId = 1, accounts: readonly string[] = ['demo']) {
    await this.says('broker connected');
    const options = { secret: XT_SECRET, engineId, accounts };
    const client = await new LinkClient(this.address).login(options);
    await client.until('LinkState');
    await client.fence(epoch);
    return client;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await waitFor('the bridge to end', () => this.#ended, PATIENCE_MS);
  }

  /** In order, as a service manager ends it; its exit code. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    await waitFor('the bridge to end', () => this.#ended, PATIENCE_MS);
    return this.#child?.exitCode ?? null;
  }
}
