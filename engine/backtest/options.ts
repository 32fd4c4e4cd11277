// What `pankou backtest` hands to engine/backtest/command.ts. Written by
// tools/commands/backtest.ts, which has checked every text: symbols are normal spellings
// (`600519.SH`), prices priceE4, money amountE4, quantities shares, paths absolute. Whether files
// exist is left to who opens them. Always: defaults are those of the configuration (defaults.ts),
// so that a lockstep paper run and a backtest over the same day differ in nothing but the command.

import type { FeeContract } from '../core/fees.ts';
import type { LimitsFile } from '../risk-limits-schema.ts';
import type { ActionSettings } from './actions/holder.ts';
import type { AnalyticsOptions } from './analytics/input.ts';
import type { Frequency } from './data/frequency.ts';
import type { Latency } from './latency.ts';

/** Where the market comes from. */
export type BacktestData =
  | { readonly kind: 'files'; readonly path: string }
  | { readonly kind: 'synthetic'; readonly seed: number };

/** One instrument that was asked for. */
export interface BacktestInstrument {
  readonly symbol: string;
  /** From --preclose; 0 = take the data's (files) or the default (synthetic). */
  readonly preCloseE4: number;
}

/** Base shares (底仓) at the open, sellable from the start. */
export interface BacktestPosition {
  readonly symbol: string;
  readonly qty: number;
}

/** What a run writes on wish. */
export const RUN_FILE_KINDS = ['html', 'pdf', 'parquet'] as const;
export type RunFileKind = (typeof RUN_FILE_KINDS)[number];

export type ParamValue = number | boolean | string;

export interface BacktestOptions {
  readonly strategyFile: string;
  readonly data: BacktestData;
  /** Trading day of synthetic data, 20260105; recorded data bring their own. */
  readonly day: number;
  readonly instruments: readonly BacktestInstrument[];
  readonly positions: readonly BacktestPosition[];
  readonly cashE4: number;
  /** As typed: numbers and true/false are converted, the rest is text. */
  readonly params: { readonly [name: string]: ParamValue };
  readonly fees: FeeContract;
  readonly limits: LimitsFile;
  /** First and last day of recorded data; absent = as the data have it. */
  readonly from?: number;
  readonly to?: number;
  /** Which of the data; absent = what there is, if it is of one kind. */
  readonly frequency?: Frequency;
  /** An index to compare with; it is not traded. */
  readonly benchmark?: string;
  /** Risk-free rate a year, and how days count in years. */
  readonly metrics: AnalyticsOptions;
  /** Dividend tax, rights, days until dividends are paid. */
  readonly actions: ActionSettings;
  /** Overlays of the rule book, lowest first; absolute paths of files. */
  readonly rules: readonly string[];
  /** How own orders meet an order stream: matched anew with it, or at the touch. */
  readonly world: 'orders' | 'touch';
  /** Queue model of pictures, share of a bar's volume, latencies; absent = the defaults. */
  readonly queue?: 'prob' | 'pro-rata' | 'front';
  readonly barShare?: number;
  readonly latency?: Latency;
  /** Longest time one callback of a strategy may take, ms of the machine; absent = 10 s. */
  readonly callbackMs?: number;
  /** Gets the files of the run; '' = none. */
  readonly outDir: string;
  /** Store that gets the record of the run; null = it is not recorded. */
  readonly runsDir: string | null;
  /** The store was named, so a run that cannot be recorded has failed. */
  readonly mustRecord: boolean;
  /** Files beside report.json, detail.json and CSV. */
  readonly files: readonly RunFileKind[];
  /** Print the report as JSON on stdout instead of a table. */
  readonly json: boolean;
  /** Tell progress and the id of the record as lines of JSON on stderr; absent = a bar. */
  readonly progress?: 'json';
  /** Skip and count broken rows instead of refusing the file. */
  readonly skipBadRows: boolean;
}
