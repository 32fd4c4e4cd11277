// Seeded random rules of an instrument for the differential tests of validation and the exchange
// layer: every mechanism on and off, bounds near the prices that are tried. Always: the same seed
// gives the same rules, and the kernel takes them.

import type { KernelRules } from '../../engine/core/exchange-kernel.ts';
import { CageMode } from '../../engine/core/exchange-kernel.ts';
import type { Random } from './operations.ts';
import { below } from './operations.ts';

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)];
}

function flag(random: Random): number {
  return below(random, 2);
}

/** Rules around preclose 10.00 in a window of 9.00 to 11.00. */
export function randomRules(random: Random, heldBook = -1): KernelRules {
  const modes = [CageMode.NONE, CageMode.REJECT, ...(heldBook < 0 ? [] : [CageMode.HOLD])];
  return {
    ...{ venue: below(random, 4), tickE4: pick(random, [10, 50, 100]) },
    ...{ buyMin: pick(random, [10, 100, 200]), buyStep: pick(random, [1, 10, 100]) },
    ...{ sellMin: pick(random, [10, 100, 200]), sellStep: pick(random, [1, 10, 100]) },
    ...{ oddWithLots: flag(random), ...randomMaxima(random) },
    ...(random() < 0.6 ? { upperE4: 110_000, lowerE4: 90_000 } : { upperE4: 0, lowerE4: 0 }),
    preCloseE4: random() < 0.9 ? pick(random, [99_000, 100_000, 100_300]) : 0,
    ...{ cageMode: pick(random, modes), cageUpPercent: pick(random, [0, 1, 2, 5]) },
    ...{ cageDownPercent: pick(random, [0, 1, 2, 5]), cageTicks: pick(random, [0, 1, 10, 40]) },
    ...randomRanges(random),
    ...{ marketKinds: below(random, 256), protection: below(random, 3) },
    ...{ marketNeedsLimit: flag(random), ...randomHalts(random) },
    ...{ afterHours: flag(random), buyCap: pick(random, [0, 0, 5_000]) },
    ...{ suspended: random() < 0.03 ? 1 : 0, heldBook },
  };
}

function randomMaxima(random: Random) {
  const maxQty = pick(random, [10_000, 100_000, 1_000_000]);
  const maxMarketQty = pick(random, [0, 5_000, maxQty]);
  return { maxQty, maxMarketQty, maxAfterHoursQty: pick(random, [0, 2_000, 2_000_000]) };
}

function randomRanges(random: Random) {
  const low = () => pick(random, [0, 950, 990]);
  const high = () => pick(random, [0, 1_010, 1_050]);
  return {
    ...{ openingLowPermille: low(), openingHighPermille: high(), openingOfLast: flag(random) },
    ...{ closingLowPermille: low(), closingHighPermille: high(), closingOfLast: flag(random) },
    ...{ resumptionLowPermille: low(), resumptionHighPermille: high() },
    resumptionOfLast: flag(random),
  };
}

function randomHalts(random: Random) {
  const first = pick(random, [0, 5, 20]);
  const haltPermille2 = first === 0 ? 0 : pick(random, [0, first * 2]);
  const haltOfPreClose = flag(random);
  return { haltPermille1: first, haltPermille2, haltOfPreClose, haltPerDirection: flag(random) };
}
