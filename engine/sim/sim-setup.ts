// The engine a run simulates: accounts, strategies, instruments, limits and journal policy, drawn
// from the seed. Called by the world once a run. Invariant: only what an operator could configure
// varies here; faults are elsewhere.
import { fileURLToPath } from 'node:url';
import { DEFAULT_DAY, DEFAULT_FEES } from '../backtest/defaults.ts';
import type { Instrument } from '../core/instrument.ts';
import type { LinkOptions } from '../core/link-options.ts';
import {
  LIMIT_ORDER_AMOUNT,
  LIMIT_ORDERS_PER_SECOND,
  LIMIT_POSITION_QTY,
  LIMIT_PRICE_DEVIATION,
} from '../core/risk/limit-table.ts';
import {
  ENTRY_LIMIT,
  fillRules,
  type RuleEntries,
  type RuleEntry,
} from '../core/risk/rule-entry.ts';
import { accountRow, RuleSet } from '../core/risk/rule-set.ts';
import type { EngineSetup, SetupAccount, SetupStrategy } from '../host/setup.ts';
import type { FlushPolicy } from '../journal/writer.ts';
import { feeSchedules } from '../rules/fee-dates.ts';
import { recordOf } from '../rules/kernel-rules.ts';
import { makeInstrument } from '../rules/make-instrument.ts';
import { builtInBook } from '../rules/rule-book.ts';
import type { Random } from './random.ts';

const SCRIPT = fileURLToPath(new URL('./scripted-strategy.ts', import.meta.url));
/** Main board, ChiNext, STAR (T+1) and a gold fund (T+0). */
const SYMBOLS: readonly (readonly [symbol: string, preCloseE4: number])[] = [
  ['600000.SH', 100_000],
  ['300750.SZ', 400_000],
  ['688981.SH', 200_000],
  ['518880.SH', 40_000],
];

const RULES = builtInBook().on(DEFAULT_DAY);
export const INSTRUMENTS: readonly Instrument[] = SYMBOLS.map(([symbol, preCloseE4], i) => {
  return makeInstrument(RULES, i, symbol, { preCloseE4 });
});
const KERNEL_RULES = INSTRUMENTS.map((instrument) =>
  recordOf(RULES, instrument, { preCloseE4: instrument.preCloseE4 }, 'backtest'),
);
const FEES = feeSchedules(DEFAULT_FEES, RULES, INSTRUMENTS);

/** Orders one account may make in a run, far above what scripts ask for. */
const ORDERS_MAX = 1_024;
const SEGMENT_KIB = [8, 16, 32, 64];

/** What stays the same over all lives of a run; epochs and budgets change per life. */
export function drawSetup(random: Random, link: LinkOptions, withPowerCuts: boolean): EngineSetup {
  const accountCount = random.chance(0.3) ? 2 : 1;
  const policy: FlushPolicy = withPowerCuts ? 'before-send' : random.pick(['group', 'before-send']);
  const accounts = Array.from({ length: accountCount }, (_, a) => drawAccount(random, a, link));
  const strategies: SetupStrategy[] = [];
  for (let a = 0; a < accountCount; a++) {
    for (let n = random.between(1, 2); n > 0; n--) strategies.push(strategyOf(a, strategies));
  }
  return {
    ...{ engineVersion: 'sim', name: 'sim', day: DEFAULT_DAY, pace: 'realtime', speed: 1 },
    instruments: INSTRUMENTS,
    kernelRules: KERNEL_RULES,
    windows: INSTRUMENTS.map((i) => ({ lowE4: i.lowerLimitE4, highE4: i.upperLimitE4 })),
    ...{ quota: 4, fullStream: true, contiguous: false, accounts, strategies },
    risk: drawLimits(random, accountCount, strategies.length),
    source: { kind: 'synthetic', seed: 1, instruments: [] },
    ...{ gateway: 'sim', flush: policy, segmentBytes: 1_024 * random.pick(SEGMENT_KIB) },
    ...{ recording: false, epochs: accounts.map(() => 1), skipUntilNs: 0, ringScale: 1 },
    ordersMax: ORDERS_MAX,
  };
}

/** The same limits for each account. */
function drawLimits(random: Random, accounts: number, strategies: number): RuleEntries {
  const limits: [slot: number, value: number][] = [];
  if (random.chance(0.3)) limits.push([LIMIT_ORDER_AMOUNT, 500_000_000]);
  if (random.chance(0.3)) limits.push([LIMIT_POSITION_QTY, 8_000]);
  const perSecond = random.pick([0, 5, 20, 100]);
  if (perSecond > 0) limits.push([LIMIT_ORDERS_PER_SECOND, perSecond]);
  if (random.chance(0.3)) limits.push([LIMIT_PRICE_DEVIATION, 0.05]);
  const entries = Array.from({ length: accounts }, (_, a) =>
    limits.map(([slot, value]): RuleEntry => [ENTRY_LIMIT, accountRow(a), slot, value]),
  ).flat();
  const sizes = { accounts, strategies, instruments: INSTRUMENTS.length };
  return { hash: fillRules(new RuleSet(sizes), entries), entries };
}

function drawAccount(random: Random, index: number, link: LinkOptions): SetupAccount {
  const positions = INSTRUMENTS.map((_, instrument) => ({
    instrument,
    qty: 100 * random.below(60),
    costE4: 100_000,
  })).filter((position) => position.qty > 0);
  const cashE4 = 10_000 * random.between(50_000, 2_000_000);
  const id = `sim-${index}`;
  return { id, cashE4, positions, fees: FEES, journalDir: id, link };
}

function strategyOf(account: number, before: readonly SetupStrategy[]): SetupStrategy {
  return {
    name: `script-${before.length}`,
    file: SCRIPT,
    account,
    own: INSTRUMENTS.map((_, i) => i),
    params: {},
    cancelOnFailure: true,
  };
}
