// The way to the runs store: opened with the first question, kept open, looked through again at
// each. Called by runs-calls.ts and runs-routes.ts. Always: its database is loaded only when
// somebody asks for runs, so an engine whose pages nobody uses pays nothing.
import { existsSync } from 'node:fs';
import type { RunStore } from '../../backtest/records/run-store.ts';

type Views = typeof import('./run-views.ts');

export class StoreDoor {
  readonly dir: string;
  #store: RunStore | null = null;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Calls `use` with the store, null while nothing was recorded, and the ways to look at it. */
  async read<T>(use: (store: RunStore | null, views: Views) => T): Promise<T> {
    const views = await import('./run-views.ts');
    if (this.#store === null && existsSync(this.dir)) {
      const { RunStore } = await import('../../backtest/records/run-store.ts');
      this.#store ??= new RunStore(this.dir, false);
    }
    this.#store?.takeUp();
    return use(this.#store, views);
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
  }
}
