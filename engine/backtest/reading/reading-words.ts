// What the main thread and the reading thread say to each other. Used by the other files of the
// reading thread. Always: plain data, since a thread hands over no error with its class.
import type { BadRow } from '../data/errors.ts';
import type { MarketDay } from '../data/load.ts';
import type { DaysPlan, DaysWish } from '../data/market-days.ts';
import type { SharedDay } from '../day-shelf.ts';

/** What is to be read: plain data, so overlays of the rule book come as paths of files. */
export interface ReadingWish extends Omit<DaysWish, 'rules' | 'onProgress'> {
  readonly overlays: readonly string[];
}

/** A day that the thread is to make. */
export interface ReadingQuestion {
  readonly day: number;
  readonly prior: ReadonlyMap<string, number>;
}

export type ReadingFailure =
  | { readonly kind: 'row'; readonly bad: BadRow }
  | { readonly kind: 'data'; readonly message: string }
  | { readonly kind: 'bug'; readonly stack: string };

export type ReadingAnswer =
  | { readonly kind: 'progress'; readonly fraction: number; readonly text: string }
  | { readonly kind: 'plan'; readonly plan: DaysPlan }
  | { readonly kind: 'day'; readonly day: Pick<SharedDay, 'tape'> & { rest: MarketDayRest } }
  | { readonly kind: 'failure'; readonly failure: ReadingFailure };

export type MarketDayRest = Omit<MarketDay, 'tape' | 'rowAt'>;
