// Loads a day of files once per process: the facts of a setup and the exchange's source are made
// from the same day, and reading it twice would double the wait. Called by market-facts.ts and
// source.ts. Invariant: one day is kept, the last; another wish replaces it. What a sweep put on
// the shelf stays there and is found first.
import { createHash } from 'node:crypto';
import { ruleBookOf } from '../rules/overlay-files.ts';
import type { EventContent } from './data/frequency.ts';
import { type LoadOptions, loadMarketData, type MarketDay } from './data/load.ts';
import { isShelving, shelveDay, shelvedDay } from './day-shelf.ts';

export interface DayWish {
  readonly path: string;
  readonly instruments: readonly string[];
  /** 0 = the only day there is. */
  readonly day: number;
  readonly skipBadRows: boolean;
  /** Overlays of the rule book, absolute paths of files. */
  readonly rules: readonly string[];
  /** Which events are wanted; absent = all. */
  readonly contents?: readonly EventContent[];
}

let kept: { readonly key: string; readonly day: Promise<MarketDay> } | null = null;

/** The day, from files or from memory; throws MarketDataError or CsvRowError like the loader. */
export function loadDay(
  wish: DayWish,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<MarketDay> {
  const { path, instruments, day, skipBadRows, rules, contents } = wish;
  const key = keyOf(wish);
  const shelved = shelvedDay(key);
  if (shelved !== null) return Promise.resolve(shelved);
  if (kept?.key === key) return kept.day;
  const options: LoadOptions = {
    path,
    instruments,
    skipBadRows,
    rules: ruleBookOf(rules),
    ...(day > 0 ? { day } : {}),
    ...(contents === undefined ? {} : { contents }),
    ...(onProgress === null ? {} : { onProgress }),
  };
  const loaded = loadMarketData(options);
  if (isShelving()) return loaded.then((one) => shelveDay(key, one));
  kept = { key, day: loaded };
  return kept.day;
}

/**
 * Makes loadDay() of this wish give the day that `make` makes, which a run of many days does in its
 * own way; a day on the shelf is not made again.
 */
export async function keepDay(wish: DayWish, make: () => Promise<MarketDay>): Promise<MarketDay> {
  const key = keyOf(wish);
  const shelved = shelvedDay(key);
  if (shelved !== null) return shelved;
  const made = await make();
  const day = isShelving() ? shelveDay(key, made) : made;
  kept = { key, day: Promise.resolve(day) };
  return day;
}

/** Names of lists of instruments: a run of years asks for one list of thousands day by day. */
const listNames = new WeakMap<readonly string[], string>();

function keyOf({ path, instruments, day, skipBadRows, rules, contents }: DayWish): string {
  const list =
    listNames.get(instruments) ??
    createHash('sha256').update(JSON.stringify(instruments)).digest('hex');
  listNames.set(instruments, list);
  return `${JSON.stringify([path, day, skipBadRows, rules, contents])} ${list}`;
}
