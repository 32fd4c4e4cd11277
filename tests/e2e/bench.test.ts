// Benches must not rot: every suite runs once with tiny inputs, and its JSON has the stated shape.
// Nothing here asserts a speed.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareWith, formatTable, LatencyHistogram } from '../../bench/harness.ts';

const BENCH = fileURLToPath(new URL('../../bench', import.meta.url));
/** Patience for a busy machine; nothing here asserts how long a thing takes. */
const TIMEOUT_MS = 400_000;

function runBench(args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 };
    execFile(
      process.execPath,
      [path.join(BENCH, 'run.ts'), ...args],
      options,
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

describe('npm run bench', { timeout: TIMEOUT_MS }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pankou-bench-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('--quick runs every suite and writes results a machine can read', async () => {
    const file = path.join(folder, 'bench.json');
    const { code, stderr } = await runBench(['--quick', '--json', file]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const document = JSON.parse(await readFile(file, 'utf8'));
    expect(document).toMatchObject({ quick: true, machine: { node: process.version } });
    const files = (await readdir(BENCH)).filter((name) => name.endsWith('.bench.ts'));
    expect(document.suites).toHaveLength(files.length);
    for (const suite of document.suites) {
      expect(suite.results.length, suite.name).toBeGreaterThan(0);
      for (const result of suite.results) {
        expect(result).toMatchObject({ name: expect.any(String), unit: expect.any(String) });
        expect(Number.isFinite(result.value), `${suite.name}: ${result.name}`).toBe(true);
        expect(result.value).toBeGreaterThan(0);
      }
    }
  });

  test('an unknown suite or option is wrong use', async () => {
    const unknown = await runBench(['--only', 'nothing']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('--only nothing: no such suite; there are');
    const option = await runBench(['--fast']);
    expect(option.code).toBe(2);
    expect(option.stderr).toContain('--quick');
  });

  test('--help says everything and ends well', async () => {
    const { code, stdout } = await runBench(['--help']);
    expect(code).toBe(0);
    for (const word of ['--json FILE', '--only NAME', '--quick']) expect(stdout).toContain(word);
  });
});

test('a ratio above 1 means less time than the baseline', () => {
  const results = compareWith(
    [
      { name: 'theirs', unit: 'ns', value: 100 },
      { name: 'ours', unit: 'ns', value: 25 },
    ],
    'theirs',
  );
  expect(results[1]).toMatchObject({ baseline: 'theirs', ratio: 4 });
  expect(results[0].ratio).toBeUndefined();
  expect(() => compareWith(results, 'nobody')).toThrow('no result nobody');
  expect(formatTable(results)).toContain('4.00x of theirs');
});

test('percentiles are those of the recorded values', () => {
  const histogram = new LatencyHistogram();
  for (let i = 1; i <= 1000; i++) histogram.record(i);
  const { p50, p99, p999, max, count } = histogram.summary();
  expect([p50, p99, p999, max, count]).toEqual([500, 990, 999, 1000, 1000]);
});
