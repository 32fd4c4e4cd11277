// The cold half of a strategy's context as the strategy host sees it: timers on the exchange
// calendar, saved state, custom series, rebalances. Implemented in engine/strategy/kit.ts, which
// the assembly hands to the host as a port. Always: a strategy that uses none of it costs one
// comparison an event; time is handed in, never read.
import type { Instrument } from './instrument.ts';
import type { RebalanceOptions, RebalanceTarget, RebalanceView } from './strategy-orders.ts';

/** When a timer of `ctx.at` fires; `at` is a clock time as `09:25:10`. */
export type When =
  | string
  | {
      /** Clock time; absent with `dayOfWeek` or `dayOfMonth` = the open, 9:30. */
      readonly at?: string;
      /** n-th trading day of the week or month, from 1; -1 = the last one. */
      readonly dayOfWeek?: number;
      readonly dayOfMonth?: number;
      /** Span before the end of the instrument's last trading phase: `3m`. */
      readonly beforeClose?: string;
      /** Span after the beginning of continuous trading. */
      readonly afterOpen?: string;
      /** Every so many minutes of trading time, counted from 9:30; lunch does not count. */
      readonly everyMinutes?: number;
    };

export interface AtOptions {
  /**
   * What becomes of it when its time was over before this life of the engine began: `skip` (the
   * default), or `late`: it runs with the first event. What has run today never runs again.
   */
  readonly missed?: 'skip' | 'late';
  /**
   * Its name across restarts; absent = its time, and how many of the same were asked for before.
   */
  readonly name?: string;
}

/** Where this day stands among the trading days of its week and month; 1 = first, -1 = last. */
export interface DayPlace {
  readonly ofWeek: number;
  readonly ofWeekFromEnd: number;
  readonly ofMonth: number;
  readonly ofMonthFromEnd: number;
}

/** What the kit needs of the strategy's context. */
export interface KitContext {
  readonly nowNs: number;
  readonly day: number;
  readonly instruments: readonly Instrument[];
  readonly state: unknown;
  readonly desk: KitOrders;
  cancel(intentNo: number): number;
  log(text: string): void;
}

/** The part of the order desk that a rebalance uses; all of it as OrderDesk says. */
export interface KitOrders {
  readonly rest: { readonly qty: number; readonly code: number };
  readonly working: {
    readonly openBuy: Int32Array;
    readonly openSell: Int32Array;
    has(intentNo: number): boolean;
  };
  order(instrument: number, qty: number): number;
  priceE4(instrument: number, side: number): number;
  worthE4(instrument: number): number;
  heldQty(instrument: number): number;
  availableE4(): number;
  equityE4(): number;
  buyQtyFor(instrument: number, budgetE4: number, priceE4: number): number;
}

/** What a strategy calls through its context, and what its host tells. */
export interface StrategyKit {
  /** Engine time from which on `onTime` wants to be called; Infinity = never. */
  readonly dueNs: number;
  /** onInit is over. */
  begun(): void;
  onTime(nowNs: number): void;
  /** News of an own order: it traded (amount of the fill), or was refused with a code. */
  onTrade(intentNo: number, side: number, amountE4: number): void;
  onRefusal(intentNo: number, code: number): void;
  /** The run ends in order, after onStop. */
  onEnd(): void;
  at(when: When, run: () => void, options?: AtOptions): number;
  /** Whether there was such a timer. */
  drop(timer: number): boolean;
  /** What was saved last, by this life or an earlier one; undefined = nothing. */
  restored(): unknown;
  save(): void;
  series(name: string, value: number): void;
  rebalance(targets: readonly RebalanceTarget[], options?: RebalanceOptions): number;
  /** Uniform in [0, 1), the same in every run of the same strategy name and day. */
  random(): number;
}

/** Makes the kit of one strategy; `tell` hands out a rebalance that is over. */
export type MakeKit = (context: KitContext, tell: (view: RebalanceView) => void) => StrategyKit;
