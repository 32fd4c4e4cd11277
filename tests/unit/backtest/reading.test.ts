// The reading thread gives what reading in place gives, days and errors alike; the warm-up beside
// it leaves no trace in a run. Run by vitest. Always: real threads, real files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executeBacktest } from '../../../engine/backtest/command.ts';
import { CsvRowError, MarketDataError } from '../../../engine/backtest/data/errors.ts';
import { openMarketDays } from '../../../engine/backtest/data/market-days.ts';
import { PriorPrices } from '../../../engine/backtest/data/prior-prices.ts';
import { isWorthAThread, ReadingStart } from '../../../engine/backtest/reading/reading-start.ts';
import { openDaysApart } from '../../../engine/backtest/reading/reading-thread.ts';
import type { ReadingWish } from '../../../engine/backtest/reading/reading-words.ts';
import { WarmUp } from '../../../engine/backtest/reading/warm-up.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { runOptions, SYMBOL, tempDir, writeDay, writeStrategy } from '../../support/run-options.ts';

const nothing = () => Promise.resolve(false);

function wishOf(path: string, instruments: readonly string[] = [SYMBOL]): ReadingWish {
  return { path, instruments, skipBadRows: false, from: 0, to: 0, overlays: [] };
}

describe('the reading thread', () => {
  test('gives the plan and the days that reading in place gives', async () => {
    const wish = wishOf(await writeDay(tempDir()));
    const fractions: number[] = [];
    const apart = await openDaysApart(
      new ReadingStart(wish),
      (fraction) => fractions.push(fraction),
      nothing,
    );
    const here = await openMarketDays(wish);
    expect(apart.days).toEqual(here.days);
    const day = here.days[0]!;
    const [{ tape: farTape, rowAt: _, ...far }, { tape, rowAt: __, ...near }] = [
      await apart.open(day, new PriorPrices()),
      await here.open(day, new PriorPrices()),
    ];
    expect(far).toEqual(near);
    expect(farTape.hash()).toBe(tape.hash());
    expect(tape.count).toBeGreaterThan(1_000);
    expect(apart.sha256([far.sha256])).toBe(here.sha256([near.sha256]));
    expect(fractions.at(-1)).toBe(1);
  });

  test('does what there is to do meanwhile, and waits when there is nothing left', async () => {
    let pieces = 0;
    const three = () => Promise.resolve(++pieces < 3);
    await openDaysApart(new ReadingStart(wishOf(await writeDay(tempDir()))), () => {}, three);
    expect(pieces).toBe(3);
  });

  test('throws a broken row with file, line, column and value', async () => {
    const path = await writeDay(tempDir());
    const orders = join(path, 'orders.csv');
    const lines = readFileSync(orders, 'utf8').split('\n');
    lines[4] = lines[4]!.replace(/\d+\.\d+/, '10.5x');
    writeFileSync(orders, lines.join('\n'));
    const error = await openDaysApart(new ReadingStart(wishOf(path)), () => {}, nothing).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(CsvRowError);
    expect(error).toMatchObject({ file: orders, line: 5, value: '09:15:10.5x' });
  });

  test('throws what is wrong with the data as a whole', async () => {
    const path = await writeDay(tempDir());
    const unknown = openDaysApart(new ReadingStart(wishOf(path, ['600009.SH'])), () => {}, nothing);
    await expect(unknown).rejects.toThrow(MarketDataError);
    await expect(unknown).rejects.toThrow(/600009/);
  });

  test('is worth it for large files only', async () => {
    const path = await writeDay(tempDir());
    expect(isWorthAThread(path)).toBe(false);
    writeFileSync(join(path, 'more.csv'), Buffer.alloc(3 << 20));
    expect(isWorthAThread(path)).toBe(true);
  });
});

describe('the warm-up', () => {
  test('changes nothing of the run that follows', async () => {
    const dir = tempDir();
    const options = runOptions(writeStrategy(dir), await writeDay(dir));
    const cold = await executeBacktest(options);
    const warmUp = new WarmUp(options, builtInBook());
    expect(await warmUp.piece()).toBe(true);
    const warm = await executeBacktest(options);
    expect(warm.report.orders).toBeGreaterThan(0);
    expect(warm.report.stateHash).toBe(cold.report.stateHash);
    expect(warm.fills).toEqual(cold.fills);
  });

  test('is over at once for an instrument that no rule knows', async () => {
    const options = runOptions(writeStrategy(tempDir()), tempDir());
    const instruments = [{ symbol: '000300.XX', preCloseE4: 0 }];
    expect(await new WarmUp({ ...options, instruments }, builtInBook()).piece()).toBe(false);
  });
});
