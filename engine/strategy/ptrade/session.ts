// The strategy that is running right now, for functions that name no context: `order(...)`, `g`,
// `log`. Set by every hook that ptrade.ts makes, for as long as it runs. Always: hooks are
// synchronous, so strategies of one thread never see each other's; outside of a hook there is
// none, and this says so.
import type { Instrument } from '../../core/instrument.ts';
import { parseSymbol } from '../../core/instrument.ts';
import type { BarSeries, Context } from '../../core/strategy.ts';

export type Globals = Record<string, unknown>;
/** A function of the strategy that takes its context. */
export type Task<C> = (context: C) => void;

/** What one adapted strategy keeps beside its context. */
export interface Session<C = unknown> {
  readonly ctx: Context;
  readonly context: C;
  g: Globals;
  universe: Instrument[];
  /** Minute bars of the universe, by instrument. */
  readonly minutes: Map<number, BarSeries>;
  /** Daily bars of the days before today, adjusted as of today. */
  readonly days: Map<number, BarSeries>;
  /** What run_interval asked for, by timer number. */
  readonly intervals: Map<number, { readonly run: () => void; readonly seconds: number }>;
  readonly orders: Map<number, OrderRow>;
  /** True in initialize only. */
  isStarting: boolean;
}

/** An own order under PTrade's names; prices in yuan, amounts signed. */
export interface OrderRow {
  readonly id: string;
  readonly symbol: string;
  readonly amount: number;
  readonly limit: number;
  filled: number;
  /**
   * '2' reported, '5' partly cancelled, '6' cancelled, '7' partly filled, '8' filled, '9' refused.
   */
  status: string;
}

/** Bars kept of each code: a day of minutes, a year of days. */
export const HISTORY_MOST: Readonly<Record<string, number>> = { '1m': 240, '1d': 250 };

let current: Session | null = null;

/** Runs `work` as the given strategy. */
export function within<T>(session: Session, work: () => T): T {
  const before = current;
  current = session;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** The running strategy; throws naming `what` when none is. */
export function running(what: string): Session {
  if (current !== null) return current;
  throw new Error(`${what}: only within the functions of a strategy, not while its file is loaded`);
}

/** The instrument of a code in any spelling (600519.SS, 600519.XSHG, 600519.SH). */
export function instrumentOf(security: string, what: string): Instrument {
  const { ctx } = running(what);
  const { symbol } = parseSymbol(security);
  const found = ctx.instruments.find((one) => one.symbol === symbol);
  if (found !== undefined) return found;
  const given = ctx.instruments.map((one) => one.symbol).join(', ');
  throw new Error(`${what}: ${security} was not given to this strategy (has: ${given})`);
}

/** PTrade's spelling: 600519.SS, 000001.SZ, 920002.BJ. */
export function codeOf({ symbol }: Instrument): string {
  return symbol.replace(/\.SH$/, '.SS');
}
