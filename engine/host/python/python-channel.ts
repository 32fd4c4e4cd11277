// A Python process that answers one question at a time. Made by python-strategy.ts. Always: ask()
// waits until the answer is there, so a run goes on in step; a process that died, or says nothing
// for too long, is an error with its last words; close() leaves no process behind.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { ANSWERED, GONE, type ThreadData, WAITING } from './python-words.ts';

const RUNNER = fileURLToPath(
  new URL('../../../clients/python/pankou_strategy.py', import.meta.url),
);
/** Longest line that Python may answer: a year of minute bars of a code has 4 MB. */
const ANSWER_BYTES = 16 << 20;
/** Python watches its own callbacks; this is for one that cannot. */
const GRACE_MS = 5_000;

/** What is wrong with a Python strategy, for people: the text has its file and line. */
export class PythonError extends Error {
  override readonly name = 'PythonError';

  constructor(text: string) {
    super(text.split('\n')[0] ?? text);
    // Where in Python it happened; where in the engine says nothing to its author.
    this.stack = text;
  }
}

export class PythonChannel {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: SharedArrayBuffer;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #limitMs: number;
  #closed = false;

  /** Starts the interpreter: PANKOU_PYTHON, else python3. `limitMs`: longest answer. */
  constructor(limitMs: number) {
    const windows = process.platform === 'win32';
    const python = process.env['PANKOU_PYTHON'] ?? (windows ? 'python' : 'python3');
    const control = new SharedArrayBuffer(8);
    this.#bytes = new SharedArrayBuffer(ANSWER_BYTES);
    this.#words = new Int32Array(control);
    this.#limitMs = limitMs + GRACE_MS;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: ThreadData = {
      ...{ control, bytes: this.#bytes, python, runner: RUNNER, port: port2 },
    };
    const url = new URL('./python-thread.ts', import.meta.url);
    this.#worker = new Worker(url, { workerData, execArgv: [], transferList: [port2] });
    this.#worker.unref();
    this.#port.unref();
  }

  /** Sends a message and waits for the line that answers it; throws PythonError. */
  ask(message: object): unknown {
    if (this.#closed) throw new PythonError('the Python process has ended');
    Atomics.store(this.#words, 0, WAITING);
    this.#port.postMessage(`${JSON.stringify(message)}\n`);
    if (Atomics.wait(this.#words, 0, WAITING, this.#limitMs) === 'timed-out') {
      this.close();
      throw new PythonError(`no answer from Python for ${this.#limitMs / 1000} s`);
    }
    const state = Atomics.load(this.#words, 0);
    const length = Atomics.load(this.#words, 1);
    const text = Buffer.from(new Uint8Array(this.#bytes, 0, length)).toString('utf8');
    if (state === ANSWERED) return JSON.parse(text);
    this.close();
    if (state === GONE) throw new PythonError(`Python: ${text}`);
    throw new PythonError(`an answer of Python is longer than ${ANSWER_BYTES >> 20} MiB`);
  }

  /** Ends the process. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
  }
}
