// Both bridges of QMT as processes over the other fakes (tests/support/qmt/other): the same few
// words for either. Used by the contract test of other clients. Always: a folder of its own,
// nothing shared with the first stand-ins; only what it started is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatOrderId, idAccountEpoch, idCheck } from '../../../engine/core/order-id.ts';
import { ACTION_CANCEL, ACTION_PLACE } from '../../../engine/messages/codes.ts';
import { ROOT } from '../run-cli.ts';
import { waitFor } from '../wait-for.ts';
import { LinkClient, type Values } from './link-client.ts';
import { PYTHON_ENV } from './python.ts';

const DAY = 20260105;
const SECRET = 'a-secret-of-nobody-0123456789';
const OTHER = join(ROOT, 'tests/support/qmt/other');
const BRIDGE = join(ROOT, 'gateways/qmt/bridge');
const PATIENCE_MS = 15_000;

export type OtherWay = 'xtquant' | 'terminal';

/** Settings that only one of the two bridges knows. */
const SETTINGS = {
  xtquant: (dir: string): object => ({
    ...{ account: 'demo', userdataPath: dir, sessions: [100, 103], quotes: false },
    waits: { answer: 0.6, refusal: 0.3 },
  }),
  terminal: (): object => ({ account: '8', name: 'demo', cacheSeconds: 0.2, unseenSeconds: 1 }),
};

export class OtherBridge {
  readonly dir = mkdtempSync(join(tmpdir(), 'pankou-other-'));
  log = '';
  engine!: LinkClient;
  readonly #way: OtherWay;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #lastC = 0;
  #queryNo = 0;

  constructor(way: OtherWay, env: NodeJS.ProcessEnv = {}) {
    this.#way = way;
    this.#env = env;
  }

  /** Started, its broker connected, account 0 taken by an engine. */
  async start(): Promise<void> {
    const { dir } = this;
    mkdirSync(dir, { recursive: true });
    const listen = join(dir, 'bridge.sock');
    const secretFile = join(dir, 'secret');
    writeFileSync(secretFile, SECRET, { mode: 0o600 });
    const places = { listen, secretFile, dir: join(dir, 'journal'), day: DAY };
    const config = join(dir, 'bridge.json');
    writeFileSync(config, JSON.stringify({ ...places, ...SETTINGS[this.#way](dir) }));
    const args =
      this.#way === 'xtquant'
        ? [join(BRIDGE, 'pankou_xtquant.py'), '--config', config]
        : [join(OTHER, 'terminal/run.py'), join(BRIDGE, 'pankou_terminal.py')];
    this.#child = spawn('python3', args, {
      env: { ...PYTHON_ENV, PYTHONPATH: OTHER, PANKOU_BRIDGE_CONFIG: config, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        this.log += piece;
      });
    }
    await this.says('broker connected');
    this.engine = await new LinkClient(listen).login({ secret: SECRET });
    await this.engine.until('LinkState');
    await this.engine.fence(1);
  }

  async says(text: string): Promise<void> {
    const heard = (): boolean => this.log.includes(text);
    await waitFor(`'${text}' in the log`, heard, PATIENCE_MS).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.log}`);
    });
  }

  /** Hands over an order of so many shares; what the fakes make of it is said by the quantity. */
  place(qty: number, more: Values = {}): Values {
    const c = ++this.#lastC;
    const a = idAccountEpoch(0, 1);
    const id = { coid_a: a, coid_b: DAY, coid_c: c, coid_d: idCheck(a, DAY, c) };
    const terms = { account: 0, instrument: 0, action: ACTION_PLACE, side: 1, kind: 1 };
    const order = { ...id, ...terms, price_e4: 98_000, value_e4: 98_000, qty, ...more };
    this.engine.say('Request', order);
    return order;
  }

  cancel(order: Values): void {
    this.engine.say('Request', { ...order, action: ACTION_CANCEL });
  }

  /** Kinds of the reports of an order, in order. */
  reports(order: Values): number[] {
    const own = this.engine.named('Report').filter((one) => one['coid_c'] === order['coid_c']);
    return own.map((one) => one['kind']!);
  }

  /** The report of a kind, once it is there. */
  async report(order: Values, kind: number): Promise<Values> {
    const find = (): Values | undefined =>
      this.engine
        .named('Report')
        .find((one) => one['coid_c'] === order['coid_c'] && one['kind'] === kind);
    const heard = (): boolean => find() !== undefined;
    await waitFor(`report ${kind} of ${this.remark(order)}`, heard, PATIENCE_MS).catch(
      (error: Error) => {
        throw new Error(`${error.message}, have ${this.reports(order)}\n${this.log}`);
      },
    );
    return find()!;
  }

  /** Shares filled of an order, once they are `qty`. */
  async filled(order: Values, qty: number): Promise<Values[]> {
    const own = (): Values[] =>
      this.engine.named('Fill').filter((one) => one['coid_c'] === order['coid_c']);
    const sum = (): number => own().reduce((total, one) => total + one['qty']!, 0);
    await waitFor(`${qty} filled of ${this.remark(order)}`, () => sum() >= qty, PATIENCE_MS);
    return own();
  }

  /** Asks; the rows and the end. */
  async ask(kind: number, frame: string): Promise<{ rows: Values[]; end: Values }> {
    const no = ++this.#queryNo;
    const before = this.engine.named(frame).length;
    this.engine.say('Query', { account: 0, query_no: no, kind });
    const end = (): Values | undefined =>
      this.engine.named('QueryEnd').find((one) => one['query_no'] === no);
    await waitFor(`the answer of query ${kind}`, () => end() !== undefined, PATIENCE_MS);
    return { rows: this.engine.named(frame).slice(before), end: end()! };
  }

  remark(order: Values): string {
    return formatOrderId(order['coid_a']!, order['coid_b']!, order['coid_c']!);
  }

  async stop(): Promise<void> {
    this.engine?.close();
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once('close', done));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
