// A small market in CSV and what imports it into a store,
// for the tests of day files.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ImportOptions,
  type ImportReport,
  importFiles,
} from '../../../engine/backtest/store/import.ts';
import { folderOf } from '../../support/market-files.ts';

export const ORDERS = [
  'day,time,symbol,channel,seq,order_no,action,side,kind,price,qty',
  '20260105,09:30:00.050000,600519.SH,1,17,17,add,buy,limit,45.00,300',
  '20260105,09:30:01.000000,600519.SH,1,18,18,add,sell,limit,45.10,500',
  '20260105,09:30:02.000000,600519.SH,1,20,17,cancel,buy,limit,,300',
];
export const TRADES = [
  'day,time,symbol,channel,seq,buy_no,sell_no,aggressor,price,qty',
  '20260105,09:30:01.500000,600519.SH,1,19,30,18,buy,45.10,200',
];
export const STATIC = [
  'day,symbol,pre_close,upper_limit,lower_limit',
  '20260105,600519.SH,45.00,49.50,40.50',
];

/** A path for a store that is not there yet. */
export function newStore(): string {
  return join(mkdtempSync(join(tmpdir(), 'pankou-store-')), 'store');
}

/** Imports files written for the test into a store. */
export function importInto(
  store: string,
  files: { readonly [name: string]: readonly string[] },
  more: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importPaths(store, [folderOf(files)], more);
}

export function importPaths(
  store: string,
  paths: readonly string[],
  more: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importFiles({
    store,
    paths,
    instruments: 'all',
    skipBadRows: false,
    replace: false,
    day: 0,
    labels: null,
    volumeUnit: 0,
    rules: [],
    workers: 1,
    ...more,
  });
}

/** One-minute bars of the plain layout with these labels, all alike. */
export function plainBars(labels: readonly string[]): string[] {
  const rows = labels.map((label) => `2026-01-05 ${label}:00,10,10.2,9.9,10.1,1000`);
  return ['datetime,open,high,low,close,volume', ...rows];
}
