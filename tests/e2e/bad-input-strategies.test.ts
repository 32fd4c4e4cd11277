// Strategies that misbehave while a session trades: each is stopped or refused with a message that
// names it, its orders leave the market, and its neighbour, the engine and the journal do not
// notice.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { REJECT_SELF_TRADE } from '../../engine/core/reject-code.ts';
import type { Page } from '../support/raw-http.ts';
import { runCli } from '../support/run-cli.ts';
import {
  type EngineRun,
  endAllEngines,
  fillsOn,
  itemsOf,
  NO_PROC,
  ordersOn,
  startEngine,
  tempFolder,
  verify,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endAllEngines);

/** The steady neighbour has traded `more` times since now. */
async function neighbourTrades(run: EngineRun, page: Page, more: number): Promise<void> {
  const count = () => [...fillsOn(page).values()].filter((f) => f.strategy === 'steady').length;
  const before = count();
  const traded = () => count() >= before + more || run.ended;
  await waitFor(`${more} more fills of the neighbour`, traded);
  expect(count(), run.text).toBeGreaterThanOrEqual(before + more);
}

function strategyOn(page: Page, name: string) {
  const engine = itemsOf(page, 'engine').at(-1) ?? page.last('snapshot').engine;
  return engine.strategies.find((strategy) => strategy.name === name);
}

/** Ends in order; the journal is whole and the recording replays. */
async function endsWell(run: EngineRun, dir: string): Promise<void> {
  run.interrupt();
  expect(await run.exit, run.text).toBe(0);
  expect((await verify(join(dir, 'run'))).code).toBe(0);
  const replayed = await runCli(['replay', join(dir, 'run')]);
  expect(replayed.code, replayed.stdout + replayed.stderr).toBe(0);
}

function start(bad: string, changes: Record<string, unknown> = {}) {
  const dir = tempFolder();
  // A thread for each strategy, whatever the machine.
  const options = { idle: 'park', heartbeatMs: 500, ...changes };
  return {
    dir,
    run: startEngine([writeConfig(dir, [{ file: bad }, { file: 'steady' }], options)]),
  };
}

describe.skipIf(NO_PROC !== '')('a strategy that', () => {
  test('throws at its start is stopped; its neighbour trades', async () => {
    const { dir, run } = start('throws-on-init');
    const page = await run.page();
    await run.says('no model file today');
    expect(run.text).toContain('[throws-on-init] stopped:');
    await neighbourTrades(run, page, 2);
    await waitFor(
      'its state on the page',
      () => strategyOn(page, 'throws-on-init')?.state === 'failed',
    );
    expect(strategyOn(page, 'steady')?.state).toBe('running');
    expect([...ordersOn(page).values()].every((o) => o.strategy === 'steady')).toBe(true);
    await endsWell(run, dir);
    expect(run.out).toMatch(/throws-on-init failed/);
  });

  test('throws in the day is stopped, its orders cancelled; its neighbour trades', async () => {
    const { dir, run } = start('throws-on-tick');
    const page = await run.page();
    await run.says('division by a pear');
    const own = () => [...ordersOn(page).values()].filter((o) => o.strategy === 'throws-on-tick');
    await waitFor('its order to be cancelled', () => own()[0]?.status === 'cancelled');
    await neighbourTrades(run, page, 2);
    expect(own()).toHaveLength(1);
    const rested = [...ordersOn(page).values()].filter((o) => o.status === 'accepted');
    expect(rested.every((o) => o.strategy === 'steady')).toBe(true);
    await waitFor(
      'its state on the page',
      () => strategyOn(page, 'throws-on-tick')?.state === 'failed',
    );
    await endsWell(run, dir);
  });

  test('never returns loses its thread and its orders; its neighbour trades', async () => {
    const { dir, run } = start('endless-loop');
    const page = await run.page();
    await run.says(
      /\[endless-loop\] strategy stopped: no sign of life for \d+ ms: an endless loop/,
    );
    const own = () => [...ordersOn(page).values()].filter((o) => o.strategy === 'endless-loop');
    await waitFor('its order to be cancelled', () => own()[0]?.status === 'cancelled');
    await neighbourTrades(run, page, 2);
    await waitFor(
      'its state on the page',
      () => strategyOn(page, 'endless-loop')?.state === 'failed',
    );
    expect(strategyOn(page, 'endless-loop')?.reason).toContain('no sign of life');
    await endsWell(run, dir);
  });

  test('floods is refused by limits; its neighbour on another account trades', async () => {
    const accounts = ['demo', 'other'].map((id) => ({
      id,
      cash: 1_000_000,
      positions: { '600001.SH': { qty: 20_000, cost: 12 } },
    }));
    const dir = tempFolder();
    const strategies = [{ file: 'flood', account: 'other' }, { file: 'steady' }];
    const run = startEngine([writeConfig(dir, strategies, { accounts, idle: 'park' })]);
    const page = await run.page();
    await waitFor('refusals', () => itemsOf(page, 'reject').length > 0 || run.ended);
    await neighbourTrades(run, page, 3);
    // Its own order on the other side may still be open where the machine is short of time.
    const others = itemsOf(page, 'reject').filter((r) => r.strategy !== 'flood');
    expect(others.filter((r) => r.code !== REJECT_SELF_TRADE)).toEqual([]);
    expect(strategyOn(page, 'flood')?.state).toBe('running');
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
    const told = /\[flood\] asked (\d+), busy (\d+), refused (\d+)/.exec(run.text);
    expect(told, run.text).not.toBeNull();
    const [asked, busy, refused] = told!.slice(1).map(Number) as [number, number, number];
    expect(refused).toBeGreaterThan(0);
    expect(busy + refused).toBeGreaterThan(asked * 0.9);
    for (const account of [0, 1]) expect((await verify(join(dir, 'run'), account)).code).toBe(0);
  });

  test('asks for what the rules forbid is told why, and so are people', async () => {
    const { dir, run } = start('off-tick');
    const page = await run.page();
    await waitFor('three refusals', () => itemsOf(page, 'reject').length >= 3 || run.ended);
    for (const no of [1, 2, 3]) await run.says(new RegExp(`refused intent ${no}: code \\d+ stage`));
    const rejects = itemsOf(page, 'reject').filter((r) => r.strategy === 'off-tick');
    expect(rejects).toHaveLength(3);
    expect(rejects.map((r) => r.text.en).join('\n')).toMatch(/tick/i);
    expect(rejects.map((r) => r.text.en).join('\n')).toMatch(/lot/i);
    expect(rejects.map((r) => r.text.en).join('\n')).toMatch(/limit/i);
    expect(new Set(rejects.map((r) => r.code)).size).toBe(3);
    await endsWell(run, dir);
  });
});
