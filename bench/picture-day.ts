// A day of ten-level pictures for backtest.bench.ts: drawn from a seed, written as CSV in the shape
// of SSE's own field names, read and run as `pankou backtest` does. Always: the same seed gives the
// same pictures; prices stay within the day's limits.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedSetup } from './bench-setups.ts';
import { mulberry32 } from './workloads.ts';

export const PICTURE_SYMBOL = '600000.SH';
const LEVELS = Array.from({ length: 10 }, (_, n) => n);
const HEADER = [
  'SecurityID,DateTime,PreClosePx,OpenPx,HighPx,LowPx,LastPx,TotalVolumeTrade,TotalValueTrade',
  'InstrumentStatus,NumTrades',
  ...['BidPrice', 'BidOrderQty', 'BidNumOrders'].flatMap((name) => LEVELS.map((n) => name + n)),
  ...['OfferPrice', 'OfferOrderQty', 'OfferNumOrders'].flatMap((name) =>
    LEVELS.map((n) => name + n),
  ),
].join(',');
const ones = LEVELS.map(() => 1);
/** Continuous trading: seconds of the day. */
const SESSIONS = [
  [34_200, 41_400],
  [46_800, 53_820],
] as const;

/** The setup of a day of one stock with a picture every `everyMs`. */
export async function pictureSetup(strategy: string, everyMs: number) {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-pictures-'));
  writeFileSync(join(dir, '600000_snapshots.csv'), `${[HEADER, ...rows(everyMs)].join('\n')}\n`);
  const setup = await recordedSetup(strategy, dir, PICTURE_SYMBOL);
  return { setup, close: () => rmSync(dir, { recursive: true }) };
}

function rows(everyMs: number): string[] {
  const random = mulberry32(11);
  const lines: string[] = [];
  let [fen, volume, value, trades] = [1_000, 0, 0, 0];
  let [high, low] = [fen, fen];
  for (const [from, to] of SESSIONS) {
    for (let ms = from * 1000; ms < to * 1000; ms += everyMs) {
      fen = Math.min(1_060, Math.max(940, fen + Math.floor(random() * 3) - 1));
      const traded = 100 * Math.floor(random() * 20);
      volume += traded;
      value += (traded * fen) / 100;
      trades += traded > 0 ? 1 : 0;
      high = Math.max(high, fen);
      low = Math.min(low, fen);
      const prices = [1_000, 1_000, high, low, fen].map(yuan);
      const bids = LEVELS.map((n) => yuan(fen - n));
      const asks = LEVELS.map((n) => yuan(fen + 1 + n));
      const sizes = () => LEVELS.map(() => 100 * (1 + Math.floor(random() * 50)));
      const head = [`600000,"2023.07.11T${clock(ms)}"`, ...prices, volume, value.toFixed(2)];
      lines.push(
        [
          ...head,
          '"TRADE"',
          trades,
          ...bids,
          ...sizes(),
          ...ones,
          ...asks,
          ...sizes(),
          ...ones,
        ].join(),
      );
    }
  }
  return lines;
}

function yuan(fen: number): string {
  return (fen / 100).toFixed(2);
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
