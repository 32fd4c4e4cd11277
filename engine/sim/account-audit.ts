// The auditor's arithmetic for one account: recomputes positions, cash, reservations and statuses
// from order rows, and compares them with the broker's ledger. Called by auditor.ts after each
// cycle of an OMS. Invariant: no function of the engine's accounting is used here.
import type { Account } from '../core/account.ts';
import { SIDE_BUY, STRATEGY_NONE } from '../messages/codes.ts';
import { type BrokerLedger, type BrokerOrder, tariffFeesE4 } from './broker-ledger.ts';
import { coidKey } from './journal-eye.ts';
import { isTraceable } from './sim-broker.ts';
import { demand } from './violation.ts';

// Statuses by number, as docs/MESSAGES.md gives them.
const PENDING = 1;
const SUBMITTED = 2;
const ACCEPTED = 3;
const PARTLY_FILLED = 4;
const FILLED = 5;
const CANCEL_PENDING = 6;
const CANCELLED = 7;
const PARTLY_CANCELLED = 8;
const REJECTED = 9;
const UNKNOWN = 10;
/** It waits for its session: the broker never saw it. */
const HELD = 11;
const LIVE = [PENDING, SUBMITTED, ACCEPTED, PARTLY_FILLED, CANCEL_PENDING, UNKNOWN, HELD];

export class AccountAudit {
  readonly #ledger: BrokerLedger;
  readonly #orders: ReadonlyMap<number, BrokerOrder>;
  readonly #instrumentCount: number;
  readonly #sameDay: readonly number[];
  #account: Account | null = null;
  /** Status and filled quantity of each slot when last looked at. */
  #statuses: number[] = [];
  #fills: number[] = [];
  readonly #slots = new Map<number, number>();
  /** Orders of which something was said that the OMS may just have heard: they were known then. */
  readonly named = new Set<number>();

  constructor(ledger: BrokerLedger, orders: ReadonlyMap<number, BrokerOrder>) {
    this.#ledger = ledger;
    this.#orders = orders;
    this.#instrumentCount = ledger.openingQty.length;
    this.#sameDay = ledger.sameDay;
  }

  beginLife(account: Account): void {
    this.#account = account;
    const { orders } = account;
    this.#statuses = Array.from(orders.status.subarray(0, orders.count));
    this.#fills = Array.from(orders.filled.subarray(0, orders.count));
    this.#slots.clear();
    this.named.clear();
    this.#index();
  }

  /** Slot of an order in the OMS, or -1. */
  slotOf(key: number): number {
    return this.#slots.get(key) ?? -1;
  }

  #index(): void {
    const { orders } = this.#account!;
    for (let slot = this.#slots.size; slot < orders.count; slot++) {
      const key = coidKey(orders.idA[slot]!, orders.idC[slot]!);
      demand(!this.#slots.has(key), 'I4', () => `order ${key} twice in the OMS`);
      this.#slots.set(key, slot);
    }
  }

