// Numbers as a trading desk reads them: thousands separators, fixed decimals, signs that are always
// there where direction matters. Called by every table and panel. Always holds: input is the wire's
// integer (E4, shares, ns), rounding happens once, here, and "-0.00" is never shown.

const NS_PER_SECOND = 1e9;
const MISSING = '–';

const formats = new Map<number, Intl.NumberFormat>();

/** One grouping style in both languages: desks of both read 1,234,567.89. */
function fixed(value: number, decimals: number): string {
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(decimals, format);
  }
  return format.format(value);
}

/** Round an E4 integer to `decimals` places, half away from zero, without a negative zero. */
function roundE4(valueE4: number, decimals: number): number {
  const unit = 10 ** (4 - decimals);
  const units = Math.sign(valueE4) * Math.round(Math.abs(valueE4) / unit);
  return units === 0 ? 0 : units / 10 ** decimals;
}

/**
 * Decimals of an instrument's price: funds trade on a 0.001 yuan tick, shares on 0.01
 * (SSE and SZSE trading rules, price tick by kind of security). `600519.SH` -> 2, `510300.SH` -> 3.
 */
export function priceDecimals(instrument: string): number {
  const [code = '', market = ''] = instrument.split('.');
  if (market === 'SH' && /^(5|900)/.test(code)) return 3;
  if (market === 'SZ' && /^1[568]/.test(code)) return 3;
  return 2;
}

/** A price in yuan; zero means "none" on the wire (no trade yet, no level). */
export function price(priceE4: number | undefined, decimals = 2): string {
  if (priceE4 === undefined || !Number.isFinite(priceE4) || priceE4 === 0) return MISSING;
  return fixed(roundE4(priceE4, decimals), decimals);
}

/** An amount of money in yuan, two decimals. */
export function amount(amountE4: number | undefined): string {
  if (amountE4 === undefined || !Number.isFinite(amountE4)) return MISSING;
  return fixed(roundE4(amountE4, 2), 2);
}

/** An amount whose direction matters: always with its sign, except zero. */
export function signedAmount(amountE4: number | undefined): string {
  if (amountE4 === undefined || !Number.isFinite(amountE4)) return MISSING;
  const value = roundE4(amountE4, 2);
  return value > 0 ? `+${fixed(value, 2)}` : fixed(value, 2);
}

/** Change of `nowE4` against `baseE4` in percent with its sign, or a dash without a base. */
export function changePercent(nowE4: number | undefined, baseE4: number | undefined): string {
  if (!nowE4 || !baseE4) return MISSING;
  const hundredths = Math.round(((nowE4 - baseE4) / baseE4) * 10_000);
  const text = fixed(hundredths === 0 ? 0 : hundredths / 100, 2);
  return `${hundredths > 0 ? '+' : ''}${text}%`;
}

/** Whole numbers: shares, counts. */
export function quantity(qty: number | undefined): string {
  if (qty === undefined || !Number.isFinite(qty)) return MISSING;
  return fixed(Math.trunc(qty) || 0, 0);
}

/** A large count, shortened the reader's way: 1.23亿 / 4.56万, or 123.45M / 45.6K. */
export function compact(value: number | undefined, chinese: boolean): string {
  if (value === undefined || !Number.isFinite(value)) return MISSING;
  const size = Math.abs(value);
  if (chinese) {
    if (size >= 1e8) return `${fixed(value / 1e8, 2)}亿`;
    if (size >= 1e4) return `${fixed(value / 1e4, 2)}万`;
    return fixed(value, 0);
  }
  if (size >= 1e9) return `${fixed(value / 1e9, 2)}B`;
  if (size >= 1e6) return `${fixed(value / 1e6, 2)}M`;
  if (size >= 1e4) return `${fixed(value / 1e3, 1)}K`;
  return fixed(value, 0);
}

/** `09:30:05`, or with `millis` `09:30:05.123`. */
export function clock(ns: number | undefined, millis = false): string {
  if (ns === undefined || !Number.isFinite(ns) || ns < 0) return '--:--:--';
  const totalSeconds = Math.floor(ns / NS_PER_SECOND);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m] = [Math.floor(totalSeconds / 3600), Math.floor(totalSeconds / 60) % 60];
  const hms = `${two(h)}:${two(m)}:${two(totalSeconds % 60)}`;
  if (!millis) return hms;
  return `${hms}.${String(Math.floor((ns % NS_PER_SECOND) / 1e6)).padStart(3, '0')}`;
}

/** `20260105` -> `2026-01-05`. */
export function tradingDay(day: number | undefined): string {
  const text = String(day ?? '');
  if (text.length !== 8) return MISSING;
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/** A latency with three significant digits and its unit: `870 ns`, `12.3 µs`, `4.56 ms`. */
export function duration(ns: number | undefined): string {
  if (ns === undefined || !Number.isFinite(ns)) return MISSING;
  if (ns < 999.5) return `${Math.round(ns)} ns`;
  const [value, unit] =
    ns < 999_500 ? [ns / 1e3, 'µs'] : ns < 999_500_000 ? [ns / 1e6, 'ms'] : [ns / 1e9, 's'];
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(decimals)} ${unit}`;
}

/** Direction of a number as a sign that does not need colour. */
export function arrow(value: number): string {
  return value > 0 ? '▲' : value < 0 ? '▼' : '';
}

/** The class that colours a rising, falling or unchanged number. */
export function tone(value: number): 'up' | 'down' | 'flat' {
  return value > 0 ? 'up' : value < 0 ? 'down' : 'flat';
}
