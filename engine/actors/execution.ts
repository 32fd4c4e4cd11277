// Carries out parent and conditional orders: waits for their price or time, cuts them into
// parts, and passes each part to the OMS as an ordinary intent. Runs inside the order manager's
// cycle, which gives it quotes and the news of its parts; journaled steps go down the request
// path and take effect when they come back written. Invariants: a condition comes true once, on a
// live quote only; one part of a parent works at a time, so traded plus working never passes the
// target, and the target never the parent's quantity; a cancel stops it at once and ends the part
// first; a step that was not written halts it. Allocates at construction only.
import type { Account } from '../core/account.ts';
import { PARENT_NONE, PARENTS_MAX } from '../core/execution/parent-table.ts';
import { partQty, sliceAt, targetOfVolume, targetQty } from '../core/execution/slicing.ts';
import type { Instrument } from '../core/instrument.ts';
import { isOpen } from '../core/order.ts';
import { STATUS_CANCEL_PENDING, STATUS_HELD, STATUS_REJECTED } from '../core/order-status.ts';
import {
  REJECT_BUSY,
  REJECT_CANCEL_PENDING,
  REJECT_JOURNAL,
  REJECT_LINK_DOWN,
  REJECT_LOT_MINIMUM,
  REJECT_NONE,
  REJECT_NOT_CONFIRMED,
  REJECT_SPLIT,
  REJECT_UNKNOWN_FATE,
  REJECT_UNKNOWN_ORDER,
} from '../core/reject-code.ts';
import type { SessionPlan } from '../core/session-plan.ts';
import {
  FLAG_IN_MATCH,
  FLAG_STALE,
  PARENT_ICEBERG,
  PARENT_POV,
  PARENT_REPLACE,
  PARENT_STATE_ACCEPTED,
  PARENT_STATE_CANCELLED,
  PARENT_STATE_CANCELLING,
  PARENT_STATE_DONE,
  PARENT_STATE_EXPIRED,
  PARENT_STATE_HALTED,
  PARENT_STATE_REJECTED,
  PARENT_STATE_TRIGGERED,
  PARENT_TRIGGER,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  TRIGGER_AT_OR_ABOVE,
} from '../messages/codes.ts';
import type { Quote } from '../messages/generated/market.ts';
import { type Intent, type ParentIntent, ParentUpdate } from '../messages/generated/order.ts';
import type { EngineTime } from './order-writer.ts';
import { describeParent } from './parent-words.ts';
import { PartIntents } from './part-intents.ts';
import type { OutPort } from './port.ts';

const SECOND_NS = 1_000_000_000;
/** A part that the touch has left is cancelled and placed anew after this long. */
const REPRICE_NS = 3 * SECOND_NS;
/** A part that was refused is tried again after this long, so often in a row, then no more. */
const RETRY_NS = 5 * SECOND_NS;
const FAILURES_MAX = 3;
/** A cancel that did not end its order is asked again ever later: 5, 10, 20 s ... 640 s. */
const ASK_DOUBLINGS = 7;
/** Smallest part: its commission is at most this share of its amount, 1/10,000 (0.3 %). */
const COMMISSION_SHARE_E4 = 30;

/** What the order manager does for execution. */
export interface ExecutionOwner {
  /** Ends a held order that its parent carries out in parts; REJECT_NONE or why not. */
  endSplit(slot: number): number;
  /** The journal takes no parent for an order that was to be split: it stays held in this life. */
  keepWhole(slot: number): void;
  /** Places a part as an ordinary order; its slot, or a reject code as a negative number. */
  placePart(intent: Intent): number;
  cancel(slot: number): number;
}

