// The contract between the simulated exchange and the market it stands in. The exchange keeps the
// protocol (ids, reports, fences, books of accounts); a world knows the market: it releases the
// events of the feed one by one and says what becomes of our own orders in it.
// Implemented by order-world.ts (the recorded order stream, matched anew), touch-world.ts (fills at
// the touch), picture-world.ts and bar-world.ts.
// Always: own fills are reported through FillPort before the event that caused them is published.
import type { MarketSource } from '../../engine/core/market-source.ts';
import type { StreamDivergence } from '../../engine/host/gateway-session.ts';
import type { OrderDoor } from './order-door.ts';
import type { WorkingOrders } from './working-orders.ts';

/** How a world tells the exchange about own orders, by slot of WorkingOrders. */
export interface FillPort {
  /** Shares traded; an order without leaves is finished by it. */
  fillOrder(slot: number, priceE4: number, qty: number): void;
  /** What is left of the order was cancelled by the exchange (its kind, or an empty side). */
  expireOrder(slot: number): void;
}

/**
 * A market with our own orders in it. `next()` may return 0: the event was taken and nothing of it
 * is published. The exchange sets `nowNs` before every call.
 */
export interface ExchangeWorld extends MarketSource {
  /** Engine time of what happens now. */
  nowNs: number;
  /** The exchange is in the middle of one matching: requests wait until it is published. */
  readonly isBusy: boolean;
  /** Phase of an instrument. */
  phase(instrument: number): number;
  /** Best price of a side (1 bid, 2 ask), 0 = none. */
  bestE4(instrument: number, side: number): number;
  /** 0, or why the world has no place for an order that breaks no rule (REJECT_*). */
  refusal(instrument: number, priceE4: number): number;
  /** An accepted order arrives; its columns are written and it is live. */
  place(slot: number): void;
  /** An own order ends with shares left: cancelled, or the day is over. */
  remove(slot: number): void;
  /** What went wrong without stopping anything, one line each. */
  problems(): readonly string[];
  /** How far each matched stream has left its recording. */
  divergence?(): readonly StreamDivergence[];
}

/** What a world is given of the exchange. */
export interface OwnSide {
  readonly working: WorkingOrders;
  readonly door: OrderDoor;
  readonly fills: FillPort;
}
