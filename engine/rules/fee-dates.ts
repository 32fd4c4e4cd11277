// Statutory rates by trading day: stamp duty and transfer fee. Commission is a contract and comes
// from the configuration. Called where a day's fee schedule is made. Rates in 1e-7 of the amount.
import type { FeeSchedule } from '../core/fees.ts';

interface DatedRate {
  /** First trading day it holds. */
  readonly from: number;
  readonly rateE7: number;
}

/** Sells only; 财政部、税务总局公告2023年第39号, before it 0.1 % since 2008-09-19. */
const STAMP_DUTY: readonly DatedRate[] = [
  { from: 20230828, rateE7: 5_000 },
  { from: 20080919, rateE7: 10_000 },
];
/** Both sides; ChinaClear, halved on 2022-04-29. */
const TRANSFER_FEE: readonly DatedRate[] = [
  { from: 20220429, rateE7: 100 },
  { from: 20150801, rateE7: 200 },
];

function rateOn(rates: readonly DatedRate[], day: number, otherwise: number): number {
  return rates.find((rate) => day >= rate.from)?.rateE7 ?? otherwise;
}

/** `base` with the statutory rates of `day`; days before the tables keep the base's rates. */
export function feesOn(base: FeeSchedule, day: number): FeeSchedule {
  return {
    ...base,
    stampDutyRateE7: rateOn(STAMP_DUTY, day, base.stampDutyRateE7),
    transferRateE7: rateOn(TRANSFER_FEE, day, base.transferRateE7),
  };
}
