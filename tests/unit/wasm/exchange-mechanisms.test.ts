// The mechanisms of the exchange layer one by one: held orders, halts, ranges of calls, closing
// prices, after-hours queue, phases that may follow. Run by vitest. Always: rules come from the
// rule book of the day named, but for what a test says it changes.

import { describe, expect, test } from 'vitest';
import { BookCode } from '../../../engine/core/book.ts';
import { CageMode, plainRules } from '../../../engine/core/exchange-kernel.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { type MarketWish, RulesMarket } from '../../support/rules-market.ts';

const { PHASE_CLOSING_CALL, PHASE_CONTINUOUS, PHASE_HALTED } = codes;

function trading(symbol: string, orders: readonly string[], wish: MarketWish = {}): RulesMarket {
  const market = new RulesMarket(symbol, wish);
  market.at('09:16');
  market.fill(...orders);
  market.at('10:00');
  return market;
}

describe('ChiNext until 2023-04-07 holds what is outside the cage (rules sheet 4.1)', () => {
  const wish = { day: 20230407 };

  test('unseen, until the reference moves; its time is the release', () => {
    const market = trading('300010.SZ', ['sell 100 @ 10.00', 'sell 100 @ 10.15'], wish);
    expect(market.send('buy 200 @ 10.30')).toBe(0);
    const held = market.lastId;
    expect(market.exchange.heldQty(0, held)).toBe(200);
    expect([market.outcome(), market.book.bestBid(0)]).toEqual(['filled', 0]);
    // The reference becomes 10.15, the bound 10.35: the held order buys there, the rest queues.
    expect(market.send('buy 100 @ 10.00')).toBe(2);
    expect(market.trades()).toEqual(['100@10.00', '100@10.15']);
    expect(market.exchange.heldQty(0, held)).toBe(BookCode.UNKNOWN_ORDER);
    expect([market.book.bestBid(0), market.book.orderQty(0, held)]).toEqual([103_000, 100]);
  });

  test('nearest to the reference first, then by age', () => {
    const market = trading('300010.SZ', ['sell 100 @ 10.00', 'sell 900 @ 10.20'], wish);
    market.fill('buy 100 @ 10.40', 'buy 100 @ 10.30', 'buy 100 @ 10.30', 'buy 100 @ 10.00');
    expect([3, 4, 5].map((id) => market.exchange.heldQty(0, id))).toEqual([-18, -18, -18]);
    expect([1, 2, 3].map((i) => market.book.tradeBuyId(i))).toEqual([4, 5, 3]);
  });

  test('can be cancelled, and has its id to itself', () => {
    const market = trading('300010.SZ', ['buy 100 @ 10.00'], wish);
    expect(market.send('sell 100 @ 9.00')).toBe(0);
    const id = market.lastId;
    expect(market.exchange.order(0, id, 1, 1, 99_000, 100, -1, 0)).toBe(BookCode.DUPLICATE_ID);
    expect(market.cancel(id)).toBe(100);
    expect(market.cancel(id)).toBe(BookCode.UNKNOWN_ORDER);
  });

  test('a cancel that moves the reference releases too', () => {
    const market = trading('300010.SZ', ['buy 100 @ 10.00', 'buy 100 @ 9.00'], wish);
    market.fill('sell 100 @ 8.90');
    const held = market.lastId;
    expect(market.exchange.heldQty(0, held)).toBe(100);
    expect(market.cancel(1)).toBe(100);
    expect(market.trades()).toEqual(['100@9.00']);
  });

  test('joins the closing call, which has no cage', () => {
    const market = trading('300010.SZ', ['sell 300 @ 10.00'], wish);
    market.fill('buy 200 @ 10.30');
    market.at('14:57');
    expect(market.book.bestBid(0)).toBe(103_000);
    expect(market.at('15:00')).toEqual(['200@10.00']);
  });

  test('one without a book to hold in refuses by name and keeps nothing', () => {
    const market = trading('300010.SZ', ['sell 100 @ 10.00'], {
      ...wish,
      change: { heldBook: -1 },
    });
    expect(market.send('buy 200 @ 10.30')).toBe(BookCode.UNKNOWN_INSTRUMENT);
  });
});

