// Cancels that the gateway link owes: of the kill switch, of requests that met no fenced link, and
// of those sent over a connection that is gone, whose fate nobody knows. Part of the gateway link.
// Invariants: a cancel is owed until it is written and on the link, or its order has ended; a full
// link delays it and loses none; a cancel sent twice can only end an order once.
import type { LiveOrders } from '../core/live-orders.ts';
import { ACTION_CANCEL, STRATEGY_NONE } from '../messages/codes.ts';
import { Request } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import { type LinkVoice, TAKEN } from './link-voice.ts';
import type { OutPort } from './port.ts';

export interface CancelsDuePorts {
  readonly link: OutPort;
  readonly clock: MonoClock;
}

export class CancelsDue {
  /** Orders whose cancel is owed. */
  count = 0;
  readonly #account: number;
  readonly #live: LiveOrders;
  readonly #voice: LinkVoice;
  readonly #ports: CancelsDuePorts;
  /** By slot of `live`. */
  readonly #due: Uint8Array;
  readonly #cancel = new Request();

  constructor(account: number, live: LiveOrders, voice: LinkVoice, ports: CancelsDuePorts) {
    this.#account = account;
    this.#live = live;
    this.#voice = voice;
    this.#ports = ports;
    this.#due = new Uint8Array(live.capacity);
  }

  add(slot: number): void {
    this.count += 1 - this.#due[slot];
    this.#due[slot] = 1;
  }

  /** Every order that may be alive (of one strategy, -1: all). */
  addLive(strategy: number): void {
    const { live, liveCount, count, strategy: strategies } = this.#live;
    let left = liveCount;
    for (let slot = count - 1; slot >= 0 && left > 0; slot--) {
      if (live[slot] === 0) continue;
      left--;
      if (strategy < 0 || strategies[slot] === strategy) this.add(slot);
    }
  }

  /** The kill switch is on and orders of ours became known that nobody has cancelled yet. */
  addAdopted(): void {
    const { live, count, cancelSent, strategy } = this.#live;
    for (let slot = count - 1; slot >= 0; slot--) {
      const isNew = live[slot] === 1 && cancelSent[slot] === 0;
      if (isNew && strategy[slot] === STRATEGY_NONE) this.add(slot);
    }
  }

  /** A connection was fenced: cancels sent over the one before may never have arrived. */
  addUnanswered(): void {
    const { live, liveCount, count, cancelSent } = this.#live;
    let left = liveCount;
    for (let slot = count - 1; slot >= 0 && left > 0; slot--) {
      if (live[slot] === 0) continue;
      left--;
      if (cancelSent[slot] === 1) this.add(slot);
    }
  }

  /** Sends what the link has room for, newest order first; the rest in the next cycle. */
  send(): void {
    const live = this.#live;
    const { link, clock } = this.#ports;
    const before = this.count;
    clock.stamp(this.#voice.times, TAKEN);
    for (let slot = live.count - 1; slot >= 0 && this.count > 0; slot--) {
      if (this.#due[slot] === 0) continue;
      const at = live.live[slot] === 0 ? -1 : link.claim(Request.BYTES);
      if (at < 0 && live.live[slot] !== 0) break;
      this.#due[slot] = 0;
      this.count--;
      if (at >= 0) this.#write(slot, at);
    }
    if (this.count === before) return;
    this.#voice.flush();
    link.publish();
  }

  #write(slot: number, at: number): void {
    const live = this.#live;
    const { link } = this.#ports;
    const cancel = this.#cancel.begin(link.memory, at);
    cancel.eventNs = this.#voice.nowNs;
    cancel.coidA = live.idA[slot];
    cancel.coidB = live.idB[slot];
    cancel.coidC = live.idC[slot];
    cancel.account = this.#account;
    cancel.strategy = live.strategy[slot];
    cancel.instrument = live.instrument[slot];
    cancel.intentNo = live.intentNo[slot];
    cancel.action = ACTION_CANCEL;
    cancel.side = live.side[slot];
    live.cancelSent[slot] = 1;
    live.cancelNs[slot] = this.#voice.nowNs;
    this.#voice.record(link.memory, at);
    link.commit();
  }
}
