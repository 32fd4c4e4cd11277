// The world of the full order stream over the recorded days: without own orders it publishes the
// recording byte for byte, and every recorded trade follows from matching. Run by vitest.
// Always: every folder with an order stream is read; what is compared is what the feed would get.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDay } from '../../../engine/backtest/loaded-day.ts';
import { TapeCursor } from '../../../engine/backtest/tape.ts';
import { FrameMemory, frameLength } from '../../../engine/messages/frames.ts';
import { MAX_FRAME_BYTES } from '../../../engine/messages/generated/types.ts';
import { OrderDoor } from '../../../gateways/sim/order-door.ts';
import { planWorld } from '../../../gateways/sim/plan-world.ts';
import { WorkingOrders } from '../../../gateways/sim/working-orders.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';
import { recordedSetup } from '../../support/recorded-setup.ts';

const FOLDERS: readonly (readonly [string, readonly string[], number])[] = [
  ['l2-szse-002603-0930-1005', ['002603.SZ'], 7_119],
  ['l2-sse-600519-20230201', ['600519.SH'], 27_135],
  ['l2-sse-20230711', ['600536.SH', '600761.SH', '605580.SH'], 75_309],
  ['l2-sse-600794-20260109', ['600794.SH'], 2_079],
];

describe.skipIf(!hasRealData)('the order stream without own orders (needs ../shared/data)', () => {
  test.each(FOLDERS)(
    '%s is published as recorded, every trade of it matched',
    async (...row) => {
      const [folder, symbols, trades] = row;
      const setup = await recordedSetup(join(REAL_DATA, folder), symbols);
      if (setup.source.kind !== 'files') throw new Error('files expected');
      const { tape } = await loadDay(setup.source, null);
      const { makeWorld, validate } = await planWorld(setup, { onProgress: null });
      const fills = {
        fillOrder: () => expect.unreachable('nobody has an order'),
        expireOrder: () => expect.unreachable('nobody has an order'),
      };
      const door = new OrderDoor(setup.instruments, 1, validate);
      const world = makeWorld({ working: new WorkingOrders(1, 1), door, fills });
      const target = new FrameMemory(new ArrayBuffer(Math.ceil(MAX_FRAME_BYTES / 8) * 8));
      let published = 0;
      for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance(), published++) {
        world.nowNs = world.nextNs();
        const bytes = world.next(target, 0);
        const words = frameLength(cursor.memory, cursor.at) >> 2;
        const at = cursor.at >> 2;
        let same = bytes === words * 4;
        for (let w = 0; same && w < words; w++) same = cursor.memory.i32[at + w] === target.i32[w];
        if (!same) expect.unreachable(`event ${published} differs from the recording`);
      }
      expect(world.isBusy).toBe(false);
      expect(world.problems()).toEqual([]);
      const told = world.divergence?.() ?? [];
      expect(told.map((one) => one.instrument)).toEqual(symbols);
      expect(told.reduce((sum, one) => sum + one.recordedTrades, 0)).toBe(trades);
      for (const one of told) {
        expect(one).toMatchObject({ lostTrades: 0, newTrades: 0, ordersLess: 0, firstNs: -1 });
        expect(one).toMatchObject({ unexplained: 0, refusedOrders: 0, cancelsOfGone: 0 });
      }
    },
    60_000,
  );
});
