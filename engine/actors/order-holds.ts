// What the OMS keeps for later and does by itself: orders held until their session opens, the link
// is up or a second person has confirmed them, large orders on their way into parts, cancels parked
// until cancels are taken again, orders that the closing call has locked, cancels by age, price
// drift and before the close. Part of the order manager, split off for its size.
// Invariants: a held order and a parked cancel are in the journal before they are answered; each is
// sent once; everything here happens while a frame is handled, never by duty cycle, so a replay
// does the same. Allocates at construction only.
import { type Account, releaseOrder } from '../core/account.ts';
import { isExternal } from '../core/adopt.ts';
import { isOpen } from '../core/order.ts';
import { idCheck } from '../core/order-id.ts';
import { STATUS_CANCEL_PENDING, STATUS_HELD } from '../core/order-status.ts';
import {
  REJECT_BUSY,
  REJECT_CANCEL_PENDING,
  REJECT_EXPIRED,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_LINK_DOWN,
  REJECT_NO_CANCEL_WINDOW,
  REJECT_NONE,
  REJECT_PARKED,
  REJECT_SPLIT,
} from '../core/reject-code.ts';
import { takesCancels, takesOrders } from '../core/session.ts';
import { NEVER_NS, type SessionPlan } from '../core/session-plan.ts';
import {
  ACTION_PARK,
  ACTION_PLACE,
  ORDER_AUTO_CANCEL,
  ORDER_COMMITTED,
  ORDER_PARKED,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  REPORT_CANCELLED,
  STAGE_OMS,
} from '../messages/codes.ts';
import { Reject, Report } from '../messages/generated/order.ts';
import type { EngineTime } from './order-writer.ts';
import type { OutPort } from './port.ts';
import { describeRejected } from './reject-words.ts';

const SECOND_NS = 1_000_000_000;
/** Behind the last strategy index: every strategy of the account. */
const ALL_STRATEGIES = 256;
/** Working orders are cancelled this long before the last moment at which they can be. */
const BEFORE_CLOSE_NS = 30 * SECOND_NS;
// Where an order stands here: nothing, held, its end is under way, held for the rest of this life
// because the journal failed, released to its session, waiting for a second person, to be split.
const HELD = 1;
const GOING = 2;
const STUCK = 3;
const RELEASED = 4;
const AWAITING = 5;
const SPLITTING = 6;
/** Orders released within a second of engine time when nothing else is said. */
const RELEASES_PER_SECOND = 20;

/** When a strategy's working orders are cancelled without its asking; 0 or false = never. */
export interface AutoCancel {
  /** Age of an order, s. */
  readonly afterSeconds: number;
  /** Distance of its price from the last trade, in 1/10,000 of the trade. */
  readonly driftE4: number;
  /** 30 s before the last moment of the day at which a cancel is taken. */
  readonly beforeClose: boolean;
}

/** What becomes of a new order while the link takes none. */
export const LINK_REJECT = 0;
/** It waits for the link, and is checked again before it goes out. */
export const LINK_HOLD = 1;

/** An account's word on new orders while its link takes none. */
export interface LinkDownPolicy {
  /** LINK_REJECT or LINK_HOLD. */
  readonly kind: number;
  /** Held orders expire so long after they were made, ns; Infinity = with the day. */
  readonly expireNs: number;
}

export interface HoldOptions {
  readonly day: number;
  readonly plan: SessionPlan;
  /** The broker keeps orders made outside sessions: they are sent on at once. */
  readonly queuesOutsideSessions?: boolean;
  readonly releasesPerSecond?: number;
  /** Absent = the gateway refuses them. */
  readonly whileLinkDown?: LinkDownPolicy | undefined;
  /** By position in `strategies`. */
  readonly autoCancel?: readonly (AutoCancel | null)[];
  readonly strategies: readonly number[];
}

/** What the order manager does for the holds. */
export interface HoldOwner {
  /** Checks an order again as if it were new: REJECT_NONE, or why not. */
  recheck(slot: number): number;
  /** Passes an order on to risk; false = no room. */
  passOn(slot: number, action: number): boolean;
  /** Cancels a live order: REJECT_NONE, or why not. */
  cancel(slot: number): number;
  /** Makes the parent order of an order that is to be split, or ends it; asked until it has. */
  split(slot: number): void;
  /** Tells an order as it now is. */
  tell(slot: number): void;
}

