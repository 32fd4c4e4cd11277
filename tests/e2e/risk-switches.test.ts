// The switches of risk on a real engine: a pause and its end, the kill of one strategy and of one
// account, and what a restart makes of them. Run by vitest. Always: a folder of its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  journalOf,
  NO_PROC,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endAllEngines);

const SHARES = { '600001.SH': { qty: 20_000, cost: 12 } };
const TWO_ACCOUNTS = {
  accounts: [
    { id: 'demo', cash: 1_000_000, positions: SHARES },
    { id: 'other', cash: 1_000_000, positions: SHARES },
  ],
};
const fieldOf = (r: object, name: string) => (r as { fields: Record<string, number> }).fields[name];

/** Orders that went out for a strategy, by its index, as the journal of its account says. */
function placed(dir: string, account: number, strategy: number): number {
  if (!existsSync(join(dir, `journal-${account}`, 'journal-000001.pkj'))) return 0;
  return journalOf(dir, account).filter(
    (r) =>
      r.type === 'REQUEST' && fieldOf(r, 'action') === 1 && fieldOf(r, 'strategy') === strategy,
  ).length;
}

describe.skipIf(NO_PROC !== '')(`the switches of risk ${NO_PROC}`, () => {
  test('stop what they name, through a restart, and the recording replays', async () => {
    const dir = tempFolder();
    const run = join(dir, 'run');
    const strategies = [
      { file: 'steady', name: 'first', params: { rest: false } },
      { file: 'steady', name: 'second', params: { rest: false } },
      { file: 'steady', name: 'third', account: 'other', params: { rest: false } },
    ];
    const limits = { limits: { firm: { preventSelfTrade: false } } };
    const config = writeConfig(dir, strategies, { ...TWO_ACCOUNTS, ...limits });
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli([...args, '--dir', run]);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const goesOn = async (account: number, strategy: number) => {
      const before = placed(run, account, strategy);
      await waitFor(`orders of ${strategy}`, () => placed(run, account, strategy) > before);
    };
    const engine = startEngine([config]);
    const page = await engine.page();
    const shows = (text: string) => JSON.stringify(page.messages).includes(text);
    await goesOn(0, 0);
    await goesOn(1, 2);

    expect(await cli('risk', 'pause', '--market', 'SH')).toContain('SH is paused');
    await waitFor('the banner', () => shows('market SH is paused'));
    const paused = placed(run, 0, 0);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(placed(run, 0, 0)).toBe(paused);
    expect(await cli('risk', 'resume')).toContain('every market may go on');
    await goesOn(0, 0);

    expect(await cli('kill', '--strategy', 'first')).toContain('for first');
    await waitFor('the reason', () => shows('"reason":"kill switch"'));
    const killed = placed(run, 0, 0);
    await goesOn(0, 1);
    await goesOn(1, 2);
    expect(placed(run, 0, 0)).toBe(killed);
    expect(await cli('kill', '--account', 'other')).toContain('for other');
    await waitFor('the account', () => shows('account other: kill switch is on'));
    expect(shows('"killed":true')).toBe(false);
    const nobody = await runCli(['kill', '--strategy', 'nobody', '--dir', run]);
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('no such strategy')]);

    engine.interrupt();
    expect(await engine.exit).toBe(0);
    const replay = await runCli(['replay', run]);
    expect([replay.code, replay.stdout]).toEqual([0, expect.stringContaining('equal')]);

    const thirds = placed(run, 1, 2);
    const again = startEngine([config]);
    const shown = await again.page();
    await again.says('strategy first is not started: 305');
    await again.says('strategy third is not started: 305');
    await goesOn(0, 1);
    expect([placed(run, 0, 0), placed(run, 1, 2)]).toEqual([killed, thirds]);
    expect(again.text).not.toContain('strategy second is not started');
    const tells = (text: string) => JSON.stringify(shown.messages).includes(text);
    await waitFor('the reason', () => tells('"reason":"not started: 305'));
    expect(tells('"killed":true')).toBe(false);
  });

  test('a strategy over its limit of the day is not started again under that limit', async () => {
    const dir = tempFolder();
    const run = join(dir, 'run');
    const strategies = [{ file: 'steady', params: { rest: false } }];
    const limits = { limits: { strategy: { maxOrdersPerDay: 3 } } };
    const config = writeConfig(dir, strategies, limits);
    const engine = startEngine([config, '--no-api']);
    await waitFor('three orders', () => placed(run, 0, 0) === 3);
    engine.killTree();
    await engine.exit;
    const again = startEngine([config, '--no-api']);
    await again.says('strategy steady is not started: 315');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(journalOf(run).filter(({ type }) => type === 'REJECT').length).toBeLessThan(20);
    expect(placed(run, 0, 0)).toBe(3);
    again.killTree();
    await again.exit;
    const more = writeConfig(dir, strategies, { limits: { strategy: { maxOrdersPerDay: 9 } } });
    startEngine([more, '--no-api']);
    await waitFor('more orders', () => placed(run, 0, 0) > 3);
  });
});
