// How badly the counter behaves: the facts of real brokers' clients as switches, drawn from a
// seed or ordered for the next time (`admin fault`). Read from the command line by main.ts.
// Invariant: it lies about what it tells and when, never about what its ledger holds.
import { seededRandom } from './tape.ts';

/** Probabilities, 0 to 1, but for `delayMs`, `staleMs` and `emptyNone`. */
export interface Pack {
  /** Answers and pushes come up to this late, and so out of order. */
  readonly delayMs: number;
  /** Queries answer from a picture up to this old. */
  readonly staleMs: number;
  /** A response is never sent although the call was carried out. */
  readonly lostResponse: number;
  /** An order call answers -1 although the order lives. */
  readonly failed: number;
  /** An order call answers -1, and there is no order. */
  readonly refusedCall: number;
  /** The client shows a pop-up: no answer worth anything, no order, no push. */
  readonly popUp: number;
  /** The response comes behind all pushes of its order (else drawn: either may be first). */
  readonly late: number;
  /** The response comes before every push of its order. */
  readonly early: number;
  /** A push is never sent. */
  readonly lostPush: number;
  /** A push is sent twice. */
  readonly duplicate: number;
  /** A push waits until the next one was sent. */
  readonly reorder: number;
  /** An order is told with a status that nobody knows (99). */
  readonly unknownStatus: number;
  /** After a reconnect all pushes of the day come again: 1 = always. */
  readonly replay: number;
  /** A query answers None. */
  readonly none: number;
  /** 1 = a query without rows answers None. */
  readonly emptyNone: number;
  /** A query is never answered. */
  readonly hang: number;
  /** A cancel call answers "failed" although it was carried out. */
  readonly cancelFailed: number;
  /** A cancel call answers "sent" and nothing follows. */
  readonly cancelLost: number;
  /** A client's connection is cut instead of an answer; the call was carried out. */
  readonly drop: number;
}

export const GOOD: Pack = {
  ...{ delayMs: 0, staleMs: 0, lostResponse: 0, failed: 0, refusedCall: 0, popUp: 0 },
  ...{ late: 0, early: 0, lostPush: 0, duplicate: 0, reorder: 0, unknownStatus: 0 },
  ...{ replay: 0, none: 0, emptyNone: 0, hang: 0, cancelFailed: 0, cancelLost: 0, drop: 0 },
};

const MILLISECONDS: readonly string[] = ['delayMs', 'staleMs'];

export type FaultName = Exclude<keyof Pack, 'delayMs' | 'staleMs'>;

/** `delayMs=5,none=0.1`; throws naming what is not known. */
export function parsePack(text: string): Pack {
  const pack: Record<string, number> = { ...GOOD };
  for (const part of text.split(',').filter((p) => p !== '')) {
    const [key, value] = part.split('=');
    const number = Number(value);
    const most = MILLISECONDS.includes(key!) ? 60_000 : 1;
    if (!Object.hasOwn(GOOD, key!) || !(number >= 0 && number <= most)) {
      const known = Object.keys(GOOD).join(', ');
      throw new Error(`behaviour '${part}', expected KEY=NUMBER of ${known} (0 to ${most})`);
    }
    pack[key!] = number;
  }
  return pack as unknown as Pack;
}

export class Behaviour {
  readonly #first: Pack;
  #pack: Pack;
  readonly #random: () => number;
  /** Faults ordered for the next so many times. */
  readonly #ordered = new Map<string, number>();

  constructor(pack: Pack, seed: number) {
    this.#first = pack;
    this.#pack = pack;
    this.#random = seededRandom(seed ^ 0x5eed);
  }

  /** `none` 2 times, or delayMs from now on; throws for a name that is none. */
  order(name: string, times: number): void {
    if (MILLISECONDS.includes(name)) {
      this.#pack = { ...this.#pack, [name]: times };
      return;
    }
    parsePack(`${name}=1`);
    this.#ordered.set(name, times);
  }

  /** No fault is ordered any more; what the command line drew goes on. */
  clear(): void {
    this.#ordered.clear();
    this.#pack = this.#first;
  }

  happens(what: FaultName): boolean {
    const left = this.#ordered.get(what) ?? 0;
    if (left > 0) {
      this.#ordered.set(what, left - 1);
      return true;
    }
    const chance = this.#pack[what];
    return chance > 0 && this.#random() < chance;
  }

  /** Milliseconds until something is told. */
  delayMs(): number {
    return this.#pack.delayMs === 0 ? 0 : Math.floor(this.#random() * this.#pack.delayMs);
  }

  get staleMs(): number {
    return this.#pack.staleMs;
  }
}
