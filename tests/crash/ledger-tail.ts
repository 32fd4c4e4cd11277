// The end of the counter's ledger as it grows: how many orders it holds and when the last one came.
// Used by crash-rig.ts while everything runs. Always: reads only what is new, so that looking often
// costs the processes under test nothing; a line that is not whole yet waits for the next look.
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const MARK = '"t":"order"';

export class LedgerTail {
  /** Orders so far. */
  orders = 0;
  /** When a look first found the newest of them, ms of this process. */
  lastOrderMs = 0;
  readonly #path: string;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #file = -1;
  #at = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what is new; the number of orders. */
  look(): number {
    if (this.#file < 0 && !this.#open()) return 0;
    for (;;) {
      const got = readSync(this.#file, this.#chunk, 0, CHUNK_BYTES, this.#at);
      if (got === 0) return this.orders;
      this.#at += got;
      const lines = (this.#rest + this.#chunk.toString('latin1', 0, got)).split('\n');
      this.#rest = lines.pop()!;
      const found = lines.filter((line) => line.includes(MARK)).length;
      if (found === 0) continue;
      this.orders += found;
      this.lastOrderMs = performance.now();
    }
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  #open(): boolean {
    try {
      this.#file = openSync(this.#path, 'r');
      return true;
    } catch {
      return false;
    }
  }
}
