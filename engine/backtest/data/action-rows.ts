// Reader of corporate actions: one CSV row becomes one ActionRow beside the tape. Called by the
// loader and the import for every row of such files. Always: rows of one symbol rise by ex-date.
import type { RowReader } from './event-rows.ts';
import type { ActionLayout } from './layout.ts';
import type { Row } from './row.ts';
import { NO_COLUMN, RowClock } from './row.ts';
import type { StreamSet } from './stream-set.ts';
import { SymbolReader } from './stream-set.ts';

/** amountE4 of 10,000 shares is 10^8; the column itself is a count. */
const SHARES_10K = 10_000;

export class ActionReader implements RowReader {
  readonly #row: Row;
  readonly #layout: ActionLayout;
  readonly #streams: StreamSet;
  readonly #clock: RowClock;
  readonly #symbols: SymbolReader;
  readonly #lastDays = new Map<string, number>();

  constructor(row: Row, layout: ActionLayout, streams: StreamSet) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#clock = new RowClock(row, layout.clock, 0);
    this.#symbols = new SymbolReader(row, layout, streams.book);
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const symbol = this.#symbols.read();
    this.#clock.read();
    const day = this.#clock.day;
    const last = this.#lastDays.get(symbol) ?? 0;
    if (day <= last) row.bad(row.column(layout.clock.time), `an ex-date after ${last}`);
    const number = (column: string): number => row.amountE4(row.column(column));
    const shares = (name: string | undefined): number => {
      const column = row.optional(name);
      return column === NO_COLUMN ? 0 : Math.round((row.amountE4(column) / 10_000) * SHARES_10K);
    };
    const action = {
      symbol,
      day,
      line: row.line,
      bonusPer10E4: number(layout.bonusPer10),
      transferPer10E4: number(layout.transferPer10),
      rightsPer10E4: number(layout.rightsPer10),
      rightsPriceE4: number(layout.rightsPrice),
      cashPer10E4: number(layout.cashPer10),
      totalShares: shares(layout.totalShares10k),
      floatShares: shares(layout.floatShares10k),
    };
    this.#lastDays.set(symbol, day);
    this.#streams.seen.add(symbol);
    this.#streams.actions.push(action);
  }
}
