// One CSV row under a reader's hands: fields by column number, read as the numbers the engine
// uses. Called by the row readers for every row; one object per file. Always: a value that cannot
// be read throws CsvRowError naming file, line, column, value and what was expected.
import { parseAmountE4, parsePriceE4, TEXT_TOO_LARGE } from '../../core/price.ts';
import { CsvRowError, MarketDataError } from './errors.ts';
import type { Codes, LayoutClock, PriceUnit } from './layout.ts';

const INT32_MAX = 0x7fffffff;
/** A limit price at or above this means "no limit" in the static files (rules sheet 3.4). */
const NO_LIMIT_YUAN_E4 = 99_999_999 * 10_000;
const NS_PER_SECOND = 1_000_000_000;

/** Column number of an optional column that the file does not have. */
export const NO_COLUMN = -1;

/** The row being read. */
export class Row {
  readonly file: string;
  readonly header: readonly string[];
  readonly #columns: ReadonlyMap<string, number>;
  fields: readonly string[] = [];
  line = 0;

  constructor(file: string, header: readonly string[]) {
    this.file = file;
    this.header = header;
    this.#columns = new Map(header.map((name, index) => [name, index]));
  }

  /** Number of a column the layout needs. */
  column(name: string): number {
    const index = this.#columns.get(name);
    if (index !== undefined) return index;
    throw new MarketDataError(`${this.file}: column ${name} is missing from the header`);
  }

  /** Number of a column the layout may use, NO_COLUMN when it has none or the file lacks it. */
  optional(name: string | undefined): number {
    return name === undefined ? NO_COLUMN : (this.#columns.get(name) ?? NO_COLUMN);
  }

  /** Throws: this field is not what was expected. */
  bad(column: number, expected: string): never {
    throw new CsvRowError({
      file: this.file,
      line: this.line,
      column: this.header[column] ?? '(row)',
      value: this.fields[column] ?? '',
      expected,
    });
  }

  /** Whole number min..2^31-1; a trailing `.0` (spreadsheet export) is allowed, empty is not. */
  int32(column: number, min: number, what: string): number {
    const value = wholeNumber(plainDecimal(this.fields[column]));
    if (value < 0) this.bad(column, what);
    if (value < min) this.bad(column, `${what} of at least ${min}`);
    if (value > INT32_MAX) this.bad(column, `${what} of at most ${INT32_MAX} (int32)`);
    return value;
  }

  /** Shares of an order or trade: 1..2^31-1. */
  qty(column: number): number {
    return this.int32(column, 1, 'a quantity in shares, a whole number');
  }

  /** An order number; empty or 0 = none. */
  orderNo(column: number): number {
    if (this.fields[column] === '') return 0;
    return this.int32(column, 0, 'an order number');
  }

  /** A total of shares: whole, up to 2^53; empty = 0. */
  total(column: number): number {
    const text = this.fields[column];
    if (text === '') return 0;
    const value = wholeNumber(plainDecimal(text));
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) this.bad(column, 'a whole number of shares');
    return value;
  }

  /** An amount of money in 1/10,000 yuan; empty = 0. */
  amountE4(column: number, unit = 1): number {
    const text = this.fields[column];
    if (text === '') return 0;
    const value = parseAmountE4(plainDecimal(text));
    if (value === TEXT_TOO_LARGE) this.bad(column, 'an amount below 900 billion yuan');
    if (value < 0) this.bad(column, 'an amount in yuan, 0 or more');
    return value * unit;
  }

  /** A price; empty or 0 gives 0 (PRICE_NONE). Must lie on the tick. */
  price(column: number, unit: PriceUnit, tickE4: number): number {
    const written = this.fields[column];
    if (written === '') return 0;
    const text = plainDecimal(written);
    const value = unit === 'yuan' ? parsePriceE4(text) : wholeNumber(text);
    if (value < 0 || value > INT32_MAX) {
      if (value === TEXT_TOO_LARGE || value > INT32_MAX) {
        this.bad(column, 'a price below 214748.3648 yuan');
      }
      this.bad(column, unit === 'yuan' ? 'a price in yuan' : 'a price in 1/10,000 yuan');
    }
    if (value % tickE4 !== 0) this.bad(column, `a price on the tick of ${tickE4 / 10_000} yuan`);
    return value;
  }

