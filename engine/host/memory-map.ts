// Lays all shared memory of an engine out in one buffer by its topology: rings, doorbells of the
// threads, counters with heartbeats, kill words. Called once by whoever starts an engine; every
// thread makes its own views of the parts it uses. Invariant: nothing overlaps, all is 128-aligned.
import { must } from '../assert.ts';
import { BroadcastReader, BroadcastWriter } from '../ring/broadcast-ring.ts';
import { Counters } from '../ring/counters.ts';
import { DeferredDoorbell, Doorbell } from '../ring/doorbell.ts';
import { HEADER_BYTES } from '../ring/layout.ts';
import { SpscRing } from '../ring/spsc-ring.ts';
import { type Bell, WorkMark } from '../ring/work-mark.ts';
import type { RingSpec, Topology } from '../topology.ts';

const LINE = 128;

/** Slots of the counters: a heartbeat and a count of work per actor, then an ended flag. */
export const SLOTS_PER_ACTOR = 3;
export const SLOT_HEARTBEAT = 0;
export const SLOT_EVENTS = 1;
export const SLOT_ENDED = 2;

/** Words at the start of the buffer. */
export const WORD_STOP = 0;
/** Lockstep: index of the actor whose turn it is, and work done in this round. */
export const WORD_TURN = 32;
export const WORD_WORK = 64;
export const WORD_QUIET = 96;
/** Kill words of the accounts, one cache line pair each. */
export const WORD_KILL = 128;
const ACCOUNTS = 16;
const WORDS_BYTES = (WORD_KILL + ACCOUNTS * 32) * 4;

/** A buffer and where everything lies in it; can be sent to a worker. */
export interface MemoryMap {
  readonly buffer: ArrayBufferLike;
  readonly rings: Readonly<Record<string, number>>;
  readonly bells: readonly number[];
  readonly counters: number;
  readonly counterSlots: number;
}

/** Lays out and allocates. `shared` = for threads; else a plain buffer. */
export function mapMemory(topology: Topology, shared: boolean): MemoryMap {
  let at = align(WORDS_BYTES);
  const rings: Record<string, number> = {};
  for (const ring of topology.rings) {
    rings[ring.name] = at;
    const bytes =
      ring.kind === 'spsc' ? SpscRing.bytesFor(ring.bytes) : BroadcastWriter.bytesFor(ring.bytes);
    at = align(at + bytes);
  }
  const bells = topology.threads.map(() => {
    const here = at;
    at = align(at + Doorbell.BYTES);
    return here;
  });
  const counterSlots = topology.actors.length * SLOTS_PER_ACTOR;
  const counters = at;
  at = align(at + Counters.bytesFor(counterSlots));
  const buffer = shared ? new SharedArrayBuffer(at) : new ArrayBuffer(at);
  return { buffer, rings, bells, counters, counterSlots };
}

/** Forgets what lies in the rings: for another day over the same memory, with new ring ends. */
export function emptyRings(topology: Topology, map: MemoryMap): void {
  for (const { name } of topology.rings) {
    const at = must(map.rings[name], `ring ${name}: not in the memory map`);
    new Int32Array(map.buffer, at, HEADER_BYTES / 4).fill(0);
  }
  wordsOf(map).fill(0);
}

/** The control words as int32. */
export function wordsOf(map: MemoryMap): Int32Array {
  return new Int32Array(map.buffer, 0, WORDS_BYTES / 4);
}

/** The kill word of one account as a view of one int32. */
export function killWordOf(map: MemoryMap, account: number): Int32Array {
  return new Int32Array(map.buffer, (WORD_KILL + account * 32) * 4, 1);
}

export function countersOf(map: MemoryMap): Counters {
  return new Counters(map.buffer, map.counters, map.counterSlots);
}

/** Opens rings of a topology by name, one instance per call. */
export class RingOpener {
  readonly #topology: Topology;
  readonly #map: MemoryMap;
  /** Bells of the threads that writers of this opener wake at the end of a duty cycle. */
  readonly #deferred: DeferredDoorbell[] | null;
  /** Rings by name where both their ends are in this thread: one instance is both. */
  readonly #opened: Map<string, SpscRing> | null;
  /** Of each actor, in the topology's order; null = its thread has a doorbell. */
  readonly marks: readonly WorkMark[] | null;

  /**
   * `defer`: an engine thread, whose runner flushes the bells; else they ring at once.
   * `marked`: all actors share this thread and are stepped by an AgentInvoker.
   */
  constructor(topology: Topology, map: MemoryMap, defer = false, marked = false) {
    this.#topology = topology;
    this.#map = map;
    this.marks = marked ? topology.actors.map(() => new WorkMark()) : null;
    this.#opened = marked ? new Map() : null;
    const at = (_: unknown, thread: number): DeferredDoorbell =>
      new DeferredDoorbell(map.buffer, must(map.bells[thread], `thread=${thread}`));
    this.#deferred = defer ? topology.threads.map(at) : null;
  }

  /** Bells to flush at the end of each duty cycle; empty unless deferred. */
  get deferredBells(): readonly DeferredDoorbell[] {
    return this.#deferred ?? [];
  }

  /** A ring's end; its bell is that of the thread that reads it. */
  spsc(name: string): SpscRing {
    const known = this.#opened?.get(name);
    if (known !== undefined) return known;
    const spec = this.#spec(name);
    const index = this.#topology.actors.findIndex((actor) => actor.name === spec.to);
    const reader = this.#topology.actors[index];
    const bell = reader === undefined ? null : this.#readersBell(index, reader.thread);
    const both = this.#opened !== null;
    const ring = new SpscRing(this.#map.buffer, this.#at(name), spec.bytes, bell, both);
    this.#opened?.set(name, ring);
    return ring;
  }

  broadcastWriter(name: string): BroadcastWriter {
    return new BroadcastWriter(this.#map.buffer, this.#at(name), this.#spec(name).bytes);
  }

  broadcastReader(name: string): BroadcastReader {
    return new BroadcastReader(this.#map.buffer, this.#at(name), this.#spec(name).bytes);
  }

  bell(thread: number): Doorbell {
    return new Doorbell(this.#map.buffer, must(this.#map.bells[thread], `thread=${thread}`));
  }

  #readersBell(actor: number, thread: number): Bell {
    return this.marks?.[actor] ?? this.#deferred?.[thread] ?? this.bell(thread);
  }

  #spec(name: string): RingSpec {
    const spec = this.#topology.rings.find((ring) => ring.name === name);
    return must(spec, `ring ${name}: not in the topology`);
  }

  #at(name: string): number {
    return must(this.#map.rings[name], `ring ${name}: not in the memory map`);
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}
