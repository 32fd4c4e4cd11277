// The record layout as bytes, and which frame becomes which record. What is on disk is compared
// with the drawing by a DataView and by zlib, never by the code under test.
import { crc32 as zlibCrc } from 'node:zlib';
import { expect, test } from 'vitest';
import * as record from '../../../engine/journal/record.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { BridgeRow, Fence } from '../../../engine/messages/generated/broker.ts';
import { TYPE_NAMES } from '../../../engine/messages/generated/types.ts';
import { frameBytes } from '../../../engine/messages/generated/verify.ts';
import {
  cancelFrame,
  epochFrame,
  killFrame,
  MemoryDisk,
  newWriter,
  requestFrame,
} from './journal-kit.ts';

const { RECORD_BYTES } = record;

test('every frame type is either journaled as one record type or refused', () => {
  const memory = new FrameMemory(new ArrayBuffer(512));
  const journaled = new Map<string, string>();
  for (const [type, name] of TYPE_NAMES) {
    memory.i32[1] = type;
    const recordType = record.recordTypeOf(memory, 0);
    if (recordType !== 0) journaled.set(name, record.RECORD_NAMES[recordType]);
  }
  expect(Object.fromEntries(journaled)).toEqual({
    Fence: 'BRIDGE',
    BridgeRow: 'BRIDGE',
    Adjustment: 'ADJUST',
    BookLine: 'OPENING',
    BrokerOrder: 'ADOPTED',
    LinkState: 'LINK',
    Request: 'REQUEST',
    ParentIntent: 'PARENT',
    ParentUpdate: 'PARENT',
    Report: 'REPORT',
    Fill: 'FILL',
    Reject: 'REJECT',
    Kill: 'KILL',
    CancelCommand: 'CONTROL',
    MarketPause: 'CONTROL',
    RiskCommit: 'CONTROL',
    RiskConfirm: 'CONFIRM',
    OrderSettle: 'SETTLE',
    RiskResume: 'CONTROL',
    StrategyState: 'CONTROL',
    OpeningPosition: 'OPENING',
    OpeningCash: 'OPENING',
    Clock: 'DAY',
    DayClose: 'CLOSING',
    End: 'CLOSE',
    Epoch: 'EPOCH',
    InstrumentName: 'INSTRUMENT',
  });
});

test('every journaled frame fits the payload', () => {
  const memory = new FrameMemory(new ArrayBuffer(512));
  for (const [type] of TYPE_NAMES) {
    memory.i32[1] = type;
    if (record.recordTypeOf(memory, 0) !== 0) {
      expect(frameBytes(type) + 8).toBeLessThanOrEqual(record.PAYLOAD_BYTES);
    }
  }
});

test('a fence may use the reserved room, what became of a call may not', () => {
  const memory = new FrameMemory(new ArrayBuffer(512));
  new Fence().begin(memory, 0);
  const type = record.recordTypeOf(memory, 0);
  expect(record.mayUseReserve(type, Fence.TYPE)).toBe(true);
  expect(record.mayUseReserve(type, BridgeRow.TYPE)).toBe(false);
});

test('a request to cancel is a CANCEL record and may use the reserved room', () => {
  const type = record.recordTypeOf(cancelFrame(1), 0);
  expect(type).toBe(record.RECORD_CANCEL);
  expect(record.mayUseReserve(type, 0)).toBe(true);
  expect(record.recordTypeOf(requestFrame(1), 0)).toBe(record.RECORD_REQUEST);
  expect(record.mayUseReserve(record.RECORD_REQUEST, 0)).toBe(false);
  expect(record.mayUseReserve(record.recordTypeOf(killFrame(1), 0), 0)).toBe(true);
});

test('the bytes on disk are those of the drawing, readable without this code', () => {
  const disk = new MemoryDisk();
  const writer = newWriter(disk);
  expect(writer.append(requestFrame(7), 0, 34_200e9, 5e9)).toBe(2);
  expect(writer.flush()).toBe(0);
  const bytes = disk.segments.get(1)!.subarray(2 * RECORD_BYTES, 3 * RECORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_BYTES);
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('PKJ1');
  expect(view.getInt16(4, true)).toBe(1);
  expect(view.getInt16(6, true)).toBe(record.RECORD_REQUEST);
  expect(view.getInt32(8, true)).toBe(2);
  expect(view.getInt32(12, true)).toBe(1);
  expect(view.getInt32(16, true)).toBe(20260109);
  expect(view.getInt32(20, true)).toBe(1);
  expect(view.getFloat64(24, true)).toBe(34_200e9);
  expect(view.getFloat64(32, true)).toBe(5e9);
  const length = view.getInt32(40, true);
  expect(Buffer.from(bytes.subarray(48, 48 + length))).toEqual(
    Buffer.from(requestFrame(7).u8.subarray(0, length)),
  );
  expect(bytes.subarray(48 + length, 252).every((byte) => byte === 0)).toBe(true);
  expect(view.getUint32(252, true)).toBe(zlibCrc(bytes.subarray(0, 252)));
});

test('each record carries the CRC word of the one before, the first the genesis constant', () => {
  const disk = new MemoryDisk();
  const writer = newWriter(disk);
  for (let no = 1; no <= 5; no++) writer.append(requestFrame(no), 0, no, no);
  writer.flush();
  const { buffer } = disk.segments.get(1)!;
  const view = new DataView(buffer);
  expect(view.getInt32(44, true)).toBe(record.GENESIS_CHAIN);
  expect(record.GENESIS_CHAIN).toBe(zlibCrc(Buffer.from('pankou')) | 0);
  for (let i = 1; i < 7; i++) {
    const before = view.getUint32((i - 1) * RECORD_BYTES + 252, true);
    expect(view.getUint32(i * RECORD_BYTES + 44, true)).toBe(before);
  }
});

test('an EPOCH record of another epoch than the writer has is refused', () => {
  const disk = new MemoryDisk();
  expect(newWriter(disk).append(epochFrame(2), 0, 1, 1)).toBeLessThan(0);
});
