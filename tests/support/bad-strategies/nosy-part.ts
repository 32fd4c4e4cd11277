// A module that a strategy imports: guarded like the strategy itself.
// Imported by nosy.ts only.

export function secondsNow(): number {
  return Date.now() / 1_000;
}
