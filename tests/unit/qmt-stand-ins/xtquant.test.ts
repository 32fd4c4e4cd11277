// The stand-in of xtquant against the facts of the interface that it stands in for: runs
// xtquant_checks.py with python3 over one counter process, each check of it a test here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CounterProcess } from '../../support/qmt/counter/counter-process.ts';
import { ROOT } from '../../support/run-cli.ts';

const CHECKS = join(ROOT, 'tests/unit/qmt-stand-ins/xtquant_checks.py');
const NAMES = [...readFileSync(CHECKS, 'utf8').matchAll(/def (test_\w+)/g)].map((m) => m[1]!);
const hasPython = spawnSync('python3', ['--version']).status === 0;

/** What unittest says of a failed check. */
function storyOf(text: string, name: string): string {
  const at = text.search(new RegExp(`^(FAIL|ERROR): ${name} `, 'm'));
  return at < 0 ? text.slice(-2_000) : text.slice(at, at + 2_000);
}

describe.skipIf(!hasPython)('the stand-in of xtquant (needs python3)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-standin-'));
  const counter = new CounterProcess(dir);
  let text = '';

  beforeAll(async () => {
    await counter.start([
      ...['--account', 'demo:1000000', '--account', 'rich:100000', '--account', 'other:100000'],
      ...['--account', 'margin:100000:CREDIT:50000', '--session-hold', '300'],
      ...['--instrument', '600001.SH:10', '--instrument', '000001.SZ:10'],
      ...['--instrument', '000002.SZ:10', '--instrument', '511010.SH:5'],
    ]);
    const run = spawnSync('python3', [CHECKS, counter.userdata], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: join(ROOT, 'tests/support/qmt') },
      timeout: 60_000,
    });
    text = run.stderr;
  }, 90_000);

  afterAll(async () => {
    await counter.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each(NAMES)('%s', (name) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    expect(line, storyOf(text, name)).toMatch(/ ok$/);
  });
});
