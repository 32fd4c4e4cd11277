// The calls of the trading interface as a table: name, path, what it takes, what it gives, what it
// does. The HTTP routes, the WebSocket and the OpenAPI file are all made from it. Always: a call
// gets what its schema has checked; what it answers is an Outcome, never an exception.
import { z } from 'zod';
import type { AuditPort } from '../journal/audit-log.ts';
import type { ArmingControl } from './arming/arming-control.ts';
import type { KeyMemory } from './key-memory.ts';
import type { OrderBudget } from './order-budget.ts';
import { keyOfText, type Outcome, refuse } from './outcome.ts';
import { pastOrders, pastRecords } from './past-trades.ts';
import type { Replica } from './replica.ts';
import {
  AccountQuery,
  AccountRow,
  AlertStatusData,
  AlertTestBody,
  AlertTestData,
  ArmBody,
  ArmingRow,
  BookLineRow,
  CancelAllBody,
  CancelAllData,
  CancelBody,
  ConfirmBody,
  DisarmBody,
  ExecuteBody,
  FillRow,
  KillBody,
  KillData,
  LegResult,
  OrderRow,
  OrdersQuery,
  ParentBody,
  ParentCancelBody,
  ParentRow,
  PlaceBody,
  PositionRow,
  RecordsQuery,
  ReplaceBody,
  RiskPauseBody,
  RiskResumeBody,
  SettleBody,
  StageData,
  StatusData,
} from './trade-schemas.ts';
import { isFinished, type Page } from './trade-store.ts';
import type { Trading } from './trading.ts';

const ARMING_PATH = '/api/v1/arming';
const ALERTS_PATH = '/api/v1/alerts';

/** Rows of a page when nobody says how many. */
const PAGE_ROWS = 100;

export interface CallContext {
  readonly replica: Replica;
  readonly trading: Trading;
  readonly budget: OrderBudget;
  /** Run folder with the archive of closed days; absent = none. */
  readonly runDir?: string | undefined;
  /** Absent = no account here has a stage. */
  readonly arming?: ArmingControl | undefined;
  readonly alerts?: AlertDoor | undefined;
  readonly keys?: KeyMemory | undefined;
  readonly audit?: AuditPort | undefined;
  readonly onAuditFailed?: ((why: string) => void) | undefined;
}

/** What the calls need of the alerts. */
export interface AlertDoor {
  /** Sends a test to a channel, or to all; who got it and who did not. */
  test(channel: string | undefined): Promise<Outcome<AlertTestData>>;
  status(): AlertStatusData;
}

export interface Call {
  /** Path below /api/v1/trading/, and `op` on the WebSocket. */
  readonly name: string;
  /** Whole path where it is another. */
  readonly path?: string;
  readonly method: 'GET' | 'POST';
  readonly summary: string;
  /** Query of a GET, body of a POST. */
  readonly input: z.ZodObject;
  readonly data: z.ZodType;
  /** Needs an Idempotency-Key. */
  readonly keyed: boolean;
  /** Takes the confirmation token where there is one; it comes in place of the key. */
  readonly confirms: boolean;
  /** Whether it is in the audit log: no; before and after it is done; after it is done only. */
  readonly audit: 'none' | 'first' | 'after';
  readonly run: (context: CallContext, input: never, key: string) => Answer;
}

type Answer = Outcome<unknown> | Promise<Outcome<unknown>>;

function call<In extends z.ZodObject>(spec: {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly summary: string;
  readonly input: In;
  readonly data: z.ZodType;
  readonly keyed?: boolean;
  readonly confirms?: boolean;
  readonly path?: string;
  readonly audit?: Call['audit'];
  readonly run: (context: CallContext, input: z.infer<In>, key: string) => Answer;
}): Call {
  return { keyed: false, confirms: false, audit: 'none', ...spec, run: spec.run as Call['run'] };
}

const rows = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row) });
const paged = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), next: z.string().nullable() });

