// Price windows, clock texts and what a backtest leaves on disk.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { syntheticFacts } from '../../../engine/backtest/market-facts.ts';
import { windowsOfLimits, windowsOfTape } from '../../../engine/backtest/price-window.ts';
import {
  clockText,
  makeReport,
  reportTable,
  warningLines,
  writeReport,
} from '../../../engine/backtest/report.ts';
import { RunCollector } from '../../../engine/backtest/run-collector.ts';
import { runBacktest } from '../../../engine/backtest/runner.ts';
import { Tape } from '../../../engine/backtest/tape.ts';
import { parseOrderId } from '../../../engine/core/order-id.ts';
import { KIND_LIMIT, MARKET_ADD, SIDE_BUY } from '../../../engine/messages/codes.ts';
import { MarketOrder, MarketTrade } from '../../../engine/messages/generated/market.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { makeInstrument } from '../../support/instruments.ts';
import { makeSetup } from '../../support/make-setup.ts';

function tapeOf(prices: readonly number[]): Tape {
  const tape = new Tape();
  for (const [n, priceE4] of prices.entries()) {
    const at = tape.claim(MarketOrder.BYTES);
    const order = new MarketOrder().begin(tape.tail, at);
    Object.assign(order, { action: MARKET_ADD, kind: KIND_LIMIT, side: SIDE_BUY, orderNo: n + 1 });
    Object.assign(order, { priceE4, qty: 100 });
    tape.commit();
  }
  const at = tape.claim(MarketTrade.BYTES);
  Object.assign(new MarketTrade().begin(tape.tail, at), { priceE4: 100_300, qty: 1, buyNo: 1 });
  tape.commit();
  return tape;
}

describe('a price window', () => {
  test('spans the limits where they are known, and what the tape shows beyond them', () => {
    const limited = makeInstrument(0, '600000.SH', { preCloseE4: 100_000 });
    const { windows } = windowsOfTape([limited], tapeOf([89_950, 100_000]));
    expect(windows).toEqual([{ lowE4: 89_900, highE4: 110_000 }]);
    expect(windowsOfLimits([limited], 5).windows).toEqual([{ lowE4: 90_000, highE4: 110_000 }]);
  });

  test('spans what the tape shows where no limit is known, on the tick', () => {
    const free = makeInstrument(0, '600000.SH');
    const found = windowsOfTape([free], tapeOf([99_950, 0, 120_010]));
    expect(found.windows).toEqual([{ lowE4: 99_900, highE4: 120_100 }]);
    expect(Array.from(found.firstTradesE4)).toEqual([100_300]);
    const [none] = windowsOfTape([free], new Tape()).windows;
    expect(none!.highE4).toBeGreaterThan(none!.lowE4);
  });
});

test('clock texts are those of the wall', () => {
  expect([0, 34_200e9, 53_999.999e9].map(clockText)).toEqual([
    '00:00:00.000',
    '09:30:00.000',
    '14:59:59.999',
  ]);
});

describe('a report', () => {
  test('says what the account says, and its CSV lists every fill', async () => {
    const setup = makeSetup();
    const wishes = setup.source.kind === 'synthetic' ? setup.source.instruments : [];
    const collector = new RunCollector(setup);
    const result = await runBacktest(setup, collector.hooks);
    const facts = syntheticFacts(1, setup.day, wishes, builtInBook());
    const report = makeReport(setup, facts, result, collector);
    const { cash, positions } = result.accounts[0]!.account;
    const held = positions.qty[0]! * positions.lastE4[0]!;
    expect(report.fills).toBeGreaterThan(5);
    expect(report.finalCash * 10_000).toBeCloseTo(cash.cashE4, 3);
    expect(report.finalEquity * 10_000).toBeCloseTo(cash.cashE4 + held, 3);
    expect(report.pnl).toBeCloseTo(report.finalEquity - 1_000_000 - 100_000, 4);
    const counted = Object.values(report.ordersByStatus).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(report.orders);

    const { performance, drawdown, trading, costs, notes } = report.metrics;
    expect(performance.totalReturn).toBeCloseTo(report.pnl / 1_100_000, 12);
    expect(performance).toMatchObject({ periods: 1, sharpe: null, annualReturn: null });
    expect(notes.map(({ en }) => en).join()).toMatch(/one trading day.*one daily return/);
    expect(collector.curve.equityE4).toBe(cash.cashE4 + held);
    expect(collector.curve.points.length).toBeGreaterThan(200);
    expect(drawdown.maxDrawdown).toBeGreaterThan(0);
    expect(trading).toMatchObject({ orders: report.orders, fills: report.fills });
    expect(trading.turnoverPerYear).toBeNull();
    const items = Object.values(costs.items!).reduce((sum, item) => sum + item, 0);
    expect([items, costs.feesE4]).toEqual([cash.feesE4, cash.feesE4]);
    expect(costs.slippageOfE4).toBe(trading.boughtE4 + trading.soldE4);
    expect(reportTable(report, ['out'])).toMatch(/max drawdown.*%[\s\S]*commission/);
    const [position] = report.positions;
    const many = {
      instruments: Array.from({ length: 3_000 }, (_, n) => `${600_000 + n}.SH`),
      positions: Array.from({ length: 1_500 }, (_, n) => ({ ...position!, qty: n, lastPrice: 2 })),
    };
    const shown = reportTable({ ...report, ...many }, []);
    expect(shown.split('\n').length).toBeLessThan(100);
    expect(shown).toMatch(/3,000 \(600000\.SH … 602999\.SH\)[\s\S]*1499 at /);
    expect(shown).toMatch(/1,488 more positions +│ 2,212,656 yuan/);

    const dir = mkdtempSync(join(tmpdir(), 'pankou-report-'));
    writeReport(dir, report, collector.fills);
    expect(readdirSync(dir).sort()).toEqual(['fills.csv', 'report.json']);
    expect(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'))).toEqual(report);
    const lines = readFileSync(join(dir, 'fills.csv'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(report.fills + 1);
    const columns = lines[0]!.split(',');
    const sum = (name: string) =>
      lines.slice(1).reduce((all, line) => all + Number(line.split(',')[columns.indexOf(name)]), 0);
    expect(sum('fee')).toBeCloseTo(report.fees, 4);
    expect(parseOrderId(lines[1]!.split(',')[columns.indexOf('orderId')]!)).toMatchObject({
      b: setup.day,
    });
  });
});

test('of thousands of warnings the first are told, and how many more there are', () => {
  const texts = Array.from({ length: 3_000 }, (_, n) => `${n}`);
  expect(warningLines(texts)).toEqual([
    ...texts.slice(0, 20),
    '2,980 more: report.json and --json have them all',
  ]);
  expect(warningLines(texts.slice(0, 21))).toEqual(texts.slice(0, 21));
});
