// How patient a run's links are, and how fast its time goes by: quick, usual, or production's own
// options. Called by the world, and by sim-setup.ts for the configuration. Invariant: one pace for
// a whole run, from its seed; every pace sees the same faults.
import { LINK_DEFAULTS, type LinkOptions } from '../core/link-options.ts';
import type { Random } from './random.ts';

const MS = 1_000_000;
const SECOND_NS = 1_000 * MS;

export interface SimPace {
  readonly name: 'quick' | 'usual' | 'production';
  readonly link: LinkOptions;
  /** Most by which one step moves time on. */
  readonly stepNs: number;
  /** Most by which a step moves time on at leisure, and how often it does: links ready, or not. */
  readonly leapNs: number;
  readonly leaps: number;
  readonly leapsUnready: number;
  /** The threads of a link that is not ready get a turn at every step. */
  readonly hurries: boolean;
  /** Time between two rounds of everybody once the faults are off: with nothing to say, or else. */
  readonly roundNs: number;
  readonly roundUnreadyNs: number;
}

/** A hundred times less patient than in production: a run lasts seconds. */
const USUAL: LinkOptions = {
  ...{ whileDown: 'reject', holdNs: 100 * MS, answerNs: 50 * MS, silentNs: 150 * MS },
  ...{ queryNs: 300 * MS, gapNs: 10 * MS, lightNs: 50 * MS, fullNs: 300 * MS, fullAtNs: [] },
};
/** Ready almost at once, so that a run has more of its steps for orders. */
const QUICK: LinkOptions = { ...USUAL, gapNs: MS, fullNs: 600 * MS };

const SHORT_STEPS = {
  ...{ stepNs: 2 * MS, leapNs: 2 * MS, leaps: 0, leapsUnready: 0, roundNs: 5 * MS },
  ...{ roundUnreadyNs: 5 * MS, hurries: false },
};
export const PACES: readonly SimPace[] = [
  { name: 'quick', link: QUICK, ...SHORT_STEPS, leapNs: 5 * MS, leapsUnready: 0.5, hurries: true },
  { name: 'usual', link: USUAL, ...SHORT_STEPS },
  {
    ...{ name: 'production', link: LINK_DEFAULTS, stepNs: 2 * MS, leapNs: SECOND_NS },
    ...{ leaps: 0.02, leapsUnready: 0.2, roundNs: 400 * MS },
    ...{ roundUnreadyNs: 25 * MS, hurries: true },
  },
];
const SHARES = [0.5, 0.3, 0.2];

/** The pace of a run. */
export function drawPace(random: Random): SimPace {
  const draw = random.below(1_000) / 1_000;
  if (draw < SHARES[0]!) return PACES[0]!;
  return draw < SHARES[0]! + SHARES[1]! ? PACES[1]! : PACES[2]!;
}

/** By how much the next step moves time on. */
export function stepOf(pace: SimPace, random: Random, isReady: boolean): number {
  const leaps = isReady ? pace.leaps : pace.leapsUnready;
  return random.below(random.chance(leaps) ? pace.leapNs : pace.stepNs);
}
