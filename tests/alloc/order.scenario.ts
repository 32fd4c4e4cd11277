// One event = one order of our own through strategy, OMS, risk, journal (a real file) and link, its
// acceptance, and every second one a cancel: a tick that is answered. An account holds 65,536
// orders a day, so the windows are short.

import { openActorPath } from './actor-path.ts';
import type { AllocScenario } from './alloc-harness.ts';

const path = await openActorPath('bench/tick-source/strategy.ts');

export const scenario: AllocScenario = {
  warmupEvents: 60_000,
  events: 15_000,
  run(events) {
    path.run(events);
    const [oms] = path.actors.oms;
    if (oms.rejectCount + oms.account.invalidEvents > 0) throw new Error('refused orders');
    return oms.account.orders.count;
  },
};
