// What the strategies of a backtest leave beside orders: their custom series, for the report, and
// the state that they saved, for the next day of the same run. Made by the backtest command, one
// for a run of any number of days. Always: nothing touches the disk while the run goes on.
import type { Wiring } from '../host/assembly.ts';
import { SERIES_HEADER, SeriesTable } from '../host/series-table.ts';
import type { EngineSetup } from '../host/setup.ts';
import { timeText } from '../rules/calendar-date.ts';

/** One series in report.json: its points are in series.csv. */
export interface SeriesFigures {
  readonly strategy: string;
  readonly name: string;
  readonly count: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** day, second of the day, value; null = no number. */
export type SeriesPoint = readonly [day: number, second: number, value: number | null];

export interface SeriesPoints {
  readonly strategy: string;
  readonly name: string;
  readonly points: readonly SeriesPoint[];
  /** Points were left out; series.csv has all. */
  readonly thinned: boolean;
}

export class StrategyOutputs {
  readonly #table = new SeriesTable();
  /** Row at which each day begins. */
  readonly #days: { readonly day: number; readonly row: number }[] = [];
  readonly #states = new Map<string, string>();

  /** What a day's engine is wired to. */
  ports(setup: EngineSetup): Pick<Wiring, 'saveState' | 'series'> {
    this.#days.push({ day: setup.day, row: this.#table.count });
    const names = setup.strategies.map(({ name }) => name);
    return {
      saveState: (strategy, text) => this.#states.set(names[strategy]!, text),
      series: (strategy, name, atNs, value) => this.#table.add(names[strategy]!, name, atNs, value),
    };
  }

  /** What a strategy saved last; '' = nothing. */
  stateOf(strategy: string): string {
    return this.#states.get(strategy) ?? '';
  }

  /** Sums of each series, in the order in which they were first used. */
  figures(): SeriesFigures[] {
    const values = this.#table.names.map(() => [] as number[]);
    for (let row = 0; row < this.#table.count; row++) {
      const value = this.#table.value(row);
      if (Number.isFinite(value)) values[this.#table.series(row)]!.push(value);
    }
    return this.#table.names.map(({ strategy, name }, s) => {
      const own = values[s]!;
      return {
        ...{ strategy, name, count: own.length },
        ...{ first: own[0] ?? null, last: own.at(-1) ?? null },
        min: own.length === 0 ? null : own.reduce((a, b) => Math.min(a, b)),
        max: own.length === 0 ? null : own.reduce((a, b) => Math.max(a, b)),
      };
    });
  }

  /** What a page shows: at most so many series, each thinned to so many points. */
  lines(seriesMax = 20, pointsMax = 2_000): SeriesPoints[] {
    const found = this.#table.names.slice(0, seriesMax).map(({ strategy, name }) => {
      const points: SeriesPoint[] = [];
      return { strategy, name, points };
    });
    let d = 0;
    for (let row = 0; row < this.#table.count; row++) {
      while (d + 1 < this.#days.length && this.#days[d + 1]!.row <= row) d++;
      const value = this.#table.value(row);
      const second = this.#table.atNs(row) / 1e9;
      const point = [this.#days[d]!.day, second, Number.isFinite(value) ? value : null] as const;
      found[this.#table.series(row)]?.points.push(point);
    }
    return found.map(({ points, ...of }) => {
      const step = Math.ceil(points.length / pointsMax);
      const last = points.length - 1;
      const kept = points.filter((_, i) => i % step === 0 || i === last);
      return { ...of, points: kept, thinned: step > 1 };
    });
  }

  /** All of series.csv; '' = there is no series. */
  csv(): string {
    if (this.#table.count === 0) return '';
    const parts = this.#days.map(({ day, row }, d) => {
      return this.#table.lines(day, row, timeText, this.#days[d + 1]?.row);
    });
    return `${SERIES_HEADER}\n${parts.join('')}`;
  }
}
