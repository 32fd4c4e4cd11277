// One event = one order or cancel of the exchange's feed: book, ten-level tick, strategy that reads
// it, quote to the OMS, and the empty cycles of all actors in between.

import { openActorPath } from './actor-path.ts';
import type { AllocScenario } from './alloc-harness.ts';

const path = await openActorPath('tests/alloc/reading-strategy.ts');

export const scenario: AllocScenario = {
  warmupEvents: 200_000,
  events: 200_000,
  run(events) {
    path.run(events);
    const { gaps, duplicates, late } = path.actors.feed!.trust;
    if (gaps + duplicates + late > 0) throw new Error('bad feed');
    return path.actors.feed!.eventCount;
  },
};
