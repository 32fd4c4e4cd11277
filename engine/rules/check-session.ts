// Trading day, session, market-order kind and its conditions, after-hours hours. Called by
// validate.ts, first, because the price checks need the phase. Always: what the exchange does not
// take is refused even if a broker would queue it (BSE 2026 no. 3.3.1, 3.3.4 to 3.3.6, 3.7; SZSE
// 3.3.1, 3.3.4; SSE 2023 no. 3.3.5).
import {
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_NO_PROTECTION_PRICE,
  REJECT_NOT_IN_SESSION,
  REJECT_UNKNOWN_INSTRUMENT,
} from '../core/reject-code.ts';
import { dayText, timeText, weekdayName } from './calendar-date.ts';
import { dailyLimitOf } from './limit-prices.ts';
import { type Ground, type OrderCheck, STATIC_GROUND } from './order-check.ts';
import { phaseAt, takesAfterHours } from './session-clock.ts';

/** Every rule about when, and which kind of order. Sets check.phase. */
export function checkSession(check: OrderCheck): void {
  const { subject, facts, order, rules } = check;
  if (subject.kind === 'index') {
    const ground: Ground = subject.range?.row ?? STATIC_GROUND;
    const message = `${subject.symbol} is an index and cannot be traded`;
    check.refuse(REJECT_UNKNOWN_INSTRUMENT, message, { ...ground, confidence: 'B' });
    return;
  }
  checkDay(check);
  if (facts.timeNs !== undefined) check.phase = phaseAt(rules, subject, facts.timeNs);
  if (order.kind === 'after-hours') checkAfterHours(check);
  else checkPhase(check);
  if (check.isMarket) checkMarketOrder(check);
}

function checkDay(check: OrderCheck): void {
  const { calendar } = check.facts;
  const { day } = check.rules;
  const status = calendar?.statusOf(day);
  if (calendar === undefined || status === 'trading') return;
  const ground = { ...STATIC_GROUND, id: 'calendar', source: calendar.sourceOf(day) };
  const message =
    status === 'closed'
      ? `${dayText(day)} (${weekdayName(day)}) is not a trading day`
      : `${dayText(day)}: the calendar does not know this day; import one`;
  check.refuse(REJECT_NOT_IN_SESSION, message, { ...ground, confidence: 'B' });
}

function checkPhase(check: OrderCheck): void {
  const { timeNs } = check.facts;
  if (timeNs === undefined) {
    check.skip('session: the time of the order is not given');
    return;
  }
  const { phase } = check;
  if (phase === null) {
    check.skip('session: no row gives the trading hours of this kind on this day');
  } else if (!phase.orders) {
    const ground: Ground = phase.row ?? sessionGround(check);
    const message = `no orders are taken at ${timeText(timeNs)} (${phase.phase})`;
    check.refuse(REJECT_NOT_IN_SESSION, message, ground);
  }
}

/** Outside all sessions the first session's row says how sure the hours are. */
function sessionGround({ rules, subject }: OrderCheck): Ground {
  return rules.all('session', subject)[0]?.row ?? STATIC_GROUND;
}

function checkAfterHours(check: OrderCheck): void {
  const { rules, subject, facts } = check;
  const row = rules.find('after-hours', subject);
  if (row === null || !row.value.on) {
    const ground = row ?? { ...sessionGround(check), id: 'after-hours' };
    const message = `no after-hours fixed-price orders are taken for ${subject.symbol} on this day`;
    check.refuse(REJECT_KIND_NOT_SUPPORTED, message, ground);
  } else if (facts.timeNs === undefined) {
    check.skip('session: the time of the order is not given');
  } else if (!takesAfterHours(row.value, facts.timeNs)) {
    const hours = row.value.entry.map(({ from, to }) => `${from}-${to}`).join(', ');
    const message = `no after-hours orders at ${timeText(facts.timeNs)}; they are taken ${hours}`;
    check.refuse(REJECT_NOT_IN_SESSION, message, row);
  }
}

function checkMarketOrder(check: OrderCheck): void {
  const { rules, subject, order, facts, phase } = check;
  const use = rules.find('market-order-use', subject);
  if (use === null || !use.value.allowed) {
    const ground: Ground = use ?? {
      ...STATIC_GROUND,
      id: 'market-order-use',
      source: 'no row allows it',
    };
    const message = `market orders are not taken for this kind (${subject.kind}, ${subject.state})`;
    check.refuse(REJECT_KIND_NOT_SUPPORTED, message, ground);
    return;
  }
  const kind = rules.find('market-order', subject, order.kind);
  if (kind === null || !kind.value.allowed) {
    const ground: Ground = kind ?? use;
    const message = `${subject.venue} has no market order of kind ${order.kind}`;
    check.refuse(REJECT_KIND_NOT_SUPPORTED, message, ground);
  }
  const limit = dailyLimitOf(rules, subject);
  const upper = facts.statics?.upperLimitE4;
  const isFree = upper === undefined ? limit?.limited === false : upper === 0;
  if (use.value.onlyWithLimit && isFree) {
    const message = 'market orders need a daily limit; the security has none today';
    check.refuse(REJECT_KIND_NOT_SUPPORTED, message, use);
  }
  const isOpen = phase?.orders === true;
  const inPhase = use.value.phases.some((allowed) => allowed === phase?.phase);
  if (facts.isHalted === true || (isOpen && !inPhase)) {
    const when = facts.isHalted === true ? 'an intraday halt' : `the ${phase?.phase}`;
    check.refuse(REJECT_KIND_NOT_SUPPORTED, `market orders are not taken in ${when}`, use);
  }
  const protection = rules.find('protection-price', subject);
  if (protection?.value.required === true && order.priceE4 === 0) {
    const message = `${subject.venue} demands a protection price 保护限价 with a market order`;
    check.refuse(REJECT_NO_PROTECTION_PRICE, message, protection);
  }
}
