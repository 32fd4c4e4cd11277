// What a bridge needs of a broker's client library, whichever broker it is: QMT, a counter, a
// simulator. Implemented by gateways/<broker>/broker.ts, loaded by the bridge process by name.
// Always: null is "failed or empty" and proves nothing; a call that fails may have been carried
// out; events come late, doubled, out of order or never; only order and trade numbers identify.

/** An order for the broker. `remark` comes back on everything and is the only field of ours. */
export interface PlaceOrder {
  /** 16 ASCII characters (engine/core/order-id.ts). */
  readonly remark: string;
  readonly symbol: string;
  /** 1 buys, 2 sells. */
  readonly side: number;
  /** KIND_* in engine/messages/codes.ts. */
  readonly kind: number;
  /** 1/10,000 yuan; 0 for kinds without a price. */
  readonly priceE4: number;
  readonly qty: number;
  /** INTENT_* marks in engine/messages/codes.ts: margin buy, short sell; absent = neither. */
  readonly credit?: number;
}

/** An order as the broker lists it. */
export interface OrderRow extends PlaceOrder {
  /** The broker's number, never 0. */
  readonly orderNo: number;
  readonly filledQty: number;
  readonly cancelledQty: number;
  /** STATUS_* in engine/core/order-status.ts. */
  readonly status: number;
}

export interface TradeRow {
  readonly remark: string;
  readonly symbol: string;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly orderNo: number;
  /** Unique per account, instrument, side and day. */
  readonly tradeNo: number;
}

export interface PositionRow {
  readonly symbol: string;
  readonly qty: number;
  readonly sellableQty: number;
  /** Shares times average cost, 1/10,000 yuan. */
  readonly costAmountE4: number;
}

/** 1/10,000 yuan. */
export interface CashRow {
  readonly cashE4: number;
  readonly availableE4: number;
  readonly frozenE4: number;
}

/** What a broker pushes, in no order that can be relied on. */
export interface BrokerEvents {
  /** `day` is the broker's trading day, 20260109. */
  onConnected(day: number): void;
  onDisconnected(why: string): void;
  onOrder(account: string, row: OrderRow): void;
  onTrade(account: string, row: TradeRow): void;
  onCancelError(account: string, orderNo: number, text: string): void;
}

/** A broker's client. Every promise settles within its own hard timeout. */
export interface BrokerPort {
  /** Places margin and short orders; absent = the bridge refuses them (413). */
  readonly takesCredit?: boolean;
  /** Connects, and again for ever after every loss. */
  start(events: BrokerEvents): void;
  /** The order number; null = failed or timed out, the order may be alive. */
  place(account: string, order: PlaceOrder): Promise<number | null>;
  /** True = the cancel was sent, which is no proof of a cancellation. */
  cancel(account: string, orderNo: number): Promise<boolean>;
  orders(account: string): Promise<readonly OrderRow[] | null>;
  trades(account: string): Promise<readonly TradeRow[] | null>;
  positions(account: string): Promise<readonly PositionRow[] | null>;
  cash(account: string): Promise<CashRow | null>;
  close(): void;
}

/** What gateways/<broker>/broker.ts exports. */
export interface BrokerModule {
  /** `address` as the bridge's command line gave it; `log` takes lines for people. */
  openBroker(address: string, log: (text: string) => void): BrokerPort;
}
