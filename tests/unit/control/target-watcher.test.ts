// The target watcher over a real replica and a core that answers by hand: the plan is on disk
// before it is sent, a restart goes on under the same keys, buys wait for sells.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Replica } from '../../../engine/control/replica.ts';
import { TargetWatcher } from '../../../engine/control/target-watcher.ts';
import { Trading } from '../../../engine/control/trading.ts';
import { STATUS_FILLED, STATUS_SUBMITTED } from '../../../engine/core/order-status.ts';
import { ENGINE_KILLED, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { type FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { Intent } from '../../../engine/messages/generated/order.ts';
import { readFrame, type Shown } from '../../support/actor-harness.ts';
import {
  engineFrame,
  makeMeta,
  orderFrame,
  positionFrame,
  tickFrame,
} from '../../support/control-frames.ts';
import { waitFor } from '../../support/wait-for.ts';

const folders: string[] = [];
const watchers: TargetWatcher[] = [];
afterEach(async () => {
  await Promise.all(watchers.splice(0).map((watcher) => watcher.stop()));
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const BOTH = 'symbol,target\n600001.SH,400\n000002.SZ,300\nend\n';

/** `answerMs`: short where nobody answers; else longer than any pause of the machine. */
function desk(dir = mkdtempSync(join(tmpdir(), 'pankou-targets-')), answerMs = 60_000) {
  folders.push(dir);
  const file = join(dir, 'targets.csv');
  const replica = new Replica();
  const sent: Shown[] = [];
  const onDisk: string[] = [];
  const tell = (frame: FrameMemory): void => replica.applyFrame(frameType(frame, 0), frame, 0);
  const trading = new Trading({
    replica,
    answerMs,
    sendCommand: (memory, at) => {
      if (frameType(memory, at) === Intent.TYPE) {
        sent.push(readFrame(memory, at));
        onDisk.push(readFileSync(`${file}.result.json`, 'utf8'));
      }
      return true;
    },
  });
  replica.applyMeta(makeMeta());
  replica.applyReady();
  tell(engineFrame());
  for (const instrument of [0, 1]) tell(tickFrame(100_000, { instrument }));
  tell(positionFrame({ instrument: 0, qty: 1_000, sellableQty: 1_000 }));
  const watcher = new TargetWatcher({ file, account: 'paper', replica, trading, log: () => {} });
  watchers.push(watcher);
  const result = () => JSON.parse(readFileSync(`${file}.result.json`, 'utf8'));
  /** Answers the last intent as the OMS would. */
  const answer = (status: number, no = sent.length): void => {
    const { instrument, side, kind, priceE4, qty, keyA, keyB, keyC, keyD } = sent.at(-1)!;
    const content = { instrument, side, kind, priceE4, qty, keyA, keyB, keyC, keyD } as object;
    const filledQty = status === STATUS_FILLED ? qty! : 0;
    tell(orderFrame(no, { ...content, status, filledQty }));
  };
  return { dir, file, watcher, sent, onDisk, result, answer, tell };
}

describe('a target file', () => {
  test('sells first, buys when the sells are done, and says so', async () => {
    const { file, watcher, sent, onDisk, result, answer } = desk();
    writeFileSync(file, BOTH);
    watcher.look();
    await waitFor('the sale', () => sent.length === 1);
    expect(sent[0]).toMatchObject({ side: SIDE_SELL, qty: 600, instrument: 0 });
    // The key was on disk before the order left.
    expect(JSON.parse(onDisk[0]!).legs[0]).toMatchObject({ status: 'sending', qty: 600 });
    answer(STATUS_SUBMITTED);
    await waitFor('the order id', () => result().legs[0].coid !== '');
    expect(sent.length).toBe(1);
    answer(STATUS_FILLED);
    await waitFor('the purchase', () => sent.length === 2);
    expect(sent[1]).toMatchObject({ qty: 300, instrument: 1 });
    answer(STATUS_FILLED);
    await waitFor('the end', () => result().state === 'done');
    watcher.look();
    expect(sent.length).toBe(2);
  });

  test('goes on after a restart with the same order under the same key', async () => {
    const first = desk(undefined, 20);
    writeFileSync(first.file, BOTH);
    first.watcher.look();
    await waitFor('the sale', () => first.sent.length === 1);
    const second = desk(first.dir, 20);
    // Some of it has traded meanwhile: a new plan would ask for less.
    second.tell(positionFrame({ instrument: 0, qty: 700, sellableQty: 700 }));
    second.watcher.look();
    await waitFor('the same order', () => second.sent.length >= 1);
    const { keyA, keyD, qty, priceE4 } = first.sent[0]!;
    expect(second.sent[0]).toMatchObject({ keyA, keyD, qty, priceE4 });
  });

  test('waits while the kill switch is on, and is refused whole with its line', async () => {
    const { file, watcher, sent, result, tell } = desk();
    writeFileSync(file, 'symbol,target\n600001.SH,400\n999999.SH,1\nend\n');
    tell(engineFrame({ state: ENGINE_KILLED, killed: 1 }));
    watcher.look();
    expect(() => result()).toThrow();
    tell(engineFrame());
    watcher.look();
    await waitFor('the refusal', () => {
      try {
        return result().state === 'refused';
      } catch {
        return false;
      }
    });
    expect(result().error).toMatchObject({ line: 3, field: '999999.SH' });
    expect(sent).toEqual([]);
  });
});
