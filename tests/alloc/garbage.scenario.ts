// Makes one small object per event. Measured by ring-messages.test.ts to prove that the harness
// sees what it must see.
import type { AllocScenario } from './alloc-harness.ts';

let latest: { event: number; half: number } = { event: 0, half: 0 };

export const scenario: AllocScenario = {
  warmupEvents: 200_000,
  events: 500_000,
  run(events) {
    for (let event = 0; event < events; event++) latest = { event, half: event / 2 + latest.half };
    return latest.half;
  },
};
