// F39: the market's clock steps back. Engine time does not, ids do not repeat, and no meter opens
// before its time. Run by vitest. Always: the actors as the engine assembles them.
import { afterEach, expect, test } from 'vitest';
import { REJECT_COOL_DOWN, REJECT_ORDER_RATE } from '../../../engine/core/reject-code.ts';
import { type Chain, type ChainOptions, openChain } from '../../support/order-chain.ts';

const open: Chain[] = [];

async function chain(options: ChainOptions): Promise<Chain> {
  const made = await openChain(options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});

/** Times and ids of the orders that reached the broker. */
function sentBy(c: Chain): { times: number[]; ids: string[] } {
  const requests = c.wire.filter(({ type }) => type === 'Request');
  return {
    times: requests.map((r) => r.eventNs!),
    ids: requests.map((r) => `${r.coidA}.${r.coidC}`),
  };
}

const isRising = (times: readonly number[]): boolean =>
  times.every((time, n) => n === 0 || time >= times[n - 1]!);

const steps = [1, 300, 8 * 3_600];

test.each(steps)('F39: a step of %i s back opens no meter and repeats no id', async (seconds) => {
  const c = await chain({ limits: { maxOrdersPerSecond: 2 } });
  c.place();
  c.place();
  c.place();
  expect(c.orders()[2]).toBe(`rejected ${REJECT_ORDER_RATE}`);
  c.quote(-seconds);
  c.place();
  expect(c.orders()[3]).toBe(`rejected ${REJECT_ORDER_RATE}`);
  // The clock is where it was, and half a second on: still the same second.
  c.quote(seconds + 0.5);
  c.place();
  expect(c.orders()[4]).toBe(`rejected ${REJECT_ORDER_RATE}`);
  c.quote(0.6);
  c.place();
  expect(c.orders()[5]).toBe('submitted');
  const { times, ids } = sentBy(c);
  expect(isRising(times)).toBe(true);
  expect(new Set(ids).size).toBe(3);
});

test('F39: a cool-down is not cut short, and not begun anew, by a step back', async () => {
  const c = await chain({ limits: { maxOrdersPerSecond: 1, coolDown: 10_000 } });
  c.place();
  c.place();
  c.quote(-300);
  c.quote(309);
  c.place();
  expect(c.orders()[2]).toBe(`rejected ${REJECT_COOL_DOWN}`);
  c.quote(1.5);
  c.place();
  expect(c.orders()[3]).toBe('submitted');
});

test('F39: a clock that went back between two lives goes on where the journal ended', async () => {
  const options = { limits: { maxOrdersPerSecond: 2 } };
  const c = await chain(options);
  c.place();
  c.place();
  const before = sentBy(c);
  open.pop();
  await c.kill();
  const again = await chain({ ...options, dir: c.dir, beginNs: 34_500e9 });
  again.place();
  expect(again.orders()[2]).toBe(`rejected ${REJECT_ORDER_RATE}`);
  again.quote(1_600);
  again.place();
  const after = sentBy(again);
  expect(after.ids).toHaveLength(1);
  expect(isRising([...before.times, ...after.times])).toBe(true);
  expect(before.ids).not.toContain(after.ids[0]);
});
