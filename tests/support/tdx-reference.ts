// The slow, obvious account of a holder through corporate actions, straight from TDX's files: no
// code of the engine. Used by tests of runs over many days. Always: whole shares, money in yuan.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const TDX = join(import.meta.dirname, '../../../shared/data/bars-tdx');

export interface TdxDay {
  readonly day: number;
  readonly close: number;
}

export interface TdxAction {
  readonly day: number;
  readonly cash: number;
  /** Bonus and conversion shares, and rights, of ten. */
  readonly shares: number;
  readonly rights: number;
  readonly price: number;
}

function table(name: string): Record<string, number>[] {
  const text = gunzipSync(readFileSync(join(TDX, name))).toString('utf8');
  const [head = '', ...rows] = text.trim().split('\n');
  const names = head.trim().split(',');
  return rows.map((row) => {
    const cells = row.trim().split(',').map(Number);
    return Object.fromEntries(names.map((column, k) => [column, cells[k]!]));
  });
}

export function tdxDays(code: string, from: number, to: number): TdxDay[] {
  return table(`${code}_day.csv.gz`)
    .map((row) => ({ day: row['date']!, close: row['close']! }))
    .filter(({ day }) => day >= from && day <= to);
}

export function tdxActions(code: string): TdxAction[] {
  return table(`${code}_corporate_actions.csv.gz`)
    .map((row) => ({
      day: row['date']!,
      cash: row['cash_per10']!,
      shares: row['bonus_shares_per10']! + row['transfer_per10']!,
      rights: row['rights_per10']!,
      price: row['rights_price']!,
    }))
    .filter(({ cash, shares, rights }) => cash + shares + rights > 0);
}

/** Shares and cash (in fen) at the end of each day of one who holds and takes everything. */
export function heldThrough(
  days: readonly TdxDay[],
  actions: readonly TdxAction[],
  start: { readonly qty: number; readonly fen: number },
): { readonly qty: number; readonly fen: number }[] {
  let { qty, fen } = start;
  let before = days[0]!.day;
  return days.map(({ day }) => {
    for (const action of actions) {
      if (action.day <= before || action.day > day) continue;
      const price = Math.round(action.price * 100);
      const rights = Math.min(
        Math.floor((qty * Math.round(action.rights * 1e4)) / 1e5),
        price === 0 ? qty : Math.floor(fen / price),
      );
      const free = Math.floor((qty * Math.round(action.shares * 1e4)) / 1e5);
      fen += Math.floor((qty * Math.round(action.cash * 1e4)) / 1e3 + 0.5) - rights * price;
      qty += free + rights;
    }
    before = day;
    return { qty, fen };
  });
}

/** The last `count` closes up to `at`, as one sees them on that day. */
export function closesAsOf(
  days: readonly TdxDay[],
  actions: readonly TdxAction[],
  at: number,
  count: number,
): number[] {
  const last = days[at]!.day;
  const from = at + 1 - count;
  return days.slice(from, at + 1).map(({ day: own, close }) => {
    let price = close;
    let reference = close;
    // An action between two days works on the last close before it.
    for (const action of actions.toSorted((a, b) => a.day - b.day)) {
      if (action.day <= own || action.day > last) continue;
      const held = days.findLast(({ day }) => day < action.day)!;
      reference = held.close;
      const theory =
        (reference - action.cash / 10 + (action.rights / 10) * action.price) /
        (1 + action.shares / 10 + action.rights / 10);
      price *= theory / reference;
    }
    return price;
  });
}
