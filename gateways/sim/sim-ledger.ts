// The simulated exchange's books: every order of its table and every trade it made, and what the
// accounts hold by them. The broker desk answers queries from them. Called by sim-exchange.ts.
// Invariant: written before the fill is reported, so an answer never lacks what a report said.
import type { FeeSchedule } from '../../engine/core/fees.ts';
import { orderFeesE4 } from '../../engine/core/fees.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { idCheck } from '../../engine/core/order-id.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
} from '../../engine/core/order-status.ts';
import { NEW_TABLES, type Tables } from '../../engine/core/tables.ts';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import type {
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  BrokerTrade,
} from '../../engine/messages/generated/broker.ts';
import type { DeskLedger } from './broker-desk.ts';
import type { WorkingOrders } from './working-orders.ts';

/** What an account opened with. */
export interface LedgerAccount {
  readonly cashE4: number;
  readonly positions: readonly { readonly instrument: number; readonly qty: number }[];
  /** By instrument. */
  readonly fees: readonly FeeSchedule[];
}

export interface LedgerOptions {
  readonly accounts: readonly LedgerAccount[];
  readonly instruments: readonly Instrument[];
  /** Order numbers of this process life are above this, fill numbers too. */
  readonly numberBase: number;
  /** Lives before this one traded today, and their books are gone. */
  readonly isLaterLife: boolean;
  /** Where tables come from; absent = new ones. */
  readonly tables?: Tables;
}

/** What the simulated exchange is made with. */
export interface SimExchangeOptions extends LedgerOptions {
  /** Trading day, 20260109. */
  readonly day: number;
  /** Working orders at most. */
  readonly capacity: number;
  /** Events before this engine time are of an earlier life (after a restart). */
  readonly skipUntilNs: number;
  /** The end comes when all else has come to rest, as an event does; else right behind the last. */
  readonly endsAtRest?: boolean;
}

/** Trades the books have room for at first; they grow. */
const TRADES_AT_FIRST = 1_024;

export class SimLedger implements DeskLedger {
  readonly instrumentCount: number;
  tradeCount = 0;
  readonly #working: WorkingOrders;
  readonly #options: LedgerOptions;
  readonly #cashE4: Float64Array;
  readonly #qty: Float64Array;
  readonly #sellable: Float64Array;
  /** Amount traded and fees charged of each order. */
  readonly #amountE4: Float64Array;
  readonly #feesE4: Float64Array;
  #tradeSlot = new Int32Array(TRADES_AT_FIRST);
  #tradeQty = new Int32Array(TRADES_AT_FIRST);
  #tradePriceE4 = new Int32Array(TRADES_AT_FIRST);
  #tradeNs = new Float64Array(TRADES_AT_FIRST);

  constructor(working: WorkingOrders, options: LedgerOptions) {
    const { accounts, instruments, tables = NEW_TABLES } = options;
    const instrumentCount = instruments.length;
    this.#working = working;
    this.#options = options;
    this.instrumentCount = instrumentCount;
    this.#amountE4 = working.amountE4;
    this.#feesE4 = working.feesE4;
    this.#cashE4 = Float64Array.from(accounts, (account) => account.cashE4);
    this.#qty = tables.float64(accounts.length * instrumentCount);
    this.#sellable = tables.float64(accounts.length * instrumentCount);
    for (const [a, account] of accounts.entries()) {
      for (const { instrument, qty } of account.positions) {
        this.#qty[a * instrumentCount + instrument] = qty;
        this.#sellable[a * instrumentCount + instrument] = qty;
      }
    }
  }

  get orderCount(): number {
    return this.#working.count;
  }

  /** Broker's order number of a slot of the table. */
  orderNo(slot: number): number {
    return this.#options.numberBase + slot + 1;
  }

