// One thread, real rings, plain objects: gives an actor its inputs and outputs and shows a test
// what went in and out. Used by tests of actors and of the simulated exchange.
// Invariant: nothing here is a copy of engine logic; frames are read back by the generated fields.
import { type EventSink, NoTap, OutPort, type Tap } from '../../engine/actors/port.ts';
import { FrameMemory, frameType } from '../../engine/messages/frames.ts';
import type {
  Arming,
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  Fence,
  LinkState,
  Query,
  QueryEnd,
} from '../../engine/messages/generated/broker.ts';
import type {
  CancelCommand,
  End,
  Kill,
  StrategyState,
} from '../../engine/messages/generated/control.ts';
import type { Latency } from '../../engine/messages/generated/event.ts';
import type {
  Bar,
  FeedGap,
  MarketOrder,
  MarketTrade,
  Phase,
  Quote,
  SnapshotTick,
} from '../../engine/messages/generated/market.ts';
import type {
  AccountUpdate,
  Fill,
  Intent,
  Order,
  OrderUpdate,
  PositionUpdate,
  Reject,
  Report,
  Request,
} from '../../engine/messages/generated/order.ts';
import { TYPE_NAMES } from '../../engine/messages/generated/types.ts';
import { FIELDS } from '../../engine/messages/generated/verify.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';

type Numbers<T> = { readonly [K in keyof T as T[K] extends number ? K : never]?: number };

/** A frame as a test sees it: its name, and every plain field as a number. */
export type Shown = { readonly type: string } & Numbers<Intent & Order & Request & Report> &
  Numbers<Fill & Reject & OrderUpdate & PositionUpdate & AccountUpdate> &
  Numbers<SnapshotTick & MarketTrade & MarketOrder & Bar & Phase & Quote & FeedGap> &
  Numbers<End & Kill & CancelCommand & StrategyState & Latency> &
  Numbers<Fence & LinkState & Query & QueryEnd & BrokerOrder & BrokerPosition & BrokerCash> &
  Numbers<Arming>;

/** What a generated flyweight class offers. */
export interface MessageClass<T> {
  readonly TYPE: number;
  readonly BYTES: number;
  new (): T & { begin(memory: FrameMemory, at: number): T };
}

export type Fields<T> = { readonly [K in keyof T]?: T[K] };

/** Reads a frame into a plain object; repeated fields (levels) read their first entry. */
export function readFrame(memory: FrameMemory, at: number): Shown {
  const type = frameType(memory, at);
  const shown: Record<string, unknown> = { type: TYPE_NAMES.get(type) ?? `type ${type}` };
  for (const { name, kind, offset } of FIELDS.get(type) ?? []) {
    const byte = at + offset;
    if (kind === 'int16') shown[name] = memory.i16[byte >> 1];
    else if (kind === 'int32') shown[name] = memory.i32[byte >> 2];
    else shown[name] = memory.f64[byte >> 3];
  }
  return shown as Shown;
}

/** A ring with both ends in the test's hands. */
export class Pipe {
  readonly ring: SpscRing;
  #seen: Shown[] = [];

  constructor(bytes = 65_536) {
    this.ring = new SpscRing(new ArrayBuffer(SpscRing.bytesFor(bytes)), 0, bytes);
  }

  /** The writing end as an actor gets it. */
  out(port = 0, source = 0, tap: Tap = new NoTap()): OutPort {
    return new OutPort(this.ring, port, source, tap);
  }

  /** Puts a frame in and makes it visible; whether it fitted. */
  send<T>(message: MessageClass<T>, fields: Fields<T>): boolean {
    const at = this.ring.tryClaim(message.BYTES);
    if (at < 0) return false;
    Object.assign(new message().begin(this.ring.memory, at) as object, fields);
    this.ring.commit();
    this.ring.publish();
    return true;
  }

  /** Frames visible so far and not taken yet. */
  take(limit = Number.MAX_SAFE_INTEGER): Shown[] {
    this.#seen = [];
    this.ring.poll(this, limit);
    return this.#seen;
  }

  /** Fills the ring with frames until nothing of that size fits; how many went in. */
  fill<T>(message: MessageClass<T>, fields: Fields<T>): number {
    let count = 0;
    while (this.send(message, fields)) count++;
    return count;
  }

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.#seen.push(readFrame(memory, at));
  }
}

/** Keeps every event that an actor shows to people. */
export class ShownEvents implements EventSink {
  readonly memory = new FrameMemory(new ArrayBuffer(1024));
  all: Shown[] = [];
  /** Refuse to take anything, as a broken sink would. */
  closed = false;

  claim(): number {
    return this.closed ? -1 : 0;
  }
  commit(): void {
    this.all.push(readFrame(this.memory, 0));
  }
  offer(source: FrameMemory, at: number): void {
    this.all.push(readFrame(source, at));
  }
  publish(): void {}

  of(type: string): Shown[] {
    return this.all.filter((event) => event.type === type);
  }
}

/** Steps `work` until it finds nothing to do; how many duty cycles did something. */
export function settle(work: () => number, most = 10_000): number {
  let rounds = 0;
  while (work() > 0) if (++rounds > most) throw new Error('never settles');
  return rounds;
}

/** The listed fields of each frame only, for short expectations. */
export function pick(frames: readonly Shown[], ...names: readonly string[]): object[] {
  return frames.map((frame) =>
    Object.fromEntries(names.map((name) => [name, frame[name as keyof Shown]])),
  );
}
