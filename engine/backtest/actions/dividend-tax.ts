// Tax on dividends of shares by account kind, ex-date and holding time, as dated rules. Called by
// holder.ts. Sources: 财税〔2005〕102 (half the income counts, from 2005-06-13), 财税〔2012〕85 (by
// holding time, from 2013-01-01), 财税〔2015〕101 (over a year free, nothing withheld at payment,
// from 2015-09-08). Always: rates are parts of the taxable income (cash, and bonus shares 送股 at
// their face value of one yuan; 转增 is no income); funds' distributions are free.
import { addDays, numberOfDay } from '../../rules/calendar-date.ts';

/**
 * Who owns the account: `individual` (securities investment funds are taxed alike),
 * `institution` (a domestic company: nothing is withheld), `qfii`, or `none`.
 */
export const ACCOUNT_KINDS = ['individual', 'institution', 'qfii', 'none'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

const HALVED = 20_050_613;
const BY_HOLDING = 20_130_101;
const FREE_BEYOND_A_YEAR = 20_150_908;
const QFII_RATE = 0.1;

/** Rate withheld when the dividend of an ex-date is paid. */
export function rateAtPayment(kind: AccountKind, exDay: number): number {
  if (kind === 'qfii') return QFII_RATE;
  if (kind !== 'individual') return 0;
  if (exDay < HALVED) return 0.2;
  if (exDay < BY_HOLDING) return 0.1;
  return exDay < FREE_BEYOND_A_YEAR ? 0.05 : 0;
}

/**
 * Rate of the whole tax once the share is sold; `boughtDay` 0 = nobody knows, taken as over a year.
 * What was withheld is part of it.
 */
export function rateAtSale(
  kind: AccountKind,
  exDay: number,
  boughtDay: number,
  soldDay: number,
): number {
  if (kind !== 'individual' || exDay < BY_HOLDING) return rateAtPayment(kind, exDay);
  if (boughtDay > 0 && lastDayHeld(soldDay) <= monthsLater(boughtDay, 1)) return 0.2;
  if (boughtDay > 0 && lastDayHeld(soldDay) <= monthsLater(boughtDay, 12)) return 0.1;
  return exDay < FREE_BEYOND_A_YEAR ? 0.05 : 0;
}

/** Holding time ends the day before the sale. */
function lastDayHeld(soldDay: number): number {
  return addDays(soldDay, -1);
}

/** The last day of `months` natural months that begin with `day`. */
function monthsLater(day: number, months: number): number {
  const month = Math.floor(day / 100) % 100;
  const [year, number] = [Math.floor(day / 10_000), month + months];
  const target = (year + Math.floor((number - 1) / 12)) * 100 + ((number - 1) % 12) + 1;
  const first = target * 100 + 1;
  const next = addDays(first, 31);
  const length = numberOfDay(Math.floor(next / 100) * 100 + 1) - numberOfDay(first);
  // A month from January 31 on ends with February; from the 8th on it ends with the 7th.
  return addDays(first, Math.min(day % 100, length + 1) - 2);
}
