// Verifies one instrument's day: derive the order stream, run it, judge trades, calls and cancels,
// look at pictures and queues, and show the book at the first difference. Called by
// verify-folder.ts. Always: the kernel is fed orders and cancels only; the report says what had to
// be assumed.
import type { BookKernel } from '../core/book.ts';
import { BookCode } from '../core/book.ts';
import { hasClosingCall, type Instrument } from '../core/instrument.ts';
import { formatYuan } from '../core/price.ts';
import { MARKET_SSE } from '../messages/codes.ts';
import type { BookAround } from './book-around.ts';
import { bookAround } from './book-around.ts';
import type { Derived, FeedStyle } from './derive-ops.ts';
import { deriveOps } from './derive-ops.ts';
import type { EndBook } from './end-book.ts';
import { compareEnd } from './end-book.ts';
import type { ChannelLoss, FeedFaults, RowPlace } from './feed-faults.ts';
import { findFaults, isSound } from './feed-faults.ts';
import type { FeedRows, InstrumentFeed } from './feed-rows.ts';
import { ROW_ADD } from './feed-rows.ts';
import type { CallCounts, Difference, TradeCounts, TradeFact, Verdict } from './judge.ts';
import { allEqual, judge, publishedTrades } from './judge.ts';
import type { OrderOps } from './order-ops.ts';
import { CONTINUOUS, NO_ROW, OP_ADD, OP_SUBMIT } from './order-ops.ts';
import type { PictureVerdict, Unequal } from './picture-book.ts';
import { checkPictures } from './picture-book.ts';
import type { QueueRow } from './queue-file.ts';
import type { RunFacts } from './run-ops.ts';
import { INSTR, runOps } from './run-ops.ts';

/** Feeds told apart in reports. */
export type FeedName = 'sse-split' | 'sse-merged' | 'szse' | 'full';

/** Makes a kernel with room for one instrument; its book is not opened yet. */
export type MakeBook = (orders: number, levels: number) => BookKernel;

/** Where engine and exchange part first, with the book just before. */
export interface FirstDifference {
  readonly part: 'opening' | 'continuous' | 'closing';
  readonly what: Difference['what'];
  /** Trade of the day, counted from 1; 0 where it is not about a trade. */
  readonly trade: number;
  /** Sequence number and time of the feed's record; 0 for a derived opening order. */
  readonly seq: number;
  readonly ns: number;
  /** The order that was fed; null in a call auction and where no order explains the trades. */
  readonly order: OrderFact | null;
  readonly exchange: TradeFact | string;
  readonly engine: TradeFact | string;
  readonly book: BookAround;
}

export interface OrderFact {
  readonly id: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}

export interface InstrumentReport {
  readonly instrument: string;
  readonly day: number;
  readonly feed: FeedName;
  readonly openingAuction: CallCounts;
  readonly continuous: TradeCounts;
  readonly closingAuction: CallCounts;
  readonly cancels: TradeCounts;
  /** Orders that rest when the data end. */
  readonly endBook: TradeCounts;
  readonly snapshots: { readonly compared: number; readonly equal: number };
  readonly queues: {
    readonly compared: number;
    readonly equal: number;
    /** Of the unequal: those that contradict the exchange's own picture of their moment. */
    readonly ambiguous: number;
  };
  readonly firstDifference: FirstDifference | null;
  /** What is wrong with the feed itself. */
  readonly feedFaults: FeedFaults;
  /** Whether nothing differs and the feed is sound; ambiguous queue rows do not count. */
  readonly equal: boolean;
  /** What had to be assumed or was left out. */
  readonly notes: readonly string[];
}

/** Everything of one instrument. */
export interface VerifyJob {
  readonly instrument: Instrument;
  readonly day: number;
  readonly feed: FeedName;
  readonly data: InstrumentFeed;
  readonly queues: readonly QueueRow[];
  readonly hasStartBook: boolean;
  /** Losses in the instrument's channels, as far as the data can tell. */
  readonly losses?: readonly ChannelLoss[];
  /** Whether the static file names it; true when there is no such file. */
  readonly isListed?: boolean;
  /** Where a row stands, by its number. */
  readonly placeOf?: RowPlace;
  readonly makeBook: MakeBook;
  readonly onProgress?: (fraction: number) => void;
}

