// What a backtest leaves: report.json, fills.csv and the table on the terminal. Called by the
// backtest command. Amounts are yuan here (people and spreadsheets read them); the engine's
// integers are exact, so two decimals or four lose nothing. Invariant: written to a temporary file
// first, so a full disk never leaves half a report.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { toYuan } from '../core/price.ts';
import { rejectText } from '../core/reject-code.ts';
import type { StreamDivergence } from '../host/gateway-session.ts';
import type { EngineSetup } from '../host/setup.ts';
import type { ActionEvent } from './actions/holder.ts';
import type { Metrics } from './analytics/metrics.ts';
import { type DayRecord, recordDay } from './day-record.ts';
import type { MarketFacts } from './market-facts.ts';
import type { FillRow, RunCollector } from './run-collector.ts';
import {
  equityOf,
  METRICS_OPTIONS,
  type MetricsWish,
  metricLines,
  runMetrics,
} from './run-metrics.ts';
import type { BacktestResult } from './runner.ts';
import type { SeriesFigures } from './strategy-outputs.ts';

export interface BacktestReport {
  readonly strategy: string;
  readonly instruments: readonly string[];
  readonly days: readonly number[];
  /** Trading days in between that the data do not have. */
  readonly missingDays: readonly number[];
  readonly orders: number;
  readonly ordersByStatus: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly fees: number;
  readonly pnl: number;
  readonly realised: number;
  readonly finalCash: number;
  readonly finalEquity: number;
  /** Part of it: dividends on their way less tax that is still to be taken. */
  readonly pending: number;
  readonly positions: readonly {
    readonly instrument: string;
    readonly qty: number;
    readonly lastPrice: number;
    readonly averageCost: number;
  }[];
  /** Dividends, bonus shares, rights and dividend tax that the account had. */
  readonly actions: readonly (Omit<ActionEvent, 'amountE4'> & { readonly amount: number })[];
  readonly rejects: readonly {
    readonly stage: string;
    readonly code: number;
    readonly text: string;
    readonly count: number;
  }[];
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly rows: number;
  readonly badRows: number;
  readonly warnings: readonly string[];
  /** How far each order stream with own orders in it has left its recording. */
  readonly divergence: readonly (StreamDivergence & { readonly day: number })[];
  readonly failures: readonly { readonly name: string; readonly text: string }[];
  /** Custom series of strategies; their points are in series.csv. */
  readonly series: readonly SeriesFigures[];
  readonly dataSha256: string;
  readonly stateHash: string;
  /** docs/ANALYTICS.md; money in 1/10,000 yuan where the name says so. */
  readonly metrics: Metrics;
}

/** What a report says beside its days. */
export interface RunFacts {
  readonly strategy: string;
  readonly instruments: readonly string[];
  /** At least one. */
  readonly days: readonly DayRecord[];
  readonly sha256: string;
  /** Trading days without data in the run's range; by instrument beside them in `warnings`. */
  readonly missingDays?: readonly number[];
  readonly warnings?: readonly string[];
  readonly metrics?: MetricsWish;
  /** Custom series of strategies. */
  readonly series?: readonly SeriesFigures[];
}

/** The report of a run of one day over one account. */
export function makeReport(
  setup: EngineSetup,
  facts: MarketFacts,
  result: BacktestResult,
  collector: RunCollector,
  series: readonly SeriesFigures[] = [],
): BacktestReport {
  return makeRunReport({
    strategy: setup.strategies.map((s) => s.name).join(','),
    instruments: setup.instruments.map((i) => i.symbol),
    days: [recordDay(setup, facts, result, collector)],
    sha256: facts.sha256,
    series,
  });
}

