// State that survives a restart, in a real engine: a strategy's second life of the day knows the
// first, its timer does not run again, and the replay of the second life starts from the same
// state.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ROOT, runCli } from '../support/run-cli.ts';
import { endAllEngines, startEngine, tempFolder, writeConfig } from '../support/run-engine.ts';

afterEach(endAllEngines);

test('a second life of the day goes on where the first one ended', async () => {
  const dir = tempFolder();
  const strategy = { file: join(ROOT, 'tests/support/strategies/lives.ts'), name: 'lives' };
  const config = writeConfig(dir, [strategy]);
  const state = join(dir, 'run', 'state-lives.json');
  const lives: unknown[] = [];
  for (let life = 0; life < 2; life++) {
    const run = startEngine([config, '--no-api', '--for', '900ms']);
    expect(await run.exit, run.text).toBe(0);
    const { version, value } = JSON.parse(readFileSync(state, 'utf8')) as Record<string, unknown>;
    lives.push([version, value]);
  }
  const rows = (lives[0] as [number, { rows: number }])[1].rows;
  expect(rows).toBeGreaterThan(20);
  expect(lives).toEqual([
    [1, { lives: 1, calls: [1], rows }],
    // It is given what came after the last line of the journal, its own order at 9:20.
    [1, { lives: 2, calls: [1], rows: expect.any(Number) as number }],
  ]);
  const series = readFileSync(join(dir, 'run', 'series-lives.csv'), 'utf8').split('\n');
  expect(series[0]).toBe('day,time,strategy,series,value');
  expect(series[1]).toMatch(new RegExp(`^20260105,09:\\d\\d:.*,lives,rows seen,${rows}$`));
  const { code, stdout, stderr } = await runCli(['replay', join(dir, 'run')]);
  expect(code, stdout + stderr).toBe(0);
}, 30_000);
