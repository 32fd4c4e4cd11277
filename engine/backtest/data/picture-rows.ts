// Readers of ten-level snapshots and of Pankou's static file: they write SnapshotTick frames and
// collect preClose and limit prices. Called by the loader for every row of such files.

import { type PhaseStep, phaseByClock } from '../../core/instrument.ts';
import {
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
  STAGE_FEED,
} from '../../messages/codes.ts';
import { SnapshotTick } from '../../messages/generated/market.ts';
import type { RowReader } from './event-rows.ts';
import type { InstrumentLayout, SnapshotLayout } from './layout.ts';
import type { Row } from './row.ts';
import { isDay, NO_COLUMN, RowClock } from './row.ts';
import { LUNCH_NS } from './sessions.ts';
import type { StaticFacts, StreamSet } from './stream-set.ts';
import { SymbolReader } from './stream-set.ts';

const LEVELS = 10;

/** Columns of one side, by level. */
interface SideColumns {
  readonly price: readonly number[];
  readonly qty: readonly number[];
  readonly orders: readonly number[];
}

/** Ten-level pictures. */
export class SnapshotReader implements RowReader {
  readonly #row: Row;
  readonly #layout: SnapshotLayout;
  readonly #streams: StreamSet;
  readonly #clock: RowClock;
  readonly #symbols: SymbolReader;
  readonly #tick = new SnapshotTick();
  readonly #columns: { readonly [name: string]: number };
  readonly #bids: SideColumns;
  readonly #asks: SideColumns;

  constructor(row: Row, layout: SnapshotLayout, streams: StreamSet, fileDay: number) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#clock = new RowClock(row, layout.clock, fileDay);
    this.#symbols = new SymbolReader(row, layout, streams.book);
    this.#columns = {
      preClose: row.column(layout.preClose),
      last: row.column(layout.last),
      open: row.column(layout.open),
      high: row.column(layout.high),
      low: row.column(layout.low),
      volume: row.column(layout.volume),
      amount: row.column(layout.amount),
      phase: row.column(layout.phase),
      trades: row.optional(layout.trades),
      upper: row.optional(layout.upperLimit),
      lower: row.optional(layout.lowerLimit),
    };
    this.#bids = levelColumns(row, layout, layout.bidPrice, layout.bidQty, layout.bidOrders);
    this.#asks = levelColumns(row, layout, layout.askPrice, layout.askQty, layout.askOrders);
  }

  read(): void {
    const row = this.#row;
    const symbol = this.#symbols.read();
    const ns = this.#clock.read();
    const day = this.#clock.day;
    const stream = this.#streams.of(row, this.#layout, 'snapshots', symbol, day);
    if (!this.#streams.wants(symbol)) return;
    const facts = this.#readFacts(symbol, day);
    if (stream === null) return;
    this.#checkLevels(this.#bids, stream.tickE4);
    this.#checkLevels(this.#asks, stream.tickE4);
    const { last, open, high, low, volume, amount, trades } = this.#columns;
    const lastE4 = row.price(last, 'yuan', stream.tickE4);
    const openE4 = row.price(open, 'yuan', stream.tickE4);
    const highE4 = row.price(high, 'yuan', stream.tickE4);
    const lowE4 = row.price(low, 'yuan', stream.tickE4);
    const shares = row.total(volume);
    const money = row.amountE4(amount);
    const count = trades === NO_COLUMN ? 0 : row.int32(trades, 0, 'a number of trades');
    const phase = this.#phase(ns, stream.phases);

    const at = stream.tape.claim(SnapshotTick.BYTES);
    const tick = this.#tick.begin(stream.tape.tail, at);
    tick.source = STAGE_FEED;
    tick.eventNs = stream.risingNs(ns);
    tick.instrument = stream.provisional;
    tick.phase = phase;
    tick.lastE4 = lastE4;
    tick.preCloseE4 = facts.preCloseE4;
    tick.openE4 = openE4;
    tick.highE4 = highE4;
    tick.lowE4 = lowE4;
    tick.upperLimitE4 = facts.upperLimitE4;
    tick.lowerLimitE4 = facts.lowerLimitE4;
    tick.tradeCount = count;
    tick.volume = shares;
    tick.amountE4 = money;
    this.#writeLevels(tick);
    stream.commit(row.line);
  }

  /** preClose and limits of the day; the first picture that has them decides. */
  #readFacts(symbol: string, day: number): StaticFacts {
    const facts = this.#streams.facts(symbol, day);
    const { preClose, upper, lower } = this.#columns;
    if (facts.preCloseE4 === 0) facts.preCloseE4 = this.#row.price(preClose, 'yuan', 1);
    if (upper !== NO_COLUMN && lower !== NO_COLUMN && facts.upperLimitE4 === 0) {
      const upperE4 = this.#row.limitPrice(upper);
      facts.limitsKnown = this.#row.fields[upper] !== '' && this.#row.fields[upper] !== '0';
      facts.upperLimitE4 = upperE4;
      facts.lowerLimitE4 = upperE4 === 0 ? 0 : this.#row.limitPrice(lower);
    }
    return facts;
  }

  /** Reads every level once, so that nothing is written of a row that proves broken. */
  #checkLevels(side: SideColumns, tickE4: number): void {
    for (let level = 0; level < LEVELS; level++) {
      this.#row.price(side.price[level], 'yuan', tickE4);
      this.#row.total(side.qty[level]);
      if (side.orders.length > 0) this.#row.total(side.orders[level]);
    }
  }

  #writeLevels(tick: SnapshotTick): void {
    const row = this.#row;
    const bids = this.#bids;
    const asks = this.#asks;
    for (let level = 0; level < LEVELS; level++) {
      tick.setBidPriceE4(level, row.price(bids.price[level], 'yuan', 1));
      tick.setBidQty(level, row.total(bids.qty[level]));
      tick.setAskPriceE4(level, row.price(asks.price[level], 'yuan', 1));
      tick.setAskQty(level, row.total(asks.qty[level]));
      if (bids.orders.length > 0) tick.setBidOrderCount(level, row.total(bids.orders[level]));
      if (asks.orders.length > 0) tick.setAskOrderCount(level, row.total(asks.orders[level]));
    }
  }

  /**
   * The published status, made finer by the clock where the feed has one word for two phases: SSE
   * says TRADE in the pause and at lunch, SZSE B for both breaks, all OCALL after 9:20.
   */
  #phase(ns: number, phases: readonly PhaseStep[]): number {
    const row = this.#row;
    const column = this.#columns['phase'];
    const text = row.fields[column];
    const layout = this.#layout;
    const key = layout.phaseByFirstCharacter === true ? text.charAt(0) : text.trim();
    const phase = layout.phases[key];
    if (phase === undefined) {
      row.bad(column, `a phase, one of ${Object.keys(layout.phases).join(', ')}`);
    }
    if (phase === PHASE_PAUSE && ns >= LUNCH_NS) return PHASE_LUNCH;
    const byClock = phaseByClock(phases, ns);
    if (phase === PHASE_OPENING_CALL && byClock !== PHASE_PRE_OPEN) {
      return byClock === PHASE_OPENING_CALL ? phase : PHASE_OPENING_CALL_NO_CANCEL;
    }
    if (phase !== PHASE_CONTINUOUS) return phase;
    return byClock === PHASE_PAUSE || byClock === PHASE_LUNCH ? byClock : phase;
  }
}

