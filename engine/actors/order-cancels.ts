// Cancels of many orders at once: of a strategy that ended or failed, of an account, by a person.
// Part of the order manager, split off for its size. Invariants: each order's cancel goes through
// the order manager like a single one; what finds no room is remembered and goes on; an order
// cancelled already is passed over.
import type { Account } from '../core/account.ts';
import { isOpen } from '../core/order.ts';
import type { OutPort } from './port.ts';

/** Room an intent or a cancel may need downstream: one order frame, with filler. */
export const ORDER_ROOM = 1_024;
/** Behind the last strategy index: every strategy of the account. */
const ALL_STRATEGIES = 256;

/** What the order manager does for them. */
export interface CancelOwner {
  /** Cancels a live order: REJECT_NONE, or why not. */
  cancel(slot: number): number;
}

export class OrderCancels {
  /** Some cancels found no room. */
  isDue = false;
  readonly #account: Account;
  readonly #out: OutPort;
  readonly #owner: CancelOwner;
  /** 1 by strategy index, last entry = of the whole account. */
  readonly #due = new Uint8Array(ALL_STRATEGIES + 1);

  constructor(account: Account, out: OutPort, owner: CancelOwner) {
    this.#account = account;
    this.#out = out;
    this.#owner = owner;
  }

  /** Cancels every live order of a strategy (-1: of the account). */
  all(strategy: number): void {
    const { orders } = this.#account;
    let left = this.#account.openOrders;
    for (let slot = orders.count - 1; slot >= 0 && left > 0; slot--) {
      if (!isOpen(orders.status[slot])) continue;
      left--;
      if (strategy >= 0 && orders.strategy[slot] !== strategy) continue;
      if (this.#out.room() < ORDER_ROOM) {
        this.#due[strategy < 0 ? ALL_STRATEGIES : strategy] = 1;
        this.isDue = true;
        return;
      }
      this.#owner.cancel(slot);
    }
  }

  /** Goes on with the cancels that found no room. */
  sendDue(): void {
    this.isDue = false;
    for (let i = 0; i <= ALL_STRATEGIES; i++) {
      if (this.#due[i] === 0) continue;
      this.#due[i] = 0;
      this.all(i === ALL_STRATEGIES ? -1 : i);
    }
  }
}
