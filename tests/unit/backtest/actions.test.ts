// Corporate actions by hand: entitlement, cutting to whole shares, books of strategies, rights,
// locks, tax by holding time, reference prices. Run by vitest.
import { describe, expect, test } from 'vitest';
import { rateAtPayment, rateAtSale } from '../../../engine/backtest/actions/dividend-tax.ts';
import { ACTION_SETTINGS, ActionHolder } from '../../../engine/backtest/actions/holder.ts';
import { PriorCloses } from '../../../engine/backtest/actions/prior-closes.ts';
import type { ActionRow } from '../../../engine/backtest/data/stream-set.ts';

const SYMBOL = '600000.SH';
const NOTHING = { bonusPer10E4: 0, transferPer10E4: 0, rightsPer10E4: 0, rightsPriceE4: 0 };
const action = (day: number, of: Partial<ActionRow>): ActionRow => ({
  ...{ symbol: SYMBOL, day, line: 2, ...NOTHING, cashPer10E4: 0, totalShares: 0, floatShares: 0 },
  ...of,
});
const holderOf = (actions: readonly ActionRow[], settings: Partial<typeof ACTION_SETTINGS> = {}) =>
  new ActionHolder(actions, { ...ACTION_SETTINGS, ...settings }, () => false);
const line = (strategy: string | null, qty: number, costAmountE4 = qty * 100_000) => ({
  ...{ strategy, symbol: SYMBOL, qty, costAmountE4, heldDays: 3 },
});

describe('the tax on a dividend', () => {
  test.each([
    ['individual', 20_050_612, 0.2],
    ['individual', 20_050_613, 0.1],
    ['individual', 20_130_101, 0.05],
    ['individual', 20_150_908, 0],
    ['institution', 20_260_601, 0],
    ['qfii', 20_260_601, 0.1],
    ['none', 20_000_601, 0],
  ] as const)('of %s is withheld at payment on %d at %d', (kind, day, rate) => {
    expect(rateAtPayment(kind, day)).toBe(rate);
  });

  test.each([
    // A month from the 8th of May ends with the 7th of June: the last day held.
    [20_260_601, 20_260_508, 20_260_608, 0.2],
    [20_260_601, 20_260_508, 20_260_609, 0.1],
    [20_260_601, 20_250_602, 20_260_602, 0.1],
    [20_260_601, 20_250_602, 20_260_603, 0],
    [20_260_202, 20_260_131, 20_260_301, 0.2],
    [20_260_202, 20_260_131, 20_260_302, 0.1],
    [20_260_601, 0, 20_260_602, 0],
    [20_140_601, 20_100_104, 20_140_701, 0.05],
    [20_090_601, 20_090_525, 20_090_602, 0.1],
  ])('ex %d, bought %d, sold %d is %d in all', (ex, bought, sold, rate) => {
    expect(rateAtSale('individual', ex, bought, sold)).toBe(rate);
  });
});

