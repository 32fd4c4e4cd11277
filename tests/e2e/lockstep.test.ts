// Paper in lockstep and backtest are one machine: over the same synthetic day and seed they make
// the same orders and fills and reach the same state hash, on threads, on one thread and in this
// process; and recording never changes what an engine does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { StillClock } from '../../engine/actors/clock.ts';
import { runBacktest } from '../../engine/backtest/runner.ts';
import { loadConfig } from '../../engine/config.ts';
import { prepareRun } from '../../engine/host/make-setup.ts';
import { WORD_QUIET, WORD_STOP } from '../../engine/host/memory-map.ts';
import { TurnRunner } from '../../engine/host/turn-runner.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import { runCli } from '../support/run-cli.ts';
import {
  type DumpedRecord,
  endAllEngines,
  journalOf,
  readSummary,
  STRATEGIES,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';

interface Summary {
  readonly orders: number;
  readonly fills: number;
  readonly stateHash: string;
  readonly marketEvents: number;
  readonly recorderStalls: number;
}

afterEach(endAllEngines);

/** A day of one instrument with defaults for all that `backtest` cannot say. */
function dayConfig(dir: string, eventsPerSecond?: number): string {
  const instrument = eventsPerSecond === undefined ? {} : { eventsPerSecond };
  return writeConfig(dir, [{ file: 'steady', params: { everyMs: 60_000 } }], {
    market: {
      source: 'synthetic',
      seed: 3,
      instruments: [{ symbol: '600001.SH', ...instrument }],
    },
    accounts: [{ id: 'demo', cash: 1_000_000, positions: { '600001.SH': { qty: 20_000 } } }],
    api: { enabled: false },
    pace: 'lockstep',
  });
}

async function runDay(config: string, dir: string, ...args: string[]): Promise<Summary> {
  const file = join(dir, 'out.json');
  const run = startEngine([config, '--summary', file, ...args]);
  expect(await run.exit, run.text).toBe(0);
  return readSummary<Summary>(file);
}

/** Fills of a journal as rows of fills.csv have them: order, side, price, quantity. */
function fillRows(records: readonly DumpedRecord[]): string[] {
  return records
    .filter((record) => record.type === 'FILL')
    .map((record) => {
      const { priceE4, qty } = record['fields'] as { priceE4: number; qty: number };
      const { side } = record['texts'] as { side: string };
      return `${String(record['coid'])} ${side} ${priceE4 / 10_000} ${qty}`;
    });
}

describe('lockstep', () => {
  test('threads give the orders, fills and state of a backtest in one process', async () => {
    const dir = tempFolder();
    const config = dayConfig(dir, 0.2);
    const { setup } = await prepareRun(loadConfig(config), null);
    const result = await runBacktest(setup);
    const account = result.accounts[0]!.account;
    const summary = await runDay(config, dir);
    expect(summary.stateHash).toBe(result.stateHash);
    expect(summary.marketEvents).toBe(result.events);
    expect(summary.orders).toBe(account.orders.count);
    expect(summary.fills).toBe(account.fillCount);
    expect(summary.fills).toBeGreaterThan(50);
    const replayed = await runCli(['replay', join(dir, 'run'), '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      equal: true,
      stateHash: result.stateHash,
    });
  });

  test('a whole default day is one day for `run --threads single` and `backtest`', async () => {
    const dir = tempFolder();
    const summary = await runDay(dayConfig(dir), dir, '--threads', 'single');
    const backtest = await runCli([
      ...['backtest', join(STRATEGIES, 'steady.ts'), '--data', 'synthetic:3', '--json'],
      ...['--instruments', '600001.SH', '--position', '600001.SH=20000'],
      ...['--param', 'everyMs=60000', '--out', join(dir, 'backtest')],
    ]);
    expect(backtest.code, backtest.stderr).toBe(0);
    const report = JSON.parse(backtest.stdout) as Summary & { events: number };
    expect(report.orders).toBeGreaterThan(100);
    expect(summary).toMatchObject({
      orders: report.orders,
      fills: report.fills,
      stateHash: report.stateHash,
      marketEvents: report.events,
    });
    const csv = readFileSync(join(dir, 'backtest', 'fills.csv'), 'utf8')
      .trim()
      .split('\n');
    const rows = csv.slice(1).map((line) => {
      const [, , coid, , , side, price, qty] = line.split(',');
      return `${coid} ${side} ${price} ${qty}`;
    });
    expect(fillRows(journalOf(join(dir, 'run')))).toEqual(rows);
    console.log(`recorder stalls in the lockstep run: ${summary.recorderStalls}`);
  });

  test('another seed is another day', async () => {
    const dir = tempFolder();
    const config = dayConfig(dir, 0.2);
    const first = await runBacktest((await prepareRun(loadConfig(config), null)).setup);
    const same = await runBacktest((await prepareRun(loadConfig(config), null)).setup);
    const { setup } = await prepareRun(loadConfig(config), null);
    const source = { ...setup.source, seed: 4 } as typeof setup.source;
    const other = await runBacktest({ ...setup, source });
    expect(same.stateHash).toBe(first.stateHash);
    expect(other.stateHash).not.toBe(first.stateHash);
  });

  test('an actor whose recorder is behind keeps its turn: the round is not quiet', () => {
    const words = new Int32Array(new SharedArrayBuffer(4096));
    const bell = new Doorbell(words.buffer, 2048);
    const quietSeen: number[] = [];
    let waits = 3;
    let left = 5;
    const agent = {
      roleName: 'fake',
      onStart: () => {},
      onClose: () => {},
      isIdle: () => false,
      doWork: () => {
        quietSeen.push(Atomics.load(words, WORD_QUIET));
        if (left-- > 0) return 1;
        Atomics.store(words, WORD_STOP, 1);
        return 0;
      },
    };
    const tap = { ready: () => waits-- <= 0 };
    const pulse = { beat: () => {} };
    const seat = { turn: 0, agent, tap };
    new TurnRunner([seat], words, [bell], bell, [], pulse, new StillClock()).run();
    expect(waits).toBeLessThan(0);
    expect(quietSeen).toEqual([0, 0, 0, 0, 0, 0]);
    expect(Atomics.load(words, WORD_QUIET)).toBe(1);
  });
});
