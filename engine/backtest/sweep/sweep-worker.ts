// Worker entry of the sweep pool: one task is one cell. Started by piscina (sweep.ts). Always: days
// come from memory that the main thread shares; no file is read but the strategy.
import { workerData } from 'node:worker_threads';
import { type SharedDay, takeDay } from '../day-shelf.ts';
import type { BacktestOptions } from '../options.ts';
import { type CellRow, runCell } from './cell.ts';
import type { GridValue } from './grid.ts';

export interface SweepWorkerData {
  readonly options: BacktestOptions;
  readonly days: readonly SharedDay[];
}

export interface CellTask {
  readonly cell: number;
  readonly params: Readonly<Record<string, GridValue>>;
}

/** Piscina wraps what it was given: [its own, ours]. */
function given(): SweepWorkerData {
  const data = workerData as unknown;
  return (Array.isArray(data) ? data[1] : data) as SweepWorkerData;
}

const { options, days } = given();
for (const day of days) takeDay(day);

/** Piscina calls the default export. */
export default function run({ cell, params }: CellTask): Promise<CellRow> {
  return runCell(options, cell, params);
}
