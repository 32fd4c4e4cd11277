// The host's end of the desk: numbers intents, answers what it cannot take, keeps what is not its
// caller's to say.
import { expect, test } from 'vitest';
import { REJECT_BUSY, REJECT_UNKNOWN_INSTRUMENT } from '../../../engine/core/reject-code.ts';
import { Desk } from '../../../engine/host/desk.ts';
import {
  ACTION_CANCEL,
  DESK_STRATEGY,
  PARENT_STATE_REJECTED,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Intent, ParentIntent } from '../../../engine/messages/generated/order.ts';
import { Pipe, pick, readFrame, type Shown } from '../../support/actor-harness.ts';

function desk(bytes = 4_096) {
  const pipes = [new Pipe(bytes), new Pipe(bytes)];
  const shown: Shown[] = [];
  const made = new Desk({
    rings: pipes.map((pipe) => pipe.ring),
    lastIntentNos: [0, 41],
    instrumentCount: 2,
    show: (memory, at) => shown.push(readFrame(memory, at)),
    nowNs: () => 5,
  });
  const submit = (fields: Partial<Intent>): void => {
    const memory = new FrameMemory(new ArrayBuffer(Intent.BYTES));
    const intent = new Intent().begin(memory, 0);
    Object.assign(intent, { side: 1, kind: 1, qty: 100, priceE4: 100_000, keyA: 3, ...fields });
    made.submit(memory, 0);
  };
  const parent = (fields: Partial<ParentIntent>): void => {
    const memory = new FrameMemory(new ArrayBuffer(ParentIntent.BYTES));
    const intent = new ParentIntent().begin(memory, 0);
    Object.assign(intent, { side: 1, kind: 2, qty: 1_000, keyA: 3, ...fields });
    made.submitParent(memory, 0);
  };
  return { pipes, shown, submit, parent, made };
}

test('goes on with the numbers of the account, whoever the frame says it is', () => {
  const { pipes, submit } = desk();
  submit({ account: 1, strategy: 0, intentNo: 1, recvNs: 9, flags: 7 });
  submit({ account: 1, instrument: 1 });
  const got = pick(pipes[1]!.take(), 'strategy', 'intentNo', 'recvNs', 'flags', 'keyA');
  const strategy = DESK_STRATEGY + 1;
  expect(got).toEqual([
    { strategy, intentNo: 42, recvNs: 0, flags: 3, keyA: 3 },
    { strategy, intentNo: 43, recvNs: 0, flags: 0, keyA: 3 },
  ]);
});

test('answers BUSY under the key when the ring is full, and does not use up a number', () => {
  const { pipes, shown, submit, made } = desk();
  while (made.stats.busy === 0) submit({});
  expect(pick(shown, 'code', 'keyA', 'qty')).toEqual([{ code: REJECT_BUSY, keyA: 3, qty: 100 }]);
  const written = pipes[0]!.take();
  submit({});
  expect(pipes[0]!.take()[0]!.intentNo).toBe(written.length + 1);
});

test('refuses accounts and instruments that are not there', () => {
  const { shown, submit } = desk();
  submit({ account: 2 });
  submit({ account: -1 });
  submit({ instrument: 2 });
  submit({ instrument: -1 });
  expect(shown.map(({ code }) => code)).toEqual(Array(4).fill(REJECT_UNKNOWN_INSTRUMENT));
});

test('numbers parents with the orders, and says neither their number nor who made them', () => {
  const { pipes, submit, parent } = desk();
  submit({ account: 1 });
  parent({ account: 1, strategy: 0, intentNo: 7, parentNo: 5, flags: 3 });
  const got = pick(pipes[1]!.take(), 'type', 'strategy', 'intentNo', 'flags', 'keyA');
  expect(got[1]).toEqual({
    ...{ type: 'ParentIntent', strategy: DESK_STRATEGY + 1, intentNo: 43, flags: 0, keyA: 3 },
  });
});

test('answers a parent of no account, and one that finds no room, under its key', () => {
  const { shown, parent, made } = desk();
  parent({ account: 2 });
  while (made.stats.busy === 0) parent({});
  const state = PARENT_STATE_REJECTED;
  expect(pick(shown, 'state', 'code', 'keyA', 'parentNo')).toEqual([
    { state, code: REJECT_UNKNOWN_INSTRUMENT, keyA: 3, parentNo: 0 },
    { state, code: REJECT_BUSY, keyA: 3, parentNo: 0 },
  ]);
});

test('passes the cancel of a parent on under its own name', () => {
  const { pipes, made } = desk();
  const memory = new FrameMemory(new ArrayBuffer(Intent.BYTES));
  const intent = new Intent().begin(memory, 0);
  Object.assign(intent, { account: 1, action: ACTION_CANCEL, strategy: 0, targetIntentNo: 42 });
  made.take(memory, 0);
  const got = pick(pipes[1]!.take(), 'strategy', 'action', 'intentNo', 'targetIntentNo');
  const strategy = DESK_STRATEGY + 1;
  expect(got).toEqual([{ strategy, action: ACTION_CANCEL, intentNo: 0, targetIntentNo: 42 }]);
});
