// The page as PDF, printed by a headless Chromium where the machine has one. Called when a run is
// kept with --pdf. Always: nothing is downloaded; without a browser, or when it fails, the answer
// says why and the run is kept all the same.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome.exe',
];
const LIMIT_MS = 60_000;

/** The browser's path: PANKOU_CHROMIUM, else the first on PATH; null = there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['PANKOU_CHROMIUM'] ?? '';
  if (named !== '') return existsSync(named) ? named : null;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  return null;
}

/** Prints `html` into `pdf`; returns '' or why there is none. */
export async function printPdf(html: string, pdf: string): Promise<string> {
  const browser = findChromium();
  if (browser === null) {
    return `${pdf} was not made: no Chromium found (PANKOU_CHROMIUM names one elsewhere)`;
  }
  const profile = mkdtempSync(join(tmpdir(), 'pankou-pdf-'));
  try {
    const code = await run(browser, [
      ...['--headless', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`],
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--no-pdf-header-footer', '--virtual-time-budget=5000', `--print-to-pdf=${pdf}`],
      pathToFileURL(html).href,
    ]);
    const made = existsSync(pdf) && statSync(pdf).size > 0;
    return made ? '' : `${pdf} was not made: ${browser} ended with ${code}`;
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((done) => {
    const child = spawn(file, args, { stdio: 'ignore', timeout: LIMIT_MS });
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(signal === null ? `code ${code}` : signal));
  });
}
