// The built dashboard in a real browser against the fake api server: what a person sees and does.
// Skips where there is no Chromium or no build. Every test ends with a look at the console: an
// error there, or anything the content security policy refused, fails it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, launchChromium } from '../support/chromium.ts';
import {
  DIST_DIR,
  type FakeEngine,
  type FakeEngineOptions,
  startFakeEngine,
} from '../support/fake-engine-ws.ts';

const missing =
  findChromium() === undefined
    ? 'no Chromium: install the package chromium or set PANKOU_CHROMIUM'
    : existsSync(join(DIST_DIR, 'index.html'))
      ? ''
      : 'no dashboards/dist: run npm run build:pages';
if (missing !== '') console.warn(`dashboard browser tests skipped: ${missing}`);

/** Patience for a busy machine; nothing here asserts how long a thing takes. */
const PATIENCE = { timeout: 40_000 };

/** A reconnect against a refusing server is logged by the browser itself; all else is a fault. */
const EXPECTED_NOISE = /WebSocket connection to .* failed/;

async function textAt(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? '';
}

interface OpenOptions {
  locale?: string;
  /** Another token than the engine's, as a page left open over a restart has. */
  token?: string;
  withToken?: boolean;
  width?: number;
  height?: number;
}

describe.skipIf(missing !== '')(`dashboard in Chromium ${missing}`, { timeout: 180_000 }, () => {
  let browser: Browser;
  let engine: FakeEngine;
  let context: BrowserContext | undefined;
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    await engine?.stop();
    expect(complaints).toEqual([]);
  });

  async function open(options: OpenOptions = {}, fake: FakeEngineOptions = {}): Promise<Page> {
    engine = await startFakeEngine({ historySeconds: 300, batchMs: 300, orderRate: 0.3, ...fake });
    context = await browser.newContext({
      locale: options.locale ?? 'en-US',
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      if (!EXPECTED_NOISE.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const token = options.token ?? engine.token;
    const fragment = options.withToken === false ? '' : `#token=${token}`;
    await page.goto(engine.origin + fragment);
    await page.locator('[data-test=equity]').waitFor();
    return page;
  }

  const fillCount = async (page: Page): Promise<number> =>
    Number((await textAt(page, '[data-test=tab-fills] .num')).replaceAll(',', ''));

  test('streams fills, orders and prices in without a reload', async () => {
    const page = await open();
    const before = await fillCount(page);
    const clock = await textAt(page, '[data-test=clock]');
    await expect.poll(() => fillCount(page), PATIENCE).toBeGreaterThan(before);
    await expect.poll(() => textAt(page, '[data-test=clock]'), PATIENCE).not.toBe(clock);
    expect(await page.locator('[data-test=activity] tbody tr').count()).toBeGreaterThan(3);
    expect(await page.locator('[data-test=orders] tbody tr').count()).toBeGreaterThan(3);
    expect(await page.locator('[data-test=positions] tbody tr').count()).toBe(3);
    expect(await page.locator('[data-test=chart] canvas').count()).toBeGreaterThan(1);
    expect(await page.locator('[data-test=latency] canvas').count()).toBe(1);
    expect(await page.locator('script:not([src])').count()).toBe(0);
  });

  test('shows the money that the server sent', async () => {
    const page = await open({}, { batchMs: 3_600_000 });
    const { equityE4 } = engine.market.account;
    const shown = await textAt(page, '[data-test=equity]');
    expect(Number(shown.replaceAll(',', ''))).toBeCloseTo(equityE4 / 1e4, 2);
  });

  test('takes the token out of the address and keeps it through a reload', async () => {
    const page = await open();
    expect(page.url()).toBe(engine.origin);
    await page.reload();
    await page.locator('[data-test=equity]').waitFor();
    expect(await page.locator('[data-test=kill]').isEnabled()).toBe(true);
    expect(await page.locator('[data-test=banner-token]').count()).toBe(0);
  });

  test('arms an account step by step: by typed words, never by a click alone', async () => {
    const met = { id: 'kill', ok: true, found: { zh: '未触发', en: 'the kill switch is off' } };
    const todo = { zh: '运行', en: 'run pankou alert test' };
    const open1 = { id: 'alerts', ok: false, found: { zh: '没有', en: 'no test today' }, todo };
    const page = await open();
    expect(await page.locator('[data-test=arming-stage]').count()).toBe(0);
    const conditions = [met, open1];
    engine.arming.rows = [{ account: 'paper-1', stage: 'shadow', ready: false, conditions }];
    await page.reload();
    await page.locator('[data-test=arming-open]').click();
    expect(await textAt(page, '[data-test=arming-ready]')).toContain('1 conditions');
    expect(await page.getByText('run pankou alert test').count()).toBe(1);
    const up = page.locator('[data-test=arming-up]');
    expect(await up.isDisabled()).toBe(true);
    await page.locator('[data-test=arming-number]').fill('8880001');
    expect(await up.isDisabled()).toBe(true);
    await page.locator('[data-test=arming-password]').fill('correct horse');
    await up.click();
    const stage = () => textAt(page, '[data-test=arming-stage]');
    await expect.poll(stage, PATIENCE).toContain('Pilot');
    expect(engine.commands.at(-1)).toMatchObject({ op: 'arm', stage: 'pilot' });
    expect(await page.locator('[data-test=arming-password]').inputValue()).toBe('');
    await page.locator('[data-test=arming-disarm]').click();
    await expect.poll(stage, PATIENCE).toContain('Disarmed');
  });

  test('is read only without a token and says why', async () => {
    const page = await open({ withToken: false });
    await page.locator('[data-test=banner-token]').waitFor();
    expect(await page.locator('[data-test=kill]').isDisabled()).toBe(true);
    expect(await page.locator('[data-test=cancel-all]').isDisabled()).toBe(true);
  });

  test('switches the language, remembers it, and follows the browser at first', async () => {
    const page = await open({ locale: 'zh-CN' });
    expect(await textAt(page, '[data-test=engine-state]')).toContain('运行中');
    await page.locator('[data-test=language]').click();
    await expect
      .poll(() => textAt(page, '[data-test=engine-state]'), PATIENCE)
      .toContain('Running');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.reload();
    await page.getByText('PnL today').waitFor();
  });

  test('shows rises in red, and in green after the switch', async () => {
    const page = await open();
    const upColour = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')");
    expect(await upColour()).toBe('#ff5c67');
    await page.locator('[data-test=colours]').click();
    await expect.poll(upColour, PATIENCE).toBe('#22c08a');
    await page.locator('[data-test=theme]').click();
    await expect.poll(() => page.getAttribute('html', 'data-theme'), PATIENCE).toBe('light');
  });

  test('does not kill on clicks, another word, or a press that slips off the button', async () => {
    const page = await open();
    const button = page.locator('[data-test=kill]');
    await button.click();
    await button.dblclick();
    await page.locator('[data-test=kill-word]').waitFor();
    await page.keyboard.type('yes');
    await page.keyboard.press('Enter');
    await button.hover();
    await page.mouse.down();
    await page.mouse.move(300, 600);
    // Longer than the hold takes: time must not finish what the hand gave up.
    await page.waitForTimeout(1300);
    await page.mouse.up();
    expect(engine.commands).toEqual([]);
    expect(engine.market.killed).toBe(false);
  });

  test('kills on one long press, with the token, and shows that it is killed', async () => {
    const page = await open();
    await page.locator('[data-test=kill]').hover();
    await page.mouse.down();
    await expect.poll(() => engine.commands.length, PATIENCE).toBe(1);
    await page.mouse.up();
    expect(engine.commands[0]).toMatchObject({ op: 'kill', token: engine.token, accepted: true });
    await page.locator('[data-test=banner-killed]').waitFor();
    expect(await textAt(page, '[data-test=engine-state]')).toContain('Killed');
    expect(await page.locator('[data-test=kill]').isDisabled()).toBe(true);
    await page.waitForTimeout(300);
    expect(engine.commands).toHaveLength(1);
  });

  test('kills by typing the word, for those who cannot hold', async () => {
    const page = await open();
    await page.locator('[data-test=kill]').click();
    await page.locator('[data-test=kill-word]').fill('kill');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=banner-killed]').waitFor();
    expect(engine.commands).toHaveLength(1);
  });

  test('kills by holding the space bar', async () => {
    const page = await open();
    await page.locator('[data-test=kill]').focus();
    await page.keyboard.down(' ');
    await expect.poll(() => engine.commands.length, PATIENCE).toBe(1);
    await page.keyboard.up(' ');
    expect(engine.commands[0]).toMatchObject({ op: 'kill', accepted: true });
  });

  test('says loudly that a kill was refused when the token is old', async () => {
    const page = await open({ token: 'of-yesterday' });
    await page.locator('[data-test=kill]').click();
    await page.locator('[data-test=kill-word]').fill('KILL');
    await page.keyboard.press('Enter');
    await page.getByText('KILL NOT CONFIRMED').waitFor();
    expect(engine.market.killed).toBe(false);
  });

  test('takes a fresh token pasted into the open page', async () => {
    const page = await open({ token: 'of-yesterday' });
    await page.evaluate(`location.hash = '#token=${engine.token}'`);
    await expect.poll(() => page.url(), PATIENCE).toBe(engine.origin);
    await page.locator('[data-test=kill]').click();
    await page.locator('[data-test=kill-word]').fill('KILL');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=banner-killed]').waitFor();
  });

  test('cancels the order of the row, by its client order id', async () => {
    const page = await open({}, { batchMs: 3_600_000 });
    const button = page.locator('[data-test=cancel]').first();
    const coid = await button.getAttribute('data-coid');
    await button.click();
    await expect.poll(() => engine.commands.length, PATIENCE).toBe(1);
    expect(engine.commands[0]).toMatchObject({ op: 'cancel', coid, token: engine.token });
    expect(engine.commands[0]?.accepted).toBe(true);
    expect(coid).toHaveLength(16);
  });

  test('asks before it cancels all live orders', async () => {
    const page = await open();
    await page.locator('[data-test=cancel-all]').click();
    const confirm = page.getByText('Cancel them');
    await confirm.waitFor();
    expect(engine.commands).toEqual([]);
    await confirm.click();
    await expect.poll(() => engine.commands.length, PATIENCE).toBe(1);
    expect(engine.commands[0]).toMatchObject({ op: 'cancel-all', accepted: true });
  });

  test('shows rejects with their reason in the language chosen', async () => {
    const page = await open({ locale: 'zh-CN' });
    await page.locator('[data-test=tab-rejects]').click();
    await page.getByText('风控').first().waitFor();
    await page.locator('[data-test=language]').click();
    await page.getByText('price deviates').first().waitFor();
  });

  test('says that the link is lost, comes back by itself, and shows the newest state', async () => {
    const page = await open();
    engine.accept(false);
    engine.dropClients();
    await page.locator('[data-test=banner-link]').waitFor();
    expect(await page.locator('[data-test=kill]').isDisabled()).toBe(true);
    engine.market.kill();
    engine.accept(true);
    // Pressed if it is still there: the page may come back by itself this very moment.
    await page.evaluate("document.querySelector('[data-test=banner-link] button')?.click()");
    await page.locator('[data-test=banner-killed]').waitFor();
    await expect.poll(() => page.locator('[data-test=banner-link]').count(), PATIENCE).toBe(0);
  });

  test('holds the figures at a hole and goes on with the snapshot that heals it', async () => {
    const page = await open();
    engine.makeHole();
    await page.getByText('Some updates were missed').waitFor();
    expect(await page.locator('[data-test=kill]').isEnabled()).toBe(true);
    engine.heal();
    await expect.poll(() => page.locator('[data-test=banner-link]').count(), PATIENCE).toBe(0);
  });

  test('shows markup in the engine’s words as text', async () => {
    const page = await open();
    const attack = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    engine.market.message = attack;
    engine.market.log('warn', attack, attack);
    await page.locator('[data-test=banner-message]').waitFor();
    expect(await textAt(page, '[data-test=banner-message]')).toContain(attack);
    await page.locator('[data-test=tab-log]').click();
    await page.getByText('onerror').last().waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  test('moves chart and book to the instrument picked', async () => {
    const page = await open();
    await page.locator('[data-test=instrument]').click();
    await page.locator('.n-base-select-option', { hasText: '510003.SH' }).click();
    await expect.poll(() => textAt(page, '[data-test=book]'), PATIENCE).toContain('510003.SH');
    expect(await textAt(page, '[data-test=last] b')).toMatch(/^\d\.\d{3}$/);
  });

  test('fits a phone, a small desk and a large one without sideways scrolling', async () => {
    const page = await open();
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      const excess = (side: string) =>
        page.evaluate(`document.documentElement.scroll${side} - inner${side}`);
      await expect
        .poll(() => excess('Width'), { ...PATIENCE, message: `at ${width} pixels` })
        .toBe(0);
      if (width > 1000)
        await expect
          .poll(() => excess('Height'), { ...PATIENCE, message: `at ${height} pixels` })
          .toBe(0);
      expect(await page.locator('[data-test=kill]').isVisible()).toBe(true);
    }
  });
});
