// Two trading days in a row, as a person runs them: the first is closed, archived and reconciled by
// the start of the second, which opens with its books; a later start goes on the same way. Always:
// what the commands say of a closed day is what was traded on it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  startEngine,
  tempFolder,
  verify,
  writeConfig,
} from '../support/run-engine.ts';

afterEach(endAllEngines);

interface Profit {
  readonly accounts: readonly {
    readonly cashE4: number;
    readonly profitE4: number;
    readonly valueE4: number;
    readonly openingEquityE4: number;
    readonly rows: readonly { readonly strategy: string; readonly qty: number }[];
  }[];
  readonly strategies: readonly { readonly profitE4: number }[];
}

function profitOf(dir: string): Profit {
  return JSON.parse(readFileSync(join(dir, 'pnl.json'), 'utf8')) as Profit;
}

test('two days in a row, a third by hand: closed, archived, carried over, and told', async () => {
  const dir = tempFolder();
  const runDir = join(dir, 'run');
  const market = {
    source: 'synthetic',
    seed: 7,
    instruments: [{ symbol: '600001.SH', preClose: 12.5, eventsPerSecond: 0.1 }],
  };
  const config = writeConfig(dir, [{ file: 'steady' }], { market, pace: 'lockstep' });
  const run = startEngine([config, '--no-api', '--days', '2', '--threads', 'single']);
  expect(await run.exit, run.text).toBe(0);
  expect(run.text).toContain('trading day 20260106');
  expect(run.text).toContain('day 20260105 is closed and archived');
  expect(run.text).toContain('account demo opens with the books of day 20260105');

  const closed = join(runDir, 'days', '20260105');
  const [monday] = profitOf(closed).accounts;
  const [tuesday] = profitOf(join(runDir, 'reports')).accounts;
  const sum = profitOf(closed).strategies.reduce((total, row) => total + row.profitE4, 0);
  expect(sum).toBe(monday!.profitE4);
  // What Monday ended with is what Tuesday began with, but for the new day's opening price.
  const held = monday!.rows.find(({ strategy }) => strategy === '*')!.qty;
  expect(held).not.toBe(20_000);
  expect(tuesday!.openingEquityE4).toBe(monday!.cashE4 + held * 125_000);
  for (const folder of [closed, join(runDir, 'reports')]) {
    const found = JSON.parse(readFileSync(join(folder, 'reconciliation.json'), 'utf8')) as object;
    const compared = expect.objectContaining({ positions: 1, cash: 1 });
    expect(found).toMatchObject({ compared, notCompared: [], isClean: true });
  }
  expect(statSync(join(closed, 'orders.jsonl')).mode & 0o222).toBe(0);
  expect((await verify(closed)).code).toBe(0);

  const orders = await runCli(['orders', '--day', '20260105', '--dir', runDir, '--json']);
  const rows = JSON.parse(orders.stdout) as { status: string }[];
  expect(rows.length).toBeGreaterThan(10);
  const again = await runCli(['run', config, '--no-api', '--day', '20260105']);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining('this run is day 20260105: time does not go back'),
  ]);

  const close = await runCli(['journal', 'close', runDir]);
  expect(close.stdout).toContain('day 20260106 is closed and archived');
  expect(existsSync(join(runDir, 'journal-0'))).toBe(false);
  const replayed = await runCli(['replay', join(runDir, 'days', '20260106'), '--json']);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true, differences: [] });
}, 120_000);
