// Orders and reports that take their time: written latencies are read, and a backtest with them
// trades later, the same way each time, and loses nothing. Run by vitest.
// Always: the whole engine runs over the synthetic market.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LatencyError, NO_DELAY, parseLatency } from '../../../engine/backtest/latency.ts';
import { runBacktest } from '../../../engine/backtest/runner.ts';
import { isOpen } from '../../../engine/core/order.ts';
import { Fill, Reject } from '../../../engine/messages/generated/order.ts';
import { readFrame, type Shown } from '../../support/actor-harness.ts';
import { makeSetup } from '../../support/make-setup.ts';

const FILE = join(import.meta.dirname, 'strategies/both-ways.ts');

async function run(latency?: string) {
  const setup = makeSetup({ strategies: [{ file: FILE, params: { every: 20 } }] });
  const fills: Shown[] = [];
  const result = await runBacktest(
    latency === undefined ? setup : { ...setup, latency: parseLatency(latency, measured) },
    {
      events: { onFrame: (_type, memory, at) => void fills.push(readFrame(memory, at)) },
      types: new Set([Fill.TYPE, Reject.TYPE]),
    },
  );
  return { result, fills: fills.filter((frame) => frame.type === 'Fill') };
}

const measured = (): string => 'ns,count\n100000,90\n5000000,10\n';

describe('latencies', () => {
  test('are read in their units, and from a file of measurements', () => {
    expect(parseLatency('order=1.5ms,feed=300us')).toEqual({
      ...{ feed: { ns: [300_000], counts: [1] }, order: { ns: [1_500_000], counts: [1] } },
      report: NO_DELAY,
    });
    expect(parseLatency('report=file:x.csv', measured).report).toEqual({
      ...{ ns: [100_000, 5_000_000], counts: [90, 10] },
    });
    expect(parseLatency('report=file:x.csv', () => '7\n9\n').report.ns).toEqual([7, 9]);
  });

  test.each([
    ['order=5', "latency 'order=5': expected a time such as 300us, 1.5ms, or file:PATH"],
    ['exchange=5us', "latency 'exchange=5us': expected feed=…, order=… or report=…"],
    ['order=61s', "latency 'order=61s': expected at most a minute"],
    ['order=file:/no/such/file', '/no/such/file: cannot be read'],
  ])('%s is refused', (text, message) => {
    expect(() => parseLatency(text)).toThrow(new LatencyError(message));
  });

  test('in a file name the line that is wrong', () => {
    expect(() => parseLatency('order=file:a.csv', () => '5\n-1\n')).toThrow('a.csv, line 2');
  });

  test('of nothing change nothing', async () => {
    const [plain, none] = [await run(), await run('order=0ns')];
    expect(none.result.stateHash).toBe(plain.result.stateHash);
    expect(none.fills.map((f) => f.eventNs)).toEqual(plain.fills.map((f) => f.eventNs));
  });

  test('move fills behind the decision, leave no order open, and repeat', async () => {
    const late = await run('feed=2s,order=3s,report=file:x.csv');
    const again = await run('feed=2s,order=3s,report=file:x.csv');
    expect(again.result.stateHash).toBe(late.result.stateHash);
    const { orders } = late.result.accounts[0]!.account;
    expect(orders.count).toBeGreaterThan(50);
    for (let slot = 0; slot < orders.count; slot++)
      expect(isOpen(orders.status[slot]!)).toBe(false);
    expect(late.fills.length).toBeGreaterThan(20);
    expect(late.result.actors.feed!.trust.problems()).toEqual([]);
    // The first order is made on a tick of plain runs; five seconds later it is at the exchange.
    const plain = await run();
    expect(late.fills[0]!.eventNs).toBeGreaterThanOrEqual(plain.fills[0]!.eventNs! + 5e9);
  });
});
