// The fees of an account as people write them: the `fees` section of a configuration, also in a
// file of its own (`pankou backtest --fees FILE`). Called by engine/config.ts and the backtest
// command. Always: an unknown key or a value out of range is a ConfigError with its line.
import { ConfigError, problemsOf, type SchemaIssue } from './config-problems.ts';
import { type FeesSection, feesSection } from './config-schema.ts';
import { parseJson, placed, readJsonText } from './config-text.ts';
import type { FeeContract } from './core/fees.ts';

/** Rates of the schema as a contract; null = the rule book's. */
export function feeContract(fees: FeesSection): FeeContract {
  return {
    commissionRateE7: fees.commissionRate,
    commissionMinE4: fees.commissionMin,
    commissionNet: fees.commissionNet,
    stampDutyRateE7: fees.stampDutyRate ?? null,
    transferRateE7: fees.transferRate ?? null,
  };
}

/** A file with `{ "commissionRate": 0.00025, "commissionMin": 5, ... }`. Throws ConfigError. */
export function readFees(path: string): FeeContract {
  const source = parseJson(readJsonText(path, 'fees', 'docs/BACKTEST.md'), path, 'fees');
  const parsed = feesSection.safeParse(source.raw);
  const problems = [
    ...source.doubles,
    ...(parsed.success ? [] : problemsOf(parsed.error.issues as SchemaIssue[], source.raw)),
  ];
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(path, placed(problems, source));
  }
  return feeContract(parsed.data);
}
