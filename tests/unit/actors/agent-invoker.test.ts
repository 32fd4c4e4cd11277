// The invoker of backtests: who is stepped in a round. Always: the first agent is, and whoever has
// something to do when his turn comes.
import { expect, test } from 'vitest';
import type { Agent } from '../../../engine/actors/agent.ts';
import { AgentInvoker } from '../../../engine/actors/agent-invoker.ts';

class Counted implements Agent {
  readonly roleName = 'counted';
  cycles = 0;
  idle: boolean;
  constructor(idle: boolean) {
    this.idle = idle;
  }
  onStart(): void {}
  doWork(): number {
    this.cycles++;
    return 1;
  }
  onClose(): void {}
  isIdle(): boolean {
    return this.idle;
  }
}

test('a round steps the first agent always, and the others unless they are idle', () => {
  const agents = [new Counted(true), new Counted(true), new Counted(false)];
  const invoker = new AgentInvoker(agents);
  expect(invoker.round()).toBe(2);
  agents[1]!.idle = false;
  expect(invoker.round()).toBe(3);
  expect(agents.map((a) => a.cycles)).toEqual([2, 1, 2]);
  expect(invoker.othersIdle()).toBe(false);
});

test('an agent that an earlier one woke is stepped in the same round', () => {
  const last = new Counted(true);
  const first = new Counted(true);
  first.doWork = () => {
    last.idle = false;
    return 1;
  };
  expect(new AgentInvoker([first, last]).round()).toBe(2);
});
