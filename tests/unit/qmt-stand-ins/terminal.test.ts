// The emulator of the full terminal against the facts that it stands in for: a strategy
// (terminal_checks.py) tries it from inside, each check of it a test here; then a new day.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CounterProcess } from '../../support/qmt/counter/counter-process.ts';
import { ROOT } from '../../support/run-cli.ts';
import { waitFor } from '../../support/wait-for.ts';

const EMULATOR = join(ROOT, 'tests/support/qmt/terminal/emulator.py');
const CHECKS = join(ROOT, 'tests/unit/qmt-stand-ins/terminal_checks.py');
const NAMES = [...readFileSync(CHECKS, 'utf8').matchAll(/def (check_\w+)/g)].map((m) => m[1]!);
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython)('the emulator of the full terminal (needs python3)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-terminal-'));
  const counter = new CounterProcess(dir);
  const children: ChildProcess[] = [];
  let text = '';
  let silent = '';

  function start(more: readonly string[], take: (piece: string) => void): void {
    const args = [EMULATOR, CHECKS, '--client', counter.userdata, '--bar-seconds', '0.15'];
    const child = spawn('python3', [...args, '--account', 'demo', '--account', 'other', ...more]);
    children.push(child);
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
  }

  beforeAll(async () => {
    const accounts = ['--account', 'demo:1000000', '--account', 'other:100000'];
    await counter.start([...accounts, '--instrument', '600001.SH:10', '--session-hold', '200']);
    start([], (piece) => {
      text += piece;
    });
    start(['--mode', 'signal', '--session', '9002'], (piece) => {
      silent += piece;
    });
    await waitFor('the checks', () => text.includes('DONE'), 60_000);
  }, 70_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await counter.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each(NAMES)('%s', (name) => {
    const line = text.split('\n').find((one) => / (check_\w+)/.exec(one)?.[1] === name);
    expect(line ?? text).toBe(`ok ${name}`);
  });

  test('as simulated signal nothing is ever sent, and no strategy hears of an order', async () => {
    await waitFor('a check in vain', () => silent.includes('FAIL check_'), 30_000);
    const { orders } = await counter.books('demo');
    expect(orders.filter((order) => order.remark === 'first')).toHaveLength(1);
  });

  test('a new day runs init again, in the same globals', async () => {
    await counter.admin({ do: 'day', day: 20260106 });
    await waitFor('init', () => text.includes('ok init_again'));
    expect(text).not.toContain('STRATEGY ERROR');
  });
});
