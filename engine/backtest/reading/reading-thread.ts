// Reads the data of a run in a thread of its own, while the main thread does something useful.
// Called by many-days.ts for files of some size; its other side is reading-worker.ts. Always: the
// days are those that openMarketDays() gives, and what it throws is thrown here.
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type BadRow, CsvRowError, MarketDataError } from '../data/errors.ts';
import { listFiles, type MarketDay } from '../data/load.ts';
import { type DaysPlan, type DaysWish, type MarketDays, PlannedDays } from '../data/market-days.ts';
import type { SharedDay } from '../day-shelf.ts';
import { isStore } from '../store/store-folder.ts';
import { Tape } from '../tape.ts';

/** What is to be read: plain data, so overlays of the rule book come as paths of files. */
export interface ReadingWish extends Omit<DaysWish, 'rules' | 'onProgress'> {
  readonly overlays: readonly string[];
}

/** A day that the thread is to make. */
export interface ReadingQuestion {
  readonly day: number;
  readonly prior: ReadonlyMap<string, number>;
}

export type ReadingFailure =
  | { readonly kind: 'row'; readonly bad: BadRow }
  | { readonly kind: 'data'; readonly message: string }
  | { readonly kind: 'bug'; readonly stack: string };

export type ReadingAnswer =
  | { readonly kind: 'progress'; readonly fraction: number; readonly text: string }
  | { readonly kind: 'plan'; readonly plan: DaysPlan }
  | { readonly kind: 'day'; readonly day: Pick<SharedDay, 'tape'> & { rest: MarketDayRest } }
  | { readonly kind: 'failure'; readonly failure: ReadingFailure };

export type MarketDayRest = Omit<MarketDay, 'tape' | 'rowAt'>;

/** One piece of what is done while the thread reads; false = there is nothing left to do. */
export type Meanwhile = () => Promise<boolean>;

/** Below this a thread takes longer to start than the files take to read. */
const WORTH_BYTES = 2 << 20;

/** Whether these data are worth a thread; throws MarketDataError where there are none. */
export async function isWorthAThread(path: string): Promise<boolean> {
  if (isStore(path)) return false;
  const sizes = await Promise.all((await listFiles(path)).map(async (f) => (await stat(f)).size));
  return sizes.reduce((sum, size) => sum + size, 0) >= WORTH_BYTES;
}

/** openMarketDays() in another thread; `meanwhile` is done again and again until it answers. */
export async function openDaysApart(
  wish: ReadingWish,
  onProgress: (fraction: number, text: string) => void,
  meanwhile: Meanwhile,
): Promise<MarketDays> {
  const thread = new ReadingThread(wish, onProgress, meanwhile);
  const plan = await thread.plan();
  return new PlannedDays(plan, (day, prior) => thread.day({ day, prior }));
}

class ReadingThread {
  readonly #worker: Worker;
  readonly #meanwhile: Meanwhile;
  readonly #onProgress: (fraction: number, text: string) => void;
  #resolve: (answer: ReadingAnswer) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #isWaiting = false;

  constructor(
    wish: ReadingWish,
    onProgress: (fraction: number, text: string) => void,
    meanwhile: Meanwhile,
  ) {
    this.#meanwhile = meanwhile;
    this.#onProgress = onProgress;
    const url = new URL('./reading-worker.ts', import.meta.url);
    this.#worker = new Worker(url, { workerData: wish, execArgv: [] });
    // It ends with the last day; a run that stops before leaves it to the end of the process.
    this.#worker.unref();
    this.#worker.on('message', (answer: ReadingAnswer) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`the reading thread ended: ${code}`)));
  }

  async plan(): Promise<DaysPlan> {
    const answer = await this.#answer();
    if (answer.kind !== 'plan') throw new Error(`the reading thread sent ${answer.kind} (a bug)`);
    return answer.plan;
  }

  async day(question: ReadingQuestion): Promise<MarketDay> {
    this.#worker.postMessage(question);
    const answer = await this.#answer();
    if (answer.kind !== 'day') throw new Error(`the reading thread sent ${answer.kind} (a bug)`);
    const { tape, rest } = answer.day;
    return { ...rest, tape: Tape.ofShared(tape), rowAt: () => null };
  }

  async #answer(): Promise<ReadingAnswer> {
    this.#worker.ref();
    this.#isWaiting = true;
    const answer = new Promise<ReadingAnswer>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Heard here first, so that a failure while pieces run is nobody's unhandled rejection.
    answer.catch(() => {});
    while (this.#isWaiting && (await this.#meanwhile())) await nextTurn();
    try {
      return await answer;
    } finally {
      this.#worker.unref();
    }
  }

  #onAnswer(answer: ReadingAnswer): void {
    if (answer.kind === 'progress') {
      this.#onProgress(answer.fraction, answer.text);
      return;
    }
    this.#isWaiting = false;
    if (answer.kind === 'failure') this.#reject(errorOf(answer.failure));
    else this.#resolve(answer);
  }

  #end(error: Error): void {
    this.#isWaiting = false;
    this.#reject(error);
  }
}

/** Lets what has arrived be heard. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function errorOf(failure: ReadingFailure): Error {
  if (failure.kind === 'row') return new CsvRowError(failure.bad);
  if (failure.kind === 'data') return new MarketDataError(failure.message);
  return new Error(`reading the data failed: ${failure.stack}`);
}
