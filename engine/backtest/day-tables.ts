// The large tables of a backtest of several days: made for the first day, emptied for each further
// one. A day's tables take tens of megabytes; made anew each day they keep the garbage collector
// busier than the run. Used by runner.ts. Invariant: a table is handed out once a day, and what
// it held of the day before is gone by then, so that day's accounts may not be read any more.
import type { Recycled, Tables } from '../core/tables.ts';

interface Shelf {
  readonly tables: Recycled[];
  next: number;
}

export class DayTables implements Tables {
  readonly #shelves = new Map<string, Shelf>();

  /** Everything that was handed out before comes back. */
  beginDay(): void {
    for (const shelf of this.#shelves.values()) shelf.next = 0;
  }

  take<T extends Recycled>(name: string, make: () => T): T {
    const shelf = this.#shelves.get(name) ?? { tables: [], next: 0 };
    this.#shelves.set(name, shelf);
    const place = shelf.next++;
    const known = shelf.tables[place] as T | undefined;
    if (known !== undefined) {
      known.clear();
      return known;
    }
    const made = make();
    shelf.tables[place] = made;
    return made;
  }
}