/** Pankou's static file: one row per instrument and day, no frame. */
export class InstrumentReader implements RowReader {
  readonly #row: Row;
  readonly #layout: InstrumentLayout;
  readonly #streams: StreamSet;
  readonly #symbols: SymbolReader;

  constructor(row: Row, layout: InstrumentLayout, streams: StreamSet) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#symbols = new SymbolReader(row, layout, streams.book);
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const symbol = this.#symbols.read();
    const dayColumn = row.column(layout.day);
    const day = row.int32(dayColumn, 0, 'a day like 20230201');
    if (!isDay(day)) row.bad(dayColumn, 'a day like 20230201');
    this.#streams.list(symbol, day);
    if (!this.#streams.wants(symbol)) return;
    const facts = this.#streams.facts(symbol, day);
    facts.preCloseE4 = row.price(row.column(layout.preClose), 'yuan', 1);
    facts.upperLimitE4 = row.limitPrice(row.column(layout.upperLimit));
    facts.lowerLimitE4 = row.limitPrice(row.column(layout.lowerLimit));
    facts.limitsKnown = true;
  }
}

function levelColumns(
  row: Row,
  layout: SnapshotLayout,
  price: string,
  qty: string,
  orders: string | undefined,
): SideColumns {
  const of = (pattern: string): number[] => {
    const columns: number[] = [];
    for (let level = 0; level < LEVELS; level++) {
      columns.push(row.column(pattern.replace('#', String(level + layout.firstLevel))));
    }
    return columns;
  };
  return { price: of(price), qty: of(qty), orders: orders === undefined ? [] : of(orders) };
}
