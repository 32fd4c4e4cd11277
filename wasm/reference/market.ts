// The plain data of the slow twin: resting orders, instruments, trades. Used by its other files.
// Always: `orders` is in arrival order, so a stable sort by price gives price-time priority.

export interface RestingOrder {
  readonly id: number;
  readonly side: number;
  readonly priceE4: number;
  qty: number;
}

export interface Instrument {
  tickE4: number;
  /** Prices that orders may have. */
  loE4: number;
  hiE4: number;
  /** The kernel's dense part of them: all, but where overflow levels were opened. */
  windowLoE4: number;
  windowHiE4: number;
  /** Prices outside the window, bids and asks apart, that may hold orders at a time. */
  overflowLevels: number;
  quota: number;
  reservedTicks: number;
  reservedQuota: number;
  reservedOverflow: number;
  orders: RestingOrder[];
}

export interface Trade {
  readonly buyId: number;
  readonly sellId: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly aggressor: number;
}

/** Whether an order may rest at a price: in the window, where others rest, or on a free level. */
export function hasLevel(instrument: Instrument, side: number, priceE4: number): boolean {
  const { windowLoE4, windowHiE4, overflowLevels, orders } = instrument;
  const isOutside = (p: number) => p < windowLoE4 || p > windowHiE4;
  if (!isOutside(priceE4)) return true;
  const taken = new Set(
    orders.filter((o) => isOutside(o.priceE4)).map((o) => `${o.side} ${o.priceE4}`),
  );
  return taken.has(`${side} ${priceE4}`) || taken.size < overflowLevels;
}

/** The orders of one side, best price first, then in arrival order. */
export function ranked(orders: readonly RestingOrder[], side: number): RestingOrder[] {
  const direction = side === 1 ? -1 : 1;
  return orders
    .filter((order) => order.side === side)
    .sort((a, b) => direction * (a.priceE4 - b.priceE4));
}

export function totalQty(orders: readonly RestingOrder[]): number {
  return orders.reduce((sum, order) => sum + order.qty, 0);
}

/** Takes shares off an order; an order with none left leaves the instrument. */
export function takeOff(instrument: Instrument, order: RestingOrder, qty: number): void {
  order.qty -= qty;
  if (order.qty === 0) instrument.orders = instrument.orders.filter((other) => other !== order);
}