describe('halts (rules sheet 4.3)', () => {
  const FREE = { listedDay: 1, preclose: '20.00', change: { cageMode: CageMode.NONE } };
  const OPENED = ['buy 100 @ 20.00', 'sell 100 @ 20.00'];

  test('the order that halts is matched to its end, the next one rests', () => {
    const market = trading('600000.SH', OPENED, FREE);
    market.fill('sell 100 @ 26.00', 'sell 100 @ 27.00');
    expect(market.send('buy 300 @ 27.00')).toBe(2);
    expect(market.exchange.phase(0)).toBe(PHASE_HALTED);
    expect(market.outcome()).toBe('rests 100@27.00');
    expect(market.send('sell 100 @ 27.00')).toBe(0);
    expect(market.exchange.callPriceE4(0)).toBe(270_000);
    expect(market.cancel(market.lastId)).toBe(100);
  });

  test('a resumption auction beyond the second level halts again', () => {
    const market = trading('600000.SH', OPENED, FREE);
    market.fill('buy 100 @ 26.00', 'sell 100 @ 26.00', 'buy 100 @ 32.00', 'sell 100 @ 32.00');
    expect(market.enter(PHASE_CONTINUOUS)).toEqual(['100@32.00']);
    expect([market.exchange.phase(0), market.exchange.haltLevel(0)]).toEqual([PHASE_HALTED, 2]);
    market.enter(PHASE_CONTINUOUS);
    expect([market.exchange.phase(0), market.exchange.haltLevel(0)]).toEqual([PHASE_CONTINUOUS, 0]);
  });

  test('a halt over lunch resumes with its auction afterwards', () => {
    const market = trading('600000.SH', OPENED, FREE);
    market.fill('buy 100 @ 26.00', 'sell 100 @ 26.00', 'buy 100 @ 25.00', 'sell 100 @ 25.00');
    market.at('11:30');
    expect(market.send('buy 100 @ 25.00')).toBe(-401);
    expect(market.at('13:00')).toEqual(['100@25.00']);
  });

  test('another halt takes cancels and no orders', () => {
    const market = trading('920002.BJ', ['buy 100 @ 9.90', 'sell 100 @ 10.00']);
    market.enter(PHASE_HALTED);
    expect(market.send('buy 100 @ 9.90')).toBe(-401);
    expect(market.cancel(1)).toBe(100);
    expect(market.enter(PHASE_CONTINUOUS)).toEqual([]);
    expect(market.send('buy 100 @ 10.00')).toBe(1);
  });

  test('a convertible bond that opens 30 % up on day 1 halts as trading begins', () => {
    const market = new RulesMarket('113050.SH', { listedDay: 1, preclose: '100.00' });
    market.at('09:16');
    market.fill('buy 10 @ 130.00', 'sell 10 @ 130.00');
    market.at('09:25');
    market.at('09:30');
    expect([market.exchange.phase(0), market.exchange.haltLevel(0)]).toEqual([PHASE_HALTED, 2]);
    expect(market.send('buy 10 @ 131.00')).toBe(0);
  });

  test('halted until the close: no after-hours trading', () => {
    const market = trading('600000.SH', ['buy 100 @ 10.00', 'sell 100 @ 10.00']);
    market.enter(PHASE_HALTED);
    market.at('15:05');
    expect(market.exchange.closeE4(0)).toBe(100_000);
    expect(market.send('buy 100 @ 10.00')).toBe(-401);
  });
});

describe('ranges of calls without a limit (rules sheet 4.2)', () => {
  test('SSE: opening 50 % to 900 % of preclose, closing 90 % to 110 % of the last trade', () => {
    const market = new RulesMarket('600000.SH', { listedDay: 1 });
    market.at('09:16');
    const opening = ['5.00', '90.00', '4.99', '90.01'].map((p) => market.send(`buy 100 @ ${p}`));
    expect(opening).toEqual([0, 0, -212, -212]);
    market.fill('sell 100 @ 50.00');
    market.at('10:00');
    market.at('14:57');
    const lastE4 = market.exchange.lastE4(0);
    expect(lastE4).toBe(700_000);
    const closing = ['63.00', '77.00', '62.99', '77.01'].map((p) => market.send(`sell 100 @ ${p}`));
    expect(closing).toEqual([0, 0, -212, -212]);
  });

  test('SZSE: 90 % to 110 % of the last trade while halted', () => {
    const wish = { listedDay: 1, change: { cageMode: CageMode.NONE } };
    const market = trading('000001.SZ', ['buy 100 @ 10.00', 'sell 100 @ 10.00'], wish);
    market.fill('buy 100 @ 13.00', 'sell 100 @ 13.00');
    const halted = ['11.70', '14.30', '11.69', '14.31'].map((p) => market.send(`buy 100 @ ${p}`));
    expect(halted).toEqual([0, 0, -212, -212]);
  });
});