export interface VerifiedDay {
  readonly report: InstrumentReport;
  readonly kernelSeconds: number;
}

/** A verification that cannot begin; says what is missing. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
}

/** Verifies; throws VerifyError when there is no order stream or the prices fit no window. */
export function verifyInstrument(job: VerifyJob): VerifiedDay {
  const { instrument, day, data, feed } = job;
  const { rows } = data;
  if (!hasOrders(rows)) {
    throw new VerifyError(
      `${instrument.symbol}: no orders in the data, only trades and cancels; matching can be ` +
        'verified only where the order stream was recorded',
    );
  }
  const style: FeedStyle = feed === 'szse' || feed === 'full' ? feed : 'sse';
  const closes = hasClosingCall(instrument);
  const { hasStartBook } = job;
  const derived = deriveOps(rows, { style, hasClosingCall: closes, hasStartBook });
  const { ops } = derived;
  const { book, facts } = openBook(job, ops);
  const onProgress = (done: number): void => job.onProgress?.(done / ops.count);
  const run = runOps(book, ops, facts, { onProgress });
  const published = publishedTrades(rows);
  const verdict = judge(ops, published, run, style === 'szse');
  const end = compareEnd(book, ops, published, verdict.unclaimed);
  const pictures = checkPictures(book, ops, run, data.pictures, job.queues);
  const faults = findFaults({
    ...{ instrument, rows, restsOnly: style === 'sse', before: derived.before },
    ...{ losses: job.losses ?? [], isListed: job.isListed ?? true },
    placeOf: job.placeOf ?? (() => null),
  });
  const { counts, first: firstFaults, staleFrom } = faults;
  const same = allEqual(verdict) && endsEqual(end) && picturesEqual(pictures);
  const equal = same && isSound(faults);
  const first = verdict.first ?? end.first ?? firstPicture(pictures);
  const { openingAuction, continuous, closingAuction, cancels } = verdict;
  const { snapshots, queues } = pictures;
  return {
    kernelSeconds: run.kernelSeconds,
    report: {
      ...{ instrument: instrument.symbol, day, feed },
      ...{ openingAuction, continuous, closingAuction, cancels, endBook: end.counts },
      snapshots: { compared: snapshots.compared, equal: snapshots.equal },
      queues: { compared: queues.compared, equal: queues.equal, ambiguous: queues.ambiguous },
      firstDifference: first === null ? null : around(book, ops, facts, rows, first),
      feedFaults: { counts, first: firstFaults, staleFrom },
      equal,
      notes: notesOf(job, derived, verdict, pictures),
    },
  };
}

function hasOrders(rows: FeedRows): boolean {
  return rows.type.includes(ROW_ADD);
}

/** A kernel whose window holds the day's limits and every price that is fed. */
function openBook(job: VerifyJob, ops: OrderOps): { book: BookKernel; facts: RunFacts } {
  const { tickE4, market, preCloseE4, upperLimitE4, lowerLimitE4, symbol } = job.instrument;
  let lowE4 = lowerLimitE4 > 0 ? lowerLimitE4 : Number.MAX_SAFE_INTEGER;
  let highE4 = upperLimitE4;
  let orders = 1;
  for (let at = 0; at < ops.count; at++) {
    if (ops.op[at] !== OP_ADD && ops.op[at] !== OP_SUBMIT) continue;
    orders++;
    const priceE4 = ops.priceE4[at];
    if (priceE4 === 0) continue;
    lowE4 = Math.min(lowE4, priceE4);
    highE4 = Math.max(highE4, priceE4);
  }
  if (lowE4 > highE4) lowE4 = highE4 = tickE4;
  const levels = (highE4 - lowE4) / tickE4 + 1;
  const book = job.makeBook(orders, levels);
  const code = book.openInstrument(INSTR, tickE4, lowE4, highE4, orders);
  if (code !== BookCode.OK) {
    throw new VerifyError(
      `${symbol}: ${orders} orders at prices from ${formatYuan(lowE4)} to ${formatYuan(highE4)} ` +
        `yuan (${levels} ticks) do not fit the kernel (code ${code}); it holds 262,144 ticks and ` +
        '1,048,576 orders of one instrument',
    );
  }
  return { book, facts: { market, preCloseE4 } };
}