export const CALLS: readonly Call[] = [
  call({
    name: 'status',
    method: 'GET',
    summary: 'How the engine is',
    input: z.strictObject({}),
    data: StatusData,
    run: ({ replica }) => ({ ok: true, data: statusOf(replica) }),
  }),
  call({
    name: 'order',
    method: 'POST',
    summary: 'Place one order',
    input: PlaceBody,
    data: OrderRow,
    keyed: true,
    run: ({ trading, budget }, body, key) =>
      budget.take(1) ? trading.place(body, key) : tooFast(),
  }),
  call({
    name: 'execute',
    method: 'POST',
    summary: 'Place a basket of orders; each leg has a result of its own',
    input: ExecuteBody,
    data: z.object({ legs: z.array(LegResult) }),
    keyed: true,
    run: async ({ trading, budget }, { account, orders, by }, key) => {
      if (!budget.take(orders.length)) return tooFast();
      return { ok: true, data: { legs: await trading.execute(account, orders, key, by) } };
    },
  }),
  call({
    name: 'orders',
    method: 'GET',
    summary: 'Orders of the day or of a closed day, oldest first, in pages',
    input: OrdersQuery,
    data: paged(OrderRow),
    run: ({ replica, runDir }, query) =>
      query.day === undefined || query.day === replica.hello().day
        ? ordersOf(replica, query)
        : pastOrders(runDir ?? '', query.day, query),
  }),
  call({
    name: 'records',
    method: 'GET',
    summary: 'Fills of the day or of a closed day, oldest first, in pages',
    input: RecordsQuery,
    data: paged(FillRow),
    run: ({ replica, runDir }, query) =>
      query.day === undefined || query.day === replica.hello().day
        ? recordsOf(replica, query)
        : pastRecords(runDir ?? '', query.day, query),
  }),
  call({
    name: 'account',
    method: 'GET',
    summary: 'Cash, equity and profit of the accounts',
    input: AccountQuery,
    data: rows(AccountRow),
    run: ({ replica }, { account }) => {
      const all = replica.accounts();
      const found = account === undefined ? all : all.filter((row) => row.account === account);
      if (account !== undefined && found.length === 0) return noAccount();
      return { ok: true, data: { rows: found } };
    },
  }),
  call({
    name: 'positions',
    method: 'GET',
    summary: 'Positions of the accounts',
    input: AccountQuery,
    data: rows(PositionRow),
    run: ({ replica }, { account }) => {
      const isKnown = replica.accountIds().some(({ id }) => id === account);
      if (account !== undefined && !isKnown) return noAccount();
      return { ok: true, data: { rows: replica.positions(account) } };
    },
  }),
  call({
    name: 'books',
    method: 'GET',
    summary: 'Shares, cost and profit by strategy; they add up to the account',
    input: AccountQuery,
    data: rows(BookLineRow),
    run: ({ replica }, { account }) => {
      const isKnown = replica.accountIds().some(({ id }) => id === account);
      if (account !== undefined && !isKnown) return noAccount();
      return { ok: true, data: { rows: replica.strategyBooks(account) } };
    },
  }),
  call({
    name: 'cancel',
    method: 'POST',
    summary: 'Cancel one order; fine also when it is cancelled already',
    input: CancelBody,
    data: OrderRow,
    run: ({ trading }, { coid }) => trading.cancel(coid),
  }),
  call({
    name: 'parent',
    method: 'POST',
    summary: 'Ask for a parent or conditional order, carried out by the engine over time',
    input: ParentBody,
    data: ParentRow,
    keyed: true,
    run: ({ trading, budget }, body, key) =>
      budget.take(1) ? trading.parents.place(body, key) : tooFast(),
  }),
  call({
    name: 'replace',
    method: 'POST',
    summary: 'Cancel an order, wait for its end, place what is left of a new quantity and price',
    input: ReplaceBody,
    data: ParentRow,
    keyed: true,
    run: ({ trading, budget }, body, key) =>
      budget.take(1) ? trading.parents.replace(body, key) : tooFast(),
  }),
  call({
    name: 'parents',
    method: 'GET',
    summary: 'Parent and conditional orders of the day',
    input: AccountQuery,
    data: rows(ParentRow),
    run: ({ replica }, { account }) => {
      const all = replica.parents();
      const found = account === undefined ? all : all.filter((row) => row.account === account);
      return { ok: true, data: { rows: found } };
    },
  }),
  call({
    name: 'parent-cancel',
    method: 'POST',
    summary: 'End a parent: its part first; fine also when it has ended',
    input: ParentCancelBody,
    data: ParentRow,
    run: ({ trading }, { account, parentNo }) => trading.parents.cancel(parentNo, account),
  }),
  call({
    name: 'cancel-all',
    method: 'POST',
    audit: 'after',
    summary: 'Cancel every working order, of one account or of all',
    input: CancelAllBody,
    data: CancelAllData,
    run: ({ trading }, { account }) => trading.cancelAll(account),
  }),
  call({
    name: 'kill',
    method: 'POST',
    audit: 'after',
    summary:
      'Kill switch of firm, account or strategy: no orders, all cancelled; not cleared from here',
    input: KillBody,
    data: KillData,
    run: ({ trading }, body) => trading.switches.kill(body),
  }),
  call({
    name: 'risk-confirm',
    method: 'POST',
    audit: 'first',
    summary: 'A second person lets a parked order go; it is judged again by every other rule',
    input: ConfirmBody,
    data: OrderRow,
    confirms: true,
    run: ({ trading }, body, token) => trading.words.confirm(body, true, token),
  }),
  call({
    name: 'risk-reject',
    method: 'POST',
    audit: 'first',
    summary: 'A second person refuses a parked order: it ends unsent',
    input: ConfirmBody,
    data: OrderRow,
    confirms: true,
    run: ({ trading }, body, token) => trading.words.confirm(body, false, token),
  }),
  call({
    name: 'order-settle',
    method: 'POST',
    audit: 'first',
    summary: 'A person closes an order whose fate stays unknown, by figures he answers for',
    input: SettleBody,
    data: OrderRow,
    run: ({ trading }, body) => trading.words.settle(body),
  }),
  call({
    name: 'risk-pause',
    method: 'POST',
    audit: 'after',
    summary: 'Pause a market or all: risk lets no order through; cancels pass',
    input: RiskPauseBody,
    data: z.object({}),
    run: ({ trading }, { market }) => trading.switches.pause(market),
  }),
  call({
    name: 'risk-resume',
    method: 'POST',
    audit: 'first',
    summary: 'End a pause, or let an account or a strategy go on that risk has stopped',
    input: RiskResumeBody,
    data: z.object({}),
    run: ({ trading }, body) => trading.switches.resume(body),
  }),
  call({
    name: 'arming',
    path: ARMING_PATH,
    method: 'GET',
    summary: 'Stage of the accounts behind a real broker, and every condition of going live',
    input: AccountQuery,
    data: rows(ArmingRow),
    run: ({ arming }, { account }) => arming?.show(account) ?? { ok: true, data: { rows: [] } },
  }),
  call({
    name: 'arm',
    path: `${ARMING_PATH}/arm`,
    method: 'POST',
    summary: 'Put an account into a stage: one up, or any lower one',
    input: ArmBody,
    data: StageData,
    keyed: true,
    audit: 'first',
    run: ({ arming, keys }, body, key) => {
      if (arming === undefined || keys === undefined) return noAccount();
      return keys.once(`arm ${key}`, body, () => arming.arm(body));
    },
  }),
  call({
    name: 'disarm',
    path: `${ARMING_PATH}/disarm`,
    method: 'POST',
    summary: 'No new orders of an account, or of all that have a stage; cancels pass',
    input: DisarmBody,
    data: z.object({ accounts: z.array(z.string()) }),
    audit: 'after',
    run: ({ arming }, { account }) => arming?.disarm(account) ?? noAccount(),
  }),
  call({
    name: 'alerts',
    path: ALERTS_PATH,
    method: 'GET',
    summary: 'Alert channels: last message, last test, what waits',
    input: z.strictObject({}),
    data: AlertStatusData,
    run: ({ alerts }) => ({ ok: true, data: alerts?.status() ?? { channels: [] } }),
  }),
  call({
    name: 'alert-test',
    path: `${ALERTS_PATH}/test`,
    method: 'POST',
    summary: 'Send a test message to an alert channel, or to all',
    input: AlertTestBody,
    data: AlertTestData,
    audit: 'after',
    run: ({ alerts }, { channel }) => alerts?.test(channel) ?? noAccount(),
  }),
];

