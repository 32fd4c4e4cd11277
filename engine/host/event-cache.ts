// The newest state of everything a watcher must know, so that an api process that connects late or
// again sees the whole picture. Called by event-socket.ts with every frame it sends. Always:
// bounded; finished orders make room before open ones; one slot of memory per key, overwritten in
// place.
import { isOpen } from '../core/order.ts';
import { align8, copyFrame, FrameMemory, frameLength } from '../messages/frames.ts';
import { StrategyState } from '../messages/generated/control.ts';
import { SnapshotTick } from '../messages/generated/market.ts';
import { AccountUpdate, OrderUpdate, PositionUpdate } from '../messages/generated/order.ts';
import {
  TYPE_ACCOUNT_UPDATE,
  TYPE_ENGINE_STATE,
  TYPE_FILL,
  TYPE_ORDER_UPDATE,
  TYPE_POSITION_UPDATE,
  TYPE_REJECT,
  TYPE_SNAPSHOT_TICK,
  TYPE_STRATEGY_STATE,
} from '../messages/generated/types.ts';

/** Orders kept, open ones before finished ones. */
export const CACHED_ORDERS = 20_000;
export const CACHED_FILLS = 20_000;
export const CACHED_REJECTS = 500;

/** The last `limit` frames, oldest overwritten first. */
class FrameRing {
  readonly #slots: FrameMemory[] = [];
  readonly #limit: number;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(memory: FrameMemory, at: number): void {
    const slot = this.#slots[this.#next];
    if (slot === undefined) this.#slots.push(copyOf(memory, at));
    else copyFrame(memory, at, slot, 0);
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Oldest first. */
  each(visit: (frame: FrameMemory) => void): void {
    const count = this.#slots.length;
    const oldest = count < this.#limit ? 0 : this.#next;
    for (let i = 0; i < count; i++) visit(this.#slots[(oldest + i) % count]);
  }
}

export class EventCache {
  /** Newest frame by conflation key. */
  readonly #latest = new Map<string, FrameMemory>();
  readonly #openOrders = new Map<string, FrameMemory>();
  readonly #doneOrders = new Map<string, FrameMemory>();
  readonly #fills = new FrameRing(CACHED_FILLS);
  readonly #rejects = new FrameRing(CACHED_REJECTS);
  readonly #tick = new SnapshotTick();
  readonly #order = new OrderUpdate();
  readonly #position = new PositionUpdate();
  readonly #account = new AccountUpdate();
  readonly #strategy = new StrategyState();

  /** Takes a copy of the frame where its type is one that is kept. */
  store(type: number, memory: FrameMemory, at: number): void {
    if (type === TYPE_FILL) this.#fills.add(memory, at);
    else if (type === TYPE_REJECT) this.#rejects.add(memory, at);
    else if (type === TYPE_ORDER_UPDATE) this.#storeOrder(memory, at);
    else {
      const key = this.keyOf(type, memory, at);
      if (key !== '') put(this.#latest, key, memory, at);
    }
  }

  /** Key under which only the newest frame counts; '' for a frame that must not be conflated. */
  keyOf(type: number, memory: FrameMemory, at: number): string {
    switch (type) {
      case TYPE_SNAPSHOT_TICK:
        return `tick ${this.#tick.wrap(memory, at).instrument}`;
      case TYPE_POSITION_UPDATE: {
        const position = this.#position.wrap(memory, at);
        return `position ${position.account} ${position.instrument}`;
      }
      case TYPE_ACCOUNT_UPDATE:
        return `account ${this.#account.wrap(memory, at).account}`;
      case TYPE_ENGINE_STATE:
        return 'engine';
      case TYPE_STRATEGY_STATE:
        return `strategy ${this.#strategy.wrap(memory, at).strategy}`;
      default:
        return '';
    }
  }

  /** The newest frame of a conflation key. */
  latest(key: string): FrameMemory | undefined {
    return this.#latest.get(key);
  }

  /** Everything kept: states first, then finished orders, open orders, fills and rejects. */
  replay(visit: (frame: FrameMemory) => void): void {
    for (const frame of this.#latest.values()) visit(frame);
    for (const frame of this.#doneOrders.values()) visit(frame);
    for (const frame of this.#openOrders.values()) visit(frame);
    this.#fills.each(visit);
    this.#rejects.each(visit);
  }

  #storeOrder(memory: FrameMemory, at: number): void {
    const order = this.#order.wrap(memory, at);
    const key = `${order.coidA} ${order.coidB} ${order.coidC}`;
    const open = isOpen(order.status);
    const home = open ? this.#openOrders : this.#doneOrders;
    const other = open ? this.#doneOrders : this.#openOrders;
    other.delete(key);
    put(home, key, memory, at);
    if (this.#openOrders.size + this.#doneOrders.size <= CACHED_ORDERS) return;
    const crowded = this.#doneOrders.size > 0 ? this.#doneOrders : this.#openOrders;
    for (const oldest of crowded.keys()) {
      crowded.delete(oldest);
      break;
    }
  }
}

function put(map: Map<string, FrameMemory>, key: string, memory: FrameMemory, at: number): void {
  const slot = map.get(key);
  if (slot === undefined) map.set(key, copyOf(memory, at));
  else copyFrame(memory, at, slot, 0);
}

function copyOf(memory: FrameMemory, at: number): FrameMemory {
  const copy = new FrameMemory(new ArrayBuffer(align8(frameLength(memory, at))));
  copyFrame(memory, at, copy, 0);
  return copy;
}
