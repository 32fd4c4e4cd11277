// A limits file that changes under a running engine: a good one takes force and is journaled, one
// with errors changes nothing, and a replay of the recording takes the same decisions. Run by
// vitest. Always: a folder of its own for each test.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import {
  type DumpedRecord,
  endAllEngines,
  journalOf,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endAllEngines);

const REFUSED_QTY = 323;
const isCommit = ({ frame }: DumpedRecord) => frame === 'RiskCommit';
const fieldOf = (r: DumpedRecord, name: string) => (r['fields'] as Record<string, number>)[name];

describe('a limits file that changes while the engine runs', () => {
  test('takes force whole or not at all, and a replay decides alike', async () => {
    const dir = tempFolder();
    const limits = join(dir, 'limits.json');
    const put = (account: object) => writeFileSync(limits, JSON.stringify({ account }));
    put({ maxOrderQty: 1_000_000 });
    const config = writeConfig(dir, [{ file: 'steady' }], { limits: 'limits.json' });
    const run = startEngine([config, '--no-api', '--for', '7s']);
    const runDir = join(dir, 'run');
    const exists = () => existsSync(join(runDir, 'journal-0', 'journal-000001.pkj'));
    const types = () => (exists() ? journalOf(runDir).map(({ type }) => type) : []);
    await waitFor('a request in the journal', () => types().includes('REQUEST'));
    put({ maxOrderQtty: 1 });
    await waitFor('the refusal', () => run.text.includes('maxOrderQtty'));
    expect(journalOf(runDir).filter(isCommit)).toEqual([]);
    put({ maxOrderQty: 1 });
    expect(await run.exit, run.text).toBe(0);

    const records = journalOf(runDir);
    const commit = records.findIndex(isCommit);
    expect(commit).toBeGreaterThan(0);
    const places = (from: number, to?: number) =>
      records.slice(from, to).filter((r) => r.type === 'REQUEST' && fieldOf(r, 'action') === 1);
    expect(places(0, commit).length).toBeGreaterThan(0);
    expect(places(commit)).toEqual([]);
    const refused = records.filter(({ type }) => type === 'REJECT');
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map((r) => fieldOf(r, 'code')))).toEqual(new Set([REFUSED_QTY]));

    const { code, stdout, stderr } = await runCli(['replay', runDir]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('equal: the replay took the same decisions');
  });
});
