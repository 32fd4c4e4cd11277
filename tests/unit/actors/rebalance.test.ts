// A rebalance, step by step, against a broker in the test's hands: sells first, buys as the
// proceeds come, prices anew, and says what was left over and why.
import { describe, expect, test } from 'vitest';
import { orderFeesE4 } from '../../../engine/core/fees.ts';
import { REJECT_BLACK_LIST, REJECT_STALE_QUOTE } from '../../../engine/core/reject-code.ts';
import type {
  RebalanceOptions,
  RebalanceTarget,
  RebalanceView,
} from '../../../engine/core/strategy.ts';
import { STATUS_ACCEPTED, STATUS_CANCELLED, STATUS_FILLED } from '../../../engine/core/strategy.ts';
import { BSE, ETF, FEES, MAIN, OPEN, S, STAR, strategyDesk } from '../../support/strategy-desk.ts';

const TEN = { bid: 99_900, ask: 100_000 };
const FIVE_MINUTES = 300;

function rebalance(
  targets: readonly RebalanceTarget[],
  held: Readonly<Record<number, number>>,
  cashE4: number,
  options: RebalanceOptions = {},
) {
  const views: RebalanceView[] = [];
  const desk = strategyDesk({ onRebalance: (_, view) => void views.push(view) });
  let cash = cashE4;
  const qty = new Map(Object.entries(held).map(([i, n]) => [Number(i), n]));
  for (const [i, n] of qty) desk.hold(i, n);
  const tellCash = (): void => {
    const valueE4 = [...qty.values()].reduce((sum, n) => sum + n * 100_000, 0);
    desk.cash(cash, 0, valueE4);
  };
  tellCash();
  for (const i of [MAIN, STAR, BSE, ETF]) desk.tick(i, OPEN + S, TEN);
  const no = desk.ctx.rebalance(targets, options);
  /** News of the broker on the order `intentNo`: it is accepted, trades `part` of it, may end. */
  const trade = (
    intentNo: number,
    text: string,
    part: number,
    ends: 'filled' | 'cancelled' | 'open',
  ): void => {
    const [word, all, , price] = text.split(' ');
    const side = word === 'buy' ? 1 : 2;
    const total = Number(all);
    const priceE4 = Math.round(Number(price) * 10_000);
    const instrument = instrumentOf.get(intentNo)!;
    const own = { intentNo, instrument, side, priceE4, qty: total };
    desk.order({ ...own, status: STATUS_ACCEPTED });
    if (part > 0) {
      const sign = side === 1 ? 1 : -1;
      qty.set(instrument, (qty.get(instrument) ?? 0) + sign * part);
      cash -= sign * part * 100_000 + orderFeesE4(FEES, side, part * 100_000);
      desk.fill({ ...own, priceE4: 100_000, qty: part, leavesQty: total - part });
    }
    const filled = { ...own, filledQty: part };
    if (ends === 'filled') desk.order({ ...filled, status: STATUS_FILLED });
    if (ends === 'cancelled') desk.order({ ...filled, status: STATUS_CANCELLED });
    desk.hold(instrument, qty.get(instrument) ?? 0);
    tellCash();
  };
  const instrumentOf = new Map<number, number>();
  let now = OPEN + S;
  /** What was asked for, at the next second. */
  const next = (seconds = 1, book: { bid?: number; ask?: number } = TEN): string[] => {
    now += seconds * S;
    for (const i of [MAIN, STAR, BSE, ETF]) desk.tick(i, now, book);
    return asked();
  };
  const asked = (): string[] =>
    desk.sent().map((frame) => {
      if (frame.action !== 1) return `cancel ${frame.targetIntentNo}`;
      instrumentOf.set(frame.intentNo!, frame.instrument!);
      return `${frame.side === 1 ? 'buy' : 'sell'} ${frame.qty} at ${frame.priceE4! / 10_000}`;
    });
  return { desk, no, views, trade, next, asked };
}

