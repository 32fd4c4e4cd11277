// Small feeds for the tests of `pankou verify`: rows written as one line of text each, and a
// verification of them through the WebAssembly kernel or another. Always: sequence numbers count
// from 1 in the order written.

import { loadKernels } from '../../../engine/host/kernels.ts';
import type { Picture } from '../../../engine/verify/feed-rows.ts';
import { FeedRows, ROW_ADD, ROW_CANCEL, ROW_TRADE } from '../../../engine/verify/feed-rows.ts';
import type { QueueRow } from '../../../engine/verify/queue-file.ts';
import type { FeedName, InstrumentReport, MakeBook } from '../../../engine/verify/verify-day.ts';
import { verifyInstrument } from '../../../engine/verify/verify-day.ts';
import { makeInstrument } from '../../support/instruments.ts';

/** One row before it has a sequence number. */
export interface RowFact {
  readonly type: number;
  readonly ns: number;
  readonly id: number;
  readonly sellId?: number;
  readonly side: number;
  readonly kind?: number;
  readonly priceE4: number;
  readonly qty: number;
}

const NS = 1_000_000_000;

/** `9:30:01.5` as ns since midnight. */
export function at(text: string): number {
  const [hours, minutes, seconds = '0'] = text.split(':');
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * NS);
}

const SIDES: { readonly [text: string]: number } = { buy: 1, sell: 2, call: 0 };
/** Kinds as the loader gives them for SZSE: a market order is a guess. */
const KINDS: { readonly [text: string]: number } = { market: 2, own: 5 };

/**
 * Rows from lines: `9:30:00 add 7 buy 100 @ 10.05`, `... add 8 sell 200 market`,
 * `... cancel 7 buy 100`, `... trade 7 8 100 @ 10.05 buy` (last the aggressor, or `call`).
 */
export function rowsOf(...lines: readonly string[]): FeedRows {
  return feedRows(lines.map(rowOf));
}

function rowOf(line: string): RowFact {
  const [time, what, ...rest] = line.split(' ');
  const ns = at(time);
  if (what === 'trade') {
    const [buy, sell, qty, , price, aggressor] = rest;
    const [id, sellId] = [Number(buy), Number(sell)];
    const fact = { type: ROW_TRADE, ns, id, sellId, side: SIDES[aggressor] };
    return { ...fact, priceE4: yuan(price), qty: Number(qty) };
  }
  const [id, side, qty, kind, price] = rest;
  return {
    ...{ type: what === 'add' ? ROW_ADD : ROW_CANCEL, ns, id: Number(id), side: SIDES[side] },
    ...{ kind: KINDS[kind] ?? 1, priceE4: yuan(price), qty: Number(qty) },
  };
}

function yuan(text: string | undefined): number {
  return text === undefined ? 0 : Math.round(Number(text) * 10_000);
}

export function feedRows(facts: readonly RowFact[]): FeedRows {
  const rows = new FeedRows(facts.length);
  for (const [i, fact] of facts.entries()) {
    rows.type[i] = fact.type;
    rows.seq[i] = i + 1;
    rows.ns[i] = fact.ns;
    rows.id[i] = fact.id;
    rows.sellId[i] = fact.sellId ?? 0;
    rows.side[i] = fact.side;
    rows.kind[i] = fact.type === ROW_ADD ? (fact.kind ?? 1) : 0;
    rows.priceE4[i] = fact.priceE4;
    rows.qty[i] = fact.qty;
    if (fact.type === ROW_TRADE) rows.tradeCount++;
  }
  return rows;
}

export interface VerifyWish {
  readonly feed?: FeedName;
  readonly makeBook?: MakeBook;
  readonly pictures?: readonly Picture[];
  readonly queues?: readonly QueueRow[];
  readonly preCloseE4?: number;
}

const SMALL = { maxInstruments: 1, maxOrders: 4096, maxLevels: 4096 };
const small = loadKernels(SMALL).book;

/** A book of the real kernel, empty. Small ones share one module: use one at a time. */
export const wasmBook: MakeBook = (orders, levels) => {
  if (orders > SMALL.maxOrders || levels > SMALL.maxLevels) {
    return loadKernels({ maxInstruments: 1, maxOrders: orders, maxLevels: levels }).book;
  }
  small.resetAll();
  return small;
};

/** Verifies rows of one share. */
export function verifyRows(rows: FeedRows, wish: VerifyWish = {}): InstrumentReport {
  const feed = wish.feed ?? 'sse-merged';
  const symbol = feed === 'szse' ? '000001.SZ' : '600519.SH';
  const { preCloseE4 = 100_000 } = wish;
  return verifyInstrument({
    instrument: makeInstrument(0, symbol, { preCloseE4 }, 20260109),
    day: 20260109,
    feed,
    data: { rows, pictures: wish.pictures ?? [] },
    queues: wish.queues ?? [],
    hasStartBook: false,
    makeBook: wish.makeBook ?? wasmBook,
  }).report;
}
