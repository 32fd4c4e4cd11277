// Ways to the broker measured from a journal: request to first word, by the host's own clock, and
// the file that a backtest's --latency draws from.
import { expect, test } from 'vitest';
import { parseLatency } from '../../../engine/backtest/latency.ts';
import { openJournal } from '../../../engine/journal/open.ts';
import { halvesText, roundTrips } from '../../../engine/journal/round-trips.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { Fill } from '../../../engine/messages/generated/order.ts';
import { ACCOUNT, DAY, fillFrame, requestFrame, smallJournal, tempFolder } from './journal-kit.ts';

/** A fill with the whole id of the request of the same number. */
function fillOf(no: number): FrameMemory {
  const memory = fillFrame(no);
  const frame = new Fill().wrap(memory, 0);
  frame.coidA = (ACCOUNT << 24) | 1;
  frame.coidB = DAY;
  return memory;
}

test('takes the first answer of each order, and counts those without one', async () => {
  const dir = tempFolder();
  const { writer, close } = await openJournal(dir, smallJournal());
  for (let no = 1; no <= 4; no++) writer.append(requestFrame(no), 0, 34_200e9, no * 1e6);
  writer.append(fillOf(2), 0, 34_201e9, 2e6 + 300_000);
  writer.append(fillOf(1), 0, 34_201e9, 1e6 + 2_000_000);
  writer.append(fillOf(2), 0, 34_201e9, 9e6);
  writer.append(fillOf(3), 0, 34_201e9, 3e6 + 300_100);
  await close();
  const found = roundTrips(dir);
  expect(found).toEqual({ ns: [300_000, 2_000_000, 300_100], unanswered: 1 });
  const text = halvesText(found.ns);
  expect(text).toBe('ns,count\n150000,2\n1000000,1\n');
  const { order } = parseLatency('order=file:x', () => text);
  expect(order).toEqual({ ns: [150_000, 1_000_000], counts: [2, 1] });
});
