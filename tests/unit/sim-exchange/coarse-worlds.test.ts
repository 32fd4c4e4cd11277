// Fills where no order stream is: from the next three-second picture, from a later bar. Run by
// vitest. Always: tables that read like the market; `->` is what the account hears.
import { describe, expect, test } from 'vitest';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { barPriceE4 } from '../../../gateways/sim/bar-fills.ts';
import { splitVolume } from '../../../gateways/sim/picture-fills.ts';
import { Scene } from './scenario.ts';

describe('a market of three-second pictures', () => {
  test('fills what was decided on one picture from the next', () => {
    new Scene().play(`
      picture bid 100 @ 9.99 ask 900 @ 10.00
      place A buy 300 @ 10.01       -> A accepted
      picture bid 100 @ 9.99 ask 200 @ 10.01 -> A fill 200 @ 10.01 left 100
    `);
  });

  test('gives what a picture displays once, to one order after the other', () => {
    new Scene().play(`
      picture bid 100 @ 9.99 ask 200 @ 10.01
      place A buy 100 @ 10.01       -> A accepted
      place B buy 300 @ 10.01       -> B accepted
      picture bid 100 @ 9.99 ask 200 @ 10.01 -> A fill 100 @ 10.01, B fill 100 @ 10.01 left 200
    `);
  });

  test('lets an order in the queue trade once what was ahead of it has', () => {
    new Scene().play(`
      picture bid 500 @ 9.99 ask 500 @ 10.01
      place A buy 300 @ 9.99        -> A accepted
      picture bid 500 @ 9.99 ask 500 @ 10.01
      picture bid 100 @ 9.99 ask 500 @ 10.01 traded 400 @ 9.99
      picture bid 600 @ 9.99 ask 500 @ 10.01 traded 200 @ 9.99 -> A fill 100 @ 9.99 left 200
      picture bid 600 @ 9.99 ask 500 @ 10.01 traded 900 @ 10.01
    `);
  });

  test('takes cancelled shares from ahead of us as likely as their part of the queue', () => {
    new Scene().play(`
      picture bid 400 @ 9.99 ask 500 @ 10.01
      place A buy 300 @ 9.99        -> A accepted
      picture bid 400 @ 9.99 ask 500 @ 10.01
      picture bid 800 @ 9.99 ask 500 @ 10.01
      picture bid 400 @ 9.99 ask 500 @ 10.01
      picture bid 400 @ 9.99 ask 500 @ 10.01 traded 300 @ 9.99 -> A fill 100 @ 9.99 left 200
    `);
  });

  test('uses the volume between two pictures once', () => {
    const buys = 'A fill 300 @ 9.99, B fill 100 @ 9.99 left 200';
    const sells = 'C fill 300 @ 10.01, D fill 100 @ 10.01 left 200';
    new Scene({ models: { queue: 'front' } }).play(`
      picture bid 100 @ 9.99 ask 500 @ 10.01
      place A buy 300 @ 9.99        -> A accepted
      place B buy 300 @ 9.99        -> B accepted
      place C sell 300 @ 10.01      -> C accepted
      place D sell 300 @ 10.01      -> D accepted
      picture bid 100 @ 9.99 ask 500 @ 10.01
      picture bid 5 @ 9.99 ask 5 @ 10.01 traded 400 @ 9.99 -> ${buys}
      picture bid 5 @ 9.99 ask 5 @ 10.01 traded 400 @ 10.01 -> ${sells}
    `);
  });

  test('gives each its part of the volume where the exchange shares pro rata', () => {
    new Scene({ models: { queue: 'pro-rata' } }).play(`
      picture bid 300 @ 9.99 ask 500 @ 10.01
      place A buy 100 @ 9.99        -> A accepted
      picture bid 300 @ 9.99 ask 500 @ 10.01
      picture bid 300 @ 9.99 ask 500 @ 10.01 traded 200 @ 9.99 -> A fill 50 @ 9.99 left 50
    `);
  });

  test('fills at a sealed limit only through the queue', () => {
    new Scene().play(`
      picture bid 5000 @ 11.00 ask 0 @ 0
      place A buy 300 @ 11.00       -> A accepted
      picture bid 5000 @ 11.00 ask 0 @ 0
      picture bid 4000 @ 11.00 ask 0 @ 0 traded 1000 @ 11.00
      picture bid 9000 @ 11.00 ask 0 @ 0 traded 4100 @ 11.00 -> A fill 100 @ 11.00 left 200
    `);
  });

  test('fills a resting order at its own price when the market came through it', () => {
    new Scene().play(`
      picture bid 500 @ 9.99 ask 500 @ 10.01
      place A buy 300 @ 9.99        -> A accepted
      picture bid 500 @ 9.99 ask 500 @ 10.01
      picture bid 500 @ 9.97 ask 500 @ 9.98 traded 100 @ 9.98 -> A fill 300 @ 9.99
    `);
  });

  test('ends at once what must not rest', () => {
    const part = 'B fill 200 @ 10.01 left 100';
    new Scene().play(`
      picture bid 100 @ 9.99 ask 200 @ 10.01
      place A buy 300 @ 10.01 fok   -> A accepted
      place B buy 300 @ 10.01 ioc   -> B accepted
      place C buy 300 @ 0 own-best  -> C accepted
      picture bid 100 @ 9.98 ask 200 @ 10.01 -> A cancelled, ${part}, B cancelled
      cancel C                      -> C cancelled
    `);
  });

  test('splits volume by its mean price over bid and ask', () => {
    expect(splitVolume(400, 100 * 100_100 + 300 * 99_900, 99_900, 100_100)).toEqual({
      ...{ atBid: 300, atAsk: 100 },
    });
    expect(splitVolume(400, 400 * 110_000, 110_000, 0)).toEqual({ atBid: 400, atAsk: 0 });
    expect(splitVolume(0, 0, 99_900, 100_100)).toEqual({ atBid: 0, atAsk: 0 });
  });
});

