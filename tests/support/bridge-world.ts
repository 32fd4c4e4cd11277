// Counter, bridge and the configuration of an engine behind them, in a folder of its own: what the
// tests of arming and of the gateway report need around an engine. Always: `endWorlds` ends every
// process.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-cli.ts';
import { endAllEngines, tempFolder, writeConfig } from './run-engine.ts';
import { waitFor } from './wait-for.ts';

export const SYMBOL = '600001.SH';
const children: ChildProcess[] = [];

/** For afterEach: ends every process of every world. */
export async function endWorlds(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await endAllEngines();
}

/** Starts a script of the product; what it has printed so far. */
function start(file: string, args: readonly string[]): () => string {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}

export interface World {
  readonly dir: string;
  readonly run: string;
  readonly config: string;
  readonly bridge: () => string;
  /** Orders that the counter has taken. */
  readonly taken: () => number;
}

/** Counter and bridge are running; the engine is the test's. `simulated`: its account is one. */
export async function bridgeWorld(simulated: boolean): Promise<World> {
  const dir = tempFolder();
  writeFileSync(join(dir, 'secret'), 'a secret of sixteen and more\n', { mode: 0o600 });
  const counter = start('gateways/counter/main.ts', [
    ...['--dir', join(dir, 'counter'), '--port', '0', '--day', '20260105', '--seed', '3'],
    // Its prices are drawn to the orders it sees: for the report they stand still.
    ...['--beat', simulated ? '0' : '50'],
    ...['--account', 'demo:1000000', '--position', `${SYMBOL}:20000:12`],
  ]);
  await waitFor('the counter', () => /listening \d+/.test(counter()));
  const port = /listening (\d+)/.exec(counter())![1];
  const bridge = start('gateways/bridge/main.ts', [
    ...['--dir', join(dir, 'bridge'), '--listen', join(dir, 'bridge.sock')],
    ...['--secret-file', join(dir, 'secret'), '--accounts', 'demo'],
    ...['--broker', 'counter', '--broker-address', `127.0.0.1:${port}`],
  ]);
  const fees = { commissionRate: 0, commissionMin: 0, stampDutyRate: 0, transferRate: 0 };
  const positions = { [SYMBOL]: { qty: 20_000, cost: 12 } };
  const pilot = { orderAmount: 2_000, dayAmount: 2_600, instruments: [SYMBOL] };
  const steady = { file: 'steady', params: { rest: false, everyMs: 2_000 } };
  const config = writeConfig(dir, simulated ? [] : [steady], {
    gateway: { kind: 'bridge', address: join(dir, 'bridge.sock'), secretFile: 'secret' },
    accounts: [{ id: 'demo', cash: 1_000_000, positions, fees, simulated }],
    // The faster, the sooner a real answer counts as late: engine time runs ahead.
    ...{ speed: simulated ? 60 : 20 },
    link: { answerSeconds: 60, silentSeconds: 240, querySeconds: 60 },
    arming: { accounts: { demo: { number: '888', pilot } } },
  });
  const ledger = join(dir, 'counter/ledger.jsonl');
  const taken = (): number =>
    existsSync(ledger)
      ? readFileSync(ledger, 'utf8')
          .split('\n')
          .filter((line) => line.includes('"order"')).length
      : 0;
  return { dir, run: join(dir, 'run'), config, bridge, taken };
}
