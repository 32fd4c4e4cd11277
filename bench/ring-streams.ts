// One producer, one consumer, events of 64 bytes: two header words and 14 words of payload that
// the consumer adds up. The same loops write and read the payload in every kind.
import { RingBuffer } from 'ringbuf.js';
import type { FrameMemory } from '../engine/messages/frames.ts';
import type { FrameHandler } from '../engine/ring/frame-handler.ts';
import { SpscRing } from '../engine/ring/spsc-ring.ts';
import { RING_CAPACITY, type RingBenchSetup } from './ring-bench-sides.ts';

interface Stream {
  /** Sends all events; the checksum. */
  producer(setup: RingBenchSetup): () => number;
  /** Calls `warm` once its first `setup.warmup` events are in; the checksum. */
  consumer(setup: RingBenchSetup): (warm: () => void) => number;
}

type Producer = ReturnType<Stream['producer']>;
type Consumer = ReturnType<Stream['consumer']>;

export const EVENT_BYTES = 64;
const EVENT_WORDS = EVENT_BYTES / 4;
const HEADER_WORDS = 2;
const TYPE = 7;
/** Events per publish where a kind can batch. */
export const BATCH = 64;

/** Kinds of stream. Both sides' checksum is the wrapping sum of all payload words. */
export const STREAMS: Readonly<Record<string, Stream>> = {
  'stream-ring': { producer: (s) => ringProducer(s, BATCH), consumer: ringConsumer },
  'stream-ring-single': { producer: (s) => ringProducer(s, 1), consumer: ringConsumer },
  'stream-ringbuf': { producer: (s) => bufProducer(s, 1), consumer: (s) => bufConsumer(s, 1) },
  'stream-ringbuf-batch': {
    producer: (s) => bufProducer(s, BATCH),
    consumer: (s) => bufConsumer(s, BATCH),
  },
  'stream-naive': { producer: naiveProducer, consumer: naiveConsumer },
};

/** Fills the event at word `at`; the sum of its payload. */
function fillEvent(words: Int32Array, at: number, sequence: number): number {
  words[at] = EVENT_BYTES;
  words[at + 1] = TYPE;
  let sum = 0;
  for (let i = HEADER_WORDS; i < EVENT_WORDS; i++) {
    words[at + i] = sequence + i;
    sum = (sum + sequence + i) | 0;
  }
  return sum;
}

function sumEvent(words: Int32Array, at: number): number {
  let sum = 0;
  for (let i = HEADER_WORDS; i < EVENT_WORDS; i++) sum = (sum + words[at + i]) | 0;
  return sum;
}

class Summing implements FrameHandler {
  sum = 0;

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.sum = (this.sum + sumEvent(memory.i32, at >> 2)) | 0;
  }
}

function ringProducer(setup: RingBenchSetup, batch: number): Producer {
  const ring = new SpscRing(setup.memory, 0, RING_CAPACITY);
  const words = ring.memory.i32;
  return () => {
    let sum = 0;
    let inBatch = 0;
    for (let sent = 0; sent < setup.count; ) {
      const at = ring.tryClaim(EVENT_BYTES);
      if (at < 0) {
        ring.publish();
        continue;
      }
      sum = (sum + fillEvent(words, at >> 2, sent)) | 0;
      ring.commit();
      sent++;
      if (++inBatch === batch) {
        ring.publish();
        inBatch = 0;
      }
    }
    ring.publish();
    return sum;
  };
}

function ringConsumer(setup: RingBenchSetup): Consumer {
  const ring = new SpscRing(setup.memory, 0, RING_CAPACITY);
  const summing = new Summing();
  let got = 0;
  const takeUntil = (count: number) => {
    while (got < count) got += ring.poll(summing, 256);
  };
  return (warm) => {
    takeUntil(setup.warmup);
    warm();
    takeUntil(setup.count);
    return summing.sum;
  };
}

/** ringbuf.js as its documentation uses it: an array in, an array out; `batch` events at once. */
function bufProducer(setup: RingBenchSetup, batch: number): Producer {
  const ring = openRingBuffer(setup);
  const event = new Int32Array(EVENT_WORDS * batch);
  return () => {
    let sum = 0;
    for (let sent = 0; sent < setup.count; ) {
      const events = Math.min(batch, setup.count - sent);
      for (let i = 0; i < events; i++) {
        sum = (sum + fillEvent(event, i * EVENT_WORDS, sent + i)) | 0;
      }
      const words = events * EVENT_WORDS;
      while (ring.available_write() < words);
      ring.push(event, words);
      sent += events;
    }
    return sum;
  };
}

function bufConsumer(setup: RingBenchSetup, batch: number): Consumer {
  const ring = openRingBuffer(setup);
  const event = new Int32Array(EVENT_WORDS * batch);
  let got = 0;
  let sum = 0;
  const takeUntil = (count: number) => {
    while (got < count) {
      const there = Math.min(batch, (ring.available_read() / EVENT_WORDS) | 0);
      if (there === 0) continue;
      ring.pop(event, there * EVENT_WORDS);
      for (let i = 0; i < there; i++) sum = (sum + sumEvent(event, i * EVENT_WORDS)) | 0;
      got += there;
    }
  };
  return (warm) => {
    takeUntil(setup.warmup);
    warm();
    takeUntil(setup.count);
    return sum;
  };
}

/** ringbuf.js takes its capacity from the buffer's size: the same 64 KiB as the others. */
function openRingBuffer(setup: RingBenchSetup) {
  const bytes = RingBuffer.getStorageForCapacity(RING_CAPACITY / 4, Int32Array).byteLength;
  if (bytes !== setup.memory.byteLength) {
    throw new Error(`ringbuf.js wants ${bytes} bytes, got ${setup.memory.byteLength}`);
  }
  return new RingBuffer(setup.memory, Int32Array);
}

/** What one writes first: fixed slots, both indexes read and stored atomically at every event. */
function naiveProducer(setup: RingBenchSetup): Producer {
  const index = new Int32Array(setup.memory, 0, 64);
  const words = new Int32Array(setup.memory, 256, RING_CAPACITY / 4);
  const slots = RING_CAPACITY / EVENT_BYTES;
  return () => {
    let sum = 0;
    for (let sent = 0; sent < setup.count; sent++) {
      while (sent - Atomics.load(index, 0) >= slots);
      sum = (sum + fillEvent(words, (sent % slots) * EVENT_WORDS, sent)) | 0;
      Atomics.store(index, 32, sent + 1);
    }
    return sum;
  };
}

function naiveConsumer(setup: RingBenchSetup): Consumer {
  const index = new Int32Array(setup.memory, 0, 64);
  const words = new Int32Array(setup.memory, 256, RING_CAPACITY / 4);
  const slots = RING_CAPACITY / EVENT_BYTES;
  let got = 0;
  let sum = 0;
  const takeUntil = (count: number) => {
    for (; got < count; got++) {
      while (Atomics.load(index, 32) === got);
      sum = (sum + sumEvent(words, (got % slots) * EVENT_WORDS)) | 0;
      Atomics.store(index, 0, got + 1);
    }
  };
  return (warm) => {
    takeUntil(setup.warmup);
    warm();
    takeUntil(setup.count);
    return sum;
  };
}
