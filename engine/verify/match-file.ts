// `pankou match`: plain price-time matching of a neutral CSV, for anyone who wants to compare the
// kernel with an engine of his own. Called by tools/commands/match.ts and by tests. Always: one
// instrument, limit orders and cancels; a bad row is named with line, column, value and what was
// expected, and left out; the rows around it are matched.
import { open } from 'node:fs/promises';
import { readCsv } from '../backtest/data/csv-file.ts';
import type { BadRow } from '../backtest/data/errors.ts';
import { CsvRowError } from '../backtest/data/errors.ts';
import { Row } from '../backtest/data/row.ts';
import { BookCode, OrderKind } from '../core/book.ts';
import { loadKernels } from '../host/kernels.ts';
import { SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';
import { CONTINUOUS, OP_CANCEL, OP_SUBMIT, OrderOps } from './order-ops.ts';
import type { EngineRun } from './run-ops.ts';
import { INSTR, runOps } from './run-ops.ts';

/** Columns of the file, in any order. */
export const MATCH_COLUMNS = ['seq', 'kind', 'id', 'side', 'priceE4', 'qty'] as const;
const SIDES = { B: SIDE_BUY, S: SIDE_SELL };
/** A cancel may leave its side and quantity out. */
const CANCEL_SIDES = { '': 0, ...SIDES };
const KINDS = { add: 1, cancel: 2 };
const NEWLINE = 10;

export interface MatchOptions {
  /** A .csv or .csv.gz. */
  readonly path: string;
  /** Price step, 1/10,000 yuan. */
  readonly tickE4: number;
  /** `fraction` 0..1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Result of a file. */
export interface Matched {
  /** Rows of the file, good and bad. */
  readonly rows: number;
  readonly orders: number;
  readonly cancels: number;
  readonly trades: number;
  /** Shares traded. */
  readonly volume: number;
  /** Orders that rest at the end. */
  readonly resting: number;
  readonly kernelSeconds: number;
  /** In file order. */
  readonly badRows: readonly BadRow[];
  /** `seq,buyId,sellId,priceE4,qty,aggressor`, header first; many lines a piece. */
  tradeText(): Iterable<string>;
}

/** Matches a file. Throws MarketDataError for a file or header that cannot be used. */
export async function matchFile(options: MatchOptions): Promise<Matched> {
  const reader = new MatchReader(options);
  await reader.readFile();
  const { ops } = reader;
  let lowE4 = Number.MAX_SAFE_INTEGER;
  let highE4 = 0;
  let orders = 0;
  for (let at = 0; at < ops.count; at++) {
    if (ops.op[at] !== OP_SUBMIT) continue;
    orders++;
    lowE4 = Math.min(lowE4, ops.priceE4[at]);
    highE4 = Math.max(highE4, ops.priceE4[at]);
  }
  const { tickE4, path } = options;
  if (orders === 0) lowE4 = highE4 = tickE4;
  const maxLevels = (highE4 - lowE4) / tickE4 + 1;
  const maxOrders = orders + 1;
  const steps = `${maxLevels} steps of ${tickE4}`;
  const wrong = `${path}: ${orders} orders at ${lowE4}..${highE4} (${steps})`;
  if (maxLevels > WINDOW_TICKS || maxOrders > ORDERS) {
    throw new Error(`${wrong}: the kernel holds ${WINDOW_TICKS} steps and ${ORDERS} orders`);
  }
  const { book } = loadKernels({ maxInstruments: 1, maxOrders, maxLevels });
  const code = book.openInstrument(INSTR, tickE4, lowE4, highE4, maxOrders);
  if (code !== BookCode.OK) throw new Error(`${wrong}: refused by the kernel, code ${code}`);
  const facts = { market: 0, preCloseE4: 0 };
  const run = runOps(book, ops, facts, { cancelsByQty: true });
  reader.judge(run);
  let volume = 0;
  for (let i = 0; i < run.trades.count; i++) volume += run.trades.qty[i];
  return {
    ...{ rows: reader.rows, orders, cancels: ops.count - orders },
    ...{ trades: run.trades.count, volume, resting: book.orderCount(INSTR) },
    kernelSeconds: run.kernelSeconds,
    badRows: reader.badRows.toSorted((a, b) => a.line - b.line),
    tradeText: () => tradeText(reader, run),
  };
}

/** What the kernel holds of one instrument (wasm/assembly/codes.ts; a test compares). */
export const WINDOW_TICKS = 262_144;
export const ORDERS = 1_048_576;

class MatchReader {
  readonly ops = new OrderOps(1 << 16);
  readonly badRows: BadRow[] = [];
  /** `seq` of each operation. */
  readonly seqs: number[] = [];
  rows = 0;
  readonly #options: MatchOptions;
  /** Every id that an add has brought. */
  readonly #ids = new Set<number>();
  #lastSeq = -1;
  #row: Row;
  #columns: { readonly [name: string]: number } = {};

  constructor(options: MatchOptions) {
    this.#options = options;
    this.#row = new Row(options.path, []);
  }

  async readFile(): Promise<void> {
    const { path, onProgress } = this.#options;
    const end = await endOf(path);
    let bytesRead = 0;
    await readCsv(path, {
      onHeader: (header) => {
        this.#row = new Row(path, header);
        const entries = MATCH_COLUMNS.map((name) => [name, this.#row.column(name)] as const);
        this.#columns = Object.fromEntries(entries);
      },
      onRow: (fields, line) => this.#read(fields, line),
      // Left out again below: by then it is known where it stands.
      onCutRow: (fields, line) => this.#read(fields, line),
      onBytes: (bytes) => {
        bytesRead += bytes;
        onProgress?.(Math.min(1, bytesRead / Math.max(1, end.bytes)));
      },
    });
    if (end.isCut && this.rows > 0) this.#dropLast();
  }

  #read(fields: readonly string[], line: number): void {
    const row = this.#row;
    this.rows++;
    row.fields = fields;
    row.line = line;
    try {
      if (fields.length !== row.header.length) {
        const expected = `${row.header.length} columns as in the header, not ${fields.length}`;
        row.bad(Math.min(fields.length, row.header.length) - 1, expected);
      }
      this.#readRow(row);
    } catch (error) {
      if (!(error instanceof CsvRowError)) throw error;
      this.#note(error);
    }
  }

  #readRow(row: Row): void {
    const { seq, kind, id, side, priceE4, qty } = this.#columns;
    const sequence = row.int32(seq, 0, 'a sequence number');
    if (sequence <= this.#lastSeq) {
      row.bad(seq, `a sequence number above ${this.#lastSeq} (rows must be in sequence)`);
    }
    const what = row.code(kind, KINDS);
    const number = row.int32(id, 0, 'an order id');
    if (what === KINDS.add) {
      const sideCode = row.code(side, SIDES);
      const { tickE4 } = this.#options;
      const price = row.int32(priceE4, 1, 'a price in 1/10,000 yuan');
      if (price % tickE4 !== 0) row.bad(priceE4, `a price on the grid of ${tickE4}/10,000 yuan`);
      const shares = row.qty(qty);
      if (this.#ids.has(number)) row.bad(id, 'an order id that no row before has (duplicate)');
      this.#ids.add(number);
      this.ops.submit(row.line, 0, number, sideCode, OrderKind.LIMIT, price, shares);
    } else {
      const sideCode = row.code(side, CANCEL_SIDES);
      const shares = row.fields[qty] === '' ? 0 : row.int32(qty, 0, 'a quantity in shares');
      if (!this.#ids.has(number)) row.bad(id, 'the id of an order that a row before adds');
      this.ops.cancel(CONTINUOUS, row.line, number, sideCode, shares);
    }
    this.seqs.push(sequence);
    this.#lastSeq = sequence;
  }

  /** The last row has no line break behind it: its last number may be cut. */
  #dropLast(): void {
    const { ops, badRows } = this;
    const { file, line, fields } = this.#row;
    if (badRows.at(-1)?.line === line) return;
    ops.count--;
    this.seqs.pop();
    badRows.push({
      ...{ file, line, column: '(row)', value: fields.join(',') },
      expected: 'a line break behind the last row; without it the file may be cut in the middle',
    });
  }

  /** What only the book can tell: cancels of orders that are gone, or of more than is left. */
  judge(run: EngineRun): void {
    const { ops } = this;
    for (let at = 0; at < ops.count; at++) {
      const code = run.result[at];
      if (code >= 0) continue;
      const cancels = ops.op[at] === OP_CANCEL;
      const tooMuch = cancels && code === BookCode.MORE_THAN_LEFT;
      this.badRows.push({
        file: this.#options.path,
        line: ops.row[at],
        column: tooMuch ? 'qty' : 'id',
        value: String(tooMuch ? ops.qty[at] : ops.id[at]),
        expected: tooMuch
          ? `at most the shares that are left of order ${ops.id[at]}`
          : cancels
            ? 'the id of an order that rests; this one was filled or cancelled before'
            : `an order the kernel takes (code ${code})`,
      });
    }
  }

  #note(error: CsvRowError): void {
    const { file, line, column, value, expected } = error;
    this.badRows.push({ file, line, column, value, expected });
  }
}

/** Size, and whether a plain file ends in the middle of a line. A cut .gz is found by reading. */
async function endOf(path: string): Promise<{ bytes: number; isCut: boolean }> {
  const file = await open(path).catch(() => null);
  // readCsv says what is wrong with a file that cannot be opened.
  if (file === null) return { bytes: 0, isCut: false };
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    return { bytes: size, isCut: !path.endsWith('.gz') && size > 0 && last[0] !== NEWLINE };
  } finally {
    await file.close();
  }
}

/** Trades as CSV, in pieces of at most 10,000 lines. */
function* tradeText(reader: MatchReader, run: EngineRun): Iterable<string> {
  const { ops, seqs } = reader;
  const { buyId, sellId, priceE4, qty } = run.trades;
  let lines = ['seq,buyId,sellId,priceE4,qty,aggressor'];
  for (let at = 0; at < ops.count; at++) {
    if (ops.op[at] !== OP_SUBMIT) continue;
    const side = ops.side[at] === SIDE_BUY ? 'B' : 'S';
    const from = run.tradeFrom[at];
    for (let i = from; i < from + run.result[at]; i++) {
      lines.push(`${seqs[at]},${buyId[i]},${sellId[i]},${priceE4[i]},${qty[i]},${side}`);
    }
    if (lines.length < 10_000) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