export class OrderHolds {
  readonly #time: EngineTime;
  readonly #account: Account;
  readonly #options: HoldOptions;
  readonly #owner: HoldOwner;
  readonly #out: OutPort;
  /** Phase of each instrument, the order manager's own column. */
  readonly #phase: Int8Array;
  readonly #state: Uint8Array;
  /** Held slots in order of arrival; ended ones are passed over and taken out. */
  readonly #held: Int32Array;
  #heldCount = 0;
  readonly #parked: Int32Array;
  #parkedCount = 0;
  /** Orders that may be working; ended ones are taken out when it is read. */
  readonly #working: Int32Array;
  #workingCount = 0;
  #releaseDue = false;
  #splitsDue = false;
  #isLinkReady = false;
  /** The link was ready once in this life: the broker's side is fenced, and has told all. */
  #isProven = false;
  /** 1 = an earlier life held it: another engine on a copy of that life may have sent it. */
  readonly #isOld: Uint8Array;
  /** 1 = cancelled while risk had not answered: it ends as soon as it is held. */
  readonly #cancelAsked: Uint8Array;
  /** 1 = killed, by strategy index; last entry = the whole account. */
  readonly #killed = new Uint8Array(ALL_STRATEGIES + 1);
  readonly #linkHolds: boolean;
  readonly #expireNs: number;
  #cancelsDue = false;
  #windowNs = Number.NEGATIVE_INFINITY;
  #released = 0;
  readonly #perSecond: number;
  /** By strategy index; 0 = off. */
  readonly #ageNs = new Float64Array(256);
  readonly #driftE4 = new Int32Array(256);
  readonly #beforeClose = new Uint8Array(256);
  #isAutomatic = false;
  #followsPrices = false;
  #lastExpireNs = Number.NEGATIVE_INFINITY;
  #lastScanNs = Number.NEGATIVE_INFINITY;
  readonly #report = new Report();
  readonly #reject = new Reject();

  constructor(
    account: Account,
    options: HoldOptions,
    phase: Int8Array,
    out: OutPort,
    owner: HoldOwner,
    time: EngineTime,
  ) {
    this.#time = time;
    this.#account = account;
    this.#options = options;
    this.#owner = owner;
    this.#out = out;
    this.#phase = phase;
    const { holds } = account.orders;
    this.#state = holds.state;
    this.#cancelAsked = holds.cancelAsked;
    this.#isOld = holds.isOld;
    this.#held = holds.held;
    this.#parked = holds.parked;
    this.#working = holds.working;
    this.#linkHolds = options.whileLinkDown?.kind === LINK_HOLD;
    this.#expireNs = options.whileLinkDown?.expireNs ?? Number.POSITIVE_INFINITY;
    this.#perSecond = options.releasesPerSecond ?? RELEASES_PER_SECOND;
    this.#setPolicies(options);
    this.#restore();
  }

