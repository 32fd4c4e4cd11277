// One event = one order or cancel of the exchange's feed, as in tick.scenario.ts, which the
// strategy gets as a row too; it keeps bars along trading time and asks an order helper at every
// tick.

import { openActorPath } from './actor-path.ts';
import type { AllocScenario } from './alloc-harness.ts';

const path = await openActorPath(
  'tests/alloc/asking-strategy.ts',
  'tests/alloc/event-source/session.ts',
  true,
);

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
