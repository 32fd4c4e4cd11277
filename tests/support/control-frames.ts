// Frames and meta data as a core would send them, with defaults: what a test sets is what it is
// about. Called by the tests of the link, the replica and the api process.
import { idAccountEpoch, idCheck } from '../../engine/core/order-id.ts';
import { STATUS_ACCEPTED } from '../../engine/core/order-status.ts';
import { ENGINE_RUNNING, KIND_LIMIT, SIDE_BUY, STAGE_RISK } from '../../engine/messages/codes.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import { CancelCommand, Kill, StrategyState } from '../../engine/messages/generated/control.ts';
import { EngineState, Latency } from '../../engine/messages/generated/event.ts';
import { SnapshotTick } from '../../engine/messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject,
} from '../../engine/messages/generated/order.ts';
import { SCHEMA_HASH } from '../../engine/messages/generated/types.ts';
import type { LinkMeta } from '../../engine/messages/link-types.ts';

export const DAY = 20260105;

interface Writer {
  begin(memory: FrameMemory, at: number): unknown;
}

/** A frame of the class with the given fields set. */
export function frame<T extends Writer>(
  type: { new (): T; readonly BYTES: number },
  fields: object,
): FrameMemory {
  const memory = new FrameMemory(new ArrayBuffer(type.BYTES));
  const flyweight = new type();
  flyweight.begin(memory, 0);
  Object.assign(flyweight, fields);
  return memory;
}

/** The four words of order number `no`. */
export function orderWords(no: number, account = 0) {
  const a = idAccountEpoch(account, 1);
  return { coidA: a, coidB: DAY, coidC: no, coidD: idCheck(a, DAY, no) };
}

export function orderFrame(no: number, fields: Partial<OrderUpdate> = {}): FrameMemory {
  return frame(OrderUpdate, {
    ...orderWords(no),
    side: SIDE_BUY,
    kind: KIND_LIMIT,
    priceE4: 100_000,
    qty: 100,
    status: STATUS_ACCEPTED,
    createdNs: 1e9 * no,
    eventNs: 1e9 * no,
    ...fields,
  });
}

export function parentFrame(parentNo: number, fields: object = {}): FrameMemory {
  const base = { kind: 2, side: SIDE_BUY, qty: 1_000, state: 1, strategy: 240 };
  return frame(ParentUpdate, { parentNo, ...base, ...fields });
}

export function fillFrame(no: number, fields: Partial<Fill> = {}): FrameMemory {
  const base = { ...orderWords(no), side: SIDE_BUY, priceE4: 100_000, qty: 100, fillNo: no };
  return frame(Fill, { ...base, ...fields });
}

export function rejectFrame(code: number, fields: Partial<Reject> = {}): FrameMemory {
  const base = { side: SIDE_BUY, priceE4: 100_000, qty: 100, stage: STAGE_RISK, code };
  return frame(Reject, { ...base, ...fields });
}

export function positionFrame(fields: Partial<PositionUpdate> = {}): FrameMemory {
  return frame(PositionUpdate, { qty: 1_000, sellableQty: 1_000, lastE4: 100_000, ...fields });
}

export function accountFrame(fields: Partial<AccountUpdate> = {}): FrameMemory {
  return frame(AccountUpdate, { cashE4: 1e10, openingEquityE4: 1e10, ...fields });
}

/** A book of one bid and one ask around `lastE4`. */
export function tickFrame(lastE4: number, fields: Partial<SnapshotTick> = {}): FrameMemory {
  const memory = frame(SnapshotTick, { lastE4, volume: 100, ...fields });
  const tick = new SnapshotTick().wrap(memory, 0);
  tick.setBidPriceE4(0, lastE4 - 100);
  tick.setBidQty(0, 300);
  tick.setAskPriceE4(0, lastE4 + 100);
  tick.setAskQty(0, 500);
  return memory;
}

export function engineFrame(fields: Partial<EngineState> = {}): FrameMemory {
  return frame(EngineState, { state: ENGINE_RUNNING, phase: 4, day: DAY, ...fields });
}

export function latencyFrame(totalNs: number, fields: Partial<Latency> = {}): FrameMemory {
  return frame(Latency, { totalNs, ...fields });
}

export function strategyFrame(state: number, fields: Partial<StrategyState> = {}): FrameMemory {
  return frame(StrategyState, { state, ...fields });
}

export function killFrame(fields: Partial<Kill> = {}): FrameMemory {
  return frame(Kill, { scope: 1, on: 1, ...fields });
}

export function cancelFrame(fields: Partial<CancelCommand> = {}): FrameMemory {
  return frame(CancelCommand, { scope: 1, ...fields });
}

export function makeMeta(fields: Partial<LinkMeta> = {}): LinkMeta {
  return {
    version: '0.1.0',
    schemaHash: SCHEMA_HASH,
    engineId: 'engine-1',
    mode: 'paper',
    pace: 'realtime',
    speed: 1,
    day: DAY,
    accounts: [{ index: 0, id: 'paper' }],
    strategies: [{ index: 0, name: 'ma-cross', file: 'ma-cross.ts' }],
    instruments: [
      { index: 0, symbol: '600001.SH', name: '虚构一号', decimals: 2 },
      { index: 1, symbol: '000002.SZ', decimals: 2 },
    ],
    ...fields,
  };
}