/** The report of a run. */
export function makeRunReport(facts: RunFacts): BacktestReport {
  const { days } = facts;
  const last = days.at(-1)!;
  const wish = facts.metrics ?? { options: METRICS_OPTIONS, actions: [] };
  const sum = (of: (day: DayRecord) => number): number =>
    days.reduce((total, day) => total + of(day), 0);
  const equityE4 = equityOf(last);
  const events = sum((day) => day.events);
  return {
    strategy: facts.strategy,
    instruments: facts.instruments,
    days: days.map(({ day }) => day),
    missingDays: facts.missingDays ?? [],
    orders: sum(({ orders }) => orders.length),
    ordersByStatus: addUp(days.map(({ ordersByStatus }) => Object.entries(ordersByStatus))),
    fills: sum(({ fills }) => fills.length),
    fees: toYuan(sum(({ feesE4 }) => feesE4)),
    pnl: toYuan(equityE4 - days[0]!.openingEquityE4),
    realised: toYuan(sum(({ realisedE4 }) => realisedE4)),
    finalCash: toYuan(last.cashE4),
    finalEquity: toYuan(equityE4),
    pending: toYuan(last.pendingE4),
    positions: last.positions.map(({ instrument, qty, lastE4, costAmountE4 }) => ({
      ...{ instrument, qty, lastPrice: toYuan(lastE4) },
      averageCost: toYuan(Math.round(costAmountE4 / qty)),
    })),
    actions: wish.actions.map(({ amountE4, ...event }) => ({ ...event, amount: toYuan(amountE4) })),
    rejects: rejectsOf(days),
    events,
    eventsPerSecond: Math.round(
      events /
        Math.max(
          sum(({ seconds }) => seconds),
          1e-9,
        ),
    ),
    rows: sum(({ rows }) => rows),
    badRows: days.reduce((most, { badRows }) => Math.max(most, badRows), 0),
    warnings: [...(facts.warnings ?? []), ...warningsOf(days)],
    divergence: days.flatMap(({ day, divergence }) => divergence.map((d) => ({ day, ...d }))),
    failures: last.failures,
    series: facts.series ?? [],
    dataSha256: facts.sha256,
    stateHash: hashOf(days),
    metrics: runMetrics(days, wish),
  };
}

function rejectsOf(days: readonly DayRecord[]): BacktestReport['rejects'] {
  const counts = addUp(days.map(({ rejects }) => [...rejects]));
  return Object.entries(counts).map(([key, count]) => {
    const [stage = '', code = '0'] = key.split(':');
    return { stage, code: Number(code), text: rejectText(Number(code)).en, count };
  });
}

/** Of one day the engine's own; of several one over all of them, in order. */
function hashOf(days: readonly DayRecord[]): string {
  if (days.length === 1) return days[0]!.stateHash;
  const hash = createHash('sha256');
  for (const { day, stateHash } of days) hash.update(`${day} ${stateHash}\n`);
  return hash.digest('hex').slice(0, 16);
}

function addUp(parts: readonly (readonly [string, number])[][]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, count] of parts.flat()) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

/** Each warning once, with the number of days that gave it where that is more than one. */
function warningsOf(days: readonly DayRecord[]): string[] {
  // Thousands of stocks that are not listed yet give one each, day after day.
  const told = new Map<string, { days: number; last: DayRecord }>();
  for (const day of days) {
    for (const text of day.warnings) {
      const known = told.get(text);
      if (known === undefined) told.set(text, { days: 1, last: day });
      else if (known.last !== day) {
        known.days++;
        known.last = day;
      }
    }
  }
  return [...told].map(([text, { days: count }]) =>
    count === 1 ? text : `${text} (${count} days)`,
  );
}

/**
 * Writes report.json and fills.csv into `dir` (made if missing), and series.csv where there is a
 * custom series. Throws on a full disk.
 */
