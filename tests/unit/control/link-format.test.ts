// The bytes between core and api process: whole, in pieces, and damaged. Every byte is flipped,
// every length truncated; nothing unsound may reach a handler.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonMessage } from '../../../engine/host/event-socket.ts';
import { type FrameMemory, frameLength } from '../../../engine/messages/frames.ts';
import {
  LINK_CRC,
  LINK_FRAME,
  LINK_HEADER_BYTES,
  LINK_KIND,
  LINK_KIND_FRAME,
  LINK_LENGTH,
  LINK_MAX_PAYLOAD,
  LINK_OK,
  LINK_REFUSED,
  type LinkHandler,
  LinkReader,
  writeLinkFrame,
  writeLinkHeader,
} from '../../../engine/messages/link-format.ts';
import { fillFrame, killFrame, orderFrame, tickFrame } from '../../support/control-frames.ts';

class Collector implements LinkHandler {
  readonly got: string[] = [];
  takes = true;

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    const bytes = memory.u8.subarray(at, at + frameLength(memory, at));
    this.got.push(`${type} ${Buffer.from(bytes).toString('hex')}`);
    return this.takes;
  }

  onJson(bytes: Uint8Array, from: number, to: number): boolean {
    this.got.push(Buffer.from(bytes.subarray(from, to)).toString('utf8'));
    return this.takes;
  }
}

function messageOf(memory: FrameMemory): Buffer {
  const message = Buffer.alloc(frameLength(memory, 0) + LINK_HEADER_BYTES);
  writeLinkFrame(memory, 0, message, 0);
  return message;
}

function json(value: object): Buffer {
  return jsonMessage('log', value) ?? Buffer.alloc(0);
}

describe('link format', () => {
  test('hands on frames and JSON however the stream is cut', () => {
    const stream = Buffer.concat([
      messageOf(orderFrame(1)),
      json({ text: '盘口' }),
      messageOf(tickFrame(100_000)),
      json({ n: 1 }),
      messageOf(fillFrame(2)),
    ]);
    const whole = new Collector();
    expect(new LinkReader().push(stream, whole)).toBe(LINK_OK);
    expect(whole.got).toHaveLength(5);
    expect(whole.got[1]).toBe('{"kind":"log","value":{"text":"盘口"}}');
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (places) => {
        const pieces = new Collector();
        const reader = new LinkReader();
        const edges = [0, ...places.sort((a, b) => a - b), stream.length];
        for (let i = 1; i < edges.length; i++) {
          expect(reader.push(stream.subarray(edges[i - 1], edges[i]), pieces)).toBe(LINK_OK);
        }
        expect(pieces.got).toEqual(whole.got);
      }),
      { numRuns: 200 },
    );
  });

  test('never hands on a message of which one byte was changed', () => {
    const good = messageOf(killFrame());
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bad = Buffer.from(good);
        bad[at] ^= flip;
        const got = new Collector();
        const reader = new LinkReader();
        // A longer length swallows what follows: then the CRC speaks.
        let code = reader.push(bad, got);
        for (let i = 0; i < 4 && code === LINK_OK; i++) {
          code = reader.push(Buffer.alloc(LINK_MAX_PAYLOAD), got);
        }
        expect(code, `byte ${at} ^ ${flip}`).toBeLessThan(0);
        expect(
          got.got.filter((text) => !text.startsWith('{')),
          `byte ${at}`,
        ).toEqual([]);
      }
    }
  });

  test('says nothing for every truncation and goes on when the rest comes', () => {
    const good = messageOf(orderFrame(7));
    for (let cut = 0; cut < good.length; cut++) {
      const got = new Collector();
      const reader = new LinkReader();
      expect(reader.push(good.subarray(0, cut), got)).toBe(LINK_OK);
      expect(got.got).toEqual([]);
      reader.push(good.subarray(cut), got);
      expect(got.got).toHaveLength(1);
    }
  });

  test('names what is wrong: length, kind, CRC, frame', () => {
    const verdict = (change: (message: Buffer) => void) => {
      const message = messageOf(orderFrame(1));
      change(message);
      return new LinkReader().push(message, new Collector());
    };
    const sealed = (message: Buffer) =>
      writeLinkHeader(message, 0, message.length - LINK_HEADER_BYTES, LINK_KIND_FRAME);
    expect(verdict((m) => m.writeUInt32LE(0, 0))).toBe(LINK_LENGTH);
    expect(verdict((m) => m.writeUInt32LE(LINK_MAX_PAYLOAD + 1, 0))).toBe(LINK_LENGTH);
    expect(verdict((m) => m.writeUInt8(3, 8))).toBe(LINK_KIND);
    expect(verdict((m) => m.writeUInt8(1, 11))).toBe(LINK_KIND);
    expect(verdict((m) => m.writeUInt32LE((m.readUInt32LE(4) ^ 1) >>> 0, 4))).toBe(LINK_CRC);
    const unknownType = (m: Buffer) => {
      m.writeInt32LE(999, LINK_HEADER_BYTES + 4);
      sealed(m);
    };
    expect(verdict(unknownType)).toBe(LINK_FRAME);
    const notFinite = (m: Buffer) => {
      m.writeDoubleLE(Number.NaN, LINK_HEADER_BYTES + 32);
      sealed(m);
    };
    expect(verdict(notFinite)).toBe(LINK_FRAME);
  });

  test('refuses a frame with bytes after it', () => {
    const message = Buffer.concat([messageOf(killFrame()), Buffer.alloc(8)]);
    writeLinkHeader(message, 0, message.length - LINK_HEADER_BYTES, LINK_KIND_FRAME);
    expect(new LinkReader().push(message, new Collector())).toBe(LINK_FRAME);
  });

  test('takes nothing more after a refusal', () => {
    const got = new Collector();
    got.takes = false;
    const reader = new LinkReader();
    expect(reader.push(messageOf(orderFrame(1)), got)).toBe(LINK_REFUSED);
    got.takes = true;
    expect(reader.push(messageOf(orderFrame(2)), got)).toBe(LINK_REFUSED);
    expect(got.got).toHaveLength(1);
  });

  test('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 300 }), (bytes) => {
        const got = new Collector();
        const code = new LinkReader().push(bytes, got);
        expect(code <= 0).toBe(true);
        expect(got.got).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
