// Finds and starts the system's Chromium for browser tests, which skip where there is none. Used by
// tests/e2e. Always holds: no browser is downloaded, no request leaves this machine, and the
// browser is closed when its test file ends (callers close what `launchChromium` returns).
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env['PANKOU_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser's path, or undefined; PANKOU_CHROMIUM names one elsewhere. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => place !== undefined && place !== '' && existsSync(place));
}

/** Start the browser without a window. Throws when there is none: ask `findChromium` first. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error(`no Chromium found; looked in ${PLACES.filter(Boolean).join(', ')}`);
  }
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
