// What a platform must give for pinning and priority, and how its answers look. Implemented by
// affinity-linux.ts and affinity-windows.ts, used through affinity.ts.
// Always: every call but raiseHelpers() concerns the calling thread; a refusal by the system is a
// Result, not a throw.

/** Done, or not done and why, with what to do about it. */
export type Result = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface ThreadControl {
  /** Binds the thread to one core (number as the system counts). */
  pin(core: number): Result;
  /** Highest priority that is permitted. */
  raise(): Result;
  /** Lowest ordinary priority. */
  lower(): Result;
  /** Some priority for the threads of the process that are not the main one. */
  raiseHelpers(): Result;
  /** How late a timed wake-up may be, in ns. */
  slack(ns: number): Result;
  /** Numbers of the cores the thread may use, ascending; empty when the system does not say. */
  cores(): readonly number[];
}

export const DONE: Result = Object.freeze({ ok: true });

export function refused(why: string): Result {
  return { ok: false, why };
}
