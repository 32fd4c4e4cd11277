// `pankou verify` and `pankou match` as a person runs them: tables, JSON, exit codes, messages.
// Always: the data are small files of our own, in a folder that is removed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyReport } from '../../engine/verify/verify-folder.ts';
import { runCli } from '../support/run-cli.ts';

const ORDERS = [
  'HTSCSecurityID,MDTime,securityIDSource,securityType,OrderIndex,OrderType,OrderPrice,OrderQty,' +
    'OrderBSFlag,ChannelNo,OrderNO,ApplSeqNum,DataMultiplePowerOf10,TradedQty',
  '600519.SH,91500000,XSHG,StockType,1,2,100000,300,1,2,11,1,4,',
  '600519.SH,91501000,XSHG,StockType,2,2,100000,200,1,2,12,2,4,',
  '600519.SH,93001000,XSHG,StockType,5,2,100000,100,2,2,14,5,4,',
  '600519.SH,93002000,XSHG,StockType,6,10,100000,100,2,2,14,6,4,',
];
const TRADES = [
  'HTSCSecurityID,MDTime,securityIDSource,securityType,TradeIndex,TradeBuyNo,TradeSellNo,' +
    'TradeBSFlag,TradePrice,TradeQty,TradeMoney,ApplSeqNum,ChannelNo,DataMultiplePowerOf10',
  '600519.SH,93001000,XSHG,StockType,3,11,14,2,100000,300,30000000,3,2,4',
  '600519.SH,93001000,XSHG,StockType,4,12,14,2,100000,200,20000000,4,2,4',
];

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-verify-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function day(name: string, orders: readonly string[], trades: readonly string[]): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'orders.csv'), `${orders.join('\n')}\n`);
  writeFileSync(join(folder, 'trades.csv'), `${trades.join('\n')}\n`);
  return folder;
}

describe('pankou verify', () => {
  test('prints a table and writes JSON; equal is exit 0', async () => {
    const file = join(dir, 'report.json');
    const folder = day('20260109-equal', ORDERS, TRADES);
    const { code, stdout, stderr } = await runCli(['verify', folder, '--json', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('2 of 2');
    expect(stdout).toContain('Everything is equal.');
    const report = JSON.parse(readFileSync(file, 'utf8')) as VerifyReport;
    expect(report).toMatchObject({ rows: 6, equal: true });
    expect(report.instruments).toMatchObject([
      {
        ...{ instrument: '600519.SH', day: 20260109, feed: 'sse-merged' },
        openingAuction: { exchange: 0, engine: 0, equal: 0 },
        continuous: { exchange: 2, engine: 2, equal: 2 },
        cancels: { exchange: 1, engine: 1, equal: 1 },
        snapshots: { compared: 0, equal: 0 },
        firstDifference: null,
      },
    ]);
    expect(report.kernelSeconds).toBeGreaterThan(0);
    expect(report.rowsPerSecond).toBe(Math.round(6 / report.kernelSeconds));
  });

  test('shows the book at the first difference; a difference is exit 1', async () => {
    const swapped = [TRADES[0], TRADES[1].replace('11,14', '12,14').replace('300,3', '200,3')];
    const folder = day('20260109-swapped', ORDERS, swapped);
    const { code, stdout } = await runCli(['verify', folder]);
    expect(code).toBe(1);
    expect(stdout).toContain('first difference: trade 1 (continuous, record 3, 09:30:01.000)');
    expect(stdout).toContain('exchange: buy 12, sell 14, 200 shares at 10.00');
    expect(stdout).toContain('engine:   buy 11, sell 14, 300 shares at 10.00');
    expect(stdout).toMatch(/bid +10\.00 +500 \| 11:300 12:200/);
    expect(stdout).toContain('NOT equal.');
  });

  test('prints JSON alone with --json -', async () => {
    const folder = day('20260109-json', ORDERS, TRADES);
    const { code, stdout } = await runCli(['verify', folder, '--json', '-']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as VerifyReport).equal).toBe(true);
  });

  test.each([
    [['--instruments', '600520.SH'], 1, '600520.SH'],
    [['--instruments', '600520'], 2, 'add the venue'],
  ])('%j is named', async (flags, expected, message) => {
    const folder = day(`20260109-${flags[1]}`, ORDERS, TRADES);
    const { code, stderr } = await runCli(['verify', folder, ...flags]);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });

  test('names a broken row and compares nothing', async () => {
    const broken = ORDERS.with(2, ORDERS[2].replace('100000', '1000x0'));
    const folder = day('20260109-broken', broken, TRADES);
    const { code, stdout, stderr } = await runCli(['verify', folder]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain("orders.csv:3: column OrderPrice is '1000x0'");
  });
});

describe('pankou match', () => {
  const header = 'seq,kind,id,side,priceE4,qty';

  test('writes trades to a file, and to stdout without --out', async () => {
    const file = join(dir, 'in.csv');
    const out = join(dir, 'trades.csv');
    writeFileSync(file, `${header}\n1,add,1,B,100000,300\n2,add,2,S,99900,100\n`);
    const expected = 'seq,buyId,sellId,priceE4,qty,aggressor\n2,1,2,100000,100,S\n';
    const written = await runCli(['match', file, '--out', out]);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(written.stderr).toContain('2 rows: 2 orders, 0 cancels, 0 bad; 1 trades of 100 shares');
    expect(readFileSync(out, 'utf8')).toBe(expected);
    expect((await runCli(['match', file])).stdout).toBe(expected);
  });

  test('names bad rows and returns 1', async () => {
    const file = join(dir, 'bad.csv');
    writeFileSync(file, `${header}\n1,add,1,B,100050,300\n2,cancel,7,,,\n`);
    const { code, stderr } = await runCli(['match', file]);
    expect(code).toBe(1);
    expect(stderr).toContain("bad.csv:2: column priceE4 is '100050', expected a price on the grid");
    expect(stderr).toContain("bad.csv:3: column id is '7', expected the id of an order");
    const fine = await runCli(['match', file, '--tick-e4', '50']);
    expect(fine.stderr).not.toContain('priceE4');
    expect((await runCli(['match', file, '--tick-e4', 'x'])).code).toBe(2);
  });
});
