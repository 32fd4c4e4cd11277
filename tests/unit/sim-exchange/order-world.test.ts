// Own orders in the order stream, on days of a few orders written by hand: whose turn it is, what
// becomes of real orders that find the book changed, what is published. Run by vitest.
// Always: the kernel is the real one; the stream is derived from the feed as for recorded data.
//   09:30 add 5 sell 100 @ 10.00 | drop 5 sell 100 | trade 4 5 100 @ 10.00 by buy
import { describe, expect, test } from 'vitest';
import { Tape, TapeSource } from '../../../engine/backtest/tape.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../../engine/messages/generated/market.ts';
import { OrderDoor } from '../../../gateways/sim/order-door.ts';
import { OrderWorld } from '../../../gateways/sim/order-world.ts';
import { OWN_ORDER_BASE, recordedStreams } from '../../../gateways/sim/recorded-stream.ts';
import { WorkingOrders } from '../../../gateways/sim/working-orders.ts';
import { kernelRulesOf, makeInstrument } from '../../support/instruments.ts';

const BUY = codes.SIDE_BUY;
const SELL = codes.SIDE_SELL;
const T0 = 34_200e9;

type Row = { memory: FrameMemory };

/** A day from lines; a line may begin with a clock time that holds from there on. */
class Day {
  readonly tape = new Tape();
  #ns = T0;
  #seq = 0;

  constructor(lines: string) {
    this.phase(codes.PHASE_CONTINUOUS);
    for (const line of lines.split('\n').map((text) => text.trim())) if (line) this.#line(line);
  }

  phase(phase: number): void {
    const at = this.tape.claim(Phase.BYTES);
    Object.assign(new Phase().begin(this.tape.tail, at), { instrument: -1, phase });
    new Phase().wrap(this.tape.tail, at).eventNs = this.#ns;
    this.tape.commit();
  }

  #line(line: string): void {
    this.#ns += 1e6;
    const [verb, a, b, c, , price, , by] = line.split(' ');
    const head = { instrument: 0, channel: 1, channelSeq: ++this.#seq, eventNs: this.#ns };
    const priceE4 = Math.round(Number(price ?? 0) * 10_000);
    if (verb === 'trade') {
      const at = this.tape.claim(MarketTrade.BYTES);
      const ids = { buyNo: Number(a), sellNo: Number(b), qty: Number(c), priceE4 };
      const aggressor = by === 'buy' ? BUY : SELL;
      Object.assign(new MarketTrade().begin(this.tape.tail, at), { ...head, ...ids, aggressor });
    } else {
      const at = this.tape.claim(MarketOrder.BYTES);
      const action = verb === 'add' ? codes.MARKET_ADD : codes.MARKET_CANCEL;
      const order = { orderNo: Number(a), side: b === 'buy' ? BUY : SELL, qty: Number(c) };
      const rest = { action, kind: codes.KIND_LIMIT, priceE4 };
      Object.assign(new MarketOrder().begin(this.tape.tail, at), { ...head, ...order, ...rest });
    }
    this.tape.commit();
  }
}

/** The world of one instrument, and what it said. */
class Desk {
  readonly said: string[] = [];
  readonly published: string[] = [];
  readonly seqs: number[] = [];
  readonly world: OrderWorld;
  readonly working = new WorkingOrders(16, 4);
  readonly #target = new FrameMemory(new ArrayBuffer(512));

  constructor(symbol: string, layout: string, lines: string) {
    const instrument = makeInstrument(0, symbol, { preCloseE4: 100_000 });
    const { tape } = new Day(lines);
    const day = { tape, instruments: [instrument], orderLayouts: [layout], hasStartBook: false };
    const { book, validate } = loadKernels({ maxInstruments: 1, maxOrders: 64, maxLevels: 512 });
    book.openInstrument(0, 100, 90_000, 110_000, 64);
    validate.setRules(0, kernelRulesOf(instrument, { preCloseE4: 100_000 }));
    const fills = {
      fillOrder: (slot: number, priceE4: number, qty: number): void => {
        this.working.filled[slot]! += qty;
        this.said.push(`${slot} ${qty} @ ${priceE4 / 10_000}`);
        if (this.working.leaves(slot) === 0) this.working.finish(slot);
      },
      expireOrder: (slot: number): void => void this.said.push(`${slot} expired`),
    };
    const windows = [{ lowE4: 90_000, highE4: 110_000 }];
    const source = new TapeSource(tape);
    const parts = { instruments: [instrument], streams: recordedStreams(day), book };
    this.world = new OrderWorld(
      { ...parts, quotas: [64], windows, source, fallback: null },
      { working: this.working, door: new OrderDoor([instrument], 1, validate), fills },
    );
  }

