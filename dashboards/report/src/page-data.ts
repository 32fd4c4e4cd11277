// What a page is given: the data of a run or of a sweep, as JSON inside the page. Written by
// engine/backtest/page/write-page.ts. Always: types of the engine's own, so a changed field breaks
// the build and not the page.
import type { RunDetail } from '../../../engine/backtest/detail/run-detail.ts';
import type { BacktestReport } from '../../../engine/backtest/report.ts';
import type { SweepOutcome } from '../../../engine/backtest/sweep/sweep.ts';

export type Report = BacktestReport;
export type { CandleSeries, OrderLife } from '../../../engine/backtest/detail/run-detail.ts';

/** day, second of the day, yuan. */
export type EquityRow = readonly [day: number, second: number, yuan: number];

export interface FillMark {
  readonly day: number;
  readonly ns: number;
  readonly coid: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly qty: number;
  readonly fee: number;
}

/** What was run, for the head of the page. */
export interface PageHead {
  readonly title: string;
  readonly engine: string;
  readonly at: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: string;
}

/** A custom series: day, second of the day, value (null = no number). */
export interface SeriesLine {
  readonly strategy: string;
  readonly name: string;
  readonly points: readonly (readonly [day: number, second: number, value: number | null])[];
  /** Neighbours were left out: series.csv has all. */
  readonly thinned: boolean;
}

export interface RunPageData {
  readonly kind: 'run';
  readonly head: PageHead;
  readonly report: Report;
  readonly detail: RunDetail & { readonly equity: readonly EquityRow[] };
  readonly series: readonly SeriesLine[];
  readonly fills: readonly FillMark[];
  /** Fills beyond what a page carries; fills.csv has all. */
  readonly fillsLeftOut: number;
}

export interface SweepPageData {
  readonly kind: 'sweep';
  readonly head: PageHead;
  readonly sweep: SweepOutcome;
}

export type PageData = RunPageData | SweepPageData;
