// Days that stay in memory from run to run, in memory that threads share: filled by the main thread
// of a sweep while it runs its first cell, handed to the workers, where loadDay() and openSource()
// find them first. Always: a day on the shelf is never changed; its tape is never copied again.
import type { MarketDay } from './data/load.ts';
import { type SharedTape, Tape } from './tape.ts';

/** A day as it goes to another thread: plain data, and the tape in shared memory. */
export interface SharedDay {
  readonly key: string;
  readonly tape: SharedTape;
  /** What a run of several days knows before its first; such an entry is nothing else. */
  readonly plan?: unknown;
  /** Null for a synthetic day: there is nothing but its tape. */
  readonly rest: Omit<MarketDay, 'tape' | 'rowAt'> | null;
}

const days = new Map<string, MarketDay>();
const tapes = new Map<string, Tape>();
const plans = new Map<string, unknown>();
const shared: SharedDay[] = [];
let shelving = false;

/** From now on every day that is loaded in this thread goes on the shelf. */
export function startShelving(): void {
  shelving = true;
}

export function isShelving(): boolean {
  return shelving;
}

/** Everything on the shelf, to be handed to workers. */
export function sharedDays(): readonly SharedDay[] {
  return shared;
}

/** Puts a day on the shelf, and returns it as it lies there. */
export function shelveDay(key: string, day: MarketDay): MarketDay {
  const { tape, rowAt: _, ...rest } = day;
  return takeDay({ key, tape: tape.share(), rest }) ?? day;
}

/** Puts the tape of a synthetic day on the shelf. */
export function shelveTape(key: string, tape: Tape): Tape {
  takeDay({ key, tape: tape.share(), rest: null });
  return tapes.get(key) ?? tape;
}

/** Puts the plan of a run of several days on the shelf: plain data. */
export function shelvePlan(key: string, plan: unknown): void {
  takeDay({ key, tape: new Tape().share(), rest: null, plan });
}

export function shelvedPlan(key: string): unknown {
  return plans.get(key) ?? null;
}

/** Puts what another thread shared on this thread's shelf. */
export function takeDay(day: SharedDay): MarketDay | null {
  shared.push(day);
  if (day.plan !== undefined) {
    plans.set(day.key, day.plan);
    return null;
  }
  const tape = Tape.ofShared(day.tape);
  tapes.set(day.key, tape);
  if (day.rest === null) return null;
  const whole: MarketDay = { ...day.rest, tape, rowAt: () => null };
  days.set(day.key, whole);
  return whole;
}

export function shelvedDay(key: string): MarketDay | null {
  return days.get(key) ?? null;
}

export function shelvedTape(key: string): Tape | null {
  return tapes.get(key) ?? null;
}

/** The tapes on the shelf, as runs read them, by day; 0 = a synthetic one. */
export function shelvedTapes(): readonly { readonly day: number; readonly tape: Tape }[] {
  const found = [...tapes].map(([key, tape]) => ({ day: days.get(key)?.day ?? 0, tape }));
  return found.sort((a, b) => a.day - b.day);
}

/** Puts another tape in the place of each; returns what puts the old ones back. */
export function changeShelf(change: (tape: Tape, day: number) => Tape): () => void {
  const before = [new Map(tapes), new Map(days)] as const;
  for (const [key, tape] of before[0]) {
    const day = days.get(key);
    const changed = change(tape, day?.day ?? 0);
    tapes.set(key, changed);
    if (day !== undefined) days.set(key, { ...day, tape: changed });
  }
  return () => {
    for (const [key, tape] of before[0]) tapes.set(key, tape);
    for (const [key, day] of before[1]) days.set(key, day);
  };
}

/** Empties the shelf of this thread; for tests and for the end of a sweep. */
export function clearShelf(): void {
  shelving = false;
  days.clear();
  tapes.clear();
  plans.clear();
  shared.length = 0;
}