function statusOf(replica: Replica): z.infer<typeof StatusData> {
  const engine = replica.engine();
  const { engineId, version, mode, day } = replica.hello();
  return {
    engine: engine.state,
    ...{ engineId, version, mode, day },
    killed: engine.killed,
    phase: engine.phase,
    virtualNs: engine.virtualNs,
    dropped: engine.dropped,
    accounts: replica.accountIds().map(({ id }) => id),
    orders: { total: replica.trades.orderCount, open: replica.trades.openCount },
    fills: replica.trades.fillCount,
    ...(engine.message === undefined ? {} : { message: engine.message }),
  };
}

function ordersOf(replica: Replica, query: OrdersQuery): Outcome<Page<unknown>> {
  const { account, instrument, side, strategy, status, coid, after } = query;
  const key = query.key === undefined ? undefined : keyOfText(query.key);
  const found = replica.trades.orders(
    (order) =>
      (account === undefined || order.account === account) &&
      (instrument === undefined || order.instrument === instrument) &&
      (side === undefined || order.side === side) &&
      (strategy === undefined || order.strategy === strategy) &&
      (status === undefined || isFinished(order) === (status === 'finished')) &&
      (coid === undefined || order.coid === coid) &&
      (key === undefined || order.key === key),
    after,
    query.limit ?? PAGE_ROWS,
  );
  if (found !== undefined) return { ok: true, data: found };
  return refuse('bad-request', 'no order has this id: begin again without it', { field: 'after' });
}

function recordsOf(replica: Replica, query: RecordsQuery): Outcome<Page<unknown>> {
  const { account, instrument, side, coid, after } = query;
  const found = replica.trades.fills(
    (fill) =>
      (account === undefined || fill.account === account) &&
      (instrument === undefined || fill.instrument === instrument) &&
      (side === undefined || fill.side === side) &&
      (coid === undefined || fill.coid === coid),
    after,
    query.limit ?? PAGE_ROWS,
  );
  if (found !== undefined) return { ok: true, data: found };
  return refuse('bad-request', 'no fill has this id: begin again without it', { field: 'after' });
}

function noAccount<Data>(): Outcome<Data> {
  return refuse('unknown-account', 'no such account', { field: 'account' });
}

function tooFast<Data>(): Outcome<Data> {
  return refuse('too-fast', 'too many orders: slow down; cancels and the kill switch still pass');
}
