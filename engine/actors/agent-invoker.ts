// Steps agents in one thread, in a fixed order, round after round: backtest, replay and simulation
// drive the live actors with it. The first agent is the one that lets events in. Invariant: the
// schedule depends on the messages only, so equal inputs give equal outputs. An agent that says it
// is idle is passed over: its cycle would do nothing (`Agent.isIdle`).
import type { Agent } from './agent.ts';

export class AgentInvoker {
  readonly #agents: readonly Agent[];
  rounds = 0;

  constructor(agents: readonly Agent[]) {
    this.#agents = agents;
  }

  start(): void {
    for (let i = 0; i < this.#agents.length; i++) this.#agents[i]!.onStart();
  }

  /** One duty cycle of the first agent and of every other that is not idle; the work done. */
  round(): number {
    const agents = this.#agents;
    let work = agents.length > 0 ? agents[0]!.doWork() : 0;
    for (let i = 1; i < agents.length; i++) {
      if (!agents[i]!.isIdle()) work += agents[i]!.doWork();
    }
    this.rounds++;
    return work;
  }

  /**
   * Whether the agents behind the first have nothing to do: what the last event caused has come to
   * its end, and the first may release the next. Cheaper than a round that finds nothing.
   */
  othersIdle(): boolean {
    for (let i = 1; i < this.#agents.length; i++) if (!this.#agents[i]!.isIdle()) return false;
    return true;
  }

  close(): void {
    for (let i = this.#agents.length - 1; i >= 0; i--) this.#agents[i]!.onClose();
  }
}
