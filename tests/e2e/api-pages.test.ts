// The built pages in a real browser, served by the real api process's inside over both servers: the
// strict headers must let the page work. Skips where there is no Chromium or no build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOrderId } from '../../engine/core/order-id.ts';
import { TYPE_CANCEL_COMMAND, TYPE_KILL } from '../../engine/messages/generated/types.ts';
import { startApi, TOKEN } from '../support/api-setup.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import {
  accountFrame,
  engineFrame,
  latencyFrame,
  orderFrame,
  orderWords,
  positionFrame,
  rejectFrame,
  tickFrame,
} from '../support/control-frames.ts';
import { waitFor } from '../support/wait-for.ts';

const PAGES = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));
const missing =
  findChromium() === undefined
    ? 'no Chromium: install the package chromium or set PANKOU_CHROMIUM'
    : existsSync(`${PAGES}/index.html`)
      ? ''
      : 'no dashboards/dist: run npm run build:pages';
if (missing !== '') console.warn(`page tests of the api process skipped: ${missing}`);

const PATIENCE = { timeout: 40_000 };

describe.skipIf(missing !== '')(`pages from the api process ${missing}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser?.close());

  test.each(['uws', 'ws'] as const)(
    'show the engine of a %s server without a word in the console; cancel and kill reach the core',
    async (server) => {
      const setup = await startApi(server, { pagesDir: PAGES });
      const context = await browser.newContext({ locale: 'en-US' });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      const states = [engineFrame(), accountFrame(), positionFrame(), tickFrame(100_000)];
      for (const frame of [...states, orderFrame(1), rejectFrame(306), latencyFrame(9_000)]) {
        setup.core.socket.send(frame, 0);
      }
      await page.goto(`http://127.0.0.1:${setup.port}/#token=${TOKEN}`);
      const coid = formatOrderId(orderWords(1).coidA, 20260105, 1);
      await page.locator(`[data-test=cancel][data-coid="${coid}"]`).first().click(PATIENCE);
      await waitFor('the cancel', () => setup.core.commands.length === 1);
      await page.locator('[data-test=tab-rejects]').click(PATIENCE);
      await page.getByText('not enough cash').first().waitFor(PATIENCE);
      expect(page.url()).not.toContain(TOKEN);
      await page.locator('[data-test=kill]').click(PATIENCE);
      await page.locator('[data-test=kill-word]').fill('kill');
      await page.keyboard.press('Enter');
      await waitFor('the kill', () => setup.core.commands.length === 2);
      const types = setup.core.commands.map((command) => command.type);
      expect(types).toEqual([TYPE_CANCEL_COMMAND, TYPE_KILL]);
      setup.core.socket.send(engineFrame({ state: 3, killed: 1 }), 0);
      await page.locator('[data-test=banner-killed]').waitFor(PATIENCE);
      expect(complaints).toEqual([]);
      await context.close();
      await setup.close();
    },
    60_000,
  );
});
