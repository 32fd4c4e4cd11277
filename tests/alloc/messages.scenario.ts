// One event = one message of a mixture written by flyweight, copied, verified, checked by CRC-32
// and read back.
import { crcInt32 } from '../../engine/messages/crc32.ts';
import { copyFrame, FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import { SnapshotTick } from '../../engine/messages/generated/market.ts';
import { Fill, Order } from '../../engine/messages/generated/order.ts';
import { verifyFrame } from '../../engine/messages/generated/verify.ts';
import type { AllocScenario } from './alloc-harness.ts';

const source = new FrameMemory(new ArrayBuffer(1024));
const target = new FrameMemory(new SharedArrayBuffer(1024));
const tick = new SnapshotTick();
const order = new Order();
const fill = new Fill();

function write(event: number): void {
  const kind = event % 3;
  if (kind === 0) {
    const message = tick.begin(source, 0);
    message.eventNs = event + 0.25;
    for (let level = 0; level < 10; level++) {
      message.setBidPriceE4(level, 100_000 - level);
      message.setBidQty(level, event * 100);
    }
  } else if (kind === 1) {
    const message = order.begin(source, 0);
    message.coidC = event;
    message.omsAtNs = event + 0.5;
    message.qty = 100;
  } else {
    const message = fill.begin(source, 0);
    message.fillNo = 2 ** 40 + event;
    message.priceE4 = event;
  }
}

// Whole numbers only: a float64 returned by a call that is not inlined is boxed, 16 bytes.
function read(event: number): number {
  const kind = event % 3;
  if (kind === 0) return tick.wrap(target, 8).bidQty(9) | 0;
  if (kind === 1) return order.wrap(target, 8).omsAtNs | 0;
  return fill.wrap(target, 8).fillNo | 0;
}

export const scenario: AllocScenario = {
  warmupEvents: 300_000,
  events: 500_000,
  run(events) {
    let sum = 0;
    for (let event = 0; event < events; event++) {
      write(event);
      const bytes = copyFrame(source, 0, target, 8);
      const crc = crcInt32(target.u8, 8, 8 + frameLength(target, 8));
      sum = (sum + verifyFrame(target, 8, bytes) + (crc & 1023) + read(event)) & 0xffffff;
    }
    return sum;
  },
};
