// Bridge A of QMT in the crash rig, short: real engine, the shipped Python bridge, its stand-in and
// the counter; killed at a named point, the link cut, the books compared. The longest form is
// `node tests/crash/run.ts --bridge qmt-a`.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HAS_PYTHON } from '../support/qmt/python.ts';
import { CrashRig } from './crash-rig.ts';

const WHY = process.platform === 'linux' && HAS_PYTHON ? '' : '(needs /proc and python3)';
const BEHAVE = 'delayMs=20,lostPush=0.03,duplicate=0.1,replay=0.5,none=0.03';

describe.skipIf(WHY !== '')(`kill -9 around bridge A ${WHY}`, () => {
  test('no order twice, no fill lost or doubled, books equal after kills and a cut', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-crash-qmt-'));
    const rig = new CrashRig({ dir, seed: 5, behave: BEHAVE, bridge: 'qmt-a', log: () => {} });
    onTestFinished(() => rig.clean(false));
    await rig.start();
    await rig.kill('bridge', 'after-sync:5');
    await rig.cut(700);
    await rig.orders(2);
    await rig.kill('counter', '');
    await rig.orders(2);
    const { wrong } = await rig.finish();
    expect(wrong, rig.text).toEqual([]);
    expect(rig.kills).toBeGreaterThanOrEqual(2);
  }, 120_000);
});
