// The synthetic market: reproducible, obedient to the rules of the exchange, and shaped like a
// market. Every property is checked over the events themselves, with a book of plain maps.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CLOSING_CALL_NS, MORNING_NS, timeNs } from '../../../engine/backtest/data/sessions.ts';
import type { SyntheticOptions } from '../../../engine/backtest/synthetic/synthetic-market.ts';
import { createSyntheticMarket } from '../../../engine/backtest/synthetic/synthetic-market.ts';
import { KIND_LIMIT, MARKET_ADD, SIDE_BUY } from '../../../engine/messages/codes.ts';
import { FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../../engine/messages/generated/market.ts';
import { TYPE_MARKET_ORDER, TYPE_MARKET_TRADE } from '../../../engine/messages/generated/types.ts';
import { verifyFrame } from '../../../engine/messages/generated/verify.ts';

const MOUTAI = { symbol: '600519.SH', preCloseE4: 450_000, volatility: 0.02, eventsPerSecond: 4 };
const PING_AN = { symbol: '000001.SZ', preCloseE4: 113_800, volatility: 0.018, eventsPerSecond: 6 };
const STAR = { symbol: '688981.SH', preCloseE4: 905_500, volatility: 0.03, eventsPerSecond: 3 };
const DAY = { seed: 20260105, day: 20260105, instruments: [MOUTAI, PING_AN] };

interface Event {
  readonly type: number;
  readonly ns: number;
  readonly instrument: number;
  readonly seq: number;
  readonly channel: number;
  readonly order: Order | null;
  readonly trade: Trade | null;
  readonly phase: number;
}
interface Order {
  readonly no: number;
  readonly action: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}
interface Trade {
  readonly buyNo: number;
  readonly sellNo: number;
  readonly aggressor: number;
  readonly priceE4: number;
  readonly qty: number;
}

function hashOf(options: SyntheticOptions): string {
  const market = createSyntheticMarket(options);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const hash = createHash('sha256');
  for (let length = market.next(memory, 0); length > 0; length = market.next(memory, 0)) {
    hash.update(memory.u8.subarray(0, length));
  }
  return hash.digest('hex');
}

function eventsOf(options: SyntheticOptions): Event[] {
  const market = createSyntheticMarket(options);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const order = new MarketOrder();
  const trade = new MarketTrade();
  const phase = new Phase();
  const events: Event[] = [];
  const faults: number[] = [];
  for (let due = market.nextNs(); market.next(memory, 0) > 0; due = market.nextNs()) {
    const type = frameType(memory, 0);
    order.wrap(memory, 0);
    trade.wrap(memory, 0);
    if (verifyFrame(memory, 0, 512) !== 0 || order.eventNs !== due) faults.push(events.length);
    const isOrder = type === TYPE_MARKET_ORDER;
    const isTrade = type === TYPE_MARKET_TRADE;
    events.push({
      type,
      ns: order.eventNs,
      instrument: order.instrument,
      seq: isOrder || isTrade ? order.channelSeq : 0,
      channel: isOrder || isTrade ? order.channel : -1,
      phase: isOrder || isTrade ? -1 : phase.wrap(memory, 0).phase,
      order: isOrder
        ? {
            no: order.orderNo,
            action: order.action,
            side: order.side,
            kind: order.kind,
            priceE4: order.priceE4,
            qty: order.qty,
          }
        : null,
      trade: isTrade
        ? {
            buyNo: trade.buyNo,
            sellNo: trade.sellNo,
            aggressor: trade.aggressor,
            priceE4: trade.priceE4,
            qty: trade.qty,
          }
        : null,
    });
  }
  expect(faults).toEqual([]);
  expect(market.nextNs()).toBe(-1);
  expect(market.next(memory, 0)).toBe(-1);
  return events;
}

const day = eventsOf(DAY);

test('the same seed gives the same bytes, today and in every later version', () => {
  expect(hashOf(DAY)).toBe(hashOf(DAY));
  expect(hashOf({ ...DAY, toNs: timeNs(10, 0) })).toBe(
    '10ae5fc49e0dada4cb4d727705cce38d00e537e6c6dfdab233e55fd6bfd60944',
  );
});

test('another seed gives another day', () => {
  const until = { ...DAY, toNs: timeNs(9, 31) };
  expect(hashOf({ ...until, seed: 1 })).not.toBe(hashOf(until));
});

test('an instrument trades the same whatever trades beside it', () => {
  const alone = eventsOf({ ...DAY, instruments: [PING_AN] }).filter((e) => e.trade !== null);
  const beside = day.filter((e) => e.trade !== null && e.instrument === 1);
  expect(alone.map((e) => e.trade?.priceE4)).toEqual(beside.map((e) => e.trade?.priceE4));
});

test('the phases of the day come in order at their times', () => {
  const phases = day.filter((e) => e.phase >= 0).map((e) => [e.phase, e.ns / 60e9]);
  expect(phases).toEqual([
    [1, 555],
    [2, 560],
    [3, 565],
    [4, 570],
    [5, 690],
    [4, 780],
    [6, 897],
    [7, 900],
  ]);
});

test('time never falls and sequence numbers count every event of a channel from 1', () => {
  const last = new Map<number, number>();
  const faults: Event[] = [];
  let ns = 0;
  for (const event of day) {
    if (event.ns < ns) faults.push(event);
    ns = event.ns;
    if (event.channel < 0) continue;
    if (event.seq !== (last.get(event.channel) ?? 0) + 1) faults.push(event);
    last.set(event.channel, event.seq);
  }
  expect(faults).toEqual([]);
});

test('every order and trade keeps tick, lot, limits and quantity', () => {
  const options = { ...DAY, instruments: [MOUTAI, STAR] };
  const { instruments } = createSyntheticMarket(options);
  const faults = eventsOf(options).filter(({ order, trade, instrument }) => {
    const entry = order?.action === MARKET_ADD ? order : trade;
    if (entry === null) return false;
    const { tickE4, buyMin, buyStep, maxQty, upperLimitE4, lowerLimitE4 } = instruments[instrument];
    if (entry.qty <= 0 || entry.qty > maxQty) return true;
    if (order !== null && (order.qty < buyMin || (order.qty - buyMin) % buyStep !== 0)) return true;
    if (order !== null && order.kind !== KIND_LIMIT) return order.priceE4 !== 0;
    const { priceE4 } = entry;
    return priceE4 % tickE4 !== 0 || priceE4 > upperLimitE4 || priceE4 < lowerLimitE4;
  });
  expect(faults).toEqual([]);
});

test('no cancel comes from 9:20 to 9:30 or from 14:57', () => {
  const cancels = day.filter((e) => e.order !== null && e.order.action !== MARKET_ADD);
  const forbidden = cancels.filter(
    ({ ns }) => (ns >= timeNs(9, 20) && ns < MORNING_NS) || ns >= CLOSING_CALL_NS,
  );
  expect(forbidden).toEqual([]);
  expect(cancels.length).toBeGreaterThan(1000);
});

test('orders, trades and cancels add up, and an order comes before its trades', () => {
  const left = new Map<string, { qty: number; priceE4: number; side: number }>();
  const faults: Event[] = [];
  for (const event of day) {
    const { order, trade, instrument } = event;
    if (order?.action === MARKET_ADD) left.set(`${instrument}.${order.no}`, { ...order });
    if (order !== null && order.action !== MARKET_ADD) {
      if (left.get(`${instrument}.${order.no}`)?.qty !== order.qty) faults.push(event);
      left.delete(`${instrument}.${order.no}`);
    }
    if (trade === null) continue;
    for (const no of [trade.buyNo, trade.sellNo]) {
      const entry = left.get(`${instrument}.${no}`);
      if (entry === undefined || entry.qty < trade.qty) {
        faults.push(event);
        continue;
      }
      entry.qty -= trade.qty;
      const beyond =
        entry.side === SIDE_BUY ? trade.priceE4 > entry.priceE4 : trade.priceE4 < entry.priceE4;
      if (entry.priceE4 > 0 && beyond) faults.push(event);
    }
  }
  expect(faults).toEqual([]);
});

test('both calls end in one auction at one price', () => {
  for (const instrument of [0, 1]) {
    for (const ns of [timeNs(9, 25), timeNs(15, 0)]) {
      const prints = day.filter(
        (e) => e.ns === ns && e.trade !== null && e.instrument === instrument,
      );
      expect(prints.length).toBeGreaterThan(0);
      expect(new Set(prints.map((e) => e.trade?.priceE4)).size).toBe(1);
      expect(prints.every((e) => e.trade?.aggressor === 0)).toBe(true);
    }
  }
});

test('spreads are mostly one to three ticks and the book is never crossed', () => {
  const counts = new Map<number, number>();
  for (const spread of spreadsOf(day, 1)) counts.set(spread, (counts.get(spread) ?? 0) + 1);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const narrow = [1, 2, 3].reduce((sum, ticks) => sum + (counts.get(ticks) ?? 0), 0);
  expect(narrow / all).toBeGreaterThan(0.8);
  expect(Math.min(...counts.keys())).toBeGreaterThan(0);
});

test('volume is larger after the open and before the close than at noon', () => {
  const volume = (from: number, to: number): number =>
    day.reduce((sum, e) => sum + (e.ns >= from && e.ns < to ? (e.trade?.qty ?? 0) : 0), 0);
  const noon = volume(timeNs(11, 0), timeNs(11, 30));
  expect(volume(timeNs(9, 30), timeNs(10, 0))).toBeGreaterThan(1.5 * noon);
  expect(volume(timeNs(14, 27), timeNs(14, 57))).toBeGreaterThan(1.1 * noon);
});

test('the volatility of a day is near the one asked for', () => {
  const returns: number[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const trades = eventsOf({ ...DAY, seed, instruments: [{ ...MOUTAI, eventsPerSecond: 1 }] });
    const prices = trades.flatMap((e) => (e.trade === null ? [] : [e.trade.priceE4]));
    returns.push(Math.log(prices[prices.length - 1] / MOUTAI.preCloseE4));
  }
  const deviation = Math.sqrt(returns.reduce((sum, r) => sum + r * r, 0) / returns.length);
  expect(deviation).toBeGreaterThan(0.008);
  expect(deviation).toBeLessThan(0.05);
});

test('a later start opens with the orders resting then, and goes on as the whole day does', () => {
  const fromNs = timeNs(10, 0);
  const late = eventsOf({ ...DAY, fromNs });
  const phases = late.filter((e) => e.phase >= 0);
  expect(phases.slice(0, 2).map((e) => e.phase)).toEqual([3, 4]);
  expect(late[0].ns).toBe(fromNs);
  const whole = day.filter((e) => e.ns >= fromNs && e.channel >= 0);
  const start = late.findIndex((e) => e.phase === 4) + 1;
  const after = late.slice(start).filter((e) => e.channel >= 0);
  expect(after.length).toBe(whole.length);
  expect(JSON.stringify(after)).toBe(JSON.stringify(whole));
  expect(late.slice(1, start - 1).every((e) => e.order?.action === MARKET_ADD)).toBe(true);
});

test('an end time leaves out what comes at it or later', () => {
  const early = eventsOf({ ...DAY, toNs: timeNs(9, 40) });
  expect(JSON.stringify(early)).toBe(JSON.stringify(day.filter((e) => e.ns < timeNs(9, 40))));
});

test.each([
  [{ ...MOUTAI, preCloseE4: 450_050 }, /preCloseE4=450050, expected a price on the tick of 100/],
  [{ ...MOUTAI, volatility: 0 }, /volatility=0, expected above 0/],
  [{ ...MOUTAI, eventsPerSecond: -1 }, /eventsPerSecond=-1/],
  [{ ...MOUTAI, symbol: '999999.SH' }, /no code range of SSE holds it/],
  [{ ...MOUTAI, symbol: '113050.SH' }, /no closing call/],
  [{ ...MOUTAI, preCloseE4: 200 }, /at least 20 ticks/],
])('refuses an instrument it cannot trade: %j', (instrument, message) => {
  expect(() => createSyntheticMarket({ ...DAY, instruments: [instrument] })).toThrow(message);
});

/** Spread in ticks after each event of continuous trading, from a book of plain maps. */
function spreadsOf(events: readonly Event[], instrument: number): number[] {
  const orders = new Map<number, { side: number; priceE4: number; qty: number }>();
  const levels = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  const change = (side: number, priceE4: number, by: number): void => {
    const qty = (levels[side].get(priceE4) ?? 0) + by;
    if (qty === 0) levels[side].delete(priceE4);
    else levels[side].set(priceE4, qty);
  };
  const spreads: number[] = [];
  let sampleNs = MORNING_NS;
  for (const { order, trade, ns, instrument: of } of events) {
    if (of !== instrument) continue;
    if (ns > sampleNs && ns < CLOSING_CALL_NS) {
      // Before this event the last one's trades are complete.
      sampleNs = ns + 20e9;
      if (order !== null) {
        spreads.push((Math.min(...levels[2].keys()) - Math.max(...levels[1].keys())) / 100);
      }
    }
    if (order?.action === MARKET_ADD && order.kind === KIND_LIMIT) {
      orders.set(order.no, { ...order });
      change(order.side, order.priceE4, order.qty);
    } else if (order?.action === MARKET_ADD) {
      orders.set(order.no, { ...order, priceE4: 0 });
    } else if (order !== null) {
      const resting = orders.get(order.no);
      if (resting !== undefined && resting.priceE4 > 0) {
        change(resting.side, resting.priceE4, -order.qty);
      }
    }
    for (const no of trade === null ? [] : [trade.buyNo, trade.sellNo]) {
      const resting = orders.get(no);
      if (resting !== undefined && resting.priceE4 > 0) {
        change(resting.side, resting.priceE4, -(trade?.qty ?? 0));
      }
    }
  }
  return spreads;
}
