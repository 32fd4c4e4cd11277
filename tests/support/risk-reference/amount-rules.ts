// Reference rules of amounts and exposures: what they mean, in the plainest words code has.
// Each answers the first row that refuses (0 firm, 1 account, 2 strategy), or -1. Used by the risk
// property tests only; shares nothing with the engine's checks.
import type { LimitKey } from './limit-choices.ts';
import { type LoggedOrder, sum, type World } from './world.ts';

export type ReferenceRule = (w: World, o: LoggedOrder) => number;

/** First of the rows for which `breaks` says so; rows without the limit never do. */
export function firstRow(
  rows: readonly number[],
  w: World,
  o: LoggedOrder,
  key: LimitKey,
  breaks: (k: number, limit: number) => boolean,
): number {
  const k = rows.find((row) => {
    const limit = w.limit(row, o, key);
    return limit !== undefined && breaks(row, limit);
  });
  return k ?? -1;
}

const ALL = [0, 1, 2];
const FIRM_AND_ACCOUNT = [0, 1];
const amount = (o: LoggedOrder) => o.valueE4 * o.qty;
const buysOnly =
  (rule: ReferenceRule): ReferenceRule =>
  (w, o) =>
    o.side === 1 ? rule(w, o) : -1;

const stock = (w: World, o: LoggedOrder, k: number, i: number) =>
  w.held(k, o, i) * w.mark(i) + w.openE4(k, o, 1, i);
const total = (w: World, o: LoggedOrder, k: number) => w.heldE4(k, o) + w.openE4(k, o, 1);

export const AMOUNT_RULES: Readonly<Record<string, ReferenceRule>> = {
  'order amount': (w, o) => firstRow(ALL, w, o, 'maxOrderAmount', (_, most) => amount(o) > most),
  'order quantity': (w, o) => firstRow(ALL, w, o, 'maxOrderQty', (_, most) => o.qty > most),
  'day amount': (w, o) =>
    firstRow(ALL, w, o, 'maxDayAmount', (k, most) => sum(w.sent(k, o), amount) + amount(o) > most),
  park: (w, o) =>
    o.confirmed === 1 ? -1 : firstRow(ALL, w, o, 'parkAmount', (_, most) => amount(o) > most),
  split: (w, o) => firstRow(ALL, w, o, 'splitAmount', (_, most) => amount(o) > most),
  'cash reserve': buysOnly((w, o) =>
    firstRow(FIRM_AND_ACCOUNT, w, o, 'cashReserve', (k, least) => {
      return w.cash(k, o) - w.openE4(k, o, 1) - amount(o) < least;
    }),
  ),
  position: buysOnly((w, o) =>
    firstRow(ALL, w, o, 'maxPositionQty', (k, most) => {
      const open = w.sent(k, o).filter((x) => x.side === 1 && !x.ended);
      const here = open.filter((x) => x.instrument === o.instrument);
      const left = sum(here, (x) => Math.max(0, x.qty - sum(x.fills, (f) => f.qty)));
      return w.held(k, o, o.instrument) + left + o.qty > most;
    }),
  ),
  'stock value': buysOnly((w, o) =>
    firstRow(ALL, w, o, 'maxStockValue', (k, most) => {
      return stock(w, o, k, o.instrument) + amount(o) > most;
    }),
  ),
  'stock share': buysOnly((w, o) =>
    firstRow(FIRM_AND_ACCOUNT, w, o, 'maxStockShare', (k, most) => {
      const equity = w.equity(k, o);
      return equity <= 0 || stock(w, o, k, o.instrument) + amount(o) > most * equity;
    }),
  ),
  'industry value': buysOnly((w, o) => {
    const industry = w.limits.industries.find((members) => members.includes(o.instrument));
    if (industry === undefined) return -1;
    return firstRow(ALL, w, o, 'maxIndustryValue', (k, most) => {
      return sum(industry, (i) => stock(w, o, k, i)) + amount(o) > most;
    });
  }),
  'total value': buysOnly((w, o) =>
    firstRow(ALL, w, o, 'maxTotalValue', (k, most) => total(w, o, k) + amount(o) > most),
  ),
  'net exposure': (w, o) =>
    firstRow(FIRM_AND_ACCOUNT, w, o, 'maxNetExposure', (k, most) => {
      const hedge = w.limit(k, o, 'hedge') ?? 0;
      if (o.side === 1) return total(w, o, k) + amount(o) - hedge > most;
      return hedge - (w.heldE4(k, o) - w.openE4(k, o, 2) - amount(o)) > most;
    }),
  leverage: buysOnly((w, o) =>
    firstRow(FIRM_AND_ACCOUNT, w, o, 'maxLeverage', (k, most) => {
      const equity = w.equity(k, o);
      return equity <= 0 || total(w, o, k) + amount(o) > most * equity;
    }),
  ),
};
