// Writes the intents of the parts of parent orders. Part of execution, split off for its size.
// Invariant: a part's number is negative and never given twice in an account and day, so that it
// meets no number of a strategy.
import type { Account } from '../core/account.ts';
import { ACTION_PLACE, KIND_LIMIT, TIF_DAY } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Intent } from '../messages/generated/order.ts';

export class PartIntents {
  readonly #account: Account;
  readonly #memory = new FrameMemory(new ArrayBuffer(Intent.BYTES));
  readonly #intent = new Intent();
  /** Number of the last part, counted down. */
  #lastNo = 0;

  /** Goes on behind the parts that earlier lives of the day made. */
  constructor(account: Account) {
    this.#account = account;
    const { orders } = account;
    for (let slot = 0; slot < orders.count; slot++) {
      if (orders.intentNo[slot] < this.#lastNo) this.#lastNo = orders.intentNo[slot];
    }
  }

  /** A part of the parent in row `p`; valid until the next call. */
  of(p: number, priceE4: number, qty: number): Intent {
    const { parents, index } = this.#account;
    const intent = this.#intent.begin(this.#memory, 0);
    intent.intentNo = --this.#lastNo;
    intent.strategy = parents.strategy[p];
    intent.account = index;
    intent.action = ACTION_PLACE;
    intent.instrument = parents.instrument[p];
    intent.side = parents.side[p];
    intent.kind = KIND_LIMIT;
    intent.timeInForce = TIF_DAY;
    intent.priceE4 = priceE4;
    intent.qty = qty;
    intent.parentNo = parents.parentNo[p];
    return intent;
  }
}
