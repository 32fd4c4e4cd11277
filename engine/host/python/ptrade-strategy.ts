// A Python file with the functions of PTrade and JoinQuant, as a strategy: each function is a turn
// of the Python process, each order function it calls is the one of engine/strategy/ptrade, so
// rounding, budgets and targets cannot differ. Called by python-strategy.ts.
import type { Context, ParamSpecs, Strategy } from '../../core/strategy.ts';
import {
  cancel_order,
  get_history,
  get_open_orders,
  get_orders,
  get_position,
  get_snapshot,
  log,
  order,
  order_lots,
  order_market,
  order_percent,
  order_target,
  order_target_percent,
  order_target_portfolio,
  order_target_value,
  order_value,
  type PtradeContext,
  type PtradeFunctions,
  ptrade,
  run_daily,
  run_interval,
  run_monthly,
  run_weekly,
  set_universe,
} from '../../strategy/ptrade/ptrade.ts';
import { running } from '../../strategy/ptrade/session.ts';
import { makeData } from '../../strategy/ptrade/views.ts';
import { PythonError } from './python-channel.ts';
import type { PythonCalls, PythonTalk, Started } from './python-talk.ts';

type ParamValue = number | boolean | string;
type View = PtradeContext<Readonly<Record<string, ParamValue>>>;

/** Where the strategy stands: the context of the turn that runs. */
interface Turn {
  ctx: Context | null;
  view: View | null;
}

export function ptradeStrategy(
  talk: PythonTalk,
  { functions = [], frequency = 'minute', daily_at = '14:50' }: Started,
): Strategy<ParamSpecs, unknown> {
  if (frequency !== 'minute' && frequency !== 'daily') {
    throw new PythonError(`frequency = '${frequency}': expected 'minute' or 'daily'`);
  }
  const turn: Turn = { ctx: null, view: null };
  const tell: Tell = (what, view, more = {}) => {
    turn.view = view;
    const { day, nowNs } = turn.ctx!;
    talk.tell({ do: what, day, ns: nowNs, ...more });
  };
  talk.calls = callsOf(turn, tell);
  const has = (name: string): boolean => functions.includes(name);
  const own: PtradeFunctions<ParamSpecs> = {
    params: {},
    ...{ frequency, daily_at },
    initialize: (view) => tell('initialize', view),
    ...(has('before_trading_start') && {
      before_trading_start: (view: View) => tell('before_trading_start', view),
    }),
    ...(has('handle_data') && {
      handle_data: (view: View) => tell('handle_data', view),
    }),
    ...(has('after_trading_end') && {
      after_trading_end: (view: View) => tell('after_trading_end', view),
    }),
    ...(has('on_order_response') && {
      on_order_response: (view: View, rows: readonly object[]) =>
        tell('on_order_response', view, { rows }),
    }),
    ...(has('on_trade_response') && {
      on_trade_response: (view: View, rows: readonly object[]) =>
        tell('on_trade_response', view, { rows }),
    }),
  };
  const { stateVersion: _, ...made } = ptrade(own);
  return {
    ...made,
    onInit(ctx) {
      turn.ctx = ctx as unknown as Context;
      return made.onInit?.(ctx);
    },
  } as Strategy<ParamSpecs, unknown>;
}

type Tell = (what: string, view: View, more?: object) => void;

/** What Python may call: the adapter's functions, and reads of context and data. */
function callsOf(turn: Turn, tell: Tell): PythonCalls {
  const view = (): View => turn.view!;
  const data = makeData(() => running('data'));
  const task = (no: number) => (today: unknown) => tell('task', today as View, { task: no });
  return {
    ...{ order, order_lots, order_market, order_percent, order_target, order_target_percent },
    ...{ order_target_portfolio, order_target_value, order_value, cancel_order },
    ...{ get_history, get_open_orders, get_orders, get_position, get_snapshot, set_universe },
    log: (level: string, text: string) => log.info(`${level}${text}`),
    universe: () => view().universe,
    portfolio: () => {
      const { positions: _, ...figures } = view().portfolio;
      return figures;
    },
    positions: () => Object.fromEntries(Object.entries(view().portfolio.positions)),
    bar: (code: string) => data[code],
    run_daily: (no: number, time: string) => run_daily(task(no), time),
    run_weekly: (no: number, day: number, time: string) => run_weekly(task(no), day, time),
    run_monthly: (no: number, day: number, time: string) => run_monthly(task(no), day, time),
    run_interval: (no: number, seconds: number) => run_interval(null, task(no), seconds),
  };
}
