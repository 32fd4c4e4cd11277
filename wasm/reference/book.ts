// The slow, obvious twin of the book and matching kernel: arrays, filters and sorts. It has the
// methods of BookKernel (engine/core/book.ts; a test assigns it to that type) and the differential
// tests compare the two call by call. May allocate and throw; never used in trading.

import * as code from '../assembly/codes.ts';
import type { Candidate } from './auction.ts';
import { auction, uncross } from './auction.ts';
import type { Instrument, RestingOrder, Trade } from './market.ts';
import { hasLevel, ranked, takeOff, totalQty } from './market.ts';
import type { Outcome } from './match.ts';
import { match } from './match.ts';

interface DepthRow {
  readonly priceE4: number;
  readonly orders: number;
  readonly qty: number;
}

interface Command {
  readonly fields: readonly number[];
  result: number;
  restedQty: number;
  restedPriceE4: number;
}

const NOTHING: Outcome = { trades: [], restedQty: 0, restedPriceE4: 0, killedQty: 0 };

export class ReferenceBook {
  readonly depthCapacity = code.DEPTH_CAPACITY;
  readonly queueCapacity = code.QUEUE_CAPACITY;
  readonly commandCapacity = code.COMMAND_CAPACITY;
  readonly maxInstruments: number;
  readonly maxOrders: number;
  readonly maxLevels: number;
  levelsLeft: number;
  slotsLeft: number;
  instruments = new Map<number, Instrument>();
  trades: Trade[] = [];
  outcome: Outcome = NOTHING;
  called: Candidate | undefined;
  bids: DepthRow[] = [];
  asks: DepthRow[] = [];
  queued: RestingOrder[] = [];
  commands: Command[] = [];

  constructor(maxInstruments: number, maxOrders: number, maxLevels: number) {
    this.maxInstruments = maxInstruments;
    this.maxOrders = maxOrders;
    this.maxLevels = maxLevels;
    this.levelsLeft = maxLevels;
    this.slotsLeft = maxOrders;
  }

  openInstrument(instr: number, tickE4: number, loE4: number, hiE4: number, quota: number): number {
    if (instr < 0 || instr >= this.maxInstruments) return code.UNKNOWN_INSTRUMENT;
    if (tickE4 <= 0 || loE4 <= 0 || hiE4 < loE4) return code.BAD_WINDOW;
    if (loE4 % tickE4 !== 0 || hiE4 % tickE4 !== 0) return code.BAD_WINDOW;
    const ticks = (hiE4 - loE4) / tickE4 + 1;
    if (ticks > code.WINDOW_TICKS_MAX) return code.BAD_WINDOW;
    if (quota <= 0 || quota > code.QUOTA_MAX) return code.SLOTS_EXHAUSTED;
    const before = this.instruments.get(instr);
    if (before && before.orders.length > 0) return code.NOT_EMPTY;
    const reservedTicks = before?.reservedTicks ?? 0;
    const reservedQuota = before?.reservedQuota ?? 0;
    if (ticks > reservedTicks && ticks > this.levelsLeft) return code.LEVELS_EXHAUSTED;
    if (quota > reservedQuota && quota > this.slotsLeft) return code.SLOTS_EXHAUSTED;
    if (ticks > reservedTicks) this.levelsLeft -= ticks;
    if (quota > reservedQuota) this.slotsLeft -= quota;
    this.instruments.set(instr, {
      ...{ tickE4, loE4, hiE4, windowLoE4: loE4, windowHiE4: hiE4, overflowLevels: 0, quota },
      ...{ orders: [], reservedOverflow: before?.reservedOverflow ?? 0 },
      reservedTicks: Math.max(ticks, reservedTicks),
      reservedQuota: Math.max(quota, reservedQuota),
    });
    return code.OK;
  }

  openOverflow(instr: number, levels: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (levels <= 0 || levels > code.OVERFLOW_MAX) return code.BAD_COUNT;
    const { tickE4 } = instrument;
    const highest = Math.floor(code.UNLIMITED_MAX_E4 / tickE4) * tickE4;
    if (instrument.hiE4 > highest) return code.BAD_WINDOW;
    if (instrument.orders.length > 0) return code.NOT_EMPTY;
    if (levels > instrument.reservedOverflow) {
      if (levels > this.levelsLeft) return code.LEVELS_EXHAUSTED;
      this.levelsLeft -= levels;
      instrument.reservedOverflow = levels;
    }
    Object.assign(instrument, { loE4: 0, hiE4: highest, overflowLevels: levels });
    return code.OK;
  }

  resetInstrument(instr: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    instrument.orders = [];
    return code.OK;
  }

  emptyAll(): number {
    for (const instr of this.instruments.keys()) this.resetInstrument(instr);
    return code.OK;
  }

  resetAll(): number {
    this.instruments.clear();
    this.levelsLeft = this.maxLevels;
    this.slotsLeft = this.maxOrders;
    return code.OK;
  }

