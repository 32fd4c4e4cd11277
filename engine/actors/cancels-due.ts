// Cancels that the gateway link owes: of the kill switch, of requests that met no fenced link, and
// of those sent over a connection that is gone, whose fate nobody knows. Part of the gateway link.
// Invariants: all that are owed are written at once, then sent as the account's rate and the link
// allow, newest order first; a cancel is owed until it is on the link or its order has ended; what
// delays it loses none; a cancel sent twice can only end an order once.
import type { LiveOrders } from '../core/live-orders.ts';
import type { SendPace } from '../core/send-pace.ts';
import { ACTION_CANCEL, STRATEGY_NONE } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Request } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import { type LinkVoice, TAKEN } from './link-voice.ts';
import type { OutPort } from './port.ts';

export interface CancelsDuePorts {
  readonly link: OutPort;
  readonly clock: MonoClock;
}

/** Where the cancel of an order stands. */
const NONE = 0;
const UNWRITTEN = 1;
const WRITTEN = 2;

export class CancelsDue {
  /** Orders whose cancel is owed. */
  count = 0;
  /** Whether the account's rate counts: not where broker and engine are one process. */
  isPaced = false;
  #unwritten = 0;
  readonly #pace: SendPace;
  readonly #now = new Float64Array(1);
  readonly #account: number;
  readonly #live: LiveOrders;
  readonly #voice: LinkVoice;
  readonly #ports: CancelsDuePorts;
  /** By slot of `live`. */
  readonly #due: Uint8Array;
  readonly #cancel = new Request();
  readonly #record = new FrameMemory(new ArrayBuffer(Request.BYTES));

  constructor(
    account: number,
    live: LiveOrders,
    pace: SendPace,
    voice: LinkVoice,
    ports: CancelsDuePorts,
  ) {
    this.#account = account;
    this.#live = live;
    this.#pace = pace;
    this.#voice = voice;
    this.#ports = ports;
    this.#due = new Uint8Array(live.capacity);
  }

  /** Whether one could go now, as far as the account's rate goes. */
  get isOpen(): boolean {
    this.#now[0] = this.#voice.nowNs;
    return this.count > 0 && (!this.isPaced || this.#pace.isOpen(this.#now));
  }

  /** Whether some wait for the account's rate: what is new must not take their place. */
  get isWaiting(): boolean {
    return this.isPaced && this.count > 0;
  }

  /** An order or a cancel went out that was not owed here: it does not wait, it counts. */
  countSent(): void {
    this.#now[0] = this.#voice.nowNs;
    this.#pace.count(this.#now);
  }

  add(slot: number): void {
    if (this.#due[slot] !== NONE) return;
    this.#due[slot] = UNWRITTEN;
    this.#unwritten++;
    this.count++;
  }

  /** A cancel whose record is written and that could not go. */
  addWritten(slot: number): void {
    if (this.#due[slot] === NONE) this.count++;
    else if (this.#due[slot] === UNWRITTEN) this.#unwritten--;
    this.#due[slot] = WRITTEN;
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

  /** Journals all that are owed, newest order first; a full journal stops no cancel. */
  write(): void {
    if (this.#unwritten === 0) return;
    this.#ports.clock.stamp(this.#voice.times, TAKEN);
    for (let slot = this.#live.count - 1; slot >= 0 && this.#unwritten > 0; slot--) {
      if (this.#due[slot] !== UNWRITTEN) continue;
      this.#unwritten--;
      this.#due[slot] = WRITTEN;
      this.#fill(slot, this.#record, 0);
      this.#voice.record(this.#record, 0);
    }
    this.#voice.flush();
  }

  /** Sends what rate and link have room for, newest order first; the rest in a later cycle. */
  send(): void {
    this.write();
    if (!this.isOpen) return;
    const live = this.#live;
    const { link } = this.#ports;
    const before = this.count;
    for (let slot = live.count - 1; slot >= 0 && this.count > 0; slot--) {
      if (this.#due[slot] === NONE) continue;
      if (live.live[slot] !== 0) {
        const at = this.isOpen ? link.claim(Request.BYTES) : -1;
        if (at < 0) break;
        this.#fill(slot, link.memory, at);
        link.commit();
        live.cancelSent[slot] = 1;
        live.cancelNs[slot] = this.#voice.nowNs;
        this.#pace.count(this.#now);
      }
      this.#due[slot] = NONE;
      this.count--;
    }
    if (this.count !== before) link.publish();
  }

  #fill(slot: number, memory: FrameMemory, at: number): void {
    const live = this.#live;
    const cancel = this.#cancel.begin(memory, at);
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
  }
}
