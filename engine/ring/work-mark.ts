// Tells an agent that shares its thread with every other agent that one of its inputs has frames:
// the rings it reads raise it when they are published, so nobody has to ask each ring. Used where
// agents are stepped by the invoker (backtest); between threads, doorbells do this.

/** What a ring tells its reader after each publish. */
export interface Bell {
  ring(): void;
}

export class WorkMark implements Bell {
  /** Something may have to be done. Whoever steps the agent lowers it. */
  raised = true;

  ring(): void {
    this.raised = true;
  }
}
