// `pankou indicator` in processes of its own: the column, names in any case, conventions, what is
// wrong. Always: files lie in a temporary folder.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let dir = '';
let bars = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-indicator-'));
  bars = join(dir, 'bars.csv');
  const rows = ['Date,OPEN,High,low,收盘,Vol', '1,10,12,10,11,100', '2,11,13,11,12,200'];
  writeFileSync(
    bars,
    [...rows, '3,12,14,12,,300', '4,12,14,12,13,300', '5,13,14,10,12,500', ''].join('\n'),
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const indicator = (...args: string[]) => runCli(['indicator', ...args]);

describe('pankou indicator', () => {
  test('prints one value a row, empty while warming up and where a number is missing', async () => {
    const { code, stdout, stderr } = await indicator('ma', '--params', 'period=2', '--in', bars);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('\n11.5\n\n12.5\n12.5\n');
  });

  test('finds high, low, close by name in any case, and takes the convention', async () => {
    const args = ['KDJ', '--convention', 'tdx', '--params', 'period=3,k=3,d=3', '--in', bars];
    const { stdout } = await indicator(...args, '--output', 'all');
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('k,d,j');
    expect(lines.slice(1, 5)).toEqual([',,', ',,', ',,', '75,75,75']);
    expect(Number(lines[5]!.split(',')[0])).toBeCloseTo(200 / 3, 10);
  });

  test('writes to a file and picks an output', async () => {
    const out = join(dir, 'out.txt');
    const args = ['boll', '--params', 'period=2', '--in', bars, '--column', 'CLOSE'];
    const { code, stdout } = await indicator(...args, '--output', 'middle', '--out', out);
    expect([code, stdout]).toEqual([0, '']);
    expect(readFileSync(out, 'utf8')).toBe('\n11.5\n\n12.5\n12.5\n');
  });

  test('lists what there is', async () => {
    const { stdout } = await indicator('list');
    for (const name of ['sma', 'macd', 'kdj', 'plusDi', 'cdlEngulfing']) {
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    }
    const json = JSON.parse((await indicator('list', '--json')).stdout);
    expect(Object.keys(json).length).toBeGreaterThanOrEqual(60);
  });

  test.each([
    [['rsj', '--in', 'BARS'], 1, 'no indicator is called rsj; did you mean rsi?'],
    [['rsi', '--in', 'BARS', '--params', 'period'], 2, 'expected NAME=NUMBER'],
    [['rsi', '--in', 'BARS', '--column', 'last'], 1, 'has no column last (it has: date, open'],
    [['rsi'], 2, '--in FILE is needed'],
    [['correl', '--in', 'BARS'], 1, 'two columns are needed: --column NAME,NAME'],
    [['macd', '--in', 'BARS', '--output', 'x'], 1, 'macd gives macd, signal, histogram'],
  ])('%j: exit code %i and a message', async (args, expected, message) => {
    const { code, stdout, stderr } = await indicator(...args.map((a) => (a === 'BARS' ? bars : a)));
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([expected, '']);
  });

  test('says in which line and column a cell is no number', async () => {
    const bad = join(dir, 'bad.csv');
    writeFileSync(bad, 'close\n1\n2\nabc\n');
    const { code, stderr } = await indicator('ma', '--in', bad);
    expect(code).toBe(1);
    expect(stderr).toContain(`${bad}:4: close is 'abc', expected a number`);
  });
});
