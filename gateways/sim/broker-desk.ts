// Answers the gateway links for a broker that lives in this process: takes the fence, answers
// queries row by row as the rings have room, and knows which links are ready. Called by the
// simulated exchange, and by the market sources of tests and benches with a broker that holds
// nothing. Invariant: one QueryEnd a query, behind its rows; a lower epoch than seen is refused.

import type { OutPort } from '../../engine/actors/port.ts';
import { assert } from '../../engine/assert.ts';
import { FLOAT_ZERO } from '../../engine/core/float-zero.ts';
import {
  LINK_FENCED,
  LINK_READY,
  LINK_REFUSED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_PARTIAL,
  QUERY_POSITIONS,
  QUERY_TRADES,
  STAGE_EXCHANGE,
  TRAIT_EXACT,
  TRAIT_FORGETS,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import {
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  BrokerTrade,
  Fence,
  LinkState,
  Query,
  QueryEnd,
} from '../../engine/messages/generated/broker.ts';

/** Room that one row and its end may need, with filler. */
const ROW_ROOM = 1_024;

/** The books the desk answers from. Each reader fills the row it is given. */
export interface DeskLedger {
  readonly orderCount: number;
  readonly tradeCount: number;
  readonly instrumentCount: number;
  /** Account of an order or trade. */
  orderAccount(n: number): number;
  tradeAccount(n: number): number;
  readOrder(n: number, row: BrokerOrder): void;
  readTrade(n: number, row: BrokerTrade): void;
  /** False = these books began in the middle of the day and cannot say. */
  knowsHoldings(account: number): boolean;
  /** Whether a statement names the instrument: what is not held is in no list. */
  holds(instrument: number, account: number): boolean;
  readPosition(instrument: number, account: number, row: BrokerPosition): void;
  readCash(account: number, row: BrokerCash): void;
}

/** A broker that holds nothing: market sources of tests and benches. */
export const NO_LEDGER: DeskLedger = {
  orderCount: 0,
  tradeCount: 0,
  instrumentCount: 0,
  orderAccount: () => -1,
  tradeAccount: () => -1,
  readOrder: () => {},
  readTrade: () => {},
  knowsHoldings: () => false,
  holds: () => false,
  readPosition: () => {},
  readCash: () => {},
};

/** The running query of one account. */
interface Asked {
  kind: number;
  queryNo: number;
  next: number;
  rows: number;
}

export class BrokerDesk {
  readonly #out: readonly OutPort[];
  readonly #ledger: DeskLedger;
  readonly #day: number;
  readonly #epochs: number[];
  readonly #ready: boolean[];
  readonly #asked: Asked[];
  #waiting = 0;
  #readyCount = 0;
  readonly #fence = new Fence();
  readonly #query = new Query();
  readonly #state = new LinkState();
  readonly #order = new BrokerOrder();
  readonly #trade = new BrokerTrade();
  readonly #position = new BrokerPosition();
  readonly #cash = new BrokerCash();
  readonly #end = new QueryEnd();
  /** Engine time of the answers. */
  nowNs = FLOAT_ZERO;

  constructor(out: readonly OutPort[], ledger: DeskLedger, day: number) {
    this.#out = out;
    this.#ledger = ledger;
    this.#day = day;
    this.#epochs = out.map(() => 0);
    this.#ready = out.map(() => false);
    this.#asked = out.map(() => ({ kind: 0, queryNo: 0, next: 0, rows: 0 }));
  }

  /** Every link is reconciled: orders follow, and the market may begin. */
  get allReady(): boolean {
    return this.#readyCount === this.#out.length;
  }

  /** Rows of a query wait for room. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Says to every link that it is connected. */
  start(): void {
    for (let a = 0; a < this.#out.length; a++) {
      this.#say(a, LINK_UP);
      this.#out[a]!.publish();
    }
  }

  /** Handles what the links say beside requests and ends. */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Query.TYPE) this.#onQuery(memory, at);
    else if (type === Fence.TYPE) this.#onFence(memory, at);
    else if (type === LinkState.TYPE) this.#onState(memory, at);
  }

  #onFence(memory: FrameMemory, at: number): void {
    const { account, epoch } = this.#fence.wrap(memory, at);
    const isOld = epoch < this.#epochs[account]!;
    if (!isOld) this.#epochs[account] = epoch;
    this.#say(account, isOld ? LINK_REFUSED : LINK_FENCED);
  }

  #onState(memory: FrameMemory, at: number): void {
    const { account, state } = this.#state.wrap(memory, at);
    if (state !== LINK_READY || this.#ready[account]) return;
    this.#ready[account] = true;
    this.#readyCount++;
  }

  #onQuery(memory: FrameMemory, at: number): void {
    const { account, kind, queryNo } = this.#query.wrap(memory, at);
    const asked = this.#asked[account]!;
    if (asked.kind === 0) this.#waiting++;
    asked.kind = kind;
    asked.queryNo = queryNo;
    asked.next = 0;
    asked.rows = 0;
  }

  /** Goes on with the answers as far as the rings have room; frames written. */
  work(): number {
    if (this.#waiting === 0) return 0;
    let count = 0;
    for (let a = 0; a < this.#asked.length; a++) {
      while (this.#asked[a]!.kind !== 0 && this.#out[a]!.room() >= ROW_ROOM * 2) {
        this.#answer(a);
        count++;
      }
    }
    return count;
  }

  /** The next row of an account's answer, or its end. */
  #answer(account: number): void {
    const asked = this.#asked[account]!;
    const ledger = this.#ledger;
    const rows = this.#rowsOf(asked.kind, account);
    while (asked.next < rows) {
      const n = asked.next++;
      if (asked.kind === QUERY_ORDERS && ledger.orderAccount(n) !== account) continue;
      if (asked.kind === QUERY_TRADES && ledger.tradeAccount(n) !== account) continue;
      if (asked.kind === QUERY_POSITIONS && !ledger.holds(n, account)) continue;
      this.#writeRow(account, asked, n);
      return;
    }
    // It keeps no journal of its own: it can prove no absence, and is not asked for one.
    let result = asked.kind === QUERY_BRIDGE ? QUERY_PARTIAL : QUERY_COMPLETE;
    const holdings = asked.kind === QUERY_CASH || asked.kind === QUERY_POSITIONS;
    if (holdings && !ledger.knowsHoldings(account)) result = QUERY_FAILED;
    this.#writeEnd(account, asked, result);
    asked.kind = 0;
    this.#waiting--;
  }

  #rowsOf(kind: number, account: number): number {
    const ledger = this.#ledger;
    if (kind === QUERY_ORDERS) return ledger.orderCount;
    if (kind === QUERY_TRADES) return ledger.tradeCount;
    if (!ledger.knowsHoldings(account)) return 0;
    if (kind === QUERY_POSITIONS) return ledger.instrumentCount;
    return kind === QUERY_CASH ? 1 : 0;
  }

  #writeRow(account: number, asked: Asked, n: number): void {
    const out = this.#out[account]!;
    const ledger = this.#ledger;
    switch (asked.kind) {
      case QUERY_ORDERS: {
        const row = this.#order.begin(out.memory, claim(out, BrokerOrder.BYTES));
        row.queryNo = asked.queryNo;
        ledger.readOrder(n, row);
        break;
      }
      case QUERY_TRADES: {
        const row = this.#trade.begin(out.memory, claim(out, BrokerTrade.BYTES));
        row.queryNo = asked.queryNo;
        ledger.readTrade(n, row);
        break;
      }
      case QUERY_POSITIONS: {
        const row = this.#position.begin(out.memory, claim(out, BrokerPosition.BYTES));
        row.queryNo = asked.queryNo;
        ledger.readPosition(n, account, row);
        break;
      }
      default: {
        const row = this.#cash.begin(out.memory, claim(out, BrokerCash.BYTES));
        row.queryNo = asked.queryNo;
        ledger.readCash(account, row);
      }
    }
    asked.rows++;
    out.commit();
  }

  #writeEnd(account: number, asked: Asked, result: number): void {
    const out = this.#out[account]!;
    const end = this.#end.begin(out.memory, claim(out, QueryEnd.BYTES));
    end.eventNs = this.nowNs;
    end.account = account;
    end.queryNo = asked.queryNo;
    end.kind = asked.kind;
    end.result = result;
    end.rows = asked.rows;
    end.day = this.#day;
    out.commit();
  }

  #say(account: number, state: number): void {
    const out = this.#out[account]!;
    const link = this.#state.begin(out.memory, claim(out, LinkState.BYTES));
    link.eventNs = this.nowNs;
    link.source = STAGE_EXCHANGE;
    link.account = account;
    link.state = state;
    link.sessionNo = 1;
    link.epoch = this.#epochs[account]!;
    link.day = this.#day;
    link.traits = TRAIT_EXACT | TRAIT_FORGETS;
    out.commit();
  }
}

function claim(out: OutPort, bytes: number): number {
  const at = out.claim(bytes);
  assert(at >= 0, `claim=${at}, expected room for an answer of the desk`);
  return at;
}
