// Tells the OMS what reconciliation proved, frame by frame as the ring has room: orders whose
// answer is late, orders adopted from the broker's list, fills that were missed, ends. Part of the
// gateway link. Invariants: each is told once; an order's end is told behind all its fills; equal
// input gives the same frames in the same order, however many cycles the telling takes.
import { type BrokerView, FOREIGN_DROPPED } from '../core/broker-view.ts';
import type { LiveOrders } from '../core/live-orders.ts';
import {
  PROOF_ALIVE,
  PROOF_BRIDGE_REFUSED,
  PROOF_CANCELLED,
  PROOF_FORGOTTEN,
  PROOF_NEVER_SENT,
  PROOF_NONE,
  PROOF_REJECTED,
  proofOf,
} from '../core/order-proof.ts';
import { STATUS_CANCEL_PENDING } from '../core/order-status.ts';
import { REJECT_LINK_DOWN, REJECT_NEVER_SENT, REJECT_NO_ANSWER } from '../core/reject-code.ts';
import {
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  STAGE_EXCHANGE,
  STAGE_GATEWAY,
} from '../messages/codes.ts';
import type { LinkVoice } from './link-voice.ts';

const TASK_NONE = 0;
const TASK_ADOPT = 1;
const TASK_FILLS = 2;
const TASK_PROOFS = 3;

export class ProofTeller {
  /** Whether answers can be late: not where broker and engine are one process, nor while down. */
  isTimed = false;
  /** A listed order may be ours: only the bridge can say. */
  wantsBridge = false;
  /** Orders of ours that the journal had lost, told to the OMS so far. */
  adoptions = 0;
  /** Changes of any order so far. */
  changes = 0;
  readonly #view: BrokerView;
  readonly #live: LiveOrders;
  readonly #answerNs: number;
  readonly #voice: LinkVoice;
  #task = TASK_NONE;
  #cursor = 0;
  #traits = 0;
  /** Next slot whose answer may be late; slots before it were answered, ended or told late. */
  #lateNext = 0;
  /** The connection went: whatever is unanswered is unknown, up to this slot. */
  #lostBelow = 0;

  constructor(view: BrokerView, answerNs: number, voice: LinkVoice) {
    this.#view = view;
    this.#live = view.live;
    this.#answerNs = answerNs;
    this.#voice = voice;
  }

  /** Something is to be told: no input may be taken until it is done. */
  get busy(): boolean {
    return this.#task !== TASK_NONE || this.#hasLate();
  }

  /** What a believed round proved is being told. */
  get isProving(): boolean {
    return this.#task !== TASK_NONE;
  }

  /** A round was believed: tells all that follows from it; `traits` of the link. */
  begin(traits: number): void {
    this.#traits = traits;
    this.#task = TASK_ADOPT;
    this.#cursor = 0;
    this.wantsBridge = false;
  }

  /** The connection went: what is unanswered has an unknown fate. What was proven stays proven. */
  lose(): void {
    this.isTimed = false;
    this.#lostBelow = this.#live.count;
  }

