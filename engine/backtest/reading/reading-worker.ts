// Worker entry of the reading thread: reads the data of a run, tells its plan, then makes its days
// as they are asked for, and ends with the last one. Started by reading-start.ts. Always: a
// failure is told as plain data, since a thread does not hand over errors with their class.
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../../assert.ts';
import { ruleBookOf } from '../../rules/overlay-files.ts';
import { CsvRowError, MarketDataError } from '../data/errors.ts';
import { type MarketDays, openMarketDays, planOf } from '../data/market-days.ts';
import { PriorPrices } from '../data/prior-prices.ts';
import type {
  ReadingAnswer,
  ReadingFailure,
  ReadingQuestion,
  ReadingWish,
} from './reading-words.ts';

/** Least time between two lines of progress. */
const PROGRESS_MS = 50;

const port = must(parentPort, 'the reading worker was not started as a worker');
let toldMs = 0;

function tell(answer: ReadingAnswer): void {
  port.postMessage(answer);
}

function tellProgress(fraction: number, text: string): void {
  const nowMs = performance.now();
  if (nowMs - toldMs < PROGRESS_MS && fraction < 1) return;
  toldMs = nowMs;
  tell({ kind: 'progress', fraction, text });
}

function failureOf(error: unknown): ReadingFailure {
  if (error instanceof CsvRowError) {
    const { file, line, column, value, expected } = error;
    return { kind: 'row', bad: { file, line, column, value, expected } };
  }
  if (error instanceof MarketDataError) return { kind: 'data', message: error.message };
  return { kind: 'bug', stack: error instanceof Error ? String(error.stack) : String(error) };
}

async function makeDay(days: MarketDays, { day, prior }: ReadingQuestion): Promise<void> {
  const { tape, rowAt: _, ...rest } = await days.open(day, new PriorPrices(prior));
  tell({ kind: 'day', day: { tape: tape.share(), rest } });
  if (day === days.days.at(-1)) port.close();
}

try {
  const { overlays, ...wish } = workerData as ReadingWish;
  const days = await openMarketDays({
    ...wish,
    rules: ruleBookOf(overlays),
    onProgress: tellProgress,
  });
  port.on('message', (question: ReadingQuestion) => {
    makeDay(days, question).catch((error) => tell({ kind: 'failure', failure: failureOf(error) }));
  });
  tell({ kind: 'plan', plan: planOf(days) });
} catch (error) {
  tell({ kind: 'failure', failure: failureOf(error) });
}
