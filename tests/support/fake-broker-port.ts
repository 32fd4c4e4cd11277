// A whole broker's client in memory for tests of the bridge: takes orders at once, and misbehaves
// as it is told. Invariant: `placed` holds every order that reached the broker, in order.

import { STATUS_ACCEPTED } from '../../engine/core/order-status.ts';
import type {
  BrokerEvents,
  BrokerPort,
  CashRow,
  OrderRow,
  PlaceOrder,
  PositionRow,
  TradeRow,
} from '../../gateways/broker-port.ts';

export class FakeBrokerPort implements BrokerPort {
  readonly placed: OrderRow[] = [];
  readonly cancelled: number[] = [];
  /** Calls are carried out, their answers never come. */
  loses = false;
  /** Queries answer None. */
  saysNone = false;
  events: BrokerEvents | null = null;

  start(events: BrokerEvents): void {
    this.events = events;
  }

  async place(_account: string, order: PlaceOrder): Promise<number | null> {
    const orderNo = 7_000 + this.placed.length;
    const rest = { filledQty: 0, cancelledQty: 0, status: STATUS_ACCEPTED };
    this.placed.push({ ...order, orderNo, ...rest });
    return this.loses ? null : orderNo;
  }

  async cancel(_account: string, orderNo: number): Promise<boolean> {
    this.cancelled.push(orderNo);
    return true;
  }

  async orders(): Promise<readonly OrderRow[] | null> {
    return this.saysNone ? null : this.placed;
  }

  async trades(): Promise<readonly TradeRow[] | null> {
    return this.saysNone ? null : [];
  }

  async positions(): Promise<readonly PositionRow[] | null> {
    return this.saysNone ? null : [];
  }

  async cash(): Promise<CashRow | null> {
    return this.saysNone ? null : { cashE4: 0, availableE4: 0, frozenE4: 0 };
  }

  close(): void {}
}
