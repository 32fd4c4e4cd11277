// Checks of bars: labels, missing minutes, prices and turnover that contradict each other, lengths
// that do not add up to one another. Called by check.ts. Always: O(rows); a bar of another length
// is compared only where both have all of its minutes.

import type { Instrument } from '../../core/instrument.ts';
import { formatYuan } from '../../core/price.ts';
import { AFTERNOON_NS, CLOSE_NS, LUNCH_NS, MORNING_NS, SECOND_NS } from '../data/sessions.ts';
import type { ActionRow } from '../data/stream-set.ts';
import { changesPrice, exPriceE4 } from './adjust.ts';
import { checkPrice, type Told } from './check-ticks.ts';
import { columnOf, intervalOf, type Table } from './columns.ts';
import { clockText, Tally } from './finding.ts';

const INT32_MAX = 0x7fffffff;
const LOT = 100;

/** Bars of one length and one day (of `bars-1d` all days). */
export function checkBars(table: Table, instrument: Instrument): Told[] {
  const told: Told[] = [
    { severity: 'error', code: 'bars', tally: contradictions(table) },
    { severity: 'error', code: 'bars', tally: averages(table, instrument) },
    { severity: 'error', code: 'int32', tally: largeVolumes(table, instrument) },
  ];
  if (table.kind === 'bars-1d') return told;
  const beyond = new Tally();
  const high = columnOf(table, 'highE4');
  const low = columnOf(table, 'lowE4');
  for (let row = 0; row < table.rows; row++) {
    checkPrice(high[row], row, instrument, 'high', beyond);
    checkPrice(low[row], row, instrument, 'low', beyond);
  }
  told.push(
    { severity: 'error', code: 'limits', tally: beyond },
    { severity: 'error', code: 'labels', tally: labels(table) },
    { severity: 'warning', code: 'holes', tally: missingMinutes(table) },
    { severity: 'error', code: 'duplicates', tally: repeated(table) },
  );
  return told;
}

function contradictions(table: Table): Tally {
  const tally = new Tally();
  const [open, high, low, close] = ['openE4', 'highE4', 'lowE4', 'closeE4'].map((name) =>
    columnOf(table, name),
  );
  const volume = columnOf(table, 'volume');
  const amount = columnOf(table, 'amountE4');
  for (let row = 0; row < table.rows; row++) {
    const inside = (price: number): boolean => low[row] <= price && price <= high[row];
    if (!inside(open[row]) || !inside(close[row])) {
      tally.add(
        row,
        () => `open or close outside ${formatYuan(low[row])}-${formatYuan(high[row])}`,
      );
    }
    if (volume[row] === 0 && amount[row] > 0) tally.add(row, () => 'turnover without volume');
  }
  return tally;
}

/** Turnover / volume lies between low and high; lots of 100 and whole yuan are rounded. */
function averages(table: Table, instrument: Instrument): Tally {
  const tally = new Tally();
  if (instrument.kind === 'index') return tally;
  const high = columnOf(table, 'highE4');
  const low = columnOf(table, 'lowE4');
  const volume = columnOf(table, 'volume');
  const amount = columnOf(table, 'amountE4');
  for (let row = 0; row < table.rows; row++) {
    if (volume[row] < 10 * LOT || amount[row] === 0) continue;
    const slack = 1.002 + LOT / volume[row] + 20_000_000 / amount[row];
    const average = Math.round(amount[row] / volume[row]);
    if (average <= high[row] * slack && average >= low[row] / slack) continue;
    const ratio = average / ((high[row] + low[row]) / 2);
    const range = `${formatYuan(low[row])}-${formatYuan(high[row])}`;
    const told = `turnover / volume ${formatYuan(average)} outside ${range}`;
    tally.add(row, () => told + hintOf(ratio));
  }
  return tally;
}

/** What most often makes turnover / volume another price. */
function hintOf(ratio: number): string {
  if (ratio > 50 && ratio < 200) return ': the volume is in lots, not shares';
  if (ratio > 0.005 && ratio < 0.02) return ': the volume is in shares, not lots';
  return ratio > 0.2 && ratio < 5 ? ': adjusted prices?' : '';
}

/**
 * Daily bars against the limits that follow from the close before, or from the ex-price where
 * `actions` say so. Wrong where a day had no limits (a listing, a reform): a warning.
 */
export function checkDailyLimits(
  table: Table,
  actions: readonly ActionRow[],
  instrumentOn: (day: number, preCloseE4: number) => Instrument | null,
): Told {
  const tally = new Tally();
  const byDay = new Map(actions.filter(changesPrice).map((action) => [action.day, action]));
  const days = columnOf(table, 'day');
  const [high, low, close] = ['highE4', 'lowE4', 'closeE4'].map((name) => columnOf(table, name));
  for (let row = 1; row < table.rows; row++) {
    const action = byDay.get(days[row]);
    const before = close[row - 1];
    const preCloseE4 = action === undefined ? before : Math.round(exPriceE4(before, action));
    const tick = 100;
    const instrument = instrumentOn(days[row], Math.round(preCloseE4 / tick) * tick);
    // A formula for listed companies only; a tick of slack for the rounding of the ex-price.
    if (instrument === null || instrument.upperLimitE4 === 0) continue;
    const slack = action === undefined ? 0 : 2 * tick;
    if (high[row] <= instrument.upperLimitE4 + slack && low[row] >= instrument.lowerLimitE4 - slack)
      continue;
    const range = `${formatYuan(instrument.lowerLimitE4)}-${formatYuan(instrument.upperLimitE4)}`;
    const own = `${formatYuan(low[row])}-${formatYuan(high[row])}`;
    tally.add(
      row,
      () => `${own} on ${days[row]} beyond ${range}: an action, a free day or a hole before it?`,
    );
  }
  return { severity: 'warning', code: 'limits', tally };
}

