// A whole engine's setup over the synthetic market, with everything a test does not care about
// filled in. Used by tests that run the whole path.
// Always: the same options give the same setup.
import { join } from 'node:path';
import { DEFAULT_DAY, DEFAULT_FEES } from '../../engine/backtest/defaults.ts';
import { syntheticFacts } from '../../engine/backtest/market-facts.ts';
import { NO_RULES } from '../../engine/core/risk/rule-entry.ts';
import type { EngineSetup, SetupAccount, SetupStrategy } from '../../engine/host/setup.ts';
import { feeSchedules } from '../../engine/rules/fee-dates.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';

const ROOT = join(import.meta.dirname, '../..');
export const EXAMPLES = join(ROOT, 'examples/strategies');

export interface SetupOptions {
  readonly seed?: number;
  readonly symbols?: readonly string[];
  /** Market events of one instrument and second. */
  readonly eventsPerSecond?: number;
  readonly accounts?: readonly Partial<SetupAccount>[];
  readonly strategies?: readonly (Partial<SetupStrategy> & { readonly file: string })[];
  readonly ringScale?: number;
  readonly risk?: EngineSetup['risk'];
  readonly world?: 'orders' | 'touch';
}

/** One account with a million yuan and 10,000 base shares of each instrument unless said. */
export function makeSetup(options: SetupOptions = {}): EngineSetup {
  const symbols = options.symbols ?? ['600000.SH'];
  const wishes = symbols.map((symbol) => ({
    symbol,
    preCloseE4: 100_000,
    volatility: 0.03,
    eventsPerSecond: options.eventsPerSecond ?? 1,
  }));
  const seed = options.seed ?? 1;
  const facts = syntheticFacts(seed, DEFAULT_DAY, wishes, builtInBook());
  const base = symbols.map((_, instrument) => ({ instrument, qty: 10_000, costE4: 100_000 }));
  const strategies = options.strategies ?? [{ file: join(EXAMPLES, 'passive-quoter.ts') }];
  const fees = feeSchedules(DEFAULT_FEES, builtInBook().on(DEFAULT_DAY), facts.instruments);
  const { windows, quota, instruments, kernelRules, fullStream, contiguous } = facts;
  return {
    ...{ engineVersion: 'test', name: 'test', day: DEFAULT_DAY, pace: 'lockstep', speed: 1 },
    ...{ instruments, kernelRules, windows, quota, fullStream, contiguous },
    accounts: (options.accounts ?? [{}]).map((account, a) => ({
      ...{ id: `account-${a}`, cashE4: 10_000_000_000, positions: base, fees },
      ...{ journalDir: '', ...account },
    })),
    strategies: strategies.map((strategy, s) => ({
      ...{ name: `strategy-${s}`, account: 0, own: symbols.map((_, i) => i), params: {} },
      ...{ cancelOnFailure: true, ...strategy },
    })),
    risk: options.risk ?? NO_RULES,
    source: { kind: 'synthetic', seed, instruments: wishes },
    ...{ gateway: 'sim', flush: 'none', segmentBytes: 0, recording: false },
    epochs: (options.accounts ?? [{}]).map(() => 1),
    skipUntilNs: 0,
    ringScale: options.ringScale ?? 1,
    ...(options.world === undefined ? {} : { world: options.world }),
  };
}
