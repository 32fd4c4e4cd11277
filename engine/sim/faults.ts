// Which faults a run suffers and how strongly: drawn per seed (swarm), so that runs differ in kind
// and not only in luck. Called by the world at start, by the shrinker to switch classes off.
// Invariant: each class draws its strength from a stream of its own.
import { Random } from './random.ts';

/** Every class of fault; the number is its stream, so the order never changes: only add. */
export const FAULT_CLASSES = [
  'crash',
  'power-cut',
  'torn-tail',
  'disk-full',
  'disk-error',
  'slow-actor',
  'small-ring',
  'duplicate',
  'replay',
  'delay',
  'reorder',
  'lost-response',
  'unknown-first',
  'late-fill',
  'overfill',
  'broker-reject',
  'cancel-refused',
  'silent-hour',
  'feed-gap',
  'halt',
  'limit-move',
  'kill',
  'strategy-fails',
  'manual-cancel',
  'clock-step',
  'bad-intents',
  'link-drop',
  'lost-push',
  'query-none',
  'query-partial',
  'query-stale',
  'query-yesterday',
  'query-silent',
  'external',
  'dead-actor',
  'bridge-crash',
  'two-engines',
  'remark-lost',
  'day-roll',
] as const;

export type FaultClass = (typeof FAULT_CLASSES)[number];

const STREAM = 7_000;
/** Share of runs in which a class is on. */
const SHARE: Partial<Record<FaultClass, number>> = {
  crash: 0.6,
  duplicate: 0.5,
  reorder: 0.5,
  'disk-full': 0.15,
  'disk-error': 0.15,
  kill: 0.25,
  'strategy-fails': 0.15,
  'silent-hour': 0.1,
  'dead-actor': 0.15,
  'two-engines': 0.15,
  'day-roll': 0.15,
};

export class FaultPlan {
  readonly #strength = new Map<FaultClass, number>();

  constructor(seed: number, without: ReadonlySet<FaultClass>) {
    for (const [i, name] of FAULT_CLASSES.entries()) {
      const random = new Random(seed, STREAM + i);
      const on = random.chance(SHARE[name] ?? 0.35);
      const strength = (1 + random.below(100)) / 100;
      if (on && !without.has(name)) this.#strength.set(name, strength);
    }
  }

  /** 0 = off, else above 0 up to 1. */
  strength(name: FaultClass): number {
    return this.#strength.get(name) ?? 0;
  }

  isOn(name: FaultClass): boolean {
    return this.#strength.has(name);
  }

  /** Classes that are on, for traces and for the shrinker. */
  names(): FaultClass[] {
    return [...this.#strength.keys()];
  }
}
