// The gateway's own cancels: of the kill switch, those that wait for a link, and those that went
// down with one. Part of the gateway link, split off for its size. Invariants: needs no other
// actor; all that are due are written at once and before any is sent; newest order first, as many
// as link and the account's rate take; in a window without cancels (9:20-9:30, lunch) they wait
// and go out once when it ends, in the closing call none goes.
import type { LiveOrders } from '../core/live-orders.ts';
import { SendPace } from '../core/send-pace.ts';
import { takesCancels } from '../core/session.ts';
import { NEVER_NS, type SessionPlan } from '../core/session-plan.ts';
import { ACTION_CANCEL, PHASE_CLOSING_CALL, STRATEGY_NONE } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Request } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import { type LinkVoice, TAKEN } from './link-voice.ts';
import type { OutPort } from './port.ts';

/** Where an order's cancel stands: due; waiting for its window's end, due or sent after it. */
const DUE = 1;
const PARKED = 2;
const DUE_AFTER = 3;
const SENT_AFTER = 4;

/** Orders and cancels of an account in a second, where nothing else was reported. */
const PER_SECOND = 50;

export interface KillCancelsOptions {
  readonly account: number;
  /** The trading day of each instrument; absent = cancels are taken all day. */
  readonly plan?: SessionPlan;
  /** Orders and cancels in any second, as reported to the broker; absent = 50, 0 = no limit. */
  readonly perSecond?: number;
}

export interface KillCancelsPorts {
  readonly link: OutPort;
  readonly clock: MonoClock;
}

export class KillCancels {
  /** Cancels that go out as soon as link and rate have room. */
  due = 0;
  /** Whether the account's rate counts: not where broker and engine are one process. */
  isPaced = false;
  #unwritten = 0;
  readonly #account: number;
  readonly #live: LiveOrders;
  readonly #plan: SessionPlan | null;
  readonly #link: OutPort;
  readonly #clock: MonoClock;
  readonly #voice: LinkVoice;
  readonly #pace: SendPace;
  readonly #now = new Float64Array(1);
  readonly #state: Uint8Array;
  /** 1 = the record of a cancel that is due is written. */
  readonly #written: Uint8Array;
  /** Earliest end of a window that cancels wait for. */
  #windowNs = NEVER_NS;
  readonly #cancel = new Request();
  readonly #record = new FrameMemory(new ArrayBuffer(Request.BYTES));

  constructor(
    options: KillCancelsOptions,
    live: LiveOrders,
    ports: KillCancelsPorts,
    voice: LinkVoice,
  ) {
    this.#account = options.account;
    this.#live = live;
    this.#plan = options.plan ?? null;
    this.#link = ports.link;
    this.#clock = ports.clock;
    this.#voice = voice;
    this.#pace = new SendPace(options.perSecond ?? PER_SECOND);
    this.#state = live.shown.killState;
    this.#written = live.shown.killWritten;
  }

  /** Whether one could go now, as far as the account's rate goes. */
  get isOpen(): boolean {
    this.#now[0] = this.#voice.nowNs;
    return this.due > 0 && (!this.isPaced || this.#pace.isOpen(this.#now));
  }

  /** Whether some wait for the account's rate: what is new must not take their place. */
  get isWaiting(): boolean {
    return this.isPaced && this.due > 0;
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

  /**
   * A connection was fenced: cancels sent over the one before may never have arrived. Behind the
   * kill switch (of the account, or of strategies: 1 by index) every order that lives is cancelled
   * again: what looks refused may be the late answer to an earlier cancel.
   */
  wantAgain(isKilled: boolean, killed: Uint8Array): void {
    const { live, count, cancelSent, strategy } = this.#live;
    for (let slot = count - 1; slot >= 0; slot--) {
      if (live[slot] === 0) continue;
      if (isKilled || cancelSent[slot] === 1 || killed[strategy[slot]] === 1) this.want(slot);
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
    this.#unwritten += 1 - this.#written[slot];
  }

  /** The same for a cancel whose record is written: there was no link to send it over. */
  wantWritten(slot: number): void {
    if (this.#state[slot] === DUE || this.#state[slot] === DUE_AFTER) return;
    this.#written[slot] = 1;
    this.want(slot);
  }

  /** An order, or a cancel that the OMS asked for, went out: it does not wait, but it counts. */
  onSent(slot: number): void {
    this.#now[0] = this.#voice.nowNs;
    this.#pace.count(this.#now);
    if (slot >= 0 && this.#state[slot] === DUE) this.#drop(slot);
  }

  #drop(slot: number): void {
    this.#state[slot] = 0;
    this.due--;
    this.#unwritten -= 1 - this.#written[slot];
    this.#written[slot] = 0;
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

  /** Journals all that are due, newest order first; a full journal stops no cancel. */
  write(): void {
    if (this.#unwritten === 0) return;
    this.#clock.stamp(this.#voice.times, TAKEN);
    for (let slot = this.#live.count - 1; slot >= 0 && this.#unwritten > 0; slot--) {
      const state = this.#state[slot];
      if ((state !== DUE && state !== DUE_AFTER) || this.#written[slot] === 1) continue;
      this.#unwritten--;
      this.#written[slot] = 1;
      this.#fill(slot, this.#record, 0);
      this.#voice.record(this.#record, 0);
    }
    this.#voice.flush();
  }

  /** Sends what link and rate have room for, newest order first; the rest in a later cycle. */
  send(): void {
    this.write();
    if (!this.isOpen) return;
    const live = this.#live;
    const link = this.#link;
    const due = this.due;
    for (let slot = live.count - 1; slot >= 0 && this.due > 0; slot--) {
      const state = this.#state[slot];
      if (state !== DUE && state !== DUE_AFTER) continue;
      const isLive = live.live[slot] !== 0;
      if (isLive && this.#mustWait(slot)) {
        this.due--;
        this.#written[slot] = 0;
        continue;
      }
      const at = isLive && this.isOpen ? link.claim(Request.BYTES) : -1;
      if (at < 0 && isLive) break;
      this.#drop(slot);
      if (at < 0) continue;
      if (state === DUE_AFTER) this.#state[slot] = SENT_AFTER;
      this.#fill(slot, link.memory, at);
      live.cancelSent[slot] = 1;
      live.cancelNs[slot] = this.#voice.nowNs;
      link.commit();
      this.#pace.count(this.#now);
    }
    if (this.due !== due) link.publish();
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