describe('closing price (rules sheet 6.4)', () => {
  test('a day without a trade closes at preclose', () => {
    const market = trading('600000.SH', ['buy 100 @ 9.90']);
    market.at('15:00');
    expect(market.exchange.closeE4(0)).toBe(100_000);
  });

  test('the average is half up to the tick, and a minute old still counts', () => {
    const market = trading('600000.SH', []);
    market.at('11:00:00');
    market.fill('buy 100 @ 10.00', 'sell 100 @ 10.00');
    market.at('11:01:00');
    market.fill('buy 100 @ 10.03', 'sell 100 @ 10.03');
    market.at('15:00');
    expect(market.exchange.closeE4(0)).toBe(100_200);
  });

  test('trades of one moment and of two instruments are kept apart', () => {
    const { book, exchange, validate } = loadKernels({
      ...{ maxInstruments: 2, maxOrders: 20, maxLevels: 402 },
    });
    const lot = { buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100, maxQty: 1_000 };
    const values = { ...lot, tickE4: 100, maxMarketQty: 0, upperE4: 110_000, lowerE4: 90_000 };
    for (const instr of [0, 1]) {
      book.openInstrument(instr, 100, 90_000, 110_000, 10);
      validate.setRules(instr, { ...plainRules(values), venue: 1 });
      exchange.enterPhase(instr, PHASE_CONTINUOUS);
    }
    exchange.setClock(1);
    for (const [instr, priceE4, qty] of [
      [0, 100_000, 100],
      [1, 105_000, 300],
      [0, 101_000, 300],
    ]) {
      exchange.order(instr, 1, 1, 1, priceE4, qty, -1, 0);
      exchange.order(instr, 2, 2, 1, priceE4, qty, -1, 0);
    }
    for (const instr of [0, 1]) exchange.enterPhase(instr, codes.PHASE_CLOSED);
    expect([exchange.closeE4(0), exchange.closeE4(1)]).toEqual([100_800, 105_000]);
  });
});

describe('after-hours trading (rules sheet 5.2)', () => {
  test('has time priority only, and the orders of the day have expired', () => {
    const market = trading('600000.SH', ['buy 100 @ 10.00', 'sell 100 @ 10.00', 'buy 500 @ 9.90']);
    market.at('15:05');
    expect(market.book.orderCount(0)).toBe(0);
    market.fill('buy 100 @ 10.00', 'buy 200 @ 10.90');
    expect(market.outcome()).toBe('rests 200@10.00');
    expect(market.send('sell 150 @ 10.00', { sellable: 150 })).toBe(2);
    expect([0, 1].map((i) => market.book.tradeBuyId(i))).toEqual([4, 5]);
    expect(market.cancel(5)).toBe(150);
    expect(market.send('buy 100 best5-ioc @ 10.00')).toBe(-405);
  });
});

describe('phases', () => {
  test('go forwards, and refuse what cannot follow', () => {
    const market = trading('600000.SH', []);
    for (const phase of [0, 1, 2, 3, -1, 10]) {
      expect(market.exchange.enterPhase(0, phase)).toBe(BookCode.BAD_PHASE);
    }
    expect(market.exchange.enterPhase(0, PHASE_CONTINUOUS)).toBe(0);
    market.enter(PHASE_CLOSING_CALL);
    expect(market.exchange.enterPhase(0, PHASE_HALTED)).toBe(BookCode.BAD_PHASE);
    expect(market.exchange.enterPhase(1, PHASE_CONTINUOUS)).toBe(BookCode.UNKNOWN_INSTRUMENT);
  });

  test('an instrument whose phase was never entered takes no orders, but is judged', () => {
    const market = new RulesMarket('600000.SH');
    expect(market.check('buy 100 @ 10.00')).toBe(0);
    expect(market.send('buy 100 @ 10.00')).toBe(-401);
    expect(market.cancel(1)).toBe(-401);
  });

  test('an instrument without rules, or without a book, is refused by name', () => {
    const { book, exchange, validate } = loadKernels({
      ...{ maxInstruments: 2, maxOrders: 4, maxLevels: 4 },
    });
    expect(exchange.order(0, 1, 1, 1, 100, 100, -1, 0)).toBe(-101);
    expect(exchange.withdraw(7, 1)).toBe(-101);
    expect(exchange.phase(0)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    const lot = { buyMin: 1, buyStep: 1, sellMin: 1, sellStep: 1, maxQty: 9 };
    const values = { ...lot, tickE4: 100, maxMarketQty: 0, upperE4: 0, lowerE4: 0 };
    validate.setRules(0, plainRules(values));
    validate.setQuote(0, PHASE_CONTINUOUS, 0, 0, 0);
    expect(exchange.order(0, 1, 1, 1, 100, 1, -1, 0)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.orderCount(0)).toBe(BookCode.UNKNOWN_INSTRUMENT);
  });
});