export function writeReport(
  dir: string,
  report: BacktestReport,
  fills: readonly FillRow[],
  series = '',
): void {
  mkdirSync(dir, { recursive: true });
  if (series !== '') writeWhole(join(dir, 'series.csv'), series);
  writeWhole(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeWhole(join(dir, 'fills.csv'), fillsText(fills));
}

/** Fills as CSV, times HH:MM:SS.mmm, money in yuan. */
export function fillsText(fills: readonly FillRow[]): string {
  const lines = ['day,time,orderId,strategy,instrument,side,price,qty,amount,fee'];
  for (const f of fills) {
    const amount = toYuan(f.priceE4 * f.qty);
    const { coid, strategy, instrument, side, qty } = f;
    const at = [f.day, clockText(f.timeNs)];
    const cells = [...at, coid, strategy, instrument, side, toYuan(f.priceE4), qty];
    lines.push([...cells, amount, toYuan(f.feeE4)].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** The account at the end of each day as CSV, and the benchmark where it has a close; yuan. */
export function daysText(
  days: readonly DayRecord[],
  benchmark: ReadonlyMap<number, number>,
): string {
  const lines = ['day,equity,cash,marketValue,pending,fees,benchmark'];
  for (const record of days) {
    const { day, cashE4, marketValueE4, pendingE4, feesE4 } = record;
    const money = [equityOf(record), cashE4, marketValueE4, pendingE4, feesE4].map(toYuan);
    lines.push([day, ...money, benchmark.get(day) ?? ''].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Writes beside and renames, so the file is whole or not there. */
export function writeWhole(path: string, text: string | Uint8Array): void {
  const draft = `${path}.draft`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** HH:MM:SS.mmm of ns since midnight. */
export function clockText(ns: number): string {
  const ms = Math.floor(ns / 1e6);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  return `${clock.map(two).join(':')}.${String(ms % 1000).padStart(3, '0')}`;
}

/** A longer run's table leaves the divergence of each day to report.json. */
const DIVERGENCE_DAYS = 5;

function daysOf({ days, missingDays }: BacktestReport): string {
  if (days.length < 4) return days.join(', ');
  const missing = missingDays.length === 0 ? '' : `, ${missingDays.length} missing`;
  return `${days.length} (${days[0]} … ${days.at(-1)}${missing})`;
}

function actionsText({ actions }: BacktestReport): string {
  const total = (kind: ActionEvent['kind']): number =>
    actions.reduce((sum, event) => sum + (event.kind === kind ? event.amount : 0), 0);
  const paid = `dividends ${total('dividend').toFixed(2)} yuan behind the tax withheld`;
  const shares = actions.reduce((sum, { kind, qty }) => sum + (kind === 'shares' ? qty : 0), 0);
  return `${paid}, tax at sales ${total('tax').toFixed(2)} yuan, ${shares} shares`;
}

/** A table of thousands of lines is not read: report.json has them all. */
const NAMED = 12;
const WARNINGS_SHOWN = 20;

function instrumentsText({ instruments }: BacktestReport): string {
  if (instruments.length <= NAMED) return instruments.join(', ');
  const [first, last] = [instruments[0]!, instruments.at(-1)!];
  return `${instruments.length.toLocaleString('en-US')} (${first} … ${last})`;
}

/** What a person is told of the data: the first, and how many more there are. */
export function warningLines(warnings: readonly string[]): string[] {
  const more = warnings.length - WARNINGS_SHOWN;
  if (more <= 1) return [...warnings];
  const rest = `${more.toLocaleString('en-US')} more: report.json and --json have them all`;
  return [...warnings.slice(0, WARNINGS_SHOWN), rest];
}

/** The largest positions, and the rest in one line. */
function positionLines({ positions }: BacktestReport): [string, string][] {
  const valued = positions.map((p) => ({ ...p, value: p.qty * p.lastPrice }));
  const largest = valued.length <= NAMED ? valued : valued.toSorted((a, b) => b.value - a.value);
  const lines = largest.slice(0, NAMED).map((p): [string, string] => {
    return [`position ${p.instrument}`, `${p.qty} at ${p.averageCost}, last ${p.lastPrice}`];
  });
  const rest = largest.slice(NAMED);
  if (rest.length === 0) return lines;
  const worth = rest.reduce((sum, { value }) => sum + value, 0);
  const yuan = worth.toLocaleString('en-US', { maximumFractionDigits: 2 });
  return [...lines, [`${rest.length.toLocaleString('en-US')} more positions`, `${yuan} yuan`]];
}

/** The table a person sees. */
export function reportTable(report: BacktestReport, places: readonly string[]): string {
  const table = new Table({ style: { head: [], border: [] } });
  const money = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const status = Object.entries(report.ordersByStatus).map(([name, n]) => `${n} ${name}`);
  table.push(
    ['strategy', report.strategy],
    ['instruments', instrumentsText(report)],
    ['days', daysOf(report)],
    ['orders', `${report.orders} (${status.join(', ') || 'none'})`],
    ['fills', String(report.fills)],
    ['fees', `${money(report.fees)} yuan`],
    ['profit and loss', `${money(report.pnl)} yuan (realised ${money(report.realised)})`],
    ['final cash', `${money(report.finalCash)} yuan`],
    ['final equity', `${money(report.finalEquity)} yuan`],
  );
  for (const line of metricLines(report.metrics)) table.push(line);
  for (const line of positionLines(report)) table.push(line);
  for (const r of report.rejects) {
    table.push([`refused by ${r.stage}`, `${r.count} × ${r.text} (${r.code})`]);
  }
  if (report.actions.length > 0) table.push(['corporate actions', actionsText(report)]);
  for (const d of report.divergence) {
    if (d.firstNs < 0) continue;
    if (report.days.length > DIVERGENCE_DAYS) break;
    const what =
      `${d.lostTrades} of ${d.recordedTrades} recorded trades did not happen, ${d.newTrades} did ` +
      `instead; ${d.ordersLess} orders lack ${d.displacedQty} shares`;
    const when = report.days.length > 1 ? ` on ${d.day}` : '';
    table.push([`${d.instrument} against history${when}`, what]);
  }
  const rate = report.eventsPerSecond.toLocaleString('en-US');
  table.push(
    ['events', `${report.events.toLocaleString('en-US')} at ${rate}/s`],
    ['state hash', report.stateHash],
  );
  for (const place of places) table.push(['written to', place]);
  return table.toString();
}
