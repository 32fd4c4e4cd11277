// Reads the data of a run in a thread of its own, while the main thread does something useful.
// Called by many-days.ts when the thread was started (reading-start.ts); its other side is
// reading-worker.ts. Always: the days are those that openMarketDays() gives, and what it throws is
// thrown here.
import { CsvRowError, MarketDataError } from '../data/errors.ts';
import type { MarketDay } from '../data/load.ts';
import { type DaysPlan, type MarketDays, PlannedDays } from '../data/market-days.ts';
import { Tape } from '../tape.ts';
import type { ReadingStart } from './reading-start.ts';
import type { ReadingAnswer, ReadingFailure, ReadingQuestion } from './reading-words.ts';

/** One piece of what is done while the thread reads; false = there is nothing left to do. */
export type Meanwhile = () => Promise<boolean>;

/** openMarketDays() in that thread; `meanwhile` is done again and again until it answers. */
export async function openDaysApart(
  start: ReadingStart,
  onProgress: (fraction: number, text: string) => void,
  meanwhile: Meanwhile,
): Promise<MarketDays> {
  const thread = new ReadingThread(start, onProgress, meanwhile);
  const plan = await thread.plan();
  return new PlannedDays(plan, (day, prior) => thread.day({ day, prior: prior.toMap() }));
}

class ReadingThread {
  readonly #start: ReadingStart;
  readonly #meanwhile: Meanwhile;
  readonly #onProgress: (fraction: number, text: string) => void;
  #resolve: (answer: ReadingAnswer) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #isWaiting = false;

  constructor(
    start: ReadingStart,
    onProgress: (fraction: number, text: string) => void,
    meanwhile: Meanwhile,
  ) {
    this.#start = start;
    this.#meanwhile = meanwhile;
    this.#onProgress = onProgress;
  }

  async plan(): Promise<DaysPlan> {
    const answer = await this.#answer(() => this.#start.listen((word) => this.#onWord(word)));
    if (answer.kind !== 'plan') throw new Error(`the reading thread sent ${answer.kind} (a bug)`);
    return answer.plan;
  }

  async day(question: ReadingQuestion): Promise<MarketDay> {
    const answer = await this.#answer(() => this.#start.ask(question));
    if (answer.kind !== 'day') throw new Error(`the reading thread sent ${answer.kind} (a bug)`);
    const { tape, rest } = answer.day;
    return { ...rest, tape: Tape.ofShared(tape), rowAt: () => null };
  }

  async #answer(begin: () => void): Promise<ReadingAnswer> {
    this.#isWaiting = true;
    const answer = new Promise<ReadingAnswer>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Heard here first, so that a failure while pieces run is nobody's unhandled rejection.
    answer.catch(() => {});
    this.#start.keepAlive(true);
    begin();
    while (this.#isWaiting && (await this.#meanwhile())) await nextTurn();
    try {
      return await answer;
    } finally {
      this.#start.keepAlive(false);
    }
  }

  #onWord(word: ReadingAnswer | Error): void {
    if (word instanceof Error) {
      this.#isWaiting = false;
      this.#reject(word);
    } else if (word.kind === 'progress') this.#onProgress(word.fraction, word.text);
    else {
      this.#isWaiting = false;
      if (word.kind === 'failure') this.#reject(errorOf(word.failure));
      else this.#resolve(word);
    }
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
