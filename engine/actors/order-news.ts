// What the OMS tells: order updates, fills, refusals, positions and the account, to the strategy
// concerned and to people. Part of the order manager, split off for its size. Invariant: events for
// people may be lost; news for a strategy never silently: a strategy whose ring is full has stopped
// reading, is counted as deaf, and the supervisor stops it.

import type { Account } from '../core/account.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { isOpen } from '../core/order.ts';
import { idCheck } from '../core/order-id.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import {
  sellable,
  TOTAL_COST,
  TOTAL_REALISED,
  TOTAL_VALUE,
  unrealisedE4,
} from '../core/position.ts';
import { ACTION_CANCEL, LINE_NOW, STAGE_OMS } from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import { LinkState } from '../messages/generated/broker.ts';
import { BookLine } from '../messages/generated/control.ts';
import {
  AccountUpdate,
  Fill,
  type Intent,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject,
} from '../messages/generated/order.ts';
import type { EventSink, OutPort } from './port.ts';
import { describeRejected } from './reject-words.ts';

/** The parts of the order manager's ports and options that news needs. */
export interface NewsPorts {
  readonly updates: readonly OutPort[];
  /** Towards the journal; null where nothing is refused. */
  readonly orders: OutPort | null;
  readonly events: EventSink;
}
export interface NewsOptions {
  readonly day: number;
  /** Strategies know the account's shares of the open as facts of their day; absent = not. */
  readonly opensKnown?: boolean;
  readonly strategies: readonly number[];
}

export class OrderNews {
  /** News that a strategy's full ring could not take. */
  lost = 0;
  /** Engine time of what is told; a field, because a float64 argument is boxed. */
  nowNs = FLOAT_ZERO;
  readonly #account: Account;
  readonly #day: number;
  readonly #ports: NewsPorts;
  readonly #opensKnown: boolean;
  /** People look at positions, and at books of strategies. */
  readonly #showsPositions: boolean;
  readonly #showsBooks: boolean;
  /** Output of each strategy index, -1 = none. */
  readonly #outOf = new Int32Array(256).fill(-1);
  readonly #update = new OrderUpdate();
  readonly #parentFrame = new FrameMemory(new ArrayBuffer(ParentUpdate.BYTES));
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #position = new PositionUpdate();
  readonly #bookLine = new BookLine();
  readonly #accountUpdate = new AccountUpdate();

  constructor(account: Account, options: NewsOptions, ports: NewsPorts) {
    this.#account = account;
    this.#day = options.day;
    this.#ports = ports;
    this.#opensKnown = options.opensKnown === true;
    const { events } = ports;
    this.#showsPositions = events.wants?.(PositionUpdate.TYPE) ?? true;
    this.#showsBooks = events.wants?.(BookLine.TYPE) ?? true;
    for (const [i, strategy] of options.strategies.entries()) this.#outOf[strategy] = i;
  }

  /**
   * What stands at start: to each strategy its open orders, to all positions and account. Orders
   * of earlier lives come to people from the host: a busy day's would overrun the lossy ring.
   */
  everything(): void {
    const { orders, positions } = this.#account;
    for (let slot = 0; slot < orders.count; slot++) {
      if (isOpen(orders.status[slot])) this.#tellStrategy(slot);
    }
    const isTold = this.#showsPositions || !this.#opensKnown;
    for (let i = 0; isTold && i < positions.count; i++) {
      if (positions.qty[i] === 0 && positions.soldToday[i] === 0) continue;
      if (this.#opensKnown) this.showPosition(i);
      else this.position(i);
    }
    const { books } = this.#account;
    for (let row = 0; this.#showsBooks && row < books.rowCount; row++) {
      for (let i = 0; i < books.instrumentCount; i++) {
        const c = books.cell(row, i);
        if (books.qty[c] !== 0 || books.cashFlowE4[c] !== 0) this.book(books.strategyOf[row], i);
      }
    }
    this.account();
  }

  /** An order as it now is. */
  order(slot: number): void {
    this.#tellStrategy(slot);
    const events = this.#ports.events;
    const at = events.claim(OrderUpdate.BYTES);
    if (at < 0) return;
    this.writeOrder(events.memory, at, slot);
    events.commit();
  }

  #tellStrategy(slot: number): void {
    const out = this.#ports.updates[this.#outOf[this.#account.orders.strategy[slot]]];
    if (out === undefined) return;
    const at = out.claim(OrderUpdate.BYTES);
    if (at >= 0) {
      this.writeOrder(out.memory, at, slot);
      out.commit();
    } else this.lost++;
  }

