// What a strategy may say to the order helpers of its context, and what they answer. Part of the
// public contract (`import type { OrderWish } from 'pankou'`), split off from strategy.ts for its
// size. Prices and money in 1/10,000 yuan, quantities in shares.

/** How a helper is to place its order; what is absent is decided by the helper. */
export interface OrderWish {
  /** Limit; absent = the aggressive price: cage bound of a fresh book, within the day's limits. */
  readonly priceE4?: number;
  /** KIND_*; absent = KIND_LIMIT. Market kinds are used only when they are asked for. */
  readonly kind?: number;
  /** Seconds after which the book is too old to price an order by; absent = 60. */
  readonly maxAgeS?: number;
}

/** What the last helper could not ask for. */
export interface OrderRest {
  /** Shares; 0 = everything was asked for. */
  readonly qty: number;
  /** REJECT_* that says why: 204 lots, 306 cash, 307 not sellable, 335 stale book ... 0 = none. */
  readonly code: number;
}

/** One line of a rebalance: an instrument and where it is to be. */
export interface RebalanceTarget {
  readonly instrument: number;
  /** One of the three: shares, money, or a share of the account's value (0.1 = a tenth). */
  readonly qty?: number;
  readonly valueE4?: number;
  readonly weight?: number;
}

export interface RebalanceOptions {
  /** Also sell every holding of the strategy's instruments that has no target. */
  readonly sellOthers?: boolean;
  /** Engine time at which what is left is given up; absent = five minutes from now. */
  readonly untilNs?: number;
  /** Seconds after which an unfilled order is cancelled and priced anew; absent = 15. */
  readonly repriceS?: number;
}

/** What was left of one line, and why. */
export interface RebalanceLeft {
  readonly instrument: number;
  /** SIDE_BUY or SIDE_SELL. */
  readonly side: number;
  readonly qty: number;
  /** REJECT_* */
  readonly code: number;
  /** The same for people. */
  readonly why: string;
}

/** A rebalance that is over. */
export interface RebalanceView {
  /** What rebalance() returned. */
  readonly no: number;
  readonly orders: number;
  readonly soldE4: number;
  readonly boughtE4: number;
  /** Empty = every target is reached as far as lots allow. */
  readonly left: readonly RebalanceLeft[];
}
