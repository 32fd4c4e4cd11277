// Large orders that risk wants split: ended unsent, carried out by a parent order under the same
// number, through restarts. Run by vitest. Always: the actors as the engine assembles them.
import { afterEach, describe, expect, test } from 'vitest';
import {
  CONFIRM_YES,
  KIND_BEST5_CANCEL,
  PARENT_REPLACE,
  PARENT_STATE_DONE,
  PARENT_STATE_NAMES,
  REPORT_CANCELLED,
  SCOPE_ACCOUNT,
  SIDE_SELL,
} from '../../../engine/messages/codes.ts';
import { Kill, RiskConfirm } from '../../../engine/messages/generated/control.ts';
import { ParentIntent } from '../../../engine/messages/generated/order.ts';
import { type Chain, type ChainOptions, LATER, openChain } from '../../support/order-chain.ts';

/** Parts of at most 3,000 yuan: 300 shares at 10 yuan. */
const LIMITS = { splitAmount: 30_000_000 };
const open: Chain[] = [];

async function chain(options: ChainOptions = {}): Promise<Chain> {
  const made = await openChain({ limits: LIMITS, ...options });
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});

/** Lets the broker fill what it was sent until nothing more comes; the parts' quantities. */
function fillAll(c: Chain): number[] {
  const parts: number[] = [];
  for (;;) {
    c.quote();
    const sent = c.sent();
    if (sent.length === 0) return parts;
    expect(sent).toHaveLength(1);
    parts.push(Number(sent[0]));
    c.fill(c.account.orders.count - 1, Number(sent[0]));
  }
}

function parents(c: Chain): string[] {
  const { parents: t } = c.account;
  return Array.from({ length: t.count }, (_, p) => {
    return `${PARENT_STATE_NAMES[t.state[p]!]} ${t.filled[p]}/${t.qty[p]}`;
  });
}

describe('an order above the split amount', () => {
  test.each([
    [1_000, [200, 200, 200, 200, 200]],
    [600, [300, 300]],
    [700, [200, 200, 200, 100]],
  ])('of %i shares trades in parts, one after the other, none above it', async (qty, parts) => {
    const c = await chain();
    c.place({ qty });
    expect([c.orders(), parents(c)]).toEqual([['cancelled 351'], [`accepted 0/${qty}`]]);
    expect(fillAll(c)).toEqual(parts);
    expect(parents(c)).toEqual([`done ${qty}/${qty}`]);
    expect(c.account.cash.reservedE4).toBe(0);
    const told = c.updates.filter(({ type }) => type === 'ParentUpdate');
    expect(told.at(-1)).toMatchObject({ intentNo: 1, state: PARENT_STATE_DONE });
  });

  test('sells its odd rest with the last part', async () => {
    const c = await chain({ account: { positions: [{ instrument: 0, qty: 750, costE4: 1 }] } });
    c.place({ qty: 750, side: SIDE_SELL });
    expect(fillAll(c)).toEqual([200, 200, 200, 150]);
    expect(parents(c)).toEqual(['done 750/750']);
  });

  test('frees its cash before the first part needs it', async () => {
    const c = await chain({ account: { cashE4: 61_000_000 } });
    c.place({ qty: 600 });
    expect(fillAll(c)).toEqual([300, 300]);
  });

  test('is cancelled under its own number, part and all', async () => {
    const c = await chain();
    const no = c.place({ qty: 1_000 });
    c.quote();
    expect(c.sent()).toEqual(['+200']);
    c.cancel(no);
    c.quote();
    expect(c.sent()).toEqual(['-2']);
    c.report(1, REPORT_CANCELLED);
    c.quote();
    expect([parents(c), c.sent()]).toEqual([['cancelled 0/1000'], []]);
  });

  test('ends with a kill, its parent too', async () => {
    const c = await chain();
    c.place({ qty: 1_000 });
    c.send('oms', Kill, { scope: SCOPE_ACCOUNT, on: 1 });
    c.quote();
    expect([parents(c), c.sent()]).toEqual([['cancelled 0/1000'], []]);
  });

  test('ends when the gateway refuses its parent, killed before the OMS hears', async () => {
    const c = await chain();
    c.place({ qty: 1_000, reserved: LATER });
    const [oms, risk, gateway] = [c.oms, c.actors.risk!, c.actors.gateways[0]!];
    for (const agent of [oms, risk, gateway, oms]) agent.doWork();
    Atomics.store(c.killWord, 0, 1);
    c.step();
    expect([c.orders(), parents(c)]).toEqual([['cancelled'], []]);
    expect(c.account.cash.reservedE4).toBe(0);
  });

  test('ends when a replace of it was under way and the gateway refuses that, killed', async () => {
    const c = await chain();
    const no = c.place({ qty: 1_000, reserved: LATER });
    const [oms, risk, gateway] = [c.oms, c.actors.risk!, c.actors.gateways[0]!];
    for (const agent of [oms, risk]) agent.doWork();
    const wish = { kind: PARENT_REPLACE, targetC: no, priceE4: 99_000, intentNo: 900 };
    c.queue('intents', ParentIntent, wish);
    for (const agent of [oms, gateway]) agent.doWork();
    Atomics.store(c.killWord, 0, 1);
    for (const agent of [risk, gateway]) agent.doWork();
    c.step();
    expect([c.orders(), parents(c)]).toEqual([['cancelled'], []]);
    expect(c.account.cash.reservedE4).toBe(0);
  });

  test('is refused where it cannot be split: no limit price, or parts below the lot', async () => {
    const c = await chain();
    c.place({ qty: 1_000, kind: KIND_BEST5_CANCEL });
    expect([c.orders(), parents(c)]).toEqual([['rejected 351'], []]);
    const small = await chain({ limits: { splitAmount: 5_000_000 } });
    small.place({ qty: 100 });
    expect([small.orders(), parents(small)]).toEqual([['cancelled 351'], []]);
  });

  test('waits for a second person first where both are wanted, its parts do not', async () => {
    const c = await chain({ limits: { ...LIMITS, parkAmount: 10_000_000 } });
    c.place({ qty: 600 });
    expect([c.orders(), parents(c)]).toEqual([['held 350'], []]);
    c.send('oms', RiskConfirm, { ...c.id(0), decision: CONFIRM_YES, person: 7 });
    expect([c.orders(), parents(c)]).toEqual([['cancelled 351'], ['accepted 0/600']]);
    expect(fillAll(c)).toEqual([300, 300]);
  });
});

describe('a split order and a restart', () => {
  test('goes on with what is left, and makes no second parent', async () => {
    const c = await chain();
    c.place({ qty: 600 });
    c.quote();
    c.fill(1, 300);
    await c.kill();
    const again = await chain({ dir: c.dir });
    expect(parents(again)).toEqual(['accepted 300/600']);
    expect(fillAll(again)).toEqual([300]);
    expect(parents(again)).toEqual(['done 600/600']);
  });

  test('gets its parent in the next life when this one ended before', async () => {
    const c = await chain();
    // The gateway has written that it is to be split; the OMS never hears of it.
    c.place({ qty: 600, reserved: LATER });
    for (const agent of [c.oms, c.actors.risk!, c.actors.gateways[0]!]) agent.doWork();
    expect(c.orders()).toEqual(['pending']);
    await c.kill();
    const again = await chain({ dir: c.dir });
    expect([again.orders()[0], parents(again)]).toEqual(['cancelled 351', ['accepted 0/600']]);
    expect(fillAll(again)).toEqual([300, 300]);
    expect(parents(again)).toHaveLength(1);
  });
});
