// The setups that the backtest and tick-to-order benches run: one account, one strategy, the
// simulated exchange, on the synthetic day or on recorded files. Called by the benches and by the
// allocation tests. Always: the same arguments give the same setup, and so the same state hash.
import { fileURLToPath } from 'node:url';
import {
  DEFAULT_CASH_E4,
  DEFAULT_DAY,
  DEFAULT_FEES,
  DEFAULT_RISK,
  DEFAULT_SEED,
} from '../engine/backtest/defaults.ts';
import { fileFacts, type MarketFacts, syntheticFacts } from '../engine/backtest/market-facts.ts';
import type { EngineSetup, FileSource, SyntheticSource } from '../engine/host/setup.ts';
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
    risk: DEFAULT_RISK,
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
