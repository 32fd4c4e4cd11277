// What a run's market consists of: order streams and pictures, or bars of one length. Read by the
// loader, the store and the command line. Always: one frequency, one kind of events on a tape.

/** Kinds of events a tape can hold. */
export type EventContent = 'orders' | 'trades' | 'snapshots' | 'bars';

/** Lengths of bars a run can be asked for, in seconds. */
export const FREQUENCIES = {
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '30m': 1800,
  '1h': 3600,
  '1d': 86_400,
} as const;
export type Frequency = 'tick' | keyof typeof FREQUENCIES;

const ALL_CONTENTS: readonly EventContent[] = ['orders', 'trades', 'snapshots', 'bars'];

/** What may go onto a tape at a frequency; undefined = everything. */
export function contentsAt(frequency: Frequency | undefined): readonly EventContent[] {
  if (frequency === undefined) return ALL_CONTENTS;
  return frequency === 'tick' ? ['orders', 'trades', 'snapshots'] : ['bars'];
}
