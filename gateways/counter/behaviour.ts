// How badly the counter behaves: the facts of real brokers' clients as switches, drawn from a seed
// (QMT facts Q1 to Q12 of docs/BRIDGE.md). Read from the command line by the counter's main.ts.
// Invariant: it lies about what it tells and when, never about what its ledger holds.
import { seededRandom } from './tape.ts';

/** Probabilities, 0 to 1, but for `delayMs` and `replay`. */
export interface Pack {
  /** Answers and pushes come up to this late, and so out of order (Q1, Q8). */
  readonly delayMs: number;
  /** A response is never sent although the call was carried out (Q6). */
  readonly lostResponse: number;
  /** A push is never sent. */
  readonly lostPush: number;
  /** A push is sent twice. */
  readonly duplicate: number;
  /** After a reconnect all pushes of the day come again: 1 = always (Q9). */
  readonly replay: number;
  /** A query answers None (Q4). */
  readonly none: number;
}

export const GOOD: Pack = {
  delayMs: 0,
  lostResponse: 0,
  lostPush: 0,
  duplicate: 0,
  replay: 0,
  none: 0,
};

/** `delayMs=5,none=0.1`; throws naming what is not known. */
export function parsePack(text: string): Pack {
  const pack: Record<string, number> = { ...GOOD };
  for (const part of text.split(',').filter((p) => p !== '')) {
    const [key, value] = part.split('=');
    const number = Number(value);
    const most = key === 'delayMs' ? 60_000 : 1;
    if (!Object.hasOwn(GOOD, key!) || !(number >= 0 && number <= most)) {
      const known = Object.keys(GOOD).join(', ');
      throw new Error(`behaviour '${part}', expected KEY=NUMBER of ${known} (0 to ${most})`);
    }
    pack[key!] = number;
  }
  return pack as unknown as Pack;
}

export class Behaviour {
  readonly #pack: Pack;
  readonly #random: () => number;

  constructor(pack: Pack, seed: number) {
    this.#pack = pack;
    this.#random = seededRandom(seed ^ 0x5eed);
  }

  happens(what: Exclude<keyof Pack, 'delayMs'>): boolean {
    const chance = this.#pack[what];
    return chance > 0 && this.#random() < chance;
  }

  /** Milliseconds until something is told. */
  delayMs(): number {
    return this.#pack.delayMs === 0 ? 0 : Math.floor(this.#random() * this.#pack.delayMs);
  }
}
