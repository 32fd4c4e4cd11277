// The worked examples of the rules sheet through rule book -> record -> kernel: cage 13.2, calls
// 13.3, market orders 13.4, quantities 13.5, time and state 13.7. Run by vitest. Each test names
// its row of the sheet.

import { describe, expect, test } from 'vitest';
import { BookCode } from '../../../engine/core/book.ts';
import { CageMode } from '../../../engine/core/exchange-kernel.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { timeNsOf } from '../../../engine/rules/calendar-date.ts';
import { haltAt } from '../../../engine/rules/session-clock.ts';
import { type MarketWish, RulesMarket } from '../../support/rules-market.ts';

const MARKET_KINDS = ['best5-ioc', 'best5-limit', 'opposite-best', 'own-best', 'ioc', 'fok'];

/** A market in continuous trading whose book was made in the opening call. */
function trading(symbol: string, orders: readonly string[], wish: MarketWish = {}): RulesMarket {
  const market = new RulesMarket(symbol, wish);
  market.at('09:16');
  market.fill(...orders);
  market.at('09:25');
  market.at('10:00');
  return market;
}

describe('13.2 cage', () => {
  test.each<[string, string, string[], string, string, MarketWish?]>([
    ['C1', '600000.SH', ['sell 100 @ 10.00', 'buy 100 @ 9.99'], 'buy 100 @ 10.20', '10.21'],
    ['C2', '600000.SH', ['sell 100 @ 3.20'], 'buy 100 @ 3.30', '3.31', { preclose: '3.20' }],
    ['C3', '688981.SH', ['sell 200 @ 3.20'], 'buy 200 @ 3.26', '3.27', { preclose: '3.20' }],
    ['C4', '000001.SZ', ['buy 100 @ 25.37'], 'sell 100 @ 24.86', '24.85', { preclose: '25.37' }],
    ['C5', '600000.SH', ['sell 100 @ 25.25'], 'buy 100 @ 25.76', '25.77', { preclose: '25.25' }],
    [
      'C5, sells',
      '600000.SH',
      ['buy 100 @ 25.25'],
      'sell 100 @ 24.75',
      '24.74',
      { preclose: '25.25' },
    ],
    ['C6', '600000.SH', ['buy 100 @ 5.00'], 'sell 100 @ 4.90', '4.89', { preclose: '5.00' }],
    ['C7', '920002.BJ', ['sell 100 @ 1.50'], 'buy 100 @ 1.60', '1.61', { preclose: '1.50' }],
    ['C8', '920002.BJ', ['buy 100 @ 8.00'], 'sell 100 @ 7.60', '7.59', { preclose: '8.00' }],
    ['C11', '600000.SH', [], 'buy 100 @ 10.20', '10.21'],
  ])('%s', (_, symbol, orders, valid, beyond, wish) => {
    const market = trading(symbol, orders, wish);
    expect(market.check(valid)).toBe(0);
    expect(market.send(valid.replace(/@ .*/, `@ ${beyond}`))).toBe(-211);
    expect(market.send(valid)).toBeGreaterThanOrEqual(0);
  });

  test('C9: without asks the own best is the reference', () => {
    const market = trading('600000.SH', ['buy 100 @ 11.00']);
    expect(market.send('buy 100 @ 11.00')).toBe(0);
    expect(market.outcome()).toBe('rests 100@11.00');
  });

  test('C10: in an empty book the last trade is the reference', () => {
    const market = trading('600000.SH', ['buy 100 @ 9.50', 'sell 100 @ 9.50']);
    expect(market.exchange.lastE4(0)).toBe(95_000);
    expect(market.check('sell 100 @ 9.30')).toBe(211);
    expect(market.check('sell 100 @ 9.31')).toBe(0);
  });

  test('C12: no cage in the calls', () => {
    const market = trading('600000.SH', ['buy 100 @ 10.00']);
    expect(market.send('sell 100 @ 9.00')).toBe(-211);
    market.at('14:58');
    expect(market.send('sell 100 @ 9.00')).toBe(0);
    const early = new RulesMarket('600000.SH');
    early.at('09:16');
    early.fill('buy 100 @ 10.00', 'sell 100 @ 9.00');
  });

  test('C13: the limit comes before the cage', () => {
    const market = trading('600000.SH', ['sell 100 @ 10.90']);
    expect(market.check('buy 100 @ 11.01')).toBe(202);
    expect(market.check('buy 100 @ 11.00')).toBe(0);
  });

  test('C14: funds have none', () => {
    const market = trading('510300.SH', ['sell 100 @ 1.000'], { preclose: '1.000' });
    expect(market.send('buy 100 @ 1.090')).toBe(1);
  });
});

