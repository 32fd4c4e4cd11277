// One account's money. Called by the OMS only (single writer). Amounts in 1/10,000 yuan.
// Invariants: available = cash - reserved; a fill releases exactly its own order's reservation;
// sale proceeds may buy again at once (rules sheet 8).
export class CashBook {
  cashE4 = 0;
  /** Held back by working buys, fees included. */
  reservedE4 = 0;
  /** Fees booked today. */
  feesE4 = 0;
  /** Cash plus market value at the open. */
  openingEquityE4 = 0;
}

/** Cash that may be reserved now. */
export function availableE4(cash: CashBook): number {
  return cash.cashE4 - cash.reservedE4;
}
