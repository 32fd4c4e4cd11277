// One account: its orders, shares and cash, and how each event changes them. Pure state, no rings:
// the OMS drives it live and recovery drives it from the journal, through the same methods.
// Invariants: an open buy reserves exactly its leaves and the fees they can cause; an open sell
// freezes exactly its leaves; what is final holds nothing. Allocates at construction only.
import { assert, fail } from '../assert.ts';
import {
  ORDER_CONFIRMED,
  ORDER_SETTLED,
  SETTLE_REJECTED,
  SIDE_BUY,
  STAGE_OMS,
  STAGE_RISK,
} from '../messages/codes.ts';
import { availableE4, CashBook } from './cash.ts';
import { ParentTable } from './execution/parent-table.ts';
import { buyReserveE4, type FeeSchedule, orderFeesE4 } from './fees.ts';
import { KeyIndex } from './key-index.ts';
import {
  EVENT_CANCEL_SENT,
  EVENT_CANCELLED,
  EVENT_LAST_FILL,
  EVENT_PARTIAL_FILL,
  EVENT_REJECTED,
  INVALID,
  isFinal,
  isOpen,
  STAY,
  transition,
} from './order.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_HELD,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_PENDING,
  STATUS_REJECTED,
  STATUS_UNKNOWN,
} from './order-status.ts';
import { OrderTable, SLOT_NONE } from './order-table.ts';
import {
  bookBuy,
  bookSell,
  PositionBook,
  sellable,
  TOTAL_REALISED,
  TOTAL_VALUE,
} from './position.ts';
import {
  REJECT_CASH,
  REJECT_NONE,
  REJECT_PARKED,
  REJECT_SELLABLE,
  REJECT_SETTLED,
} from './reject-code.ts';
import type { StateHash } from './state-hash.ts';
import { bookStrategyFill, StrategyBooks } from './strategy-books.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

export class Account {
  readonly index: number;
  /** By instrument; the maker of the account may replace entries before the first order. */
  readonly fees: FeeSchedule[];
  readonly orders: OrderTable;
  readonly positions: PositionBook;
  /** Parent and conditional orders. */
  readonly parents: ParentTable;
  /** Keys of clients, and what became of them. */
  readonly keys: KeyIndex;
  readonly cash = new CashBook();
  /** Whose shares and cash they are. */
  readonly books: StrategyBooks;
  /** Orders that can still trade. */
  openOrders = 0;
  /** Orders of unknown fate, by instrument: while there is one, nothing more is bought of it. */
  readonly unknown: Int32Array;
  /** Events that contradicted a status; fills after the end; fills beyond the quantity. */
  invalidEvents = 0;
  lateFills = 0;
  overfills = 0;
  fillCount = 0;
  /** Fee of the fill last applied. */
  lastFillFeeE4 = 0;
  /** What the last refusal found and what was allowed. */
  value = 0;
  limit = 0;

  /**
   * `fees`: one schedule for all, or by instrument; `strategies`: indices of those that have books
   * of their own; all else is the desk's.
   */
  constructor(
    index: number,
    fees: FeeSchedule | readonly FeeSchedule[],
    orderCapacity: number,
    instrumentCount: number,
    strategies: readonly number[] = [],
    tables: Tables = NEW_TABLES,
  ) {
    this.index = index;
    this.books = new StrategyBooks(strategies, instrumentCount, tables);
    this.fees =
      'length' in fees ? fees.slice() : new Array<FeeSchedule>(instrumentCount).fill(fees);
    this.parents = tables.take('parents', () => new ParentTable());
    this.orders = tables.take(`orders ${orderCapacity}`, () => new OrderTable(orderCapacity));
    this.keys = tables.take(`keys ${orderCapacity}`, () => new KeyIndex(orderCapacity));
    this.positions = new PositionBook(instrumentCount, tables);
    this.unknown = tables.int32(instrumentCount);
  }
}

/** Whether cash or shares suffice for a new order: REJECT_NONE or a code. Changes nothing. */
export function checkFunds(
  account: Account,
  side: number,
  instrument: number,
  valueE4: number,
  qty: number,
): number {
  if (side === SIDE_BUY) {
    const need = buyReserveE4(account.fees[instrument], side, 0, valueE4 * qty);
    const available = availableE4(account.cash);
    if (need <= available) return REJECT_NONE;
    account.value = need;
    account.limit = available;
    return REJECT_CASH;
  }
  const free = sellable(account.positions, instrument);
  if (qty <= free) return REJECT_NONE;
  account.value = qty;
  account.limit = free;
  return REJECT_SELLABLE;
}

