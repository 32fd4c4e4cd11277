// Tick, daily limits, price cage, ranges of calls without a limit, after-hours price. Called by
// validate.ts. Always: the exchange's static values win over computed ones; a price equal to a
// bound is valid; sources stand in the rows (SSE 2023 no. 3.3.11 to 3.3.17; BSE 3.3.10 to 3.3.13).
import { formatYuan, isOnTick } from '../core/price.ts';
import {
  REJECT_ABOVE_UPPER_LIMIT,
  REJECT_AGAINST_CLOSE,
  REJECT_BELOW_LOWER_LIMIT,
  REJECT_OFF_TICK,
  REJECT_OUTSIDE_CAGE,
  REJECT_OUTSIDE_CALL_RANGE,
  REJECT_PRICE_NOT_POSITIVE,
} from '../core/reject-code.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import { cageBound, isOutsideCage } from './cage.ts';
import { type ComputedLimits, computeLimits } from './limit-prices.ts';
import { type Ground, type OrderCheck, STATIC_GROUND } from './order-check.ts';

/** Every rule about the price of the order; a market order's price is its protection price. */
export function checkPrice(check: OrderCheck): void {
  const { order } = check;
  if (check.isMarket && order.priceE4 === 0) return;
  if (!Number.isInteger(order.priceE4) || order.priceE4 <= 0) {
    const ground = { ...STATIC_GROUND, id: 'price', source: 'a limit order has a price above 0' };
    check.refuse(REJECT_PRICE_NOT_POSITIVE, 'the price is not above 0', ground);
    return;
  }
  checkTick(check);
  const isLimited = checkLimits(check);
  if (order.kind === 'after-hours') checkAfterHoursPrice(check);
  if (order.kind !== 'limit') return;
  checkCage(check);
  if (isLimited === false) checkCallRange(check);
}

function tickOf({ rules, subject, facts }: OrderCheck): number | undefined {
  return facts.statics?.tickE4 ?? rules.find('tick', subject)?.value.tickE4;
}

function checkTick(check: OrderCheck): void {
  const { rules, subject, order, facts } = check;
  const row = rules.find('tick', subject);
  const tickE4 = tickOf(check);
  if (tickE4 === undefined) {
    check.skip('tick: no row gives it for this kind on this day');
  } else if (!isOnTick(order.priceE4, tickE4)) {
    const ground = facts.statics?.tickE4 === undefined && row !== null ? row : STATIC_GROUND;
    const price = formatYuan(order.priceE4, 3);
    const message = `price ${price} is not a multiple of the tick ${formatYuan(tickE4)}`;
    check.refuse(REJECT_OFF_TICK, message, ground);
  }
}

/** Whether the day has a limit; null when that is not known. */
function checkLimits(check: OrderCheck): boolean | null {
  const { rules, subject, facts } = check;
  const computed = computeLimits(rules, subject, facts.preCloseE4 ?? 0);
  const upper = facts.statics?.upperLimitE4;
  const lower = facts.statics?.lowerLimitE4;
  if (upper !== undefined) {
    const message = (priceE4: number) => `the upper limit ${formatYuan(priceE4)}`;
    above(check, upper, message(upper), [STATIC_GROUND]);
  }
  if (lower !== undefined)
    below(check, lower, `the lower limit ${formatYuan(lower)}`, [STATIC_GROUND]);
  if (computed === null) {
    if (upper === undefined || lower === undefined)
      check.skip('daily limit: preclose is not given');
    return upper === undefined ? null : upper > 0;
  }
  if (computed.limit.limited) checkComputed(check, computed);
  return upper === undefined ? computed.limit.limited : upper > 0;
}

function checkComputed(check: OrderCheck, computed: ComputedLimits): void {
  const { limit, rounding, widest } = computed;
  const { statics } = check.facts;
  const open: Ground[] = rounding === null ? [limit.row] : [limit.row, rounding];
  const rate = (permille: number) => `${permille / 10} % of preclose, ${limit.row.id}`;
  if (statics?.upperLimitE4 === undefined) {
    const what = `the upper limit ${formatYuan(computed.upperE4)} (${rate(limit.upPermille)})`;
    const beyondAll = check.order.priceE4 > widest.upperE4;
    above(check, computed.upperE4, what, beyondAll ? [limit.row] : open);
  }
  if (statics?.lowerLimitE4 === undefined) {
    const what = `the lower limit ${formatYuan(computed.lowerE4)} (${rate(limit.downPermille)})`;
    const beyondAll = check.order.priceE4 < widest.lowerE4;
    below(check, computed.lowerE4, what, beyondAll ? [limit.row] : open);
  }
}