function largeVolumes(table: Table, instrument: Instrument): Tally {
  const tally = new Tally();
  if (instrument.kind === 'index') return tally;
  const volume = columnOf(table, 'volume');
  for (let row = 0; row < table.rows; row++) {
    if (volume[row] <= INT32_MAX) continue;
    tally.add(row, () => `volume ${volume[row]} beyond int32, more than one stock trades`);
  }
  return tally;
}

/** Ends that cannot be: at 13:00, after 15:00, or a morning that ends at 11:29. */
function labels(table: Table): Tally {
  const tally = new Tally();
  const ends = columnOf(table, 'endNs');
  const interval = intervalOf(table.kind) * SECOND_NS;
  let hasNoon = false;
  let hasAuction = false;
  let beforeNoon = -1;
  for (let row = 0; row < table.rows; row++) {
    const end = ends[row];
    if (end === LUNCH_NS) hasNoon = true;
    if (end === MORNING_NS) hasAuction = true;
    if (end === LUNCH_NS - interval) beforeNoon = row;
    const between = end > LUNCH_NS && end <= AFTERNOON_NS;
    if (between || end > CLOSE_NS) {
      tally.add(row, () => `a bar ends at ${clockText(end)}: labels are starts, not ends`);
    }
  }
  if (hasAuction && beforeNoon >= 0 && !hasNoon) {
    tally.add(
      beforeNoon,
      () => 'bars at 09:30 and 11:29 but none at 11:30: labels look like starts',
    );
  }
  return tally;
}

function repeated(table: Table): Tally {
  const tally = new Tally();
  const ends = columnOf(table, 'endNs');
  for (let row = 1; row < table.rows; row++) {
    if (ends[row] <= ends[row - 1]) tally.add(row, () => `a second bar at ${clockText(ends[row])}`);
  }
  return tally;
}

/** Ends of the day's bars that a full day has and this one lacks. */
function missingMinutes(table: Table): Tally {
  const tally = new Tally();
  const step = intervalOf(table.kind) * SECOND_NS;
  const present = new Set(columnOf(table, 'endNs'));
  for (const [from, to] of [
    [MORNING_NS, LUNCH_NS],
    [AFTERNOON_NS, CLOSE_NS],
  ] as const) {
    for (let end = from + step; end <= to; end += step) {
      if (!present.has(end)) tally.add(-1, () => `no bar at ${clockText(end)}`);
    }
  }
  return tally;
}

/** A longer bar against the shorter ones in it: prices, and volume but for rounding to lots. */
export function checkSums(short: Table, long: Table, day: number): Told {
  const tally = new Tally();
  const isDay = long.kind === 'bars-1d';
  const length = intervalOf(long.kind) * SECOND_NS;
  const ends = columnOf(short, 'endNs');
  const days = columnOf(long, 'day');
  const shortSeconds = intervalOf(short.kind);
  for (let row = 0; row < long.rows; row++) {
    if (isDay && days[row] !== day) continue;
    const end = isDay ? CLOSE_NS : columnOf(long, 'endNs')[row];
    const from = isDay || end - length <= MORNING_NS ? 0 : end - length;
    const sum = sumOf(short, ends, from, end);
    const full = isDay ? 14_400 / shortSeconds : length / SECOND_NS / shortSeconds;
    if (sum.count < full) continue;
    const volume = columnOf(long, 'volume')[row];
    const slack = LOT * (sum.count + 1);
    const high = columnOf(long, 'highE4')[row];
    const low = columnOf(long, 'lowE4')[row];
    if (Math.abs(volume - sum.volume) <= slack && sum.high <= high && sum.low >= low) continue;
    const what = isDay ? String(day) : clockText(end);
    const text = `${long.kind} at ${what} has ${volume} shares, its ${short.kind} ${sum.volume}`;
    tally.add(row, () => `${text}; labels shifted, or another instrument or adjustment`);
  }
  return { severity: 'warning', code: 'bars', tally };
}

function sumOf(table: Table, ends: Float64Array, from: number, to: number) {
  const sum = { count: 0, volume: 0, high: 0, low: Number.MAX_SAFE_INTEGER };
  const volume = columnOf(table, 'volume');
  const high = columnOf(table, 'highE4');
  const low = columnOf(table, 'lowE4');
  for (let row = 0; row < table.rows; row++) {
    if (ends[row] <= from || ends[row] > to) continue;
    // The auction's own bar is none of the minutes.
    if (ends[row] !== MORNING_NS) sum.count++;
    sum.volume += volume[row];
    sum.high = Math.max(sum.high, high[row]);
    sum.low = Math.min(sum.low, low[row]);
  }
  return sum;
}
