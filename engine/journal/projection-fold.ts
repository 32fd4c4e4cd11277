// Folds the records of one journal into rows: orders as they stood last, fills, and what each
// strategy and the account hold at the end of each day. Called by projection.ts only. Pure.
// Invariant: nothing is decided by these rows; the account itself is engine/host/account-state.ts.
import { symbolOf } from '../core/instrument.ts';
import { keptCode, NOT_KEPT } from '../core/kept.ts';
import {
  EVENT_CANCEL_SENT,
  EVENT_CANCELLED,
  EVENT_LAST_FILL,
  EVENT_LOST,
  EVENT_PARTIAL_FILL,
  EVENT_REJECTED,
  EVENT_WRITTEN,
  INVALID,
  isOpen,
  STAY,
  transition,
} from '../core/order.ts';
import { formatOrderId } from '../core/order-id.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_HELD,
  STATUS_NAMES,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
  STATUS_UNKNOWN,
} from '../core/order-status.ts';
import { REJECT_SETTLED } from '../core/reject-code.ts';
import { eventOfReport } from '../core/report-event.ts';
import {
  ACTION_CANCEL,
  ACTION_PARK,
  SETTLE_REJECTED,
  SIDE_BUY,
  STAGE_OMS,
  STAGE_RISK,
  STRATEGY_NONE,
} from '../messages/codes.ts';
import { BrokerOrder } from '../messages/generated/broker.ts';
import {
  Epoch,
  InstrumentName,
  OpeningPosition,
  OrderSettle,
} from '../messages/generated/control.ts';
import { Fill, Reject, Report, Request } from '../messages/generated/order.ts';
import type { JournalRecord } from './journal-record.ts';

/** Strategy number of the row that holds the whole account. */
export const WHOLE_ACCOUNT = -1;

export interface OrderRow {
  readonly day: number;
  readonly account: number;
  readonly coid: string;
  readonly strategy: number;
  readonly symbol: string;
  /** 1 = buy, 2 = sell. */
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  filledQty: number;
  /** Sum of price x quantity of the fills. */
  filledAmountE4: number;
  /** STATUS_NAMES */
  status: string;
  /** Code and station of a refusal or an end; 0 = none. */
  code: number;
  stage: number;
  brokerOrderNo: number;
  /** Engine time of day, ns. */
  readonly createdNs: number;
  updatedNs: number;
  /** Record that made it, and the last one about it. */
  readonly seq: number;
  lastSeq: number;
}

export interface FillRow {
  readonly day: number;
  readonly account: number;
  readonly seq: number;
  readonly coid: string;
  readonly strategy: number;
  readonly symbol: string;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly fillNo: number;
  readonly atNs: number;
}

export interface PositionRow {
  readonly day: number;
  readonly account: number;
  /** WHOLE_ACCOUNT, or what this strategy bought less what it sold. */
  readonly strategy: number;
  readonly symbol: string;
  openingQty: number;
  boughtQty: number;
  boughtAmountE4: number;
  soldQty: number;
  soldAmountE4: number;
  /** openingQty + boughtQty - soldQty */
  qty: number;
}

export class JournalFold {
  readonly orders = new Map<string, OrderRow>();
  readonly fills: FillRow[] = [];
  readonly positions = new Map<string, PositionRow>();
  readonly #statuses = new Map<string, number>();
  readonly #terms = new Map<string, { instrument: number; side: number }>();
  /** Shares of an order booked on a person's word that no fill has come for. */
  readonly #settled = new Map<string, number>();
  readonly #symbols = new Map<number, string>();
  readonly #seenFills = new Set<string>();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #name = new InstrumentName();
  readonly #opening = new OpeningPosition();
  readonly #adopted = new BrokerOrder();
  readonly #settle = new OrderSettle();

