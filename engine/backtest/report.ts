// What a backtest leaves: report.json, fills.csv and the table on the terminal. Called by the
// backtest command. Amounts are yuan here (people and spreadsheets read them); the engine's
// integers are exact, so two decimals or four lose nothing. Invariant: written to a temporary file
// first, so a full disk never leaves half a report.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { accountRealisedE4, accountValueE4 } from '../core/account.ts';
import { formatOrderId } from '../core/order-id.ts';
import { STATUS_NAMES } from '../core/order-status.ts';
import { E4_PER_YUAN } from '../core/price.ts';
import { rejectText } from '../core/reject-code.ts';
import type { ActorSet } from '../host/assembly.ts';
import type { StreamDivergence } from '../host/gateway-session.ts';
import type { EngineSetup } from '../host/setup.ts';
import { SIDE_BUY, STAGE_NAMES } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fill, OrderUpdate, Reject } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Metrics } from './analytics/metrics.ts';
import type { MarketFacts } from './market-facts.ts';
import { RunCurve } from './run-curve.ts';
import { metricLines, runMetrics } from './run-metrics.ts';
import type { BacktestHooks, BacktestResult } from './runner.ts';
import type { SeriesFigures } from './strategy-outputs.ts';

/** One fill, for the CSV and for tests. */
export interface FillRow {
  readonly timeNs: number;
  readonly coid: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
}

/** What a RunCollector must be shown. */
export const COLLECTED: ReadonlySet<number> = new Set([Fill.TYPE, Reject.TYPE, OrderUpdate.TYPE]);

/** Collects fills, refusals and the equity curve while a run goes on. */
export class RunCollector implements FrameHandler {
  readonly fills: FillRow[] = [];
  /** Refusals by station and code. */
  readonly rejects = new Map<string, number>();
  readonly #setup: EngineSetup;
  readonly curve: RunCurve;
  readonly #fill = new Fill();
  readonly #update = new OrderUpdate();
  readonly #reject = new Reject();

  constructor(setup: EngineSetup) {
    this.#setup = setup;
    this.curve = new RunCurve(setup.day);
  }

  /** What a run is to be given: this collector, and the moments at which it looks. */
  get hooks(): BacktestHooks {
    return {
      events: this,
      types: COLLECTED,
      onOpen: (accounts) => this.curve.watch(accounts[0]!.account),
      onMinute: (nowNs) => this.curve.sample(nowNs),
    };
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Fill.TYPE) this.#onFill(memory, at);
    else if (type === Reject.TYPE) this.#onReject(memory, at);
    else if (type === OrderUpdate.TYPE) this.#onOrder(memory, at);
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#update.wrap(memory, at);
    if (order.account === 0) this.curve.order(order.coidC, order.instrument);
  }

  #onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    this.fills.push({
      timeNs: fill.eventNs,
      coid: formatOrderId(fill.coidA, this.#setup.day, fill.coidC),
      strategy: this.#setup.strategies[fill.strategy]!.name,
      instrument: this.#setup.instruments[fill.instrument]!.symbol,
      side: fill.side === SIDE_BUY ? 'buy' : 'sell',
      priceE4: fill.priceE4,
      qty: fill.qty,
      feeE4: fill.feeE4,
    });
  }

  #onReject(memory: FrameMemory, at: number): void {
    const reject = this.#reject.wrap(memory, at);
    const key = `${STAGE_NAMES[reject.stage]}:${reject.code}`;
    this.rejects.set(key, (this.rejects.get(key) ?? 0) + 1);
  }
}

export interface BacktestReport {
  readonly strategy: string;
  readonly instruments: readonly string[];
  readonly days: readonly number[];
  readonly orders: number;
  readonly ordersByStatus: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly fees: number;
  readonly pnl: number;
  readonly realised: number;
  readonly finalCash: number;
  readonly finalEquity: number;
  readonly positions: readonly {
    readonly instrument: string;
    readonly qty: number;
    readonly lastPrice: number;
    readonly averageCost: number;
  }[];
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
  readonly divergence: readonly StreamDivergence[];
  readonly failures: readonly { readonly name: string; readonly text: string }[];
  /** Custom series of strategies; their points are in series.csv. */
  readonly series: readonly SeriesFigures[];
  readonly dataSha256: string;
  readonly stateHash: string;
  /** docs/ANALYTICS.md; money in 1/10,000 yuan where the name says so. */
  readonly metrics: Metrics;
}

