// The summary of a run: what `--summary` writes and the terminal shows. Made by the core process at
// the end from the threads' last words; the launcher writes it.
import type { EventPump, Percentiles } from './event-pump.ts';
import type { AccountSummary, ThreadSummary } from './thread-messages.ts';

export interface RunSummary {
  readonly orders: number;
  readonly fills: number;
  readonly rejects: number;
  /** Reports that could not be told or contradicted the books; 0 in a sound run. */
  readonly reportsDropped: number;
  readonly latencyNs: {
    readonly tickToOrder: Percentiles;
    readonly hops: Readonly<Record<string, Percentiles>>;
  };
  readonly stateHash: string;
  readonly durationS: number;
  readonly marketEvents: number;
  /** Ticks that a slow strategy did not get one by one. */
  readonly conflatedTicks: number;
  /** Frames for people that were overwritten before they were shown. */
  readonly eventsLost: number;
  readonly recorderStalls: number;
  readonly recordedFrames: number;
  readonly accounts: readonly Omit<AccountSummary, 'lastE4' | 'broker'>[];
  readonly strategyFailures: readonly { readonly name: string; readonly text: string }[];
  readonly problems: readonly string[];
}

/** Puts the threads' last words together. */
export function makeSummary(
  threads: readonly ThreadSummary[],
  pump: EventPump,
  durationS: number,
  recordedFrames: number,
): RunSummary {
  const accounts = threads.flatMap((thread) => thread.accounts);
  const sum = (of: (account: AccountSummary) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0);
  return {
    orders: sum((a) => a.orders),
    fills: sum((a) => a.fills),
    rejects: sum((a) => a.rejects),
    reportsDropped: sum((a) => a.invalidEvents + a.newsLost),
    latencyNs: pump.latencies(),
    stateHash: threads.map((thread) => thread.stateHash).join(''),
    durationS,
    marketEvents: threads.reduce((total, thread) => total + thread.marketEvents, 0),
    conflatedTicks: threads.reduce((total, thread) => total + thread.conflated, 0),
    eventsLost: pump.lost,
    recorderStalls: threads.reduce((total, thread) => total + thread.recorderStalls, 0),
    recordedFrames,
    accounts: accounts.map(({ lastE4: _, broker: __, ...shown }) => shown),
    strategyFailures: threads.flatMap((thread) => thread.strategyFailures),
    problems: threads.flatMap((thread) => thread.problems),
  };
}