  /** Takes the next record of the journal. */
  take(record: JournalRecord): void {
    const { memory, frameAt } = record;
    switch (record.frameType) {
      case InstrumentName.TYPE: {
        const { instrument, market, securityCode } = this.#name.wrap(memory, frameAt);
        this.#symbols.set(instrument, symbolOf(market, securityCode));
        break;
      }
      case OpeningPosition.TYPE: {
        const { instrument, qty } = this.#opening.wrap(memory, frameAt);
        const row = this.#position(record, WHOLE_ACCOUNT, instrument);
        row.openingQty += qty;
        row.qty += qty;
        break;
      }
      case Request.TYPE:
        this.#onRequest(record);
        break;
      case Reject.TYPE:
        this.#onReject(record);
        break;
      case BrokerOrder.TYPE:
        this.#enter(record, this.#adopted.wrap(memory, frameAt), STRATEGY_NONE, STATUS_ACCEPTED);
        break;
      case Report.TYPE:
        this.#onReport(record);
        break;
      case Fill.TYPE:
        this.#onFill(record);
        break;
      case OrderSettle.TYPE:
        this.#onSettle(record);
        break;
      case Epoch.TYPE:
        // Nobody knows what became of what the life before left open.
        for (const [key, status] of this.#statuses) {
          if (isOpen(status)) this.#apply(record, key, EVENT_LOST, 0, 0);
        }
        break;
      default:
        break;
    }
  }

