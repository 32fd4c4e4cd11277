// What counts as the engine's word on an order under way: its written record, a refusal, another
// order's key, silence. Run by vitest over a real replica fed with frames.
import { describe, expect, test } from 'vitest';
import { keyOfText } from '../../../engine/control/outcome.ts';
import { Replica } from '../../../engine/control/replica.ts';
import { Trading } from '../../../engine/control/trading.ts';
import {
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PENDING,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
} from '../../../engine/core/order-status.ts';
import { REJECT_BUSY, REJECT_CASH, REJECT_KEY_REUSED } from '../../../engine/core/reject-code.ts';
import { ACTION_CANCEL, STAGE_OMS, STAGE_RISK } from '../../../engine/messages/codes.ts';
import { type FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { makeMeta, orderFrame, orderWords, rejectFrame } from '../../support/control-frames.ts';

const ORDER = { instrument: '600001.SH', side: 'buy', priceE4: 100_000, qty: 100 } as const;

function desk(answerMs = 50) {
  const replica = new Replica();
  replica.applyMeta(makeMeta());
  replica.applyReady();
  let sent = 0;
  const trading = new Trading({ replica, answerMs, sendCommand: () => ++sent > 0 });
  const tell = (frame: FrameMemory): void => replica.applyFrame(frameType(frame, 0), frame, 0);
  return { replica, trading, tell, count: () => sent };
}

function keyFields(text: string) {
  const words = Buffer.from(keyOfText(text), 'hex');
  const [keyA, keyB, keyC, keyD] = [0, 4, 8, 12].map((at) => words.readInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  return { keyA, keyB, keyC, keyD };
}

/** ok, or the code of the refusal. */
async function word(outcome: Promise<{ ok: boolean; error?: { code: string } }>): Promise<string> {
  const { ok, error } = await outcome;
  return ok ? 'ok' : (error?.code ?? '');
}

describe('an order under way', () => {
  const key = keyFields('k');

  test('is accepted only when its record is written', async () => {
    const { trading, tell } = desk();
    const asked = word(trading.place(ORDER, 'k'));
    tell(orderFrame(1, { ...key, status: STATUS_PENDING }));
    expect(await asked).toBe('unknown-outcome');
    const again = word(trading.place(ORDER, 'k'));
    tell(orderFrame(1, { ...key, status: STATUS_SUBMITTED }));
    expect(await again).toBe('ok');
  });

  test.each([
    ['order of other content', orderFrame(1, { ...key, status: STATUS_SUBMITTED, qty: 200 })],
    ['refusal of other content', rejectFrame(REJECT_CASH, { ...key, kind: 1, qty: 200 })],
    ['misuse', rejectFrame(REJECT_KEY_REUSED, { ...key, kind: 1 })],
  ])('has its key used by another when an %s comes under it', async (_name, frame) => {
    const { trading, tell } = desk();
    const asked = word(trading.place(ORDER, 'k'));
    tell(frame);
    expect(await asked).toBe('key-reused');
  });

  test('is not answered by the misuse of its key by somebody else', async () => {
    const { trading, tell } = desk();
    const asked = word(trading.place(ORDER, 'k'));
    tell(rejectFrame(REJECT_KEY_REUSED, { ...key, kind: 1, qty: 200 }));
    tell(orderFrame(1, { ...key, status: STATUS_SUBMITTED }));
    expect(await asked).toBe('ok');
  });

  test.each([
    ['busy', rejectFrame(REJECT_BUSY, { ...key, kind: 1, stage: STAGE_OMS })],
    ['refused', rejectFrame(REJECT_CASH, { ...key, kind: 1, stage: STAGE_OMS })],
    ['refused', orderFrame(1, { ...key, status: STATUS_REJECTED, code: 301, stage: STAGE_RISK })],
  ])('is told %s', async (expected, frame) => {
    const { trading, tell } = desk();
    const asked = word(trading.place(ORDER, 'k'));
    tell(frame);
    expect(await asked).toBe(expected);
  });

  test('is asked of the engine once, however many wait for it', async () => {
    const { trading, tell, count } = desk();
    const asked = [trading.place(ORDER, 'k'), trading.place(ORDER, 'k')].map(word);
    const other = word(trading.place({ ...ORDER, qty: 300 }, 'k'));
    tell(orderFrame(1, { ...key, status: STATUS_SUBMITTED }));
    expect([...(await Promise.all(asked)), await other, count()]).toEqual([
      ...['ok', 'ok', 'key-reused', 1],
    ]);
  });

  test('is unknown when the engine goes, and not sent while it is gone or starting', async () => {
    const { replica, trading, count } = desk(10_000);
    const asked = word(trading.place(ORDER, 'k'));
    replica.markDown('gone');
    expect(await asked).toBe('unknown-outcome');
    replica.applyMeta(makeMeta({ engineId: 'engine-2' }));
    expect(await word(trading.place(ORDER, 'k'))).toBe('engine-down');
    const fresh = new Trading({ replica: new Replica(), sendCommand: () => true });
    expect(await word(fresh.place(ORDER, 'k'))).toBe('engine-down');
    expect(count()).toBe(1);
  });

  test('needs its account named when there are several', async () => {
    const { replica, trading } = desk();
    const accounts = ['a', 'b'].map((id, index) => ({ index, id }));
    replica.applyMeta(makeMeta({ accounts }));
    replica.applyReady();
    expect(await word(trading.place(ORDER, 'k'))).toBe('unknown-account');
    expect(await word(trading.place({ ...ORDER, account: 'c' }, 'k'))).toBe('unknown-account');
    expect(await word(trading.place({ ...ORDER, account: 'b' }, 'k'))).toBe('unknown-outcome');
  });
});

describe('a cancel', () => {
  test('is done when cancelled, refused when filled or when the engine says no', async () => {
    const { trading, tell, replica } = desk();
    for (const no of [1, 2, 3]) tell(orderFrame(no));
    const coids = replica.trades.openOrders().map(({ coid }) => coid);
    const asked = coids.map((coid) => word(trading.cancel(coid)));
    tell(orderFrame(1, { status: STATUS_CANCELLED }));
    tell(orderFrame(2, { status: STATUS_FILLED }));
    tell(rejectFrame(402, { action: ACTION_CANCEL, ...orderWords(3) }));
    expect(await Promise.all(asked)).toEqual(['ok', 'order-finished', 'refused']);
    expect(await word(trading.cancel(coids[0]!))).toBe('ok');
    expect(await word(trading.cancel('10000q9010000012a'))).toBe('bad-request');
  });
});