  add(instr: number, id: number, side: number, priceE4: number, qty: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (side !== code.BUY && side !== code.SELL) return code.BAD_SIDE;
    if (qty <= 0) return code.BAD_QTY;
    const bad = priceCode(instrument, priceE4);
    if (bad !== code.OK) return bad;
    if (find(instrument, id)) return code.DUPLICATE_ID;
    if (instrument.orders.length >= instrument.quota) return code.QUOTA_FULL;
    if (!hasLevel(instrument, side, priceE4)) return code.OVERFLOW_FULL;
    instrument.orders.push({ id, side, priceE4, qty });
    return code.OK;
  }

  submit(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): number {
    this.trades = [];
    return this.#submit(instr, id, side, kind, priceE4, qty);
  }

  cancel(instr: number, id: number, qty: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (qty < 0) return code.BAD_QTY;
    const order = find(instrument, id);
    if (!order) return code.UNKNOWN_ORDER;
    if (qty > order.qty) return code.MORE_THAN_LEFT;
    const removed = qty === 0 ? order.qty : qty;
    takeOff(instrument, order, removed);
    return removed;
  }

  reduce(instr: number, id: number, qty: number): number {
    if (this.instruments.has(instr) && qty === 0) return code.BAD_QTY;
    const removed = this.cancel(instr, id, qty);
    return removed < 0 ? removed : Math.max(0, this.orderQty(instr, id));
  }

  auctionPriceE4(instr: number, refE4: number): number {
    this.called = undefined;
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    this.called = auction(crossing(instrument), refE4);
    return this.called?.priceE4 ?? 0;
  }

  get auctionQty(): number {
    return this.called?.volume ?? 0;
  }

  get auctionImbalance(): number {
    return this.called?.imbalance ?? 0;
  }

  uncross(instr: number, priceE4: number): number {
    this.trades = [];
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    const bad = priceCode(instrument, priceE4);
    if (bad !== code.OK) return bad;
    this.trades = uncross(instrument, priceE4);
    return this.trades.length;
  }

  get tradeCount(): number {
    return this.trades.length;
  }

  tradeBuyId(index: number): number {
    return this.trades[index].buyId;
  }

  tradeSellId(index: number): number {
    return this.trades[index].sellId;
  }

  tradePriceE4(index: number): number {
    return this.trades[index].priceE4;
  }

  tradeQty(index: number): number {
    return this.trades[index].qty;
  }

  tradeAggressor(index: number): number {
    return this.trades[index].aggressor;
  }

  get restedQty(): number {
    return this.outcome.restedQty;
  }

  get restedPriceE4(): number {
    return this.outcome.restedPriceE4;
  }

  get killedQty(): number {
    return this.outcome.killedQty;
  }

  bestBid(instr: number): number {
    return this.#best(instr, code.BUY);
  }

  bestAsk(instr: number): number {
    return this.#best(instr, code.SELL);
  }

  depth(instr: number, levels: number): number {
    this.bids = [];
    this.asks = [];
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (levels <= 0 || levels > this.depthCapacity) return code.BAD_COUNT;
    this.bids = rows(instrument, code.BUY).slice(0, levels);
    this.asks = rows(instrument, code.SELL).slice(0, levels);
    return Math.max(this.bids.length, this.asks.length);
  }

  get bidLevels(): number {
    return this.bids.length;
  }

  get askLevels(): number {
    return this.asks.length;
  }

  bidPriceE4(level: number): number {
    return this.bids[level]?.priceE4 ?? 0;
  }

  bidQty(level: number): number {
    return this.bids[level]?.qty ?? 0;
  }

  bidOrders(level: number): number {
    return this.bids[level]?.orders ?? 0;
  }

  askPriceE4(level: number): number {
    return this.asks[level]?.priceE4 ?? 0;
  }

  askQty(level: number): number {
    return this.asks[level]?.qty ?? 0;
  }

  copyDepth(target: Int32Array, bidWord: number, askWord: number, levels: number): void {
    const view = new DataView(target.buffer, target.byteOffset);
    const copy = (rows: readonly DepthRow[], word: number): void => {
      for (const [i, row] of rows.slice(0, levels).entries()) {
        const at = (word + i * 4) * 4;
        view.setInt32(at, row.priceE4, true);
        view.setInt32(at + 4, row.orders, true);
        view.setFloat64(at + 8, row.qty, true);
      }
    };
    copy(this.bids, bidWord);
    copy(this.asks, askWord);
  }

  askOrders(level: number): number {
    return this.asks[level]?.orders ?? 0;
  }

  orderQty(instr: number, id: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    return find(instrument, id)?.qty ?? code.UNKNOWN_ORDER;
  }

  queueAhead(instr: number, id: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    const order = find(instrument, id);
    if (!order) return code.UNKNOWN_ORDER;
    const level = atPrice(instrument, order.side, order.priceE4);
    return totalQty(level.slice(0, level.indexOf(order)));
  }

  levelQty(instr: number, side: number, priceE4: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (side !== code.BUY && side !== code.SELL) return code.BAD_SIDE;
    const bad = priceCode(instrument, priceE4);
    return bad !== code.OK ? bad : totalQty(atPrice(instrument, side, priceE4));
  }