  /** Books a trade of a working order; its fill number. */
  book(slot: number, priceE4: number, qty: number, eventNs: number): number {
    if (this.tradeCount === this.#tradeSlot.length) this.#grow();
    const n = this.tradeCount++;
    this.#tradeSlot[n] = slot;
    this.#tradeQty[n] = qty;
    this.#tradePriceE4[n] = priceE4;
    this.#tradeNs[n] = eventNs;
    this.#settle(slot, priceE4 * qty, qty);
    return this.#options.numberBase + n + 1;
  }

  orderAccount(n: number): number {
    return this.#working.account[n]!;
  }

  tradeAccount(n: number): number {
    return this.#working.account[this.#tradeSlot[n]!]!;
  }

  knowsHoldings(account: number): boolean {
    return !this.#options.isLaterLife && account < this.#cashE4.length;
  }

  readOrder(slot: number, row: BrokerOrder): void {
    const working = this.#working;
    const filled = working.filled[slot]!;
    const live = working.live[slot] === 1;
    const qty = working.qty[slot]!;
    row.account = working.account[slot]!;
    row.coidA = working.idA[slot]!;
    row.coidB = working.idB[slot]!;
    row.coidC = working.idC[slot]!;
    row.coidD = idCheck(row.coidA, row.coidB, row.coidC);
    row.instrument = working.instrument[slot]!;
    row.side = working.side[slot]!;
    row.kind = working.kind[slot]!;
    row.priceE4 = working.priceE4[slot]!;
    row.qty = qty;
    row.filledQty = filled;
    row.cancelledQty = live ? 0 : qty - filled;
    row.status = statusOf(live, filled, qty);
    row.brokerOrderNo = this.orderNo(slot);
  }

  readTrade(n: number, row: BrokerTrade): void {
    const working = this.#working;
    const slot = this.#tradeSlot[n]!;
    row.eventNs = this.#tradeNs[n]!;
    row.account = working.account[slot]!;
    row.coidA = working.idA[slot]!;
    row.coidB = working.idB[slot]!;
    row.coidC = working.idC[slot]!;
    row.coidD = idCheck(row.coidA, row.coidB, row.coidC);
    row.instrument = working.instrument[slot]!;
    row.side = working.side[slot]!;
    row.priceE4 = this.#tradePriceE4[n]!;
    row.qty = this.#tradeQty[n]!;
    row.brokerOrderNo = this.orderNo(slot);
    row.fillNo = this.#options.numberBase + n + 1;
  }

  holds(instrument: number, account: number): boolean {
    const at = account * this.instrumentCount + instrument;
    return this.#qty[at] !== 0 || this.#sellable[at] !== 0;
  }

  readPosition(instrument: number, account: number, row: BrokerPosition): void {
    const at = account * this.instrumentCount + instrument;
    row.account = account;
    row.instrument = instrument;
    row.qty = this.#qty[at]!;
    row.sellableQty = this.#sellable[at]! - this.#frozen(instrument, account);
  }

  readCash(account: number, row: BrokerCash): void {
    row.account = account;
    row.cashE4 = this.#cashE4[account]!;
    row.frozenE4 = this.#reservedE4(account);
    row.availableE4 = row.cashE4 - row.frozenE4;
  }

  /** Shares that working sells hold. */
  #frozen(instrument: number, account: number): number {
    const working = this.#working;
    let sum = 0;
    for (let n = 0; n < working.liveCount; n++) {
      const slot = working.liveSlots[n]!;
      const own = working.account[slot] === account && working.instrument[slot] === instrument;
      if (own && working.side[slot] !== SIDE_BUY) sum += working.leaves(slot);
    }
    return sum;
  }

  /** Cash that working buys hold, fees left out. */
  #reservedE4(account: number): number {
    const working = this.#working;
    let sum = 0;
    for (let n = 0; n < working.liveCount; n++) {
      const slot = working.liveSlots[n]!;
      if (working.account[slot] !== account || working.side[slot] !== SIDE_BUY) continue;
      sum += working.leaves(slot) * working.priceE4[slot]!;
    }
    return sum;
  }

  #settle(slot: number, amountE4: number, qty: number): void {
    const working = this.#working;
    const account = working.account[slot]!;
    const spec = this.#options.accounts[account];
    if (spec === undefined) return;
    const i = working.instrument[slot]!;
    const at = account * this.instrumentCount + i;
    const isBuy = working.side[slot] === SIDE_BUY;
    this.#amountE4[slot]! += amountE4;
    const fees = orderFeesE4(spec.fees[i]!, working.side[slot]!, this.#amountE4[slot]!);
    this.#cashE4[account]! += (isBuy ? -amountE4 : amountE4) - (fees - this.#feesE4[slot]!);
    this.#feesE4[slot] = fees;
    this.#qty[at]! += isBuy ? qty : -qty;
    if (!isBuy) this.#sellable[at]! -= qty;
    else if (this.#options.instruments[i]!.turnround === 1) this.#sellable[at]! += qty;
  }

  #grow(): void {
    const size = this.#tradeSlot.length * 2;
    this.#tradeSlot = enlarge(this.#tradeSlot, new Int32Array(size));
    this.#tradeQty = enlarge(this.#tradeQty, new Int32Array(size));
    this.#tradePriceE4 = enlarge(this.#tradePriceE4, new Int32Array(size));
    this.#tradeNs = enlarge(this.#tradeNs, new Float64Array(size));
  }
}

function enlarge<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function statusOf(live: boolean, filled: number, qty: number): number {
  if (filled >= qty) return STATUS_FILLED;
  if (live) return filled > 0 ? STATUS_PARTLY_FILLED : STATUS_ACCEPTED;
  return filled > 0 ? STATUS_PARTLY_CANCELLED : STATUS_CANCELLED;
}
