// `pankou run` over live quotes of a bridge with simulated fills: it trades, records, survives a
// kill, says what is wrong with link and limits, and a backtest over the recording decides the
// same. The day is played by a quote server of the tests, sixty times as fast.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { checkStore } from '../../engine/backtest/store/check.ts';
import { listStore } from '../../engine/backtest/store/list.ts';
import { ACTION_PLACE } from '../../engine/messages/codes.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';
import { drawnQuotes, QuoteServer, type TestQuote } from '../support/qmt/quote-server.ts';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  journalOf,
  NO_PROC,
  readSummary,
  STRATEGIES,
  startEngine,
  tempFolder,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const S = 1e9;
const at = (h: number, m: number, s = 0): number => ((h * 60 + m) * 60 + s) * S;
const DAY = 20260105;
const SECRET = 'a-secret-of-these-tests';
const SYMBOLS = ['600001.SH', '000003.SZ'];
const DETAIL = { preCloseE4: 125_000, upperLimitE4: 137_500, lowerLimitE4: 112_500, tickE4: 100 };
const EVERY_MS = 9_000;

afterEach(endAllEngines);

/** A morning from 9:29:40, one picture in three seconds. */
function quotesUntil(toNs: number): TestQuote[] {
  const fromNs = at(9, 29, 40);
  return drawnQuotes({ symbols: SYMBOLS, fromNs, toNs, stepNs: 3 * S, preCloseE4: 125_000 });
}

async function rehearse(until: string, toNs: number, speed: number) {
  const dir = tempFolder();
  const address = join(dir, 'q.sock');
  writeFileSync(join(dir, 'secret'), SECRET, { mode: 0o600 });
  const stale = { symbol: SYMBOLS[1]!, ...DETAIL, quotePreCloseE4: 126_000 };
  const details = [{ symbol: SYMBOLS[0]!, ...DETAIL }, stale];
  const server = new QuoteServer({
    ...{ address, secret: SECRET, day: DAY, details, quotes: quotesUntil(toNs) },
    ...{ startNs: at(9, 29), speed },
  });
  const config = {
    name: 'live',
    market: {
      ...{ source: 'bridge', address, secretFile: 'secret', instruments: SYMBOLS, until },
    },
    accounts: [
      { id: 'demo', cash: 1_000_000, positions: { '600001.SH': { qty: 20_000, cost: 12 } } },
    ],
    strategies: SYMBOLS.map((symbol) => ({
      ...{ name: `steady-${symbol}`, file: join(STRATEGIES, 'steady.ts'), account: 'demo' },
      ...{ instruments: [symbol], params: { everyMs: EVERY_MS, rest: false } },
    })),
    journal: { dir: 'run' },
    api: { port: 0 },
  };
  writeFileSync(join(dir, 'live.json'), JSON.stringify(config));
  onTestFinished(() => server.close());
  return { dir, server, config: join(dir, 'live.json'), store: join(dir, 'run', 'quotes') };
}

/** Side, price and shares of every order that went out. */
function sentOf(runDir: string): string[] {
  return journalOf(runDir)
    .filter(({ type }) => type === 'REQUEST')
    .map(({ fields }) => fields as { readonly [name: string]: number })
    .filter(({ action }) => action === ACTION_PLACE)
    .map(({ side, priceE4, qty }) => `${side} ${priceE4} ${qty}`);
}

describe.skipIf(NO_PROC !== '')(`live quotes, simulated fills ${NO_PROC}`, () => {
  test('trades and records, whatever the link does; a backtest decides the same', async () => {
    const { dir, server, config, store } = await rehearse('09:32', at(9, 31, 20), 60);
    const summary = join(dir, 'out.json');
    await server.listen();
    const run = startEngine([config, '--no-api', '--summary', summary]);
    await waitFor('half of it', () => server.nowNs() > at(9, 30, 40) || run.ended);
    server.drop();
    expect(await run.exit, run.text).toBe(0);
    expect(run.text).toContain('connected to the test server');
    expect(run.text).toContain('a rehearsal, not the market');
    expect(run.text).toMatch(/connection lost: .*trying again/);
    expect(run.text).toContain('000003.SZ is not traded today: stale: previous close');
    const { orders, fills } = readSummary<{ orders: number; fills: number }>(summary);
    expect(orders).toBeGreaterThan(5);
    expect(fills).toBeGreaterThan(0);
    const rejects = journalOf(join(dir, 'run')).filter(({ type }) => type === 'REJECT');
    expect(rejects.length).toBeGreaterThan(3);

    const out = join(dir, 'out');
    const result = await runCli([
      ...['backtest', join(STRATEGIES, 'steady.ts'), '--data', store, '--out', out],
      ...['--instruments', '600001.SH', '--position', '600001.SH=20000'],
      ...['--param', `everyMs=${EVERY_MS}`, '--param', 'rest=false', '--no-html', '--no-record'],
    ]);
    expect(result.code, result.stderr).toBe(0);
    const rows = readFileSync(join(out, 'orders.csv'), 'utf8').trim().split('\n');
    const names = rows[0]!.split(',');
    const column = (row: string, name: string): string => row.split(',')[names.indexOf(name)]!;
    const decided = rows.slice(1).map((row) => {
      const priceE4 = Math.round(Number(column(row, 'price')) * 10_000);
      return `${column(row, 'side') === 'buy' ? 1 : 2} ${priceE4} ${column(row, 'qty')}`;
    });
    expect(decided).toEqual(sentOf(join(dir, 'run')));
  });

  test('kill -9 loses no quote that was traded on, and the next life joins the day', async () => {
    const { dir, server, config, store } = await rehearse('09:33', at(9, 32, 50), 60);
    await server.listen();
    const first = startEngine([config, '--no-api']);
    const logs = () => (existsSync(join(store, 'live')) ? readdirSync(join(store, 'live')) : []);
    await waitFor('quotes and orders', () => server.nowNs() > at(9, 30, 40) || first.ended);
    first.killTree();
    server.freeze();
    await first.exit;
    expect(logs().filter((name) => name.endsWith('.pkfl'))).toEqual([`${DAY}-1.pkfl`]);
    expect(existsSync(join(store, SYMBOLS[0]!))).toBe(false);
    const second = startEngine([config, '--no-api']);
    expect(await second.exit, second.text).toBe(0);
    expect(second.text).toMatch(/\[recording\] \d+ quotes of 20260105 in 4 day files/);
    const [entry] = listStore(store, 'all');
    expect(entry).toMatchObject({ kind: 'snapshots' });
    expect(entry!.rows).toBeGreaterThan(40);
    const { findings } = checkStore({ store, instruments: 'all', rules: builtInBook() });
    expect(findings).toEqual([]);
    expect(logs()).toEqual(['last.json', 'pankou.lock'].filter((name) => logs().includes(name)));
    expect(new Set(sentOf(join(dir, 'run'))).size).toBeGreaterThan(1);
  });
});
