// Prices as int32 in 1/10,000 yuan (`priceE4`) and amounts as float64 integers of the same unit.
// Called by loaders, rules, actors and pages whenever text or percentages meet prices.
// Always: integer arithmetic only, half up; a refusal is a negative number, never NaN.

/** "No price": an empty level, no trade yet, no limit known. A real price is above 0. */
export const PRICE_NONE = 0;
/** Units of a yuan. */
export const E4_PER_YUAN = 10_000;

/** Yuan of a price or amount in 1/10,000 yuan. */
export function toYuan(valueE4: number): number {
  return valueE4 / E4_PER_YUAN;
}
/** The text is not a plain decimal number (digits, one dot). */
export const TEXT_NOT_DECIMAL = -1;
/** The number does not fit: beyond int32 for prices, beyond 2^53 for amounts. */
export const TEXT_TOO_LARGE = -2;

const INT32_MAX = 0x7fffffff;
const ZERO = 48;
const NINE = 57;
const DOT = 46;

/**
 * Decimal text in yuan to 1/10,000 yuan, half up at the fifth digit: `1854.980000000000018` gives
 * 18549800. Float64 integer up to 2^53, or a negative TEXT_* code. Signs, exponents and blanks are
 * not decimal text.
 */
export function parseAmountE4(text: string): number {
  const length = text.length;
  let value = 0;
  let digits = 0;
  let at = 0;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) break;
    if (code < ZERO || code > NINE) return TEXT_NOT_DECIMAL;
    value = value * 10 + (code - ZERO);
    digits++;
  }
  let scale = E4_PER_YUAN;
  let roundUp = 0;
  let decimals = 0;
  for (at++; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return TEXT_NOT_DECIMAL;
    decimals++;
    digits++;
    if (decimals <= 4) {
      value = value * 10 + (code - ZERO);
      scale /= 10;
    } else if (decimals === 5 && code >= ZERO + 5) {
      roundUp = 1;
    }
  }
  if (digits === 0) return TEXT_NOT_DECIMAL;
  value = value * scale + roundUp;
  return value <= Number.MAX_SAFE_INTEGER ? value : TEXT_TOO_LARGE;
}

/** Like parseAmountE4, for prices: int32, or a negative TEXT_* code. */
export function parsePriceE4(text: string): number {
  const value = parseAmountE4(text);
  return value <= INT32_MAX ? value : TEXT_TOO_LARGE;
}

/** Whether `priceE4` is a whole number of ticks. */
export function isOnTick(priceE4: number, tickE4: number): boolean {
  return priceE4 % tickE4 === 0;
}

/** The nearest price on the tick grid, an exact half up. */
export function roundToTick(priceE4: number, tickE4: number): number {
  return Math.floor((2 * priceE4 + tickE4) / (2 * tickE4)) * tickE4;
}

/**
 * Highest valid price of the day: preClose x (1 + num/den), half up to the tick, at least one tick
 * above preClose (SSE 2023 no. 3.3.17, SZSE 2026 no. 3.3.14; rules sheet 3.2). Ten percent is 1/10.
 * PRICE_NONE when preClose is not known.
 */
export function upperLimitOf(preCloseE4: number, tickE4: number, num: number, den: number): number {
  if (preCloseE4 <= 0) return PRICE_NONE;
  const limit = halfUpToTick(preCloseE4 * (den + num), den, tickE4);
  const least = preCloseE4 + tickE4;
  return Math.max(limit, least);
}

/**
 * Lowest valid price of the day: preClose x (1 - num/den), half up to the tick (not down), at least
 * one tick below preClose, never below one tick (same articles). PRICE_NONE when preClose is not
 * known.
 */
export function lowerLimitOf(preCloseE4: number, tickE4: number, num: number, den: number): number {
  if (preCloseE4 <= 0) return PRICE_NONE;
  const limit = halfUpToTick(preCloseE4 * (den - num), den, tickE4);
  const most = preCloseE4 - tickE4;
  const near = Math.min(limit, most);
  return Math.max(near, tickE4);
}

/**
 * Upper limit rounded toward preClose. BSE states only the formula (2026 no. 3.3.11); this reading
 * is valid under both, so it serves checks where the static file is missing (rules sheet 3.2).
 */
export function inwardUpperLimitOf(
  preCloseE4: number,
  tickE4: number,
  num: number,
  den: number,
): number {
  if (preCloseE4 <= 0) return PRICE_NONE;
  const limit = Math.floor((preCloseE4 * (den + num)) / (den * tickE4)) * tickE4;
  const least = preCloseE4 + tickE4;
  return Math.max(limit, least);
}

/** Lower limit rounded toward preClose; see inwardUpperLimitOf. */
export function inwardLowerLimitOf(
  preCloseE4: number,
  tickE4: number,
  num: number,
  den: number,
): number {
  if (preCloseE4 <= 0) return PRICE_NONE;
  const limit = Math.ceil((preCloseE4 * (den - num)) / (den * tickE4)) * tickE4;
  const most = preCloseE4 - tickE4;
  const near = Math.min(limit, most);
  return Math.max(near, tickE4);
}

/**
 * Yuan as text with at least `decimals` (0..4) digits and as many more as the value needs:
 * 125400 gives `12.54`, 12345 gives `1.2345`. Exact up to 2^53. For people and files; allocates.
 */
export function formatYuan(valueE4: number, decimals = 2): string {
  const sign = valueE4 < 0 ? '-' : '';
  const abs = Math.abs(valueE4);
  const yuan = Math.floor(abs / E4_PER_YUAN);
  let fraction = String(abs - yuan * E4_PER_YUAN).padStart(4, '0');
  while (fraction.length > decimals && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return fraction === '' ? `${sign}${yuan}` : `${sign}${yuan}.${fraction}`;
}

/** floor((2 x value + den x tick) / (2 x den x tick)) ticks: half up without floating point. */
function halfUpToTick(value: number, den: number, tickE4: number): number {
  const unit = den * tickE4;
  return Math.floor((2 * value + unit) / (2 * unit)) * tickE4;
}