describe('13.3 call auction', () => {
  const A5 = ['buy 1000 @ 10.10', 'buy 300 @ 10.04', 'sell 1000 @ 10.00'];
  const A6 = ['buy 1000 @ 10.10', 'sell 1000 @ 10.00'];
  const A8 = [
    ...['buy 1000 @ 10.10', 'buy 300 @ 10.05'],
    ...['sell 1000 @ 10.00', 'sell 500 @ 10.06'],
  ];
  const A1 = [
    ...['buy 300 @ 10.05', 'buy 500 @ 10.03', 'buy 800 @ 10.00'],
    ...['sell 400 @ 9.98', 'sell 300 @ 10.00', 'sell 600 @ 10.02'],
  ];
  test.each<[string, string, string[], string, string, number]>([
    ['A1', '600000.SH', A1, '10.00', '10.02', 800],
    ['A2', '600000.SH', ['buy 1000 @ 10.10', 'sell 600 @ 10.00'], '10.00', '10.10', 600],
    ['A3', '600000.SH', ['buy 500 @ 10.10', 'sell 1000 @ 10.00'], '10.00', '10.00', 500],
    [
      'A4',
      '600000.SH',
      ['buy 1000 @ 10.10', 'buy 200 @ 10.06', 'sell 1000 @ 10.00', 'sell 500 @ 10.04'],
      ...(['10.00', '10.04', 1200] as const),
    ],
    ['A5, SZSE', '000001.SZ', A5, '9.90', '10.05', 1000],
    ['A5, SSE over ticks, half up', '600000.SH', A5, '9.90', '10.08', 1000],
    ['A6, SSE', '600000.SH', A6, '9.80', '10.05', 1000],
    ['A6, SZSE', '000001.SZ', A6, '9.80', '10.00', 1000],
    ['A6, SZSE', '000001.SZ', A6, '10.03', '10.03', 1000],
    ['A6, SZSE', '000001.SZ', A6, '10.20', '10.10', 1000],
    ['A6, BSE', '920002.BJ', A6, '9.80', '10.00', 1000],
    ['A6, BSE', '920002.BJ', A6, '10.03', '10.03', 1000],
    ['A6, BSE', '920002.BJ', A6, '10.20', '10.10', 1000],
    ['A8, SSE', '600000.SH', A8, '10.00', '10.05', 1000],
    ['A8, SZSE', '000001.SZ', A8, '10.06', '10.05', 1000],
    ['A8, BSE', '920002.BJ', A8, '10.06', '10.05', 1000],
  ])('%s', (_, symbol, orders, preclose, price, volume) => {
    const market = new RulesMarket(symbol, { preclose });
    market.at('09:16');
    market.fill(...orders);
    const indicative = market.exchange.callPriceE4(0);
    expect(market.book.auctionQty).toBe(volume);
    const trades = market.at('09:25');
    expect(new Set(trades.map((trade) => trade.split('@')[1]))).toEqual(new Set([price]));
    expect(trades.reduce((sum, trade) => sum + Number(trade.split('@')[0]), 0)).toBe(volume);
    expect(market.exchange.openE4(0)).toBe(indicative);
  });

  test.each(['000001.SZ', '920002.BJ'])('A7, closing call of %s: the last trade', (symbol) => {
    const market = trading(symbol, [], { preclose: '9.80' });
    market.fill('buy 100 @ 9.99', 'sell 100 @ 9.99');
    market.fill('buy 100 @ 10.07', 'sell 100 @ 10.07');
    market.at('14:58');
    market.fill('buy 1000 @ 10.10', 'sell 1000 @ 10.00');
    expect(market.at('15:00')).toEqual(['1000@10.07']);
    expect(market.exchange.closeE4(0)).toBe(100_700);
  });

  test('A9: both go to continuous trading', () => {
    const market = trading('600000.SH', ['buy 100 @ 9.99', 'sell 100 @ 10.00']);
    expect([market.book.bestBid(0), market.book.bestAsk(0)]).toEqual([99_900, 100_000]);
    expect(market.exchange.openE4(0)).toBe(0);
  });

  test.each([
    ['600000.SH', 100_300],
    ['000001.SZ', 100_300],
    ['920002.BJ', 100_400],
  ])('A10: close of %s without a trade in the closing call', (symbol, closeE4) => {
    const market = trading(symbol, []);
    market.at('14:55:54');
    market.fill('buy 100 @ 9.90', 'sell 100 @ 9.90');
    for (const [time, qty, price] of [
      ['14:56:10', 200, '10.00'],
      ['14:56:40', 300, '10.02'],
      ['14:56:55', 500, '10.04'],
    ]) {
      market.at(String(time));
      market.fill(`buy ${qty} @ ${price}`, `sell ${qty} @ ${price}`);
    }
    market.at('14:57');
    market.at('15:00');
    expect(market.exchange.closeE4(0)).toBe(closeE4);
  });
});

