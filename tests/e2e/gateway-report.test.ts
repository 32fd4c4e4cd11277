// `pankou gateway report` on real processes: refused on a real account; on a simulated one it
// places and cancels its tiny orders, leaves nothing open, and writes what bridge and engine saw.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readAudit } from '../../engine/journal/audit-log.ts';
import { withEngine } from '../../tools/desk/find-engine.ts';
import type { GatewayReport } from '../../tools/gateway/report-page.ts';
import { refusalOf } from '../../tools/gateway/report-script.ts';
import { bridgeWorld, endWorlds, SYMBOL } from '../support/bridge-world.ts';
import { runCli } from '../support/run-cli.ts';
import { NO_PROC, startEngine } from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endWorlds);

describe.skipIf(NO_PROC !== '')(`the capability report ${NO_PROC}`, () => {
  test('measures a simulated account, and leaves nothing open', async () => {
    const { dir, run, config, taken } = await bridgeWorld(true);
    const engine = startEngine([config]);
    await engine.address();
    await waitFor('engine.json', () => existsSync(join(run, 'engine.json')));
    const wish = { account: 'demo', instrument: SYMBOL, orders: 2, run: 'x' };
    await withEngine(run, async ({ replica }) => {
      await waitFor('continuous trading', () => refusalOf(replica, wish) === '');
      const [real] = replica.accountIds();
      Object.assign(real!, { broker: 'real' });
      expect(refusalOf(replica, wish)).toContain('not marked "simulated"');
    });
    const out = join(dir, 'report');
    const args = ['gateway', 'report', '--config', config, '--instrument', SYMBOL];
    const report = (typed: string) =>
      runCli([...args, '--orders', '2', '--out', out, '--confirm', typed]);
    const wrong = await report('another');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('nothing was sent')]);
    expect(taken()).toBe(0);

    const done = await report('demo');
    expect(done.code, done.stderr).toBe(0);
    const result = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as GatewayReport;
    expect(result.script.stories.map(({ step }) => step)).toEqual([
      ...['single', 'single', 'burst', 'burst'],
    ]);
    for (const { states, cancelMs } of result.script.stories) {
      expect(states.at(-1)?.status).toBe('cancelled');
      expect(cancelMs).toBeGreaterThanOrEqual(0);
    }
    expect(result.after).toMatchObject({
      place: { count: 4, failed: 0 },
      remarks: { missing: 0, altered: 0 },
    });
    expect(taken()).toBe(4);
    const page = readFileSync(`${out}.html`, 'utf8');
    expect(page).toContain(result.script.stories[0]!.coid);
    expect(page).not.toContain('<script');
    expect(readAudit(run).map(({ what, result: end }) => [what, end])).toEqual([
      ...[['gateway-report', 'asked']],
      ['gateway-report', 'done'],
    ]);
  });
});
