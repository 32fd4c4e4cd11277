// Tells risk what became of orders: totals of an order as they stand, down the ring of orders
// behind the orders themselves; and ahead of an order the quote that the OMS judged it by.
// Called by the OMS. Invariants: risk hears of every order that has news, if later and in one frame
// when the ring is full; this takes no room that orders and cancels need, so it never blocks what
// comes back from the broker. Allocates at construction only.
import type { Account } from '../core/account.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Quote } from '../messages/generated/market.ts';
import { OrderUpdate } from '../messages/generated/order.ts';
import type { OrderRules } from './order-rules.ts';
import type { OutPort } from './port.ts';

/** Room that stays for orders and cancels. */
const RESERVE = 4_096;

export class RiskTold {
  /** Orders whose news have not been told yet. */
  due = 0;
  /** Engine time of the frame at hand, set by the OMS. */
  nowNs = FLOAT_ZERO;
  readonly #account: Account;
  readonly #day: number;
  readonly #out: OutPort;
  readonly #isDue: Uint8Array;
  readonly #update = new OrderUpdate();
  readonly #quote = new Quote();

  constructor(account: Account, day: number, out: OutPort) {
    this.#account = account;
    this.#day = day;
    this.#out = out;
    this.#isDue = account.orders.holds.isDue;
  }

  /** An order has news. */
  tell(slot: number): void {
    if (this.#isDue[slot] === 1 || this.#write(slot)) return;
    this.#isDue[slot] = 1;
    this.due++;
  }

  /** The quote an order was judged by, unless risk has it; ORDER_ROOM of an intent includes it. */
  tellQuote(rules: OrderRules, instrument: number): void {
    if (rules.isNews[instrument] === 0) return;
    const at = this.#out.claim(Quote.BYTES);
    if (at < 0) return;
    rules.writeQuote(this.#quote.begin(this.#out.memory, at), instrument);
    this.#out.commit();
    rules.isNews[instrument] = 0;
  }

  /** Tells what waits, oldest order first; whether anything was told. */
  sendDue(): boolean {
    const before = this.due;
    for (let slot = 0; slot < this.#account.orders.count && this.due > 0; slot++) {
      if (this.#isDue[slot] === 0) continue;
      if (!this.#write(slot)) break;
      this.#isDue[slot] = 0;
      this.due--;
    }
    return this.due < before;
  }

  #write(slot: number): boolean {
    const out = this.#out;
    if (out.room() < RESERVE) return false;
    const at = out.claim(OrderUpdate.BYTES);
    if (at < 0) return false;
    this.#fill(out.memory, at, slot);
    out.commit();
    return true;
  }

  #fill(memory: FrameMemory, at: number, slot: number): void {
    const o = this.#account.orders;
    const update = this.#update.begin(memory, at);
    update.eventNs = this.nowNs;
    update.coidA = o.idA[slot];
    update.coidB = this.#day;
    update.coidC = o.idC[slot];
    update.account = this.#account.index;
    update.strategy = o.strategy[slot];
    update.instrument = o.instrument[slot];
    update.intentNo = o.intentNo[slot];
    update.side = o.side[slot];
    update.kind = o.kind[slot];
    update.priceE4 = o.priceE4[slot];
    update.qty = o.qty[slot];
    update.filledQty = o.filled[slot];
    update.status = o.status[slot];
    update.code = o.code[slot];
    update.stage = o.stage[slot];
    update.filledAmountE4 = o.filledAmountE4[slot];
    update.feeE4 = o.feesE4[slot];
    update.createdNs = o.createdNs[slot];
  }
}