  /** A price above 0. */
  realPrice(column: number, unit: PriceUnit, tickE4: number): number {
    const value = this.price(column, unit, tickE4);
    if (value === 0) this.bad(column, 'a price above 0');
    return value;
  }

  /** A limit price of the static data: empty, 0 or the exchanges' "no limit" give 0. */
  limitPrice(column: number): number {
    const value = this.amountE4(column);
    if (value >= NO_LIMIT_YUAN_E4) return 0;
    if (value > INT32_MAX) this.bad(column, 'a price below 214748.3648 yuan');
    return value;
  }

  /** The number a code stands for. */
  code(column: number, codes: Codes): number {
    const value = codes[this.fields[column]];
    if (value === undefined) this.bad(column, `one of ${Object.keys(codes).join(', ')}`);
    return value;
  }
}

/** Reads time and day of a row as its layout writes them. */
export class RowClock {
  readonly #row: Row;
  readonly #format: LayoutClock['format'];
  readonly #time: number;
  readonly #date: number;
  readonly #fileDay: number;
  #dateText = '';
  #day = 0;
  /** Day of the row last read, 20230201; 0 = not known. */
  day = 0;
  /** The row last read stands for a whole day. */
  isWholeDay = false;

  constructor(row: Row, clock: LayoutClock, fileDay: number) {
    this.#row = row;
    this.#format = clock.format;
    this.#time = row.column(clock.time);
    this.#date = clock.date === undefined ? NO_COLUMN : row.column(clock.date);
    this.#fileDay = fileDay;
  }

  /** Time of the row in ns since midnight; sets `day`. Daily rows read 15:00. */
  read(): number {
    const text = this.#row.fields[this.#time];
    this.isWholeDay = false;
    this.day = this.#date === NO_COLUMN ? this.#fileDay : this.#dayOf(this.#date, 0);
    switch (this.#format) {
      case 'clock':
        return this.#clockNs(text, 0);
      case 'compact-ms':
        return this.#compactNs(text.padStart(9, '0'));
      case 'stamp':
        this.day = this.#dayOf(this.#time, 10);
        if (text.length < 19) this.#row.bad(this.#time, 'a date and a time of day');
        return this.#clockNs(text, 11);
      case 'minute':
        if (text.length !== 12) this.#row.bad(this.#time, 'YYYYMMDDHHMM');
        this.day = this.#dayOf(this.#time, 8);
        return this.#compactNs(`${text.slice(8)}00000`);
      case 'hhmm':
        if (!/^\d{3,4}$/.test(text)) this.#row.bad(this.#time, 'a time of day like 0931');
        return this.#compactNs(`${text.padStart(4, '0')}00000`);
      case 'epoch-ms':
        return this.#epochNs(wholeNumber(plainDecimal(text)));
      case 'stamp-or-day':
        this.day = this.#dayOf(this.#time, 10);
        if (text.length <= 10) return this.#wholeDay();
        return this.#clockOrDay(text.length < 19 ? `${text}:00` : text);
      case 'day':
        this.day = this.#dayOf(this.#time, 10);
        return this.#wholeDay();
    }
  }

