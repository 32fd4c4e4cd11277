// The metrics of a backtest of one day over one account: its account, fills and curve as input of
// the analytics, and the lines of them that the printed table shows. Called by report.ts. Always:
// the first point is the account at the open, the last the account as the engine left it.
import { type Account, accountValueE4 } from '../core/account.ts';
import { formatOrderId } from '../core/order-id.ts';
import { E4_PER_YUAN } from '../core/price.ts';
import type { EngineSetup } from '../host/setup.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import { addDays } from '../rules/calendar-date.ts';
import { builtInBook } from '../rules/rule-book.ts';
import type { AnalyticsOptions, OpeningLot, TradeFill, TradeOrder } from './analytics/input.ts';
import { type Metrics, metricsOf } from './analytics/metrics.ts';
import type { RunCurve } from './run-curve.ts';
import type { BacktestResult } from './runner.ts';

const OPTIONS: AnalyticsOptions = { rf: 0, yearDays: 250 };
const ONE_DAY = 'one trading day: the curve has a point a minute for the drawdown';

type Fill = Omit<TradeFill, 'day' | 'orderId'> & { readonly coid: string };

export function runMetrics(
  setup: EngineSetup,
  { accounts, lastNs }: BacktestResult,
  fills: readonly Fill[],
  curve: RunCurve,
): Metrics {
  const { day } = setup;
  const { account } = accounts[0]!;
  const opening = openingOf(setup);
  const startE4 = account.cash.openingEquityE4;
  const heldE4 = opening.reduce((total, { qty, priceE4 }) => total + qty * priceE4, 0);
  const marketValueE4 = accountValueE4(account);
  const equityE4 = account.cash.cashE4 + marketValueE4;
  const before = builtInBook().calendar.previous(day) ?? addDays(day, -1);
  const metrics = metricsOf(
    {
      points: [
        { day: before, equityE4: startE4, marketValueE4: heldE4 },
        { day, equityE4, marketValueE4 },
      ],
      curve: [{ day, timeNs: 0, equityE4: startE4 }, ...curve.ended(lastNs)],
      fills: fills.map(({ coid, ...fill }) => ({ ...fill, orderId: coid, day })),
      orders: ordersOf(setup, account, curve),
      opening,
    },
    OPTIONS,
  );
  return { ...metrics, notes: [ONE_DAY, ...metrics.notes] };
}

/** Base shares at the close of the day before, as the account's opening equity counts them. */
function openingOf({ accounts, instruments }: EngineSetup): OpeningLot[] {
  return accounts[0]!.positions.map(({ instrument, qty, costE4 }) => {
    const { symbol, preCloseE4 } = instruments[instrument]!;
    return { instrument: symbol, qty, priceE4: preCloseE4 > 0 ? preCloseE4 : costE4 };
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

/** The rows of the printed table: name and text. */
export function metricLines({ performance, drawdown, trading, costs }: Metrics): string[][] {
  const percent = (value: number | null): string =>
    value === null ? 'none' : `${(value * 100).toFixed(3)} %`;
  const yuan = (valueE4: number): string => (valueE4 / E4_PER_YUAN).toFixed(2);
  const fixed = (value: number | null): string => (value === null ? 'none' : value.toFixed(2));
  const trips = `${trading.roundTrips} (${percent(trading.hitRate)} won)`;
  const lines = [
    ['return', percent(performance.totalReturn)],
    ['max drawdown', percent(drawdown.maxDrawdown)],
    ['turnover', fixed(trading.turnover)],
    ['round trips', `${trips}, profit factor ${fixed(trading.profitFactor)}`],
  ];
  if (costs.items !== null) {
    const { commission, stampDuty, transferFee } = costs.items;
    const parts = [
      ['commission', commission],
      ['stamp duty', stampDuty],
    ] as const;
    const text = [...parts, ['transfer fee', transferFee] as const];
    lines.push(['costs', text.map(([name, e4]) => `${name} ${yuan(e4)}`).join(', ')]);
  }
  if (costs.slippageE4 !== null) lines.push(['slippage', `${yuan(costs.slippageE4)} yuan`]);
  return lines;
}
