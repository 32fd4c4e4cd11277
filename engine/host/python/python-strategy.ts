// A Python strategy as a strategy of this engine: the file is read, its parameters are checked, and
// its hooks become turns of a Python process. Called by the strategy loader for `.py` files.
// Always: one process a load, in step with the engine; the engine's adapter rounds its orders.
import { basename, resolve } from 'node:path';
import type { ParamSpec, ParamSpecs, Strategy } from '../../core/strategy.ts';
import { clientStrategy } from './client-strategy.ts';
import { ptradeStrategy } from './ptrade-strategy.ts';
import { PythonTalk, type Started } from './python-talk.ts';

/** Longest time of one callback unless said, ms. */
const CALLBACK_MS = 10_000;

type ParamValue = number | boolean | string;

/** What the file says without being run. */
interface Declared {
  readonly mode: 'ptrade' | 'client';
  readonly params: Readonly<Record<string, ParamSpec>>;
}

/** Starts the file with parameters that `merge` has checked; throws PythonError, or as it does. */
export function loadPython(
  file: string,
  merge: (specs: ParamSpecs) => Readonly<Record<string, ParamValue>>,
  limitMs: number = CALLBACK_MS,
): { strategy: Strategy<ParamSpecs, unknown>; params: Readonly<Record<string, ParamValue>> } {
  const talk = new PythonTalk(limitMs);
  try {
    const declared = talk.tell({ file: resolve(file) }) as Declared;
    const specs = declared.params;
    const params = merge(specs);
    const begin = (instruments: readonly string[]): Started =>
      talk.tell({
        ...{ do: 'start', params, instruments, limit: limitMs / 1000, seed: basename(file) },
      }) as Started;
    const made =
      declared.mode === 'ptrade' ? ptradeStrategy(talk, begin([])) : clientStrategy(talk, begin);
    return { strategy: { ...made, params: specs }, params };
  } catch (error) {
    talk.close();
    throw error;
  }
}
