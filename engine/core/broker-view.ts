// What the broker has shown of one account today, order by order, and whether a pair of answers
// (orders, then trades) may be believed: rules R5 and R6. Called by the gateway link only (single
// writer); columns are indexed by the slots of its table of live orders.
// Invariants: an answer that fails one rule changes nothing but what was seen of numbers; a broker
// order has exactly one slot and a slot one broker order. Allocates at construction only.

import { QUERY_COMPLETE, SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';
import type { BridgeRow, BrokerOrder, BrokerTrade } from '../messages/generated/broker.ts';
import type { LiveOrders } from './live-orders.ts';
import { idAccount, idAccountEpoch, idCheck, idEpoch } from './order-id.ts';
import { PairIndex } from './pair-index.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** Why a pair of answers is no snapshot; SNAPSHOT_GOOD = it is one. */
export const SNAPSHOT_GOOD = 0;
/** "None", an error, a timeout, or a list that may lack rows. */
export const SNAPSHOT_INCOMPLETE = 1;
/** Another day than ours, of the answer or of a row. */
export const SNAPSHOT_OTHER_DAY = 2;
/** Other rows arrived than its end counts, or a row without order number or side. */
export const SNAPSHOT_MALFORMED = 3;
/** An order number that was seen earlier today is missing. */
export const SNAPSHOT_LACKS_ORDER = 4;
/** Trades and filled quantity of an order differ, or a trade of no listed order. */
export const SNAPSHOT_UNEQUAL = 5;
/** Less is filled or traded than before: orders and fills only grow. */
export const SNAPSHOT_SHRANK = 6;
/** One broker order under two of our ids. */
export const SNAPSHOT_CONTRADICTS = 7;
/** No slot is left for an order. */
export const SNAPSHOT_TABLE_FULL = 8;

/** A row that seemed to be another's and was ours: its slot stands for nothing any more. */
export const FOREIGN_DROPPED = 3;
/** Fills of one round that are new; more wait for the next round. */
const TRADES_MAX = 4_096;
/** Bridge states are above this: the bridge has said nothing of the id. */
const NO_BRIDGE_ROW = 0;

export class BrokerView {
  readonly live: LiveOrders;
  /** As last listed. */
  readonly filled: Int32Array;
  readonly status: Int8Array;
  /** Sum of the trades listed in the running round, and in the last good one. */
  readonly traded: Int32Array;
  readonly #tradedBefore: Int32Array;
  /** Round that listed it last; 0 = never. */
  readonly #listed: Int32Array;
  /** Running number with which its broker number became known; 0 = not known. */
  readonly #known: Int32Array;
  /** BRIDGE_* of the bridge's journal, and the code of a refusal. */
  readonly bridge: Uint8Array;
  readonly bridgeCode: Int16Array;
  /** Not ours: 1 = another's, 2 = ours that our journal had lost, FOREIGN_DROPPED. */
  readonly foreign: Uint8Array;
  /** 1 = the OMS knows it. */
  readonly told: Uint8Array;
  /** 1 = an order that is not ours and may still trade. */
  readonly foreignOpen: Uint8Array;
  foreignOpenCount = 0;
  /** Answers of the bridge when its row came first. */
  readonly #bridgeAtFirst: Int32Array;
  readonly instrument: Int32Array;
  readonly kind: Int8Array;
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  /** New fills of the round. */
  readonly tradeSlot: Int32Array;
  readonly tradePriceE4: Int32Array;
  readonly tradeQty: Int32Array;
  readonly tradeNo: Float64Array;
  readonly tradeNs: Float64Array;
  tradeCount = 0;
  /** New fills that found no room: ask again. */
  moreTrades = false;
  /** One of our ids stands on two broker orders (I1 is broken): the account must stop. */
  duplicateId = false;
  /** Whole answers of the bridge so far. */
  bridgeAnswers = 0;
  /** Ids of today that the bridge knows and our journal does not: its tail was lost. */
  bridgeStrangers = 0;
  /** Slots that the complete answer of a bridge behind the last fence speaks about: below this. */
  provenBelow = 0;
  #countAtFence = 0;
  /** Fills and orders listed in the running round so far. */
  #rows = 0;
  #round = 0;
  #knownCount = 0;
  #knownAtAsk = 0;
  /** Numbers up to this one are no longer expected. */
  #knownBefore = 0;
  #listedKnown = 0;
  #fault = SNAPSHOT_GOOD;
  #externals = 0;
  readonly #account: number;
  readonly #day: number;
  readonly #byNo: PairIndex;

  constructor(live: LiveOrders, account: number, day: number, tables: Tables = NEW_TABLES) {
    const n = live.capacity;
    this.live = live;
    this.#account = account;
    this.#day = day;
    this.filled = live.shown.filled;
    this.status = live.shown.status;
    this.traded = live.shown.traded;
    this.#tradedBefore = live.shown.tradedBefore;
    this.#listed = live.shown.listed;
    this.#known = live.shown.known;
    this.bridge = live.shown.bridge;
    this.bridgeCode = live.shown.bridgeCode;
    this.foreign = live.shown.foreign;
    this.told = live.shown.told;
    this.foreignOpen = live.shown.foreignOpen;
    this.#bridgeAtFirst = live.shown.bridgeAtFirst;
    this.instrument = live.shown.instrument;
    this.kind = live.shown.kind;
    this.priceE4 = live.shown.priceE4;
    this.qty = live.shown.qty;
    this.tradeSlot = tables.int32(TRADES_MAX);
    this.tradePriceE4 = tables.int32(TRADES_MAX);
    this.tradeQty = tables.int32(TRADES_MAX);
    this.tradeNo = tables.float64(TRADES_MAX);
    this.tradeNs = tables.float64(TRADES_MAX);
    this.#byNo = tables.take(`broker's numbers ${n}`, () => new PairIndex(n));
  }

  /** A new connection was fenced: what a bridge said before proves nothing about it. */
  beginSession(forgets: boolean): void {
    // A broker that died with its process lists nothing of the life before.
    if (forgets) {
      this.#known.fill(0, 0, this.live.count);
      this.#knownBefore = this.#knownCount;
    }
    this.bridge.fill(NO_BRIDGE_ROW, 0, this.live.count);
    this.provenBelow = 0;
    this.#countAtFence = this.live.count;
    this.bridgeStrangers = 0;
  }

  /** Whether our journal or the bridge's holds an order of today: then "None" is no empty list. */
  get holdsOrders(): boolean {
    return this.live.count > 0 || this.bridgeStrangers > 0;
  }

  /** The orders of a new round are asked for. */
  beginRound(): void {
    this.#round++;
    this.#rows = 0;
    this.#listedKnown = 0;
    this.#knownAtAsk = this.#knownCount;
    this.#fault = SNAPSHOT_GOOD;
    this.tradeCount = 0;
    this.moreTrades = false;
  }

  /** The trades of the running round are asked for. */
  beginTrades(): void {
    this.#rows = 0;
    this.traded.fill(0, 0, this.live.count);
  }

  /** The broker's number of one of our orders: from a report, the bridge or an earlier life. */
  bind(slot: number, brokerOrderNo: number): void {
    if (brokerOrderNo === 0) return;
    this.#number(slot, brokerOrderNo);
    if (this.live.brokerNo[slot] === brokerOrderNo) this.#know(slot);
  }

  /** From here on every snapshot must contain it. */
  #know(slot: number): void {
    if (this.#known[slot] === 0) this.#known[slot] = ++this.#knownCount;
  }

  #number(slot: number, brokerOrderNo: number): void {
    const held = this.live.brokerNo[slot];
    if (held === brokerOrderNo) return;
    if (held !== 0) {
      this.duplicateId = true;
      return;
    }
    const other = this.slotOfNo(brokerOrderNo);
    if (other >= 0) {
      // A number out of a list that was not believed (yesterday's) counts for nothing.
      if (this.foreign[other] !== 1 || this.told[other] === 1) {
        this.#blame(SNAPSHOT_CONTRADICTS);
        return;
      }
      this.#drop(other);
    }
    this.live.brokerNo[slot] = brokerOrderNo;
    this.#byNo.set(brokerOrderNo | 0, Math.floor(brokerOrderNo / 4_294_967_296), slot);
  }

  /** What stood in this slot is an order of ours: nothing is expected of it any more. */
  #drop(slot: number): void {
    this.live.brokerNo[slot] = 0;
    this.foreign[slot] = FOREIGN_DROPPED;
    this.#listed[slot] = 0;
    this.closeForeign(slot);
    if (this.#known[slot] === 0) return;
    this.#known[slot] = 0;
    this.#knownBefore++;
  }

  /** Slot of a broker's order number, or -1. */
  slotOfNo(brokerOrderNo: number): number {
    return this.#byNo.get(brokerOrderNo | 0, Math.floor(brokerOrderNo / 4_294_967_296));
  }

  onBridgeRow(row: BridgeRow): void {
    const slot = this.live.find(row.coidA, row.coidC);
    if (row.coidB !== this.#day) return;
    if (slot < 0) {
      this.bridgeStrangers++;
      return;
    }
    this.bridge[slot] = row.state;
    this.bridgeCode[slot] = row.code;
    this.bind(slot, row.brokerOrderNo);
  }

  /** Whether a list has shown an order of others or a lost one that the OMS does not know yet. */
  isUntold(slot: number): boolean {
    return this.foreign[slot] !== 0 && this.told[slot] === 0;
  }

  /** The bridge told all it knows: whoever it does not know was never handed over (R9). */
  onBridgeComplete(): void {
    // An order sent behind the fence may still be on its way while the bridge answers.
    this.provenBelow = this.#countAtFence;
  }

  onOrder(row: BrokerOrder): void {
    this.#rows++;
    const isSide = row.side === SIDE_BUY || row.side === SIDE_SELL;
    if (row.brokerOrderNo === 0 || !isSide || row.qty <= 0) {
      this.#blame(SNAPSHOT_MALFORMED);
      return;
    }
    const slot = this.#slotOfRow(row);
    if (slot < 0) return;
    if (row.filledQty < this.filled[slot]) this.#blame(SNAPSHOT_SHRANK);
    if (this.#listed[slot] !== this.#round) {
      this.#listed[slot] = this.#round;
      const known = this.#known[slot];
      if (known > 0 && known <= this.#knownAtAsk) this.#listedKnown++;
    }
    this.filled[slot] = row.filledQty;
    this.status[slot] = row.status;
    this.kind[slot] = row.kind;
    this.priceE4[slot] = row.priceE4;
    this.qty[slot] = row.qty;
  }

  /** R6: by client order id, else by number (told by reports, the bridge, or seen before). */
  #slotOfRow(row: BrokerOrder): number {
    const byNo = this.slotOfNo(row.brokerOrderNo);
    if (!this.#isOurs(row)) return byNo >= 0 ? byNo : this.#addExternal(row);
    if (row.coidB !== this.#day) {
      this.#blame(SNAPSHOT_OTHER_DAY);
      return -1;
    }
    let slot = this.live.find(row.coidA, row.coidC);
    if (slot < 0) slot = this.#add(row, row.coidA, row.coidC, 2);
    if (slot < 0) return -1;
    this.#number(slot, row.brokerOrderNo);
    return this.live.brokerNo[slot] === row.brokerOrderNo ? slot : -1;
  }

  /** Whether the remark is one of this account's ids; an altered one fails its check. */
  #isOurs(row: BrokerOrder): boolean {
    const { coidA: a, coidB: b, coidC: c } = row;
    if (c === 0 || idAccount(a) !== this.#account || idEpoch(a) === 0) return false;
    return row.coidD === idCheck(a, b, c);
  }

  /** An order of somebody else: account's word with epoch 0, and a running number. */
  #addExternal(row: BrokerOrder): number {
    const slot = this.#add(row, idAccountEpoch(this.#account, 0), this.#externals + 1, 1);
    if (slot >= 0) {
      this.#externals++;
      this.#number(slot, row.brokerOrderNo);
    }
    return slot;
  }

  #add(row: BrokerOrder, a: number, c: number, foreign: number): number {
    const slot = this.live.add(a, this.#day, c, row.qty);
    if (slot < 0) {
      this.#blame(SNAPSHOT_TABLE_FULL);
      return -1;
    }
    this.#describe(slot, row.instrument, row.side, foreign);
    this.#bridgeAtFirst[slot] = this.bridgeAnswers;
    return slot;
  }

  /**
   * F15: whether a row without remark may be an order of ours whose number we do not know, as long
   * as the bridge was not asked since, or that order is open and younger than `patienceNs`.
   */
  mayBeOurs(slot: number, nowNs: number, patienceNs: number): boolean {
    const { live, brokerNo, instrument, side, leaves, filled, sentNs, count } = this.live;
    if (this.foreign[slot] !== 1) return false;
    const isAsked = this.bridgeAnswers > this.#bridgeAtFirst[slot];
    for (let own = 0; own < count; own++) {
      if (brokerNo[own] !== 0 || this.foreign[own] !== 0) continue;
      if (instrument[own] !== instrument[slot] || side[own] !== side[slot]) continue;
      if (leaves[own] + filled[own] !== this.qty[slot]) continue;
      const isYoung = live[own] === 1 && nowNs - sentNs[own] <= patienceNs;
      if (!isAsked || isYoung) return true;
    }
    return false;
  }

  #describe(slot: number, instrument: number, side: number, foreign: number): void {
    this.foreign[slot] = foreign;
    this.#openForeign(slot);
    this.instrument[slot] = instrument;
    this.live.instrument[slot] = instrument;
    this.live.side[slot] = side;
    this.live.answered[slot] = 1;
    // Nobody's but the broker's client cancels it; one of ours that was lost stays ours.
    if (foreign === 1) this.live.finish(slot);
  }

  #openForeign(slot: number): void {
    this.foreignOpenCount += 1 - this.foreignOpen[slot];
    this.foreignOpen[slot] = 1;
  }

  /** It can trade no more. */
  closeForeign(slot: number): void {
    this.foreignOpenCount -= this.foreignOpen[slot];
    this.foreignOpen[slot] = 0;
  }

  /** Recovery: an order that an earlier life adopted; in the order of the journal. */
  restoreAdopted(slot: number, brokerOrderNo: number, open: boolean): void {
    const external = idEpoch(this.live.idA[slot]) === 0;
    this.#describe(slot, this.live.instrument[slot], this.live.side[slot], external ? 1 : 2);
    if (external && this.live.idC[slot] > this.#externals) this.#externals = this.live.idC[slot];
    if (!open) this.closeForeign(slot);
    // A life before told of it; the OMS of this one knows its fate no more than of our own.
    else if (external) this.live.unknown[slot] = 1;
    this.told[slot] = 1;
    this.bind(slot, brokerOrderNo);
  }

  onTrade(row: BrokerTrade): void {
    this.#rows++;
    if (row.brokerOrderNo === 0 || row.qty <= 0) {
      this.#blame(SNAPSHOT_MALFORMED);
      return;
    }
    const slot = this.slotOfNo(row.brokerOrderNo);
    if (slot < 0 || this.#listed[slot] !== this.#round) {
      this.#blame(SNAPSHOT_UNEQUAL);
      return;
    }
    this.traded[slot] += row.qty;
    if (this.live.hasFill(row.fillNo, row.instrument, row.side)) return;
    if (this.tradeCount === TRADES_MAX) {
      this.moreTrades = true;
      return;
    }
    const n = this.tradeCount++;
    this.tradeSlot[n] = slot;
    this.tradePriceE4[n] = row.priceE4;
    this.tradeQty[n] = row.qty;
    this.tradeNo[n] = row.fillNo;
    this.tradeNs[n] = row.eventNs;
  }

  /** End of the orders of a round; SNAPSHOT_*. `day` 0 = the broker does not say. */
  endOrders(result: number, rows: number, day: number): number {
    this.#judgeEnd(result, rows, day);
    if (this.#listedKnown < this.#knownAtAsk - this.#knownBefore) this.#blame(SNAPSHOT_LACKS_ORDER);
    return this.#fault;
  }

  /** End of the trades of a round; SNAPSHOT_GOOD = the round is a snapshot. */
  endTrades(result: number, rows: number, day: number): number {
    this.#judgeEnd(result, rows, day);
    if (this.#fault !== SNAPSHOT_GOOD) return this.#fault;
    const { count } = this.live;
    for (let slot = 0; slot < count; slot++) {
      if (this.#listed[slot] !== this.#round) continue;
      if (this.traded[slot] !== this.filled[slot]) this.#blame(SNAPSHOT_UNEQUAL);
      if (this.traded[slot] < this.#tradedBefore[slot]) this.#blame(SNAPSHOT_SHRANK);
    }
    if (this.#fault !== SNAPSHOT_GOOD) return this.#fault;
    for (let slot = 0; slot < count; slot++) {
      if (this.#listed[slot] !== this.#round) continue;
      this.#tradedBefore[slot] = this.traded[slot];
      this.#know(slot);
    }
    return SNAPSHOT_GOOD;
  }

  /** Whether the last good round listed this order. */
  isListed(slot: number): boolean {
    return this.#listed[slot] === this.#round;
  }

  /** The first fault of the running round; SNAPSHOT_GOOD = none so far. */
  get fault(): number {
    return this.#fault;
  }

  #judgeEnd(result: number, rows: number, day: number): void {
    if (result !== QUERY_COMPLETE) this.#blame(SNAPSHOT_INCOMPLETE);
    else if (day !== 0 && day !== this.#day) this.#blame(SNAPSHOT_OTHER_DAY);
    else if (rows !== this.#rows) this.#blame(SNAPSHOT_MALFORMED);
  }

  #blame(fault: number): void {
    if (this.#fault === SNAPSHOT_GOOD) this.#fault = fault;
  }
}
