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
  loE4: number;
  hiE4: number;
  quota: number;
  reservedTicks: number;
  reservedQuota: number;
  orders: RestingOrder[];
}

export interface Trade {
  readonly buyId: number;
  readonly sellId: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly aggressor: number;
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
