// Steps agents in one thread, in a fixed order, round after round: backtest, replay and simulation
// drive the live actors with it. The first agent is the one that lets events in. Invariant: the
// schedule depends on the messages only, so equal inputs give equal outputs. An agent is
// passed over while its cycle would do nothing: none of the rings it reads was published and it
// said that it is idle. So nothing may reach an agent but through its rings.
import type { WorkMark } from '../ring/work-mark.ts';
import type { Agent } from './agent.ts';

export class AgentInvoker {
  readonly #agents: readonly Agent[];
  readonly #marks: readonly WorkMark[];
  /** Their methods, bound: six classes in one place would be looked up by name at each step. */
  readonly #doWork: readonly (() => number)[];
  readonly #isIdle: readonly (() => boolean)[];
  rounds = 0;

  /** `marks`: one for each agent, raised by the rings that the agent reads. */
  constructor(agents: readonly Agent[], marks: readonly WorkMark[]) {
    this.#agents = agents;
    this.#marks = marks;
    this.#doWork = agents.map((agent) => agent.doWork.bind(agent));
    this.#isIdle = agents.map((agent) => agent.isIdle.bind(agent));
  }

  start(): void {
    for (let i = 0; i < this.#agents.length; i++) this.#agents[i]!.onStart();
  }

  /** One duty cycle of the first agent and of every other with something to do; the work done. */
  round(): number {
    const marks = this.#marks;
    const doWork = this.#doWork;
    let work = doWork.length > 0 ? doWork[0]!() : 0;
    for (let i = 1; i < doWork.length; i++) {
      const mark = marks[i]!;
      if (!mark.raised) continue;
      mark.raised = false;
      work += doWork[i]!();
      // What it could not finish, for want of room or time, it goes on with.
      if (!this.#isIdle[i]!()) mark.raised = true;
    }
    this.rounds++;
    return work;
  }

  /**
   * Whether the agents behind the first have nothing to do: what the last event caused has come to
   * its end, and the first may release the next. Cheaper than a round that finds nothing.
   */
  othersIdle(): boolean {
    const marks = this.#marks;
    for (let i = 1; i < marks.length; i++) if (marks[i]!.raised) return false;
    return true;
  }

  close(): void {
    for (let i = this.#agents.length - 1; i >= 0; i--) this.#agents[i]!.onClose();
  }
}
