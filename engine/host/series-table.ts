// The custom series of strategies (`ctx.series(name, value)`): rows of time, strategy, name,
// value. Filled by the strategy's thread; a backtest writes them into its report, a session
// appends them to series.csv of its run folder. Always: rows stand in the order in which they were
// made; a full table in memory drops none, it grows.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const FIRST_ROWS = 1_024;
export const SERIES_HEADER = 'day,time,strategy,series,value';

export class SeriesTable {
  count = 0;
  /** Names by number; a row's series is `strategy` and `name`. */
  readonly names: { readonly strategy: string; readonly name: string }[] = [];
  #atNs = new Float64Array(FIRST_ROWS);
  #series = new Int32Array(FIRST_ROWS);
  #value = new Float64Array(FIRST_ROWS);
  readonly #numbers = new Map<string, Map<string, number>>();

  add(strategy: string, name: string, atNs: number, value: number): void {
    if (this.count === this.#atNs.length) this.#grow();
    const row = this.count++;
    this.#atNs[row] = atNs;
    this.#series[row] = this.#numberOf(strategy, name);
    this.#value[row] = value;
  }

  atNs(row: number): number {
    return this.#atNs[row]!;
  }

  series(row: number): number {
    return this.#series[row]!;
  }

  value(row: number): number {
    return this.#value[row]!;
  }

  /** Lines of rows `from` up to `to`, without header. A value that is no number is left empty. */
  lines(
    day: number,
    from: number,
    timeText: (ns: number) => string,
    to: number = this.count,
  ): string {
    const lines: string[] = [];
    for (let row = from; row < to; row++) {
      const { strategy, name } = this.names[this.series(row)]!;
      const value = this.value(row);
      const cells = [day, timeText(this.atNs(row)), cell(strategy), cell(name)];
      lines.push([...cells, Number.isFinite(value) ? value : ''].join(','));
    }
    return lines.map((line) => `${line}\n`).join('');
  }

  /** Forgets the rows, not the names. */
  clear(): void {
    this.count = 0;
  }

  #numberOf(strategy: string, name: string): number {
    let own = this.#numbers.get(strategy);
    if (own === undefined) {
      own = new Map();
      this.#numbers.set(strategy, own);
    }
    let number = own.get(name);
    if (number === undefined) {
      number = this.names.length;
      own.set(name, number);
      this.names.push({ strategy, name });
    }
    return number;
  }

  #grow(): void {
    const rows = this.#atNs.length * 2;
    const atNs = new Float64Array(rows);
    const series = new Int32Array(rows);
    const value = new Float64Array(rows);
    atNs.set(this.#atNs);
    series.set(this.#series);
    value.set(this.#value);
    this.#atNs = atNs;
    this.#series = series;
    this.#value = value;
  }
}

/** Rows a session holds back before it writes them. */
const ROWS_HELD = 256;

/**
 * The series of one strategy of a session: appended to a file every so many rows, and at the end.
 */
export class SeriesFile {
  readonly #table = new SeriesTable();
  readonly #file: string;
  readonly #strategy: string;
  readonly #day: number;
  readonly #timeText: (ns: number) => string;

  constructor(file: string, strategy: string, day: number, timeText: (ns: number) => string) {
    this.#file = file;
    this.#strategy = strategy;
    this.#day = day;
    this.#timeText = timeText;
  }

  add(name: string, atNs: number, value: number): void {
    this.#table.add(this.#strategy, name, atNs, value);
    if (this.#table.count >= ROWS_HELD) this.flush();
  }

  /** Throws what the disk says. */
  flush(): void {
    if (this.#table.count === 0) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    const head = existsSync(this.#file) ? '' : `${SERIES_HEADER}\n`;
    appendFileSync(this.#file, head + this.#table.lines(this.#day, 0, this.#timeText));
    this.#table.clear();
  }
}

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
