// A whole broker behind a session, for tests of the gateway link: its own journal of ids, orders
// and trades, a fence, and answers that the test may hold back, spoil or repeat. Written from the
// contract in engine/host/gateway-session.ts, not from the link.
import type { GatewayLink } from '../../engine/actors/gateway-link.ts';
import { idCheck, idEpoch } from '../../engine/core/order-id.ts';
import * as status from '../../engine/core/order-status.ts';
import * as codes from '../../engine/messages/codes.ts';
import {
  BridgeRow,
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  BrokerTrade,
  LinkState,
  QueryEnd,
} from '../../engine/messages/generated/broker.ts';
import { Clock } from '../../engine/messages/generated/control.ts';
import { Fill, Report } from '../../engine/messages/generated/order.ts';
import type { Pipe, Shown } from './actor-harness.ts';

export interface HeldOrder {
  readonly no: number;
  readonly coidA: number;
  readonly coidB: number;
  readonly coidC: number;
  readonly qty: number;
  readonly side: number;
  readonly instrument: number;
  readonly priceE4: number;
  /** The remark survived. */
  remark: boolean;
  filled: number;
  state: number;
}

interface Trade {
  readonly order: HeldOrder;
  readonly qty: number;
  readonly priceE4: number;
  readonly fillNo: number;
}

/** How the next answers to a kind of query go wrong. */
export type Spoil = 'none' | 'failed' | 'partial' | 'silent' | 'yesterday' | 'lacks-last' | 'rows';

export const SECOND_NS = 1_000_000_000;

export class FakeBroker {
  readonly orders: HeldOrder[] = [];
  readonly trades: Trade[] = [];
  /** The bridge's journal: id -> BRIDGE_*. */
  readonly bridge = new Map<string, { a: number; b: number; c: number; state: number }>();
  readonly spoil = new Map<number, Spoil>();
  /** Everything that reached it, in order: `fence 1`, `place 1`, `cancel 1`, `query 2`. */
  heard: string[] = [];
  positions: { instrument: number; qty: number }[] = [];
  cashE4 = 0;
  epoch = 0;
  traits = 0;
  day: number;
  nowNs = 34_200 * SECOND_NS;
  /** Requests get no answer, or do not even reach the bridge. */
  mute = false;
  loses = false;
  #session = 0;
  #nextNo = 100;
  #nextFill = 500;
  readonly #link: GatewayLink;
  readonly #answers: Pipe;
  readonly #wire: Pipe;

  constructor(link: GatewayLink, answers: Pipe, wire: Pipe, day: number) {
    this.#link = link;
    this.#answers = answers;
    this.#wire = wire;
    this.day = day;
  }

  connect(): void {
    this.#session++;
    this.#state(codes.LINK_UP);
    this.work();
  }

  disconnect(): void {
    this.#state(codes.LINK_DOWN);
    this.work();
  }

  /** Lets link and broker talk until both are quiet. */
  work(): void {
    for (let round = 0; round < 10_000; round++) {
      const work = this.#link.doWork();
      const frames = this.#wire.take();
      for (const frame of frames) this.#hear(frame);
      if (work === 0 && frames.length === 0) return;
    }
    throw new Error('link and broker never come to rest');
  }

  /** Time passes in steps of a quarter second. */
  pass(seconds: number): void {
    const end = this.nowNs + seconds * SECOND_NS;
    while (this.nowNs < end) {
      this.nowNs = Math.min(end, this.nowNs + SECOND_NS / 4);
      this.#answers.send(Clock, { eventNs: this.nowNs });
      this.work();
    }
  }

  order(c: number): HeldOrder {
    const found = this.orders.find((order) => order.coidC === c);
    if (found === undefined) throw new Error(`the broker has no order ${c}`);
    return found;
  }

  /** The broker trades; `told` = the fill is pushed as well. */
  fill(order: HeldOrder, qty: number, told: boolean): void {
    order.filled += qty;
    const full = order.filled >= order.qty;
    order.state = full ? status.STATUS_FILLED : status.STATUS_PARTLY_FILLED;
    const trade = { order, qty, priceE4: order.priceE4, fillNo: this.#nextFill++ };
    this.trades.push(trade);
    if (told) this.pushFill(trade);
  }

  pushFill(trade: Trade): void {
    const { order, qty, priceE4, fillNo } = trade;
    const { instrument, side } = order;
    this.#answers.send(Fill, {
      ...{ ...this.#ids(order), eventNs: this.nowNs, qty, priceE4, fillNo, instrument, side },
    });
    this.work();
  }

  /** The broker ends an order; `told` = the report is pushed as well. */
  end(order: HeldOrder, state: number, told: boolean): void {
    order.state = state;
    const rejected = state === status.STATUS_REJECTED;
    const kind = rejected ? codes.REPORT_REJECTED : codes.REPORT_CANCELLED;
    if (told) this.report(order, kind);
  }

  report(order: HeldOrder, kind: number, code = 0): void {
    const ids = this.#ids(order);
    const eventNs = this.nowNs;
    this.#answers.send(Report, { ...ids, eventNs, kind, code, brokerOrderNo: order.no });
    this.work();
  }

  /** An order made by hand in the broker's client. */
  byHand(qty: number, side = codes.SIDE_BUY): HeldOrder {
    return this.#hold({ coidA: 0, coidB: 0, coidC: 0 }, qty, side, 0, 100_000);
  }

  /** An order under one of our ids that the link never sent (its journal was lost). */
  hold(a: number, b: number, c: number, qty: number): HeldOrder {
    this.bridge.set(`${a}:${c}`, { a, b, c, state: codes.BRIDGE_ANSWERED });
    return this.#hold({ coidA: a, coidB: b, coidC: c }, qty, codes.SIDE_BUY, 0, 100_000);
  }

