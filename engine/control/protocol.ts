// The WebSocket protocol between the api process and browsers, version 1, as types; docs/API.md
// says it in words. Used by the replica, the hub and the commands. Prices and amounts are integers
// in 1/10,000 yuan (E4), quantities shares, times ns since midnight China time of the trading day.

export const PROTOCOL_VERSION = 1;

export type EngineStateName =
  | 'starting'
  | 'recovering'
  | 'running'
  | 'killed'
  | 'stopping'
  | 'stopped'
  | 'down';

export interface BilingualText {
  readonly zh: string;
  readonly en: string;
}

export interface Actor {
  readonly name: string;
  readonly thread: string;
  readonly heartbeatAgeMs: number;
  readonly state: 'running' | 'stopped' | 'dead';
}

export interface StrategyStatus {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'failed';
  readonly reason?: string;
}

export interface Engine {
  readonly state: EngineStateName;
  readonly killed: boolean;
  /** PHASE_NAMES */
  readonly phase: string;
  readonly virtualNs: number;
  readonly eventsPerSecond: number;
  readonly dropped: number;
  readonly actors: readonly Actor[];
  readonly strategies: readonly StrategyStatus[];
  readonly message?: string;
}

export interface Account {
  readonly account: string;
  readonly cashE4: number;
  readonly reservedE4: number;
  readonly feesE4: number;
  readonly marketValueE4: number;
  readonly equityE4: number;
  readonly realisedE4: number;
  readonly unrealisedE4: number;
  /** Equity less the day's opening equity. */
  readonly pnlE4: number;
}

export interface Position {
  readonly account: string;
  readonly instrument: string;
  readonly name?: string;
  readonly qty: number;
  readonly sellableQty: number;
  readonly frozenQty: number;
  readonly boughtTodayQty: number;
  /** Average cost of a share. */
  readonly costE4: number;
  readonly lastE4: number;
  /** Trading days held: 0 = since today, null = not known. */
  readonly heldDays: number | null;
  readonly marketValueE4: number;
  readonly unrealisedE4: number;
  readonly realisedE4: number;
}

/** What a strategy (or the desk) holds of an instrument, and what it made of it today. */
export interface BookRow {
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly name?: string;
  /** Negative: it sold what others hold. */
  readonly qty: number;
  /** Its own average cost of a share. */
  readonly costE4: number;
  readonly costAmountE4: number;
  /** Of today, fees excluded. */
  readonly realisedE4: number;
  readonly feesE4: number;
  /** Taken in less paid out today, fees included. */
  readonly cashFlowE4: number;
}

export type Side = 'buy' | 'sell';
export type Stage = 'oms' | 'risk' | 'gateway' | 'exchange' | 'strategy-host';
export type OrderStatus =
  | 'pending'
  | 'submitted'
  | 'accepted'
  | 'partly-filled'
  | 'filled'
  | 'cancel-pending'
  | 'cancelled'
  | 'partly-cancelled'
  | 'rejected'
  | 'held'
  | 'unknown';

export interface Order {
  readonly coid: string;
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: Side;
  readonly kind: string;
  readonly priceE4: number;
  readonly qty: number;
  readonly filledQty: number;
  readonly avgPriceE4: number;
  readonly status: OrderStatus;
  readonly createdNs: number;
  readonly updatedNs: number;
  /** Only where it is not the day. */
  readonly timeInForce?: 'ioc' | 'fok';
  readonly credit?: 'margin' | 'short';
  /** A second person has confirmed it. */
  readonly confirmed?: true;
  /** A person closed it while its fate was unknown. */
  readonly settled?: true;
  readonly reason?: { readonly stage: Stage; readonly code: number; readonly text: BilingualText };
  /** First 128 bits of the SHA-256 of the client's key text, 32 hexadecimal digits. */
  readonly key?: string;
}

/** A parent or conditional order as the engine told it. */
export interface Parent {
  /** 0: it was refused and has no number. */
  readonly parentNo: number;
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly kind: string;
  readonly side: Side;
  readonly priceE4: number;
  readonly triggerE4: number;
  readonly qty: number;
  readonly filledQty: number;
  readonly workingQty: number;
  readonly state: string;
  readonly updatedNs: number;
  readonly reason?: { readonly stage: Stage; readonly code: number; readonly text: BilingualText };
  readonly key?: string;
  /** The maker's own number of it. */
  readonly intentNo: number;
}

