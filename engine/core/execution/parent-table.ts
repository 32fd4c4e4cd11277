// Parent and conditional orders of one account and day, in columns. Part of the account: the OMS
// changes it live, recovery from the journal, through the same two methods. Always: a row is
// made by its written ParentIntent and changed only by a written ParentUpdate (but for a cancel and
// a halt, which stop it at once); what its parts did is added up from the orders themselves.
// Allocates at construction only.
import {
  PARENT_ICEBERG,
  PARENT_STATE_ACCEPTED,
  PARENT_STATE_CANCELLING,
  PARENT_STATE_TRIGGERED,
} from '../../messages/codes.ts';
import type { ParentIntent, ParentUpdate } from '../../messages/generated/order.ts';
import { clearRows } from '../tables.ts';

/** Parent orders of one account and day. */
export const PARENTS_MAX = 1_024;
export const PARENT_NONE = -1;

export class ParentTable {
  count = 0;
  readonly parentNo = new Int32Array(PARENTS_MAX);
  readonly strategy = new Int32Array(PARENTS_MAX);
  readonly intentNo = new Int32Array(PARENTS_MAX);
  readonly instrument = new Int32Array(PARENTS_MAX);
  readonly kind = new Int8Array(PARENTS_MAX);
  readonly side = new Int8Array(PARENTS_MAX);
  readonly priceE4 = new Int32Array(PARENTS_MAX);
  readonly qty = new Int32Array(PARENTS_MAX);
  readonly triggerE4 = new Int32Array(PARENTS_MAX);
  readonly triggerWhen = new Int8Array(PARENTS_MAX);
  readonly showQty = new Int32Array(PARENTS_MAX);
  /** POV: share of the market's volume in 1/10,000. */
  readonly rateE4 = new Int32Array(PARENTS_MAX);
  readonly slices = new Int32Array(PARENTS_MAX);
  readonly startNs = new Float64Array(PARENTS_MAX);
  readonly endNs = new Float64Array(PARENTS_MAX);
  /** Replace, split: first and third word of the id of the order to end first; else 0. */
  readonly targetA = new Int32Array(PARENTS_MAX);
  readonly targetC = new Int32Array(PARENTS_MAX);
  /** Idempotency key, four words; all 0 = none. */
  readonly keyA = new Int32Array(PARENTS_MAX);
  readonly keyB = new Int32Array(PARENTS_MAX);
  readonly keyC = new Int32Array(PARENTS_MAX);
  readonly keyD = new Int32Array(PARENTS_MAX);
  /** PARENT_STATE_*. */
  readonly state = new Int8Array(PARENTS_MAX);
  /** Shares its parts have traded. */
  readonly filled = new Int32Array(PARENTS_MAX);
  /** Slot of the part that may still trade; -1 = none. At most one at a time. */
  readonly child = new Int32Array(PARENTS_MAX).fill(PARENT_NONE);

  /** Forgets the day: for the next one. */
  clear(): void {
    clearRows(this, this.count);
    this.child.fill(PARENT_NONE, 0, this.count);
    this.count = 0;
  }

  /** Row of a parent by its number, or PARENT_NONE. */
  find(parentNo: number): number {
    for (let p = this.count - 1; p >= 0; p--) if (this.parentNo[p] === parentNo) return p;
    return PARENT_NONE;
  }

  /** Row of a parent by its strategy's number, or PARENT_NONE. */
  findByIntent(strategy: number, intentNo: number): number {
    for (let p = this.count - 1; p >= 0; p--) {
      if (this.strategy[p] === strategy && this.intentNo[p] === intentNo) return p;
    }
    return PARENT_NONE;
  }

  /** Row of the parent that was made under an intent's key, or PARENT_NONE. */
  findByKey(intent: ParentIntent): number {
    const { keyA, keyB, keyC, keyD } = intent;
    if ((keyA | keyB | keyC | keyD) === 0) return PARENT_NONE;
    for (let p = 0; p < this.count; p++) {
      if (this.keyA[p] !== keyA || this.keyB[p] !== keyB) continue;
      if (this.keyC[p] === keyC && this.keyD[p] === keyD) return p;
    }
    return PARENT_NONE;
  }

  /** Whether one more fits, `coming` being on their way through the journal. */
  hasRoom(coming: number): boolean {
    return this.count + coming < PARENTS_MAX;
  }

  /** Highest number given out; 0 = none. */
  lastNo(): number {
    let last = 0;
    for (let p = 0; p < this.count; p++) if (this.parentNo[p] > last) last = this.parentNo[p];
    return last;
  }

  isOpen(p: number): boolean {
    const state = this.state[p];
    return (
      state === PARENT_STATE_ACCEPTED ||
      state === PARENT_STATE_TRIGGERED ||
      state === PARENT_STATE_CANCELLING
    );
  }

  /** Whether its parts are those of a large order that risk wanted split. */
  isSplit(p: number): boolean {
    return this.kind[p] === PARENT_ICEBERG && this.targetC[p] !== 0;
  }

  /** Its intent is written: it lives from here on; a repeated or unnumbered one changes nothing. */
  accept(intent: ParentIntent): number {
    const known = this.find(intent.parentNo);
    if (intent.parentNo === 0 || known !== PARENT_NONE || !this.hasRoom(0)) return known;
    const p = this.count++;
    this.parentNo[p] = intent.parentNo;
    this.strategy[p] = intent.strategy;
    this.intentNo[p] = intent.intentNo;
    this.instrument[p] = intent.instrument;
    this.kind[p] = intent.kind;
    this.side[p] = intent.side;
    this.priceE4[p] = intent.priceE4;
    this.qty[p] = intent.qty;
    this.triggerE4[p] = intent.triggerE4;
    this.triggerWhen[p] = intent.triggerWhen;
    this.showQty[p] = intent.showQty;
    this.rateE4[p] = intent.rateE4;
    this.slices[p] = intent.slices;
    this.startNs[p] = intent.startNs;
    this.endNs[p] = intent.endNs;
    this.targetA[p] = intent.targetA;
    this.targetC[p] = intent.targetC;
    this.keyA[p] = intent.keyA;
    this.keyB[p] = intent.keyB;
    this.keyC[p] = intent.keyC;
    this.keyD[p] = intent.keyD;
    this.state[p] = PARENT_STATE_ACCEPTED;
    return p;
  }

  /** A written step: its row, or PARENT_NONE. What has ended stays so; a cancel is not undone. */
  update(update: ParentUpdate): number {
    const p = this.find(update.parentNo);
    if (p === PARENT_NONE || !this.isOpen(p)) return p;
    const late = update.state === PARENT_STATE_TRIGGERED;
    if (this.state[p] === PARENT_STATE_CANCELLING && late) return p;
    this.state[p] = update.state;
    return p;
  }
}