  /** Releases `count` recorded events, and all that follows from them. */
  release(count: number): this {
    for (let n = 0; n < count; n++) {
      this.#one();
      this.#drain();
    }
    return this;
  }

  /** What was written beyond the recording goes out first. */
  #drain(): void {
    while (this.world.isBusy && this.world.nextNs() === this.world.nowNs) this.#one();
  }

  cancel(slot: number): void {
    this.world.remove(slot);
    this.#drain();
  }

  #one(): void {
    const { world } = this;
    world.nowNs = world.nextNs();
    if (world.next(this.#target, 0) > 0) this.#note({ memory: this.#target });
  }

  place(side: number, yuan: number, qty: number, kind: number = codes.KIND_LIMIT): number {
    const slot = this.working.add(1, 1, this.working.count + 1);
    Object.assign(this.working.side, { [slot]: side });
    this.working.kind[slot] = kind;
    this.working.qty[slot] = qty;
    this.working.priceE4[slot] = Math.round(yuan * 10_000);
    this.working.rest(slot);
    this.world.place(slot);
    this.#drain();
    return slot;
  }

  #note({ memory }: Row): void {
    if (memory.i32[1] === Phase.TYPE) return;
    const no = (id: number): string =>
      id >= OWN_ORDER_BASE ? `own${id - OWN_ORDER_BASE}` : `${id}`;
    if (memory.i32[1] === MarketTrade.TYPE) {
      const t = new MarketTrade().wrap(memory, 0);
      this.seqs.push(t.channelSeq);
      this.published.push(`trade ${no(t.buyNo)} ${no(t.sellNo)} ${t.qty} @ ${t.priceE4 / 10_000}`);
      return;
    }
    const o = new MarketOrder().wrap(memory, 0);
    this.seqs.push(o.channelSeq);
    const verb = o.action === codes.MARKET_ADD ? 'add' : 'drop';
    this.published.push(`${verb} ${no(o.orderNo)} ${o.qty} @ ${o.priceE4 / 10_000}`);
  }
}

const SZSE = (lines: string): Desk => new Desk('000001.SZ', 'szse', lines);
const SSE = (lines: string): Desk => new Desk('600000.SH', 'sse-split', lines);

