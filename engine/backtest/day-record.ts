// What is kept of one day of a run: plain figures of its account, its orders and fills, its curve.
// Made behind each day, read by the report and the metrics; the day's actors are gone by then.
// Always: account 0 of the engine; money in 1/10,000 yuan.
import { type Account, accountRealisedE4, accountValueE4 } from '../core/account.ts';
import { formatOrderId } from '../core/order-id.ts';
import { STATUS_NAMES } from '../core/order-status.ts';
import type { ActorSet } from '../host/assembly.ts';
import type { StreamDivergence } from '../host/gateway-session.ts';
import type { EngineSetup } from '../host/setup.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import type { CurvePoint, OpeningLot, TradeOrder } from './analytics/input.ts';
import type { MarketFacts } from './market-facts.ts';
import type { FillRow, RunCollector } from './run-collector.ts';
import type { RunCurve } from './run-curve.ts';
import type { BacktestResult } from './runner.ts';

export interface HeldPosition {
  readonly instrument: string;
  readonly qty: number;
  readonly lastE4: number;
  readonly costAmountE4: number;
}

export interface DayRecord {
  readonly day: number;
  /** Base shares at the open, at the close of the day before; in a run of the first day only. */
  readonly opening: readonly OpeningLot[];
  readonly openingEquityE4: number;
  readonly cashE4: number;
  readonly marketValueE4: number;
  /** Dividends on their way less tax that is still to be taken. */
  readonly pendingE4: number;
  readonly feesE4: number;
  readonly realisedE4: number;
  /** At the end; in a run of the last day only: of thousands of days they fill the memory. */
  readonly positions: readonly HeldPosition[];
  readonly orders: readonly TradeOrder[];
  readonly ordersByStatus: Readonly<Record<string, number>>;
  readonly fills: readonly FillRow[];
  /** Refusals by station and code. */
  readonly rejects: ReadonlyMap<string, number>;
  readonly curve: readonly CurvePoint[];
  readonly events: number;
  readonly seconds: number;
  readonly stateHash: string;
  readonly rows: number;
  readonly badRows: number;
  readonly warnings: readonly string[];
  readonly divergence: readonly StreamDivergence[];
  readonly failures: BacktestResult['strategyFailures'];
}

/** Where a day stands in its run. */
export interface RecordPlace {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const ALONE: RecordPlace = { isFirst: true, isLast: true };

/** The record of a day that has run. */
export function recordDay(
  setup: EngineSetup,
  facts: MarketFacts,
  result: BacktestResult,
  collector: RunCollector,
  { isFirst, isLast }: RecordPlace = ALONE,
): DayRecord {
  const { account } = result.accounts[0]!;
  const { orders, cash } = account;
  const ordersByStatus: Record<string, number> = {};
  for (let slot = 0; slot < orders.count; slot++) {
    const name = STATUS_NAMES[orders.status[slot]!]!;
    ordersByStatus[name] = (ordersByStatus[name] ?? 0) + 1;
  }
  const open = { day: setup.day, timeNs: 0, equityE4: cash.openingEquityE4 };
  return {
    day: setup.day,
    opening: isFirst ? openingOf(setup) : [],
    openingEquityE4: cash.openingEquityE4,
    cashE4: cash.cashE4,
    marketValueE4: accountValueE4(account),
    pendingE4: 0,
    feesE4: cash.feesE4,
    realisedE4: accountRealisedE4(account),
    positions: isLast ? positionsOf(setup, account) : [],
    orders: ordersOf(setup, account, collector.curve),
    ordersByStatus,
    fills: collector.fills,
    rejects: collector.rejects,
    curve: [open, ...collector.curve.ended(result.lastNs)],
    events: result.events,
    seconds: result.seconds,
    stateHash: result.stateHash,
    rows: facts.rows,
    badRows: facts.badRows.length,
    warnings: [...facts.warnings, ...problemsOf(result.actors)],
    divergence: result.actors.exchange?.divergence?.() ?? [],
    failures: result.strategyFailures,
  };
}

/** Base shares at the close of the day before, as the account's opening equity counts them. */
function openingOf({ accounts, instruments }: EngineSetup): OpeningLot[] {
  return accounts[0]!.positions.map(({ instrument, qty, costE4 }) => {
    const { symbol, preCloseE4 } = instruments[instrument]!;
    return { instrument: symbol, qty, priceE4: preCloseE4 > 0 ? preCloseE4 : costE4 };
  });
}

function positionsOf(setup: EngineSetup, { positions }: Account): HeldPosition[] {
  return setup.instruments.flatMap(({ symbol }, i) => {
    const qty = positions.qty[i]!;
    if (qty === 0) return [];
    const [lastE4, costAmountE4] = [positions.lastE4[i]!, positions.costAmountE4[i]!];
    return [{ instrument: symbol, qty, lastE4, costAmountE4 }];
  });
}

function ordersOf(setup: EngineSetup, { orders }: Account, curve: RunCurve): TradeOrder[] {
  return Array.from({ length: orders.count }, (_, slot) => {
    const orderId = formatOrderId(orders.idA[slot]!, setup.day, orders.idC[slot]!);
    const instrument = orders.instrument[slot]!;
    return {
      orderId,
      instrument: setup.instruments[instrument]!.symbol,
      side: orders.side[slot] === SIDE_BUY ? 'buy' : 'sell',
      qty: orders.qty[slot]!,
      filledQty: orders.filled[slot]!,
      decisionE4: curve.decisions.get(orders.idC[slot]!) ?? null,
      fees: setup.accounts[0]!.fees[instrument] ?? null,
    };
  });
}

/** What exchange and feed have to say; both keep a book, so both may say the same. */
function problemsOf({ exchange, feed }: ActorSet): string[] {
  return [...new Set([...(exchange?.problems() ?? []), ...(feed?.trust.problems() ?? [])])];
}