  /** Writes an order as it now is to byte `at` of `memory`. */
  writeOrder(memory: FrameMemory, at: number, slot: number): void {
    const o = this.#account.orders;
    const update = this.#update.begin(memory, at);
    update.eventNs = this.nowNs;
    update.coidA = o.idA[slot];
    update.coidB = this.#day;
    update.coidC = o.idC[slot];
    update.coidD = idCheck(o.idA[slot], this.#day, o.idC[slot]);
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
    update.parentNo = o.parentNo[slot];
    update.timeInForce = o.timeInForce[slot];
    update.flags = o.marks[slot];
    update.keyA = o.keyA[slot];
    update.keyB = o.keyB[slot];
    update.keyC = o.keyC[slot];
    update.keyD = o.keyD[slot];
    update.filledAmountE4 = o.filledAmountE4[slot];
    update.feeE4 = o.feesE4[slot];
    update.createdNs = o.createdNs[slot];
  }

  /** A fill as booked, with its fee, and the book of its strategy. */
  fill(slot: number, source: Fill): void {
    const orders = this.#account.orders;
    this.book(orders.strategy[slot], orders.instrument[slot]);
    const events = this.#ports.events;
    const out = this.#ports.updates[this.#outOf[orders.strategy[slot]]];
    if (out !== undefined) {
      const at = out.claim(Fill.BYTES);
      if (at >= 0) {
        this.#writeFill(out.memory, at, slot, source);
        out.commit();
      } else this.lost++;
    }
    const at = events.claim(Fill.BYTES);
    if (at < 0) return;
    this.#writeFill(events.memory, at, slot, source);
    events.commit();
  }

  #writeFill(memory: FrameMemory, at: number, slot: number, source: Fill): void {
    const orders = this.#account.orders;
    const fill = this.#fill.begin(memory, at);
    fill.eventNs = this.nowNs;
    fill.recvNs = source.recvNs;
    fill.coidA = source.coidA;
    fill.coidB = source.coidB;
    fill.coidC = source.coidC;
    fill.coidD = source.coidD;
    fill.account = this.#account.index;
    fill.strategy = orders.strategy[slot];
    fill.instrument = orders.instrument[slot];
    fill.intentNo = orders.intentNo[slot];
    fill.side = orders.side[slot];
    fill.priceE4 = source.priceE4;
    fill.qty = source.qty;
    fill.leavesQty = Math.max(0, orders.qty[slot] - orders.filled[slot]);
    fill.fillNo = source.fillNo;
    fill.feeE4 = this.#account.lastFillFeeE4;
  }

  /** An intent the OMS itself refused; the journal hears it down the ring of orders, if asked. */
  refuseIntent(intent: Intent, code: number, journal: boolean): void {
    const events = this.#ports.events;
    const at = events.claim(Reject.BYTES);
    if (at >= 0) {
      this.#writeRefusedIntent(events.memory, at, intent, code);
      events.commit();
    }
    const orders = this.#ports.orders;
    const down = journal && orders !== null ? orders.claim(Reject.BYTES) : -1;
    if (down >= 0 && orders !== null) {
      this.#writeRefusedIntent(orders.memory, down, intent, code);
      orders.commit();
    }
    const out = this.#ports.updates[this.#outOf[intent.strategy]];
    if (out === undefined) return;
    const to = out.claim(Reject.BYTES);
    if (to < 0) {
      this.lost++;
      return;
    }
    this.#writeRefusedIntent(out.memory, to, intent, code);
    out.commit();
  }