export class Execution {
  /** The run ends: nothing new is placed or written; parents go on in the next life of the day. */
  stopped = false;
  /** The account's link takes orders: parts are placed then only, and refused for it never. */
  isLinkReady = false;
  readonly #time: EngineTime;
  readonly #account: Account;
  readonly #instruments: readonly Instrument[];
  readonly #plan: SessionPlan;
  readonly #out: OutPort;
  readonly #owner: ExecutionOwner;
  /** Rows that are open, or whose part is. */
  readonly #active = new Int32Array(PARENTS_MAX);
  #activeCount = 0;
  #lastScanNs = Number.NEGATIVE_INFINITY;
  /** Steps on their way through the journal. */
  readonly #waits = new Uint8Array(PARENTS_MAX);
  /** 1 = its cancel found no room for its record. */
  readonly #cancelDue = new Uint8Array(PARENTS_MAX);
  #cancelsDue = false;
  readonly #slice = new Int32Array(PARENTS_MAX);
  readonly #failures = new Int32Array(PARENTS_MAX);
  readonly #lastCode = new Int32Array(PARENTS_MAX);
  readonly #retryNs = new Float64Array(PARENTS_MAX);
  /** POV: the market's volume from which its share counts; negative = not seen yet. */
  readonly #baseQty = new Float64Array(PARENTS_MAX).fill(-1);
  readonly #isBased = new Uint8Array(PARENTS_MAX);
  /** Replace: slot of the order to end first; whether the rest was placed (once and for all). */
  readonly #target = new Int32Array(PARENTS_MAX).fill(PARENT_NONE);
  readonly #isPlaced = new Uint8Array(PARENTS_MAX);
  #replaceCount = 0;
  /** Order whose cancel was asked for last, how often, and when. */
  readonly #askedSlot = new Int32Array(PARENTS_MAX).fill(PARENT_NONE);
  readonly #askedNs = new Float64Array(PARENTS_MAX);
  readonly #asks = new Int32Array(PARENTS_MAX);
  readonly #update = new ParentUpdate();
  readonly #parts: PartIntents;

  constructor(
    account: Account,
    instruments: readonly Instrument[],
    plan: SessionPlan,
    out: OutPort,
    owner: ExecutionOwner,
    time: EngineTime,
  ) {
    this.#time = time;
    this.#account = account;
    this.#instruments = instruments;
    this.#plan = plan;
    this.#out = out;
    this.#owner = owner;
    this.#parts = new PartIntents(account);
    this.#restore();
  }

