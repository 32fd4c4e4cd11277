// A recorded day of the exchange through the whole path: the same hash every time.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileFacts } from '../../../engine/backtest/market-facts.ts';
import { RunCollector } from '../../../engine/backtest/run-collector.ts';
import { runBacktest } from '../../../engine/backtest/runner.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { Fill } from '../../../engine/messages/generated/order.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { makeSetup } from '../../support/make-setup.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';

const BOTH_WAYS = join(import.meta.dirname, 'strategies/both-ways.ts');

describe.skipIf(!hasRealData)('a recorded day of 600536 (skipped: no ../shared/data)', () => {
  test('gives the same hash twice', async () => {
    const path = join(REAL_DATA, 'l2-sse-20230711');
    const source = { path, instruments: ['600536.SH'], day: 0, skipBadRows: false, rules: [] };
    const facts = await fileFacts(source, builtInBook(), new Map(), null);
    const draft = makeSetup({ strategies: [{ file: BOTH_WAYS, params: { every: 500 } }] });
    const { windows, quota, instruments, kernelRules, fullStream, contiguous, day } = facts;
    const setup: EngineSetup = {
      ...{ ...draft, windows, quota, instruments, kernelRules, fullStream, contiguous, day },
      source: { kind: 'files', ...source },
    };
    const hashes: string[] = [];
    for (let n = 0; n < 2; n++) {
      const collector = new RunCollector(setup);
      const hooks = { events: collector, types: new Set([Fill.TYPE]) };
      const result = await runBacktest(setup, hooks);
      expect(result.strategyFailures).toEqual([]);
      // The feed follows what is published with own orders in it, trade by trade.
      expect(result.actors.feed?.trust.problems()).toEqual([]);
      expect(result.actors.exchange?.problems()).toEqual([]);
      expect(result.actors.exchange?.divergence?.()[0]?.ownTrades).toBeGreaterThan(10);
      expect(collector.fills.length).toBeGreaterThan(10);
      hashes.push(`${result.stateHash} ${result.events} ${collector.fills.length}`);
    }
    expect(hashes[1]).toBe(hashes[0]);
  }, 60_000);
});
