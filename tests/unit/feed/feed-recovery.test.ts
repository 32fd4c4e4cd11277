// A stale book over a recorded day: trusted again by a published picture that equals it, and by
// nothing else. The data lie beside the repository; skipped where they are absent.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { FeedHandler } from '../../../engine/actors/feed-handler.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import type { MarketDay } from '../../../engine/backtest/data/load.ts';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { windowsOfTape } from '../../../engine/backtest/price-window.ts';
import { TapeCursor } from '../../../engine/backtest/tape.ts';
import { BookBuilder } from '../../../engine/core/book-builder.ts';
import { MarketState } from '../../../engine/core/market-state.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { MARKET_ADD } from '../../../engine/messages/codes.ts';
import { copyFrame } from '../../../engine/messages/frames.ts';
import { FeedGap, MarketOrder, SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { Pipe, ShownEvents } from '../../support/actor-harness.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';

const FROM_NS = 10 * 3600e9;
const TO_NS = 10.1 * 3600e9;

interface Wish {
  /** The first add at the best bid from 10:00 on does not come. */
  readonly losesRow: boolean;
}

interface Outcome {
  /** Pictures from the loss to trust; -1: none. */
  readonly pictures: number;
  readonly recovered: number;
  /** Rows that the book could not follow. */
  readonly faults: number;
  /** Whether the lost order stood within the ten levels of the picture that healed the book. */
  readonly healedTooEarly: boolean;
}

/** 9:15 to 10:06, with a loss told at 10:00. */
function run(day: MarketDay, wish: Wish): Outcome {
  const market = new Pipe(1 << 20);
  const ticks = new Pipe(1 << 20);
  const state = new MarketState(day.instruments);
  const { windows, quota } = windowsOfTape(day.instruments, day.tape);
  const levels = (windows[0].highE4 - windows[0].lowE4) / day.instruments[0].tickE4 + 1;
  const { book } = loadKernels({ maxInstruments: 1, maxOrders: quota, maxLevels: levels });
  const books = new BookBuilder(book, day.instruments, windows, false, quota);
  const ports = { market: market.ring, ticks: [ticks.out()], quotes: [] };
  const rest = { events: new ShownEvents(), tap: new NoTap(), clock: new StillClock() };
  const handler = new FeedHandler(state, books, { ...ports, ...rest }, { contiguous: false });
  let pictures = -1;
  let seen = 0;
  let lost = !wish.losesRow;
  let told = false;
  let lostE4 = 0;
  let healedTooEarly = false;
  const order = new MarketOrder();
  const tick = new SnapshotTick();
  for (const cursor = new TapeCursor(day.tape); !cursor.done; cursor.advance()) {
    if (cursor.eventNs >= TO_NS) break;
    if (!told && cursor.eventNs >= FROM_NS) {
      told = true;
      market.send(FeedGap, { eventNs: cursor.eventNs, instrument: 0, channel: 6 });
      handler.doWork();
    }
    if (told && !lost && cursor.type === MarketOrder.TYPE) {
      order.wrap(cursor.memory, cursor.at);
      const best = order.action === MARKET_ADD && order.priceE4 === book.bestBid(0);
      if (best) {
        lost = true;
        lostE4 = order.priceE4;
        continue;
      }
    }
    const at = market.ring.tryClaim(cursor.memory.i32[cursor.at >> 2]);
    copyFrame(cursor.memory, cursor.at, market.ring.memory, at);
    market.ring.commit();
    market.ring.publish();
    const before = state.stale[0];
    handler.doWork();
    ticks.take();
    if (told && cursor.type === SnapshotTick.TYPE) {
      seen++;
      if (before === 1 && state.stale[0] === 0 && pictures < 0) {
        pictures = seen;
        const lowestE4 = tick.wrap(cursor.memory, cursor.at).bidPriceE4(9);
        healedTooEarly = faults(handler) === 0 && lostE4 >= lowestE4;
      }
    }
  }
  const { recovered } = handler.trust;
  return { pictures, recovered, faults: faults(handler), healedTooEarly };
}

function faults({ trust }: FeedHandler): number {
  return trust.faults.reduce((sum, count) => sum + count, 0);
}

describe.skipIf(!hasRealData)('600519 on a recorded day (skipped: no ../shared/data here)', () => {
  let day: MarketDay;
  beforeAll(async () => {
    const path = join(REAL_DATA, 'l2-sse-600519-20230201');
    day = await loadMarketData({ path, instruments: ['600519.SH'], skipBadRows: false });
  });

  test('a loss of another share is healed by one of the next pictures', () => {
    const outcome = run(day, { losesRow: false });
    expect(outcome).toMatchObject({ recovered: 1, faults: 0 });
    expect(outcome.pictures).toBeGreaterThan(0);
    expect(outcome.pictures).toBeLessThan(10);
  });

  test('a lost order is not healed within ten levels, and found out when it leaves', () => {
    const outcome = run(day, { losesRow: true });
    expect(outcome.healedTooEarly).toBe(false);
    expect(outcome.faults).toBe(1);
  });
});
