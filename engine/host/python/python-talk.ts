// One turn of a Python strategy: it is told what happened, may ask for things meanwhile, and ends
// the turn with its answer. Used by the two kinds of Python strategies. Always: a refused call is
// an error in Python, at its line; an error in Python is one here, with its file and line.
import { PythonChannel, PythonError } from './python-channel.ts';

/** What Python may call, by name. */
export type PythonCalls = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What running its top level gave. */
export interface Started {
  readonly functions?: readonly string[];
  readonly frequency?: string;
  readonly daily_at?: string;
}

interface Line {
  readonly call?: string;
  readonly args?: readonly unknown[];
  readonly done?: unknown;
  readonly failed?: string;
}

const open = new Set<PythonTalk>();

/** Ends every Python process of this thread. */
export function closePythons(): void {
  for (const talk of open) talk.close();
}

export class PythonTalk {
  readonly #channel: PythonChannel;
  #calls: PythonCalls = {};

  constructor(limitMs: number) {
    this.#channel = new PythonChannel(limitMs);
    open.add(this);
  }

  /** What Python may call from now on. */
  set calls(calls: PythonCalls) {
    this.#calls = calls;
  }

  /** A turn; what it ended with. Throws PythonError. */
  tell(message: object): unknown {
    let line = this.#channel.ask(message) as Line;
    while (line.call !== undefined) {
      line = this.#channel.ask(this.#answer(line.call, line.args ?? [])) as Line;
    }
    if (line.failed === undefined) return line.done;
    this.close();
    throw new PythonError(line.failed);
  }

  close(): void {
    open.delete(this);
    this.#channel.close();
  }

  #answer(name: string, args: readonly unknown[]): object {
    const call = this.#calls[name];
    if (call === undefined) return { error: `${name} is not there` };
    try {
      // None of Python is an argument that was not given.
      const given = args.map((one) => (one === null ? undefined : one));
      return { ok: call(...(given as never[])) ?? null };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
