// The dashboard in a real browser against a real `pankou run`: what the page shows is what the
// engine did, a dead core comes back on the page, and the held kill button stops the engine. Skips
// where there is no Chromium or no build. Any complaint in the console fails a test.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page as BrowserPage } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { ROOT } from '../support/run-cli.ts';
import {
  type EngineRun,
  endAllEngines,
  fillsOn,
  itemsOf,
  journalOf,
  NO_PROC,
  ordersOn,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const missing =
  findChromium() === undefined
    ? 'no Chromium: install the package chromium or set PANKOU_CHROMIUM'
    : existsSync(join(ROOT, 'dashboards/dist/index.html'))
      ? NO_PROC
      : 'no dashboards/dist: run npm run build:pages';
if (missing !== '') console.warn(`live dashboard tests skipped: ${missing}`);

/** Patience for a busy machine; nothing here asserts how long a thing takes. */
const PATIENCE = { timeout: 40_000 };

describe.skipIf(missing !== '')(`dashboard on a real engine ${missing}`, () => {
  let browser: Browser;
  let complaints: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await endAllEngines();
    expect(complaints).toEqual([]);
    complaints = [];
  });

  async function open(run: EngineRun, locale = 'en-US'): Promise<BrowserPage> {
    const { port, token } = await run.address();
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${port}/#token=${token}`);
    await page.locator('[data-test=equity]').waitFor();
    return page;
  }

  const textAt = async (page: BrowserPage, name: string): Promise<string> =>
    (await page.locator(`[data-test=${name}]`).first().textContent()) ?? '';
  const numberIn = (text: string): number => Number(text.replaceAll(/[^\d.-]/g, ''));

  test('shows fills, orders, position, book and chart; kills by holding', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const peer = await run.page();
    const page = await open(run);
    const fillCount = async (): Promise<number> =>
      numberIn((await page.locator('[data-test=tab-fills] .num').textContent()) ?? '0');
    await expect.poll(fillCount, PATIENCE).toBeGreaterThanOrEqual(2);
    const before = await fillCount();
    await expect.poll(fillCount, PATIENCE).toBeGreaterThan(before);
    expect(await page.locator('[data-test=orders] tbody tr').count()).toBeGreaterThan(0);
    expect(await page.locator('[data-test=positions] tbody tr').count()).toBe(1);
    expect(await textAt(page, 'positions')).toContain('600001.SH');
    expect(await textAt(page, 'engine-state')).toContain('Running');
    expect(await textAt(page, 'strategies')).toContain('steady');
    expect(await page.locator('[data-test=chart] canvas').count()).toBeGreaterThan(1);
    await expect
      .poll(async () => /\d+\.\d\d/.test(await textAt(page, 'book')), PATIENCE)
      .toBe(true);

    await page.locator('[data-test=kill]').hover();
    await page.mouse.down();
    await page.locator('[data-test=banner-killed]').waitFor(PATIENCE);
    await page.mouse.up();
    expect(await textAt(page, 'engine-state')).toContain('Killed');
    await waitFor('killed in the engine', () => itemsOf(peer, 'engine').at(-1)?.killed === true);
    await waitFor('no working order', () =>
      [...ordersOn(peer).values()].every((o) => !['accepted', 'cancel-pending'].includes(o.status)),
    );
    // Nothing trades any more: page, other page and journal agree to the last fill and share.
    await expect.poll(fillCount, PATIENCE).toBe(fillsOn(peer).size);
    const equityE4 = itemsOf(peer, 'account').at(-1)!.cashE4;
    expect(equityE4).toBeGreaterThan(0);
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
    const records = journalOf(join(dir, 'run'));
    expect(records.filter((r) => r.type === 'FILL')).toHaveLength(fillsOn(peer).size);
    const kill = records.findIndex((r) => r.type === 'KILL');
    expect(records.slice(kill).filter((r) => r.type === 'REQUEST')).toEqual([]);
  });

  test('speaks Chinese, and comes back with everything after the core was killed', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const page = await open(run, 'zh-CN');
    const fillCount = async (): Promise<number> =>
      numberIn((await page.locator('[data-test=tab-fills] .num').textContent()) ?? '0');
    await expect.poll(fillCount, PATIENCE).toBeGreaterThanOrEqual(2);
    expect(await textAt(page, 'engine-state')).toContain('运行中');
    const before = await fillCount();
    process.kill(await run.pidOf('core'), 'SIGKILL');
    await run.says(/recovered \d+ orders from epoch 1/);
    await expect.poll(() => textAt(page, 'engine-state'), PATIENCE).toContain('运行中');
    await expect.poll(fillCount, PATIENCE).toBeGreaterThan(before);
  });
});
