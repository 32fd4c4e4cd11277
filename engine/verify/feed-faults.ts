// What is wrong with a feed by itself, before any matching: lost rows, order numbers used twice,
// cancels and trades that do not fit the order they name, prices beyond the limits. Called by
// verify-day.ts. Always: only the published rows are looked at, never the kernel; each kind is
// counted under its own name, with the first row of it.
import type { Instrument } from '../core/instrument.ts';
import { formatYuan } from '../core/price.ts';
import type { FeedRows } from './feed-rows.ts';
import { ROW_ADD, ROW_CANCEL } from './feed-rows.ts';

/** Counts by name; JSON keys of the report. */
export interface FaultCounts {
  /** Numbers missing in whole channels of the instrument: rows were lost. */
  missingRows: number;
  duplicateOrders: number;
  unknownCancels: number;
  /** More, or less, cancelled than was left of the order. */
  cancelsAboveLeft: number;
  cancelsBelowLeft: number;
  unknownTrades: number;
  tradesAboveLeft: number;
  /** Orders beyond the day's limits. */
  beyondLimits: number;
  /** 1: the data have a static file and the instrument is not in it. */
  notInStaticFile: number;
}

export type FaultName = keyof FaultCounts;

/** The first row of a kind of fault. */
export interface FaultPlace {
  readonly fault: FaultName;
  /** Number and time of the row; 0 where no row stands for it. */
  readonly seq: number;
  readonly ns: number;
  /** '' and 0 when the rows did not come from a file. */
  readonly file: string;
  readonly line: number;
  /** What stands there, and what was expected. */
  readonly value: string;
  readonly expected: string;
}

export interface FeedFaults {
  readonly counts: FaultCounts;
  readonly first: readonly FaultPlace[];
  /** From this row on the feed contradicts itself, so no book of it can be trusted. */
  readonly staleFrom: { readonly seq: number; readonly ns: number } | null;
}

/** Where a row came from; null when nobody knows. */
export type RowPlace = (seq: number) => { readonly file: string; readonly line: number } | null;

/** Losses in the channels of an instrument. */
export interface ChannelLoss {
  readonly missing: number;
  /** First number that is missing; 0 = none. */
  readonly firstMissingSeq: number;
}

export interface FaultWish {
  readonly instrument: Instrument;
  readonly rows: FeedRows;
  /** How the feed publishes: SSE's aggressive orders are not known before their remainder. */
  readonly restsOnly: boolean;
  /** Orders that came before the data and their shares, by number. */
  readonly before: ReadonlyMap<number, number>;
  readonly losses: readonly ChannelLoss[];
  readonly isListed: boolean;
  readonly placeOf: RowPlace;
}

/** Faults that do not make a book wrong. */
const HARMLESS: ReadonlySet<FaultName> = new Set(['beyondLimits', 'notInStaticFile']);

/** Looks through the rows of one instrument. O(rows). */
export function findFaults(wish: FaultWish): FeedFaults {
  const scan = new Scan(wish);
  scan.losses();
  for (let row = 0; row < wish.rows.count; row++) scan.row(row);
  return scan;
}

/** Whether nothing is wrong that makes the books wrong. */
export function isSound({ counts }: FeedFaults): boolean {
  return (Object.keys(counts) as FaultName[]).every((name) => HARMLESS.has(name) || !counts[name]);
}

class Scan implements FeedFaults {
  readonly counts: FaultCounts = {
    ...{ missingRows: 0, duplicateOrders: 0, unknownCancels: 0, cancelsAboveLeft: 0 },
    ...{ cancelsBelowLeft: 0, unknownTrades: 0, tradesAboveLeft: 0, beyondLimits: 0 },
    notInStaticFile: 0,
  };
  readonly first: FaultPlace[] = [];
  staleFrom: { seq: number; ns: number } | null = null;
  readonly #wish: FaultWish;
  readonly #rows: FeedRows;
  /** Shares left of every order that entered; orders are never forgotten. */
  readonly #left: Map<number, number>;

  constructor(wish: FaultWish) {
    this.#wish = wish;
    this.#rows = wish.rows;
    this.#left = new Map(wish.before);
  }

  losses(): void {
    const { losses, isListed, instrument } = this.#wish;
    for (const { missing, firstMissingSeq } of losses) {
      if (missing === 0) continue;
      this.counts.missingRows += missing - 1;
      const value = `number ${firstMissingSeq} is missing`;
      const at = this.#rows.seq.findIndex((seq) => seq > firstMissingSeq);
      this.#note('missingRows', at, value, 'every number of the channel');
    }
    if (isListed) return;
    this.#note('notInStaticFile', -1, instrument.symbol, 'a row for it in the static file');
  }

  row(at: number): void {
    const type = this.#rows.type[at];
    if (type === ROW_ADD) this.#order(at);
    else if (type === ROW_CANCEL) this.#cancel(at);
    else this.#trade(at);
  }

  #order(at: number): void {
    const { id, qty, priceE4 } = this.#rows;
    const { upperLimitE4, lowerLimitE4 } = this.#wish.instrument;
    if (this.#left.has(id[at])) {
      this.#note('duplicateOrders', at, `order ${id[at]}`, 'a number that no order had before');
    }
    this.#left.set(id[at], qty[at]);
    const price = priceE4[at];
    if (price === 0 || upperLimitE4 === 0) return;
    if (price <= upperLimitE4 && price >= lowerLimitE4) return;
    const expected = `${formatYuan(lowerLimitE4)} to ${formatYuan(upperLimitE4)}`;
    this.#note('beyondLimits', at, `price ${formatYuan(price)}`, expected);
  }

  #cancel(at: number): void {
    const { id, qty } = this.#rows;
    const left = this.#left.get(id[at]) ?? 0;
    const value = `cancel of ${qty[at]} of order ${id[at]}`;
    if (left <= 0) this.#note('unknownCancels', at, value, 'an order that rests');
    else if (qty[at] > left) this.#note('cancelsAboveLeft', at, value, `the ${left} that are left`);
    else if (qty[at] < left) this.#note('cancelsBelowLeft', at, value, `all ${left} that are left`);
    if (left > 0) this.#left.set(id[at], 0);
  }

  #trade(at: number): void {
    const { id, sellId, side } = this.#rows;
    const { restsOnly } = this.#wish;
    if (!restsOnly || side[at] !== 1) this.#take(at, id[at]);
    if (!restsOnly || side[at] !== 2) this.#take(at, sellId[at]);
  }

  #take(at: number, id: number): void {
    const qty = this.#rows.qty[at];
    const left = this.#left.get(id) ?? 0;
    const value = `trade of ${qty} with order ${id}`;
    if (left <= 0) this.#note('unknownTrades', at, value, 'an order that rests');
    else if (qty > left) this.#note('tradesAboveLeft', at, value, `at most the ${left} left of it`);
    if (left > 0) this.#left.set(id, Math.max(0, left - qty));
  }

  #note(fault: FaultName, at: number, value: string, expected: string): void {
    const seq = at < 0 ? 0 : this.#rows.seq[at];
    const ns = at < 0 ? 0 : this.#rows.ns[at];
    const breaks = !HARMLESS.has(fault);
    if (breaks && (this.staleFrom === null || seq < this.staleFrom.seq))
      this.staleFrom = { seq, ns };
    if (++this.counts[fault] > 1 && this.first.some((place) => place.fault === fault)) return;
    const { file, line } = (at < 0 ? null : this.#wish.placeOf(seq)) ?? { file: '', line: 0 };
    this.first.push({ fault, seq, ns, file, line, value, expected });
  }
}