describe('a holder', () => {
  test('gets whole shares, shared out among the books by what they hold', () => {
    const holder = holderOf([action(20_260_107, { transferPer10E4: 30_000 })]);
    const closed = { cashE4: 5, lines: [line(null, 333), line('a', 200), line('desk', 133)] };
    const opened = holder.open(20_260_106, 20_260_107, closed);
    expect(opened.lines.map(({ strategy, qty }) => [strategy, qty])).toEqual([
      [null, 333 + 99],
      ['a', 200 + 60],
      ['desk', 133 + 39],
    ]);
    expect(opened.lines.map(({ costAmountE4 }) => costAmountE4)).toEqual(
      closed.lines.map(({ costAmountE4 }) => costAmountE4),
    );
    expect(holder.events).toEqual([
      { day: 20_260_107, instrument: SYMBOL, kind: 'shares', qty: 99, amountE4: 0 },
    ]);
  });

  test('that held nothing at the close before the ex-date gets nothing', () => {
    const holder = holderOf([action(20_260_107, { cashPer10E4: 20_000 })]);
    const closed = { cashE4: 5, lines: [] };
    expect(holder.open(20_260_106, 20_260_107, closed)).toEqual(closed);
    expect(
      holder.open(20_260_107, 20_260_108, { cashE4: 5, lines: [line(null, 100)] }).cashE4,
    ).toBe(5);
  });

  test('pays the rest of the tax when it sells, first in first out, before the next open', () => {
    const holder = holderOf([action(20_260_107, { cashPer10E4: 100_000 })]);
    holder.hold(SYMBOL, 100);
    holder.traded(20_251_231, [{ instrument: SYMBOL, side: 'buy', qty: 100 }]);
    const opened = holder.open(20_260_106, 20_260_107, { cashE4: 0, lines: [line(null, 200)] });
    expect(opened.cashE4).toBe(200 * 10_000);
    holder.traded(20_260_107, [{ instrument: SYMBOL, side: 'sell', qty: 150 }]);
    // The hundred of nobody knows when are free, fifty are a week old: 20 % of one yuan each.
    expect(holder.pendingE4).toBe(-50 * 2_000);
    expect(holder.open(20_260_107, 20_260_108, { cashE4: 0, lines: [] }).cashE4).toBe(-100_000);
    expect(holder.pendingE4).toBe(0);
    expect(holder.events.at(-1)).toMatchObject({ kind: 'tax', amountE4: -100_000 });
  });

  test('taxes bonus shares at face value and conversion shares not at all', () => {
    const both = { bonusPer10E4: 50_000, transferPer10E4: 50_000 };
    const holder = holderOf([action(20_100_107, both)]);
    holder.hold(SYMBOL, 100);
    const opened = holder.open(20_100_106, 20_100_107, { cashE4: 0, lines: [line(null, 100)] });
    expect(opened.lines[0]!.qty).toBe(200);
    expect(opened.cashE4).toBe(-100 * 5_000 * 0.1);
  });

  test('subscribes rights as far as the cash goes, and locks what it got', () => {
    const rights = { rightsPer10E4: 30_000, rightsPriceE4: 50_000 };
    const of = { rights: 'subscribe', rightsDays: 2 } as const;
    const holder = holderOf([action(20_260_107, rights)], of);
    const closed = { cashE4: 1_000_000, lines: [line(null, 100), line('a', 100)] };
    const opened = holder.open(20_260_106, 20_260_107, closed);
    expect(opened.cashE4).toBe(0);
    expect(opened.lines.map(({ qty, lockedQty }) => [qty, lockedQty])).toEqual([
      [120, 20],
      [120, undefined],
    ]);
    expect(opened.lines[0]!.costAmountE4).toBe(100 * 100_000 + 1_000_000);
    expect(holder.events.map(({ kind, qty }) => [kind, qty])).toEqual([
      ['rights-forfeited', 10],
      ['rights', 20],
    ]);
    const locked = (lines: readonly { lockedQty?: number }[]) => lines[0]!.lockedQty;
    expect(locked(holder.open(20_260_107, 20_260_108, closed).lines)).toBe(20);
    expect(locked(holder.open(20_260_108, 20_260_109, closed).lines)).toBeUndefined();
  });
});

describe('the close before a day', () => {
  const before = new Map([[SYMBOL, { day: 20_170_524, closeE4: 154_700 }]]);

  test('is the published reference price on an ex-date, half up to the tick', () => {
    // Rules sheet 3.3: 600000 on 2017-05-25, (15.47 - 0.20) / 1.3 = 11.746, published 11.75.
    const terms = { cashPer10E4: 20_000, transferPer10E4: 30_000 };
    const closes = new PriorCloses([action(20_170_525, terms)], before, () => 100);
    const factors = closes.openDay(20_170_525);
    expect(closes.prices.get(SYMBOL)).toBe(117_500);
    expect(factors.get(SYMBOL)).toBeCloseTo((15.47 - 0.2) / 1.3 / 15.47, 12);
    expect(closes.openDay(20_170_526).size).toBe(0);
  });

  test('waits through days without a trade, and knows nothing of later actions', () => {
    const later = action(20_170_601, { cashPer10E4: 10_000 });
    const closes = new PriorCloses([later], before, () => 100);
    expect(closes.openDay(20_170_531).size).toBe(0);
    closes.endDay(20_170_531, [], []);
    expect(closes.prices.get(SYMBOL)).toBe(154_700);
    closes.openDay(20_170_602);
    expect(closes.prices.get(SYMBOL)).toBe(153_700);
  });
});