describe('13.4 market orders', () => {
  const ASKS = [1, 2, 3, 4, 5].map((i) => `sell 100 @ 10.0${i}`);
  const BOOK = [...ASKS, 'sell 1000 @ 10.06', 'buy 100 @ 10.00'];
  const fills = (...prices: string[]) => prices.map((price) => `100@${price}`);
  const FIVE = fills('10.01', '10.02', '10.03', '10.04', '10.05');
  test.each<[string, string, string, string[], string]>([
    ['M1', '000001.SZ', 'buy 300 opposite-best', fills('10.01'), 'rests 200@10.01'],
    ['M2', '000001.SZ', 'buy 1000 best5-ioc', FIVE, 'cancels 500'],
    ['M3', '000001.SZ', 'buy 1000 ioc', [...FIVE, '500@10.06'], 'filled'],
    ['M4', '000001.SZ', 'buy 1600 fok', [], 'cancels 1600'],
    ['M4', '000001.SZ', 'buy 1500 fok', [...FIVE, '1000@10.06'], 'filled'],
    ['M5', '000001.SZ', 'buy 300 own-best', [], 'rests 300@10.00'],
    ['M6', '600000.SH', 'buy 1000 best5-limit @ 10.20', FIVE, 'rests 500@10.05'],
    ['M7', '600000.SH', 'buy 1000 best5-ioc @ 10.03', FIVE.slice(0, 3), 'cancels 700'],
    ['M8', '600000.SH', 'buy 1000 best5-limit @ 10.03', FIVE.slice(0, 3), 'rests 700@10.03'],
    ['7.3 SZSE ignores a price', '000001.SZ', 'buy 1000 best5-ioc @ 10.03', FIVE, 'cancels 500'],
  ])('%s', (_, symbol, order, made, outcome) => {
    const market = trading(symbol, BOOK);
    expect(market.send(order)).toBe(made.length);
    expect([market.trades(), market.outcome()]).toEqual([made, outcome]);
  });

  test.each([
    ['09:16', 405],
    ['09:20', 405],
    ['14:58', 405],
    ['15:10', 405],
    ['09:27', 401],
    ['12:00', 401],
    ['15:03', 401],
  ])('M9: refused at %s', (time, code) => {
    for (const kind of MARKET_KINDS) {
      const market = new RulesMarket('000001.SZ');
      market.at(time);
      expect(market.send(`buy 100 ${kind}`)).toBe(-code);
    }
  });

  test('M9: refused in a halt and on IPO day 2', () => {
    const free = trading('000001.SZ', BOOK, { listedDay: 2 });
    for (const kind of MARKET_KINDS) expect(free.send(`buy 100 ${kind}`)).toBe(-405);
    const halted = trading('920002.BJ', BOOK);
    halted.enter(codes.PHASE_HALTED);
    for (const kind of MARKET_KINDS) {
      expect([-401, -405]).toContain(halted.send(`buy 100 ${kind} @ 10.20`));
    }
  });

  test.each(['600000.SH', '688981.SH', '920002.BJ', '510300.SH'])('M10: %s', (symbol) => {
    const market = trading(symbol, []);
    expect(market.send('buy 200 best5-ioc')).toBe(-215);
    expect(market.send('buy 200 best5-ioc @ 10.20')).toBe(0);
  });

  test('M11: own best sell with an empty ask side is cancelled', () => {
    const market = trading('000001.SZ', ['buy 100 @ 10.00']);
    expect(market.send('sell 300 own-best')).toBe(0);
    expect(market.outcome()).toBe('cancels 300');
  });

  test.each<[string, string[]]>([
    ['600000.SH', MARKET_KINDS.slice(0, 4)],
    ['688981.SH', MARKET_KINDS.slice(0, 4)],
    ['510300.SH', MARKET_KINDS.slice(0, 4)],
    ['920002.BJ', MARKET_KINDS.slice(0, 4)],
    ['000001.SZ', ['best5-ioc', 'opposite-best', 'own-best', 'ioc', 'fok']],
    ['300010.SZ', ['best5-ioc', 'opposite-best', 'own-best', 'ioc', 'fok']],
    ['159915.SZ', ['best5-ioc', 'opposite-best', 'own-best', 'ioc', 'fok']],
    ['113050.SH', []],
  ])('7.2: %s takes the kinds %j and no others', (symbol, kinds) => {
    const market = trading(symbol, ['sell 1000 @ 10.01', 'buy 1000 @ 9.99']);
    const taken = MARKET_KINDS.filter((kind) => {
      const answer = market.send(`buy 200 ${kind} @ 10.05`);
      if (answer < 0) expect(answer).toBe(-405);
      return answer >= 0;
    });
    expect(taken).toEqual(kinds);
  });
});