  #writeRefusedIntent(memory: FrameMemory, at: number, intent: Intent, code: number): void {
    const reject = this.#reject.begin(memory, at);
    reject.eventNs = this.nowNs;
    reject.recvNs = intent.recvNs;
    reject.account = this.#account.index;
    reject.strategy = intent.strategy;
    reject.intentNo = intent.intentNo === 0 ? intent.targetIntentNo : intent.intentNo;
    const orders = this.#account.orders;
    const slot =
      intent.action === ACTION_CANCEL
        ? orders.findByIntent(intent.strategy, intent.targetIntentNo)
        : SLOT_NONE;
    // A refused cancel names the order it was meant for.
    const known = slot !== SLOT_NONE;
    reject.instrument = known ? orders.instrument[slot] : intent.instrument;
    reject.side = known ? orders.side[slot] : intent.side;
    reject.kind = known ? orders.kind[slot] : intent.kind;
    reject.priceE4 = known ? orders.priceE4[slot] : intent.priceE4;
    reject.qty = known ? orders.qty[slot] : intent.qty;
    reject.stage = STAGE_OMS;
    reject.code = code;
    reject.action = intent.action;
    reject.timeInForce = known ? orders.timeInForce[slot] : intent.timeInForce;
    reject.keyA = intent.keyA;
    reject.keyB = intent.keyB;
    reject.keyC = intent.keyC;
    reject.keyD = intent.keyD;
    reject.value = this.#account.value;
    reject.limit = this.#account.limit;
  }

  /** An order (or its cancel) that a later station refused. */
  refuseOrder(
    slot: number,
    action: number,
    stage: number,
    code: number,
    value: number,
    limit: number,
  ): void {
    const o = this.#account.orders;
    const events = this.#ports.events;
    const at = events.claim(Reject.BYTES);
    const out = this.#ports.updates[this.#outOf[o.strategy[slot]]];
    const to = out === undefined ? -1 : out.claim(Reject.BYTES);
    if (at < 0 && to < 0) return;
    const memory = at >= 0 || out === undefined ? events.memory : out.memory;
    const first = at >= 0 ? at : to;
    const reject = this.#reject.begin(memory, first);
    reject.eventNs = this.nowNs;
    describeRejected(reject, this.#account, this.#day, slot);
    reject.intentNo = o.intentNo[slot];
    reject.stage = stage;
    reject.code = code;
    reject.action = action;
    reject.timeInForce = o.timeInForce[slot];
    reject.keyA = o.keyA[slot];
    reject.keyB = o.keyB[slot];
    reject.keyC = o.keyC[slot];
    reject.keyD = o.keyD[slot];
    reject.value = value;
    reject.limit = limit;
    if (at >= 0 && to >= 0 && out !== undefined) copyFrame(events.memory, at, out.memory, to);
    if (at >= 0) events.commit();
    if (to >= 0 && out !== undefined) out.commit();
  }

  /** A person's word about an order that is not taken: to people only. */
  refusePerson(slot: number, action: number, code: number): void {
    const events = this.#ports.events;
    const at = events.claim(Reject.BYTES);
    if (at < 0) return;
    const reject = this.#reject.begin(events.memory, at);
    reject.eventNs = this.nowNs;
    describeRejected(reject, this.#account, this.#day, slot);
    reject.stage = STAGE_OMS;
    reject.code = code;
    reject.action = action;
    events.commit();
  }

  /** A frame for news of a parent order that no ring holds yet. */
  get parentFrame(): FrameMemory {
    return this.#parentFrame;
  }

  /** A parent order as it stands, to people. */
  parentToPeople(memory: FrameMemory, at: number): void {
    this.#ports.events.offer(memory, at);
  }

  /** A step of a parent order, written and in force: to its strategy and to people. */
  parent(memory: FrameMemory, at: number, strategy: number): void {
    this.#ports.events.offer(memory, at);
    const out = this.#ports.updates[this.#outOf[strategy]];
    if (out === undefined) return;
    const to = out.claim(ParentUpdate.BYTES);
    if (to < 0) {
      this.lost++;
      return;
    }
    copyFrame(memory, at, out.memory, to);
    out.commit();
  }

  /** The state of the account's link, as the gateway told it: to every strategy of the account. */
  link(memory: FrameMemory, at: number): void {
    const { updates } = this.#ports;
    for (let s = 0; s < updates.length; s++) {
      const out = updates[s]!;
      const to = out.claim(LinkState.BYTES);
      if (to < 0) {
        this.lost++;
        continue;
      }
      copyFrame(memory, at, out.memory, to);
      out.commit();
    }
  }

  /** A position as it now is: to people, and to every strategy of the account. */
  position(i: number): void {
    const { updates } = this.#ports;
    for (let s = 0; s < updates.length; s++) {
      const out = updates[s]!;
      const at = out.claim(PositionUpdate.BYTES);
      if (at < 0) {
        this.lost++;
        continue;
      }
      this.#writePosition(out.memory, at, i);
      out.commit();
    }
    this.showPosition(i);
  }

  /** A position at its newest price: to people; a strategy hears what is no price of the market. */
  showPosition(i: number): void {
    if (!this.#showsPositions) return;
    const { events } = this.#ports;
    const at = events.claim(PositionUpdate.BYTES);
    if (at < 0) return;
    this.#writePosition(events.memory, at, i);
    events.commit();
  }

  #writePosition(memory: FrameMemory, at: number, i: number): void {
    const p = this.#account.positions;
    const update = this.#position.begin(memory, at);
    update.eventNs = this.nowNs;
    update.account = this.#account.index;
    update.instrument = i;
    update.qty = p.qty[i];
    update.sellableQty = sellable(p, i);
    update.frozenQty = p.frozen[i];
    update.boughtTodayQty = p.boughtToday[i];
    update.lastE4 = p.lastE4[i];
    update.heldDays = p.heldDays[i];
    update.costAmountE4 = p.costAmountE4[i];
    update.realisedE4 = p.realisedE4[i];
    update.unrealisedE4 = unrealisedE4(p, i);
  }

  /** A strategy's book of an instrument as it now is: to people. */
  book(strategy: number, i: number): void {
    if (!this.#showsBooks) return;
    const { events } = this.#ports;
    const at = events.claim(BookLine.BYTES);
    if (at < 0) return;
    const { books, positions } = this.#account;
    const row = books.rowOf(strategy);
    const c = books.cell(row, i);
    const line = this.#bookLine.begin(events.memory, at);
    line.eventNs = this.nowNs;
    line.account = this.#account.index;
    line.strategy = books.strategyOf[row];
    line.instrument = i;
    line.qty = books.qty[c];
    line.heldDays = positions.heldDays[i];
    line.kind = LINE_NOW;
    line.costAmountE4 = books.costAmountE4[c];
    line.realisedE4 = books.realisedE4[c];
    line.feesE4 = books.feesE4[c];
    line.cashFlowE4 = books.cashFlowE4[c];
    events.commit();
  }

  /** The account as it now is: to people, and to every strategy of it. */
  account(): void {
    const { updates, events } = this.#ports;
    for (let s = 0; s < updates.length; s++) {
      const out = updates[s]!;
      const at = out.claim(AccountUpdate.BYTES);
      if (at < 0) {
        this.lost++;
        continue;
      }
      this.#writeAccount(out.memory, at);
      out.commit();
    }
    const at = events.claim(AccountUpdate.BYTES);
    if (at < 0) return;
    this.#writeAccount(events.memory, at);
    events.commit();
  }

  #writeAccount(memory: FrameMemory, at: number): void {
    const account = this.#account;
    const { totals } = account.positions;
    const update = this.#accountUpdate.begin(memory, at);
    update.eventNs = this.nowNs;
    update.account = account.index;
    update.openOrders = account.openOrders;
    update.cashE4 = account.cash.cashE4;
    update.reservedE4 = account.cash.reservedE4;
    update.feesE4 = account.cash.feesE4;
    update.marketValueE4 = totals[TOTAL_VALUE];
    update.realisedE4 = totals[TOTAL_REALISED];
    update.unrealisedE4 = totals[TOTAL_VALUE] - totals[TOTAL_COST];
    update.openingEquityE4 = account.cash.openingEquityE4;
  }
}
