// The research pages in a real browser, over a server without an engine: run a backtest with a
// parameter, look at its figures, run it again with another one, compare both; a strategy that
// fails shows its file and line; both languages. The backtests are real child processes.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../../engine/control/api.ts';
import { SECRET, TOKEN } from '../support/api-setup.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { ROOT } from '../support/run-cli.ts';
import { SYMBOL, tempDir, writeDay, writeStrategy } from '../support/run-options.ts';

const PAGES = join(ROOT, 'dashboards/dist');
const MISSING = [
  !existsSync(join(PAGES, 'runs.html')) && 'npm run build:pages',
  findChromium() === undefined && 'Chromium',
];
const needs = MISSING.filter(Boolean).join(', ');

const SLOW = { timeout: 15_000 };

const THROWS = `export default {
  params: { kind: { default: 'a', choices: ['a', 'b'] } },
  onTick() {
    throw new Error('no such thing');
  },
};
`;

describe.skipIf(needs !== '')(`runs.html (needs ${needs || 'nothing'})`, () => {
  let api: Api;
  let browser: Browser;
  let page: Page;
  let address = '';
  const problems: string[] = [];

  beforeAll(async () => {
    const dir = tempDir();
    const strategies = join(dir, 'strategies');
    mkdirSync(strategies);
    writeStrategy(strategies);
    writeStrategy(strategies, THROWS, 'throws.ts');
    const data = await writeDay(dir);
    api = new Api(
      {
        ...{ host: '127.0.0.1', port: 0, server: 'uws', allowedHosts: [], token: TOKEN },
        ...{ address: '', secret: SECRET, pagesDir: PAGES },
        runs: { strategies: [strategies], data: [data], runsDir: join(dir, 'runs') },
      },
      () => {},
    );
    address = `http://127.0.0.1:${await api.start()}/`;
    browser = await launchChromium();
    page = await browser.newPage({ locale: 'zh-CN', viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${address}runs.html#token=${TOKEN}`);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await api?.close('test over');
  });

  const choose = async (field: string, text: string) => {
    await page.click(`[data-test=${field}]`);
    await page.keyboard.type(text);
    await page.waitForTimeout(100);
    await page.keyboard.press('Enter');
  };
  /** Starts what the form says; the state of the newest job once it is over. */
  const run = async (jobs: number) => {
    await page.click('[data-test=start]');
    const over = page.locator('.job[data-state=done], .job[data-state=failed]');
    await expect.poll(() => over.count(), SLOW).toBe(jobs);
    return page.locator('.job').first().getAttribute('data-state');
  };

  test('runs a backtest with parameters from the form and shows what came out', async () => {
    await page.getByText('还没有回测记录').waitFor();
    expect(page.url()).not.toContain(TOKEN);
    await page.click('[data-test=new]');
    await choose('strategy', 'cross');
    await page.fill('[data-test=param-fast] input', '4');
    await choose('data', 'data');
    await page.fill('[data-test=instruments] textarea', SYMBOL.toLowerCase());
    await page.fill(`[data-test="position-${SYMBOL}"] input`, '10000');
    expect(await run(1)).toBe('done');
    await page.locator('.job a').first().click();
    await page.waitForSelector('.curve-chart canvas');
    expect(await page.locator('.tile').count()).toBe(7);
    expect(await page.locator('article').textContent()).toContain('fast=4 slow=9');
    expect(problems).toEqual([]);
  });

  test('runs it again with another parameter, and compares the two', async () => {
    await page.click('[data-test=again]');
    const fast = page.locator('[data-test=param-fast] input');
    await expect.poll(() => fast.inputValue(), SLOW).toBe('4');
    await fast.fill('6');
    expect(await run(2)).toBe('done');
    await page.locator('nav a').first().click();
    await page.locator('tbody tr').nth(1).waitFor();
    await page.fill('[data-test=filter] input', 'fast=6');
    await expect.poll(() => page.locator('tbody tr').count(), SLOW).toBe(1);
    await page.fill('[data-test=filter] input', '');
    await page.locator('thead .n-checkbox').click();
    await page.click('[data-test=compare]');
    await page.waitForSelector('.curve-chart canvas');
    const inputs = await page.locator('tr', { hasText: 'params.fast' }).textContent();
    expect(inputs?.replaceAll(/\s/g, '')).toMatch(/^params\.fast(46|64)$/);
    expect(await page.locator('tr', { hasText: '状态哈希' }).count()).toBe(1);
    expect(problems).toEqual([]);
  });

  test('shows where a strategy failed, in English after a click', async () => {
    await page.click('[data-test=new]');
    await page.click('[data-test=language]');
    await choose('strategy', 'throws');
    await choose('data', 'data');
    await page.fill('[data-test=instruments] textarea', SYMBOL);
    expect(await run(3)).toBe('failed');
    const log = await page.locator('.job .log').first().textContent();
    expect(log).toContain('no such thing');
    expect(log).toMatch(/throws\.ts:4:\d+/);
    expect(await page.locator('[data-test=start]').textContent()).toContain('Start the backtest');
    await page.fill('[data-test=instruments] textarea', '600');
    await page.click('[data-test=start]');
    expect(await page.locator('[data-test=problem]').textContent()).toContain('600519.SH');
    expect(problems).toEqual([]);
  });

  test('without the token says how to get one', async () => {
    const other = await browser.newPage();
    await other.goto(`${address}runs.html`);
    await other.waitForSelector('[data-test=no-token]');
    await other.close();
  });
});