  #onRequest(record: JournalRecord): void {
    const r = this.#request.wrap(record.memory, record.frameAt);
    const key = keyOf(record, r.coidA, r.coidC);
    if (r.action === ACTION_CANCEL) this.#apply(record, key, EVENT_CANCEL_SENT, 0, 0);
    if (r.action === ACTION_CANCEL || r.action === ACTION_PARK) return;
    const kept = keptCode(r.action);
    const status = kept === NOT_KEPT ? STATUS_SUBMITTED : STATUS_HELD;
    if (!this.orders.has(key)) this.#enter(record, r, r.strategy, status);
    if (kept === NOT_KEPT) this.#apply(record, key, EVENT_WRITTEN, 0, 0);
    else if (kept !== 0) this.#set(record, key, STATUS_HELD, kept, STAGE_RISK);
  }

  #onReject(record: JournalRecord): void {
    const r = this.#reject.wrap(record.memory, record.frameAt);
    if (r.coidC === 0 || r.action === ACTION_CANCEL) return;
    const key = keyOf(record, r.coidA, r.coidC);
    if (!this.orders.has(key)) this.#enter(record, r, r.strategy, STATUS_REJECTED);
    this.#set(record, key, STATUS_REJECTED, r.code, r.stage);
  }

  #onReport(record: JournalRecord): void {
    const r = this.#report.wrap(record.memory, record.frameAt);
    const key = keyOf(record, r.coidA, r.coidC);
    const row = this.orders.get(key);
    if (row === undefined) return;
    if (r.brokerOrderNo !== 0) row.brokerOrderNo = r.brokerOrderNo;
    const event = eventOfReport(r.kind);
    if (event >= 0) this.#apply(record, key, event, r.code, r.stage);
  }

  #onFill(record: JournalRecord): void {
    const f = this.#fill.wrap(record.memory, record.frameAt);
    const name = `${record.day} ${f.instrument} ${f.side} ${f.fillNo}`;
    if (this.#seenFills.has(name)) return;
    this.#seenFills.add(name);
    const { account, day, seq } = record;
    const key = keyOf(record, f.coidA, f.coidC);
    const row = this.orders.get(key);
    const strategy = row?.strategy ?? f.strategy;
    this.fills.push({
      ...{ day, account, seq, coid: idText(f.coidA, f.coidB, f.coidC) },
      ...{ strategy, symbol: this.#symbol(f.instrument), side: f.side, priceE4: f.priceE4 },
      ...{ qty: f.qty, fillNo: f.fillNo, atNs: f.eventNs },
    });
    const settled = Math.min(f.qty, this.#settled.get(key) ?? 0);
    if (settled > 0) this.#settled.set(key, (this.#settled.get(key) ?? 0) - settled);
    const qty = f.qty - settled;
    if (qty === 0) return;
    const trade = { side: f.side, priceE4: f.priceE4, qty };
    this.#move(this.#position(record, WHOLE_ACCOUNT, f.instrument), trade);
    if (strategy !== STRATEGY_NONE) {
      this.#move(this.#position(record, strategy, f.instrument), trade);
    }
    if (row === undefined) return;
    row.filledQty += qty;
    row.filledAmountE4 += f.priceE4 * qty;
    const last = row.filledQty >= row.qty;
    this.#apply(record, key, last ? EVENT_LAST_FILL : EVENT_PARTIAL_FILL, row.code, row.stage);
  }

  /** What a person closed, by his figures; a fill that comes for them later moves nothing more. */
  #onSettle(record: JournalRecord): void {
    const s = this.#settle.wrap(record.memory, record.frameAt);
    const key = keyOf(record, s.coidA, s.coidC);
    const row = this.orders.get(key);
    if (row === undefined || this.#statuses.get(key) !== STATUS_UNKNOWN) return;
    const more = s.filledQty - row.filledQty;
    if (more > 0) {
      this.#settled.set(key, more);
      const { instrument, side } = this.#terms.get(key)!;
      const trade = { side, priceE4: s.priceE4, qty: more };
      this.#move(this.#position(record, WHOLE_ACCOUNT, instrument), trade);
      if (row.strategy !== STRATEGY_NONE) {
        this.#move(this.#position(record, row.strategy, instrument), trade);
      }
      row.filledQty += more;
      row.filledAmountE4 += s.priceE4 * more;
    }
    const isWhole = row.filledQty >= row.qty;
    const event = s.outcome === SETTLE_REJECTED ? EVENT_REJECTED : EVENT_CANCELLED;
    this.#apply(record, key, isWhole ? EVENT_LAST_FILL : event, REJECT_SETTLED, STAGE_OMS);
  }

  #move(row: PositionRow, fill: Pick<Fill, 'side' | 'priceE4' | 'qty'>): void {
    const amountE4 = fill.priceE4 * fill.qty;
    if (fill.side === SIDE_BUY) {
      row.boughtQty += fill.qty;
      row.boughtAmountE4 += amountE4;
    } else {
      row.soldQty += fill.qty;
      row.soldAmountE4 += amountE4;
    }
    row.qty = row.openingQty + row.boughtQty - row.soldQty;
  }

  #enter(
    record: JournalRecord,
    frame: Request | Reject | BrokerOrder,
    strategy: number,
    status: number,
  ): void {
    const { day, account, seq } = record;
    const { coidA, coidB, coidC, side, kind, priceE4, qty, eventNs } = frame;
    const key = keyOf(record, coidA, coidC);
    if (this.orders.has(key)) return;
    const brokerOrderNo = frame instanceof BrokerOrder ? frame.brokerOrderNo : 0;
    this.orders.set(key, {
      ...{ day, account, coid: idText(coidA, coidB, coidC), strategy },
      ...{ symbol: this.#symbol(frame.instrument), side, kind, priceE4, qty, filledQty: 0 },
      ...{ filledAmountE4: 0, status: STATUS_NAMES[status] ?? '', code: 0, stage: 0 },
      ...{ brokerOrderNo, createdNs: eventNs, updatedNs: eventNs, seq, lastSeq: seq },
    });
    this.#statuses.set(key, status);
    this.#terms.set(key, { instrument: frame.instrument, side });
  }

  #apply(record: JournalRecord, key: string, event: number, code: number, stage: number): void {
    const before = this.#statuses.get(key);
    const row = this.orders.get(key);
    if (before === undefined || row === undefined) return;
    let next = transition(before, event);
    row.lastSeq = record.seq;
    if (next === INVALID || next === STAY) return;
    if (next === STATUS_CANCELLED && row.filledQty > 0) next = STATUS_PARTLY_CANCELLED;
    if (next === STATUS_ACCEPTED && row.filledQty > 0) next = STATUS_PARTLY_FILLED;
    this.#set(record, key, next, code, stage);
  }

  #set(record: JournalRecord, key: string, status: number, code: number, stage: number): void {
    const row = this.orders.get(key)!;
    this.#statuses.set(key, status);
    row.status = STATUS_NAMES[status] ?? String(status);
    row.code = code;
    row.stage = stage;
    row.updatedNs = record.atNs;
    row.lastSeq = record.seq;
  }

  #position(record: JournalRecord, strategy: number, instrument: number): PositionRow {
    const { day, account } = record;
    const symbol = this.#symbol(instrument);
    const key = `${day} ${strategy} ${symbol}`;
    let row = this.positions.get(key);
    if (row === undefined) {
      const sums = { boughtQty: 0, boughtAmountE4: 0, soldQty: 0, soldAmountE4: 0, qty: 0 };
      row = { day, account, strategy, symbol, openingQty: 0, ...sums };
      this.positions.set(key, row);
    }
    return row;
  }

  #symbol(instrument: number): string {
    return this.#symbols.get(instrument) ?? `#${instrument}`;
  }
}

/** 16 characters; an id that no engine of ours made is shown as its words. */
function idText(a: number, b: number, c: number): string {
  try {
    return formatOrderId(a, b, c);
  } catch {
    return `${a}-${b}-${c}`;
  }
}

function keyOf(record: JournalRecord, idA: number, idC: number): string {
  return `${record.day} ${idA} ${idC}`;
}
