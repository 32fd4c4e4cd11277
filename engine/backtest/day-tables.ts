// The large tables of a backtest of several days: made for the first day, emptied for each further
// one; and the columns of a day, cut one behind the other from one block that is zeroed as the day
// begins. A day's tables take tens of megabytes; made anew each day they keep the garbage collector
// busier than the run. Used by runner.ts. Invariant: a table is handed out once a day, and what
// it held of the day before is gone by then, so that day's accounts may not be read any more.
import type { Recycled, Tables } from '../core/tables.ts';

interface Shelf {
  readonly tables: Recycled[];
  next: number;
}

/** Columns begin on a line of the processor's cache. */
const LINE = 64;
const BLOCK_BYTES = 65_536;

export class DayTables implements Tables {
  readonly #shelves = new Map<string, Shelf>();
  #block = new ArrayBuffer(BLOCK_BYTES);
  #used = 0;

  /** Everything that was handed out before comes back. */
  beginDay(): void {
    for (const shelf of this.#shelves.values()) shelf.next = 0;
    new Uint8Array(this.#block, 0, this.#used).fill(0);
    this.#used = 0;
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

  int32(count: number): Int32Array {
    const at = this.#cut(count * 4);
    return new Int32Array(this.#block, at, count);
  }

  int16(count: number): Int16Array {
    const at = this.#cut(count * 2);
    return new Int16Array(this.#block, at, count);
  }

  int8(count: number): Int8Array {
    const at = this.#cut(count);
    return new Int8Array(this.#block, at, count);
  }

  uint8(count: number): Uint8Array {
    const at = this.#cut(count);
    return new Uint8Array(this.#block, at, count);
  }

  float64(count: number): Float64Array {
    const at = this.#cut(count * 8);
    return new Float64Array(this.#block, at, count);
  }

  /** Byte of the block at which so many are free; a full block is left to those who hold it. */
  #cut(bytes: number): number {
    const at = this.#used;
    this.#used = at + Math.ceil(bytes / LINE) * LINE;
    if (this.#used <= this.#block.byteLength) return at;
    this.#block = new ArrayBuffer(Math.max(this.#block.byteLength, this.#used) * 2);
    this.#used = Math.ceil(bytes / LINE) * LINE;
    return 0;
  }
}
