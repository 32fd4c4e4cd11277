// The invoker of backtests: who is stepped in a round. Always: the first agent is, and whoever has
// something to do when his turn comes.
import { expect, test } from 'vitest';
import type { Agent } from '../../../engine/actors/agent.ts';
import { AgentInvoker } from '../../../engine/actors/agent-invoker.ts';
import { WorkMark } from '../../../engine/ring/work-mark.ts';

class Counted implements Agent {
  readonly roleName = 'counted';
  cycles = 0;
  idle: boolean;
  onWork = (): void => {};
  constructor(idle: boolean) {
    this.idle = idle;
  }
  onStart(): void {}
  doWork(): number {
    this.cycles++;
    this.onWork();
    return 1;
  }
  onClose(): void {}
  isIdle(): boolean {
    return this.idle;
  }
}

/** An invoker over `agents` after the round in which everybody is stepped once. */
function started(agents: readonly Counted[]): { invoker: AgentInvoker; marks: WorkMark[] } {
  const marks = agents.map(() => new WorkMark());
  const invoker = new AgentInvoker(agents, marks);
  expect(invoker.round()).toBe(agents.length);
  return { invoker, marks };
}

test('a round steps the first agent always, others when a ring of theirs was published', () => {
  const agents = [new Counted(true), new Counted(true), new Counted(true)];
  const { invoker, marks } = started(agents);
  expect([invoker.round(), invoker.othersIdle()]).toEqual([1, true]);
  marks[1]!.ring();
  expect(invoker.othersIdle()).toBe(false);
  expect(invoker.round()).toBe(2);
  expect(agents.map((a) => a.cycles)).toEqual([3, 2, 1]);
});

test('an agent that is not idle after its cycle is stepped again and holds the first back', () => {
  const agents = [new Counted(true), new Counted(false)];
  const { invoker } = started(agents);
  expect([invoker.round(), invoker.othersIdle()]).toEqual([2, false]);
  agents[1]!.idle = true;
  invoker.round();
  expect([invoker.round(), invoker.othersIdle()]).toEqual([1, true]);
});

test('who is woken by an earlier agent is stepped in the same round, by a later the next', () => {
  const agents = [new Counted(true), new Counted(true), new Counted(true)];
  const { invoker, marks } = started(agents);
  agents[1]!.onWork = () => marks[2]!.ring();
  agents[2]!.onWork = () => marks[1]!.ring();
  marks[1]!.ring();
  expect(invoker.round()).toBe(3);
  expect(invoker.othersIdle()).toBe(false);
});
