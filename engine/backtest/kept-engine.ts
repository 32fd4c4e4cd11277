// The backtest engine of this thread, kept from run to run: its memory, kernels and tables take
// tens of megabytes, and a sweep whose cells make them anew spends a quarter of its time on that.
// Borrowed by many-days.ts. Invariant: an engine serves one run at a time; one whose run failed is
// not used again.
import { BacktestEngine } from './runner.ts';

let kept: BacktestEngine | null = null;

/** An engine at the begin of a run; another one when that of the thread is at work. */
export function borrowEngine(): BacktestEngine {
  const engine = kept ?? new BacktestEngine();
  kept = null;
  return engine;
}

/** Gives an engine back whose run came to its end: nothing that it returned is read any more. */
export function returnEngine(engine: BacktestEngine): void {
  engine.endRun();
  kept = engine;
}
