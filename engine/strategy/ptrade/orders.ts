// Orders and queries under the names of PTrade, JoinQuant and RQAlpha (percent helpers), over the
// order helpers of the context: shares floored to the board's step, budgets with fees, targets
// that count working orders. Called by adapted strategies. Always: amounts in shares, money and
// prices in yuan; null where PTrade answers None, with a line in the log that says why.
import type { Instrument } from '../../core/instrument.ts';
import { roundToTick, toYuan } from '../../core/price.ts';
import { rejectText } from '../../core/reject-code.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  type OrderWish,
} from '../../core/strategy.ts';
import { codeOf, HISTORY_MOST, instrumentOf, type OrderRow, running } from './session.ts';
import { type Position, positionOf } from './views.ts';

/** Kinds of order_market by PTrade's number. */
const MARKET_TYPES: readonly number[] = [
  ...[KIND_OPPOSITE_BEST, KIND_BEST5_LIMIT, KIND_OWN_BEST],
  ...[KIND_IOC, KIND_BEST5_CANCEL, KIND_FOK],
];

/** Buys (`amount` above 0) or sells shares; the order's id, or null. */
export function order(security: string, amount: number, limit_price?: number): string | null {
  const one = instrumentOf(security, 'order');
  const wish = wishOf(one, limit_price);
  return answer('order', one, running('order').ctx.order(one.index, amount, wish));
}

/** Leads to a holding of `amount` shares. */
export function order_target(
  security: string,
  amount: number,
  limit_price?: number,
): string | null {
  const one = instrumentOf(security, 'order_target');
  const wish = wishOf(one, limit_price);
  const { ctx } = running('order_target');
  return answer('order_target', one, ctx.orderTarget(one.index, amount, wish));
}

/** Buys for so much money, fees included; sells shares of that value when below 0. */
export function order_value(security: string, value: number, limit_price?: number): string | null {
  const one = instrumentOf(security, 'order_value');
  const wish = wishOf(one, limit_price);
  const { ctx } = running('order_value');
  return answer('order_value', one, ctx.orderValue(one.index, moneyE4(value), wish));
}

/** Leads to a holding of that value. */
export function order_target_value(
  security: string,
  value: number,
  limit_price?: number,
): string | null {
  const one = instrumentOf(security, 'order_target_value');
  const wish = wishOf(one, limit_price);
  const { ctx } = running('order_target_value');
  return answer('order_target_value', one, ctx.orderTargetValue(one.index, moneyE4(value), wish));
}

/** RQAlpha: buys or sells for a part of the account's value. */
export function order_percent(
  security: string,
  percent: number,
  limit_price?: number,
): string | null {
  const one = instrumentOf(security, 'order_percent');
  const wish = wishOf(one, limit_price);
  const { ctx } = running('order_percent');
  return answer('order_percent', one, ctx.orderPercent(one.index, percent, wish));
}

/** RQAlpha: leads to a holding of that part of the account's value. */
export function order_target_percent(
  security: string,
  percent: number,
  limit_price?: number,
): string | null {
  const one = instrumentOf(security, 'order_target_percent');
  const wish = wishOf(one, limit_price);
  const { ctx } = running('order_target_percent');
  return answer('order_target_percent', one, ctx.orderTargetPercent(one.index, percent, wish));
}

/** RQAlpha: lots of the board (100 shares, bonds 10). */
export function order_lots(security: string, lots: number, limit_price?: number): string | null {
  const { buyMin, buyStep } = instrumentOf(security, 'order_lots');
  return order(security, lots * (buyStep > 1 ? buyStep : Math.min(buyMin, 100)), limit_price);
}

/** RQAlpha: holds these parts of the account's value and nothing else; sells first. */
export function order_target_portfolio(weights: Readonly<Record<string, number>>): number {
  const targets = Object.entries(weights).map(([security, weight]) => {
    return { instrument: instrumentOf(security, 'order_target_portfolio').index, weight };
  });
  const { ctx } = running('order_target_portfolio');
  return ctx.rebalance(targets, { sellOthers: true });
}

/** A market order by PTrade's type number 0 to 5; `limit_price` is its protection price. */
export function order_market(
  security: string,
  amount: number,
  market_type: number,
  limit_price?: number,
): string | null {
  const one = instrumentOf(security, 'order_market');
  const kind = MARKET_TYPES[market_type];
  if (kind === undefined) throw new Error(`order_market: type ${market_type}, expected 0 to 5`);
  const wish = { ...wishOf(one, limit_price), kind };
  return answer('order_market', one, running('order_market').ctx.order(one.index, amount, wish));
}

