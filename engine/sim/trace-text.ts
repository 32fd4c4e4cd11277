// How a trace of a simulated run names ids and times. Used by the world and by whoever prints its
// effects. Always: an id is account.epoch.sequence, a time is seconds since the run's start.

/** Ten o'clock, when a run begins. */
export const START_NS = 36_000_000_000_000;

/** An id for people: account.epoch.sequence. */
export function keyText(key: number): string {
  const idA = Math.floor(key / 1_048_576);
  return `${idA >>> 24}.${idA & 0xffffff}.${key % 1_048_576}`;
}

/** Seconds since the start. */
export function clockText(ns: number): string {
  return `${((ns - START_NS) / 1e9).toFixed(4)}s`;
}