/**
 * Enters an order as PENDING and reserves for it; its slot, or SLOT_NONE: the table is full. The
 * caller enters `createdNs` of the slot itself: as an argument a float64 would be boxed.
 */
export function enterOrder(
  account: Account,
  idA: number,
  idC: number,
  strategy: number,
  intentNo: number,
  instrument: number,
  side: number,
  kind: number,
  timeInForce: number,
  priceE4: number,
  valueE4: number,
  qty: number,
): number {
  const orders = account.orders;
  const slot = orders.insert(idA, idC, strategy, intentNo);
  if (slot === SLOT_NONE) return SLOT_NONE;
  orders.instrument[slot] = instrument;
  orders.side[slot] = side;
  orders.kind[slot] = kind;
  orders.timeInForce[slot] = timeInForce;
  orders.priceE4[slot] = priceE4;
  orders.valueE4[slot] = valueE4;
  orders.qty[slot] = qty;
  orders.status[slot] = STATUS_PENDING;
  account.openOrders++;
  if (side === SIDE_BUY) account.positions.openBuy[instrument] += qty;
  else account.positions.frozen[instrument] += qty;
  settleReservation(account, slot);
  return slot;
}

/** Notes the client's key of the order just entered; four zeros are none. */
export function bindKey(
  account: Account,
  slot: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  const orders = account.orders;
  orders.keyA[slot] = a;
  orders.keyB[slot] = b;
  orders.keyC[slot] = c;
  orders.keyD[slot] = d;
  if ((a | b | c | d) !== 0) account.keys.bindOrder(a, b, c, d, slot);
}

/**
 * Applies an event other than a fill: the new status, STAY when nothing changed, or INVALID.
 * Cancelled with fills becomes PARTLY_CANCELLED; live again with fills becomes PARTLY_FILLED.
 */
export function applyEvent(
  account: Account,
  slot: number,
  event: number,
  code: number,
  stage: number,
): number {
  const orders = account.orders;
  const before = orders.status[slot];
  const next = transition(before, event);
  const filled = orders.filled[slot];
  // What has traded was not refused: the report contradicts the fills, the order stays reserved.
  const contradicts = next === STATUS_REJECTED && filled > 0;
  if (next === INVALID || contradicts) {
    account.invalidEvents++;
    return INVALID;
  }
  if (next === STAY) return STAY;
  let status = next;
  if (next === STATUS_CANCELLED && filled > 0) status = STATUS_PARTLY_CANCELLED;
  if (next === STATUS_ACCEPTED && filled > 0) status = STATUS_PARTLY_FILLED;
  orders.status[slot] = status;
  countUnknown(account, slot, before);
  if (event !== EVENT_CANCEL_SENT) {
    orders.code[slot] = code;
    orders.stage[slot] = stage;
  }
  if (isOpen(before) && isFinal(status)) closeOrder(account, slot);
  return status;
}

/**
 * The order is written and waits: for its session (code REJECT_NONE) or for what the code says.
 * HELD, or STAY when something else came first.
 */
export function holdOrder(account: Account, slot: number, code: number): number {
  const { orders } = account;
  if (orders.status[slot] !== STATUS_PENDING) {
    // A held order that risk has parked, or wants split, as it was to go out.
    if (orders.status[slot] !== STATUS_HELD || code === REJECT_NONE) return STAY;
  }
  orders.status[slot] = STATUS_HELD;
  orders.code[slot] = code;
  orders.stage[slot] = code === REJECT_NONE ? 0 : STAGE_RISK;
  return STATUS_HELD;
}

/** A second person has confirmed a parked order: what it waits for now is its way out. */
export function confirmOrder(account: Account, slot: number): boolean {
  const { orders } = account;
  if (orders.status[slot] !== STATUS_HELD || orders.code[slot] !== REJECT_PARKED) return false;
  orders.marks[slot] |= ORDER_CONFIRMED;
  orders.code[slot] = REJECT_NONE;
  orders.stage[slot] = 0;
  return true;
}

