// Chosen columns of whole day files, each decoded when it is asked for: a run over thousands of
// series has no use for line numbers, and none for an array that says one number a thousand times.
// Called by bar-series.ts. Always: the same values as readDayFile() gives; a FileColumns lives as
// long as the call that it is given to; arrays that it gives may belong to several files.
import type { EncodedColumn } from './column-codec.ts';
import type { Table } from './columns.ts';
import { type DayFile, type EncodedBlock, fillColumn, openDayFile } from './day-file.ts';

/** A column that was decoded, and what it was decoded from. */
interface Decoded {
  readonly from: EncodedColumn;
  readonly values: Int32Array;
}

/** Reads file after file. */
export class ColumnReader {
  /** Of the file before, by name. */
  readonly #before = new Map<string, Decoded>();

  /** Has `use` take what it wants. Throws MarketDataError like readDayFile(). */
  read<T>(path: string, use: (file: DayFile, columns: FileColumns) => T): T {
    return openDayFile(path, (file) => use(file, new FileColumns(file, this.#before)));
  }
}

export class FileColumns {
  readonly #kind: string;
  readonly #names: readonly string[];
  readonly #rows: number;
  readonly #blocks: readonly EncodedBlock[];
  readonly #before: Map<string, Decoded>;

  constructor(file: DayFile, before: Map<string, Decoded>) {
    this.#kind = file.meta.kind;
    this.#names = file.meta.columns;
    this.#rows = file.rows;
    this.#blocks = file.allEncoded();
    this.#before = before;
  }

  /** A column of numbers that fit: prices, days. */
  ints(name: string): Int32Array {
    const values = new Int32Array(this.#rows);
    fillColumn(this.#blocks, this.#names.indexOf(name), values);
    return values;
  }

  /** Like ints(); the array of the file before where that says the same: most have its days. */
  sharedInts(name: string): Int32Array {
    const before = this.#before.get(name);
    const from = this.#blocks[0]?.columns[this.#names.indexOf(name)];
    const isSame =
      from !== undefined && this.#blocks.length === 1 && isOf(before, from, this.#rows);
    if (isSame) return before!.values;
    const values = this.ints(name);
    // The bytes belong to the file that is read, so they are copied.
    if (from !== undefined) {
      this.#before.set(name, { from: { ...from, bytes: Uint8Array.from(from.bytes) }, values });
    }
    return values;
  }

  floats(name: string): Float64Array {
    const values = new Float64Array(this.#rows);
    fillColumn(this.#blocks, this.#names.indexOf(name), values);
    return values;
  }

  /** One number where every row says it. */
  oneOrAll(name: string): number | Float64Array {
    const i = this.#names.indexOf(name);
    const columns = this.#blocks.map((block) => block.columns[i]!);
    const one = columns[0]?.base ?? 0;
    const isOne = columns.every(({ width, base }) => width === 0 && base === one);
    return isOne ? one : this.floats(name);
  }

  table(): Table {
    const columns = this.#names.map((name) => this.floats(name));
    return { kind: this.#kind, rows: this.#rows, columns };
  }
}

function isOf(before: Decoded | undefined, column: EncodedColumn, rows: number): boolean {
  if (before === undefined || before.values.length !== rows) return false;
  const { base, scale, coding, width, bytes } = before.from;
  if (base !== column.base || scale !== column.scale || coding !== column.coding) return false;
  return width === column.width && Buffer.compare(bytes, column.bytes) === 0;
}
