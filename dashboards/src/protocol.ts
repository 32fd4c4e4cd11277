// The wire protocol between the api process and this page, version 1, as types, with the one place
// where text from the socket becomes a typed message. Used by the replica, the connection, and the
// fake server of the tests. Prices and amounts are integers in 1/10,000 yuan (E4), quantities
// shares, times nanoseconds since midnight China time. Always holds: a message that cannot be read
// is refused with a reason and never half-applied; unknown message kinds of a newer server are
// told apart from garbage.

export const PROTOCOL_VERSION = 1;

export type EngineState =
  | 'starting'
  | 'recovering'
  | 'running'
  | 'killed'
  | 'stopping'
  | 'stopped'
  | 'down';
export type Side = 'buy' | 'sell';
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
export type RejectStage = 'oms' | 'risk' | 'gateway' | 'exchange' | 'strategy-host';

/** Text that the engine writes in both languages. */
export interface BilingualText {
  zh: string;
  en: string;
}

export interface Actor {
  name: string;
  thread: string | number;
  heartbeatAgeMs: number;
  state: 'running' | 'stopped' | 'dead';
}

export interface StrategyStatus {
  name: string;
  state: 'running' | 'stopped' | 'failed';
  reason?: string;
}

export interface Engine {
  state: EngineState;
  killed: boolean;
  phase: string;
  virtualNs: number;
  eventsPerSecond: number;
  /** Events the lossy stream dropped before the api process saw them. */
  dropped: number;
  actors: Actor[];
  strategies: StrategyStatus[];
  message?: string;
}

export interface Account {
  account: string;
  cashE4: number;
  reservedE4: number;
  feesE4: number;
  marketValueE4: number;
  equityE4: number;
  realisedE4: number;
  unrealisedE4: number;
  /** Equity minus the day's opening equity. */
  pnlE4: number;
}

export interface Position {
  account: string;
  instrument: string;
  name?: string;
  qty: number;
  sellableQty: number;
  frozenQty: number;
  boughtTodayQty: number;
  costE4: number;
  lastE4: number;
  /** Trading days held: 0 = since today, null = not known. */
  heldDays: number | null;
  marketValueE4: number;
  unrealisedE4: number;
  realisedE4: number;
}

/** What a strategy holds of an instrument; pages get it and show positions by account so far. */
export interface StrategyBook {
  account: string;
  strategy: string;
  instrument: string;
  name?: string;
  qty: number;
  costE4: number;
  costAmountE4: number;
  realisedE4: number;
  feesE4: number;
  cashFlowE4: number;
}

export interface OrderReason {
  stage: RejectStage;
  code: number;
  text: BilingualText;
}

export interface Order {
  coid: string;
  account: string;
  strategy: string;
  instrument: string;
  side: Side;
  kind: string;
  priceE4: number;
  qty: number;
  filledQty: number;
  avgPriceE4: number;
  status: OrderStatus;
  createdNs: number;
  updatedNs: number;
  reason?: OrderReason;
}

export interface Fill {
  fillId: string | number;
  coid: string;
  account: string;
  strategy: string;
  instrument: string;
  side: Side;
  priceE4: number;
  qty: number;
  feeE4: number;
  ns: number;
}

export interface Reject {
  coid?: string;
  strategy: string;
  instrument: string;
  side: Side;
  priceE4: number;
  qty: number;
  stage: RejectStage;
  code: number;
  text: BilingualText;
  ns: number;
}

/** [priceE4, qty, orders] */
export type BookLevel = [number, number, number];

export interface Book {
  instrument: string;
  name?: string;
  lastE4: number;
  preCloseE4: number;
  openE4: number;
  highE4: number;
  lowE4: number;
  upperLimitE4: number;
  lowerLimitE4: number;
  volume: number;
  amountE4: number;
  ns: number;
  bids: BookLevel[];
  asks: BookLevel[];
}

/** [ns, lastE4, volume of the day so far]: one point per virtual second. */
export type Bar1 = [number, number, number];

export interface Percentiles {
  p50: number;
  p99: number;
  p999: number;
  max: number;
  count: number;
}

export interface Latency {
  tickToOrder: Percentiles;
  hops: Record<string, Percentiles>;
}

export interface LogLine {
  level: string;
  source: string;
  text: string;
  ns: number;
}

