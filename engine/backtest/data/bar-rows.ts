// Reader of minute and daily bars: one CSV row becomes one Bar frame whose eventNs is the bar's
// end. Called by the loader for every row of such files. Always: low <= open, close <= high.
import { STAGE_FEED } from '../../messages/codes.ts';
import { Bar } from '../../messages/generated/market.ts';
import { BarLabels, type Label } from './bar-labels.ts';
import { MarketDataError } from './errors.ts';
import type { RowReader } from './event-rows.ts';
import type { BarLayout } from './layout.ts';
import type { Row } from './row.ts';
import { NO_COLUMN, RowClock } from './row.ts';
import { CLOSE_NS, MORNING_NS, OPENING_UNCROSS_NS, SECOND_NS } from './sessions.ts';
import type { Stream, StreamSet } from './stream-set.ts';
import { SymbolReader } from './stream-set.ts';

const DAY_S = 86_400;
/** Lengths that a file's first label of the day can tell. */
const MINUTE_LENGTHS = [60, 300, 900, 1800, 3600];

interface Prices {
  openE4: number;
  highE4: number;
  lowE4: number;
  closeE4: number;
}

/** What a person says of bars whose header does not. */
export interface BarWish {
  readonly labels?: Label | undefined;
  /** Shares per unit of volume. */
  readonly volumeUnit?: number | undefined;
}

/** Bars. */
export class BarReader implements RowReader {
  readonly #row: Row;
  readonly #layout: BarLayout;
  readonly #streams: StreamSet;
  readonly #clock: RowClock;
  readonly #symbols: SymbolReader;
  readonly #bar = new Bar();
  readonly #columns: { readonly [name: string]: number };
  readonly #labels: BarLabels;
  readonly #volumeUnit: number;
  #intervalS: number;
  /** Close of the bar before in each stream. */
  readonly #closes = new Map<Stream, number>();

  constructor(
    row: Row,
    layout: BarLayout,
    streams: StreamSet,
    fileDay: number,
    wish: BarWish = {},
  ) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#clock = new RowClock(row, layout.clock, fileDay);
    this.#symbols = new SymbolReader(row, layout, streams.book);
    this.#intervalS = layout.intervalS || intervalInName(row.file);
    this.#labels = new BarLabels(row.file, layout, wish.labels ?? null);
    this.#volumeUnit = wish.volumeUnit ?? layout.volumeUnit;
    if (this.#volumeUnit === 0) {
      throw new MarketDataError(
        `${row.file}: the header (${layout.id}) does not tell the unit of volume; ` +
          'say --volume-unit shares or --volume-unit lots',
      );
    }
    this.#columns = {
      time: row.column(layout.clock.time),
      open: row.column(layout.open),
      high: row.column(layout.high),
      low: row.column(layout.low),
      close: row.column(layout.close),
      volume: row.column(layout.volume),
      amount: row.optional(layout.amount),
    };
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const symbol = this.#symbols.read();
    const label = this.#clock.read();
    if (this.#clock.isWholeDay) this.#intervalS = DAY_S;
    else if (this.#intervalS === 0) this.#intervalS = this.#intervalOf(label);
    if (!this.#streams.wantsBars(symbol, this.#intervalS)) {
      this.#streams.seen.add(symbol);
      return;
    }
    const stream = this.#streams.of(row, layout, 'bars', symbol, this.#clock.day);
    if (stream === null) return;
    const isMinutes = this.#intervalS !== DAY_S;
    if (isMinutes) this.#labels.check(label, row.line);
    const lengthNs = this.#intervalS * SECOND_NS;
    const endNs = isMinutes && this.#labels.label === 'start' ? label + lengthNs : label;
    if (endNs < stream.tape.lastNs || (stream.tape.count > 0 && endNs === stream.tape.lastNs)) {
      row.bad(this.#columns['time'], 'a time after the row before');
    }
    if (isMinutes && stream.tape.count > 0 && endNs - stream.tape.lastNs < lengthNs) {
      row.bad(this.#columns['time'], `a time ${this.#intervalS} s after the row before`);
    }
    const prices = this.#prices(stream);
    const volume = row.total(this.#columns['volume']) * this.#volumeUnit;
    const amount = this.#columns['amount'];
    const money = amount === NO_COLUMN ? 0 : row.amountE4(amount, layout.amountUnit ?? 1);

    const at = stream.tape.claim(Bar.BYTES);
    const bar = this.#bar.begin(stream.tape.tail, at);
    bar.source = STAGE_FEED;
    bar.eventNs = endNs;
    bar.instrument = stream.provisional;
    bar.intervalS = this.#intervalS;
    bar.openE4 = prices.openE4;
    bar.highE4 = prices.highE4;
    bar.lowE4 = prices.lowE4;
    bar.closeE4 = prices.closeE4;
    bar.startNs = startOf(endNs, this.#intervalS);
    bar.volume = volume;
    bar.amountE4 = money;
    this.#closes.set(stream, prices.closeE4);
    stream.commit(row.line);
  }

  /** The four prices, checked against each other. Bars of vendors need not lie on the tick. */
  #prices(stream: Stream): Prices {
    const row = this.#row;
    const { open, high, low, close } = this.#columns;
    const highE4 = row.realPrice(high, 'yuan', 1);
    const lowE4 = row.realPrice(low, 'yuan', 1);
    const closeE4 = row.realPrice(close, 'yuan', 1);
    let openE4 = row.price(open, 'yuan', 1);
    if (openE4 === 0) {
      if (this.#layout.openMayBeZero !== true) row.bad(open, 'a price above 0');
      const before = this.#closes.get(stream) ?? closeE4;
      openE4 = Math.min(Math.max(before, lowE4), highE4);
      stream.filledOpens++;
    }
    if (lowE4 > highE4) row.bad(low, `a low of at most the high ${row.fields[high]}`);
    if (openE4 < lowE4 || openE4 > highE4) row.bad(open, 'an open between low and high');
    if (closeE4 < lowE4 || closeE4 > highE4) row.bad(close, 'a close between low and high');
    return { openE4, highE4, lowE4, closeE4 };
  }

  /** Length of the bars from the first label of the day: 09:35 is a five-minute bar's end. */
  #intervalOf(label: number): number {
    const seconds = (label - MORNING_NS) / SECOND_NS;
    if (MINUTE_LENGTHS.includes(seconds)) return seconds;
    const lengths = '09:31, 09:35, 09:45, 10:00 or 10:30, or the length';
    this.#row.bad(this.#columns['time'], `a first label of ${lengths} in the file name (_5min)`);
  }
}

/** A bar ending at 9:30 is the opening auction's: it starts where the auction prints. */
function startOf(endNs: number, intervalS: number): number {
  if (intervalS === DAY_S) return MORNING_NS;
  if (endNs === MORNING_NS) return OPENING_UNCROSS_NS;
  return Math.min(endNs, CLOSE_NS) - intervalS * SECOND_NS;
}

/** Seconds from `600519_5min.csv`; 0 when the name does not tell. */
function intervalInName(file: string): number {
  const name = file.split(/[\\/]/).pop() ?? file;
  const minutes = Number(
    /(?<![0-9A-Za-z])(\d{1,3})m(?:in|inute)?(?![0-9A-Za-z])/i.exec(name)?.[1] ?? 0,
  );
  return MINUTE_LENGTHS.includes(minutes * 60) ? minutes * 60 : 0;
}
