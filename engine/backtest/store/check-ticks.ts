// Checks of one day's orders, trades and ten-level pictures: duplicates, holes, crossed books,
// prices beyond the day's limits. Called by check.ts for every such file. Always: O(rows); what is
// found is counted, the first told with its row.
import { type Instrument, QTY_NO_MAXIMUM } from '../../core/instrument.ts';
import { formatYuan } from '../../core/price.ts';
import { PHASE_CONTINUOUS } from '../../messages/codes.ts';
import { AFTERNOON_NS, LUNCH_NS, SECOND_NS } from '../data/sessions.ts';
import { columnOf, columnsOf, PLACE_COLUMNS, type Table } from './columns.ts';
import { clockText, type Severity, Tally } from './finding.ts';

/** What a check says of a file; check.ts adds whose it is. */
export interface Told {
  readonly severity: Severity;
  readonly code: string;
  readonly tally: Tally;
}

/** Pictures come every three seconds; a minute without one is a hole. */
const PICTURE_GAP_NS = 60 * SECOND_NS;
/** A channel numbers its rows without a hole; below this share of missing ones it is whole. */
const WHOLE_MISSES_ONE_IN = 100;

/** Orders and trades of a day. */
export function checkEvents(table: Table, instrument: Instrument): Told[] {
  const duplicates = new Tally();
  const beyond = new Tally();
  const sizes = new Tally();
  const seqs = columnOf(table, 'channelSeq');
  const prices = columnOf(table, 'priceE4');
  const qtys = columnOf(table, 'qty');
  for (let row = 0; row < table.rows; row++) {
    if (row > 0 && seqs[row] <= seqs[row - 1]) {
      duplicates.add(row, () => `sequence number ${seqs[row]} comes again`);
    }
    checkPrice(prices[row], row, instrument, 'price', beyond);
    if (qtys[row] > QTY_NO_MAXIMUM) {
      sizes.add(row, () => `${qtys[row]} shares, expected at most ${QTY_NO_MAXIMUM}`);
    }
  }
  return [
    { severity: 'error', code: 'duplicates', tally: duplicates },
    { severity: 'error', code: 'limits', tally: beyond },
    { severity: 'error', code: 'int32', tally: sizes },
  ];
}

/** Orders and trades of one instrument together: numbers missing where all of a channel is here. */
export function checkHoles(tables: readonly Table[]): Told {
  const tally = new Tally();
  const byChannel = new Map<number, number[]>();
  for (const table of tables) {
    const channels = columnOf(table, 'channel');
    const seqs = columnOf(table, 'channelSeq');
    for (let row = 0; row < table.rows; row++) {
      const list = byChannel.get(channels[row]) ?? [];
      byChannel.set(channels[row], list);
      list.push(seqs[row]);
    }
  }
  for (const [channel, seqs] of byChannel) {
    seqs.sort((a, b) => a - b);
    const span = seqs[seqs.length - 1] - seqs[0] + 1;
    const missing = span - seqs.length;
    if (missing <= 0 || missing * WHOLE_MISSES_ONE_IN > span) continue;
    const at = seqs.findIndex((seq, i) => i > 0 && seq > seqs[i - 1] + 1);
    const text = `channel ${channel}: ${missing} numbers missing, the first ${seqs[at - 1] + 1}`;
    tally.add(-1, () => text);
  }
  return { severity: 'error', code: 'holes', tally };
}

/** Pictures of a day. */
export function checkPictures(table: Table, instrument: Instrument): Told[] {
  const crossed = new Tally();
  const duplicates = new Tally();
  const holes = new Tally();
  const beyond = new Tally();
  const ladders = new Tally();
  const times = columnOf(table, 'eventNs');
  const phases = columnOf(table, 'phase');
  const last = columnOf(table, 'lastE4');
  const bid = columnOf(table, 'bidPriceE4_1');
  const ask = columnOf(table, 'askPriceE4_1');
  const sides = [levels(table, 'bid'), levels(table, 'ask')] as const;
  for (let row = 0; row < table.rows; row++) {
    const at = (): string => clockText(times[row]);
    if (row > 0 && isSame(table, row)) duplicates.add(row, () => `the same picture at ${at()}`);
    checkPrice(last[row], row, instrument, 'last', beyond);
    if (phases[row] !== PHASE_CONTINUOUS) continue;
    if (bid[row] > 0 && ask[row] > 0 && bid[row] >= ask[row]) {
      const both = (): string => `${formatYuan(bid[row])} bid, ${formatYuan(ask[row])} asked`;
      crossed.add(row, () => `${both()} at ${at()} in continuous trading`);
    }
    if (!isLadder(sides[0], row, -1) || !isLadder(sides[1], row, 1)) {
      ladders.add(row, () => `levels out of order at ${at()}`);
    }
    const gap = row > 0 && phases[row - 1] === PHASE_CONTINUOUS ? times[row] - times[row - 1] : 0;
    const overLunch = times[row] >= AFTERNOON_NS && times[row - 1] <= LUNCH_NS + PICTURE_GAP_NS;
    if (gap > PICTURE_GAP_NS && !overLunch) {
      holes.add(row, () => `no picture from ${clockText(times[row - 1])} to ${at()}`);
    }
  }
  return [
    { severity: 'error', code: 'crossed', tally: crossed },
    { severity: 'error', code: 'crossed', tally: ladders },
    { severity: 'warning', code: 'duplicates', tally: duplicates },
    { severity: 'warning', code: 'holes', tally: holes },
    { severity: 'error', code: 'limits', tally: beyond },
  ];
}

function levels(table: Table, side: string): Float64Array[] {
  const columns: Float64Array[] = [];
  for (let level = 1; level <= 10; level++) {
    columns.push(columnOf(table, `${side}PriceE4_${level}`));
  }
  return columns;
}

/** Prices go away from the middle; empty levels stand behind all others. */
function isLadder(prices: readonly Float64Array[], row: number, direction: 1 | -1): boolean {
  for (let level = 1; level < prices.length; level++) {
    const price = prices[level][row];
    if (price === 0) continue;
    const before = prices[level - 1][row];
    if (before === 0 || (price - before) * direction <= 0) return false;
  }
  return true;
}

function isSame(table: Table, row: number): boolean {
  for (let c = PLACE_COLUMNS.length; c < columnsOf(table.kind).length; c++) {
    if (table.columns[c][row] !== table.columns[c][row - 1]) return false;
  }
  return true;
}

/** A price beyond the day's limits, where there are any. */
export function checkPrice(
  priceE4: number,
  row: number,
  { upperLimitE4, lowerLimitE4 }: Instrument,
  what: string,
  tally: Tally,
): void {
  if (priceE4 === 0 || upperLimitE4 === 0) return;
  if (priceE4 <= upperLimitE4 && priceE4 >= lowerLimitE4) return;
  const range = `${formatYuan(lowerLimitE4)} to ${formatYuan(upperLimitE4)}`;
  tally.add(row, () => `${what} ${formatYuan(priceE4)} beyond the day's limits ${range}`);
}
