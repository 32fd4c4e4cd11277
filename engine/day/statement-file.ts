// A broker's statement as a CSV file: trades, holdings, cash of a day. Read by `pankou reconcile`
// and by `pankou journal close`. One file holds rows of three kinds, told by the column `kind`:
//   kind,account,instrument,side,quantity,price,fee,amount,trade,order
//   trade,main,600519.SH,buy,100,1500.01,38.25,,10042,10100q901000001xy
//   position,main,600519.SH,,100,,,,,
//   cash,main,,,,,,849960.75,,
// Always: a kind that is absent is not compared, never taken for "nothing there".
import { readTable, type TableRow } from './csv-text.ts';

export interface StatedTrade {
  readonly line: number;
  readonly account: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly priceE4: number;
  /** null = the file does not say. */
  readonly feeE4: number | null;
  /** The broker's trade number. */
  readonly fillNo: number;
  /** Client order id as in the order's remark; '' = none. */
  readonly coid: string;
}

export interface StatedPosition {
  readonly account: string;
  readonly instrument: string;
  readonly qty: number;
}

export interface StatedCash {
  readonly account: string;
  readonly cashE4: number;
}

export interface StatementFile {
  readonly trades: readonly StatedTrade[];
  readonly positions: readonly StatedPosition[];
  readonly cash: readonly StatedCash[];
  /** Kinds the file has rows of, by account. */
  readonly has: (kind: 'trade' | 'position' | 'cash', account: string) => boolean;
}

const NEEDED = ['kind', 'instrument', 'side', 'quantity', 'price', 'amount', 'trade'];
const OPTIONAL = ['account', 'fee', 'order'];

/** Reads a statement; `accounts` are the ids it may name. Throws TableError. */
export function readStatement(file: string, accounts: readonly string[]): StatementFile {
  const trades: StatedTrade[] = [];
  const positions: StatedPosition[] = [];
  const cash: StatedCash[] = [];
  const kinds = new Set<string>();
  const seen = new Set<string>();
  for (const row of readTable(file, NEEDED, OPTIONAL)) {
    const kind = row.oneOf('kind', ['trade', 'position', 'cash']);
    const account = accountOf(row, accounts);
    kinds.add(`${kind} ${account}`);
    if (kind === 'trade') trades.push(tradeOf(row, account));
    else if (kind === 'position') {
      const instrument = row.symbol('instrument');
      refuseTwice(row, seen, 'instrument', `${account} ${instrument}`);
      positions.push({ account, instrument, qty: row.qty('quantity', 0) });
    } else {
      refuseTwice(row, seen, 'kind', `${account} cash`);
      cash.push({ account, cashE4: row.yuan('amount', true) });
    }
  }
  for (const [i, trade] of trades.entries()) {
    const twin = trades.findIndex((other) => tradeKey(other) === tradeKey(trade));
    if (twin === i) continue;
    const where = `trade ${trade.fillNo} of line ${trades[twin]!.line} again`;
    throw new Error(`${file} line ${trade.line}: ${where}, expected every trade once`);
  }
  return { trades, positions, cash, has: (kind, account) => kinds.has(`${kind} ${account}`) };
}

/** What makes a trade the same: brokers number trades by account, market and side. */
export function tradeKey(trade: {
  readonly account: string;
  readonly instrument: string;
  readonly side: string;
  readonly fillNo: number;
}): string {
  return `${trade.account} ${trade.instrument} ${trade.side} ${trade.fillNo}`;
}

function accountOf(row: TableRow, accounts: readonly string[]): string {
  const named = row.text('account');
  if (named === '' && accounts.length === 1) return accounts[0]!;
  return row.oneOf('account', accounts);
}

function tradeOf(row: TableRow, account: string): StatedTrade {
  const no = row.text('trade');
  const isNumber = /^\d{1,15}$/.test(no) && Number(no) > 0;
  const fee = row.text('fee');
  return {
    line: row.line,
    account,
    instrument: row.symbol('instrument'),
    side: row.oneOf('side', ['buy', 'sell']),
    qty: row.qty('quantity', 1),
    priceE4: row.yuan('price', false),
    feeE4: fee === '' ? null : row.yuan('fee', false),
    fillNo: isNumber ? Number(no) : row.refuse('trade', "the broker's trade number, digits only"),
    coid: row.text('order'),
  };
}

function refuseTwice(row: TableRow, seen: Set<string>, column: string, key: string): void {
  if (seen.has(key)) row.refuse(column, 'each holding and the cash of an account once');
  seen.add(key);
}
