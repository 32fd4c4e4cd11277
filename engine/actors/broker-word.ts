// What the OMS makes of the broker's words beside reports and fills: orders adopted from its list,
// the state of the link, its statement of positions and cash. Part of the order manager.
// Invariant: what changes the books is journaled (it goes down the ring of orders); what cannot be
// explained changes nothing but what may be bought.

import type { Account } from '../core/account.ts';
import { adoptOrder } from '../core/adopt.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import {
  REJECT_NONE,
  REJECT_STATEMENT_CASH,
  REJECT_STATEMENT_SHARES,
  REJECT_UNKNOWN_FATE,
} from '../core/reject-code.ts';
import {
  type AdoptedMovement,
  adjustAccount,
  type ExpectedMovement,
  Statement,
  UNEXPLAINED,
} from '../core/statement.ts';
import type { Tables } from '../core/tables.ts';
import { LINK_READY, NOTICE_STATEMENT } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import {
  Adjustment,
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  LinkState,
  QueryEnd,
} from '../messages/generated/broker.ts';
import { RiskNotice } from '../messages/generated/event.ts';
import type { OrderNews } from './order-news.ts';
import type { EventSink, OutPort } from './port.ts';
import type { RiskTold } from './risk-told.ts';

export interface BrokerWordPorts {
  readonly orders: OutPort;
  readonly events: EventSink;
}

/** The parts of the order manager's options that are about the broker's statement. */
export interface BrokerWordOptions {
  /** Where columns of a day come from; absent = new ones. */
  readonly tables?: Tables;
  /** Movements the broker was announced to make; none = every difference is unexplained. */
  readonly expected?: readonly ExpectedMovement[];
  /** Those that earlier lives of the day have adopted. */
  readonly adopted?: readonly AdoptedMovement[];
}

export class BrokerWord {
  readonly statement: Statement;
  /** The link takes orders, as far as it has said so. */
  isLinkReady = false;
  readonly #account: Account;
  readonly #news: OrderNews;
  readonly #riskTold: RiskTold;
  readonly #ports: BrokerWordPorts;
  readonly #link = new LinkState();
  readonly #adopted = new BrokerOrder();
  readonly #position = new BrokerPosition();
  readonly #cash = new BrokerCash();
  readonly #end = new QueryEnd();
  readonly #adjustment = new Adjustment();
  readonly #notice = new RiskNotice();
  #toldCode = REJECT_NONE;

  constructor(
    account: Account,
    options: BrokerWordOptions,
    news: OrderNews,
    riskTold: RiskTold,
    ports: BrokerWordPorts,
  ) {
    this.#riskTold = riskTold;
    this.statement = new Statement(account, options.expected ?? [], options.tables);
    this.statement.restore(options.adopted ?? []);
    this.#account = account;
    this.#news = news;
    this.#ports = ports;
  }

  /** Why nothing may be bought of an instrument now; 0 = it may (I11, R8). */
  buyRefusal(i: number): number {
    return this.#account.unknown[i] > 0 ? REJECT_UNKNOWN_FATE : this.statement.refusal(i);
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case LinkState.TYPE:
        this.isLinkReady = this.#link.wrap(memory, at).state === LINK_READY;
        this.#news.link(memory, at);
        break;
      case BrokerOrder.TYPE:
        this.#onAdopted(this.#adopted.wrap(memory, at));
        break;
      case BrokerPosition.TYPE:
        this.statement.onPosition(this.#position.wrap(memory, at));
        break;
      case BrokerCash.TYPE:
        this.statement.onCash(this.#cash.wrap(memory, at));
        break;
      case QueryEnd.TYPE:
        if (this.statement.onEnd(this.#end.wrap(memory, at))) this.#compare();
        break;
      default:
        break;
    }
  }

  #onAdopted(order: BrokerOrder): void {
    const slot = adoptOrder(this.#account, order);
    if (slot === SLOT_NONE) this.#account.invalidEvents++;
    else {
      this.#news.order(slot);
      this.#riskTold.tell(slot);
    }
  }

  /** Adopts what is explained; what is not stops buying until a later statement agrees. */
  #compare(): void {
    const { statement } = this;
    const { count } = this.#account.positions;
    statement.compared++;
    for (let i = 0; i < count; i++) {
      const difference = statement.difference(i);
      statement.stopped[i] = 0;
      if (difference === 0) continue;
      const why = statement.explainShares(i);
      const isAdopted = why !== UNEXPLAINED && this.#adopt(why, i, difference);
      if (!isAdopted) statement.stopped[i] = 1;
    }
    statement.isCashStopped = this.#isCashUnexplained();
    this.#tellDifference();
  }

  /** People hear of an unexplained difference once, and once that it is gone. */
  #tellDifference(): void {
    const { statement } = this;
    const isShares = statement.stopped.includes(1);
    const shares = isShares ? REJECT_STATEMENT_SHARES : REJECT_NONE;
    const code = statement.isCashStopped ? REJECT_STATEMENT_CASH : shares;
    if (code === this.#toldCode) return;
    this.#toldCode = code;
    const { events } = this.#ports;
    const at = events.claim(RiskNotice.BYTES);
    if (at < 0) return;
    const notice = this.#notice.begin(events.memory, at);
    notice.eventNs = this.#news.nowNs;
    notice.kind = NOTICE_STATEMENT;
    notice.code = code;
    notice.account = this.#account.index;
    notice.strategy = -1;
    events.commit();
  }

  /** Adopts one movement of cash after the other until the statement agrees, or none explains. */
  #isCashUnexplained(): boolean {
    const { statement } = this;
    while (statement.cashDifferenceE4 !== 0) {
      const why = statement.explainCash();
      if (why === UNEXPLAINED || !this.#adopt(why, -1, 0)) return true;
    }
    return false;
  }

  /** Books and journals one explained difference; false = the ring has no room, later then. */
  #adopt(why: number, instrument: number, qty: number): boolean {
    const { statement } = this;
    const out = this.#ports.orders;
    const at = out.room() < Adjustment.BYTES * 2 ? -1 : out.claim(Adjustment.BYTES);
    if (at < 0) return false;
    const amountE4 = instrument < 0 ? statement.amountOf(why) : 0;
    const adjustment = this.#adjustment.begin(out.memory, at);
    adjustment.eventNs = this.#news.nowNs;
    adjustment.account = this.#account.index;
    adjustment.instrument = instrument;
    adjustment.kind = statement.kindOf(why);
    adjustment.qty = qty;
    adjustment.amountE4 = amountE4;
    this.#ports.events.offer(out.memory, at);
    out.commit();
    statement.use(why);
    adjustAccount(this.#account, instrument, qty, amountE4);
    if (instrument >= 0) this.#news.position(instrument);
    this.#news.account();
    return true;
  }
}
