// What people say about single orders at the doors: what is asked before anything is sent, what
// counts as the engine's word, and the second person's proof in the core. Run by vitest.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Commands } from '../../../engine/control/commands.ts';
import { OrderBudget } from '../../../engine/control/order-budget.ts';
import { personHash, proofOf } from '../../../engine/control/order-words.ts';
import { Replica } from '../../../engine/control/replica.ts';
import { Trading } from '../../../engine/control/trading.ts';
import { formatOrderId, idAccountEpoch } from '../../../engine/core/order-id.ts';
import {
  STATUS_ACCEPTED,
  STATUS_HELD,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
  STATUS_UNKNOWN,
} from '../../../engine/core/order-status.ts';
import {
  REJECT_NO_PROOF,
  REJECT_NOT_UNKNOWN,
  REJECT_PARKED,
  REJECT_POSITION,
  REJECT_SAME_PERSON,
} from '../../../engine/core/reject-code.ts';
import { confirmHashOf, PeopleDoor, readConfirmToken } from '../../../engine/host/people-door.ts';
import {
  ACTION_CONFIRM,
  ACTION_SETTLE,
  CONFIRM_NO,
  CONFIRM_YES,
  ORDER_CONFIRMED,
  SETTLE_CANCELLED,
  STAGE_OMS,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { readText } from '../../../engine/messages/frame-text.ts';
import { copyFrame, FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { OrderSettle, RiskConfirm } from '../../../engine/messages/generated/control.ts';
import { Reject } from '../../../engine/messages/generated/order.ts';
import {
  DAY,
  frame,
  makeMeta,
  orderFrame,
  orderWords,
  rejectFrame,
} from '../../support/control-frames.ts';

const COID = formatOrderId(idAccountEpoch(0, 1), DAY, 1);
const PARKED = { status: STATUS_HELD, code: REJECT_PARKED, stage: STAGE_RISK };
const SECOND = 'a-second-persons-own-token';
const HASH = createHash('sha256').update(SECOND).digest('hex');

function desk(answerMs = 50) {
  const replica = new Replica();
  replica.applyMeta(makeMeta());
  replica.applyReady();
  const sent: FrameMemory[] = [];
  const sendCommand = (memory: FrameMemory, at: number): boolean => {
    const copy = new FrameMemory(new ArrayBuffer(256));
    copyFrame(memory, at, copy, 0);
    return sent.push(copy) > 0;
  };
  const trading = new Trading({ replica, answerMs, sendCommand });
  const tell = (memory: FrameMemory): void => replica.applyFrame(frameType(memory, 0), memory, 0);
  return { replica, trading, words: trading.words, tell, sent };
}

function refusal(action: number, code: number): FrameMemory {
  return rejectFrame(code, { ...orderWords(1), action, stage: STAGE_OMS });
}

const LI = { coid: COID, by: ' Li ' };

describe('a confirmation', () => {
  test('goes to the core with name and proof, done when the order waits no more', async () => {
    const { words, tell, sent } = desk();
    tell(orderFrame(1, PARKED));
    const asked = words.confirm({ coid: COID, by: '李四' }, true, SECOND);
    const confirm = new RiskConfirm().wrap(sent[0]!, 0);
    expect([confirm.decision, confirm.account, confirm.coidC]).toEqual([CONFIRM_YES, 0, 1]);
    expect(readText(RiskConfirm.TYPE, sent[0]!, 0, 'byA')).toBe('李四');
    expect(confirm.person).toBe(personHash('李四'));
    expect([confirm.proofA, confirm.proofD]).toEqual([proofOf(SECOND)[0], proofOf(SECOND)[3]]);
    tell(orderFrame(1, PARKED));
    tell(orderFrame(1, { status: STATUS_SUBMITTED, flags: ORDER_CONFIRMED }));
    expect(await asked).toMatchObject({ ok: true, data: { confirmed: true } });
  });

  test('that the engine refuses, or that risk refuses anew, says why', async () => {
    const { words, tell } = desk();
    tell(orderFrame(1, PARKED));
    const same = words.confirm(LI, true, '');
    tell(refusal(ACTION_CONFIRM, REJECT_SAME_PERSON));
    expect(await same).toMatchObject({ error: { code: 'refused', reject: { code: 362 } } });
    const again = words.confirm(LI, true, '');
    tell(orderFrame(1, { status: STATUS_REJECTED, code: REJECT_POSITION, stage: STAGE_RISK }));
    expect(await again).toMatchObject({ error: { code: 'refused', reject: { code: 302 } } });
  });

  test('of an order that does not wait, or of none, is not sent; silence is unknown', async () => {
    const { words, tell, sent } = desk(10);
    expect(await words.confirm(LI, true, '')).toMatchObject({ error: { code: 'unknown-order' } });
    tell(orderFrame(1, { status: STATUS_ACCEPTED }));
    const done = await words.confirm(LI, false, '');
    expect(done).toMatchObject({ error: { code: 'order-finished' } });
    expect(sent).toHaveLength(0);
    tell(orderFrame(1, PARKED));
    const silent = await words.confirm(LI, false, '');
    expect(silent).toMatchObject({ error: { code: 'unknown-outcome' } });
    expect(new RiskConfirm().wrap(sent[0]!, 0).decision).toBe(CONFIRM_NO);
  });

  test('knows a person by the spelling of his name, not by case and blanks', () => {
    expect(personHash(' Wang ')).toBe(personHash('wang'));
    expect(personHash('Wang')).not.toBe(personHash('Wan'));
  });
});

describe('a settlement', () => {
  const body = { coid: COID, by: 'Li', reason: 'the broker says so' } as const;

  test('needs an unknown order, and figures for what was not booked', async () => {
    const { words, tell, sent } = desk();
    tell(orderFrame(1, { status: STATUS_ACCEPTED }));
    const known = await words.settle({ ...body, as: 'cancelled' });
    expect(known).toMatchObject({ error: { code: 'order-finished' } });
    tell(orderFrame(1, { status: STATUS_UNKNOWN, filledQty: 20 }));
    expect(await words.settle({ ...body, as: 'filled' })).toMatchObject({
      error: { field: 'filledQty' },
    });
    expect(await words.settle({ ...body, as: 'cancelled', filledQty: 50 })).toMatchObject({
      error: { field: 'priceE4' },
    });
    expect(sent).toHaveLength(0);
  });

  test('goes out with name and reason, cut between characters, and waits', async () => {
    const { words, tell, sent } = desk();
    tell(orderFrame(1, { status: STATUS_UNKNOWN, filledQty: 20 }));
    const reason = '电话'.repeat(20);
    const asked = words.settle({ ...body, as: 'cancelled', reason });
    const settle = new OrderSettle().wrap(sent[0]!, 0);
    expect([settle.outcome, settle.filledQty, settle.priceE4]).toEqual([SETTLE_CANCELLED, 20, 0]);
    expect(readText(OrderSettle.TYPE, sent[0]!, 0, 'reasonA')).toBe(reason.slice(0, 21));
    tell(refusal(ACTION_CONFIRM, REJECT_SAME_PERSON));
    tell(orderFrame(1, { status: STATUS_PARTLY_CANCELLED, filledQty: 20, flags: 16 }));
    expect(await asked).toMatchObject({ ok: true, data: { settled: true } });
    const refused = desk();
    refused.tell(orderFrame(1, { status: STATUS_UNKNOWN }));
    const no = refused.words.settle({ ...body, as: 'rejected' });
    refused.tell(refusal(ACTION_SETTLE, REJECT_NOT_UNKNOWN));
    expect(await no).toMatchObject({ error: { reject: { code: 415 } } });
  });
});

describe('the door of the core', () => {
  function door(confirmHash: string) {
    const told: number[][] = [];
    const shown: number[] = [];
    const one = new PeopleDoor({
      confirmHash,
      tell: (account, memory) => {
        const { proofA, proofB, proofC, proofD } = new RiskConfirm().wrap(memory, 0);
        told.push([account, proofA, proofB, proofC, proofD]);
      },
      show: (memory) => void shown.push(new Reject().wrap(memory, 0).code),
    });
    return { one, told, shown };
  }
  const [proofA, proofB, proofC, proofD] = proofOf(SECOND);
  const proof = { proofA, proofB, proofC, proofD };

  test('lets a confirmation through with the proof only, and keeps the proof', () => {
    const { one, told, shown } = door(HASH);
    one.confirm(frame(RiskConfirm, { account: 1, ...proof }), 0);
    one.confirm(frame(RiskConfirm, { account: 1, ...proof, proofD: proofD + 1 }), 0);
    one.confirm(frame(RiskConfirm, { account: 1 }), 0);
    expect(told).toEqual([[1, 0, 0, 0, 0]]);
    expect(shown).toEqual([REJECT_NO_PROOF, REJECT_NO_PROOF]);
    const free = door('');
    free.one.confirm(frame(RiskConfirm, { account: 0 }), 0);
    expect(free.told).toHaveLength(1);
  });

  test('takes a token of one line of 22 characters or more', () => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-token-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'token');
    writeFileSync(file, `${SECOND}\n`);
    expect([readConfirmToken(file), confirmHashOf(file)]).toEqual([{ token: SECOND }, HASH]);
    expect(confirmHashOf('')).toBe('');
    for (const bad of ['short', `${SECOND}\n${SECOND}`, '二'.repeat(30)]) {
      writeFileSync(file, bad);
      expect(readConfirmToken(file)).toHaveProperty('why');
      expect(() => confirmHashOf(file)).toThrow('expected one line');
    }
    expect(readConfirmToken(join(dir, 'none'))).toHaveProperty('why');
  });
});

describe('a connection of the pages', () => {
  test('confirms with the second token in each message, never with its own', async () => {
    const { replica, trading, tell, sent } = desk(10);
    const context = { replica, trading, budget: new OrderBudget() };
    const own = 'the-token-of-the-trading-desk';
    const commands = new Commands(own, context, HASH);
    tell(orderFrame(1, PARKED));
    const say = (token?: string) =>
      commands.execute(JSON.stringify({ id: 1, op: 'risk-confirm', coid: COID, by: 'Li', token }), {
        authorised: true,
      });
    expect(await say()).toMatchObject({ ok: false, code: 'unauthorised' });
    expect(await say(own)).toMatchObject({ ok: false, code: 'unauthorised' });
    expect(sent).toHaveLength(0);
    expect(await say(SECOND)).toMatchObject({ ok: false, code: 'unknown-outcome' });
    expect(new RiskConfirm().wrap(sent[0]!, 0).proofA).toBe(proofOf(SECOND)[0]);
  });
});
