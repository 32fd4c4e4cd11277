// The desk: orders of people and of programs outside, on their way into the core. Called by the
// core's main thread for each Intent frame of the local socket. Writes them to the ring of their
// account's OMS; behind it stand the same checks, risk and journal as for a strategy's orders.
// Always: what cannot be taken is answered at once (BUSY, unknown account), never dropped silently.
import { REJECT_BUSY, REJECT_UNKNOWN_INSTRUMENT } from '../core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  DESK_STRATEGY,
  INTENT_MARGIN,
  INTENT_SHORT,
  PARENT_STATE_REJECTED,
  STAGE_OMS,
  STAGE_SUPERVISOR,
} from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import { Intent, ParentIntent, ParentUpdate, Reject } from '../messages/generated/order.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';

export interface DeskOptions {
  /** The ring `desk:N` of each account; this is their only writer. */
  readonly rings: readonly SpscRing[];
  /** Intent numbers the desk of each account has used in earlier lives. */
  readonly lastIntentNos: readonly number[];
  readonly instrumentCount: number;
  /** Shows a refusal to everybody who watches. */
  readonly show: (memory: FrameMemory, at: number) => void;
  /** Monotonic ns. */
  readonly nowNs: () => number;
}

export class Desk {
  /** Intents written, and refused because the ring was full. */
  readonly stats = { written: 0, busy: 0 };
  readonly #options: DeskOptions;
  readonly #intentNos: number[];
  readonly #copy = new FrameMemory(new ArrayBuffer(Intent.BYTES));
  readonly #refusal = new FrameMemory(new ArrayBuffer(Reject.BYTES));
  readonly #intent = new Intent();
  readonly #own = new Intent();
  readonly #reject = new Reject();
  readonly #parentCopy = new FrameMemory(new ArrayBuffer(ParentIntent.BYTES));
  readonly #parentRefusal = new FrameMemory(new ArrayBuffer(ParentUpdate.BYTES));
  readonly #parent = new ParentIntent();
  readonly #parentUpdate = new ParentUpdate();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#intentNos = [...options.lastIntentNos];
  }

  /** Takes an Intent frame: an order, or the cancel of a parent. */
  take(memory: FrameMemory, at: number): void {
    if (this.#intent.wrap(memory, at).action === ACTION_CANCEL) this.cancelParent(memory, at);
    else this.submit(memory, at);
  }

  /** Takes an Intent frame to place; strategy, number and times in it are the desk's own. */
  submit(memory: FrameMemory, at: number): void {
    const intent = this.#intent.wrap(memory, at);
    const { account, instrument } = intent;
    const ring = this.#options.rings[account];
    if (ring === undefined || instrument < 0 || instrument >= this.#options.instrumentCount) {
      this.#refuse(intent, REJECT_UNKNOWN_INSTRUMENT);
      return;
    }
    const own = this.#own.begin(this.#copy, 0);
    own.source = STAGE_SUPERVISOR;
    own.strategy = DESK_STRATEGY + account;
    own.account = account;
    own.intentNo = (this.#intentNos[account] ?? 0) + 1;
    own.instrument = instrument;
    own.action = ACTION_PLACE;
    own.side = intent.side;
    own.sender = intent.sender;
    own.flags = intent.flags & (INTENT_MARGIN | INTENT_SHORT);
    own.kind = intent.kind;
    own.timeInForce = intent.timeInForce;
    own.priceE4 = intent.priceE4;
    own.qty = intent.qty;
    own.keyA = intent.keyA;
    own.keyB = intent.keyB;
    own.keyC = intent.keyC;
    own.keyD = intent.keyD;
    own.intentAtNs = this.#options.nowNs();
    if (ring.offer(this.#copy, 0) < 0) {
      this.stats.busy++;
      this.#refuse(intent, REJECT_BUSY);
      return;
    }
    ring.publish();
    this.#intentNos[account] = own.intentNo;
    this.stats.written++;
  }

  /** Takes a ParentIntent frame; strategy, number and times of its making are the desk's own. */
  submitParent(memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#parentCopy, 0);
    const own = this.#parent.wrap(this.#parentCopy, 0);
    const { account } = own;
    own.flags = 0;
    own.parentNo = 0;
    own.source = STAGE_SUPERVISOR;
    own.strategy = DESK_STRATEGY + account;
    own.intentNo = (this.#intentNos[account] ?? 0) + 1;
    const ring = this.#options.rings[account];
    if (ring === undefined) this.#refuseParent(own, REJECT_UNKNOWN_INSTRUMENT);
    else if (ring.offer(this.#parentCopy, 0) < 0) {
      this.stats.busy++;
      this.#refuseParent(own, REJECT_BUSY);
    } else {
      ring.publish();
      this.#intentNos[account] = own.intentNo;
      this.stats.written++;
    }
  }

  /** Takes the cancel of a parent of the desk's own; a full ring is silence: ask again. */
  cancelParent(memory: FrameMemory, at: number): void {
    const { account, targetIntentNo } = this.#intent.wrap(memory, at);
    const ring = this.#options.rings[account];
    if (ring === undefined) return;
    const own = this.#own.begin(this.#copy, 0);
    own.source = STAGE_SUPERVISOR;
    own.strategy = DESK_STRATEGY + account;
    own.account = account;
    own.action = ACTION_CANCEL;
    own.targetIntentNo = targetIntentNo;
    own.intentAtNs = this.#options.nowNs();
    if (ring.offer(this.#copy, 0) >= 0) ring.publish();
    else this.stats.busy++;
  }

  #refuseParent(intent: ParentIntent, code: number): void {
    const update = this.#parentUpdate.begin(this.#parentRefusal, 0);
    update.account = intent.account;
    update.strategy = intent.strategy;
    update.instrument = intent.instrument;
    update.kind = intent.kind;
    update.side = intent.side;
    update.priceE4 = intent.priceE4;
    update.triggerE4 = intent.triggerE4;
    update.qty = intent.qty;
    update.state = PARENT_STATE_REJECTED;
    update.code = code;
    update.keyA = intent.keyA;
    update.keyB = intent.keyB;
    update.keyC = intent.keyC;
    update.keyD = intent.keyD;
    this.#options.show(this.#parentRefusal, 0);
  }

  /** Nothing was taken, so the key stays free. */
  #refuse(intent: Intent, code: number): void {
    const reject = this.#reject.begin(this.#refusal, 0);
    reject.account = intent.account;
    reject.strategy = DESK_STRATEGY + intent.account;
    reject.instrument = intent.instrument;
    reject.side = intent.side;
    reject.kind = intent.kind;
    reject.timeInForce = intent.timeInForce;
    reject.priceE4 = intent.priceE4;
    reject.qty = intent.qty;
    reject.stage = STAGE_OMS;
    reject.code = code;
    reject.action = ACTION_PLACE;
    reject.keyA = intent.keyA;
    reject.keyB = intent.keyB;
    reject.keyC = intent.keyC;
    reject.keyD = intent.keyD;
    this.#options.show(this.#refusal, 0);
  }
}