  queue(instr: number, side: number, priceE4: number, limit: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (side !== code.BUY && side !== code.SELL) return code.BAD_SIDE;
    if (limit <= 0 || limit > this.queueCapacity) return code.BAD_COUNT;
    const bad = priceCode(instrument, priceE4);
    if (bad !== code.OK) return bad;
    this.queued = atPrice(instrument, side, priceE4).slice(0, limit);
    return this.queued.length;
  }

  queueId(index: number): number {
    return this.queued[index].id;
  }

  queueQty(index: number): number {
    return this.queued[index].qty;
  }

  orderCount(instr: number): number {
    return this.instruments.get(instr)?.orders.length ?? code.UNKNOWN_INSTRUMENT;
  }

  checksum(instr: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return 0;
    let sum = 0x811c9dc5 | 0;
    for (const side of [code.BUY, code.SELL]) {
      for (const order of ranked(instrument.orders, side)) {
        for (const word of [side, order.priceE4, order.id, order.qty]) {
          const x = Math.imul(sum ^ word, 0x01000193);
          sum = x ^ (x >>> 15);
        }
      }
    }
    return sum;
  }

  writeCommand(index: number, ...fields: number[]): void {
    this.commands[index] = { fields, result: 0, restedQty: 0, restedPriceE4: 0 };
  }

  runBatch(from: number, count: number): number {
    if (from < 0 || count < 0 || from + count > this.commandCapacity) return code.BAD_COUNT;
    this.trades = [];
    for (const command of this.commands.slice(from, from + count)) this.#run(command);
    return count;
  }

  commandResult(index: number): number {
    return this.commands[index].result;
  }

  commandRestedQty(index: number): number {
    return this.commands[index].restedQty;
  }

  commandRestedPriceE4(index: number): number {
    return this.commands[index].restedPriceE4;
  }

  #run(command: Command): void {
    const [op, instr, id, side, kind, priceE4, qty] = command.fields;
    if (op === code.OP_SUBMIT) {
      command.result = this.#submit(instr, id, side, kind, priceE4, qty);
      command.restedQty = this.restedQty;
      command.restedPriceE4 = this.restedPriceE4;
    } else if (op === code.OP_ADD) command.result = this.add(instr, id, side, priceE4, qty);
    else if (op === code.OP_CANCEL) command.result = this.cancel(instr, id, qty);
    else if (op === code.OP_REDUCE) command.result = this.reduce(instr, id, qty);
    else command.result = code.BAD_OP;
  }

  #submit(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): number {
    this.outcome = NOTHING;
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    if (side !== code.BUY && side !== code.SELL) return code.BAD_SIDE;
    if (kind < code.KIND_LIMIT || kind > code.KIND_FOK) return code.BAD_KIND;
    if (qty <= 0) return code.BAD_QTY;
    if (kind === code.KIND_LIMIT || priceE4 !== 0) {
      const bad = priceCode(instrument, priceE4);
      if (bad !== code.OK) return bad;
    }
    if (find(instrument, id)) return code.DUPLICATE_ID;
    const outcome = match(instrument, { id, side, kind, priceE4, qty });
    if (typeof outcome === 'number') return outcome;
    this.outcome = outcome;
    this.trades.push(...outcome.trades);
    return outcome.trades.length;
  }

  #best(instr: number, side: number): number {
    const instrument = this.instruments.get(instr);
    if (!instrument) return code.UNKNOWN_INSTRUMENT;
    return ranked(instrument.orders, side).at(0)?.priceE4 ?? 0;
  }
}

function priceCode({ tickE4, loE4, hiE4 }: Instrument, priceE4: number): number {
  if (priceE4 <= 0) return code.BAD_PRICE;
  if (priceE4 < loE4 || priceE4 > hiE4) return code.OUT_OF_WINDOW;
  return priceE4 % tickE4 === 0 ? code.OK : code.OFF_TICK;
}

/** Without limits, only the prices between best ask and best bid: nothing trades at the others. */
function crossing(instrument: Instrument): Instrument {
  if (instrument.overflowLevels === 0) return instrument;
  const bid = ranked(instrument.orders, code.BUY).at(0)?.priceE4 ?? 0;
  const ask = ranked(instrument.orders, code.SELL).at(0)?.priceE4 ?? (bid || instrument.tickE4);
  return { ...instrument, loE4: ask, hiE4: Math.max(ask, bid) };
}

function find(instrument: Instrument, id: number): RestingOrder | undefined {
  return instrument.orders.find((order) => order.id === id);
}

function atPrice(instrument: Instrument, side: number, priceE4: number): RestingOrder[] {
  return instrument.orders.filter((order) => order.side === side && order.priceE4 === priceE4);
}

function rows(instrument: Instrument, side: number): DepthRow[] {
  const prices = new Set(ranked(instrument.orders, side).map((order) => order.priceE4));
  return [...prices].map((priceE4) => {
    const level = atPrice(instrument, side, priceE4);
    return { priceE4, orders: level.length, qty: totalQty(level) };
  });
}
