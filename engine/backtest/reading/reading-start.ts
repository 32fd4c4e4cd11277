// Starts the thread that reads a backtest's data, before the rest of the engine is even loaded.
// Called by the backtest command first of all, then handed to reading-thread.ts. Always: imports
// nothing of size; what the thread says early is kept until somebody listens.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BacktestOptions } from '../options.ts';
import { STORE_MARKER } from '../store/store-marker.ts';
import type { ReadingAnswer, ReadingQuestion, ReadingWish } from './reading-words.ts';

/** Below this a thread takes longer to start than the files take to read. */
const WORTH_BYTES = 2 << 20;

export class ReadingStart {
  readonly #worker: Worker;
  readonly #early: (ReadingAnswer | Error)[] = [];
  #ear: ((word: ReadingAnswer | Error) => void) | null = null;

  constructor(wish: ReadingWish) {
    const url = new URL('./reading-worker.ts', import.meta.url);
    this.#worker = new Worker(url, { workerData: wish, execArgv: [] });
    // It ends with the last day; a run that stops before leaves it to the end of the process.
    this.#worker.unref();
    this.#worker.on('message', (answer: ReadingAnswer) => this.#hear(answer));
    this.#worker.on('error', (error) => this.#hear(error));
    this.#worker.on('exit', (code) => this.#hear(new Error(`the reading thread ended: ${code}`)));
  }

  /** Hears everything, from the first word on. */
  listen(ear: (word: ReadingAnswer | Error) => void): void {
    this.#ear = ear;
    for (const word of this.#early.splice(0)) ear(word);
  }

  ask(question: ReadingQuestion): void {
    this.#worker.postMessage(question);
  }

  /** Whether the process lives on for an answer. */
  keepAlive(isWaited: boolean): void {
    if (isWaited) this.#worker.ref();
    else this.#worker.unref();
  }

  #hear(word: ReadingAnswer | Error): void {
    if (this.#ear === null) this.#early.push(word);
    else this.#ear(word);
  }
}

/** Starts the thread where the data of these options are worth one; else null. */
export function startReading(options: BacktestOptions): ReadingStart | null {
  if (options.data.kind !== 'files' || !isWorthAThread(options.data.path)) return null;
  return new ReadingStart(readingWish(options.data.path, options));
}

/** What a run wants of its data. */
export function readingWish(path: string, options: BacktestOptions): ReadingWish {
  return {
    path,
    instruments: options.instruments.map(({ symbol }) => symbol),
    skipBadRows: options.skipBadRows,
    from: options.from ?? 0,
    to: options.to ?? 0,
    overlays: options.rules,
    ...(options.frequency === undefined ? {} : { frequency: options.frequency }),
    ...(options.benchmark === undefined ? {} : { benchmark: options.benchmark }),
  };
}

/** Large files, which are read whole; what is not there is told by who reads it. */
export function isWorthAThread(path: string): boolean {
  try {
    const stats = statSync(path);
    if (!stats.isDirectory()) return stats.size >= WORTH_BYTES;
    // A store is read day by day.
    if (existsSync(join(path, STORE_MARKER))) return false;
    const sizes = readdirSync(path).map((name) => statSync(join(path, name)).size);
    return sizes.reduce((sum, size) => sum + size, 0) >= WORTH_BYTES;
  } catch {
    return false;
  }
}
