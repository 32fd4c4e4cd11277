// One event = one order of our own, by turns a buy and a sell, accepted and filled whole: shares,
// cash and fees booked, and the news of it told to strategy and people. An account holds 65,536
// orders a day, so the windows are short.

import { openActorPath } from './actor-path.ts';
import type { AllocScenario } from './alloc-harness.ts';

const source = 'tests/alloc/fill-source/session.ts';
const path = await openActorPath('tests/alloc/trading-strategy.ts', source);

export const scenario: AllocScenario = {
  warmupEvents: 30_000,
  events: 7_000,
  run(events) {
    path.run(events);
    const [oms] = path.actors.oms;
    if (oms.rejectCount + oms.account.invalidEvents > 0) throw new Error('refused orders');
    return oms.account.fillCount;
  },
};
