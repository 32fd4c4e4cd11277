// What worker threads and the supervisor say to each other beside the rings: start, end and faults.
// Plain data for postMessage; never on a hot path.
import type { Topology } from '../topology.ts';
import type { MemoryMap } from './memory-map.ts';
import type { EngineSetup } from './setup.ts';

/** workerData of an engine thread. */
export interface ThreadStart {
  readonly setup: EngineSetup;
  readonly topology: Topology;
  readonly map: MemoryMap;
  /** Index into topology.threads. */
  readonly thread: number;
  /** hrtime zero of the process's monotonic clock. */
  readonly clockZeroNs: bigint;
  /** Highest intent number of each strategy in earlier lives. */
  readonly lastIntentNos: readonly number[];
}

/** A journal that another thread prepares segments for, and flushes. */
export interface SyncedJournal {
  readonly dir: string;
  /** Policy `group`: that thread flushes it. */
  readonly syncs: boolean;
  readonly shared: Int32Array;
  readonly segmentBytes: number;
}

/** What an account amounts to at the end of a run. */
export interface AccountSummary {
  readonly id: string;
  readonly orders: number;
  readonly fills: number;
  readonly rejects: number;
  readonly invalidEvents: number;
  readonly lateFills: number;
  readonly overfills: number;
  readonly newsLost: number;
  readonly journalFailure: number;
  readonly cashE4: number;
  /** Last prices by instrument index; 0 = none seen. */
  readonly lastE4: readonly number[];
  /** The broker's last whole statement; null = none came. */
  readonly broker: { readonly cashE4: number; readonly qty: readonly number[] } | null;
}

/** A thread's last word. */
export interface ThreadSummary {
  readonly accounts: readonly AccountSummary[];
  /** '' on threads without an OMS. */
  readonly stateHash: string;
  readonly marketEvents: number;
  readonly conflated: number;
  readonly recorderStalls: number;
  readonly strategyFailures: readonly { readonly name: string; readonly text: string }[];
  readonly problems: readonly string[];
}

export type FromThread =
  | {
      readonly kind: 'ready';
      readonly notes: readonly string[];
      readonly journals: SyncedJournal[];
    }
  | { readonly kind: 'log'; readonly source: string; readonly text: string }
  | { readonly kind: 'progress'; readonly fraction: number; readonly text: string }
  /** It could not start: configuration, data, strategy, journal; a text for people. */
  | { readonly kind: 'refused'; readonly text: string }
  /** A bug: an assertion or an unexpected throw. */
  | { readonly kind: 'fault'; readonly text: string }
  | { readonly kind: 'done'; readonly summary: ThreadSummary };

/** workerData of the recorder thread. */
export interface RecorderStart {
  readonly topology: Topology;
  readonly map: MemoryMap;
  /** New folder for this life's recording; '' = none. */
  readonly dir: string;
  readonly journals: readonly SyncedJournal[];
  /** Shared word that the supervisor sets after all actors have stopped. */
  readonly stopWord: Int32Array;
}

export type FromRecorder =
  | { readonly kind: 'ready' }
  /** Something people must know at once: no room, room again. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string }
  | { readonly kind: 'done'; readonly frames: number };
