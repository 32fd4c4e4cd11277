// A store of daily bars of thousands of stocks over years, drawn from a seed, for
// backtest-bars.bench.ts: what `pankou data import` would have made of them. Always: the same seed
// gives the same bars; prices stay within the day's limits; files are as long as real ones.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { columnsOf, makeTable } from '../engine/backtest/store/columns.ts';
import { writeDayFile } from '../engine/backtest/store/day-file.ts';
import { createStore, pathIn } from '../engine/backtest/store/store-folder.ts';

const KIND = 'bars-1d';
const LAYOUT = 'joinquant-days';
const OPEN_NS = 34_200e9;
const CLOSE_NS = 54_000e9;

/** Weekdays from a day on, 20160104: the built-in calendar does not reach back that far. */
export function weekdays(from: number, count: number): number[] {
  const date = new Date(
    Date.UTC(Math.floor(from / 1e4), (Math.floor(from / 100) % 100) - 1, from % 100),
  );
  const days: number[] = [];
  for (; days.length < count; date.setUTCDate(date.getUTCDate() + 1)) {
    if (date.getUTCDay() === 0 || date.getUTCDay() === 6) continue;
    days.push(date.getUTCFullYear() * 1e4 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate());
  }
  return days;
}

/** Writes closes in fen, by stock and day, as a store. */
export function writeDailyStore(
  path: string,
  symbols: readonly string[],
  days: readonly number[],
  closes: readonly Int32Array[],
): void {
  createStore(path);
  for (const [stock, symbol] of symbols.entries()) {
    const table = makeTable(KIND, days.length);
    const column = new Map(columnsOf(KIND).map((name, i) => [name, table.columns[i]!]));
    for (let row = 0; row < days.length; row++) {
      const priceE4 = closes[stock]![row]! * 100;
      column.get('line')![row] = row + 2;
      column.get('day')![row] = days[row]!;
      for (const name of ['openE4', 'highE4', 'lowE4', 'closeE4']) column.get(name)![row] = priceE4;
      column.get('volume')![row] = 1_000_000;
    }
    column.get('startNs')!.fill(OPEN_NS);
    column.get('endNs')!.fill(CLOSE_NS);
    mkdirSync(join(path, symbol), { recursive: true });
    const source = { name: `${symbol}.csv`, sha256: '', layout: LAYOUT, rows: days.length };
    const meta = {
      ...{ schema: 1 as const, kind: KIND, symbol, day: days[0]!, lastDay: days.at(-1)! },
      ...{ layout: LAYOUT, columns: columnsOf(KIND), sources: [source] },
      ...{ heldTimes: 0, filledOpens: 0, badRows: 0, warnings: [] },
    };
    writeDayFile(pathIn(path, symbol, 0, KIND), meta, table);
  }
}