/**
 * A person closes an order of unknown fate, by figures he answers for: `filledQty` traded in all,
 * those that were not booked before at `priceE4`. Its status, or STAY: it is not unknown any more.
 */
export function settleOrder(
  account: Account,
  slot: number,
  outcome: number,
  filledQty: number,
  priceE4: number,
): number {
  const { orders } = account;
  if (orders.status[slot] !== STATUS_UNKNOWN) return STAY;
  const more = filledQty - orders.filled[slot];
  orders.marks[slot] |= ORDER_SETTLED;
  if (more > 0) {
    orders.settled[slot] += more;
    bookTrade(account, slot, priceE4, more);
  }
  if (!isOpen(orders.status[slot])) return orders.status[slot];
  const event = outcome === SETTLE_REJECTED ? EVENT_REJECTED : EVENT_CANCELLED;
  return applyEvent(account, slot, event, REJECT_SETTLED, STAGE_OMS);
}

/** A held order goes on to risk: pending, with its reservation as it was. */
export function releaseOrder(account: Account, slot: number): void {
  const { orders } = account;
  assert(orders.status[slot] === STATUS_HELD, 'released order, expected held');
  orders.status[slot] = STATUS_PENDING;
  orders.code[slot] = REJECT_NONE;
  orders.stage[slot] = 0;
}

/**
 * The broker says the order ended by cancel with `filledQty` traded in all. Fills that are still on
 * their way keep it open, and everything it holds: what they sell or pay is not free for others.
 */
export function applyCancelled(
  account: Account,
  slot: number,
  filledQty: number,
  code: number,
  stage: number,
): number {
  const orders = account.orders;
  const awaited = filledQty > orders.filled[slot] && filledQty <= orders.qty[slot];
  if (!awaited || !isOpen(orders.status[slot])) {
    return applyEvent(account, slot, EVENT_CANCELLED, code, stage);
  }
  orders.endsAt[slot] = filledQty;
  return STAY;
}

/**
 * Applies a fill: always booked, whatever the status says; returns the status after it. Shares that
 * a person's word has booked before are not booked again: a price that differs shows in the
 * broker's statement.
 */
export function applyFill(account: Account, slot: number, priceE4: number, qty: number): number {
  const { orders } = account;
  orders.fillCount[slot]++;
  account.fillCount++;
  account.lastFillFeeE4 = 0;
  const known = qty < orders.settled[slot] ? qty : orders.settled[slot];
  orders.settled[slot] -= known;
  if (known === qty) return orders.status[slot];
  return bookTrade(account, slot, priceE4, qty - known);
}

function bookTrade(account: Account, slot: number, priceE4: number, qty: number): number {
  const orders = account.orders;
  const instrument = orders.instrument[slot];
  const side = orders.side[slot];
  const before = orders.status[slot];
  const open = isOpen(before);
  const filled = orders.filled[slot] + qty;
  const amount = priceE4 * qty;
  if (!open) account.lateFills++;
  if (filled > orders.qty[slot]) account.overfills++;
  releaseShares(account, slot, qty);
  orders.filled[slot] = filled;
  bookFees(account, slot, side, amount);
  if (side === SIDE_BUY) {
    bookBuy(account.positions, instrument, qty, amount);
    account.cash.cashE4 -= amount;
  } else {
    bookSell(account.positions, instrument, qty, amount);
    account.cash.cashE4 += amount;
  }
  const feeE4 = account.lastFillFeeE4;
  bookStrategyFill(account.books, orders.strategy[slot], instrument, side, qty, amount, feeE4);
  const event = filled >= orders.qty[slot] ? EVENT_LAST_FILL : EVENT_PARTIAL_FILL;
  const next = transition(before, event);
  if (next > 0) orders.status[slot] = next;
  else account.invalidEvents++;
  const endsAt = orders.endsAt[slot];
  if (endsAt > 0 && filled >= endsAt && isOpen(orders.status[slot])) {
    orders.status[slot] = STATUS_PARTLY_CANCELLED;
  }
  countUnknown(account, slot, before);
  if (open && isFinal(orders.status[slot])) closeOrder(account, slot);
  else settleReservation(account, slot);
  return orders.status[slot];
}

/** The order was `before` until now. */
function countUnknown(account: Account, slot: number, before: number): void {
  const now = account.orders.status[slot];
  if (before === now) return;
  if (before === STATUS_UNKNOWN) account.unknown[account.orders.instrument[slot]]--;
  else if (now === STATUS_UNKNOWN) account.unknown[account.orders.instrument[slot]]++;
}

