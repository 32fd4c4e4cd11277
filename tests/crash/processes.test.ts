// The short form of `npm run test:crash` for every check: real engine, bridge and counter, killed
// at random and at named points, frozen, their books compared at the end. The long form (200 kills
// and more) is tests/crash/run.ts.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CrashRig } from './crash-rig.ts';

const NO_PROC = process.platform === 'linux' ? '' : '(needs /proc: Linux)';
const BEHAVE = 'delayMs=20,lostPush=0.03,duplicate=0.1,replay=0.5,none=0.03';

describe.skipIf(NO_PROC !== '')(`kill -9 of real processes ${NO_PROC}`, () => {
  test('no order twice, no fill lost or doubled, both books equal after 11 kills', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-crash-'));
    const rig = new CrashRig({ dir, seed: 11, behave: BEHAVE, log: () => {} });
    onTestFinished(() => rig.clean(false));
    await rig.start();
    await rig.kill('bridge', 'after-sync:6');
    await rig.kill('bridge', 'before-send:9');
    await rig.kill('counter', '');
    await rig.orders(2);
    await rig.kill('engine', 'after-write:14');
    await rig.orders(1);
    await rig.kill('bridge', 'torn-write:5');
    await rig.kill('core', '');
    await rig.kill('counter', '');
    await rig.orders(3);
    const { wrong } = await rig.finish();
    expect(wrong, rig.text).toEqual([]);
    expect(rig.kills).toBeGreaterThanOrEqual(10);
  }, 400_000);
});
