// An hour of engine time in which the counter says nothing while orders are open: nothing is sent
// again, nothing is closed or released, and afterwards both books are equal. Way A notices that its
// client is deaf and sends nothing more; a terminal gives no sign of it (passorder answers nothing
// when all is well), so way B goes on with one order at a time. The clock is compressed: the
// engine's hour takes three minutes, and its patience, which is engine time, is as much shorter
// than in trading (5 s for an answer become 250 ms), so everything that could run out does. Run
// with PANKOU_LONG=1.
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
/** Way B waits so long for an order to be seen before another one goes. */
const UNSEEN_MS = 5_000;
const MORE_MOST = { 'qmt-a': 0, 'qmt-b': HOUR_MS / UNSEEN_MS + 2 } as const;

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
        const sent = new Set(idsOf(rig, isRequest));
        const ended = idsOf(rig, isEnd);
        const atCounter = rig.orderCount();
        await sleep(HOUR_MS);
        expect(idsOf(rig, isEnd).filter((id) => sent.has(id))).toEqual(ended);
        expect(idsOf(rig, isRequest)).toHaveLength(new Set(idsOf(rig, isRequest)).size);
        expect(rig.orderCount() - atCounter).toBeLessThanOrEqual(MORE_MOST[bridge]);
        await rig.behave('delayMs=20');
        await rig.orders(5);
        const { wrong } = await rig.finish();
        expect(wrong, rig.text).toEqual([]);
      },
      HOUR_MS + 400_000,
    );
  }
});

function isRequest({ type }: Dumped): boolean {
  return type === 'REQUEST';
}

function isEnd({ type, fields }: Dumped): boolean {
  return type === 'FILL' || (type === 'REPORT' && ENDS.includes(fields['kind']!));
}

/** Of the engine's journal, in its order. */
function idsOf(rig: CrashRig, is: (record: Dumped) => boolean): string[] {
  return rig
    .journaled()
    .filter(is)
    .map(({ coid = '' }) => coid);
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
