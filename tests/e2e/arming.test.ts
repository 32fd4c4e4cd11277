// The stages of an account on real processes: counter, bridge, engine with its api process. Nothing
// reaches the counter disarmed or in shadow; the pilot's caps hold; disarming stops at once; a
// restart begins disarmed. Run by vitest. Always: a folder of its own, every process ended.
import { afterEach, describe, expect, test } from 'vitest';
import { readAudit, verifyAudit } from '../../engine/journal/audit-log.ts';
import { ARM_PILOT } from '../../engine/messages/codes.ts';
import { Arming } from '../../engine/messages/generated/broker.ts';
import { withEngine } from '../../tools/desk/find-engine.ts';
import { bridgeWorld, endWorlds } from '../support/bridge-world.ts';
import { frame } from '../support/control-frames.ts';
import { runCli } from '../support/run-cli.ts';
import { NO_PROC, ordersOn, startEngine } from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endWorlds);

describe.skipIf(NO_PROC !== '')(`the stages of an account ${NO_PROC}`, () => {
  test('nothing leaves below the pilot, its caps hold, and a restart begins disarmed', async () => {
    const { run, config, bridge, taken } = await bridgeWorld(false);
    const cli = (...args: string[]) => runCli([...args, '--dir', run]);
    const engine = startEngine([config]);
    const page = await engine.page();
    const codes = () => {
      const reasons = [...ordersOn(page).values()].map(({ reason }) => reason?.code ?? 0);
      return new Set(reasons);
    };
    await waitFor('refused orders', () => codes().has(520));
    await waitFor('the link', () => bridge().includes('account demo is disarmed'));

    const check = await cli('arm', '--check');
    expect(check.code).toBe(1);
    expect(check.stdout).toContain('✗ limit-prices');
    expect(check.stdout).toContain('✓ capability');
    expect(check.stdout).toContain('✓ bridge');
    expect((await cli('arm', 'shadow', '--by', '李伟')).stdout).toContain('is now shadow');
    await waitFor('shadow orders', () => codes().has(521));
    expect(taken()).toBe(0);

    // The conditions of a pilot are not met by an invented market, so the core is told directly.
    await withEngine(run, async ({ send, replica }) => {
      send(frame(Arming, { account: 0, stage: ARM_PILOT }), 0);
      await waitFor('the pilot', () => replica.stages.of('demo').stage === 'pilot');
    });
    await waitFor('the bridge hears of it', () => bridge().includes('account demo is pilot'));
    await waitFor('orders', () => taken() === 2);
    await waitFor('the cap of the day', () => codes().has(522));
    expect(taken()).toBe(2);

    const down = await cli('disarm', '--by', '李伟');
    expect(down.stdout, down.stderr).toContain('disarmed: demo');
    expect((await cli('audit', 'verify')).code).toBe(0);
    const steps = readAudit(run).map(({ who, from, what, result }) => [who, from, what, result]);
    expect(steps).toContainEqual(['李伟', 'http 127.0.0.1', 'arm', 'done']);
    expect(steps).toContainEqual(['李伟', 'command line', 'disarm', 'done']);

    engine.interrupt();
    expect(await engine.exit).toBe(0);
    expect(verifyAudit(run).problems).toEqual([]);
    const again = startEngine([config]);
    const restarted = await again.page();
    await waitFor('its stage', () => JSON.stringify(restarted.messages).includes('is disarmed'));
    expect(taken()).toBe(2);
  });
});
