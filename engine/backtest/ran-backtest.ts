// What executeBacktest() gives: a finished run in memory. Read by who keeps it (records), boils it
// down (sweep) or holds it against another one (check).
import type { CurvePoint } from './analytics/input.ts';
import type { DayRecord } from './day-record.ts';
import type { DetailRecorder } from './detail/detail-recorder.ts';
import type { ParamValue } from './options.ts';
import type { BacktestReport } from './report.ts';
import type { FillRow } from './run-collector.ts';
import type { SeriesPoints } from './strategy-outputs.ts';

export interface RanBacktest {
  readonly report: BacktestReport;
  /** At least one. */
  readonly days: readonly DayRecord[];
  /** Of all days, in order. */
  readonly fills: readonly FillRow[];
  readonly curve: readonly CurvePoint[];
  /** Closes of the benchmark in its points, by day. */
  readonly benchmark: ReadonlyMap<number, number>;
  /** Spent running, loading apart. */
  readonly seconds: number;
  /** As the strategy saw them, defaults filled in. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Null when no detail was asked for. */
  readonly recorder: DetailRecorder | null;
  /** series.csv of the strategy's own series; '' = it has none. */
  readonly series: string;
  /** The same as points, for the page. */
  readonly seriesPoints: readonly SeriesPoints[];
}
