// The bar subscriptions of one strategy: a builder for each instrument and length, hung on one
// another by instrument. Part of the strategy host, split off for its size. Invariant: made in
// onInit; from then on nothing is allocated.
import { BarBuilder } from '../core/bar-builder.ts';
import { secondsOf } from '../core/bar-length.ts';
import { BarSeries } from '../core/bar-series.ts';
import { SessionBars } from '../core/session-bars.ts';
import type { StrategyFacts } from './strategy-context.ts';

/** Bar subscriptions one strategy may have: five lengths for each of 6,000 instruments. */
const BARS_MAX = 30_000;
/** Complete bars that one subscription may keep. */
const KEEP_MAX = 100_000;

export class StrategyBars {
  readonly #facts: StrategyFacts;
  /** First builder of each instrument; the others hang on it. */
  readonly #first: (BarBuilder | null)[];
  readonly #isOwn: Uint8Array;
  #count = 0;
  /** Some builder has begun a bar today, as far as the host knows. */
  hasBegun = false;

  constructor(facts: StrategyFacts) {
    this.#facts = facts;
    this.#first = facts.instruments.map(() => null);
    this.#isOwn = new Uint8Array(facts.instruments.length);
    for (const i of facts.own) this.#isOwn[i] = 1;
  }

  first(instrument: number): BarBuilder | null {
    return this.#first[instrument] ?? null;
  }

  /** Whether a bar of the instrument waits only for somebody to see that its time is over. */
  isOver(instrument: number, nowNs: number): boolean {
    for (let b = this.first(instrument); b !== null; b = b.next) {
      if (b.isComplete(nowNs)) return true;
    }
    return false;
  }

  /** Whether no other of its length, cut otherwise, stands before it. */
  isFirst(builder: BarBuilder): boolean {
    let b = this.first(builder.instrument);
    while (b !== null && b.intervalS !== builder.intervalS) b = b.next;
    return b === builder;
  }

  /** A new day: its totals begin at 0. */
  beginDay(): void {
    this.hasBegun = false;
    for (let i = 0; i < this.#first.length; i++) {
      for (let b = this.first(i); b !== null; b = b.next) b.beginDay();
    }
  }

  /** An ex-date: bars kept so far compare with those to come. */
  rebase(instrument: number, factor: number): void {
    for (let b = this.first(instrument); b !== null; b = b.next) b.series?.rebase(factor);
  }

  /** A text is cut along trading time, a number of seconds along the clock. */
  subscribe(instrument: number, length: number | string, keep: number): BarSeries {
    const symbol = this.#facts.instruments[instrument]?.symbol ?? `instrument ${instrument}`;
    if (this.#isOwn[instrument] !== 1) {
      // hot-ok: called in onInit
      throw new Error(`bars: instrument ${instrument} was not given to this strategy`);
    }
    const isText = typeof length === 'string';
    const seconds = isText ? secondsOf(length, 'bars') : length;
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new Error(`bars: seconds=${seconds}, expected a whole number from 1`); // hot-ok: onInit
    }
    if (!Number.isInteger(keep) || keep < 0 || keep > KEEP_MAX) {
      throw new Error(`bars: keep=${keep}, expected 0 to ${KEEP_MAX}`); // hot-ok: onInit
    }
    let last: BarBuilder | null = null;
    for (let b = this.first(instrument); b !== null; b = b.next) {
      const isSame = b.intervalS === seconds && b.isSession === isText;
      if (isSame && b.series !== null && b.series.kept >= keep) return b.series;
      last = b;
    }
    if (this.#count++ >= BARS_MAX) throw new Error('bars: too many'); // hot-ok: onInit
    const name = `${isText ? length : `${seconds} s`} bars of ${symbol}`;
    const series = new BarSeries(instrument, seconds, keep, name); // hot-ok: onInit
    const earlier = keep > 0 ? this.#facts.earlier?.(instrument, seconds, keep) : null;
    if (earlier) series.takeEarlier(earlier);
    const builder = this.#builder(instrument, seconds, isText, series);
    if (last === null) this.#first[instrument] = builder;
    else last.next = builder;
    return series;
  }

  #builder(i: number, seconds: number, isText: boolean, series: BarSeries): BarBuilder {
    const { phases, symbol } = this.#facts.instruments[i]!;
    if (!isText) return new BarBuilder(i, seconds, null, series); // hot-ok: onInit
    const session = new SessionBars(phases); // hot-ok: onInit
    // hot-ok: called in onInit
    if (session.totalNs === 0) throw new Error(`bars: ${symbol} has no trading time`);
    return new BarBuilder(i, seconds, session, series); // hot-ok: onInit
  }
}
