// What holds when nobody says otherwise: the same for a configuration file
// (engine/config-schema.ts) and for the backtest command, so that both worlds start alike.
// Imported, never changed. Always: units as everywhere inside the engine; frozen.
import type { FeeContract } from '../core/fees.ts';

/** Trading day of the synthetic market, a Monday. */
export const DEFAULT_DAY = 20260105;
/** Seed of the synthetic market. */
export const DEFAULT_SEED = 1;
/** Instruments of the synthetic market that say nothing else. */
export const DEFAULT_PRE_CLOSE_E4 = 100_000;
export const DEFAULT_VOLATILITY = 0.02;
export const DEFAULT_EVENTS_PER_SECOND = 20;
/** One million yuan. */
export const DEFAULT_CASH_E4 = 10_000_000_000;

/** Commission 0.025 % all in, at least 5 yuan; what the state takes comes from the rule book. */
export const DEFAULT_FEES: FeeContract = Object.freeze({
  commissionRateE7: 2_500,
  commissionMinE4: 50_000,
  commissionNet: false,
  stampDutyRateE7: null,
  transferRateE7: null,
});
