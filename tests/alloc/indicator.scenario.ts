// One event = one order or cancel of the exchange's feed, as in tick.scenario.ts, and five
// indicators that take in ticks and bars before the strategy reads them.

import { openActorPath } from './actor-path.ts';
import type { AllocScenario } from './alloc-harness.ts';

const path = await openActorPath('tests/alloc/indicator-strategy.ts');

export const scenario: AllocScenario = {
  warmupEvents: 200_000,
  events: 200_000,
  run(events) {
    path.run(events);
    const { failure } = path.actors.hosts[0]!;
    if (failure !== '') throw new Error(failure);
    return path.actors.feed!.eventCount;
  },
};