describe('an own order in the order stream', () => {
  test('stands behind what came before it and ahead of what came after', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 sell 100 @ 10.00
      add 3 buy 200 @ 10.00
      trade 3 1 100 @ 10.00 by buy
      trade 3 2 100 @ 10.00 by buy`);
    desk.release(2);
    desk.place(SELL, 10, 50);
    desk.release(2);
    expect(desk.said).toEqual(['0 50 @ 10']);
    desk.release(2);
    expect(desk.published).toEqual([
      ...['add 1 100 @ 10', 'add own0 50 @ 10', 'add 2 100 @ 10', 'add 3 200 @ 10'],
      ...['trade 3 1 100 @ 10', 'trade 3 own0 50 @ 10', 'trade 3 2 50 @ 10'],
    ]);
    expect(desk.world.divergence()[0]).toMatchObject({
      ...{ recordedTrades: 2, ownTrades: 1, ownQty: 50, lostTrades: 1, newTrades: 1 },
      ...{ ordersLess: 1, ordersMore: 0, displacedQty: 50 },
    });
  });

  test('that takes a share leaves the real taker the next one, or a rest in the book', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 buy 100 @ 10.00
      trade 2 1 100 @ 10.00 by buy`);
    desk.release(2);
    desk.place(BUY, 10, 100);
    expect(desk.said).toEqual(['0 100 @ 10']);
    desk.release(2);
    expect(desk.published.slice(1)).toEqual([
      ...['add own0 100 @ 10', 'trade own0 1 100 @ 10', 'add 2 100 @ 10'],
    ]);
    expect(desk.world.bestE4(0, BUY)).toBe(100_000);
  });

  test('gives the real cancel of an order it used up nothing to cancel', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 sell 300 @ 10.01
      drop 1 sell 100 @ 0
      drop 2 sell 300 @ 0`);
    desk.release(3);
    desk.place(BUY, 10.01, 250);
    desk.release(2);
    expect(desk.published.slice(-2)).toEqual(['trade own0 2 150 @ 10.01', 'drop 2 150 @ 0']);
    expect(desk.world.divergence()[0]).toMatchObject({ cancelsOfGone: 1, cancelsOfOtherQty: 1 });
  });

  test('meets an order that was filled in part on arrival in its full size', () => {
    const desk = SSE(`
      add 1 sell 100 @ 10.00
      trade 2 1 100 @ 10.00 by buy
      add 2 buy 300 @ 10.02
      add 3 sell 100 @ 10.05`);
    desk.release(2);
    desk.place(SELL, 10.02, 200);
    desk.release(1);
    expect(desk.said).toEqual(['0 200 @ 10.02']);
    desk.release(2);
    expect(desk.published).toEqual([
      ...['add 1 100 @ 10', 'add own0 200 @ 10.02', 'trade 2 1 100 @ 10'],
      ...['trade 2 own0 200 @ 10.02', 'add 2 100 @ 10.02', 'add 3 100 @ 10.05'],
    ]);
  });

  test('stands behind the orders of before a partial day from its first moment', () => {
    const desk = SSE(`
      trade 9 1 100 @ 10.00 by buy
      add 3 sell 100 @ 10.05`);
    desk.release(1);
    desk.place(SELL, 10, 100);
    desk.release(2);
    expect(desk.said).toEqual([]);
    expect(desk.published).toEqual([
      'add own0 100 @ 10',
      'trade 9 1 100 @ 10',
      'add 3 100 @ 10.05',
    ]);
  });

  test('keeps the numbers of the channel without a hole', () => {
    const desk = SSE(`
      add 1 sell 100 @ 10.00
      trade 2 1 100 @ 10.00 by buy
      add 3 sell 100 @ 10.05
      drop 3 sell 100 @ 0`);
    desk.release(2);
    desk.place(BUY, 10, 100);
    desk.release(3);
    expect(desk.seqs).toEqual([...desk.seqs.keys()].map((n) => n + 1));
    expect(desk.published).toContain('add 2 100 @ 10');
  });

  test('waits until a matching is published to its last trade', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 buy 100 @ 10.00
      trade 2 1 100 @ 10.00 by buy
      add 3 sell 100 @ 10.00`);
    desk.release(3);
    expect(desk.world.isBusy).toBe(true);
    desk.release(1);
    expect(desk.world.isBusy).toBe(false);
  });

  test('of a kind that does not rest ends with what it could get', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 sell 100 @ 10.03`);
    desk.release(2);
    desk.place(BUY, 0, 300, codes.KIND_IOC);
    expect(desk.said).toEqual(['0 100 @ 10', '0 expired']);
    desk.release(1);
    expect(desk.published.slice(1)).toEqual([
      ...['add own0 100 @ 10', 'trade own0 1 100 @ 10', 'add 2 100 @ 10.03'],
    ]);
  });

  test('that is cancelled leaves the book and the feed', () => {
    const desk = SZSE(`
      add 1 sell 100 @ 10.00
      add 2 sell 100 @ 10.03`);
    desk.release(2);
    const slot = desk.place(SELL, 9.99, 100);
    desk.cancel(slot);
    desk.release(1);
    expect(desk.published).toContain('drop own0 100 @ 0');
    expect(desk.world.bestE4(0, SELL)).toBe(100_000);
  });
});