describe('a market of bars', () => {
  test('fills in a later bar at its open, a tenth of its volume at most', () => {
    new Scene().play(`
      bar 10.00 volume 500
      place A buy 100 @ 10.05       -> A accepted
      bar 10.20 volume 9000 open 10.10 low 10.06
      bar 10.06 volume 900 open 10.02 high 10.08 low 10.02 -> A fill 90 @ 10.02 left 10
      bar 10.06 volume 900 open 10.06 high 10.08 low 10.04 -> A fill 10 @ 10.05
    `);
  });

  test('fills at the limit only when prices went beyond it', () => {
    new Scene().play(`
      bar 10.00 volume 500
      place A sell 100 @ 10.05      -> A accepted
      bar 10.00 volume 9000 high 10.05
      bar 10.00 volume 9000 high 10.06 -> A fill 100 @ 10.05
    `);
  });

  test('shares one bar among own orders, and another share may be set', () => {
    new Scene({ models: { barShare: 0.5 } }).play(`
      bar 10.00 volume 500
      place A buy 300 @ 10.05       -> A accepted
      place B buy 300 @ 10.05       -> B accepted
      bar 10.00 volume 800          -> A fill 300 @ 10.00, B fill 100 @ 10.00 left 200
    `);
  });

  test('sells nothing to a buyer at the upper limit, buys nothing at the lower one', () => {
    new Scene().play(`
      bar 11.00 volume 9000
      place A buy 100 @ 11.00       -> A accepted
      bar 11.00 volume 9000
      bar 11.00 volume 9000 low 10.99 -> A fill 100 @ 11.00
    `);
    new Scene().play(`
      bar 9.00 volume 9000
      place A sell 100 @ 9.00       -> A accepted
      bar 9.00 volume 9000
      bar 9.00 volume 9000 high 9.01 -> A fill 100 @ 9.00
    `);
  });

  test('without volume fills nothing', () => {
    new Scene().play(`
      bar 10.00 volume 500
      place A buy 100 @ 10.05       -> A accepted
      bar 10.00 volume 0
    `);
  });

  const DAY = { intervalS: 86_400, startNs: 34_200e9, upperE4: 0, lowerE4: 0, volume: 1_000 };
  const PRICES = { openE4: 100_000, highE4: 103_000, lowE4: 99_000, closeE4: 102_000 };

  test('of a day gives the open to what came before it, the close to what came by 14:57', () => {
    const bar = { ...DAY, ...PRICES };
    expect(barPriceE4(SIDE_BUY, 0, 34_200e9, bar)).toBe(100_000);
    expect(barPriceE4(SIDE_BUY, 0, 36_000e9, bar)).toBe(102_000);
    expect(barPriceE4(SIDE_BUY, 101_000, 36_000e9, bar)).toBe(0);
    expect(barPriceE4(SIDE_SELL, 101_000, 36_000e9, bar)).toBe(102_000);
    expect(barPriceE4(SIDE_SELL, 101_000, 53_820e9, bar)).toBe(102_000);
    expect(barPriceE4(SIDE_SELL, 101_000, 53_821e9, bar)).toBe(0);
  });

  test('of a minute gives nothing to an order made within it', () => {
    const bar = { ...DAY, ...PRICES, intervalS: 60, startNs: 36_000e9 };
    expect(barPriceE4(SIDE_BUY, 0, 36_001e9, bar)).toBe(0);
    expect(barPriceE4(SIDE_BUY, 0, 36_000e9, bar)).toBe(100_000);
  });
});
