// What the auditor raises: an invariant by its name in the reliability sheet (I1 to I24), and what
// was found. Thrown by checks, caught by the run. Invariant: a violation ends its run at once.
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, text: string) {
    super(`${invariant}: ${text}`);
    this.invariant = invariant;
  }
}

/** Throws a Violation when `holds` is false. */
export function demand(holds: boolean, invariant: string, text: () => string): void {
  if (!holds) throw new Violation(invariant, text());
}
