// Asking a quote bridge over a socket: who may, what it says, and what the engine makes of limit
// prices that are missing, stale or of another day.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MarketClock } from '../../../engine/host/market-clock.ts';
import { type QuoteFacts, quoteFacts } from '../../../engine/host/quote-facts.ts';
import { Calendar } from '../../../engine/rules/calendar.ts';
import type { InstrumentFacts } from '../../../engine/rules/make-instrument.ts';
import { builtInBook, type RuleBook } from '../../../engine/rules/rule-book.ts';
import { askQuotes } from '../../../gateways/bridge/quotes/market.ts';
import { QuoteServer, type QuoteServerOptions } from '../../support/qmt/quote-server.ts';
import { at, DAY } from './desk-kit.ts';

const SECRET = 'a-secret-of-these-tests';

async function serve(changes: Partial<QuoteServerOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-ask-'));
  const address = join(dir, 'q.sock');
  const secretFile = join(dir, 'secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  const server = new QuoteServer({
    ...{ address, secret: SECRET, day: DAY, quotes: [], startNs: at(9, 31), speed: 1 },
    details: [],
    ...changes,
  });
  await server.listen();
  onTestFinished(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { server, where: { address, secretFile } };
}

const GOOD = {
  ...{ symbol: '600001.SH', preCloseE4: 125_000, upperLimitE4: 137_500 },
  ...{ lowerLimitE4: 112_500, tickE4: 100, name: '样本' },
};

async function factsOf(
  details: QuoteServerOptions['details'],
  symbols = details.map(({ symbol }) => symbol!),
  given: ReadonlyMap<string, InstrumentFacts> = new Map(),
): Promise<QuoteFacts> {
  const { where } = await serve({ details });
  return quoteFacts(where, symbols, builtInBook(), given, null);
}

test('the bridge says its day, clock and what it knows; unknown codes are missing', async () => {
  const { where } = await serve({ details: [GOOD], speed: 5 });
  const answer = await askQuotes(where, ['600001.SH', '600009.SH'], 5_000);
  expect(answer).toMatchObject({ day: DAY, isRehearsal: true, about: 'the test server' });
  expect(answer.details.map(({ state }) => state)).toEqual(['ok', 'missing']);
  const clock = new MarketClock(answer.clock);
  expect(clock.day()).toBe(DAY);
  expect(clock.nowNs(DAY)).toBeGreaterThanOrEqual(at(9, 31));
  expect(clock.nowNs(DAY)).toBeLessThan(at(9, 35));
});

test('a wrong secret, nobody there, an address that is none: told apart', async () => {
  const { where } = await serve({ secret: 'another-secret-altogether' });
  await expect(askQuotes(where, [], 5_000)).rejects.toThrow(/wrong secret/);
  const nobody = { ...where, address: `${where.address}.none` };
  await expect(askQuotes(nobody, [], 5_000)).rejects.toThrow(/ENOENT/);
  const none = { ...where, address: 'tcp:nowhere' };
  expect(() => askQuotes(none, [], 5_000)).toThrow(/expected 'tcp:HOST:PORT'/);
});

test('a bridge of now whose clock is of another day is refused', async () => {
  const { where } = await serve({ rehearsal: false });
  await expect(askQuotes(where, [], 5_000)).rejects.toThrow(/another day .*set the clocks/);
});

test('an instrument with limits of today trades by them, and keeps the name it has', async () => {
  const { instruments, barred, warnings } = await factsOf([GOOD]);
  expect(instruments[0]).toMatchObject({
    ...{ symbol: '600001.SH', name: '样本', preCloseE4: 125_000 },
    ...{ upperLimitE4: 137_500, lowerLimitE4: 112_500 },
  });
  expect(barred).toEqual([]);
  expect(warnings).toEqual(['a rehearsal, not the market: the test server']);
});

test.each([
  ['a code the client does not know', null, /missing: the broker's client does not know it/],
  ['no previous close', { preCloseE4: 0 }, /gives no previous close/],
  ['no quote of today', { quoteDay: 20251231 }, /last quote is of 20251231/],
  ['no quote at all', { quoteDay: 0 }, /no quote at all/],
  ['yesterday’s details', { quotePreCloseE4: 126_000 }, /stale: .* 12.50, quote 12.60/],
  ['no limit prices', { upperLimitE4: 0, lowerLimitE4: 0 }, /no limit prices/],
  ['limits that are none', { upperLimitE4: 99_990_000 }, /no limit prices/],
  ['limits not around the close', { lowerLimitE4: 126_000 }, /no limit prices/],
])('%s: not traded today, by name, and everything else is', async (_, change, why) => {
  const other = { ...GOOD, symbol: '600002.SH' };
  const one = change === null ? [] : [{ ...GOOD, ...change }];
  const facts = await factsOf([other, ...one], ['600002.SH', '600001.SH']);
  expect(facts.barred).toEqual([1]);
  const line = facts.warnings.find((text) => text.startsWith('600001.SH is not traded today'));
  expect(line).toMatch(why);
});

test('limits unlike the rules are used, and told; the name tells a risk warning', async () => {
  const odd = { ...GOOD, upperLimitE4: 131_300, lowerLimitE4: 118_800, name: '*ST样本' };
  const { instruments, barred } = await factsOf([odd]);
  expect(instruments[0]).toMatchObject({ state: 'risk-warning', upperLimitE4: 131_300 });
  expect(barred).toEqual([]);
  const plain = await factsOf([{ ...odd, name: '样本' }]);
  expect(plain.warnings.join()).toMatch(/600001.SH: .*13\.13/);
});

test('an index is followed and needs no limits', async () => {
  const index = { symbol: '000001.SH', preCloseE4: 31_000_000, quoteDay: 20251231 };
  const { instruments, barred } = await factsOf([index]);
  expect(instruments[0]!.kind).toBe('index');
  expect(barred).toEqual([]);
});

test('before the opening call the engine waits for the proof, and says so', async () => {
  const { server, where } = await serve({ details: [GOOD], startNs: at(9, 10), speed: 50 });
  server.changed.set('600001.SH', { quoteDay: 20251231 });
  const told: string[] = [];
  const facts = quoteFacts(where, ['600001.SH'], builtInBook(), new Map(), (_, text) => {
    told.push(text);
    server.changed.delete('600001.SH');
  });
  expect((await facts).barred).toEqual([]);
  expect(told).toEqual(['waiting for limit prices of today: 1 of 1 are not proven yet']);
});

test('a rehearsal may play any day; live trading begins on a trading day only', async () => {
  const { where } = await serve({ details: [GOOD], day: 20260104 });
  const facts = await quoteFacts(where, ['600001.SH'], builtInBook(), new Map(), null);
  expect(facts.warnings[0]).toMatch(/2026-01-04 is not a trading day/);
  const today = new MarketClock().day();
  const span = { from: today, to: today, closed: [today], source: 'this test' };
  const calendar = new Calendar([[{ ...span, confidence: 'A' }]]);
  const on = (day: number) => builtInBook().on(day);
  const book = { calendar, on } as unknown as RuleBook;
  const now = await serve({ details: [GOOD], day: today, rehearsal: false });
  const live = quoteFacts(now.where, ['600001.SH'], book, new Map(), null);
  await expect(live).rejects.toThrow(/is not a trading day/);
});