  /** Takes up the parents that earlier lives of the day made, and their parts. */
  #restore(): void {
    const { orders, parents } = this.#account;
    parents.filled.fill(0);
    parents.child.fill(PARENT_NONE);
    for (let slot = 0; slot < orders.count; slot++) {
      if (orders.parentNo[slot] === 0) continue;
      const p = parents.find(orders.parentNo[slot]);
      if (p === PARENT_NONE) continue;
      parents.filled[p] += orders.filled[slot];
      this.#isPlaced[p] = 1;
      if (isOpen(orders.status[slot])) parents.child[p] = slot;
    }
    for (let p = 0; p < parents.count; p++) {
      if (parents.isOpen(p) || parents.child[p] !== PARENT_NONE) this.added(p);
    }
  }

  /** A parent is written: from here on it is carried out. */
  added(p: number): void {
    this.#active[this.#activeCount++] = p;
    const { orders, parents } = this.#account;
    if (parents.targetC[p] === 0) return;
    this.#target[p] = orders.findById(parents.targetA[p], parents.targetC[p]);
    this.#replaceCount++;
  }

  /** What needs no quote begins at once. */
  begin(p: number): void {
    if (this.#account.parents.targetC[p] !== 0) this.#settle(p);
  }

  /** A parent came back refused: the order it was to carry out ends, if the journal takes it. */
  splitRefused(intent: ParentIntent): void {
    const { flags, kind, targetA, targetC } = intent;
    if (kind !== PARENT_ICEBERG || targetC === 0) return;
    const slot = this.#account.orders.findById(targetA, targetC);
    if (slot < 0 || !isOpen(this.#account.orders.status[slot])) return;
    if (flags === REJECT_JOURNAL) this.#owner.keepWhole(slot);
    else this.#owner.cancel(slot);
  }

  /** Whether this order is being replaced, or carried out in parts. */
  isReplaced(idA: number, idC: number): boolean {
    const { parents } = this.#account;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      if (parents.targetC[p] === 0 || !parents.isOpen(p)) continue;
      if (parents.targetA[p] === idA && parents.targetC[p] === idC) return true;
    }
    return false;
  }

  /** Whether there is a parent that quotes or time may move. */
  get isActive(): boolean {
    return this.#activeCount > 0;
  }

  /** A quote of an instrument: conditions, slices and ends of its parents. */
  onQuote(quote: Quote): void {
    if (this.stopped) return;
    const { parents } = this.#account;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      if (parents.instrument[p] !== quote.instrument || !parents.isOpen(p)) continue;
      if (this.#waits[p] > 0 || this.#settle(p)) continue;
      if (isLive(quote) && this.#time.nowNs >= parents.startNs[p]) this.#act(p, quote);
    }
  }

  /** What is due by time alone, once a second; after each frame. */
  run(): void {
    if (this.stopped) return;
    if (this.#cancelsDue) this.#writeCancels();
    if (this.#time.nowNs - this.#lastScanNs < SECOND_NS) return;
    this.#lastScanNs = this.#time.nowNs;
    const { parents } = this.#account;
    let kept = 0;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      const isWorking = parents.child[p] !== PARENT_NONE;
      if (!parents.isOpen(p) && !isWorking) continue;
      this.#active[kept++] = p;
      if (parents.isOpen(p)) {
        if (this.#waits[p] === 0) this.#settle(p);
      } else this.#cancelPart(p);
    }
    this.#activeCount = kept;
  }

  /** An order has news; of a part its parent hears. */
  onOrder(slot: number): void {
    const { orders, parents } = this.#account;
    if (this.#replaceCount > 0 && !isOpen(orders.status[slot])) this.#onTargetEnd(slot);
    if (orders.parentNo[slot] === 0) return;
    const p = parents.find(orders.parentNo[slot]);
    if (p === PARENT_NONE || isOpen(orders.status[slot])) return;
    if (parents.child[p] === slot) parents.child[p] = PARENT_NONE;
    if (orders.status[slot] === STATUS_REJECTED) this.#failed(p, orders.code[slot]);
    // What a second person has refused once is not asked for again.
    if (orders.code[slot] === REJECT_NOT_CONFIRMED) {
      this.#failed(p, REJECT_NOT_CONFIRMED);
      this.#failures[p] = FAILURES_MAX;
    }
    if (parents.isOpen(p) && this.#waits[p] === 0) this.#settle(p);
  }

  /** An order that is to be replaced has ended: what is left of the new one may be placed. */
  #onTargetEnd(slot: number): void {
    const { parents } = this.#account;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      if (this.#target[p] !== slot || !parents.isOpen(p) || this.#waits[p] > 0) continue;
      this.#settle(p);
    }
  }

  /** A part has traded. */
  onFill(slot: number, qty: number): void {
    const { orders, parents } = this.#account;
    if (orders.parentNo[slot] === 0) return;
    const p = parents.find(orders.parentNo[slot]);
    if (p === PARENT_NONE) return;
    parents.filled[p] += qty;
    this.#failures[p] = 0;
  }

  /** A step came back: written, it holds from here on; not written, the parent halts. */
  onWritten(update: ParentUpdate): void {
    const { parents } = this.#account;
    const p = parents.find(update.parentNo);
    if (p === PARENT_NONE) return;
    if (this.#waits[p] > 0) this.#waits[p]--;
    if (update.flags !== 0) {
      if (parents.isOpen(p)) parents.state[p] = PARENT_STATE_HALTED;
      if (parents.child[p] !== PARENT_NONE && !this.stopped) this.#cancelPart(p);
      return;
    }
    parents.update(update);
    if (parents.isOpen(p) && this.#waits[p] === 0) this.#settle(p);
  }

  /** Cancels a parent by its strategy's number: its part first; REJECT_NONE or why not. */
  cancel(strategy: number, intentNo: number): number {
    const { parents } = this.#account;
    const p = parents.findByIntent(strategy, intentNo);
    if (p === PARENT_NONE || !parents.isOpen(p)) return REJECT_UNKNOWN_ORDER;
    if (parents.state[p] === PARENT_STATE_CANCELLING) return REJECT_NONE;
    if (!this.#tell(p, PARENT_STATE_CANCELLING, REJECT_NONE)) return REJECT_BUSY;
    parents.state[p] = PARENT_STATE_CANCELLING;
    return REJECT_NONE;
  }

  /**
   * Cancels the parents of a strategy (-1: of the account). At once, not when it is written:
   * nothing more may be placed from here on.
   */
  cancelAll(strategy: number): void {
    const { parents } = this.#account;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      if (!parents.isOpen(p) || (strategy >= 0 && parents.strategy[p] !== strategy)) continue;
      if (parents.state[p] === PARENT_STATE_CANCELLING) continue;
      parents.state[p] = PARENT_STATE_CANCELLING;
      this.#cancelDue[p] = 1;
      this.#cancelsDue = true;
    }
    if (this.#cancelsDue) this.#writeCancels();
  }

  /** Writes the cancels that are due, as far as there is room. */
  #writeCancels(): void {
    this.#cancelsDue = false;
    for (let n = 0; n < this.#activeCount; n++) {
      const p = this.#active[n];
      if (this.#cancelDue[p] === 0) continue;
      if (this.#tell(p, PARENT_STATE_CANCELLING, REJECT_NONE)) this.#cancelDue[p] = 0;
      else this.#cancelsDue = true;
    }
  }

  /** Ends that are due: cancelled, complete, out of time, refused too often; true = act no more. */
  #settle(p: number): boolean {
    const { parents } = this.#account;
    if (this.stopped || this.#cancelDue[p] === 1) return true;
    if (parents.kind[p] === PARENT_REPLACE) {
      this.#replace(p);
      return true;
    }
    if (this.#target[p] !== PARENT_NONE && this.#isTakenOver(p, this.#target[p])) return true;
    const isDone = parents.filled[p] >= parents.qty[p];
    const isCancelled = parents.state[p] === PARENT_STATE_CANCELLING;
    const isLate = this.#time.nowNs >= parents.endNs[p];
    const isRefused = this.#failures[p] >= FAILURES_MAX;
    if (!isDone && !isCancelled && !isLate && !isRefused) return false;
    if (parents.child[p] !== PARENT_NONE) {
      this.#cancelPart(p);
      return true;
    }
    if (isDone) this.#tell(p, PARENT_STATE_DONE, REJECT_NONE);
    else if (isCancelled) this.#tell(p, PARENT_STATE_CANCELLED, REJECT_NONE);
    else if (isRefused) this.#tell(p, PARENT_STATE_REJECTED, this.#lastCode[p]);
    else this.#tell(p, PARENT_STATE_EXPIRED, REJECT_NONE);
    return true;
  }

  /**
   * A large order that this parent carries out in parts ends before the first of them, unsent.
   * Ended otherwise (a person, a kill, its day), it takes the parent with it. True = wait.
   */
  #isTakenOver(p: number, slot: number): boolean {
    const { orders, parents } = this.#account;
    if (isOpen(orders.status[slot])) {
      if (parents.state[p] === PARENT_STATE_CANCELLING) this.#owner.cancel(slot);
      else this.#owner.endSplit(slot);
      return true;
    }
    if (orders.code[slot] !== REJECT_SPLIT) {
      this.#tell(p, PARENT_STATE_CANCELLED, orders.code[slot]);
      return true;
    }
    this.#target[p] = PARENT_NONE;
    return false;
  }

  /**
   * A replace goes on: its target is cancelled; when that has ended for certain, what is left of
   * the new quantity is placed, once; when that has ended, so has the replace.
   */
  #replace(p: number): void {
    const { orders, parents } = this.#account;
    const target = this.#target[p];
    if (parents.state[p] === PARENT_STATE_CANCELLING) {
      if (parents.child[p] !== PARENT_NONE) this.#cancelPart(p);
      else this.#tell(p, PARENT_STATE_CANCELLED, REJECT_NONE);
      return;
    }
    if (this.#isPlaced[p] === 1) {
      if (parents.child[p] === PARENT_NONE) this.#endReplace(p);
      return;
    }
    const isLate = this.#time.nowNs >= parents.endNs[p];
    if (isLate) this.#tell(p, PARENT_STATE_EXPIRED, REJECT_NONE);
    else if (target === PARENT_NONE) this.#tell(p, PARENT_STATE_REJECTED, REJECT_UNKNOWN_ORDER);
    else if (isOpen(orders.status[target])) this.#cancelTarget(p, target);
    else if (this.isLinkReady && this.#time.nowNs >= this.#retryNs[p]) this.#placeRest(p, target);
  }

  /** A cancel that cannot be had ends the replace; the order lives on as it was. */
  #cancelTarget(p: number, target: number): void {
    const code = this.#cancelOrder(p, target);
    const isComing = code === REJECT_NONE || code === REJECT_BUSY;
    if (isComing || code === REJECT_CANCEL_PENDING || this.#waits[p] > 0) return;
    this.#tell(p, PARENT_STATE_REJECTED, code);
  }

  /** Never more than the new quantity less what the old order has traded. */
  #placeRest(p: number, target: number): void {
    const { orders, parents } = this.#account;
    const isBuy = parents.side[p] === SIDE_BUY;
    const { buyMin, buyStep } = this.#instruments[parents.instrument[p]]!;
    const rest = parents.qty[p] - orders.filled[target];
    const lot = isBuy ? Math.max(1, buyStep) : 1;
    if (rest <= 0) this.#tell(p, PARENT_STATE_DONE, REJECT_NONE);
    else if (isBuy && rest < buyMin) this.#tell(p, PARENT_STATE_REJECTED, REJECT_LOT_MINIMUM);
    else {
      const qty = isBuy ? rest - ((rest - buyMin) % lot) : rest;
      const slot = this.#owner.placePart(this.#parts.of(p, parents.priceE4[p], qty));
      if (slot >= 0) {
        parents.child[p] = slot;
        this.#isPlaced[p] = 1;
      } else if (isPassing(-slot)) this.#retryNs[p] = this.#time.nowNs + RETRY_NS;
      else this.#tell(p, PARENT_STATE_REJECTED, -slot);
    }
  }

  /** The new order has ended. */
  #endReplace(p: number): void {
    const { orders, parents } = this.#account;
    const traded = parents.filled[p] + orders.filled[this.#target[p]];
    if (traded >= parents.qty[p]) this.#tell(p, PARENT_STATE_DONE, REJECT_NONE);
    else if (this.#lastCode[p] === REJECT_NONE) {
      this.#tell(p, PARENT_STATE_CANCELLED, REJECT_NONE);
    } else this.#tell(p, PARENT_STATE_REJECTED, this.#lastCode[p]);
  }

  #act(p: number, quote: Quote): void {
    const { parents } = this.#account;
    if (parents.kind[p] === PARENT_TRIGGER && parents.state[p] === PARENT_STATE_ACCEPTED) {
      if (this.#isTrue(p, quote.lastE4)) this.#tell(p, PARENT_STATE_TRIGGERED, REJECT_NONE);
      return;
    }
    if (parents.kind[p] === PARENT_POV && this.#isBased[p] === 0) this.#base(p, quote);
    const best = parents.side[p] === SIDE_BUY ? quote.askE4 : quote.bidE4;
    const slice = sliceAt(parents, p, this.#plan, this.#time.nowNs);
    if (parents.child[p] !== PARENT_NONE) {
      if (this.#isOutdated(p, slice, best)) this.#cancelPart(p);
      return;
    }
    const priceE4 = parents.priceE4[p] > 0 ? parents.priceE4[p] : best;
    if (priceE4 <= 0 || this.#time.nowNs < this.#retryNs[p] || !this.isLinkReady) return;
    const target =
      parents.kind[p] === PARENT_POV
        ? targetOfVolume(parents.qty[p], parents.rateE4[p], quote.volume - this.#baseQty[p])
        : targetQty(parents, p, this.#plan, slice);
    this.#place(p, slice, target, priceE4);
  }

  /**
   * The volume its share counts from: of the first live quote. After a restart what it has traded
   * counts as its share of what went before; what the market traded meanwhile is not made up for.
   */
  #base(p: number, quote: Quote): void {
    const { parents } = this.#account;
    this.#isBased[p] = 1;
    this.#baseQty[p] = quote.volume - (parents.filled[p] * 10_000) / parents.rateE4[p];
  }

  /** Whether a conditional order's price is reached; one without price waits for its time only. */
  #isTrue(p: number, lastE4: number): boolean {
    const { triggerE4, triggerWhen } = this.#account.parents;
    if (triggerE4[p] === 0) return true;
    if (lastE4 <= 0) return false;
    if (triggerWhen[p] === TRIGGER_AT_OR_ABOVE) return lastE4 >= triggerE4[p];
    return lastE4 <= triggerE4[p];
  }

  /** Whether the working part belongs to an earlier slice, or the touch has left its price. */
  #isOutdated(p: number, slice: number, best: number): boolean {
    const { orders, parents } = this.#account;
    const kind = parents.kind[p];
    // A part that waits for a second person is not asked for again.
    if (orders.status[parents.child[p]] === STATUS_HELD) return false;
    if (kind === PARENT_ICEBERG) return false;
    if (kind !== PARENT_TRIGGER && kind !== PARENT_POV) return slice !== this.#slice[p];
    const slot = parents.child[p];
    if (parents.priceE4[p] > 0 || best <= 0) return false;
    const price = orders.priceE4[slot];
    const isLeft = parents.side[p] === SIDE_BUY ? price < best : price > best;
    return isLeft && this.#time.nowNs - orders.createdNs[slot] >= REPRICE_NS;
  }

  #place(p: number, slice: number, target: number, priceE4: number): void {
    const { parents } = this.#account;
    const { kind } = parents;
    const { buyStep, sellStep, maxQty } = this.#instruments[parents.instrument[p]]!;
    const lot = Math.max(1, parents.side[p] === SIDE_BUY ? buyStep : sellStep);
    const isSplit = parents.isSplit(p);
    const least = kind[p] === PARENT_TRIGGER || isSplit ? 0 : this.#leastQty(p, priceE4);
    const shown = isSplit || (kind[p] === PARENT_POV && parents.showQty[p] > 0);
    let tip = shown ? parents.showQty[p] : parents.qty[p];
    if (isSplit) tip = this.#splitMost(p);
    const most = maxQty > 0 ? Math.min(maxQty, tip) : tip;
    // A tip below the smallest part would never be shown.
    const tipped = kind[p] === PARENT_ICEBERG ? parents.filled[p] + least + lot - 1 : 0;
    const wanted = Math.max(target, tipped);
    const qty = partQty(wanted, parents.filled[p], parents.qty[p], lot, least, most);
    if (qty <= 0) return;
    this.#slice[p] = slice;
    const slot = this.#owner.placePart(this.#parts.of(p, priceE4, qty));
    if (slot >= 0) parents.child[p] = slot;
    else this.#failed(p, -slot);
  }

  /** Most shares of a part that risk lets through; an odd rest goes with the last part below it. */
  #splitMost(p: number): number {
    const { orders, parents } = this.#account;
    const slot = orders.findById(parents.targetA[p], parents.targetC[p]);
    return slot < 0 ? parents.showQty[p] : orders.partQty[slot];
  }

  /** Shares below which the minimum commission is more than 0.3 % of the part, or below the lot. */
  #leastQty(p: number, priceE4: number): number {
    const { fees, parents } = this.#account;
    const i = parents.instrument[p];
    const { buyMin } = this.#instruments[i]!;
    const amountE4 = (fees[i]!.commissionMinE4 * 10_000) / COMMISSION_SHARE_E4;
    const qty = Math.ceil(amountE4 / priceE4);
    return parents.side[p] === SIDE_BUY ? Math.max(qty, buyMin) : qty;
  }

  #failed(p: number, code: number): void {
    if (!isPassing(code)) this.#failures[p]++;
    this.#lastCode[p] = code;
    this.#retryNs[p] = this.#time.nowNs + RETRY_NS;
  }

  #cancelPart(p: number): void {
    this.#cancelOrder(p, this.#account.parents.child[p]);
  }

  /** Asks for the cancel of a part, or of what is replaced; REJECT_NONE or why not. */
  #cancelOrder(p: number, slot: number): number {
    if (this.#account.orders.status[slot] === STATUS_CANCEL_PENDING) return REJECT_NONE;
    // No retry storm (F10): a cancel that is under way, parked or refused is asked again after a
    // while; an order of unknown fate may refuse it all day.
    if (this.#askedSlot[p] !== slot) this.#asks[p] = 0;
    else {
      const waitNs = RETRY_NS * (1 << Math.min(this.#asks[p] - 1, ASK_DOUBLINGS));
      if (this.#time.nowNs - this.#askedNs[p] < waitNs) return REJECT_NONE;
    }
    this.#asks[p]++;
    this.#askedSlot[p] = slot;
    this.#askedNs[p] = this.#time.nowNs;
    return this.#owner.cancel(slot);
  }

  /** Sends a step through the journal; false = no room, the next frame tries again. */
  #tell(p: number, state: number, code: number): boolean {
    const at = this.stopped ? -1 : this.#out.claim(ParentUpdate.BYTES);
    if (at < 0) return false;
    const { orders, parents, index } = this.#account;
    const child = parents.child[p];
    const update = this.#update.begin(this.#out.memory, at);
    update.eventNs = this.#time.nowNs;
    update.account = index;
    describeParent(update, parents, p);
    update.state = state;
    update.code = code;
    update.workingQty = child === PARENT_NONE ? 0 : orders.qty[child] - orders.filled[child];
    this.#out.commit();
    this.#waits[p]++;
    return true;
  }
}

/** Whether a refusal says nothing about the part: it is tried again, however often. */
function isPassing(code: number): boolean {
  return code === REJECT_LINK_DOWN || code === REJECT_BUSY || code === REJECT_UNKNOWN_FATE;
}

/** In continuous trading, of a book that is trusted, not in the middle of a match, not crossed. */
function isLive(quote: Quote): boolean {
  if (quote.phase !== PHASE_CONTINUOUS || (quote.flags & (FLAG_STALE | FLAG_IN_MATCH)) !== 0) {
    return false;
  }
  const { bidE4, askE4 } = quote;
  if (bidE4 <= 0 && askE4 <= 0) return false;
  return bidE4 <= 0 || askE4 <= 0 || bidE4 < askE4;
}
