// The synthetic day as CSV: reading the folder back gives the very frames the market made, so the
// sample that ships stands for the generator, and the loader for its own layout.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { createSyntheticMarket } from '../../../engine/backtest/synthetic/synthetic-market.ts';
import { writeSyntheticDay } from '../../../engine/backtest/synthetic/write-day.ts';
import { Tape } from '../../../engine/backtest/tape.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';

const OPTIONS = {
  seed: 42,
  day: 20260105,
  instruments: [
    { symbol: '688981.SH', preCloseE4: 905_500, volatility: 0.02, eventsPerSecond: 0.5 },
    { symbol: '000001.SZ', preCloseE4: 113_800, volatility: 0.02, eventsPerSecond: 1 },
    { symbol: '600519.SH', preCloseE4: 450_000, volatility: 0.02, eventsPerSecond: 0.5 },
    { symbol: '920002.BJ', preCloseE4: 200_000, volatility: 0.02, eventsPerSecond: 0.5 },
  ],
};
const SYMBOLS = OPTIONS.instruments.map((instrument) => instrument.symbol);

test('a written day reads back as the same frames and instruments', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'pankou-day-')), 'data');
  const written = await writeSyntheticDay(folder, OPTIONS);
  const day = await loadMarketData({ path: folder, instruments: SYMBOLS, skipBadRows: false });
  const market = createSyntheticMarket(OPTIONS);
  const tape = new Tape();
  const memory = new FrameMemory(new ArrayBuffer(512));
  while (market.next(memory, 0) > 0) tape.append(memory, 0);
  expect(day.tape.count).toBe(tape.count);
  expect(day.tape.hash()).toBe(tape.hash());
  expect(day.instruments).toEqual(market.instruments);
  expect(day.rows).toBe(written.orders + written.trades);
  expect(day.warnings).toEqual([]);
});

test('a later start is refused', async () => {
  await expect(writeSyntheticDay('unused', { ...OPTIONS, fromNs: 40_000e9 })).rejects.toThrow(
    /a written day begins at 9:15/,
  );
});