describe('13.5 quantities', () => {
  const ST = { state: 'risk-warning' } as const;
  test.each<[string, string, string, number, MarketWish?, { sellable?: number; bought?: number }?]>(
    [
      ['Q1', '600000.SH', 'buy 100 @ 10.00', 0],
      ['Q1', '600000.SH', 'buy 150 @ 10.00', 205],
      ['Q1', '600000.SH', 'buy 1000100 @ 10.00', 206],
      ['Q2', '300750.SZ', 'buy 300000 @ 10.00', 0],
      ['Q2', '300750.SZ', 'buy 300100 @ 10.00', 206],
      ['Q2', '300750.SZ', 'buy 150000 ioc', 0],
      ['Q2', '300750.SZ', 'buy 150100 ioc', 206],
      ['Q3', '688981.SH', 'buy 199 @ 10.00', 204],
      ['Q3', '688981.SH', 'buy 201 @ 10.00', 0],
      ['Q3', '688981.SH', 'buy 100001 @ 10.00', 206],
      ['Q3', '688981.SH', 'buy 50001 best5-ioc @ 10.00', 206],
      ['Q4', '920002.BJ', 'buy 99 @ 10.00', 204],
      ['Q4', '920002.BJ', 'buy 101 @ 10.00', 0],
      ['Q4', '920002.BJ', 'buy 1000001 @ 10.00', 206],
      ['Q5', '510300.SH', 'buy 50 @ 10.00', 204],
      ['Q5', '510300.SH', 'sell 50 @ 10.00', 0, {}, { sellable: 250 }],
      ['Q6', '113050.SH', 'buy 15 @ 10.00', 205],
      ['Q6', '113050.SH', 'sell 5 @ 10.00', 0, {}, { sellable: 25 }],
      ['Q7', '688981.SH', 'sell 150 @ 10.00', 0, {}, { sellable: 150 }],
      ['Q7', '688981.SH', 'sell 150 @ 10.00', 204, {}, { sellable: 350 }],
      ['Q10', '000010.SZ', 'buy 60000 @ 10.00', 214, ST, { bought: 450_000 }],
      ['Q10', '000010.SZ', 'buy 50000 @ 10.00', 0, ST, { bought: 450_000 }],
      ['Q11', '600000.SH', 'buy 100 @ 10.005', 201],
      ['Q11', '510300.SH', 'buy 100 @ 10.005', 0],
      ['suspended', '600000.SH', 'buy 100 @ 10.00', 103, { isSuspended: true }],
    ],
  )('%s %s %s', (_, symbol, order, code, wish, account) => {
    const market = new RulesMarket(symbol, wish);
    market.at('10:00');
    expect(market.check(order, account)).toBe(code);
  });
});

