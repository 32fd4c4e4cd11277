// Strategies written with the names of PTrade and JoinQuant, as strategies of this engine: the
// entry of `import { ptrade, order_target, g } from 'pankou/ptrade'`. A thin adapter: life cycle
// here, orders in orders.ts, `context` and `data` in views.ts. docs/PTRADE.md says what is the
// same and what is not. Always: the same engine path, risk and fees as any strategy; `g` survives
// a restart.
import { isOpen } from '../../core/order.ts';
import { toYuan } from '../../core/price.ts';
import {
  type Context,
  type OrderView,
  type ParamSpecs,
  type ParamsOf,
  SIDE_BUY,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
  type Strategy,
  type TradeView,
} from '../../core/strategy.ts';
import {
  codeOf,
  type Globals,
  HISTORY_MOST,
  instrumentOf,
  type OrderRow,
  running,
  type Session,
  type Task,
  within,
} from './session.ts';
import { type Data, makeContext, makeData, type PtradeContext } from './views.ts';

export * from './orders.ts';
export type { OrderRow } from './session.ts';
export type { BarData, Data, MarketTime, Position, PtradeContext } from './views.ts';

/** PTrade's least interval. */
const INTERVAL_MIN_S = 3;

/** A fill as on_trade_response gets it. */
export interface TradeRow {
  readonly order_id: string;
  readonly stock_code: string;
  readonly entrust_bs: '1' | '2';
  readonly business_amount: number;
  readonly business_price: number;
  readonly business_balance: number;
}

/** The functions of a PTrade strategy, and what this engine asks for besides. */
export interface PtradeFunctions<P extends ParamSpecs> {
  readonly params?: P;
  /** handle_data each minute of trading, or once a day at `daily_at` (14:50). */
  readonly frequency?: 'minute' | 'daily';
  readonly daily_at?: string;
  initialize(context: PtradeContext<ParamsOf<P>>): void;
  before_trading_start?(context: PtradeContext<ParamsOf<P>>, data: Data): void;
  handle_data?(context: PtradeContext<ParamsOf<P>>, data: Data): void;
  after_trading_end?(context: PtradeContext<ParamsOf<P>>, data: Data): void;
  on_order_response?(context: PtradeContext<ParamsOf<P>>, orders: readonly OrderRow[]): void;
  on_trade_response?(context: PtradeContext<ParamsOf<P>>, trades: readonly TradeRow[]): void;
}

/** Makes a strategy of them; the file's default export. */
export function ptrade<const P extends ParamSpecs = Record<string, never>>(
  functions: PtradeFunctions<P>,
): Strategy<P, unknown> {
  const own = functions as unknown as PtradeFunctions<ParamSpecs>;
  const sessions = new WeakMap<object, Session<PtradeContext>>();
  /** Runs one of the functions as this strategy. */
  const as = (ctx: object, run: (session: Session<PtradeContext>) => void): void => {
    const session = sessions.get(ctx);
    if (session !== undefined) within(session, () => run(session));
  };
  return {
    params: (functions.params ?? {}) as P,
    stateVersion: 1,
    onInit(given) {
      const ctx = given as unknown as Context;
      const session = newSession(ctx);
      sessions.set(given, session);
      within(session, () => start(session, own));
      // What initialize() set is overwritten by what was saved, as there.
      Object.assign(session.g, ctx.restored<{ g: Globals }>()?.g);
      return {
        get g() {
          return savedOf(session.g);
        },
      };
    },
    onOrder: (ctx, order) =>
      as(ctx, (session) => {
        const row = rowOf(session, order);
        own.on_order_response?.(session.context, [row]);
      }),
    onTrade: (ctx, trade) =>
      as(ctx, (session) => own.on_trade_response?.(session.context, [tradeOf(session, trade)])),
    onTimer: (ctx, timer) => as(ctx, (session) => runInterval(session, timer)),
    onDay: (ctx) => as(ctx, openDay),
    onDayEnd: (ctx) =>
      as(ctx, (session) =>
        own.after_trading_end?.(
          session.context,
          makeData(() => session),
        ),
      ),
  };
}

/** `g`: whatever the strategy puts into it; saved but for names that begin with `__`. */
export const g: Globals = new Proxy({} as Globals, {
  get: (_, key) => running('g').g[String(key)],
  set: (_, key, value) => {
    running('g').g[String(key)] = value;
    return true;
  },
  has: (_, key) => String(key) in running('g').g,
  deleteProperty: (_, key) => delete running('g').g[String(key)],
  ownKeys: () => Object.keys(running('g').g),
  getOwnPropertyDescriptor: (_, key) => {
    return { value: running('g').g[String(key)], enumerable: true, configurable: true };
  },
});

export const log = {
  debug: (...parts: readonly unknown[]): void => write('', parts),
  info: (...parts: readonly unknown[]): void => write('', parts),
  warning: (...parts: readonly unknown[]): void => write('WARNING ', parts),
  warn: (...parts: readonly unknown[]): void => write('WARNING ', parts),
  error: (...parts: readonly unknown[]): void => write('ERROR ', parts),
};

/** Codes whose bars `data` and get_history hold; only in initialize. */
export function set_universe(securities: string | readonly string[]): void {
  const session = running('set_universe');
  if (!session.isStarting) throw new Error('set_universe: only in initialize');
  const list = typeof securities === 'string' ? [securities] : securities;
  session.universe = list.map((security) => instrumentOf(security, 'set_universe'));
}

/** Every day at a time; `run_daily(context, func, time)` or `run_daily(func, time)`. */
export function run_daily<C>(...given: readonly (C | Task<C> | string | undefined)[]): void {
  const { task, time } = taskOf('run_daily', given, '9:31');
  running('run_daily').ctx.at(time, task);
}

