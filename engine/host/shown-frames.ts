// What people are shown of earlier lives of a journal: every fill with the fee it was charged, and
// every order as it stands at the start of this life. Filled while the journal is read, handed to
// the event socket before any actor runs. Invariant: actors tell only what is new.
import { OrderNews } from '../actors/order-news.ts';
import type { JournalRecord } from '../journal/journal-record.ts';
import { align8, FrameMemory } from '../messages/frames.ts';
import { Fill, OrderUpdate } from '../messages/generated/order.ts';
import type { AccountState } from './account-state.ts';
import { DirectSink } from './event-sinks.ts';
import { FrameSlab } from './frame-slab.ts';

const FRAME_BYTES = align8(Math.max(Fill.BYTES, OrderUpdate.BYTES));

export class ShownFrames {
  readonly #slab = new FrameSlab(FRAME_BYTES);
  readonly #scratch = new FrameMemory(new ArrayBuffer(FRAME_BYTES));
  readonly #fill = new Fill();

  /** A journaled fill that was just applied to `state`, as people saw it. */
  fill(record: JournalRecord, state: AccountState): void {
    const slot = this.#slab.add(record.memory, record.frameAt);
    const fill = this.#fill.wrap(this.#slab.memoryOf(slot), this.#slab.byteOf(slot));
    fill.feeE4 = state.account.lastFillFeeE4;
  }

  /** Every order of an account, as a new life finds it. */
  orders(state: AccountState, day: number): void {
    const ports = { updates: [], orders: null, events: new DirectSink(null, new Set()) };
    const news = new OrderNews(state.account, { day, strategies: [] }, ports);
    news.nowNs = state.lastNs;
    for (let order = 0; order < state.account.orders.count; order++) {
      news.writeOrder(this.#scratch, 0, order);
      this.#slab.add(this.#scratch, 0);
    }
  }

  /** Fills and orders, in the order they were added. */
  each(visit: (memory: FrameMemory, at: number) => void): void {
    for (let slot = 0; slot < this.#slab.size; slot++) {
      visit(this.#slab.memoryOf(slot), this.#slab.byteOf(slot));
    }
  }
}
