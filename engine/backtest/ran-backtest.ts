// What executeBacktest() gives: a finished run in memory. Read by who keeps it (records), boils it
// down (sweep) or holds it against another one (check).
import type { EngineSetup } from '../host/setup.ts';
import type { DetailRecorder } from './detail/detail-recorder.ts';
import type { ParamValue } from './options.ts';
import type { BacktestReport, RunCollector } from './report.ts';
import type { BacktestResult } from './runner.ts';

export interface RanBacktest {
  readonly setup: EngineSetup;
  readonly result: BacktestResult;
  readonly collector: RunCollector;
  readonly report: BacktestReport;
  /** As the strategy saw them, defaults filled in. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Null when no detail was asked for. */
  readonly recorder: DetailRecorder | null;
  /** series.csv of the strategy's own series; '' = it has none. */
  readonly series: string;
}
