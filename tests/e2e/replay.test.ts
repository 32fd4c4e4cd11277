// `pankou replay DIR` beyond the plain run (run.test.ts): it follows a run whose timing was bad,
// and it says what differs when the engine or the recording is not the one that ran.
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  readSummary,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';

afterEach(endAllEngines);

describe('pankou replay', () => {
  test('takes the same decisions when a strategy was too slow for its ticks', async () => {
    const dir = tempFolder();
    const instruments = [{ symbol: '600001.SH', preClose: 12.5, eventsPerSecond: 3_000 }];
    const config = writeConfig(dir, [{ file: 'slow' }], {
      market: { source: 'synthetic', seed: 7, instruments },
      idle: 'park',
      heartbeatMs: 60_000,
      speed: 10,
    });
    const summaryFile = join(dir, 'out.json');
    const run = startEngine([config, '--no-api', '--for', '2s', '--summary', summaryFile]);
    expect(await run.exit, run.text).toBe(0);
    const summary = readSummary<{ conflatedTicks: number; fills: number }>(summaryFile);
    expect(summary.conflatedTicks).toBeGreaterThan(0);
    expect(summary.fills).toBeGreaterThan(0);
    const { code, stdout, stderr } = await runCli(['replay', join(dir, 'run')]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('equal: the replay took the same decisions');
  });

  test('names what differs when strategy, recording or folder are not what ran', async () => {
    const dir = tempFolder();
    const config = writeConfig(dir, [{ file: 'steady' }]);
    const run = startEngine([config, '--no-api', '--for', '1500ms']);
    expect(await run.exit, run.text).toBe(0);
    const recording = join(dir, 'run', 'recording-0001');
    expect((await runCli(['replay', recording])).code).toBe(0);

    const manifest = join(recording, 'manifest.json');
    const text = readFileSync(manifest, 'utf8');
    const setup = JSON.parse(text) as { setup: { strategies: { params: object }[] } };
    setup.setup.strategies[0]!.params = { everyMs: 900 };
    writeFileSync(manifest, JSON.stringify(setup));
    const other = await runCli(['replay', join(dir, 'run')]);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain('NOT equal');
    expect(other.stdout).toMatch(/different +(strategy:0 emitted something else|oms:0 stopped)/);

    writeFileSync(manifest, text.replace(/"schemaHash": "\w+"/, '"schemaHash": "0"'));
    const old = await runCli(['replay', join(dir, 'run')]);
    expect(old.code).toBe(1);
    expect(old.stderr).toContain('was made with message schema 0');

    writeFileSync(manifest, text);
    truncateSync(join(recording, 'gateway-0.frames'), 600);
    const torn = await runCli(['replay', join(dir, 'run')]);
    expect(torn.code).toBe(1);
    expect(torn.stdout + torn.stderr).toMatch(/gateway|NOT equal/);

    mkdirSync(join(dir, 'empty'));
    const empty = await runCli(['replay', join(dir, 'empty')]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain('no recording here; expected a run folder of pankou run');
  });
});