  /** Moves `#lateNext` to the next order whose fate has become unknown; whether there is one. */
  #hasLate(): boolean {
    const { live, answered, sentNs, count } = this.#live;
    const beforeNs = this.isTimed ? this.#voice.nowNs - this.#answerNs : -1;
    while (this.#lateNext < count) {
      const slot = this.#lateNext;
      if (live[slot] === 1 && answered[slot] === 0 && this.#live.unknown[slot] === 0) {
        return slot < this.#lostBelow || sentNs[slot] < beforeNs;
      }
      this.#lateNext++;
    }
    return false;
  }

  /** One step of what is due to the OMS; frames written. */
  goOn(): number {
    if (this.#hasLate()) {
      const slot = this.#lateNext++;
      this.#live.unknown[slot] = 1;
      const code = slot < this.#lostBelow ? REJECT_LINK_DOWN : REJECT_NO_ANSWER;
      this.#voice.report(slot, REPORT_UNKNOWN, STAGE_GATEWAY, code);
      return 1;
    }
    if (this.#task === TASK_ADOPT) return this.#adoptNext();
    return this.#task === TASK_FILLS ? this.#fillNext() : this.#proveNext();
  }

  #adoptNext(): number {
    const view = this.#view;
    while (this.#cursor < this.#live.count) {
      const slot = this.#cursor++;
      const foreign = view.foreign[slot];
      if (
        foreign === 0 ||
        foreign === FOREIGN_DROPPED ||
        view.told[slot] === 1 ||
        !view.isListed(slot)
      )
        continue;
      if (view.mayBeOurs(slot, this.#voice.nowNs, this.#answerNs)) {
        this.wantsBridge = true;
        continue;
      }
      view.told[slot] = 1;
      this.adoptions += foreign - 1;
      // Another engine's with our ids (a copy): our OMS may keep it as held or unknown, and hears
      // how it stands with what is proven next.
      if (foreign === 2) this.#live.unknown[slot] = 1;
      this.#voice.adopted(slot);
      return 1;
    }
    this.#task = TASK_FILLS;
    this.#cursor = 0;
    return 0;
  }

  /** R7: each new fill once. */
  #fillNext(): number {
    const view = this.#view;
    const live = this.#live;
    while (this.#cursor < view.tradeCount) {
      const n = this.#cursor++;
      const slot = view.tradeSlot[n];
      // Of an order that the OMS does not know: the next round lists them again.
      if (view.foreign[slot] !== 0 && view.told[slot] === 0) continue;
      if (!live.isNewFill(view.tradeNo[n], live.instrument[slot], live.side[slot])) continue;
      live.book(slot, view.tradeQty[n]);
      if (live.leaves[slot] <= 0) view.closeForeign(slot);
      this.changes++;
      this.#voice.fill(n);
      return 1;
    }
    this.#task = TASK_PROOFS;
    this.#cursor = 0;
    return 0;
  }

  #proveNext(): number {
    const { live, count } = this.#live;
    while (this.#cursor < count) {
      const slot = this.#cursor++;
      const isOpen = live[slot] === 1 || (this.#view.told[slot] === 1 && this.#isForeignOpen(slot));
      if (isOpen && this.#prove(slot)) return 1;
    }
    this.#task = TASK_NONE;
    return 0;
  }

  #isForeignOpen(slot: number): boolean {
    return this.#view.foreignOpen[slot] === 1;
  }

  /** Tells what is proven of an open order; whether that was anything. */
  #prove(slot: number): boolean {
    const proof = proofOf(this.#view, slot, this.#traits);
    switch (proof) {
      case PROOF_NONE:
        return false;
      case PROOF_ALIVE:
        return this.#tellAlive(slot);
      case PROOF_CANCELLED:
      case PROOF_FORGOTTEN:
        this.#close(slot, REPORT_CANCELLED, STAGE_EXCHANGE, 0);
        return true;
      case PROOF_REJECTED:
        this.#close(slot, REPORT_REJECTED, STAGE_EXCHANGE, 0);
        return true;
      case PROOF_NEVER_SENT:
        this.#close(slot, REPORT_REJECTED, STAGE_GATEWAY, REJECT_NEVER_SENT);
        return true;
      case PROOF_BRIDGE_REFUSED:
        this.#close(slot, REPORT_REJECTED, STAGE_GATEWAY, this.#view.bridgeCode[slot]);
        return true;
      default:
        return false;
    }
  }

  /** The broker has it and it can trade: whether that is news. */
  #tellAlive(slot: number): boolean {
    const live = this.#live;
    if (live.unknown[slot] === 1 || live.answered[slot] === 0) {
      live.unknown[slot] = 0;
      live.answered[slot] = 1;
      this.#voice.report(slot, REPORT_ACCEPTED, STAGE_EXCHANGE, 0);
      return true;
    }
    if (!this.#isCancelLost(slot)) return false;
    // F10: it may be asked for again; whoever asked hears that nobody answered.
    live.cancelSent[slot] = 0;
    this.#voice.report(slot, REPORT_CANCEL_REJECTED, STAGE_GATEWAY, REJECT_NO_ANSWER);
    return true;
  }

  /** A cancel without an answer in time, of an order that the broker does not show as pending. */
  #isCancelLost(slot: number): boolean {
    const { cancelSent, cancelNs } = this.#live;
    if (!this.isTimed || cancelSent[slot] === 0) return false;
    if (this.#view.status[slot] === STATUS_CANCEL_PENDING) return false;
    return this.#voice.nowNs - cancelNs[slot] > this.#answerNs;
  }

  #close(slot: number, kind: number, stage: number, code: number): void {
    this.changes++;
    this.#live.answered[slot] = 1;
    this.#live.finish(slot);
    this.#view.closeForeign(slot);
    this.#voice.report(slot, kind, stage, code);
  }
}
