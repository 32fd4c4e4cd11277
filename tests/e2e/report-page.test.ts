// The page of a run and of a sweep in a real browser: every chart is drawn, both languages are
// there, a click on a trade shows its book, hostile text stays text, nothing is loaded from
// elsewhere; and the PDF is more than an empty sheet.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../engine/backtest/command.ts';
import { printPdf } from '../../engine/backtest/page/chromium.ts';
import { keepRun } from '../../engine/backtest/records/keep-run.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { ROOT } from '../support/run-cli.ts';
import { CROSS, runOptions, tempDir, writeDay, writeStrategy } from '../support/run-options.ts';

const BUILT = existsSync(join(ROOT, 'dashboards/report/dist/page.js'));
const MISSING = [!BUILT && 'npm run build:pages', findChromium() === undefined && 'Chromium'];
const needs = MISSING.filter(Boolean).join(', ');

describe.skipIf(needs !== '')(`report.html (needs ${needs || 'nothing'})`, () => {
  let browser: Browser;
  let page: Page;
  let html = '';
  const problems: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const dir = tempDir();
    const outDir = join(dir, 'out');
    const evil = '</script><img src=x onerror=document.title=1>';
    const noted = CROSS.replace('params: {', `params: { note: { default: '${evil}' },`);
    const text = noted.replace(
      'const above',
      "ctx.series('spread', fast - slow);\n    const above",
    );
    const options = runOptions(writeStrategy(dir, text), await writeDay(dir), {
      ...{ outDir, files: ['html', 'parquet'] as const },
    });
    const kept = await keepRun(options, await executeBacktest(options, { detail: true }));
    expect(kept.lines).toEqual([]);
    html = join(outDir, 'report.html');
    browser = await launchChromium();
    page = await browser.newPage({ locale: 'zh-CN', viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(html).href);
    await page.waitForSelector('canvas');
  }, 60_000);
  afterAll(() => browser?.close());

  test('draws every chart, in Chinese first, from one file', async () => {
    expect(await page.locator('h1').textContent()).toBe('cross');
    expect(await page.title()).toBe('cross');
    expect(await page.locator('.chart canvas').count()).toBe(9);
    const titles = await page.locator('h2').allTextContents();
    expect(titles).toEqual(
      expect.arrayContaining(['权益与回撤', '自定义序列', 'K 线上的成交', '委托的一生']),
    );
    expect(await page.locator('header').textContent()).toContain('onerror=document.title');
    expect({ problems, asked }).toEqual({ problems: [], asked: [pathToFileURL(html).href] });
  });

  test('speaks English after a click, with the same figures', async () => {
    const tiles = await page.locator('.tile b').allTextContents();
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('h2').allTextContents()).toContain('Equity and drawdown');
    const none = (texts: string[]) => texts.map((text) => (text === '无' ? 'none' : text));
    expect(await page.locator('.tile b').allTextContents()).toEqual(none(tiles));
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const report = JSON.parse(readFileSync(html.replace('.html', '.json'), 'utf8')) as {
      readonly fills: number;
    };
    expect(await page.locator('.tile b').last().textContent()).toMatch(`/ ${report.fills}`);
    expect(await page.locator('.book table tbody tr').count()).toBeGreaterThan(4);
    expect(problems).toEqual([]);
  });

  test('prints a PDF with something on it, and Parquet holds what CSV holds', async () => {
    const pdf = html.replace('.html', '.pdf');
    expect(await printPdf(html, pdf)).toBe('');
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(statSync(pdf).size).toBeGreaterThan(50_000);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    const path = html.replace('report.html', 'fills.parquet');
    const rows = await db.runAndReadAll(`SELECT sum(qty) AS q FROM read_parquet('${path}')`);
    const lines = readFileSync(path.replace('.parquet', '.csv'), 'utf8').trim().split('\n');
    const qty = lines[0]!.split(',').indexOf('qty');
    const sum = lines.slice(1).reduce((total, line) => total + Number(line.split(',')[qty]), 0);
    expect(Number(rows.getRows()[0]![0])).toBe(sum);
    expect(sum).toBeGreaterThan(0);
  }, 60_000);
});

test('a machine without Chromium is told why there is no PDF', async () => {
  const dir = tempDir();
  const before = process.env['PANKOU_CHROMIUM'];
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'a.html'), '');
  process.env['PANKOU_CHROMIUM'] = join(dir, 'not-there');
  try {
    expect(await printPdf(join(dir, 'a.html'), join(dir, 'a.pdf'))).toContain('no Chromium found');
  } finally {
    if (before === undefined) delete process.env['PANKOU_CHROMIUM'];
    else process.env['PANKOU_CHROMIUM'] = before;
  }
});