  /** A daily row reads 15:00. */
  #wholeDay(): number {
    this.isWholeDay = true;
    return 15 * 3600 * NS_PER_SECOND;
  }

  #clockOrDay(text: string): number {
    const ns = this.#clockNs(text, 11);
    return ns === 0 ? this.#wholeDay() : ns;
  }

  /** Milliseconds since 1970 UTC, read in China time (UTC+8, no summer time since 1992). */
  #epochNs(ms: number): number {
    const expected = 'milliseconds since 1970, like 1689039060000';
    if (ms < 694_224_000_000 || ms > 4_102_444_800_000) this.#row.bad(this.#time, expected);
    const local = new Date(ms + 8 * 3_600_000);
    this.day = Number(local.toISOString().slice(0, 10).replaceAll('-', ''));
    const ns = (local.getTime() % 86_400_000) * 1_000_000;
    return ns === 0 ? this.#wholeDay() : ns;
  }

  /** `HH:MM:SS` with up to nine decimals, from character `from` of the field. */
  #clockNs(text: string, from: number): number {
    const ok =
      text.length >= from + 8 &&
      text.charCodeAt(from + 2) === 58 &&
      text.charCodeAt(from + 5) === 58;
    const h = ok ? twoDigits(text, from) : -1;
    const m = ok ? twoDigits(text, from + 3) : -1;
    const s = ok ? twoDigits(text, from + 6) : -1;
    let ns = 0;
    if (text.length > from + 8) {
      let unit = NS_PER_SECOND;
      if (text.charCodeAt(from + 8) !== 46) ns = -1;
      for (let i = from + 9; i < text.length && ns >= 0; i++) {
        const digit = text.charCodeAt(i) - 48;
        unit /= 10;
        ns = digit < 0 || digit > 9 || unit < 1 ? -1 : ns + digit * unit;
      }
    }
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || ns < 0) {
      this.#row.bad(this.#time, 'a time of day like 09:30:00.050');
    }
    return (h * 3600 + m * 60 + s) * NS_PER_SECOND + ns;
  }

  /** HHMMSSmmm. */
  #compactNs(text: string): number {
    const value = text.length === 9 ? wholeNumber(text) : -1;
    const h = Math.floor(value / 10_000_000);
    const m = Math.floor(value / 100_000) % 100;
    const s = Math.floor(value / 1000) % 100;
    if (value < 0 || h > 23 || m > 59 || s > 59) {
      this.#row.bad(this.#time, 'a time of day like 93000050 (HHMMSSmmm)');
    }
    return (h * 3600 + m * 60 + s) * NS_PER_SECOND + (value % 1000) * 1_000_000;
  }

  /** Day from the first `length` characters (0: all) of a field, digits with any separators. */
  #dayOf(column: number, length: number): number {
    const whole = this.#row.fields[column];
    const text = length === 0 ? whole : whole.slice(0, length);
    if (text === this.#dateText) return this.#day;
    const day = Number(text.replaceAll(/[.\-/]/g, ''));
    if (!isDay(day)) this.#row.bad(column, 'a day like 2023-02-01');
    this.#dateText = text;
    this.#day = day;
    return day;
  }
}

/** Whether a number reads as a calendar day, 19901219 and later. */
export function isDay(day: number): boolean {
  const month = Math.floor(day / 100) % 100;
  const date = day % 100;
  if (!(Number.isInteger(day) && day >= 19_900_101 && day <= 20_991_231)) return false;
  return month >= 1 && month <= 12 && date >= 1 && date <= 31;
}

/**
 * Text without an exponent: databases export 1.00067276224E9 for large amounts. Exact, because only
 * the point moves. Anything else comes back as it is.
 */
function plainDecimal(text: string): string {
  const last = text.length - 1;
  let at = last;
  while (at > 0 && at > last - 5 && text.charCodeAt(at) < 65) at--;
  const letter = text.charCodeAt(at);
  if (letter !== 69 && letter !== 101) return text;
  const parts = /^(\d+)(?:\.(\d*))?[eE]([+-]?\d{1,2})$/.exec(text);
  if (parts === null) return text;
  const whole = parts[1];
  const fraction = parts[2] ?? '';
  const point = whole.length + Number(parts[3]);
  const digits = whole + fraction;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A whole number from text, `.0` allowed; -1 for anything else. */
function wholeNumber(text: string): number {
  let value = 0;
  let at = 0;
  const length = text.length;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === 0) return -1;
  if (at === length) return value;
  return /^\.0*$/.test(text.slice(at)) ? value : -1;
}

function twoDigits(text: string, at: number): number {
  const a = text.charCodeAt(at) - 48;
  const b = text.charCodeAt(at + 1) - 48;
  return a < 0 || a > 9 || b < 0 || b > 9 ? -1 : a * 10 + b;
}