/** Charges what the order's fees have grown by with this fill. */
function bookFees(account: Account, slot: number, side: number, amountE4: number): void {
  const orders = account.orders;
  orders.filledAmountE4[slot] += amountE4;
  const fees = account.fees[orders.instrument[slot]];
  const total = orderFeesE4(fees, side, orders.filledAmountE4[slot]);
  const fee = total - orders.feesE4[slot];
  orders.feesE4[slot] = total;
  account.lastFillFeeE4 = fee;
  account.cash.feesE4 += fee;
  account.cash.cashE4 -= fee;
}

/** Takes filled shares out of the open buys or frozen shares, as far as the order held any. */
function releaseShares(account: Account, slot: number, qty: number): void {
  const orders = account.orders;
  if (!isOpen(orders.status[slot])) return;
  const leaves = orders.qty[slot] - orders.filled[slot];
  const part = qty < leaves ? qty : leaves;
  if (part <= 0) return;
  const instrument = orders.instrument[slot];
  if (orders.side[slot] === SIDE_BUY) account.positions.openBuy[instrument] -= part;
  else account.positions.frozen[instrument] -= part;
}

/** A final order gives back everything it still held. */
function closeOrder(account: Account, slot: number): void {
  const orders = account.orders;
  const leaves = orders.qty[slot] - orders.filled[slot];
  const instrument = orders.instrument[slot];
  if (leaves > 0) {
    if (orders.side[slot] === SIDE_BUY) account.positions.openBuy[instrument] -= leaves;
    else account.positions.frozen[instrument] -= leaves;
  }
  account.cash.reservedE4 -= orders.reservedE4[slot];
  orders.reservedE4[slot] = 0;
  account.openOrders--;
  const { reservedE4 } = account.cash;
  if (reservedE4 < 0) fail(`reservedE4=${reservedE4}, expected >= 0`);
  assert(account.positions.frozen[instrument] >= 0, 'frozen < 0');
}

/** Brings an open buy's reservation to what its leaves need. */
function settleReservation(account: Account, slot: number): void {
  const orders = account.orders;
  if (orders.side[slot] !== SIDE_BUY || !isOpen(orders.status[slot])) return;
  const leaves = orders.qty[slot] - orders.filled[slot];
  const need = buyReserveE4(
    account.fees[orders.instrument[slot]],
    SIDE_BUY,
    orders.filledAmountE4[slot],
    leaves * orders.valueE4[slot],
  );
  account.cash.reservedE4 += need - orders.reservedE4[slot];
  orders.reservedE4[slot] = need;
}

/** Market value of everything held, 1/10,000 yuan. */
export function accountValueE4(account: Account): number {
  return account.positions.totals[TOTAL_VALUE];
}

/** Realised profit of the day, fees excluded, 1/10,000 yuan. */
export function accountRealisedE4(account: Account): number {
  return account.positions.totals[TOTAL_REALISED];
}

/** Mixes orders, positions and cash into `hash`; process life and clock do not count. */
export function hashAccount(account: Account, hash: StateHash): void {
  const orders = account.orders;
  hash.int(orders.count);
  for (let slot = 0; slot < orders.count; slot++) {
    hash.int(orders.strategy[slot]);
    hash.int(orders.intentNo[slot]);
    hash.int(orders.instrument[slot]);
    hash.int((orders.side[slot] << 16) | (orders.kind[slot] << 8) | orders.status[slot]);
    hash.int(orders.priceE4[slot]);
    hash.int(orders.qty[slot]);
    hash.int(orders.filled[slot]);
    hash.int(orders.code[slot]);
    hash.float(orders.filledAmountE4[slot]);
    hash.float(orders.feesE4[slot]);
  }
  const { parents, positions } = account;
  for (let p = 0; p < parents.count; p++) {
    hash.int(parents.parentNo[p]);
    hash.int(parents.state[p]);
    hash.int(parents.filled[p]);
  }
  const { count, qty, soldToday, frozen, costAmountE4, realisedE4 } = positions;
  hash.rows(count, qty, soldToday, frozen, costAmountE4, realisedE4);
  hash.float(account.cash.cashE4);
  hash.float(account.cash.reservedE4);
  hash.float(account.cash.feesE4);
}
