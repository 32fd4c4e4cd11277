// The newest state of everything a watcher must know, so that an api process that connects late or
// again sees the whole picture. Called by event-socket.ts with every frame it sends. Always:
// bounded; finished orders make room before open ones; one slot of memory per key, overwritten in
// place. It holds a whole day of one account, also after a restart.
import { isOpen } from '../core/order.ts';
import { ORDERS_MAX } from '../limits.ts';
import { align8, copyFrame, FrameMemory, frameLength } from '../messages/frames.ts';
import { Arming, BridgeFacts, LinkState } from '../messages/generated/broker.ts';
import { BookLine, StrategyState } from '../messages/generated/control.ts';
import { SnapshotTick } from '../messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject,
} from '../messages/generated/order.ts';
import {
  TYPE_ACCOUNT_UPDATE,
  TYPE_ARMING,
  TYPE_BOOK_LINE,
  TYPE_BRIDGE_FACTS,
  TYPE_ENGINE_STATE,
  TYPE_FILL,
  TYPE_LINK_STATE,
  TYPE_ORDER_UPDATE,
  TYPE_PARENT_UPDATE,
  TYPE_POSITION_UPDATE,
  TYPE_REJECT,
  TYPE_SNAPSHOT_TICK,
  TYPE_STRATEGY_STATE,
} from '../messages/generated/types.ts';
import { FrameSlab } from './frame-slab.ts';

/** Orders kept, open ones before finished ones: all that an account may make in a day. */
export const CACHED_ORDERS = ORDERS_MAX;
export const CACHED_FILLS = 2 * ORDERS_MAX;
export const CACHED_REJECTS = 500;

type Visit = (memory: FrameMemory, at: number) => void;

/** The last `limit` frames, oldest overwritten first. */
class FrameRing {
  readonly #slab: FrameSlab;
  readonly #limit: number;
  #next = 0;

  constructor(slotBytes: number, limit: number) {
    this.#slab = new FrameSlab(slotBytes);
    this.#limit = limit;
  }

  add(memory: FrameMemory, at: number): void {
    if (this.#slab.size < this.#limit) this.#slab.add(memory, at);
    else this.#slab.put(this.#next, memory, at);
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Oldest first. */
  each(visit: Visit): void {
    const count = this.#slab.size;
    const oldest = count < this.#limit ? 0 : this.#next;
    for (let i = 0; i < count; i++) {
      const slot = (oldest + i) % count;
      visit(this.#slab.memoryOf(slot), this.#slab.byteOf(slot));
    }
  }
}

export class EventCache {
  /** Newest frame by conflation key. */
  readonly #latest = new Map<string, FrameMemory>();
  /** Slots of `#orders` by order. */
  readonly #openOrders = new Map<string, number>();
  readonly #doneOrders = new Map<string, number>();
  readonly #orders = new FrameSlab(align8(OrderUpdate.BYTES));
  readonly #fills = new FrameRing(align8(Fill.BYTES), CACHED_FILLS);
  readonly #rejects = new FrameRing(align8(Reject.BYTES), CACHED_REJECTS);
  readonly #tick = new SnapshotTick();
  readonly #order = new OrderUpdate();
  readonly #position = new PositionUpdate();
  readonly #account = new AccountUpdate();
  readonly #line = new BookLine();
  readonly #strategy = new StrategyState();
  readonly #parent = new ParentUpdate();
  readonly #arming = new Arming();
  readonly #facts = new BridgeFacts();
  readonly #link = new LinkState();

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
      case TYPE_BOOK_LINE: {
        const line = this.#line.wrap(memory, at);
        return `line ${line.account} ${line.strategy} ${line.instrument}`;
      }
      case TYPE_ACCOUNT_UPDATE:
        return `account ${this.#account.wrap(memory, at).account}`;
      case TYPE_PARENT_UPDATE: {
        const { account, parentNo } = this.#parent.wrap(memory, at);
        return parentNo === 0 ? '' : `parent ${account} ${parentNo}`;
      }
      case TYPE_ARMING: {
        // A refused change says nothing that holds.
        const { account, code } = this.#arming.wrap(memory, at);
        return code === 0 ? `arming ${account}` : '';
      }
      case TYPE_BRIDGE_FACTS:
        return `bridge ${this.#facts.wrap(memory, at).account}`;
      case TYPE_LINK_STATE:
        return `link ${this.#link.wrap(memory, at).account}`;
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

  /** Key of an order update's order. */
  orderKeyOf(memory: FrameMemory, at: number): string {
    const order = this.#order.wrap(memory, at);
    return `${order.coidA} ${order.coidB} ${order.coidC}`;
  }

  /** The newest state of the order with that key, when it is kept. */
  visitOrder(key: string, visit: Visit): void {
    const slot = this.#openOrders.get(key) ?? this.#doneOrders.get(key);
    if (slot !== undefined) this.#visitOrder(slot, visit);
  }

  /** Everything kept: states first, then finished orders, open orders, fills and rejects. */
  replay(visit: Visit): void {
    for (const frame of this.#latest.values()) visit(frame, 0);
    for (const slot of this.#doneOrders.values()) this.#visitOrder(slot, visit);
    for (const slot of this.#openOrders.values()) this.#visitOrder(slot, visit);
    this.#fills.each(visit);
    this.#rejects.each(visit);
  }

  #visitOrder(slot: number, visit: Visit): void {
    visit(this.#orders.memoryOf(slot), this.#orders.byteOf(slot));
  }

  #storeOrder(memory: FrameMemory, at: number): void {
    const key = this.orderKeyOf(memory, at);
    const open = isOpen(this.#order.status);
    const home = open ? this.#openOrders : this.#doneOrders;
    const other = open ? this.#doneOrders : this.#openOrders;
    const slot = home.get(key) ?? other.get(key);
    if (slot !== undefined) this.#orders.put(slot, memory, at);
    other.delete(key);
    home.set(key, slot ?? this.#orders.add(memory, at));
    if (this.#openOrders.size + this.#doneOrders.size <= CACHED_ORDERS) return;
    const crowded = this.#doneOrders.size > 0 ? this.#doneOrders : this.#openOrders;
    for (const [oldest, freed] of crowded) {
      crowded.delete(oldest);
      this.#orders.remove(freed);
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
