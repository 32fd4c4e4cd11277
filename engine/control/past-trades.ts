// Orders and fills of closed days for the trading interface: filtered and paged like those of
// today. Called by trading-calls.ts. Always: only days of the run folder's own archive are read;
// a damaged or missing one is an answer, never an exception.
import { fillsOfDay, NoSuchDayError, ordersOfDay } from '../day/history.ts';
import { type Outcome, refuse } from './outcome.ts';
import type { OrdersQuery, RecordsQuery } from './trade-schemas.ts';
import type { Page } from './trade-store.ts';

/** Rows of a page when nobody says how many. */
const PAGE_ROWS = 100;

/** The archive's files are read once for the pages of a day. */
const cache = { key: '', rows: [] as readonly object[] };

/** Orders of a closed day; its orders are all finished, and keys are not kept. */
export function pastOrders(
  runDir: string,
  day: number,
  query: OrdersQuery,
): Outcome<Page<unknown>> {
  const { account, instrument, side, strategy, status, coid, key } = query;
  if (status === 'open' || key !== undefined) {
    const field = key === undefined ? 'status' : 'key';
    return refuse('bad-request', 'a closed day is not searched by this', { field });
  }
  return pageOf(
    () => cached(`orders ${runDir} ${day}`, () => ordersOfDay(runDir, day)),
    (row) =>
      (account === undefined || row.account === account) &&
      (instrument === undefined || row.instrument === instrument) &&
      (side === undefined || row.side === side) &&
      (strategy === undefined || row.strategy === strategy) &&
      (coid === undefined || row.coid === coid),
    (row) => row.coid,
    query,
  );
}

/** Fills of a closed day. */
export function pastRecords(
  runDir: string,
  day: number,
  query: RecordsQuery,
): Outcome<Page<unknown>> {
  const { account, instrument, side, coid } = query;
  return pageOf(
    () => cached(`fills ${runDir} ${day}`, () => fillsOfDay(runDir, day)),
    (row) =>
      (account === undefined || row.account === account) &&
      (instrument === undefined || row.instrument === instrument) &&
      (side === undefined || row.side === side) &&
      (coid === undefined || row.coid === coid),
    (row) => row.fillId,
    query,
  );
}

function cached<Row extends object>(key: string, read: () => Row[]): readonly Row[] {
  if (cache.key !== key) {
    cache.rows = read();
    cache.key = key;
  }
  return cache.rows as readonly Row[];
}

function pageOf<Row>(
  read: () => readonly Row[],
  filter: (row: Row) => boolean,
  nameOf: (row: Row) => string,
  { after, limit = PAGE_ROWS }: { after?: string | undefined; limit?: number | undefined },
): Outcome<Page<unknown>> {
  let all: readonly Row[];
  try {
    all = read();
  } catch (error) {
    if (error instanceof NoSuchDayError) return refuse('unknown-day', 'no such closed day');
    return refuse('unknown-day', "the day's archive is damaged: pankou orders --day says where");
  }
  const from = after === undefined ? 0 : all.findIndex((row) => nameOf(row) === after) + 1;
  if (after !== undefined && from === 0) {
    return refuse('bad-request', 'no row has this id: begin again without it', { field: 'after' });
  }
  const rows = all.slice(from).filter(filter);
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? nameOf(shown[shown.length - 1]!) : null;
  return { ok: true, data: { rows: shown, next } };
}
