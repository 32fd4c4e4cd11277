// Orders and fills of closed days, from their archive. Called by `pankou orders --day` and by the
// api process. Reads only. Always: a file is compared with the day's manifest before its rows are
// believed; a day that is not there is told with the days that are.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An order as the interfaces show it, with the fees it cost. */
export interface PastOrder {
  readonly coid: string;
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly kind: string;
  readonly priceE4: number;
  readonly qty: number;
  readonly filledQty: number;
  readonly avgPriceE4: number;
  readonly feesE4: number;
  readonly status: string;
  readonly createdNs: number;
  readonly updatedNs: number;
  readonly reason?: {
    readonly stage: string;
    readonly code: number;
    readonly text: { readonly zh: string; readonly en: string };
  };
}

export interface PastFill {
  readonly fillId: string;
  readonly coid: string;
  readonly account: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
  readonly ns: number;
  /** The broker's number. */
  readonly fillNo: number;
}

export const ORDERS_FILE = 'orders.jsonl';
export const FILLS_FILE = 'fills.jsonl';

/** No such closed day in the run folder. */
export class NoSuchDayError extends Error {}

/** Orders of a closed day, in the order they were made. Throws for people. */
export function ordersOfDay(runDir: string, day: number): PastOrder[] {
  return rowsOf<PastOrder>(runDir, day, ORDERS_FILE);
}

/** Fills of a closed day, in the order they came. Throws for people. */
export function fillsOfDay(runDir: string, day: number): PastFill[] {
  return rowsOf<PastFill>(runDir, day, FILLS_FILE);
}

function rowsOf<Row>(runDir: string, day: number, name: string): Row[] {
  const folder = join(runDir, 'days', String(day));
  if (!existsSync(folder)) {
    const all = join(runDir, 'days');
    const there = existsSync(all) ? readdirSync(all).filter((d) => /^\d{8}$/.test(d)) : [];
    const known = there.length === 0 ? 'no day is closed yet' : `closed: ${there.join(', ')}`;
    throw new NoSuchDayError(`day ${day} is not in the archive of ${runDir}; ${known}`);
  }
  const path = join(folder, name);
  const text = readFileSync(path);
  const manifest = JSON.parse(readFileSync(join(folder, 'archive.json'), 'utf8')) as {
    readonly files: readonly { readonly path: string; readonly sha256: string }[];
  };
  const archived = manifest.files.find((file) => file.path === name)?.sha256;
  if (createHash('sha256').update(text).digest('hex') !== archived) {
    throw new Error(`${path} is not what was archived: restore the day's folder from a copy`);
  }
  const lines = text.toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}