function endsEqual({ counts, first }: EndBook): boolean {
  const { exchange, engine, equal } = counts;
  return first === null && exchange === engine && engine === equal;
}

function picturesEqual({ snapshots, queues }: PictureVerdict): boolean {
  return snapshots.equal === snapshots.compared && queuesEqual(queues);
}

/** Rows in a thousand that may contradict their own picture; more is another fault, of the data. */
function queuesEqual({ compared, equal, ambiguous }: PictureVerdict['queues']): boolean {
  return equal + ambiguous === compared && ambiguous <= Math.ceil(compared / 1000);
}

/** The first picture or queue row that counts as different; ambiguous rows come last. */
function firstPicture({ snapshots, queues }: PictureVerdict): Difference | null {
  const difference = (what: 'snapshot' | 'queue', row: Unequal): Difference => {
    // The book is shown behind the last operation at that number of trades.
    return { what, at: row.at + 1, trade: 0, exchange: row.exchange, engine: row.engine };
  };
  if (snapshots.unequal.length > 0) return difference('snapshot', snapshots.unequal[0]);
  if (queuesEqual(queues)) return null;
  const queue = queues.unequal.find((row) => !row.isAmbiguous) ?? queues.unequal[0];
  return difference('queue', queue);
}

const PARTS = ['opening', 'continuous', 'closing'] as const;

function around(
  book: BookKernel,
  ops: OrderOps,
  facts: RunFacts,
  rows: FeedRows,
  first: Difference,
): FirstDifference {
  const { what, trade, exchange, engine } = first;
  const at = Math.min(first.at, ops.count - 1);
  const row = ops.row[at];
  const { id, side, kind, priceE4, qty } = ops;
  const order =
    id[at] === 0 || first.at >= ops.count
      ? null
      : { id: id[at], side: side[at], kind: kind[at], priceE4: priceE4[at], qty: qty[at] };
  return {
    ...{ part: PARTS[ops.part[at]], what, trade },
    seq: row === NO_ROW ? 0 : rows.seq[row],
    ns: row === NO_ROW ? 0 : rows.ns[row],
    ...{ order, exchange, engine },
    book: bookAround(book, ops, facts, first.at),
  };
}

function notesOf(
  job: VerifyJob,
  derived: Derived,
  verdict: Verdict,
  { queues }: PictureVerdict,
): string[] {
  const notes: string[] = [];
  const { openingOrders, droppedCancels, rowsAfterClose, ops } = derived;
  if (ops.part[0] === CONTINUOUS || openingOrders > 0) {
    notes.push(
      `the data begin in continuous trading: ${openingOrders} resting orders derived from the ` +
        `records that refer to them, ${droppedCancels} cancels of orders without a price left out`,
    );
  }
  if (rowsAfterClose > 0) notes.push(`${rowsAfterClose} rows after 15:00 are not compared`);
  if (verdict.refused > 0) notes.push(`the kernel refused ${verdict.refused} orders`);
  if (queues.ambiguous > 0) {
    const judged = queuesEqual(queues) ? 'they do not count as differences' : 'too many';
    const what = 'queue rows contradict the snapshot published for the same moment';
    notes.push(`${queues.ambiguous} ${what}; ${judged}`);
  }
  if (queues.compared === 0 && job.queues.length > 0) {
    notes.push(`none of ${job.queues.length} queue rows belongs to a snapshot of the session`);
  }
  const opened = verdict.openingAuction.priceE4.engine > 0;
  if (opened && job.instrument.market !== MARKET_SSE && job.instrument.preCloseE4 === 0) {
    notes.push('no previous close: a tie of the opening call goes to the lowest price');
  }
  return notes;
}
