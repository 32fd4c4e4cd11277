// The setups that the backtest and tick-to-order benches run: one account, one strategy, the
// simulated exchange, on the synthetic day or on recorded files. Called by the benches and by the
// allocation tests. Always: the same arguments give the same setup, and so the same state hash.

import { fileURLToPath } from 'node:url';
import {
  DEFAULT_CASH_E4,
  DEFAULT_DAY,
  DEFAULT_FEES,
  DEFAULT_SEED,
} from '../engine/backtest/defaults.ts';
import { fileFacts, type MarketFacts, syntheticFacts } from '../engine/backtest/market-facts.ts';
import {
  LIMIT_QUOTE_AGE,
  LIMIT_UNITS,
  LIMIT_VOLUME_FLOOR,
  LIMITS,
} from '../engine/core/risk/limit-table.ts';
import {
  ENTRY_LIMIT,
  fillRules,
  type RuleEntries,
  type RuleEntry,
} from '../engine/core/risk/rule-entry.ts';
import { RuleSet } from '../engine/core/risk/rule-set.ts';
import type { EngineSetup, FileSource, SyntheticSource } from '../engine/host/setup.ts';
import { defaultLimits, type RuleNames, rulesOf } from '../engine/risk-limits.ts';
import { feeSchedules } from '../engine/rules/fee-dates.ts';
import { builtInBook } from '../engine/rules/rule-book.ts';

/** Base shares (底仓), so that the strategies can sell from the first minute (T+1). */
const BASE_QTY = 10_000;

/** Absolute path of a file of this repository, given from its root. */
export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** A synthetic day of one instrument, 100.00 yuan, about `eventsPerSecond` events a second. */
export function syntheticSetup(file: string, eventsPerSecond: number): EngineSetup {
  const source: SyntheticSource = {
    kind: 'synthetic',
    seed: DEFAULT_SEED,
    instruments: [{ symbol: '600000.SH', preCloseE4: 100_000, volatility: 0.02, eventsPerSecond }],
  };
  const facts = syntheticFacts(source.seed, DEFAULT_DAY, source.instruments, builtInBook());
  return setupOf(file, source, facts);
}

/** A recorded day; throws MarketDataError or CsvRowError. */
export async function recordedSetup(
  file: string,
  path: string,
  symbol: string,
): Promise<EngineSetup> {
  const source: FileSource = {
    kind: 'files',
    path,
    instruments: [symbol],
    day: 0,
    skipBadRows: false,
    rules: [],
  };
  return setupOf(file, source, await fileFacts(source, builtInBook(), new Map(), null));
}

function setupOf(
  file: string,
  source: FileSource | SyntheticSource,
  facts: MarketFacts,
): EngineSetup {
  return {
    engineVersion: 'bench',
    name: 'bench',
    day: facts.day,
    pace: 'lockstep',
    speed: 1,
    instruments: facts.instruments,
    kernelRules: facts.kernelRules,
    windows: facts.windows,
    quota: facts.quota,
    fullStream: facts.fullStream,
    contiguous: facts.contiguous,
    accounts: [
      {
        id: 'bench',
        cashE4: DEFAULT_CASH_E4,
        positions: [{ instrument: 0, qty: BASE_QTY, costE4: facts.firstPricesE4[0] }],
        fees: feeSchedules(DEFAULT_FEES, builtInBook().on(facts.day), facts.instruments),
        journalDir: '',
      },
    ],
    strategies: [{ name: 'bench', file, account: 0, own: [0], params: {}, cancelOnFailure: true }],
    risk: rulesOf(defaultLimits(), {
      accounts: ['bench'],
      strategies: ['bench'],
      symbols: facts.instruments.map((i) => i.symbol),
    }),
    source,
    gateway: 'sim',
    flush: 'none',
    segmentBytes: 0,
    recording: false,
    epochs: [1],
    skipUntilNs: 0,
    ringScale: 1,
  };
}

/**
 * Every rule asked and none broken: what an order costs under a full rule set. Switches and windows
 * that would refuse the bench's own orders stay off; so does the age of quotes where `freshBooks`
 * is false: a market source whose books count as stale.
 */
export function wideRules(names: RuleNames, freshBooks = true): RuleEntries {
  const { accounts, strategies, symbols } = names;
  const entries: RuleEntry[] = [];
  for (const [letter, from, count] of [
    ['f', 0, 1],
    ['a', 1, accounts.length],
    ['s', 1 + accounts.length, strategies.length],
  ] as const) {
    for (const { slot, scopes, unit, off, max } of LIMITS) {
      if (!scopes.includes(letter) || unit === 'switch') continue;
      if (slot === LIMIT_QUOTE_AGE && !freshBooks) continue;
      const wide = off === Number.POSITIVE_INFINITY || slot === LIMIT_VOLUME_FLOOR;
      const value = wide ? max * 10_000 : slot === LIMIT_UNITS ? 1 : 0;
      for (let n = 0; n < count; n++) entries.push([ENTRY_LIMIT, from + n, slot, value]);
    }
  }
  const sizes = {
    accounts: accounts.length,
    strategies: strategies.length,
    instruments: symbols.length,
  };
  return { hash: fillRules(new RuleSet(sizes), entries), entries };
}