/** The report of a run over one account. */
export function makeReport(
  setup: EngineSetup,
  facts: MarketFacts,
  result: BacktestResult,
  collector: RunCollector,
  series: readonly SeriesFigures[] = [],
): BacktestReport {
  const account = result.accounts[0]!.account;
  const { orders, positions, cash } = account;
  const byStatus: Record<string, number> = {};
  for (let slot = 0; slot < orders.count; slot++) {
    const name = STATUS_NAMES[orders.status[slot]!]!;
    byStatus[name] = (byStatus[name] ?? 0) + 1;
  }
  const equityE4 = cash.cashE4 + accountValueE4(account);
  return {
    strategy: setup.strategies.map((s) => s.name).join(','),
    instruments: setup.instruments.map((i) => i.symbol),
    days: [setup.day],
    orders: orders.count,
    ordersByStatus: byStatus,
    fills: collector.fills.length,
    fees: toYuan(cash.feesE4),
    pnl: toYuan(equityE4 - cash.openingEquityE4),
    realised: toYuan(accountRealisedE4(account)),
    finalCash: toYuan(cash.cashE4),
    finalEquity: toYuan(equityE4),
    positions: setup.instruments.flatMap((instrument, i) => {
      const qty = positions.qty[i]!;
      if (qty === 0) return [];
      const lastPrice = toYuan(positions.lastE4[i]!);
      const averageCost = toYuan(Math.round(positions.costAmountE4[i]! / qty));
      return [{ instrument: instrument.symbol, qty, lastPrice, averageCost }];
    }),
    rejects: [...collector.rejects].map(([key, count]) => {
      const [stage = '', code = '0'] = key.split(':');
      return { stage, code: Number(code), text: rejectText(Number(code)).en, count };
    }),
    events: result.events,
    eventsPerSecond: Math.round(result.events / Math.max(result.seconds, 1e-9)),
    rows: facts.rows,
    badRows: facts.badRows.length,
    warnings: [...facts.warnings, ...problemsOf(result.actors)],
    divergence: result.actors.exchange?.divergence?.() ?? [],
    failures: result.strategyFailures,
    series,
    dataSha256: facts.sha256,
    stateHash: result.stateHash,
    metrics: runMetrics(setup, result, collector.fills, collector.curve),
  };
}

function toYuan(valueE4: number): number {
  return valueE4 / E4_PER_YUAN;
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
  const lines = ['time,orderId,strategy,instrument,side,price,qty,amount,fee'];
  for (const f of fills) {
    const amount = toYuan(f.priceE4 * f.qty);
    const { coid, strategy, instrument, side, qty } = f;
    const cells = [clockText(f.timeNs), coid, strategy, instrument, side, toYuan(f.priceE4), qty];
    lines.push([...cells, amount, toYuan(f.feeE4)].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Writes beside and renames, so the file is whole or not there. */
export function writeWhole(path: string, text: string | Uint8Array): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, path);
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

/** The table a person sees. */
export function reportTable(report: BacktestReport, places: readonly string[]): string {
  const table = new Table({ style: { head: [], border: [] } });
  const money = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const status = Object.entries(report.ordersByStatus).map(([name, n]) => `${n} ${name}`);
  table.push(
    ['strategy', report.strategy],
    ['instruments', report.instruments.join(', ')],
    ['days', report.days.join(', ')],
    ['orders', `${report.orders} (${status.join(', ') || 'none'})`],
    ['fills', String(report.fills)],
    ['fees', `${money(report.fees)} yuan`],
    ['profit and loss', `${money(report.pnl)} yuan (realised ${money(report.realised)})`],
    ['final cash', `${money(report.finalCash)} yuan`],
    ['final equity', `${money(report.finalEquity)} yuan`],
  );
  for (const line of metricLines(report.metrics)) table.push(line);
  for (const p of report.positions) {
    table.push([`position ${p.instrument}`, `${p.qty} at ${p.averageCost}, last ${p.lastPrice}`]);
  }
  for (const r of report.rejects) {
    table.push([`refused by ${r.stage}`, `${r.count} × ${r.text} (${r.code})`]);
  }
  for (const d of report.divergence) {
    if (d.firstNs < 0) continue;
    const what =
      `${d.lostTrades} of ${d.recordedTrades} recorded trades did not happen, ${d.newTrades} did ` +
      `instead; ${d.ordersLess} orders lack ${d.displacedQty} shares`;
    table.push([`${d.instrument} against history`, what]);
  }
  const rate = report.eventsPerSecond.toLocaleString('en-US');
  table.push(
    ['events', `${report.events.toLocaleString('en-US')} at ${rate}/s`],
    ['state hash', report.stateHash],
  );
  for (const place of places) table.push(['written to', place]);
  return table.toString();
}

/** What exchange and feed have to say; both keep a book, so both may say the same. */
function problemsOf({ exchange, feed }: ActorSet): string[] {
  return [...new Set([...(exchange?.problems() ?? []), ...(feed?.trust.problems() ?? [])])];
}
