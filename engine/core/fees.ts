// What an order costs: commission, stamp duty, transfer fee and, with a net commission, handling
// and regulatory fee, each rounded to the fen, half up, over the order's whole filled amount (rules
// sheet 9.2, 9.3: per order and item). Rates come from engine/rules/fee-dates.ts. Called by the OMS
// and by recovery. Amounts in 1/10,000 yuan, integers in a float64.
import { SIDE_SELL } from '../messages/codes.ts';

/** 1/10,000 yuan in one fen. */
const FEN_E4 = 100;
/** Rates count in 1e-7: 0.05 % is 5,000. amountE4 * rate / 1e7 / FEN_E4 is fen. */
const RATE_TO_FEN = 1e9;

/** What an account has agreed with its broker, and what it knows better than the rule book. */
export interface FeeContract {
  readonly commissionRateE7: number;
  /** 1/10,000 yuan an order. */
  readonly commissionMinE4: number;
  /** false: the commission contains handling and regulatory fee 全佣; true: they come on top 净佣. */
  readonly commissionNet: boolean;
  /** Rates of shares instead of the rule book's; null = as the rule book says. */
  readonly stampDutyRateE7: number | null;
  readonly transferRateE7: number | null;
}

/** Rates of one account, instrument and day, in 1e-7 of the amount. */
export interface FeeSchedule {
  readonly commissionRateE7: number;
  /** 1/10,000 yuan an order. */
  readonly commissionMinE4: number;
  /** Sells only (财政部、税务总局公告2023年第39号: 0.05 % from 2023-08-28, 0.1 % before). */
  readonly stampDutyRateE7: number;
  /** Both sides (0.001 % from 2022-04-29, 0.002 % before). */
  readonly transferRateE7: number;
  /** Both sides; 0 where the commission contains them. */
  readonly handlingRateE7: number;
  readonly regulatoryRateE7: number;
}

/** Fees in 1/10,000 yuan of an order that has traded `amountE4` so far; 0 for no trade. */
export function orderFeesE4(fees: FeeSchedule, side: number, amountE4: number): number {
  if (amountE4 <= 0) return 0;
  const commission = rateOfE4(amountE4, fees.commissionRateE7);
  let total = commission < fees.commissionMinE4 ? fees.commissionMinE4 : commission;
  if (side === SIDE_SELL) total += rateOfE4(amountE4, fees.stampDutyRateE7);
  total += rateOfE4(amountE4, fees.handlingRateE7) + rateOfE4(amountE4, fees.regulatoryRateE7);
  return total + rateOfE4(amountE4, fees.transferRateE7);
}

/**
 * Cash in 1/10,000 yuan an open buy must hold back for `leavesAmountE4` still open when
 * `filledAmountE4` has traded and been charged: the rest, and the fees it can still cause.
 */
export function buyReserveE4(
  fees: FeeSchedule,
  side: number,
  filledAmountE4: number,
  leavesAmountE4: number,
): number {
  if (leavesAmountE4 <= 0) return 0;
  const all = orderFeesE4(fees, side, filledAmountE4 + leavesAmountE4);
  return leavesAmountE4 + all - orderFeesE4(fees, side, filledAmountE4);
}

/** `amountE4` times a rate in 1e-7, rounded half up to the fen; exact below 9e15 in parts. */
export function rateOfE4(amountE4: number, rateE7: number): number {
  const whole = Math.floor(amountE4 / RATE_TO_FEN);
  const part = amountE4 - whole * RATE_TO_FEN;
  return (whole * rateE7 + Math.floor((part * rateE7 + RATE_TO_FEN / 2) / RATE_TO_FEN)) * FEN_E4;
}
