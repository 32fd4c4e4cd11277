// What becomes of new orders while the link to the broker takes none: refused, kept, or kept for a
// while. Run by vitest. Always: the actors as the engine assembles them.
import { afterEach, describe, expect, test } from 'vitest';
import { LINK_HOLD, LINK_REJECT } from '../../../engine/actors/order-holds.ts';
import { INTENT_MARGIN, INTENT_SHORT, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { type Chain, type ChainOptions, openChain } from '../../support/order-chain.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
const HOLD = { account: { whileLinkDown: { kind: LINK_HOLD, expireNs: NEVER } } };
const EXPIRE = { account: { whileLinkDown: { kind: LINK_HOLD, expireNs: 30e9 } } };
const open: Chain[] = [];

async function chain(options: ChainOptions): Promise<Chain> {
  const made = await openChain(options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});

describe('while the link is down', () => {
  test.each<[string, ChainOptions]>([
    ['nothing said', {}],
    ['reject', { account: { whileLinkDown: { kind: LINK_REJECT, expireNs: NEVER } } }],
  ])('a new order is refused: %s', async (_, options) => {
    const c = await chain({ ...options, unconnected: true });
    c.place();
    expect(c.orders()).toEqual(['rejected 503']);
  });

  test('hold keeps it, written and reserved, and sends it when the link is up', async () => {
    const c = await chain({ ...HOLD, unconnected: true });
    c.place();
    expect([c.orders(), c.sent()]).toEqual([['held'], []]);
    expect(c.account.cash.reservedE4).toBeGreaterThan(0);
    c.quote(3_600);
    expect(c.orders()).toEqual(['held']);
    c.connect();
    expect([c.orders(), c.sent()]).toEqual([['submitted'], ['+100']]);
  });

  test('what was kept is checked again before it goes out', async () => {
    const c = await chain({ ...HOLD, unconnected: true, limits: { maxPriceDeviation: 0.02 } });
    c.place();
    c.quote(1, { lastE4: 105_000, bidE4: 104_900, askE4: 105_100 });
    c.connect();
    expect([c.orders(), c.sent()]).toEqual([['rejected 304'], []]);
  });

  test('it can be cancelled, and survives a restart', async () => {
    const c = await chain({ ...HOLD, unconnected: true });
    c.cancel(c.place());
    c.place({ qty: 200 });
    expect(c.orders()).toEqual(['cancelled', 'held']);
    open.pop();
    await c.kill();
    const again = await chain({ ...HOLD, dir: c.dir, unconnected: true });
    expect(again.orders()).toEqual(['cancelled', 'held']);
    again.connect();
    expect(again.sent()).toEqual(['+200']);
  });

  test('expire ends it when its time is over, and keeps it until then', async () => {
    const c = await chain({ ...EXPIRE, unconnected: true });
    c.place();
    c.quote(29);
    expect(c.orders()).toEqual(['held']);
    c.quote(2);
    expect([c.orders(), c.account.cash.reservedE4]).toEqual([['cancelled 410'], 0]);
    c.place();
    c.quote(10);
    c.connect();
    expect(c.sent()).toEqual(['+100']);
  });
});

describe('margin and short orders', () => {
  const marks = INTENT_MARGIN | INTENT_SHORT;

  test('are refused where the account lacks the capability, each for itself', async () => {
    const none = await chain({});
    none.place({ flags: INTENT_MARGIN });
    expect(none.events.of('Reject').map((r) => r.code)).toEqual([413]);
    const half = await chain({ account: { credit: INTENT_MARGIN } });
    half.place({ flags: INTENT_SHORT, side: SIDE_SELL });
    half.place({ flags: INTENT_MARGIN, side: SIDE_SELL });
    half.place({ flags: INTENT_MARGIN });
    expect(half.events.of('Reject').map((r) => r.code)).toEqual([413, 413]);
    expect(half.sent()).toEqual(['+100']);
  });

  test('reach the gateway with their marks, come back with them after a restart', async () => {
    const options = { account: { credit: marks } };
    const c = await chain(options);
    c.place({ flags: INTENT_MARGIN });
    c.place({ flags: INTENT_SHORT, side: SIDE_SELL, priceE4: 101_000 });
    c.place({ flags: marks });
    const requests = c.wire.filter(({ type }) => type === 'Request');
    expect(requests.map(({ credit }) => credit)).toEqual([INTENT_MARGIN, INTENT_SHORT]);
    expect(c.events.of('Reject').map((r) => r.code)).toEqual([413]);
    const before = [...c.account.orders.marks.subarray(0, 2)];
    expect(before).toEqual([32, 64]);
    open.pop();
    await c.kill();
    const again = await chain({ ...options, dir: c.dir, unconnected: true });
    expect([...again.account.orders.marks.subarray(0, 2)]).toEqual(before);
  });

  test('under a key are told apart from the same order without', async () => {
    const c = await chain({ account: { credit: marks } });
    const key = { keyA: 1, keyB: 2, keyC: 3, keyD: 4 };
    c.place({ ...key, flags: INTENT_MARGIN });
    c.place({ ...key, flags: INTENT_MARGIN });
    c.place(key);
    expect([c.sent(), c.events.of('Reject').map((r) => r.code)]).toEqual([['+100'], [407]]);
  });
});
