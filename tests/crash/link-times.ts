// How long the engine needs to notice that its link is cut, and to trade again once it is back: as
// seen from outside, by the words it says and the orders that arrive at the counter. Used by
// crash-rig.ts, told by campaigns. Always: counts cuts only during which nothing else was wrong.
import type { CutKind } from './link-proxy.ts';
import type { LinkSteps, Parts } from './link-steps.ts';

const LOST = /: (connection lost|cannot be reached)/;
const BACK = /: connected/;

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

export class LinkTimes {
  /** ms from the cut to the engine's word; ms from the mending to the next order. */
  readonly noticedMs: Record<CutKind, number[]> = { closed: [], silent: [] };
  readonly againMs: Record<CutKind, number[]> = { closed: [], silent: [] };
  /** What the time until the next order went into, of each cut that led to a recovery. */
  readonly parts: Parts[] = [];
  readonly #steps: LinkSteps;
  #kind: CutKind = 'closed';
  #cutAt = 0;
  #mendAt = 0;
  /** 0 = not, or not noticed. */
  #noticedAt = 0;
  #isUp = true;

  constructor(steps: LinkSteps) {
    this.#steps = steps;
  }

  /** What the engine printed just now. */
  heard(piece: string): void {
    for (const line of piece.split('\n')) {
      if (LOST.test(line)) {
        this.#isUp = false;
        if (this.#cutAt > 0 && this.#noticedAt === 0) this.#noticedAt = performance.now();
      } else if (BACK.test(line)) this.#isUp = true;
    }
  }

  cut(kind: CutKind): void {
    this.#kind = kind;
    this.#noticedAt = 0;
    this.#cutAt = performance.now();
  }

  mend(): void {
    this.#mendAt = performance.now();
  }

  /** Whether the engine has its link again, or never missed it. */
  get isBack(): boolean {
    return this.#isUp;
  }

  /** Orders arrive again: the cut is over. */
  traded(atMs: number): void {
    if (this.#noticedAt > 0) this.noticedMs[this.#kind].push(this.#noticedAt - this.#cutAt);
    this.againMs[this.#kind].push(Math.max(0, atMs - this.#mendAt));
    if (this.#steps.parts !== null) this.parts.push(this.#steps.parts);
    this.#cutAt = 0;
  }
}

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), max: at(1) };
}
