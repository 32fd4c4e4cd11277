// Bridge A, connected and busy, beside the engine of the tick-to-order bench: as many orders a
// second as go through it, over the link protocol, into a client that answers at once. Called by
// qmt-hot-path.bench.ts. Always: at normal priority on whatever the engine's threads leave it; it
// says how many orders were answered, so that a starved bridge does not look like a light one.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BridgeRun, end, engineOf, startBridge } from './qmt.bench.ts';

/** Below the bridge's limit of 300 a second. */
const ORDERS_PER_SECOND = 250;
const PIECE_MS = 20;
const PIECE = (ORDERS_PER_SECOND * PIECE_MS) / 1_000;

export class BridgeBeside {
  answered = 0;
  seconds = 0;
  #dir = '';
  #child: ChildProcess | null = null;
  #run: BridgeRun | null = null;
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;

  async open(): Promise<void> {
    this.#dir = mkdtempSync(join(tmpdir(), 'pankou-beside-'));
    this.#child = await startBridge(this.#dir);
    const run = new BridgeRun(await engineOf(this.#dir));
    this.#run = run;
    this.#startedMs = performance.now();
    this.#timer = setInterval(() => {
      // No more than a second's worth on its way: what waits is not work.
      if (run.times.size - run.note() < ORDERS_PER_SECOND) run.send(PIECE);
    }, PIECE_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.answered = this.#run?.note() ?? 0;
    this.seconds = (performance.now() - this.#startedMs) / 1_000;
    if (this.#child !== null) await end(this.#child);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
