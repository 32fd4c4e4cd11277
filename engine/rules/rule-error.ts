// What is thrown when rules, calendars or questions to them cannot be. Called by every file of this
// folder. Always: the message is complete for a person; nothing of a refused input was applied.

/** What is wrong, and where from the root of the file. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A rule book that was refused; `message` is complete, one line a problem. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly problems: readonly RuleProblem[];

  constructor(message: string, problems: readonly RuleProblem[] = []) {
    super(message);
    this.problems = problems;
  }
}
