// Ends a backtest whose strategy never returns from a callback: a thread looks at the words of the
// strategies and, when one is inside user code for too long, asks where the main thread stands,
// says so and ends the process. Made by the backtest command. Always: a run that goes on pays
// nothing but two counts an event; the thread is gone when the run is.
import process from 'node:process';
import { Worker } from 'node:worker_threads';

/** Longest time of one callback unless said. */
export const CALLBACK_MS = 10_000;

/** What the thread is started with. */
export interface WatchData {
  readonly buffer: SharedArrayBuffer;
  readonly strategies: readonly { readonly name: string; readonly file: string }[];
  readonly limitMs: number;
}

export class LoopWatch {
  /** One word a strategy: odd while its code runs. */
  readonly words: Int32Array;
  readonly #worker: Worker;

  constructor({ strategies }: Pick<WatchData, 'strategies'>, limitMs: number = CALLBACK_MS) {
    const buffer = new SharedArrayBuffer(4 * strategies.length);
    this.words = new Int32Array(buffer);
    const names = strategies.map(({ name, file }) => ({ name, file }));
    const workerData: WatchData = { buffer, strategies: names, limitMs };
    const url = new URL('./loop-watch-thread.ts', import.meta.url);
    this.#worker = new Worker(url, { workerData, execArgv: [] });
    // Heard when the callback was cut off: there is nobody left to return to. The thread keeps the
    // process alive until then; else stop() ends it.
    this.#worker.once('message', () => process.exit(1));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
