// What a page shows of a run beside its figures, as plain data: candles, books at fills, the lives
// of orders, refusals. Made by detail-recorder.ts, written to detail.json, read by the report page
// (dashboards/report). Always: prices are yuan, times ns since midnight of `day`; what a cap left
// out is counted in `leftOut`, never silently gone.

/** Most of each that a page carries; the CSV files hold all orders, fills and refusals. */
export const DETAIL_MAX = {
  candles: 6_000,
  instruments: 40,
  orders: 5_000,
  books: 1_000,
  rejects: 5_000,
} as const;

/** day, second of the day it begins at, open, high, low, close, shares. */
export type CandleRow = readonly [
  day: number,
  second: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
];

export interface CandleSeries {
  readonly instrument: string;
  /** Length of a candle; 0 = as long as the data's own bars. */
  readonly seconds: number;
  readonly rows: readonly CandleRow[];
}

/** One step of an order's life: when, STATUS_* name, shares traded by then. */
export type OrderStep = readonly [ns: number, status: string, filled: number];

export interface OrderLife {
  readonly day: number;
  readonly coid: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly qty: number;
  readonly filled: number;
  readonly averagePrice: number | null;
  readonly fee: number;
  readonly createdNs: number;
  readonly status: string;
  /** Reject code, 0 = none. */
  readonly code: number;
  readonly steps: readonly OrderStep[];
}

/** The five best levels before an own fill, as last shown; null where nothing was shown. */
export interface BookAtFill {
  readonly day: number;
  readonly coid: string;
  readonly ns: number;
  readonly shownNs: number;
  readonly bids: readonly (readonly [price: number, qty: number])[];
  readonly asks: readonly (readonly [price: number, qty: number])[];
}

export interface Refusal {
  readonly day: number;
  readonly ns: number;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly action: 'order' | 'cancel';
  readonly price: number;
  readonly qty: number;
  readonly stage: string;
  readonly code: number;
  readonly zh: string;
  readonly en: string;
  /** What was found and what is allowed, in the rule's own unit. */
  readonly value: number;
  readonly limit: number;
}

/** Beyond the price of fills: docs/ANALYTICS.md says how each is counted. */
export interface FillQuality {
  readonly fills: number;
  /** Mid some seconds behind a fill against its price, by shares; + = it went against us. */
  readonly adverse: readonly {
    readonly seconds: number;
    readonly fills: number;
    readonly meanBp: number | null;
  }[];
  /** Days and instruments with own fills and a known volume. */
  readonly days: number;
  /** Own shares by those of the market, on such a day: median, 95th of 100, largest. */
  readonly medianShare: number | null;
  readonly highShare: number | null;
  readonly maxShare: number | null;
  /** Share that the capacity is estimated for, and how many times this account that is. */
  readonly capacityShare: number;
  readonly capacityMultiple: number | null;
}

/** How own orders waited in the market's queues: docs/ANALYTICS.md says how each is counted. */
export interface QueueQuality {
  /** Orders the exchange took with a book shown, and those without one. */
  readonly orders: number;
  readonly unseenOrders: number;
  /** Those of them whose price did not reach the other side's best. */
  readonly passiveOrders: number;
  /** Shares filled of passive orders by all shares filled of `orders`. */
  readonly passiveShare: number | null;
  /** Passive orders whose price was among the shown levels; shares shown before them. */
  readonly aheadKnown: number;
  readonly aheadMedian: number | null;
  readonly aheadHigh: number | null;
  /** Passive orders that traded; seconds from joining to the first fill. */
  readonly filledPassive: number;
  readonly waitSMedian: number | null;
  readonly waitSHigh: number | null;
}

export interface RunDetail {
  readonly quality: FillQuality;
  readonly queue: QueueQuality;
  readonly candles: readonly CandleSeries[];
  readonly orders: readonly OrderLife[];
  readonly books: readonly BookAtFill[];
  readonly rejects: readonly Refusal[];
  readonly leftOut: {
    readonly instruments: number;
    readonly orders: number;
    readonly books: number;
    readonly rejects: number;
  };
}
