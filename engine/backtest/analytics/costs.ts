// What trading cost: fees by item and slippage against the decision price. Called by metrics.ts.
// Always: items are charged per order over its whole filled amount, as the OMS does, and what does
// not add up with the fees that were booked is said; slippage is above 0 when it cost money.
import { SIDE_BUY, SIDE_SELL } from '../../messages/codes.ts';
import { FEE_ITEMS, type FeeItem, feeItemsE4 } from '../../rules/fee-items.ts';
import type { Note, TradeFill, TradeOrder } from './input.ts';
import { ratio, sum } from './statistics.ts';

export interface Costs {
  /** As booked with the fills. */
  readonly feesE4: number;
  /** By item; null when an order's rates are not known. */
  readonly items: Readonly<Record<FeeItem, number>> | null;
  /** (price - decision price) × shares of buys, the other way round of sells. */
  readonly slippageE4: number | null;
  /** Amount of the fills whose decision price is known. */
  readonly slippageOfE4: number;
  readonly totalE4: number | null;
  /** Fees, and slippage, by traded amount. */
  readonly feeRate: number | null;
  readonly slippageRate: number | null;
}

export function costsOf(
  fills: readonly TradeFill[],
  orders: readonly TradeOrder[],
  notes: Note[],
): Costs {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const feesE4 = sum(fills.map((fill) => fill.feeE4));
  const amountE4 = sum(fills.map((fill) => fill.priceE4 * fill.qty));
  const items = itemsOf(fills, byId);
  if (items === null) {
    notes.push({
      zh: '费用未能分项：有成交的委托费率未知',
      en: 'fees are not split: the rates of an order that traded are not known',
    });
  } else {
    const split = sum(FEE_ITEMS.map((item) => items[item]));
    if (Math.abs(split - feesE4) >= 1) {
      notes.push({
        zh: `分项费用合计 ${split / 1e4} 元，入账 ${feesE4 / 1e4} 元`,
        en: `fees by item make ${split / 1e4} yuan, booked were ${feesE4 / 1e4}`,
      });
    }
  }
  const known: number[] = [];
  const slips: number[] = [];
  for (const { orderId, side, priceE4, qty } of fills) {
    const decisionE4 = byId.get(orderId)?.decisionE4 ?? null;
    if (decisionE4 === null) continue;
    known.push(priceE4 * qty);
    slips.push((side === 'buy' ? priceE4 - decisionE4 : decisionE4 - priceE4) * qty);
  }
  const slippageOfE4 = sum(known);
  if (known.length < fills.length) {
    const n = fills.length - known.length;
    notes.push({
      zh: `滑点未计入 ${fills.length} 笔成交中的 ${n} 笔：没有决策价`,
      en: `slippage leaves out ${n} of ${fills.length} fills: no decision price`,
    });
  }
  const slippageE4 = known.length === 0 ? null : sum(slips);
  return {
    feesE4,
    items,
    slippageE4,
    slippageOfE4,
    totalE4: slippageE4 === null ? null : feesE4 + slippageE4,
    feeRate: ratio(feesE4, amountE4),
    slippageRate: ratio(slippageE4, slippageOfE4),
  };
}

function itemsOf(
  fills: readonly TradeFill[],
  orders: ReadonlyMap<string, TradeOrder>,
): Record<FeeItem, number> | null {
  const amounts = new Map<string, number>();
  for (const { orderId, priceE4, qty } of fills) {
    amounts.set(orderId, (amounts.get(orderId) ?? 0) + priceE4 * qty);
  }
  const total = { commission: 0, stampDuty: 0, transferFee: 0, handlingFee: 0, regulatoryFee: 0 };
  for (const [orderId, amountE4] of amounts) {
    const order = orders.get(orderId);
    if (order === undefined || order.fees === null) return null;
    const side = order.side === 'buy' ? SIDE_BUY : SIDE_SELL;
    const items = feeItemsE4(order.fees, side, amountE4);
    for (const item of FEE_ITEMS) total[item] += items[item];
  }
  return total;
}