function above(check: OrderCheck, boundE4: number, what: string, grounds: readonly Ground[]): void {
  const { priceE4 } = check.order;
  if (boundE4 <= 0 || priceE4 <= boundE4) return;
  check.refuse(
    REJECT_ABOVE_UPPER_LIMIT,
    `price ${formatYuan(priceE4)} is above ${what}`,
    ...grounds,
  );
}

function below(check: OrderCheck, boundE4: number, what: string, grounds: readonly Ground[]): void {
  const { priceE4 } = check.order;
  if (boundE4 <= 0 || priceE4 >= boundE4) return;
  check.refuse(
    REJECT_BELOW_LOWER_LIMIT,
    `price ${formatYuan(priceE4)} is below ${what}`,
    ...grounds,
  );
}

/** Continuous trading only; without a time the given book is taken as of continuous trading. */
function checkCage(check: OrderCheck): void {
  const { rules, subject, order, facts, phase } = check;
  const row = rules.find('cage', subject);
  const inForce = phase === null || phase.phase === 'continuous';
  if (row === null || row.value.outside === 'accepted' || !inForce || facts.isHalted === true)
    return;
  const tickE4 = tickOf(check);
  if (facts.book === undefined || tickE4 === undefined) {
    check.skip('price cage: the book (best ask and bid, last trade) is not given');
    return;
  }
  const bound = cageBound(row.value, order.side, facts.book, facts.preCloseE4 ?? 0, tickE4);
  if (bound === null) {
    check.skip('price cage: no reference price (book, last trade and preclose are empty)');
  } else if (isOutsideCage(order.side, order.priceE4, bound)) {
    const where = order.side === SIDE_BUY ? 'above the highest buy' : 'below the lowest sell';
    const from = `from ${bound.ref} ${formatYuan(bound.refE4)}`;
    const price = formatYuan(order.priceE4);
    const bounds = `${where} ${formatYuan(bound.boundE4)} of the price cage ${from}`;
    const message = `price ${price} is ${bounds}`;
    const isHeld = row.value.outside === 'held';
    if (isHeld) check.warn(REJECT_OUTSIDE_CAGE, `${message}; the host holds it unseen`, row);
    else check.refuse(REJECT_OUTSIDE_CAGE, message, row);
  }
}

/** Calls of a security without a limit today (rules sheet 4.2). */
function checkCallRange(check: OrderCheck): void {
  const { rules, subject, order, facts, phase } = check;
  if (phase?.phase !== 'opening-call' && phase?.phase !== 'closing-call') return;
  const key = phase.phase === 'opening-call' ? 'opening' : 'closing';
  for (const { row } of rules.all('call-range', subject)) {
    if (!row.key.startsWith(key)) continue;
    const { of, lowPercent, highPercent } = row.value;
    const refE4 = (of === 'last' ? facts.book?.lastE4 : facts.preCloseE4) ?? 0;
    if (refE4 <= 0) {
      check.skip(`range of the ${phase.phase}: ${of} is not given`);
      continue;
    }
    const say = (percent: number) =>
      `${percent} % of ${of} ${formatYuan(refE4)} in the ${phase.phase}`;
    const scaled = order.priceE4 * 100;
    const price = formatYuan(order.priceE4);
    if (highPercent !== null && scaled > refE4 * highPercent) {
      check.refuse(REJECT_OUTSIDE_CALL_RANGE, `price ${price} is above ${say(highPercent)}`, row);
    }
    if (lowPercent !== null && scaled < refE4 * lowPercent) {
      check.refuse(REJECT_OUTSIDE_CALL_RANGE, `price ${price} is below ${say(lowPercent)}`, row);
    }
  }
}

/** A buy below or a sell above the close is invalid; it trades at the close. */
function checkAfterHoursPrice(check: OrderCheck): void {
  const { rules, subject, order, facts } = check;
  const row = rules.find('after-hours', subject);
  const closeE4 = facts.closeE4 ?? 0;
  if (row === null) return;
  if (closeE4 <= 0) {
    check.skip('after-hours price: the close is not given');
    return;
  }
  const isBuy = order.side === SIDE_BUY;
  if (isBuy ? order.priceE4 >= closeE4 : order.priceE4 <= closeE4) return;
  const where = isBuy ? 'buy below' : 'sell above';
  const price = formatYuan(order.priceE4);
  const message = `after-hours ${where} the close ${formatYuan(closeE4)}: ${price}`;
  check.refuse(REJECT_AGAINST_CLOSE, message, row);
}