  #setPolicies({ strategies, autoCancel }: HoldOptions): void {
    if (autoCancel === undefined) return;
    for (const [position, policy] of autoCancel.entries()) {
      const strategy = strategies[position];
      if (policy === null || strategy === undefined) continue;
      this.#ageNs[strategy] = policy.afterSeconds * SECOND_NS;
      this.#driftE4[strategy] = policy.driftE4;
      this.#beforeClose[strategy] = policy.beforeClose ? 1 : 0;
      if (policy.driftE4 > 0) this.#followsPrices = true;
      if (policy.afterSeconds > 0 || policy.beforeClose) this.#isAutomatic = true;
    }
  }

  /** Takes up what earlier lives of the day left held or parked. */
  #restore(): void {
    const { orders } = this.#account;
    for (let slot = 0; slot < orders.count; slot++) {
      if (!isOpen(orders.status[slot])) continue;
      if (orders.status[slot] === STATUS_HELD) {
        this.#isOld[slot] = 1;
        this.hold(slot);
        this.written(slot);
      }
      this.entered(slot);
      if ((orders.marks[slot] & ORDER_PARKED) !== 0) this.#parked[this.#parkedCount++] = slot;
    }
    this.#releaseDue = this.#heldCount > 0;
    this.#cancelsDue = this.#parkedCount > 0;
  }

  /** Whether a new order of this instrument has to wait for its session, or for the link. */
  mustHold(i: number): boolean {
    if (this.waitsForLink) return true;
    return !takesOrders(this.#phase[i]) && this.#options.queuesOutsideSessions !== true;
  }

  /** Whether new orders wait because the link takes none. */
  get waitsForLink(): boolean {
    return this.#linkHolds && !this.#isLinkReady;
  }

  /** The link takes orders, or does not any more. */
  onLink(isReady: boolean): void {
    this.#isLinkReady = isReady;
    if (!isReady) return;
    if (this.#heldCount > 0 && (this.#linkHolds || !this.#isProven)) this.#releaseDue = true;
    if (this.#heldCount > 0 && !this.#isProven) this.#splitsDue = true;
    this.#isProven = true;
  }

  /** Whether an order made now, outside sessions, has a session of today before it. */
  mayWait(i: number): boolean {
    if (takesOrders(this.#phase[i])) return true;
    return this.#options.plan.mayWait(i, this.#phase[i], this.#time.nowNs);
  }

  /** Phase in which an order made now will reach the exchange. */
  phaseOfArrival(i: number): number {
    const phase = this.#phase[i];
    return takesOrders(phase) ? phase : this.#options.plan.nextOrdersPhase(i, this.#time.nowNs);
  }

  /** A new order, or one of an earlier life. */
  entered(slot: number): void {
    const { orders } = this.#account;
    this.#working[this.#workingCount++] = slot;
    if (this.#phase[orders.instrument[slot]] !== PHASE_CLOSING_CALL) return;
    orders.marks[slot] |= ORDER_COMMITTED;
  }

  /** Keeps an order until its session opens. */
  hold(slot: number): void {
    this.#state[slot] = HELD;
    this.#held[this.#heldCount++] = slot;
  }

  /** An order is written as held: what it waits for stands in its code. */
  written(slot: number): void {
    const code = this.#account.orders.code[slot];
    if (code !== REJECT_PARKED && code !== REJECT_SPLIT) return;
    // Risk said so as it was let go: it waits again.
    if (this.#state[slot] !== HELD) this.hold(slot);
    this.#state[slot] = code === REJECT_PARKED ? AWAITING : SPLITTING;
    if (code === REJECT_SPLIT) this.#splitsDue = true;
    if (this.#isKilled(slot)) this.#cancelAsked[slot] = 1;
    if (this.#cancelAsked[slot] === 1) this.#releaseDue = true;
  }

  #isKilled(slot: number): boolean {
    const strategy = this.#account.orders.strategy[slot];
    return this.#killed[strategy] + this.#killed[ALL_STRATEGIES] > 0;
  }

  /** A cancel went down behind an order that risk has not answered: it must not be kept then. */
  cancelFollows(slot: number): void {
    this.#cancelAsked[slot] = 1;
  }

  /** Whether an order waits for a second person. */
  isAwaiting(slot: number): boolean {
    return this.#state[slot] === AWAITING && this.#account.orders.status[slot] === STATUS_HELD;
  }

  /** A second person has confirmed it: it goes out as soon as session and link take it. */
  confirmed(slot: number): void {
    this.#state[slot] = HELD;
    this.#releaseDue = true;
  }

  isHeld(slot: number): boolean {
    const state = this.#state[slot];
    return state !== 0 && state !== RELEASED;
  }

  /**
   * The end or the release of an order was not written. The journal says that it is held, so that
   * is what it stays: never sent in this life, released by the next one. False = it was not held.
   */
  onUnwritten(slot: number): boolean {
    const state = this.#state[slot];
    if (state !== GOING && state !== RELEASED) return false;
    this.#state[slot] = STUCK;
    return true;
  }

  /** The parent that was to carry it out was not written; the next life tries again. */
  onUnsplit(slot: number): void {
    if (this.#state[slot] === SPLITTING) this.#state[slot] = STUCK;
  }

  /** Whether another engine may yet send what an earlier life held: ours behind a fence (I11). */
  #isOpenToOthers(slot: number): boolean {
    return this.#isOld[slot] === 1 && !this.#isProven;
  }

  /** Ends a held order, which the broker never saw; REJECT_NONE or why not. */
  drop(slot: number, code: number): number {
    const state = this.#state[slot];
    if (state === STUCK) return REJECT_JOURNAL;
    if (state !== HELD && state !== AWAITING && state !== SPLITTING) return REJECT_CANCEL_PENDING;
    if (this.#isOpenToOthers(slot)) return REJECT_LINK_DOWN;
    const at = this.#out.claim(Report.BYTES);
    if (at < 0) return REJECT_BUSY;
    const { orders, index } = this.#account;
    const report = this.#report.begin(this.#out.memory, at);
    report.eventNs = this.#time.nowNs;
    report.coidA = orders.idA[slot];
    report.coidB = this.#options.day;
    report.coidC = orders.idC[slot];
    report.coidD = idCheck(orders.idA[slot], this.#options.day, orders.idC[slot]);
    report.account = index;
    report.strategy = orders.strategy[slot];
    report.instrument = orders.instrument[slot];
    report.kind = REPORT_CANCELLED;
    report.stage = STAGE_OMS;
    report.code = code;
    this.#out.commit();
    this.#state[slot] = GOING;
    return REJECT_NONE;
  }

  /** The kill switch (strategy -1: of the account): held orders end, and none is kept any more. */
  kill(strategy: number, on: number): void {
    this.#killed[strategy < 0 ? ALL_STRATEGIES : strategy] = on;
    if (on === 0) return;
    for (let n = 0; n < this.#heldCount; n++) {
      const slot = this.#held[n];
      if (strategy >= 0 && this.#account.orders.strategy[slot] !== strategy) continue;
      const code = this.drop(slot, REJECT_KILLED);
      if (code !== REJECT_BUSY && code !== REJECT_LINK_DOWN) continue;
      this.#cancelAsked[slot] = 1;
      this.#releaseDue = true;
    }
  }

  /**
   * Whether a cancel has to wait: REJECT_NONE when it may go now; from the closing call on it never
   * goes (SZSE 3.3.1, BSE 2026 no. 3.3.1).
   */
  mayCancel(slot: number): number {
    const phase = this.#phase[this.#account.orders.instrument[slot]];
    if (takesCancels(phase)) return REJECT_NONE;
    return phase === PHASE_CLOSING_CALL ? REJECT_NO_CANCEL_WINDOW : REJECT_BUSY;
  }

  /** Keeps a cancel until cancels are taken again; REJECT_NONE or why not. */
  park(slot: number): number {
    const { orders } = this.#account;
    if ((orders.marks[slot] & ORDER_PARKED) !== 0) return REJECT_CANCEL_PENDING;
    if (!this.#owner.passOn(slot, ACTION_PARK)) return REJECT_BUSY;
    orders.marks[slot] |= ORDER_PARKED;
    this.#parked[this.#parkedCount++] = slot;
    return REJECT_NONE;
  }

  /**
   * The kill switch in a window without cancels: each working order (of a strategy, -1: of the
   * account) gets a parked cancel, in the journal. The gateway waits likewise; one of both is sent.
   */
  parkAll(strategy: number): void {
    const { orders } = this.#account;
    for (let n = 0; n < this.#workingCount; n++) {
      const slot = this.#working[n];
      if (!isOpen(orders.status[slot]) || this.isHeld(slot)) continue;
      if (strategy >= 0 && orders.strategy[slot] !== strategy) continue;
      if (isExternal(orders.idA[slot]) || orders.status[slot] === STATUS_CANCEL_PENDING) continue;
      if (this.mayCancel(slot) === REJECT_BUSY) this.park(slot);
    }
  }

  /**
   * A cancel was refused. One that came too late for its window is parked: it is sent once more,
   * not for ever. One that the journal has not taken is forgotten: whoever asked was told so.
   */
  onCancelRefused(slot: number, code: number): void {
    const { marks, status } = this.#account.orders;
    if (code === REJECT_JOURNAL) marks[slot] &= ~ORDER_PARKED;
    else if (isOpen(status[slot]) && this.mayCancel(slot) === REJECT_BUSY) this.park(slot);
  }

  /** The phase of an instrument has changed. */
  onPhase(i: number): void {
    const phase = this.#phase[i];
    if (this.#heldCount > 0 && (takesOrders(phase) || phase === PHASE_CLOSED)) {
      this.#releaseDue = true;
    }
    if (this.#parkedCount > 0 && takesCancels(phase)) this.#cancelsDue = true;
    const { openBuy, frozen } = this.#account.positions;
    if (phase === PHASE_CLOSING_CALL && openBuy[i] + frozen[i] > 0) this.#lock(i);
  }

  /** Orders in the closing call can no longer be cancelled: people see it (已锁定). */
  #lock(i: number): void {
    const { orders } = this.#account;
    for (let n = 0; n < this.#workingCount; n++) {
      const slot = this.#working[n];
      if (orders.instrument[slot] !== i || !isOpen(orders.status[slot])) continue;
      orders.marks[slot] |= ORDER_COMMITTED;
      this.#owner.tell(slot);
    }
  }

  /** Whether anything may be due. */
  get mayAct(): boolean {
    if (this.#cancelsDue || this.#releaseDue || this.#splitsDue) return true;
    return this.#isAutomatic || (this.#heldCount > 0 && this.waitsForLink);
  }

  /** What is due now; after each frame. */
  run(): void {
    if (this.#cancelsDue) this.#sendParked();
    this.#expire();
    if (this.#splitsDue) this.#split();
    if (this.#releaseDue) this.#release();
    if (!this.#isAutomatic || this.#time.nowNs - this.#lastScanNs < SECOND_NS) return;
    this.#lastScanNs = this.#time.nowNs;
    this.#cancelByTime();
  }

  /** Orders that are to be split, until their parent has ended them. */
  #split(): void {
    this.#splitsDue = false;
    for (let n = 0; n < this.#heldCount; n++) {
      const slot = this.#held[n];
      if (this.#state[slot] !== SPLITTING || this.#isOpenToOthers(slot)) continue;
      this.#owner.split(slot);
      if (this.#state[slot] === SPLITTING) this.#splitsDue = true;
    }
  }

  /** Lets held orders go whose session is open, first come first, as many as a second allows. */
  #release(): void {
    const { orders } = this.#account;
    let kept = 0;
    let isWaiting = false;
    for (let n = 0; n < this.#heldCount; n++) {
      const slot = this.#held[n];
      const state = this.#state[slot];
      const isWaitingFor = state === AWAITING || state === SPLITTING;
      if ((state !== HELD && !isWaitingFor) || !isOpen(orders.status[slot])) continue;
      const phase = this.#phase[orders.instrument[slot]];
      const isOpenNow = takesOrders(phase) && !isWaitingFor && !this.waitsForLink;
      const isWanted = isOpenNow || phase === PHASE_CLOSED || this.#mustEnd(slot);
      const isDue = isWanted && !this.#isOpenToOthers(slot);
      if (isDue && !isWaiting && this.#letGo(slot, phase)) continue;
      if (isDue) isWaiting = true;
      this.#held[kept++] = slot;
    }
    this.#heldCount = kept;
    this.#releaseDue = isWaiting;
  }

  /** Ends the wait of one order: sent, refused or expired; false = it has to wait some more. */
  #letGo(slot: number, phase: number): boolean {
    const { orders } = this.#account;
    // Its record is still on its way.
    if (orders.status[slot] !== STATUS_HELD) return false;
    if (this.#cancelAsked[slot] === 1) {
      const code = this.#isKilled(slot) ? REJECT_KILLED : REJECT_NONE;
      return this.drop(slot, code) === REJECT_NONE;
    }
    if (phase === PHASE_CLOSED || this.#mustEnd(slot)) {
      return this.drop(slot, REJECT_EXPIRED) === REJECT_NONE;
    }
    if (this.#time.nowNs - this.#windowNs >= SECOND_NS) {
      this.#windowNs = this.#time.nowNs;
      this.#released = 0;
    }
    if (this.#released >= this.#perSecond) return false;
    const code = this.#owner.recheck(slot);
    if (code !== REJECT_NONE) return this.#refuse(slot, code);
    if (!this.#owner.passOn(slot, ACTION_PLACE)) return false;
    this.#released++;
    this.#state[slot] = RELEASED;
    releaseOrder(this.#account, slot);
    this.#owner.tell(slot);
    return true;
  }

  /** Once a second: whether an order has waited for the link too long. */
  #expire(): void {
    if (this.#expireNs === Number.POSITIVE_INFINITY || !this.waitsForLink) return;
    if (this.#time.nowNs - this.#lastExpireNs < SECOND_NS) return;
    this.#lastExpireNs = this.#time.nowNs;
    if (this.#heldCount > 0) this.#releaseDue = true;
  }

  /** Whether it was cancelled on its way, or has waited for the link as long as it may. */
  #mustEnd(slot: number): boolean {
    if (this.#cancelAsked[slot] === 1) return true;
    if (!this.waitsForLink || this.#state[slot] !== HELD) return false;
    return this.#time.nowNs - this.#account.orders.createdNs[slot] >= this.#expireNs;
  }

  /** A held order that its session does not take: down the path, so the journal says it. */
  #refuse(slot: number, code: number): boolean {
    const at = this.#out.claim(Reject.BYTES);
    if (at < 0) return false;
    const { orders, value, limit } = this.#account;
    const reject = this.#reject.begin(this.#out.memory, at);
    reject.eventNs = this.#time.nowNs;
    describeRejected(reject, this.#account, this.#options.day, slot);
    reject.intentNo = orders.intentNo[slot];
    reject.stage = STAGE_OMS;
    reject.code = code;
    reject.action = ACTION_PLACE;
    reject.value = value;
    reject.limit = limit;
    this.#out.commit();
    this.#state[slot] = GOING;
    return true;
  }

  /** Sends parked cancels whose window is over, each once. */
  #sendParked(): void {
    const { orders } = this.#account;
    let kept = 0;
    let isWaiting = false;
    for (let n = 0; n < this.#parkedCount; n++) {
      const slot = this.#parked[n];
      if ((orders.marks[slot] & ORDER_PARKED) === 0 || !isOpen(orders.status[slot])) continue;
      const isDue = takesCancels(this.#phase[orders.instrument[slot]]);
      if (isDue && !isWaiting && this.#owner.cancel(slot) !== REJECT_BUSY) {
        orders.marks[slot] &= ~ORDER_PARKED;
        continue;
      }
      if (isDue) isWaiting = true;
      this.#parked[kept++] = slot;
    }
    this.#parkedCount = kept;
    this.#cancelsDue = isWaiting;
  }

  /** Cancels by age and before the close. */
  #cancelByTime(): void {
    const { orders } = this.#account;
    let kept = 0;
    for (let n = 0; n < this.#workingCount; n++) {
      const slot = this.#working[n];
      if (!isOpen(orders.status[slot])) continue;
      this.#working[kept++] = slot;
      const strategy = orders.strategy[slot];
      const ageNs = this.#ageNs[strategy];
      const isOld = ageNs > 0 && this.#time.nowNs - orders.createdNs[slot] >= ageNs;
      if (isOld || (this.#beforeClose[strategy] === 1 && this.#isLate(slot))) this.#cancel(slot);
    }
    this.#workingCount = kept;
  }

  /** Whether the last cancellable moment of the day is less than half a minute away. */
  #isLate(slot: number): boolean {
    const lastNs = this.#options.plan.lastCancelNs(this.#account.orders.instrument[slot]);
    return lastNs > 0 && lastNs !== NEVER_NS && this.#time.nowNs >= lastNs - BEFORE_CLOSE_NS;
  }

  /** The last price of an instrument has changed: cancels by distance from it. */
  onPrice(i: number, lastE4: number): void {
    if (!this.#followsPrices) return;
    const { orders, positions } = this.#account;
    if (positions.openBuy[i] + positions.frozen[i] === 0) return;
    for (let n = 0; n < this.#workingCount; n++) {
      const slot = this.#working[n];
      if (orders.instrument[slot] !== i || !isOpen(orders.status[slot])) continue;
      const drift = this.#driftE4[orders.strategy[slot]];
      const away = Math.abs(orders.valueE4[slot] - lastE4) * 10_000;
      if (drift > 0 && away > drift * lastE4) this.#cancel(slot);
    }
  }

  /** A policy's cancel, once an order: what the broker refuses is not asked again. */
  #cancel(slot: number): void {
    const { orders } = this.#account;
    if ((orders.marks[slot] & ORDER_AUTO_CANCEL) !== 0) return;
    if (orders.status[slot] === STATUS_CANCEL_PENDING) return;
    const code = this.#owner.cancel(slot);
    if (code === REJECT_NONE) orders.marks[slot] |= ORDER_AUTO_CANCEL;
  }
}
