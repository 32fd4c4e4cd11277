// What dies comes back, and nothing is lost: kill -9 of the core, of the api, of the command, of
// all three; the kill switch outlives the core. Always: what the page was told before is what it
// is told after, and the journal is whole.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fill, Order } from '../../engine/control/protocol.ts';
import { Page } from '../support/raw-http.ts';
import { runCli } from '../support/run-cli.ts';
import {
  type DumpedRecord,
  type EngineRun,
  endAllEngines,
  fillsOn,
  isAlive,
  itemsOf,
  journalOf,
  NO_PROC,
  ordersOn,
  startEngine,
  tempFolder,
  verify,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

afterEach(endAllEngines);

const FINAL = ['filled', 'cancelled', 'partly-cancelled', 'rejected'];

async function waitForFills(run: EngineRun, page: Page, count: number): Promise<void> {
  await waitFor(`${count} fills`, () => fillsOn(page).size >= count || run.ended);
  expect(fillsOn(page).size, run.text).toBeGreaterThanOrEqual(count);
}

/** Everything the page was told before still holds; what was open has ended. */
function expectKept(before: Map<string, Order>, after: Map<string, Order>): void {
  for (const [coid, order] of before) {
    const now = after.get(coid);
    expect(now, `order ${coid} is gone`).toBeDefined();
    const { side, priceE4, qty, instrument, strategy, createdNs } = order;
    expect(now).toMatchObject({ side, priceE4, qty, instrument, strategy, createdNs });
    expect(now?.filledQty).toBeGreaterThanOrEqual(order.filledQty);
    if (FINAL.includes(order.status)) expect(now?.status).toBe(order.status);
  }
}

function expectFillsKept(before: Map<string, Fill>, after: Map<string, Fill>): void {
  for (const [id, fill] of before) {
    // Told live at the OMS's time, afterwards at the link's, which it may have been ahead of.
    const now = after.get(id);
    expect(now, `fill ${id} is gone`).toEqual({ ...fill, ns: now?.ns });
    expect(now!.ns).toBeLessThanOrEqual(fill.ns);
  }
}

/** Client order ids of the requests that place an order. */
function placed(records: readonly DumpedRecord[]): string[] {
  return records.filter((r) => r.type === 'REQUEST').map((r) => String(r['coid']));
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

describe.skipIf(NO_PROC !== '')(`kill -9 ${NO_PROC}`, () => {
  test('of the core: it comes back from its journal with all orders, fills and cash', async () => {
    const dir = tempFolder();
    const runDir = join(dir, 'run');
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const page = await run.page();
    await waitForFills(run, page, 4);
    const engineId = page.last('hello').engineId;
    process.kill(await run.pidOf('core'), 'SIGKILL');
    await run.says(/recovered \d+ orders from epoch 1/);
    expect(run.err).toContain('starting it again from its journal');
    const before = ordersOn(page);
    const fillsBefore = fillsOn(page);
    // The page is told the new picture without asking for it.
    await waitFor('a new snapshot', () => page.last('hello').engineId !== engineId);
    const later = await run.page();
    expect(later.last('hello').engineId).not.toBe(engineId);
    await waitForFills(run, later, fillsBefore.size + 2);
    expectKept(before, ordersOn(later));
    expectFillsKept(fillsBefore, fillsOn(later));
    expect(run.err).toMatch(/orders of the life before have an unknown fate: the broker is asked/);

    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
    const records = journalOf(runDir);
    const ids = placed(records);
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(records.map((r) => r.epoch))).toEqual(new Set([1, 2]));
    const fillIds = records
      .filter((r) => r.type === 'FILL')
      .map((r) => {
        const { fillNo, instrument } = r['fields'] as { fillNo: number; instrument: number };
        return `${instrument}:${fillNo}`;
      });
    expect(new Set(fillIds).size).toBe(fillIds.length);
    expect(fillsOn(later).size).toBe(fillIds.length);
    expect((await verify(runDir)).code).toBe(0);
    const replayed = await runCli(['replay', runDir, '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true, differences: [] });

    // Cash and position as the page shows them are what the journal's fills say.
    const bought = new Map<string, number>();
    for (const fill of fillsOn(later).values()) {
      bought.set(fill.side, (bought.get(fill.side) ?? 0) + fill.qty);
    }
    const position = itemsOf(later, 'position').at(-1);
    expect(position?.qty).toBe(20_000 + (bought.get('buy') ?? 0) - (bought.get('sell') ?? 0));
    const account = itemsOf(later, 'account').at(-1);
    const fees = [...fillsOn(later).values()].reduce((sum, fill) => sum + fill.feeE4, 0);
    const spent = [...fillsOn(later).values()].reduce(
      (sum, fill) => sum + (fill.side === 'buy' ? 1 : -1) * fill.priceE4 * fill.qty,
      0,
    );
    expect(account?.cashE4).toBe(10_000_000_000 - spent - fees);
    expect(account?.reservedE4).toBe(0);
  });

  test('of everything: the next start on the same folder shows what was, and goes on', async () => {
    const dir = tempFolder();
    const runDir = join(dir, 'run');
    const config = writeConfig(dir, [{ file: 'steady' }]);
    const first = startEngine([config]);
    const page = await first.page();
    await waitForFills(first, page, 3);
    const before = ordersOn(page);
    const fillsBefore = fillsOn(page);
    first.killTree();
    await first.exit;

    const second = startEngine([config]);
    const later = await second.page();
    await second.says(/recovered \d+ orders from epoch 1/);
    await waitForFills(second, later, fillsBefore.size + 2);
    expectKept(before, ordersOn(later));
    expectFillsKept(fillsBefore, fillsOn(later));
    second.interrupt();
    expect(await second.exit, second.text).toBe(0);
    const ids = placed(journalOf(runDir));
    expect(new Set(ids).size).toBe(ids.length);
    expect((await verify(runDir)).code).toBe(0);
    const replayed = await runCli(['replay', runDir]);
    expect(replayed.code, replayed.stdout + replayed.stderr).toBe(0);
    expect(replayed.stdout).toContain('recording-0002');
  });

  test('of the api: trading goes on, and a new api serves the same port and token', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const { port, token } = await run.address();
    const page = await run.page();
    await waitForFills(run, page, 2);
    const core = await run.pidOf('core');
    const api = await run.pidOf('api');
    process.kill(api, 'SIGKILL');
    await run.says('the api process died (SIGKILL): trading goes on');
    await waitFor('the page to lose its connection', () => page.closed);
    let later = new Page(port);
    await waitFor('a page from the new api', () => {
      if (later.closed) later = new Page(port);
      return later.count('snapshot') > 0;
    });
    run.pages.push(later);
    expect(await run.pidOf('api')).not.toBe(api);
    await waitForFills(run, later, fillsOn(page).size + 2);
    expectKept(ordersOn(page), ordersOn(later));
    expectFillsKept(fillsOn(page), fillsOn(later));
    expect(await later.ask({ op: 'cancel-all', token })).toMatchObject({ t: 'reply' });
    expect(await run.pidOf('core')).toBe(core);
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
    expect(new Set(journalOf(join(dir, 'run')).map((r) => r.epoch))).toEqual(new Set([1]));
  });

  test('of the command: the api frees its port, the core ends in order', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const { port } = await run.address();
    const page = await run.page();
    await waitForFills(run, page, 1);
    const [core, api] = [await run.pidOf('core'), await run.pidOf('api')];
    run.child.kill('SIGKILL');
    await waitFor('both to end', () => !isAlive(core) && !isAlive(api));
    expect(await isFree(port)).toBe(true);
    expect(journalOf(join(dir, 'run')).at(-1)?.type).toBe('CLOSE');
    expect((await verify(join(dir, 'run'))).stdout).toContain('in order');
  });
});

describe.skipIf(NO_PROC !== '')('the kill button', () => {
  test('stops all orders at once, is shown, and outlives the core', async () => {
    const dir = tempFolder();
    const runDir = join(dir, 'run');
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const { token } = await run.address();
    const page = await run.page();
    await waitForFills(run, page, 2);
    expect(await page.ask({ op: 'kill', token: 'x'.repeat(token.length) })).toMatchObject({
      ok: false,
      code: 'unauthorised',
    });
    expect(await page.ask({ op: 'kill', token })).toMatchObject({ ok: true });
    const state = (at: Page) => itemsOf(at, 'engine').at(-1) ?? at.last('snapshot').engine;
    await waitFor('killed on the page', () => state(page).state === 'killed');
    const open = (at: Page) => [...ordersOn(at).values()].filter((o) => !FINAL.includes(o.status));
    await waitFor('no working order', () => open(page).length === 0);
    expect(state(page).killed).toBe(true);
    await waitFor('refusals', () => itemsOf(page, 'reject').length > 0);

    process.kill(await run.pidOf('core'), 'SIGKILL');
    await run.says(/recovered \d+ orders from epoch 1/);
    const later = await run.page();
    await waitFor('killed after the restart', () => state(later).state === 'killed');
    await run.says('strategy steady is not started: 305');
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);

    const records = journalOf(runDir);
    const kill = records.findIndex((record) => record.type === 'KILL');
    expect(kill).toBeGreaterThan(0);
    expect(placed(records.slice(0, kill)).length).toBeGreaterThan(0);
    expect(placed(records.slice(kill))).toEqual([]);
    expect((await verify(runDir)).code).toBe(0);
    expect((await runCli(['replay', runDir])).stdout).toContain('equal');
  });
});
