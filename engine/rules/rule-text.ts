// What a row says, in words for a person. Called by `pankou rules`. Always: one line; percentages
// and prices exactly as the row has them; nothing is decided here.
import { formatYuan } from '../core/price.ts';
import { dayText } from './calendar-date.ts';
import type { RuleRow, RuleValues, Topic } from './rule-row.ts';

type Teller<T extends Topic> = (value: RuleValues[T]) => string;
interface Span {
  readonly from: string;
  readonly to: string;
}

const qty = (value: { readonly qty: number }) => value.qty.toLocaleString('en-US');
const span = ({ from, to }: Span) => `${from}-${to}`;
const yesNo = (flag: boolean, yes: string, no: string) => (flag ? yes : no);

const TELLERS: { readonly [T in Topic]: Teller<T> } = {
  board: ({ zh, en }) => `${zh} ${en}`,
  'code-range': ({ prefixes, type }) =>
    `${prefixes.join(' ')}${type === undefined ? '' : ` (${type})`}`,
  tick: ({ tickE4 }) => formatYuan(tickE4),
  lot: ({ buyMin, buyStep, sellMin, sellStep }) =>
    `buy from ${buyMin} by ${buyStep}, sell from ${sellMin} by ${sellStep}`,
  'max-limit-order': qty,
  'max-market-order': qty,
  'max-after-hours-order': qty,
  'odd-lot-sell': ({ withFullLots }) =>
    `the part below the lot whole, alone${yesNo(withFullLots, ' or with full lots', '')}`,
  'price-limit': limitText,
  'first-day-limit': (value) => `${limitText(value)} of the issue price, day 1`,
  'free-days': ({ days }) => `first ${days} trading day${days === 1 ? '' : 's'} without a limit`,
  'limit-rounding': ({ mode }) =>
    `${yesNo(mode === 'half-up', 'half up to the tick', 'toward preclose')}, a tick away at least`,
  cage: ({ upPercent, downPercent, ticks, outside }) => {
    const more = ticks === 0 ? '' : ` or ${ticks} ticks, whichever is wider`;
    const range = `buy to ${100 + upPercent} %, sell from ${100 - downPercent} %`;
    return `${range}${more}; outside: ${outside}`;
  },
  'call-range': ({ lowPercent, highPercent, of }) =>
    `${lowPercent ?? '-'} % to ${highPercent ?? '-'} % of ${of}`,
  session: ({ orders, cancels, ...times }) => {
    const taken = `orders ${yesNo(orders, 'yes', 'no')}, cancels ${yesNo(cancels, 'yes', 'no')}`;
    return `${span(times)} ${times.phase}: ${taken}`;
  },
  'no-cancel': (value) => `no cancels ${span(value)}`,
  'after-hours': ({ on, entry, matching }) =>
    on ? `orders ${entry.map(span).join(', ')}; matching ${span(matching)}` : 'not started',
  'market-order': ({ allowed }) => yesNo(allowed, 'allowed', 'not allowed'),
  'market-order-use': ({ allowed, phases, onlyWithLimit }) =>
    allowed
      ? `only in ${phases.join(', ')}${yesNo(onlyWithLimit, ', only with a daily limit', '')}`
      : 'limit orders only',
  'protection-price': ({ required }) => yesNo(required, 'required', 'not required'),
  halt: ({ triggerPermille, of, minutes, resumeBy, perDirection }) => {
    const long =
      minutes === 0 ? `until ${resumeBy}` : `${minutes} minutes, ${resumeBy} at the latest`;
    const once = yesNo(perDirection, 'once up and once down', 'once');
    return `${triggerPermille / 10} % from the ${of} price: ${long}; ${once}`;
  },
  turnround: ({ sameDay }) =>
    yesNo(sameDay, 'T+0: sold the same day', 'T+1: sold from the next trading day'),
  fee: ({ rateE7, sides }) => (rateE7 === 0 ? 'none' : `${rateE7 / 100_000} % (${sides})`),
  'fee-minimum': ({ minE4, per }) => `${formatYuan(minE4)} yuan per ${per}`,
  'buy-cap': ({ qtyPerDay, counts }) => `${qty({ qty: qtyPerDay })} shares a day: ${counts}`,
  'block-trade': ({ minQty, minAmountE4 }) =>
    `from ${qty({ qty: minQty })} shares or ${formatYuan(minAmountE4, 0)} yuan`,
  'auction-price': ({ tieBreaks }) => `greatest volume, then ${tieBreaks.join(', then ')}`,
  'close-price': ({ rule }) => rule,
  threshold: ({ limit, unit }) => `${limit.toLocaleString('en-US')} ${unit}`,
};

/** The value of a row in words. */
export function ruleText(row: RuleRow): string {
  const tell = TELLERS[row.what] as Teller<Topic>;
  return tell(row.value);
}

/** `tick`, `session opening-call`. */
export function ruleName(row: RuleRow): string {
  return row.key === '' ? row.what : `${row.what} ${row.key}`;
}

/** `since 2023-04-10`, `2023-04-10 to 2026-07-03`, '' when neither end is known. */
export function validText({ validFrom, validTo }: RuleRow): string {
  if (validTo === 0) return validFrom === 0 ? '' : `since ${dayText(validFrom)}`;
  return validFrom === 0
    ? `until ${dayText(validTo)}`
    : `${dayText(validFrom)} to ${dayText(validTo)}`;
}

/** Who a row is about: `SSE, SZSE: main (risk-warning)`. */
export function scopeText(row: RuleRow): string {
  const more = [...row.states, ...row.types];
  const only = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return `${row.venues.join(', ')}: ${row.kinds.join(', ')}${only}`;
}

function limitText({ upPermille, downPermille }: RuleValues['price-limit']): string {
  if (upPermille + downPermille === 0) return 'no daily limit';
  const up = `+${upPermille / 10} %`;
  return `${up} / -${downPermille / 10} %`;
}
