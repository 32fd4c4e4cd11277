// An hour of engine time in which the counter says nothing while orders are open: nothing is sent
// again, nothing is closed or released, and afterwards both books are equal. The clock is
// compressed: the engine's hour takes three minutes, and its patience, which is engine time, is as
// much shorter than in trading (5 s for an answer become 250 ms), so everything that could run out
// does. Run with PANKOU_LONG=1.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HAS_PYTHON } from '../support/qmt/python.ts';
import type { Dumped } from './crash-books.ts';
import { CrashRig } from './crash-rig.ts';
import { CALM } from './rig-config.ts';

const WHY = process.platform === 'linux' && HAS_PYTHON ? '' : '(needs /proc and python3)';
const SPEED = 20;
const HOUR_MS = 3_600_000 / SPEED;
/** Time for the engine to notice, and to have sent what it would send meanwhile. */
const SETTLE_MS = 15_000;
/** The client is there; no push, no answer of a call, no list comes of it. */
const SILENT = 'lostPush=1,lostResponse=1,hang=1';
const ENDS = [3, 4];

describe.skipIf(WHY !== '')(`an hour without a word ${WHY}`, () => {
  for (const bridge of ['qmt-a', 'qmt-b'] as const) {
    test(
      `${bridge}: nothing is sent again, nothing released`,
      async () => {
        const dir = mkdtempSync(join(tmpdir(), 'pankou-hour-'));
        const pace = { ...CALM, speed: SPEED, params: { everyMs: 2_000 } };
        const rig = new CrashRig({
          dir,
          seed: 7,
          behave: 'delayMs=20',
          bridge,
          pace,
          log: () => {},
        });
        onTestFinished(() => rig.clean(false));
        await rig.start();
        await rig.orders(20);
        await rig.behave(SILENT);
        await sleep(SETTLE_MS);
        const before = countsOf(rig);
        await sleep(HOUR_MS);
        expect(countsOf(rig)).toEqual(before);
        await rig.behave('delayMs=20');
        await rig.orders(5);
        const { wrong } = await rig.finish();
        expect(wrong, rig.text).toEqual([]);
      },
      HOUR_MS + 400_000,
    );
  }
});

function countsOf(rig: CrashRig): object {
  const records = rig.journaled();
  const isEnd = ({ type, fields }: Dumped): boolean =>
    type === 'FILL' || (type === 'REPORT' && ENDS.includes(fields['kind']!));
  return {
    atCounter: rig.orderCount(),
    requests: records.filter(({ type }) => type === 'REQUEST').length,
    ended: records.filter(isEnd).length,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
