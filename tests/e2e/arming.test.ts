// The stages of an account on real processes: counter, bridge, engine with its api process. Nothing
// reaches the counter disarmed or in shadow; the pilot's caps hold; disarming stops at once; a
// restart begins disarmed. Run by vitest. Always: a folder of its own, every process ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readAudit, verifyAudit } from '../../engine/journal/audit-log.ts';
import { ARM_PILOT } from '../../engine/messages/codes.ts';
import { Arming } from '../../engine/messages/generated/broker.ts';
import { withEngine } from '../../tools/desk/find-engine.ts';
import { frame } from '../support/control-frames.ts';
import { ROOT, runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  NO_PROC,
  ordersOn,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const SYMBOL = '600001.SH';
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await endAllEngines();
});

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

interface World {
  readonly dir: string;
  readonly run: string;
  readonly config: string;
  readonly bridge: () => string;
  /** Orders that the counter has taken. */
  readonly taken: () => number;
}

async function world(): Promise<World> {
  const dir = tempFolder();
  writeFileSync(join(dir, 'secret'), 'a secret of sixteen and more\n', { mode: 0o600 });
  const counter = start('gateways/counter/main.ts', [
    ...['--dir', join(dir, 'counter'), '--port', '0', '--day', '20260105', '--seed', '3'],
    ...['--account', 'demo:1000000', '--position', `${SYMBOL}:20000:12`],
  ]);
  await waitFor('the counter', () => /listening \d+/.test(counter()), 20_000);
  const port = /listening (\d+)/.exec(counter())![1];
  const bridge = start('gateways/bridge/main.ts', [
    ...['--dir', join(dir, 'bridge'), '--listen', join(dir, 'bridge.sock')],
    ...['--secret-file', join(dir, 'secret'), '--accounts', 'demo'],
    ...['--broker', 'counter', '--broker-address', `127.0.0.1:${port}`],
  ]);
  const fees = { commissionRate: 0, commissionMin: 0, stampDutyRate: 0, transferRate: 0 };
  const positions = { [SYMBOL]: { qty: 20_000, cost: 12 } };
  const pilot = { orderAmount: 2_000, dayAmount: 2_600, instruments: [SYMBOL] };
  const config = writeConfig(dir, [{ file: 'steady', params: { rest: false, everyMs: 2_000 } }], {
    gateway: { kind: 'bridge', address: join(dir, 'bridge.sock'), secretFile: 'secret' },
    accounts: [{ id: 'demo', cash: 1_000_000, positions, fees }],
    speed: 20,
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

describe.skipIf(NO_PROC !== '')(`the stages of an account ${NO_PROC}`, () => {
  test('nothing leaves below the pilot, its caps hold, and a restart begins disarmed', async () => {
    const { run, config, bridge, taken } = await world();
    const cli = (...args: string[]) => runCli([...args, '--dir', run]);
    const engine = startEngine([config]);
    const page = await engine.page();
    const codes = () => {
      const reasons = [...ordersOn(page).values()].map(({ reason }) => reason?.code ?? 0);
      return new Set(reasons);
    };
    await waitFor('refused orders', () => codes().has(520), 30_000);
    await waitFor('the link', () => bridge().includes('account demo is disarmed'), 20_000);

    const check = await cli('arm', '--check');
    expect(check.code).toBe(1);
    expect(check.stdout).toContain('✗ limit-prices');
    expect(check.stdout).toContain('✓ capability');
    expect(check.stdout).toContain('✓ bridge');
    expect((await cli('arm', 'shadow', '--by', '李伟')).stdout).toContain('is now shadow');
    await waitFor('shadow orders', () => codes().has(521), 20_000);
    expect(taken()).toBe(0);

    // The conditions of a pilot are not met by an invented market, so the core is told directly.
    await withEngine(run, async ({ send, replica }) => {
      send(frame(Arming, { account: 0, stage: ARM_PILOT }), 0);
      await waitFor('the pilot', () => replica.stages.of('demo').stage === 'pilot');
    });
    await waitFor('the bridge hears of it', () => bridge().includes('account demo is pilot'));
    await waitFor('orders', () => taken() === 2, 20_000);
    await waitFor('the cap of the day', () => codes().has(522), 20_000);
    expect(taken()).toBe(2);

    const down = await cli('disarm', '--by', '李伟');
    expect(down.stdout, down.stderr).toContain('disarmed: demo');
    expect((await cli('audit', 'verify')).code).toBe(0);
    const steps = readAudit(run).map(({ who, from, what, result }) => [who, from, what, result]);
    expect(steps).toContainEqual(['李伟', 'http 127.0.0.1', 'arm', 'done']);
    expect(steps).toContainEqual(['李伟', 'command line', 'disarm', 'done']);

    engine.interrupt();
    expect(await engine.exit).toBe(0);
    expect(verifyAudit(run).problems).toEqual([]);
    const again = startEngine([config]);
    const restarted = await again.page();
    await waitFor('its stage', () => JSON.stringify(restarted.messages).includes('is disarmed'));
    expect(taken()).toBe(2);
  });
});
