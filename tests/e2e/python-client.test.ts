// The Python client against a real engine: keys, refusals, callbacks, a cut connection and a killed
// api process, with no fill lost or doubled; and the examples.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ROOT } from '../support/run-cli.ts';
import {
  endAllEngines,
  NO_PROC,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const PROBE = 'import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)';
const HAS_PYTHON = spawnSync('python3', ['-c', PROBE]).status === 0;
const WHY = NO_PROC !== '' ? NO_PROC : HAS_PYTHON ? '' : 'needs python3 from 3.9 on';
const STRATEGY = join(ROOT, 'examples/strategies/passive-quoter.ts');

afterEach(endAllEngines);

/** An engine that is running, and its run folder. */
async function running(): Promise<{ run: ReturnType<typeof startEngine>; dir: string }> {
  const dir = tempFolder();
  // The client trades with whoever is best in the market, be it the quoter of its own account.
  const limits = { firm: { preventSelfTrade: false } };
  const config = writeConfig(dir, [{ file: STRATEGY, name: 'quoter' }], { speed: 5, limits });
  const run = startEngine([config]);
  await waitFor('engine.json', () => existsSync(join(dir, 'run', 'engine.json')));
  return { run, dir: join(dir, 'run') };
}

function python(args: readonly string[]) {
  const child = spawn('python3', [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const exit = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { child, text, exit };
}

describe.skipIf(WHY !== '')(`the Python client ${WHY}`, () => {
  test('loses and doubles nothing through a cut line and a killed api process', async () => {
    const { run, dir } = await running();
    const client = python([join(ROOT, 'tests/support/python/exercise_client.py'), dir]);
    await waitFor(
      'READY',
      () => client.text.out.includes('READY') || client.text.err !== '',
      30_000,
    );
    expect(client.text).toMatchObject({ err: '' });
    process.kill(await run.pidOf('api'), 'SIGKILL');
    client.child.stdin.end('go\n');
    expect([await client.exit, client.text.err]).toEqual([0, '']);
    const seen = JSON.parse(client.text.out.trim().split('\n').at(-1)!);
    expect(seen).toMatchObject({
      ...{
        same: true,
        reused: 'key-reused',
        refused: 205,
        found: true,
        legs: [true, false],
        parent: ['accepted', true, 1],
        replace: 'replace',
        credit: 413,
      },
      ...{ open: true, account: 'demo', positions: true, missing: [], doubled: 0 },
      // a, one that is replaced, one leg of the basket, one, and ten more
      ...{ orders: 14, keys: 14 },
    });
    expect(seen.fills).toBeGreaterThan(0);
  });

  test('rebalances to a target as the example does', async () => {
    const { dir } = await running();
    const file = join(ROOT, 'examples/python/rebalance.py');
    const example = python([file, dir, '600001.SH=19000']);
    expect([await example.exit, example.text.err]).toEqual([0, '']);
    expect(example.text.out).toMatch(/sell \d+ 600001\.SH at/);
  });

  test('says what is wrong when no engine runs', async () => {
    const example = python([
      join(ROOT, 'examples/python/rebalance.py'),
      tempFolder(),
      '600001.SH=1',
    ]);
    expect(await example.exit).toBe(1);
    expect(example.text.err).toContain('no engine runs in');
  });
});
