// Steps agents in one thread, in a fixed order, round after round: backtest, replay and simulation
// drive the live actors with it. Invariant: the schedule depends on the messages only, so equal
// inputs give equal outputs.
import type { Agent } from './agent.ts';

export class AgentInvoker {
  readonly #agents: readonly Agent[];
  /** Whether the last round found nothing to do: the next event may be released. */
  quiet = true;
  rounds = 0;

  constructor(agents: readonly Agent[]) {
    this.#agents = agents;
  }

  start(): void {
    for (let i = 0; i < this.#agents.length; i++) this.#agents[i]!.onStart();
  }

  /** One duty cycle of every agent, in order; the work done. */
  round(): number {
    let work = 0;
    for (let i = 0; i < this.#agents.length; i++) work += this.#agents[i]!.doWork();
    this.rounds++;
    this.quiet = work === 0;
    return work;
  }

  close(): void {
    for (let i = this.#agents.length - 1; i >= 0; i--) this.#agents[i]!.onClose();
  }
}