export function cancel_order(what: string | { readonly id: string }): void {
  running('cancel_order').ctx.cancel(Number(typeof what === 'string' ? what : what.id));
}

/** Own orders of today, oldest first. */
export function get_orders(security?: string): OrderRow[] {
  const code = security === undefined ? '' : codeOf(instrumentOf(security, 'get_orders'));
  const rows = [...running('get_orders').orders.values()];
  return rows.filter(({ symbol }) => code === '' || symbol === code);
}

/** Those that can still trade. */
export function get_open_orders(security?: string): OrderRow[] {
  return get_orders(security).filter(({ status }) => !['5', '6', '8', '9'].includes(status));
}

export function get_position(security: string): Position {
  return positionOf(running('get_position').ctx, instrumentOf(security, 'get_position'));
}

/** Prices of now, in yuan. */
export function get_snapshot(securities: string | readonly string[]) {
  const { ctx } = running('get_snapshot');
  const list = typeof securities === 'string' ? [securities] : securities;
  return Object.fromEntries(
    list.map((security) => {
      const one = instrumentOf(security, 'get_snapshot');
      const { preCloseE4, upperLimitE4, lowerLimitE4, index } = one;
      const last_px = toYuan(ctx.lastE4(index));
      const [up_px, down_px] = [toYuan(upperLimitE4), toYuan(lowerLimitE4)];
      return [security, { last_px, preclose_px: toYuan(preCloseE4), up_px, down_px }];
    }),
  );
}

type HistoryField = 'open' | 'high' | 'low' | 'close' | 'volume' | 'money';

const HISTORY_FIELDS = ['open', 'high', 'low', 'close', 'volume', 'money'];

/**
 * The last `count` complete bars of each code, oldest first, or as many as there are: minutes
 * ('1m') of today and before, or days ('1d') before today, of the data before the run as well; in
 * prices adjusted as of today. Throws for what is not there.
 */
export function get_history(
  count: number,
  frequency: string,
  field: HistoryField,
  securities: string | readonly string[],
): Record<string, number[]> {
  const { minutes, days } = running('get_history');
  const kept = { '1m': minutes, '1d': days }[frequency];
  if (kept === undefined) {
    throw new Error(`get_history: '${frequency}' bars are not there; '1m' and '1d' are`);
  }
  if (!HISTORY_FIELDS.includes(field)) {
    throw new Error(`get_history: no field '${field}'; there are ${HISTORY_FIELDS.join(', ')}`);
  }
  if (!Number.isInteger(count) || count < 1 || count > HISTORY_MOST[frequency]!) {
    const most = `1 to ${HISTORY_MOST[frequency]} bars of '${frequency}' are kept`;
    throw new Error(`get_history: ${count} bars, ${most}`);
  }
  const list = typeof securities === 'string' ? [securities] : securities;
  return Object.fromEntries(
    list.map((security) => {
      const bars = kept.get(instrumentOf(security, 'get_history').index);
      if (bars === undefined) throw new Error(`get_history: ${security} is not in set_universe`);
      const rows = Array.from({ length: Math.min(count, bars.length) }, (_, k) => k).reverse();
      return [
        security,
        rows.map((ago) => {
          if (field === 'volume') return bars.volume(ago);
          if (field === 'money') return toYuan(bars.amountE4(ago));
          return toYuan(bars[`${field}E4`](ago));
        }),
      ];
    }),
  );
}

/** A limit in yuan, on the tick, half up: 10.004 is 10.00. */
function wishOf({ tickE4 }: Instrument, limit_price: number | undefined): OrderWish {
  if (limit_price === undefined) return {};
  return { priceE4: roundToTick(Math.round(limit_price * 10_000), tickE4) };
}

function moneyE4(yuan: number): number {
  return Math.trunc(yuan * 10_000);
}

/** PTrade's answer: an id, or null; what could not be asked for is said. */
function answer(what: string, one: Instrument, no: number): string | null {
  const { ctx } = running(what);
  if (no > 0 && ctx.rest.qty > 0) {
    const why = rejectText(ctx.rest.code).zh;
    ctx.log(`${what} ${codeOf(one)}: 余 ${ctx.rest.qty} 未报（${why}）`);
  }
  if (no < 0) ctx.log(`${what} ${codeOf(one)}: 未下单，${rejectText(-no).zh} (${-no})`);
  return no > 0 ? String(no) : null;
}