/** On the n-th trading day of the week (-1 = the last). */
export function run_weekly(func: Task<PtradeContext>, weekday: number, time = '9:31'): void {
  const { task } = taskOf('run_weekly', [func], time);
  running('run_weekly').ctx.at({ dayOfWeek: weekday, at: time }, task);
}

/** On the n-th trading day of the month (-1 = the last). */
export function run_monthly(func: Task<PtradeContext>, monthday: number, time = '9:31'): void {
  const { task } = taskOf('run_monthly', [func], time);
  running('run_monthly').ctx.at({ dayOfMonth: monthday, at: time }, task);
}

/** Every so many seconds, 3 at least, as long as the market has events. */
export function run_interval<C>(_context: C, func: Task<C>, seconds = 10): void {
  if (!(seconds >= INTERVAL_MIN_S)) {
    throw new Error(`run_interval: ${seconds} s, expected ${INTERVAL_MIN_S} at least`);
  }
  const session = running('run_interval') as unknown as Session<C>;
  const run = (): void => func(session.context);
  const timer = session.ctx.timerAt(session.ctx.nowNs + seconds * 1e9);
  session.intervals.set(timer, { run, seconds });
}

function newSession(ctx: Context): Session<PtradeContext> {
  return {
    ...{ ctx, context: makeContext(ctx), g: {}, universe: [...ctx.instruments] },
    ...{
      minutes: new Map(),
      days: new Map(),
      intervals: new Map(),
      orders: new Map(),
      isStarting: true,
    },
  };
}

function start(session: Session<PtradeContext>, own: PtradeFunctions<ParamSpecs>): void {
  const { ctx, context } = session;
  own.initialize(context);
  session.isStarting = false;
  for (const { index } of session.universe) {
    session.minutes.set(index, ctx.bars(index, '1m', { keep: HISTORY_MOST['1m']! }));
    session.days.set(index, ctx.bars(index, 'day', { keep: HISTORY_MOST['1d']! }));
  }
  const data = makeData(() => session);
  const run = (work: () => void) => () => within(session, work);
  const { before_trading_start, handle_data, frequency = 'minute', daily_at = '14:50' } = own;
  if (before_trading_start !== undefined) {
    const options = { missed: 'late', name: 'before_trading_start' } as const;
    ctx.at(
      '9:10',
      run(() => before_trading_start.call(own, context, data)),
      options,
    );
  }
  if (handle_data === undefined) return;
  const when = frequency === 'daily' ? daily_at : { everyMinutes: 1 };
  ctx.at(
    when,
    run(() => handle_data.call(own, context, data)),
    { name: 'handle_data' },
  );
}

/** Orders are those of today; timers that the last day left begin again. */
function openDay(session: Session<PtradeContext>): void {
  const { ctx, orders, intervals } = session;
  orders.clear();
  const jobs = [...intervals.values()];
  intervals.clear();
  for (const job of jobs) intervals.set(ctx.timerAt(ctx.nowNs + job.seconds * 1e9), job);
}

function runInterval(session: Session<PtradeContext>, timer: number): void {
  const job = session.intervals.get(timer);
  if (job === undefined) return;
  session.intervals.delete(timer);
  session.intervals.set(session.ctx.timerAt(session.ctx.nowNs + job.seconds * 1e9), job);
  job.run();
}

function taskOf<C>(
  what: string,
  given: readonly (C | Task<C> | string | undefined)[],
  otherwise: string,
): { readonly task: () => void; readonly time: string } {
  const session = running(what);
  const func = given.find((one) => typeof one === 'function') as Task<unknown> | undefined;
  if (func === undefined) throw new Error(`${what}: no function was given`);
  const time = given.find((one) => typeof one === 'string') ?? otherwise;
  const task = (): void => within(session, () => func(session.context));
  return { task, time: time as string };
}

function rowOf(session: Session, order: OrderView): OrderRow {
  const { intentNo, instrument, side, qty, priceE4, status } = order;
  const sign = side === SIDE_BUY ? 1 : -1;
  let row = session.orders.get(intentNo);
  if (row === undefined) {
    const one = session.ctx.instruments.find(({ index }) => index === instrument);
    const symbol = one === undefined ? '' : codeOf(one);
    const [amount, limit] = [sign * qty, toYuan(priceE4)];
    row = { id: String(intentNo), symbol, amount, limit, filled: 0, status: '2' };
    session.orders.set(intentNo, row);
  }
  row.filled = sign * order.filledQty;
  row.status = statusOf(status);
  return row;
}

/** PTrade's letter of a status. */
function statusOf(status: number): string {
  if (status === STATUS_PARTLY_FILLED) return '7';
  if (status === STATUS_FILLED) return '8';
  if (status === STATUS_PARTLY_CANCELLED) return '5';
  if (status === STATUS_CANCELLED) return '6';
  if (status === STATUS_REJECTED) return '9';
  return isOpen(status) ? '2' : '9';
}

function tradeOf(session: Session, trade: TradeView): TradeRow {
  const one = session.ctx.instruments.find(({ index }) => index === trade.instrument);
  return {
    order_id: String(trade.intentNo),
    stock_code: one === undefined ? '' : codeOf(one),
    entrust_bs: trade.side === SIDE_BUY ? '1' : '2',
    business_amount: trade.qty,
    business_price: toYuan(trade.priceE4),
    business_balance: toYuan(trade.priceE4 * trade.qty),
  };
}

function savedOf(all: Globals): Globals {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('__')));
}

function write(level: string, parts: readonly unknown[]): void {
  const texts = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  running('log').ctx.log(level + texts.join(' '));
}