export type Item =
  | ({ k: 'order' } & Order)
  | ({ k: 'fill' } & Fill)
  | ({ k: 'reject' } & Reject)
  | ({ k: 'position' } & Position)
  | ({ k: 'account' } & Account)
  | ({ k: 'strategy-book' } & StrategyBook)
  | ({ k: 'book' } & Book)
  | { k: 'price'; instrument: string; ns: number; lastE4: number; volume: number }
  | ({ k: 'engine' } & Engine)
  | ({ k: 'latency' } & Latency)
  | ({ k: 'log' } & LogLine);

export interface Hello {
  t: 'hello';
  protocol: number;
  version: string;
  engineId: string;
  day: number;
  pace: 'realtime' | 'lockstep';
  mode: string;
  speed: number;
}

export interface Snapshot {
  t: 'snapshot';
  seq: number;
  engine: Engine;
  account: Account[];
  positions: Position[];
  orders: Order[];
  fills: Fill[];
  rejects: Reject[];
  books: Book[];
  prices: Record<string, Bar1[]>;
  latency: Latency;
}

export interface Events {
  t: 'events';
  seq: number;
  items: Item[];
}

export type Reply =
  | { t: 'reply'; id: number; ok: true }
  | { t: 'reply'; id: number; ok: false; code: string; message: string };

export interface Bye {
  t: 'bye';
  reason: string;
}

export type ServerMessage = Hello | Snapshot | Events | Reply | Bye;

export const STAGES = ['disarmed', 'shadow', 'pilot', 'full'] as const;
export type Stage = (typeof STAGES)[number];

/** A condition of going live. */
export interface Condition {
  readonly id: string;
  readonly ok: boolean;
  readonly found: BilingualText;
  readonly todo?: BilingualText;
}

/** Stage and conditions of an account behind a real broker. */
export interface ArmingRow {
  readonly account: string;
  readonly stage: Stage;
  readonly ready: boolean;
  readonly conditions: readonly Condition[];
}

export type ClientMessage =
  | { id: number; op: 'kill'; token: string }
  | { id: number; op: 'cancel'; coid: string; token: string }
  | { id: number; op: 'cancel-all'; token: string }
  | { id: number; op: 'risk-confirm' | 'risk-reject'; coid: string; by: string; token: string }
  | { id: number; op: 'arming'; token: string }
  | {
      id: number;
      op: 'arm';
      account: string;
      stage: string;
      key: string;
      by?: string;
      number?: string;
      password?: string;
      token: string;
    }
  | { id: number; op: 'disarm'; account: string; token: string }
  | { id: number; op: 'ping' };

export type ParseResult =
  | { kind: 'message'; message: ServerMessage }
  | { kind: 'unknown'; t: string }
  | { kind: 'bad'; reason: string };

const SNAPSHOT_LISTS = ['account', 'positions', 'orders', 'fills', 'rejects', 'books'] as const;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first thing wrong with a message's own fields, or undefined when it can be applied. */
function faultOf(m: Record<string, unknown>): string | undefined {
  switch (m['t']) {
    case 'hello':
      return typeof m['protocol'] === 'number' ? undefined : 'hello.protocol is not a number';
    case 'snapshot': {
      if (typeof m['seq'] !== 'number') return 'snapshot.seq is not a number';
      const list = SNAPSHOT_LISTS.find((name) => !Array.isArray(m[name]));
      if (list !== undefined) return `snapshot.${list} is not a list`;
      if (!isObject(m['engine'])) return 'snapshot.engine is missing';
      if (!isObject(m['prices'])) return 'snapshot.prices is missing';
      return isObject(m['latency']) ? undefined : 'snapshot.latency is missing';
    }
    case 'events':
      if (typeof m['seq'] !== 'number') return 'events.seq is not a number';
      return Array.isArray(m['items']) ? undefined : 'events.items is not a list';
    case 'reply':
      if (typeof m['id'] !== 'number') return 'reply.id is not a number';
      return typeof m['ok'] === 'boolean' ? undefined : 'reply.ok is not a boolean';
    default:
      return undefined;
  }
}

const KNOWN = new Set(['hello', 'snapshot', 'events', 'reply', 'bye']);

/** Read one text frame. Checks the shape down to the lists; fields of rows are trusted. */
export function parseServerMessage(text: string): ParseResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', reason: `not JSON (${text.length} characters)` };
  }
  if (!isObject(value) || typeof value['t'] !== 'string') {
    return { kind: 'bad', reason: 'no message type t' };
  }
  if (!KNOWN.has(value['t'])) return { kind: 'unknown', t: value['t'] };
  const reason = faultOf(value);
  if (reason !== undefined) return { kind: 'bad', reason };
  return { kind: 'message', message: value as unknown as ServerMessage };
}
