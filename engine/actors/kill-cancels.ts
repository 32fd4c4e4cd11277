// The gateway's own cancels: of the kill switch, those that wait for a link, and those that went
// down with one. Part of the
// gateway link, split off for its size. Invariants: needs no other actor; newest order first, as
// many as the link takes; in a window without cancels (9:20-9:30, lunch) they wait and go out once
// when it ends, in the closing call none goes; each is journaled before it is sent.
import type { LiveOrders } from '../core/live-orders.ts';
import { takesCancels } from '../core/session.ts';
import { NEVER_NS, type SessionPlan } from '../core/session-plan.ts';
import { ACTION_CANCEL, PHASE_CLOSING_CALL, STRATEGY_NONE } from '../messages/codes.ts';
import { Request } from '../messages/generated/order.ts';
import type { LinkVoice } from './link-voice.ts';
import type { OutPort } from './port.ts';

/** Where an order's cancel stands: due; waiting for its window's end, due or sent after it. */
const DUE = 1;
const PARKED = 2;
const DUE_AFTER = 3;
const SENT_AFTER = 4;

export class KillCancels {
  /** Cancels that go out as soon as the link has room. */
  due = 0;
  readonly #account: number;
  readonly #live: LiveOrders;
  readonly #plan: SessionPlan | null;
  readonly #link: OutPort;
  readonly #voice: LinkVoice;
  readonly #state: Uint8Array;
  /** Earliest end of a window that cancels wait for. */
  #windowNs = NEVER_NS;
  readonly #cancel = new Request();

  /** `plan` null: cancels are taken all day. */
  constructor(
    account: number,
    live: LiveOrders,
    plan: SessionPlan | null,
    link: OutPort,
    voice: LinkVoice,
  ) {
    this.#account = account;
    this.#live = live;
    this.#plan = plan;
    this.#link = link;
    this.#voice = voice;
    this.#state = new Uint8Array(live.capacity);
  }

  /** Whether a window is over that cancels wait for. */
  get isWindowOver(): boolean {
    return this.#voice.nowNs >= this.#windowNs;
  }

  /** Wants every order cancelled that may be alive (of one strategy, -1: all). */
  cancelAll(strategy: number): void {
    const live = this.#live;
    let left = live.liveCount;
    for (let slot = live.count - 1; slot >= 0 && left > 0; slot--) {
      if (live.live[slot] === 0) continue;
      left--;
      if (strategy >= 0 && live.strategy[slot] !== strategy) continue;
      this.want(slot);
    }
  }

  /** A connection was fenced: cancels sent over the one before may never have arrived. */
  wantUnanswered(): void {
    const { live, count, cancelSent } = this.#live;
    for (let slot = count - 1; slot >= 0; slot--) {
      if (live[slot] === 1 && cancelSent[slot] === 1) this.want(slot);
    }
  }

  /** The kill switch is on and orders of ours became known that nobody has cancelled yet. */
  wantAdopted(): void {
    const { live, count, cancelSent, strategy } = this.#live;
    for (let slot = count - 1; slot >= 0; slot--) {
      const isNew = live[slot] === 1 && cancelSent[slot] === 0;
      if (isNew && strategy[slot] === STRATEGY_NONE) this.want(slot);
    }
  }

  /** Wants one order cancelled, now or when its window ends. */
  want(slot: number): void {
    const state = this.#state[slot];
    if (state === DUE || state === DUE_AFTER || this.#mustWait(slot)) return;
    this.#state[slot] = state === PARKED ? DUE_AFTER : DUE;
    this.due++;
  }

  /** A window is over: what waited is due, but for orders whose own window goes on. */
  unpark(): void {
    this.#windowNs = NEVER_NS;
    const live = this.#live;
    for (let slot = 0; slot < live.count; slot++) {
      if (this.#state[slot] !== PARKED) continue;
      if (live.live[slot] === 1) this.want(slot);
      else this.#state[slot] = 0;
    }
  }

  /** The OMS asks for a cancel: whether this is one that waits here, or has just gone out. */
  covers(slot: number): boolean {
    const state = this.#state[slot];
    if (state === SENT_AFTER) this.#state[slot] = 0;
    return state === PARKED || state === DUE_AFTER || state === SENT_AFTER;
  }

  /**
   * By the plan and this actor's time, so that no other actor is needed (BSE 2026 no. 3.3.1; an
   * order in the closing call stays in it).
   */
  #mustWait(slot: number): boolean {
    const plan = this.#plan;
    if (plan === null) return false;
    const i = this.#live.instrument[slot];
    const { nowNs } = this.#voice;
    const phase = plan.phaseAt(i, nowNs);
    if (takesCancels(phase)) return false;
    const isLocked = phase === PHASE_CLOSING_CALL;
    this.#state[slot] = isLocked ? 0 : PARKED;
    if (!isLocked) this.#windowNs = Math.min(this.#windowNs, plan.nextCancelsNs(i, nowNs));
    return true;
  }

  /** Sends what the link has room for, newest order first; the rest in the next cycle. */
  send(): void {
    const live = this.#live;
    const link = this.#link;
    const due = this.due;
    for (let slot = live.count - 1; slot >= 0 && this.due > 0; slot--) {
      const state = this.#state[slot];
      if (state !== DUE && state !== DUE_AFTER) continue;
      const isLive = live.live[slot] !== 0;
      if (isLive && this.#mustWait(slot)) {
        this.due--;
        continue;
      }
      const at = isLive ? link.claim(Request.BYTES) : -1;
      if (at < 0 && isLive) break;
      this.#state[slot] = state === DUE_AFTER && isLive ? SENT_AFTER : 0;
      this.due--;
      if (at < 0) continue;
      this.#write(at, slot);
      live.cancelSent[slot] = 1;
      live.cancelNs[slot] = this.#voice.nowNs;
      this.#voice.record(link.memory, at);
      link.commit();
    }
    if (this.due === due) return;
    this.#voice.flush();
    link.publish();
  }

  #write(at: number, slot: number): void {
    const live = this.#live;
    const cancel = this.#cancel.begin(this.#link.memory, at);
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