  /** The broker's order of a slot: by id, or of another's by the number that the gateway knows. */
  #theirs(slot: number): BrokerOrder | undefined {
    const { orders } = this.#account!;
    const [a, c] = [orders.idA[slot]!, orders.idC[slot]!];
    if ((a & 0xffffff) !== 0) return this.#orders.get(coidKey(a, c));
    const no = this.numberOf(a, c);
    return this.#ledger.orders.find((order) => order.no === no);
  }

  /** Broker's number of an adopted order; set by the world for each life. */
  numberOf: (idA: number, idC: number) => number = () => 0;

  /** R3: a new life knows the fate of nothing that the one before left open. */
  mustKnowNothing(): void {
    const { orders } = this.#account!;
    for (let slot = 0; slot < orders.count; slot++) {
      const status = orders.status[slot]!;
      const isFair = !LIVE.includes(status) || status === UNKNOWN || status === HELD;
      demand(isFair, 'I11', () => `slot ${slot} has status ${status} after a restart`);
    }
  }

  /** A day begins: all that is held may be sold (T+1), nothing was traded, both sides agree. */
  mustOpenFree(): void {
    const { positions, cash } = this.#account!;
    const theirs = this.#ledger.openingCashE4;
    demand(cash.cashE4 === theirs, 'I8', () => `opens with ${cash.cashE4}, broker ${theirs}`);
    for (let i = 0; i < this.#instrumentCount; i++) {
      const held = this.#ledger.openingQty[i]!;
      const { qty, sellableOpen, boughtToday, soldToday, frozen } = positions;
      const free = sellableOpen[i]! + boughtToday[i]! - soldToday[i]! - frozen[i]!;
      const text = (): string => `opens with ${qty[i]} of ${i}, ${free} free, broker ${held}`;
      demand(qty[i] === held && free === held && boughtToday[i] === 0, 'I9', text);
    }
  }

  /** I5, I8: the books of strategies add up to the account's shares and cash. */
  #checkBooks(cashE4: number): void {
    const { books, positions } = this.#account!;
    let flowE4 = 0;
    for (let i = 0; i < this.#instrumentCount; i++) {
      let qty = 0;
      for (let at = i; at < books.qty.length; at += this.#instrumentCount) {
        qty += books.qty[at]!;
        flowE4 += books.cashFlowE4[at]!;
      }
      demand(qty === positions.qty[i], 'I5', () => `books of ${i} hold ${qty} in all`);
    }
    const found = this.#ledger.openingCashE4 + flowE4;
    demand(found === cashE4, 'I8', () => `books make cash ${found}, expected ${cashE4}`);
  }

  /** I11: where an order's fate was unknown before and behind this cycle, nothing was bought. */
  #checkUnknown(): void {
    const { orders } = this.#account!;
    for (let slot = this.#statuses.length; slot < orders.count; slot++) {
      // What the broker's list brought was not bought by this life.
      const isOurs = orders.strategy[slot] !== STRATEGY_NONE;
      if (orders.side[slot] !== SIDE_BUY || !isOurs) continue;
      for (const [old, before] of this.#statuses.entries()) {
        const isStill = before === UNKNOWN && orders.status[old] === UNKNOWN;
        const wasNamed = this.named.has(coidKey(orders.idA[old]!, orders.idC[old]!));
        const blocks = isStill && !wasNamed;
        const same = orders.instrument[old] === orders.instrument[slot];
        demand(!blocks || !same, 'I11', () => `slot ${slot} bought while ${old} is unknown`);
      }
    }
  }

  /** Everything about the account as the OMS holds it now. O(orders). */
  check(): void {
    if (this.#account === null) return;
    this.#index();
    this.#checkUnknown();
    const { orders, positions, cash } = this.#account;
    const n = this.#instrumentCount;
    const openBuy = new Array<number>(n).fill(0);
    const openSell = new Array<number>(n).fill(0);
    const bought = new Array<number>(n).fill(0);
    const sold = new Array<number>(n).fill(0);
    let cashE4 = this.#ledger.openingCashE4;
    let reservedE4 = 0;
    for (let slot = 0; slot < orders.count; slot++) {
      this.#checkOrder(slot);
      const i = orders.instrument[slot]!;
      const buy = orders.side[slot] === SIDE_BUY;
      const filled = orders.filled[slot]!;
      const amount = orders.filledAmountE4[slot]!;
      cashE4 += buy ? -amount : amount;
      cashE4 -= tariffFeesE4(this.#ledger.tariffs[i]!, orders.side[slot]!, amount);
      (buy ? bought : sold)[i]! += filled;
      if (!LIVE.includes(orders.status[slot]!)) continue;
      const leaves = Math.max(0, orders.qty[slot]! - filled);
      (buy ? openBuy : openSell)[i]! += leaves;
      if (buy) reservedE4 += this.#hold(slot, leaves);
    }
    demand(cash.cashE4 === cashE4, 'I8', () => `cashE4=${cash.cashE4}, expected ${cashE4}`);
    const held = cash.reservedE4;
    demand(held === reservedE4, 'I8', () => `reservedE4=${held}, expected ${reservedE4}`);
    this.#checkBooks(cashE4);
    for (let i = 0; i < n; i++) {
      const qty = this.#ledger.openingQty[i]! + bought[i]! - sold[i]!;
      demand(positions.qty[i] === qty, 'I5', () => `qty=${positions.qty[i]}, expected ${qty}`);
      const { frozen } = positions;
      demand(frozen[i] === openSell[i], 'I9', () => `frozen=${frozen[i]}, open ${openSell[i]}`);
      const working = positions.openBuy[i];
      demand(working === openBuy[i], 'I8', () => `openBuy=${working}, expected ${openBuy[i]}`);
      const today = this.#sameDay[i]! * bought[i]!;
      const free = this.#ledger.openingQty[i]! + today - sold[i]! - openSell[i]!;
      const fair = free >= 0 || this.#ledger.misled;
      demand(fair, 'I9', () => `instrument ${i}: ${-free} shares sold that are not there`);
    }
  }

  #checkOrder(slot: number): void {
    const { orders } = this.#account!;
    const status = orders.status[slot]!;
    const filled = orders.filled[slot]!;
    const key = coidKey(orders.idA[slot]!, orders.idC[slot]!);
    const before = this.#statuses[slot] ?? 0;
    const grew = filled > (this.#fills[slot] ?? 0);
    if (before !== 0 && before !== status && !LIVE.includes(before)) {
      const late = grew && (status === PARTLY_CANCELLED || status === FILLED);
      demand(late, 'I10', () => `order ${key}: status ${before} became ${status}`);
    }
    this.#statuses[slot] = status;
    this.#fills[slot] = filled;
    const theirs = this.#theirs(slot);
    const most = theirs?.filled ?? 0;
    demand(filled <= most, 'I6', () => `order ${key}: filled=${filled}, broker says ${most}`);
    const count = theirs?.fills.length ?? 0;
    const seen = orders.fillCount[slot]!;
    demand(seen <= count, 'I6', () => `order ${key}: ${seen} fills, broker made ${count}`);
    if (filled > orders.qty[slot]!) {
      demand(this.#account!.overfills > 0, 'I7', () => `order ${key}: overfill not counted`);
    }
    if (!LIVE.includes(status)) {
      const held = orders.reservedE4[slot]!;
      demand(held === 0, 'I8', () => `order ${key}: ended, holds ${held}`);
    }
  }

  /** What a live buy must hold back: the price times what is open, and the fees that can come. */
  #hold(slot: number, leaves: number): number {
    if (leaves === 0) return 0;
    const { orders } = this.#account!;
    const tariff = this.#ledger.tariffs[orders.instrument[slot]!]!;
    const priceE4 = orders.priceE4[slot]! > 0 ? orders.priceE4[slot]! : this.#upper(slot);
    const done = orders.filledAmountE4[slot]!;
    const all = tariffFeesE4(tariff, SIDE_BUY, done + leaves * priceE4);
    return leaves * priceE4 + all - tariffFeesE4(tariff, SIDE_BUY, done);
  }

  #upper(slot: number): number {
    return this.upperLimitE4[this.#account!.orders.instrument[slot]!]!;
  }

  /** The day's upper limits: what an order without a limit is valued at. */
  upperLimitE4: readonly number[] = [];

  /** Orders that nobody can prove anything about; set by the world. */
  beyondProof: ReadonlySet<number> = new Set();

  #isBeyondProof(slot: number): boolean {
    const { orders } = this.#account!;
    return this.beyondProof.has(coidKey(orders.idA[slot]!, orders.idC[slot]!));
  }

  /** At rest, orders still working: nothing is unknown, and no cancel is waited for in vain. */
  mustMatchLive(): void {
    const { orders } = this.#account!;
    for (let slot = 0; slot < orders.count; slot++) {
      const status = orders.status[slot]!;
      if (!LIVE.includes(status) || this.#isBeyondProof(slot)) continue;
      const theirs = this.#theirs(slot);
      const text = (): string => `order ${theirs?.key}: status ${status}, broker ${theirs?.state}`;
      demand(theirs?.state === 'live', 'I22', text);
      demand(status === (orders.filled[slot]! > 0 ? PARTLY_FILLED : ACCEPTED), 'I22', text);
    }
  }

  /** After everything has calmed down: the OMS and the broker must say the same. */
  mustEqualBroker(): void {
    this.check();
    const { orders, positions, cash } = this.#account!;
    const adopted = new Map<number, number>();
    for (let slot = 0; slot < orders.count; slot++) {
      if ((orders.idA[slot]! & 0xffffff) === 0) adopted.set(this.#theirs(slot)?.no ?? 0, slot);
    }
    for (const theirs of this.#ledger.orders) {
      // Without remark and number it is nobody's: the broker's order is adopted, ours stays open.
      const isForeign = theirs.external || !isTraceable(theirs);
      const slot = isForeign ? (adopted.get(theirs.no) ?? -1) : this.slotOf(theirs.key);
      if (isForeign) demand(slot >= 0, 'I24', () => `number ${theirs.no} was not adopted`);
      demand(slot >= 0, 'I22', () => `the broker has order ${theirs.key}, the OMS has not`);
      const { filled, status } = { filled: orders.filled[slot]!, status: orders.status[slot]! };
      const found = `order ${theirs.key}: status ${status} filled ${filled}`;
      const text = (): string => `${found}, broker ${theirs.state} ${theirs.filled}`;
      demand(filled === theirs.filled, 'I22', text);
      demand(orders.filledAmountE4[slot] === theirs.amountE4, 'I22', text);
      demand(status === endOf(theirs), 'I22', text);
    }
    for (let slot = 0; slot < orders.count; slot++) {
      const status = orders.status[slot]!;
      const live = LIVE.includes(status);
      if (this.#isBeyondProof(slot)) {
        demand(status === UNKNOWN, 'I11', () => `slot ${slot}: status ${status} without proof`);
      } else demand(!live, 'I22', () => `order in slot ${slot} is still open`);
    }
    this.#mustHoldNothing();
    const theirCash = this.#ledger.cashE4();
    demand(cash.cashE4 === theirCash, 'I8', () => `cashE4=${cash.cashE4}, broker ${theirCash}`);
    for (let i = 0; i < this.#instrumentCount; i++) {
      const qty = this.#ledger.qty(i);
      demand(positions.qty[i] === qty, 'I5', () => `qty=${positions.qty[i]}, broker ${qty}`);
    }
  }

  /** Only what nobody can prove still holds cash and shares; check() has compared how much. */
  #mustHoldNothing(): void {
    const { orders, positions, cash } = this.#account!;
    for (let slot = 0; slot < orders.count; slot++) if (this.#isBeyondProof(slot)) return;
    const { openBuy, frozen } = positions;
    const left =
      cash.reservedE4 + openBuy.reduce((s, q) => s + q, 0) + frozen.reduce((s, q) => s + q, 0);
    demand(left === 0, 'I8', () => `nothing is open, ${left} is held`);
  }

  /** Another account rebuilt from the journal must be this one. */
  mustEqualRecovered(other: Account): void {
    const mine = this.#account!;
    for (let slot = 0; slot < mine.orders.count; slot++) {
      const key = coidKey(mine.orders.idA[slot]!, mine.orders.idC[slot]!);
      const there = other.orders.findById(mine.orders.idA[slot]!, mine.orders.idC[slot]!);
      demand(there >= 0, 'I21', () => `order ${key} is not in the journal`);
      const same =
        mine.orders.status[slot] === other.orders.status[there] &&
        mine.orders.filled[slot] === other.orders.filled[there] &&
        mine.orders.feesE4[slot] === other.orders.feesE4[there];
      const status = other.orders.status[there];
      demand(same, 'I21', () => `order ${key}: ${mine.orders.status[slot]}, journal ${status}`);
    }
    const cash = other.cash.cashE4;
    demand(mine.cash.cashE4 === cash, 'I21', () => `cash ${mine.cash.cashE4}, journal ${cash}`);
    for (let i = 0; i < this.#instrumentCount; i++) {
      const qty = other.positions.qty[i];
      demand(mine.positions.qty[i] === qty, 'I21', () => `position ${i}, journal ${qty}`);
    }
    const { count, state } = mine.parents;
    const there = other.parents;
    demand(count === there.count, 'I21', () => `${count} parents, journal ${there.count}`);
    for (let p = 0; p < count; p++) {
      const written = there.state[p];
      demand(state[p] === written, 'I21', () => `parent ${p}: ${state[p]}, journal ${written}`);
    }
  }
}

function endOf(order: BrokerOrder): number {
  if (order.filled >= order.qty) return FILLED;
  if (order.state === 'rejected') return REJECTED;
  return order.filled > 0 ? PARTLY_CANCELLED : CANCELLED;
}
