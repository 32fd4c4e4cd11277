// Counters, heartbeats, the doorbell's quick paths and the layout picture. The doorbell between
// threads: tests/race.
import { describe, expect, test } from 'vitest';
import { Counters } from '../../../engine/ring/counters.ts';
import { Doorbell } from '../../../engine/ring/doorbell.ts';
import * as layout from '../../../engine/ring/layout.ts';

function makeCounters(slotCount = 4) {
  const buffer = new SharedArrayBuffer(Counters.bytesFor(slotCount));
  return { buffer, counters: new Counters(buffer, 0, slotCount) };
}

describe('counters', () => {
  test('another instance over the same memory sees label and value', () => {
    const { buffer, counters } = makeCounters();
    counters.claim(2, 'ring.feed.wraps 环', 1);
    counters.set(2, 41);
    counters.add(2, 1);
    const other = new Counters(buffer, 0, 4);
    expect(other.label(2)).toBe('ring.feed.wraps 环');
    expect(other.find('ring.feed.wraps 环')).toBe(2);
    expect(other.get(2)).toBe(42);
    expect(other.label(1)).toBe('');
    expect(other.find('nothing')).toBe(-1);
  });

  test('counts past 2^31 exactly', () => {
    const { counters } = makeCounters();
    counters.set(0, 2 ** 52);
    counters.add(0, 1);
    expect(counters.get(0)).toBe(2 ** 52 + 1);
  });

  test('a slot has one writer: a second thread is refused, the first may claim again', () => {
    const { counters } = makeCounters();
    counters.claim(0, 'oms.orders', 3);
    counters.claim(0, 'oms.orders', 3);
    expect(() => counters.claim(0, 'risk.orders', 4)).toThrow('belongs to thread 3, not to 4');
    expect(counters.label(0)).toBe('oms.orders');
  });

  test('slots lie two cache lines apart', () => {
    const { buffer, counters } = makeCounters();
    counters.set(0, 1.5);
    counters.set(1, 2.5);
    expect(new Float64Array(buffer)[16]).toBe(2.5);
  });

  test.each([-1, 4, 0.5])('slot %d is refused', (slot) => {
    expect(() => makeCounters().counters.claim(slot, 'x', 1)).toThrow(`slot=${slot}`);
  });

  test.each(['', 'x'.repeat(113), '环'.repeat(38)])('a label that does not fit is refused', (l) => {
    expect(() => makeCounters().counters.claim(0, l, 1)).toThrow('expected 1 to 112 bytes');
  });

  test('a heartbeat is as old as the time since its beat, and infinitely old before it', () => {
    const { counters } = makeCounters();
    expect(counters.ageNs(3, 1e9)).toBe(Number.POSITIVE_INFINITY);
    counters.beat(3, 1e9);
    expect(counters.ageNs(3, 1.25e9)).toBe(0.25e9);
  });
});

describe('doorbell', () => {
  test('does not sleep when the last look found work', () => {
    const bell = new Doorbell(new SharedArrayBuffer(Doorbell.BYTES), 0);
    let looks = 0;
    bell.park(60_000, { isIdle: () => ++looks < 0 });
    expect(looks).toBe(1);
    expect(bell.parks).toBe(0);
  });

  test('a ring between the last look and the sleep is not lost', () => {
    const buffer = new SharedArrayBuffer(Doorbell.BYTES);
    const reader = new Doorbell(buffer, 0);
    const writer = new Doorbell(buffer, 0);
    reader.park(60_000, {
      isIdle() {
        writer.ring();
        return true;
      },
    });
    expect(writer.wakes).toBe(1);
    expect(reader.parks).toBe(1);
  });

  test('wakes nobody while the reader is awake', () => {
    const bell = new Doorbell(new SharedArrayBuffer(Doorbell.BYTES), 0);
    bell.ring();
    expect(bell.wakes).toBe(0);
    bell.park(1, { isIdle: () => true });
    bell.ring();
    expect(bell.wakes).toBe(0);
  });

  test('over memory of one thread it never sleeps', () => {
    const bell = new Doorbell(new ArrayBuffer(Doorbell.BYTES), 0);
    bell.park(60_000, { isIdle: () => true });
    expect(bell.parks).toBe(0);
  });
});

test('words of different writers are two cache lines apart, as the picture says', () => {
  expect(layout.HEAD_WORD * 4).toBe(0);
  expect(layout.TAIL_WORD * 4).toBe(128);
  expect(layout.CLOSED_WORD * 4).toBe(256);
  expect(layout.CAPACITY_WORD * 4).toBe(260);
  expect(layout.INTENT_WORD * 4).toBe(128);
  expect([layout.BROADCAST_TAIL_WORD, layout.LATEST_WORD]).toEqual([0, 1]);
  expect(layout.HEADER_BYTES).toBe(384);
  expect(layout.ringBytes(4096)).toBe(384 + 4096);
});

test('touching pages ahead changes no byte', () => {
  const data = new Int32Array(new SharedArrayBuffer(16_384)).map((_, i) => i * 31);
  const shared = new Int32Array(new SharedArrayBuffer(16_384));
  shared.set(data);
  layout.pretouch(shared);
  expect([...shared]).toEqual([...data]);
});