  #hold(
    ids: { coidA: number; coidB: number; coidC: number },
    qty: number,
    side: number,
    instrument: number,
    priceE4: number,
  ): HeldOrder {
    const order: HeldOrder = {
      ...{ ...ids, no: this.#nextNo++, qty, side, instrument, priceE4 },
      ...{ remark: ids.coidC !== 0, filled: 0, state: status.STATUS_ACCEPTED },
    };
    this.orders.push(order);
    return order;
  }

  #ids(order: HeldOrder): { coidA: number; coidB: number; coidC: number; coidD: number } {
    if (!order.remark) return { coidA: 0, coidB: 0, coidC: 0, coidD: 0 };
    const { coidA, coidB, coidC } = order;
    return { coidA, coidB, coidC, coidD: idCheck(coidA, coidB, coidC) };
  }

  #hear(frame: Shown): void {
    switch (frame.type) {
      case 'Fence':
        this.heard.push(`fence ${frame.epoch}`);
        if (frame.epoch! < this.epoch) this.#state(codes.LINK_REFUSED);
        else {
          this.epoch = frame.epoch!;
          this.#state(codes.LINK_FENCED);
        }
        break;
      case 'Query':
        this.heard.push(`query ${frame.kind}`);
        this.#answer(frame.kind!, frame.queryNo!);
        break;
      case 'Request':
        this.#request(frame);
        break;
      default:
        this.heard.push(`${frame.type} ${frame.state ?? ''}`);
    }
  }

  #request(frame: Shown): void {
    const isCancel = frame.action === codes.ACTION_CANCEL;
    this.heard.push(`${isCancel ? 'cancel' : 'place'} ${frame.coidC}`);
    if (this.loses) return;
    const [a, b, c] = [frame.coidA!, frame.coidB!, frame.coidC!];
    if (idEpoch(a) < this.epoch && !isCancel) throw new Error('an order from below the fence');
    if (isCancel) {
      const held = this.orders.find((order) => order.coidA === a && order.coidC === c);
      if (held === undefined || this.mute) return;
      const open = held.state === status.STATUS_ACCEPTED || held.filled < held.qty;
      if (open) this.end(held, held.filled > 0 ? 8 : status.STATUS_CANCELLED, true);
      else this.report(held, codes.REPORT_CANCEL_REJECTED, 404);
      return;
    }
    if (this.bridge.has(`${a}:${c}`)) throw new Error(`id ${c} was sent twice`);
    this.bridge.set(`${a}:${c}`, { a, b, c, state: codes.BRIDGE_HANDED_OVER });
    const ids = { coidA: a, coidB: b, coidC: c };
    const order = this.#hold(ids, frame.qty!, frame.side!, frame.instrument!, frame.priceE4!);
    if (!this.mute) this.report(order, codes.REPORT_ACCEPTED);
  }

  #answer(kind: number, queryNo: number): void {
    const spoil = this.spoil.get(kind) ?? 'none';
    if (spoil === 'silent') return;
    if (spoil === 'failed') {
      this.#end(kind, queryNo, codes.QUERY_FAILED, 0);
      return;
    }
    let rows = 0;
    const old = spoil === 'yesterday';
    const count = (list: readonly unknown[]): number =>
      spoil === 'lacks-last' ? list.length - 1 : list.length;
    const head = { queryNo, eventNs: this.nowNs };
    if (kind === codes.QUERY_BRIDGE) {
      for (const { a, b, c, state } of this.bridge.values()) {
        const no = this.orders.find((order) => order.coidA === a && order.coidC === c)?.no ?? 0;
        const ids = { coidA: a, coidB: b, coidC: c, state, brokerOrderNo: no };
        this.#answers.send(BridgeRow, { ...head, ...ids });
        rows++;
      }
    } else if (kind === codes.QUERY_ORDERS) {
      for (const order of this.orders.slice(0, count(this.orders))) {
        const { qty, side, instrument, priceE4, filled: filledQty, state, no } = order;
        const facts = { qty, side, instrument, priceE4, filledQty, status: state, kind: 1 };
        this.#answers.send(BrokerOrder, {
          ...{ ...head, ...this.#ids(order), ...facts, brokerOrderNo: no },
        });
        rows++;
      }
    } else if (kind === codes.QUERY_TRADES) {
      for (const { order, qty, priceE4, fillNo } of this.trades.slice(0, count(this.trades))) {
        const { instrument, side, no } = order;
        const facts = { qty, priceE4, fillNo, instrument, side, brokerOrderNo: no };
        this.#answers.send(BrokerTrade, { ...head, ...this.#ids(order), ...facts });
        rows++;
      }
    } else if (kind === codes.QUERY_POSITIONS) {
      for (const { instrument, qty } of this.positions) {
        this.#answers.send(BrokerPosition, { ...head, instrument, qty, sellableQty: qty });
        rows++;
      }
    } else {
      this.#answers.send(BrokerCash, { ...head, cashE4: this.cashE4, availableE4: this.cashE4 });
      rows++;
    }
    const result = spoil === 'partial' ? codes.QUERY_PARTIAL : codes.QUERY_COMPLETE;
    this.#end(kind, queryNo, result, spoil === 'rows' ? rows + 1 : rows, old);
  }

  #end(kind: number, queryNo: number, result: number, rows: number, old = false): void {
    const day = old ? this.day - 1 : this.day;
    this.#answers.send(QueryEnd, { eventNs: this.nowNs, queryNo, kind, result, rows, day });
  }

  #state(state: number): void {
    const { traits, epoch } = this;
    const sessionNo = this.#session;
    this.#answers.send(LinkState, { eventNs: this.nowNs, state, sessionNo, epoch, traits });
  }
}
