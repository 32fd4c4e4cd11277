// Reads the published order queues: the first 50 single orders at the best price of each side, one
// row per side and picture. Called by verify-folder.ts for files of the layout datayes-order-queue,
// which the tape leaves out. Always: a row that cannot be read throws CsvRowError with its place.
import { readCsv } from '../backtest/data/csv-file.ts';
import { CsvRowError } from '../backtest/data/errors.ts';
import { recognise } from '../backtest/data/layout-table.ts';
import { Row, RowClock } from '../backtest/data/row.ts';
import { symbolOf } from '../core/instrument.ts';
import { MARKET_SSE, SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';

/** Layout whose files are read here. */
export const QUEUE_LAYOUT = 'datayes-order-queue';
/** Most single orders in a row. */
export const SHOWN = 50;
const SIDES = { B: SIDE_BUY, S: SIDE_SELL };

/** The orders at the best price of one side, as published. */
export interface QueueRow {
  readonly line: number;
  /** Time of the picture it belongs to, ns since midnight. */
  readonly ns: number;
  readonly side: number;
  /** 1/10,000 yuan; 0 = side empty. */
  readonly priceE4: number;
  /** Shares and orders of the whole level. */
  readonly volume: number;
  readonly orders: number;
  /** Shares of the first 50 orders, first in the queue first. */
  readonly qty: readonly number[];
}

/** Rows by symbol, in file order. */
export type QueueRows = ReadonlyMap<string, readonly QueueRow[]>;

/** Ends the reading of a file that holds something else, at its header. */
class NoQueueFile extends Error {}

/** Reads one file; null when it is none. Throws MarketDataError (file) or CsvRowError (row). */
export async function readQueueFile(file: string): Promise<QueueRows | null> {
  try {
    return await readRows(file);
  } catch (error) {
    if (error instanceof NoQueueFile) return null;
    throw error;
  }
}

async function readRows(file: string): Promise<QueueRows> {
  const bySymbol = new Map<string, QueueRow[]>();
  let reader: QueueReader | null = null;
  await readCsv(file, {
    onHeader: (header) => {
      if (recognise(header)?.id !== QUEUE_LAYOUT) throw new NoQueueFile(file);
      reader = new QueueReader(new Row(file, header), header.length);
    },
    onRow: (fields, line) => {
      if (reader === null) return;
      const { symbol, row } = reader.read(fields, line);
      const rows = bySymbol.get(symbol);
      if (rows === undefined) bySymbol.set(symbol, [row]);
      else rows.push(row);
    },
    onCutRow: (fields, line) => {
      throw new CsvRowError({
        ...{ file, line, column: '(row)', value: fields.at(-1) ?? '' },
        expected: 'a line break behind the last row; without one the file may be cut',
      });
    },
    onBytes: () => {},
  });
  return bySymbol;
}

class QueueReader {
  readonly #row: Row;
  readonly #width: number;
  readonly #clock: RowClock;
  readonly #columns: { readonly [name: string]: number };
  readonly #first: number;

  constructor(row: Row, width: number) {
    this.#row = row;
    this.#width = width;
    this.#clock = new RowClock(row, { time: 'UpdateTime', format: 'clock' }, 0);
    this.#columns = {
      code: row.column('SecurityID'),
      side: row.column('Side'),
      price: row.column('Price'),
      volume: row.column('Volume'),
      orders: row.column('NumOrders'),
    };
    this.#first = row.column('OrderQty1');
    row.column(`OrderQty${SHOWN}`);
  }

  read(fields: readonly string[], line: number): { symbol: string; row: QueueRow } {
    const row = this.#row;
    const { code, side, price, volume, orders } = this.#columns;
    row.fields = fields;
    row.line = line;
    if (fields.length !== this.#width) {
      const expected = `${this.#width} columns as in the header, not ${fields.length}`;
      row.bad(Math.min(fields.length, this.#width) - 1, expected);
    }
    const qty: number[] = [];
    for (let i = 0; i < SHOWN && fields[this.#first + i] !== ''; i++) {
      const shares = row.total(this.#first + i);
      if (shares > 0) qty.push(shares);
    }
    return {
      // The layout is SSE's only so far: its codes come without a venue.
      symbol: symbolOf(MARKET_SSE, row.int32(code, 1, 'a six-digit code')),
      row: {
        line,
        ns: this.#clock.read(),
        side: row.code(side, SIDES),
        priceE4: row.price(price, 'yuan', 1),
        volume: row.total(volume),
        orders: row.total(orders),
        qty,
      },
    };
  }
}