describe('a rebalance', () => {
  test('sells first, buys with what came in, and is told with its sums', () => {
    const r = rebalance(
      [
        { instrument: MAIN, qty: 0 },
        { instrument: ETF, qty: 1_000 },
      ],
      { [MAIN]: 1_050 },
      0,
    );
    expect(r.asked()).toEqual(['sell 1050 at 9.79']);
    expect(r.next()).toEqual([]);
    r.trade(1, 'sell 1050 at 9.79', 1_050, 'filled');
    // 10,500 less fees buys 1,000 at 10.20 with its own fees.
    expect(r.next()).toEqual(['buy 1000 at 10.2']);
    r.trade(2, 'buy 1000 at 10.2', 1_000, 'filled');
    expect(r.next()).toEqual([]);
    expect(r.views).toEqual([
      { no: 1, orders: 2, soldE4: 105_000_000, boughtE4: 100_000_000, left: [] },
    ]);
  });

  test('buys what the money allows when no more is coming, and says what is missing', () => {
    const r = rebalance([{ instrument: MAIN, qty: 1_000 }], {}, 50_000_000);
    expect(r.asked()).toEqual(['buy 400 at 10.2']);
    r.trade(1, 'buy 400 at 10.2', 400, 'filled');
    expect(r.next()).toEqual([]);
    expect(r.views[0]?.left).toEqual([
      { instrument: MAIN, side: 1, qty: 600, code: 306, why: 'not enough cash' },
    ]);
  });

  test('buys at once what the cash at hand covers whole, without waiting for sells', () => {
    const r = rebalance(
      [
        { instrument: MAIN, qty: 0 },
        { instrument: ETF, qty: 100 },
      ],
      { [MAIN]: 100 },
      1e9,
    );
    expect(r.asked()).toEqual(['sell 100 at 9.79', 'buy 100 at 10.2']);
  });

  test('takes weights of the account, sells the others, keeps an odd rest below a lot', () => {
    const r = rebalance([{ instrument: MAIN, weight: 0.5 }], { [STAR]: 150, [MAIN]: 1_000 }, 0, {
      sellOthers: true,
    });
    // 11,500 in all: half is 5,750, 576 shares at 9.99; the lot keeps 600.
    expect(r.asked()).toEqual(['sell 400 at 9.79', 'sell 150 at 9.79']);
    r.trade(1, 'sell 400 at 9.79', 400, 'filled');
    r.trade(2, 'sell 150 at 9.79', 150, 'filled');
    expect(r.next()).toEqual([]);
    expect(r.views[0]?.left).toMatchObject([{ instrument: MAIN, side: 2, qty: 24, code: 205 }]);
  });

  test('prices anew what does not trade, and keeps its place at an unchanged price', () => {
    const r = rebalance([{ instrument: MAIN, qty: 100 }], {}, 1e9);
    expect(r.asked()).toEqual(['buy 100 at 10.2']);
    r.trade(1, 'buy 100 at 10.2', 0, 'open');
    expect(r.next(20)).toEqual([]);
    // It is stepped before the tick that brings its time: it knows the book before it.
    expect(r.next(1, { bid: 102_000, ask: 103_000 })).toEqual([]);
    expect(r.next(1, { bid: 102_000, ask: 103_000 })).toEqual(['cancel 1']);
    r.trade(1, 'buy 100 at 10.2', 0, 'cancelled');
    expect(r.next(1, { bid: 102_000, ask: 103_000 })).toEqual(['buy 100 at 10.51']);
  });

  test('gives up in time, cancels, and says so', () => {
    const r = rebalance([{ instrument: MAIN, qty: 100 }], {}, 1e9);
    r.asked();
    r.trade(1, 'buy 100 at 10.2', 0, 'open');
    expect(r.next(FIVE_MINUTES)).toEqual(['cancel 1']);
    expect(r.views).toEqual([]);
    r.trade(1, 'buy 100 at 10.2', 0, 'cancelled');
    expect(r.next()).toEqual([]);
    expect(r.views[0]?.left).toMatchObject([{ qty: 100, why: 'not filled in time' }]);
  });

  test('gives a line up that is refused three times, and lists the ban', () => {
    const r = rebalance(
      [
        { instrument: MAIN, qty: 100 },
        { instrument: ETF, qty: 100 },
      ],
      {},
      1e9,
    );
    expect(r.asked()).toHaveLength(2);
    r.trade(2, 'buy 100 at 10.2', 100, 'filled');
    for (const no of [1, 3, 4]) {
      r.desk.refuse(no, REJECT_BLACK_LIST);
      r.next();
    }
    expect(r.views[0]?.left).toMatchObject([{ instrument: MAIN, code: REJECT_BLACK_LIST }]);
  });

  test('waits for a book that is stale, and lists it when none comes', () => {
    const desk = strategyDesk({ onRebalance: (_, view) => void views.push(view) });
    const views: RebalanceView[] = [];
    desk.cash(1e9);
    desk.tick(ETF, OPEN + S, TEN);
    desk.ctx.rebalance([{ instrument: MAIN, qty: 100 }]);
    for (let s = 2; s < 400; s += 20) desk.tick(ETF, OPEN + s * S, TEN);
    expect(views[0]?.left).toMatchObject([
      { instrument: MAIN, qty: 100, code: REJECT_STALE_QUOTE },
    ]);
    expect(desk.asked()).toEqual([]);
  });

  test('takes the place of the one before, cancels its orders, counts them until they end', () => {
    const r = rebalance([{ instrument: MAIN, qty: 500 }], {}, 1e9);
    r.asked();
    r.trade(1, 'buy 500 at 10.2', 200, 'open');
    r.desk.ctx.rebalance([{ instrument: MAIN, qty: 300 }]);
    expect(r.asked()).toEqual(['cancel 1']);
    expect(r.views.map(({ no, boughtE4 }) => [no, boughtE4])).toEqual([[1, 20_000_000]]);
    expect(r.next()).toEqual([]);
    r.trade(1, 'buy 500 at 10.2', 0, 'cancelled');
    r.desk.hold(MAIN, 200);
    expect(r.next()).toEqual(['buy 100 at 10.2']);
  });

  test.each([
    [[{ instrument: 9, qty: 1 }], 'was not given'],
    [[{ instrument: MAIN }], 'one of qty, valueE4, weight'],
    [[{ instrument: MAIN, qty: -1 }], 'not below 0'],
    [[{ instrument: MAIN, weight: 2 }], 'at most 1'],
    [
      [
        { instrument: MAIN, qty: 1 },
        { instrument: MAIN, qty: 2 },
      ],
      'named twice',
    ],
  ])('refuses %j', (targets, text) => {
    const desk = strategyDesk();
    expect(() => desk.ctx.rebalance(targets)).toThrow(text);
  });
});