export interface Fill {
  /** Unique per day: account and the broker's fill number. */
  readonly fillId: string;
  readonly coid: string;
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: Side;
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
  readonly ns: number;
}

export interface Reject {
  readonly coid?: string;
  readonly account?: string;
  /** What was refused: an order, the cancel of one, or a person's word about one. */
  readonly action?: 'place' | 'cancel' | 'confirm' | 'settle';
  readonly kind?: string;
  readonly timeInForce?: 'ioc' | 'fok';
  readonly key?: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: Side;
  readonly priceE4: number;
  readonly qty: number;
  readonly stage: Stage;
  readonly code: number;
  readonly text: BilingualText;
  readonly ns: number;
}

/** [priceE4, qty, orders] */
export type BookLevel = [priceE4: number, qty: number, orders: number];

export interface Book {
  readonly instrument: string;
  readonly name?: string;
  readonly lastE4: number;
  readonly preCloseE4: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  readonly volume: number;
  readonly amountE4: number;
  readonly ns: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** The last trade of one virtual second; volume is the day's so far. */
export type Bar1 = [ns: number, lastE4: number, volume: number];

/** Nanoseconds of host time. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly count: number;
}

export interface Latency {
  readonly tickToOrder: Percentiles;
  readonly hops: { readonly [hop: string]: Percentiles };
}

export interface LogLine {
  readonly level: string;
  readonly source: string;
  readonly text: string;
  readonly ns: number;
}

export type Item =
  | ({ readonly k: 'order' } & Order)
  | ({ readonly k: 'fill' } & Fill)
  | ({ readonly k: 'reject' } & Reject)
  | ({ readonly k: 'position' } & Position)
  | ({ readonly k: 'account' } & Account)
  | ({ readonly k: 'strategy-book' } & BookRow)
  | ({ readonly k: 'book' } & Book)
  | {
      readonly k: 'price';
      readonly instrument: string;
      readonly ns: number;
      readonly lastE4: number;
      readonly volume: number;
    }
  | ({ readonly k: 'engine' } & Engine)
  | ({ readonly k: 'latency' } & Latency)
  | ({ readonly k: 'log' } & LogLine);

export interface Hello {
  readonly t: 'hello';
  readonly protocol: number;
  readonly version: string;
  readonly engineId: string;
  /** Names the run of sequence numbers; to resume, say it and the last one seen. */
  readonly stream?: string;
  readonly day: number;
  readonly pace: 'realtime' | 'lockstep';
  readonly mode: string;
  readonly speed: number;
}

/** Everything a page shows but the log lines. */
export interface SnapshotBody {
  readonly engine: Engine;
  readonly account: readonly Account[];
  readonly positions: readonly Position[];
  readonly strategyBooks: readonly BookRow[];
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly rejects: readonly Reject[];
  readonly books: readonly Book[];
  readonly prices: { readonly [instrument: string]: readonly Bar1[] };
  readonly latency: Latency;
}

export type ServerMessage =
  | Hello
  | ({ readonly t: 'snapshot'; readonly seq: number } & SnapshotBody)
  | { readonly t: 'events'; readonly seq: number; readonly items: readonly Item[] }
  | Reply
  | { readonly t: 'bye'; readonly reason: string };

/** To a client that asked to resume from what is not here any more: hello and snapshot follow. */
export interface Resync {
  readonly t: 'resync';
  readonly reason: string;
}

export type ReplyCode =
  | 'bad-request'
  | 'unauthorised'
  | 'engine-down'
  | 'unknown-order'
  | 'unknown-day'
  | 'order-finished'
  | 'too-fast'
  | 'refused'
  | 'busy'
  | 'key-reused'
  | 'unknown-outcome'
  | 'not-armed'
  | 'audit-failed'
  | 'unknown-account'
  | 'unknown-instrument';

export type Reply =
  | { readonly t: 'reply'; readonly id: number; readonly ok: true; readonly data?: unknown }
  | {
      readonly t: 'reply';
      readonly id: number;
      readonly ok: false;
      readonly code: ReplyCode;
      readonly message: string;
      readonly field?: string;
      readonly data?: unknown;
    };