describe('13.7 time and state', () => {
  const EVERYWHERE = ['600000.SH', '688981.SH', '000001.SZ', '300010.SZ', '920002.BJ', '510300.SH'];
  test.each(EVERYWHERE)('T1 to T5: the day of %s to the second', (symbol) => {
    const market = new RulesMarket(symbol);
    const answers = (time: string) => {
      market.at(time);
      const answer = market.send('buy 200 @ 9.99');
      if (answer < 0) return [answer];
      return [answer, market.cancel(market.lastId)];
    };
    expect(answers('09:14:59.999')).toEqual([-401]);
    expect(answers('09:15:00')).toEqual([0, 200]);
    expect(answers('09:19:59.990')).toEqual([0, 200]);
    expect(answers('09:20:00')).toEqual([0, -402]);
    expect(answers('09:24:59.999')).toEqual([0, -402]);
    expect(answers('09:25:00')).toEqual([-401]);
    expect(market.cancel(1)).toBe(-401);
    expect(answers('09:27')).toEqual([-401]);
    expect(answers('09:30:00')).toEqual([0, 200]);
    expect(answers('11:29:59.999')).toEqual([0, 200]);
    expect(answers('11:30:00')).toEqual([-401]);
    expect(answers('12:59:59.999')).toEqual([-401]);
    expect(answers('13:00:00')).toEqual([0, 200]);
    expect(answers('14:56:59.990')).toEqual([0, 200]);
    expect(answers('14:57:00')).toEqual([0, -402]);
    expect(answers('14:59:59.999')).toEqual([0, -402]);
    expect(answers('15:00:00')).toEqual([-401]);
    expect(market.exchange.phase(0)).toBe(codes.PHASE_CLOSED);
  });

  test('T6: an SSE fund at 14:58', () => {
    const phaseOn = (day: number) => {
      const market = new RulesMarket('510300.SH', { day });
      market.at('14:58');
      return market.exchange.phase(0);
    };
    expect(phaseOn(20260703)).toBe(codes.PHASE_CONTINUOUS);
    expect(phaseOn(20260706)).toBe(codes.PHASE_CLOSING_CALL);
  });

  test('T7, T8: after-hours trading at the close', () => {
    const day = 20260706;
    const market = trading('600000.SH', ['buy 100 @ 10.00', 'sell 100 @ 10.00'], { day });
    market.at('15:00');
    expect(market.exchange.closeE4(0)).toBe(100_000);
    market.at('15:05');
    expect(market.send('buy 100 @ 9.99')).toBe(-213);
    expect(market.send('sell 100 @ 10.01')).toBe(-213);
    market.fill('buy 100 @ 10.00', 'buy 200 @ 10.50');
    expect(market.send('sell 200 @ 9.50')).toBe(2);
    expect(market.trades()).toEqual(['100@10.00', '100@10.00']);
    market.at('15:30');
    expect(market.send('sell 100 @ 10.00')).toBe(-401);
    const before = trading('600000.SH', [], { day: 20260703 });
    before.at('15:10');
    expect(before.send('buy 100 @ 10.00')).toBe(-401);
    expect(before.exchange.enterPhase(0, codes.PHASE_AFTER_HOURS)).toBe(BookCode.BAD_PHASE);
  });

  test.each<[string, string[], number[]]>([
    ['up', ['25.99', '26.00', '31.99', '32.00'], [0, 1, 0, 2]],
    ['down', ['14.01', '14.00', '8.01', '8.00'], [0, 1, 0, 2]],
    ['a first print beyond 60 % is one halt', ['33.00', '27.00', '34.00'], [2, 0, 0]],
    ['each direction counts', ['26.00', '14.00', '26.00', '32.00'], [1, 1, 0, 2]],
  ])('T9: opened at 20.00 on IPO day 1, %s', (_, prices, levels) => {
    // Without the cage, which keeps such prices off until the reference follows.
    const wish = { listedDay: 1, preclose: '20.00', change: { cageMode: CageMode.NONE } };
    const market = trading('920002.BJ', ['buy 100 @ 20.00', 'sell 100 @ 20.00'], wish);
    expect(market.exchange.openE4(0)).toBe(200_000);
    const found = prices.map((price) => {
      market.enter(codes.PHASE_CONTINUOUS);
      market.fill(`buy 100 @ ${price}`, `sell 100 @ ${price}`);
      return market.exchange.haltLevel(0);
    });
    expect(found).toEqual(levels);
  });

  test.each([
    ['14:46:00', '14:56:00', codes.PHASE_CONTINUOUS],
    ['14:50:00', '14:57:00', codes.PHASE_CLOSING_CALL],
    ['14:55:00', '14:57:00', codes.PHASE_CLOSING_CALL],
  ])('T10: a halt at %s ends at %s with an auction', (start, end, phase) => {
    const wish = { listedDay: 1, preclose: '20.00', change: { cageMode: CageMode.NONE } };
    const market = trading('920002.BJ', ['buy 100 @ 20.00', 'sell 100 @ 20.00'], wish);
    market.at(start);
    market.fill('buy 100 @ 26.00', 'sell 100 @ 26.00');
    expect(market.exchange.phase(0)).toBe(codes.PHASE_HALTED);
    const { dayRules, subject } = market;
    const halt = haltAt(dayRules, subject, 200_000, 260_000, timeNsOf(start));
    expect(halt?.resumeNs).toBe(timeNsOf(end));
    market.fill('buy 300 @ 25.50', 'sell 200 @ 25.00', 'sell 300 @ 25.80');
    expect(market.at(end)).toEqual(['200@25.50']);
    expect(market.exchange.phase(0)).toBe(phase);
  });

  test('T11: BSE has a limit on IPO day 2, the main board none on day 5 and one on day 6', () => {
    const upper = (symbol: string, listedDay: number) =>
      new RulesMarket(symbol, { listedDay }).rules.upperE4;
    expect(upper('920002.BJ', 2)).toBe(130_000);
    expect(upper('600000.SH', 5)).toBe(0);
    expect(upper('600000.SH', 6)).toBe(110_000);
  });
});
