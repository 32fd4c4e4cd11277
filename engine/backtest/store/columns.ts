// What a day file holds, by kind, as data: the columns and what a row means. Read by the writers
// and readers of day files, the export and `pankou data check`. Always: a column is whole numbers;
// prices in 1/10,000 yuan, money in 1/10,000 yuan, times in ns since midnight China time, days
// 20230711.
import { MarketDataError } from '../data/errors.ts';

/** Kinds of day files. Bars carry their length: `bars-1m`, `bars-5m`, `bars-1d`. */
export type StoreKind =
  | 'orders'
  | 'trades'
  | 'snapshots'
  | 'start-book'
  | 'statics'
  | 'actions'
  | BarKind;
export type BarKind = `bars-${string}`;

const LEVELS = 10;
/** Where a row came from: its line there, and which of the header's sources. Not hashed. */
export const PLACE_COLUMNS: readonly string[] = ['line', 'source'];

const BAR_COLUMNS = [
  ...['day', 'startNs', 'endNs', 'openE4', 'highE4', 'lowE4', 'closeE4'],
  ...['volume', 'amountE4'],
];

const COLUMNS: { readonly [kind: string]: readonly string[] } = {
  orders: [
    ...['eventNs', 'channel', 'channelSeq', 'orderNo', 'action', 'side', 'kind'],
    ...['priceE4', 'qty'],
  ],
  trades: [
    ...['eventNs', 'channel', 'channelSeq', 'buyNo', 'sellNo', 'isCancel', 'aggressor'],
    ...['priceE4', 'qty'],
  ],
  snapshots: [
    ...['eventNs', 'phase', 'lastE4', 'preCloseE4', 'openE4', 'highE4', 'lowE4'],
    ...['upperLimitE4', 'lowerLimitE4', 'tradeCount', 'volume', 'amountE4'],
    ...levelColumns('bid'),
    ...levelColumns('ask'),
  ],
  'start-book': ['orderNo', 'side', 'priceE4', 'qty'],
  statics: ['preCloseE4', 'upperLimitE4', 'lowerLimitE4', 'limitsKnown', 'isListed'],
  actions: [
    ...['day', 'bonusPer10E4', 'transferPer10E4', 'rightsPer10E4', 'rightsPriceE4'],
    ...['cashPer10E4', 'totalShares', 'floatShares'],
  ],
};

function levelColumns(side: string): string[] {
  const names: string[] = [];
  for (let level = 1; level <= LEVELS; level++) {
    names.push(`${side}PriceE4_${level}`, `${side}Qty_${level}`, `${side}Orders_${level}`);
  }
  return names;
}

/** Columns of a kind in file order, `line` and `source` first. */
export function columnsOf(kind: string): readonly string[] {
  const own = kind.startsWith('bars-') ? BAR_COLUMNS : COLUMNS[kind];
  if (own === undefined) throw new MarketDataError(`no kind of day file is called '${kind}'`);
  return [...PLACE_COLUMNS, ...own];
}

/** A file of these kinds holds all days of its instrument; any other one day. */
export function isSeries(kind: string): boolean {
  return kind === 'actions' || kind === 'bars-1d';
}

/** By what rows of a kind rise, and what no two rows share. */
export function keyOf(kind: string): string {
  if (kind === 'orders' || kind === 'trades') return 'channelSeq';
  if (kind === 'start-book') return 'orderNo';
  if (isSeries(kind)) return 'day';
  return kind === 'snapshots' ? 'eventNs' : kind === 'statics' ? 'isListed' : 'endNs';
}

const LENGTHS: readonly (readonly [string, number])[] = [
  ['1d', 86_400],
  ['1h', 3600],
];

/** `bars-1m` of 60 seconds. */
export function barKind(intervalS: number): BarKind {
  const named = LENGTHS.find(([, seconds]) => seconds === intervalS);
  return `bars-${named?.[0] ?? `${intervalS / 60}m`}`;
}

/** Seconds of `bars-5m`. */
export function intervalOf(kind: string): number {
  const text = kind.slice('bars-'.length);
  const named = LENGTHS.find(([name]) => name === text);
  return named?.[1] ?? Number(text.slice(0, -1)) * 60;
}

/** Rows of a day file in memory, column by column, in the order of columnsOf(kind). */
export interface Table {
  readonly kind: string;
  readonly rows: number;
  readonly columns: readonly Float64Array[];
}

/** A column by name. */
export function columnOf(table: Table, name: string): Float64Array {
  const index = columnsOf(table.kind).indexOf(name);
  const column = table.columns[index];
  if (column === undefined) throw new MarketDataError(`${table.kind} has no column ${name}`);
  return column;
}

/** An empty table of `rows` rows. */
export function makeTable(kind: string, rows: number): Table {
  return { kind, rows, columns: columnsOf(kind).map(() => new Float64Array(rows)) };
}
