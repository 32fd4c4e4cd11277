// The whole path in one thread: the same run gives the same hash, and the books balance at the end.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BacktestResult, runBacktest } from '../../../engine/backtest/runner.ts';
import { accountValueE4 } from '../../../engine/core/account.ts';
import { isOpen } from '../../../engine/core/order.ts';
import { LIMIT_ORDER_AMOUNT } from '../../../engine/core/risk/limit-table.ts';
import { ENTRY_LIMIT } from '../../../engine/core/risk/rule-entry.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { SIDE_BUY } from '../../../engine/messages/codes.ts';
import { Fill, OrderUpdate, Reject } from '../../../engine/messages/generated/order.ts';
import { readFrame, type Shown } from '../../support/actor-harness.ts';
import { EXAMPLES, makeSetup, type SetupOptions } from '../../support/make-setup.ts';

const OWN = join(import.meta.dirname, 'strategies');
const BOTH_WAYS = { file: join(OWN, 'both-ways.ts'), params: { every: 20 } };
const THROWER = { file: join(OWN, 'thrower.ts') };

interface Run {
  readonly result: BacktestResult;
  readonly events: Shown[];
  readonly setup: EngineSetup;
}

async function run(options: SetupOptions = {}): Promise<Run> {
  const setup = makeSetup({ strategies: [BOTH_WAYS], ...options });
  const events: Shown[] = [];
  const result = await runBacktest(setup, {
    events: { onFrame: (_type, memory, at) => void events.push(readFrame(memory, at)) },
    types: new Set([Fill.TYPE, Reject.TYPE, OrderUpdate.TYPE]),
  });
  return { result, events, setup };
}

function fillsOf({ events }: Run): Shown[] {
  return events.filter((event) => event.type === 'Fill');
}

describe('a backtest', () => {
  test('run twice gives the same hash, fills and events', async () => {
    const [first, second] = [await run(), await run()];
    expect(fillsOf(first).length).toBeGreaterThan(50);
    expect(second.result.stateHash).toBe(first.result.stateHash);
    expect(second.events).toEqual(first.events);
    expect(second.result.events).toBe(first.result.events);
    // The synthetic stream is published in full: the feed matches it too, own orders among them.
    const { feed, exchange } = first.result.actors;
    expect([feed!.trust.problems(), exchange!.problems()]).toEqual([[], []]);
    expect(exchange!.divergence!()[0]!.ownTrades).toBeGreaterThan(50);
  });

  test('of another seed or another parameter gives another hash', async () => {
    const hashes = new Set<string>();
    for (const options of [{}, { seed: 2 }, { strategies: [{ ...BOTH_WAYS, params: {} }] }]) {
      hashes.add((await run(options)).result.stateHash);
    }
    expect(hashes.size).toBe(3);
  });

  test('gives the same through rings of any size', async () => {
    const { result } = await run();
    for (const ringScale of [4, 8, 16, 128]) {
      const small = await run({ ringScale });
      expect(small.result.stateHash, `ringScale=${ringScale}`).toBe(result.stateHash);
    }
  });

  test('leaves no order open and no cash or share held back', async () => {
    const { account } = (await run()).result.accounts[0]!;
    const open = Array.from(account.orders.status.subarray(0, account.orders.count)).filter(isOpen);
    expect([open, account.openOrders, account.cash.reservedE4]).toEqual([[], 0, 0]);
    expect([account.positions.frozen[0], account.positions.openBuy[0]]).toEqual([0, 0]);
    expect([account.invalidEvents, account.lateFills, account.overfills]).toEqual([0, 0, 0]);
  });

  test('ends with cash, shares and fees that the fills alone explain', async () => {
    const one = await run({ symbols: ['600000.SH', '000001.SZ'] });
    const { account } = one.result.accounts[0]!;
    let cash = 10_000_000_000;
    const qty = [10_000, 10_000];
    let fees = 0;
    for (const fill of fillsOf(one)) {
      const sign = fill.side === SIDE_BUY ? 1 : -1;
      qty[fill.instrument!]! += sign * fill.qty!;
      cash -= sign * fill.priceE4! * fill.qty! + fill.feeE4!;
      fees += fill.feeE4!;
    }
    expect(account.cash.cashE4).toBe(cash);
    expect(account.cash.feesE4).toBe(fees);
    expect([...account.positions.qty]).toEqual(qty);
    const value = qty.reduce((sum, n, i) => sum + n * account.positions.lastE4[i]!, 0);
    expect(accountValueE4(account)).toBe(value);
  });

  test('sells nothing that was bought on the same day', async () => {
    const one = await run({ accounts: [{ positions: [] }] });
    const fills = fillsOf(one);
    expect(fills.length).toBeGreaterThan(5);
    expect(fills.every((fill) => fill.side === SIDE_BUY)).toBe(true);
  });

  test('stops a strategy that throws and goes on with the others', async () => {
    // At the touch nobody's order changes the market that the others see.
    const alone = await run({ world: 'touch' });
    const both = await run({
      world: 'touch',
      accounts: [{}, {}],
      strategies: [BOTH_WAYS, { ...THROWER, account: 1 }],
    });
    expect(both.result.strategyFailures).toMatchObject([{ name: 'strategy-1' }]);
    const orders = both.result.accounts[1]!.account.orders;
    expect([orders.count, isOpen(orders.status[0]!)]).toEqual([1, false]);
    const mine = fillsOf(both).filter((fill) => fill.account === 0);
    expect(mine.map((f) => [f.eventNs, f.qty])).toEqual(
      fillsOf(alone).map((f) => [f.eventNs, f.qty]),
    );
  });

  test('keeps two accounts apart: numbers, fills and money', async () => {
    const quoter = { file: join(EXAMPLES, 'passive-quoter.ts'), account: 1 };
    const one = await run({ accounts: [{}, {}], strategies: [BOTH_WAYS, quoter] });
    for (const [a, { account }] of one.result.accounts.entries()) {
      const own = fillsOf(one).filter((fill) => fill.account === a);
      expect(own.length).toBeGreaterThan(5);
      expect(new Set(own.map((fill) => fill.strategy))).toEqual(new Set([a]));
      const amount = own.reduce(
        (sum, f) => sum + (f.side === SIDE_BUY ? -1 : 1) * f.qty! * f.priceE4! - f.feeE4!,
        0,
      );
      expect(account.cash.cashE4).toBe(10_000_000_000 + amount);
      expect([...account.orders.idA.subarray(0, 1)].map((idA) => idA >>> 24)).toEqual([a]);
    }
  });

  test('counts refusals of risk like any other refusal', async () => {
    const one = await run({
      risk: { hash: 0, entries: [[ENTRY_LIMIT, 1, LIMIT_ORDER_AMOUNT, 3_500_000]] },
    });
    const codes = new Set(one.events.flatMap((e) => (e.type === 'Reject' ? [e.code] : [])));
    expect(codes).toContain(301);
    expect(fillsOf(one).every((fill) => fill.qty! * fill.priceE4! <= 3_500_000)).toBe(true);
  });
});
