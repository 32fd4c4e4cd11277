// Reading something from the server for a page: what came, or why not. Used by the research pages.
// Always holds: an answer that comes after a newer question is dropped.
import { type Ref, ref } from 'vue';
import { RunsError } from './runs-api.ts';
import { say } from './say.ts';

export interface Loading<T> {
  readonly value: Ref<T | undefined>;
  /** '' = nothing went wrong. */
  readonly problem: Ref<string>;
  load(): Promise<void>;
}

export function loading<T>(read: () => Promise<T>): Loading<T> {
  const value = ref<T>() as Ref<T | undefined>;
  const problem = ref('');
  let last = 0;
  async function load(): Promise<void> {
    const turn = ++last;
    try {
      const found = await read();
      if (turn !== last) return;
      value.value = found;
      problem.value = '';
    } catch (error) {
      if (turn === last) problem.value = problemText(error);
    }
  }
  return { value, problem, load };
}

/** An error as a sentence: ours where we have one, else the server's. */
export function problemText(error: unknown): string {
  if (!(error instanceof RunsError)) return String(error);
  if (error.code === 'offline') return say('offline');
  if (error.code === 'unauthorised') return say('unauthorised');
  return error.field === '' ? error.message : `${error.field}: ${error.message}`;
}
