// Assertions that stay on in production: a broken assertion is a bug and stops the actor, while
// refusals by market, broker or risk are values. Called from every folder; imports nothing.

/**
 * Throws when `condition` is false. `message` reads `name=value, expected ...`. A message with
 * values is built on every call: code that runs per order uses fail() in a branch of its own.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** The value, or a thrown error when it is missing. */
export function must<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) fail(message);
  return value;
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never, message: string): never {
  fail(`${message}: ${String(value)}`);
}

/** Throws: `message` says what was found and what was expected. */
export function fail(message: string): never {
  throw new Error(`assertion failed: ${message}`); // hot-ok: a bug stops the actor
}
