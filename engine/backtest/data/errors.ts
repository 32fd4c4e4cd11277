// What can be wrong with market data files, told so that a person can mend it. Thrown by the
// loader only; always names the file, and for a row the line, the column, the value and what was
// expected.

/** A file or folder cannot be used at all. */
export class MarketDataError extends Error {
  override readonly name = 'MarketDataError';
}

/** One row that could not be read. */
export interface BadRow {
  readonly file: string;
  /** Line in the file, the header being line 1. */
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly expected: string;
}

/** A row is broken; thrown before anything is returned unless bad rows are to be skipped. */
export class CsvRowError extends Error implements BadRow {
  override readonly name = 'CsvRowError';
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly expected: string;

  constructor(bad: BadRow) {
    super(describeBadRow(bad));
    this.file = bad.file;
    this.line = bad.line;
    this.column = bad.column;
    this.value = bad.value;
    this.expected = bad.expected;
  }
}

/** `orders.csv:17: column OrderPrice is '51.9x', expected a price in yuan`. */
export function describeBadRow(bad: BadRow): string {
  const { file, line, column, value, expected } = bad;
  return `${file}:${line}: column ${column} is '${value}', expected ${expected}`;
}
