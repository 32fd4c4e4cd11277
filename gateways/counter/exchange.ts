// The exchange of the simulated counter: the matching kernel with the day's rules, in which the
// counter's orders and a crowd's orders meet. Called by house.ts. Always: every order is one
// of the kernel's, first in, first out; an order of the counter has its ledger number as id, one
// of the crowd a number from CROWD_BASE on; trades come in the order in which they happened.
import { OrderKind } from '../../engine/core/book.ts';
import { plainRules, SELLABLE_TRUSTED } from '../../engine/core/exchange-kernel.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { rejectText } from '../../engine/core/reject-code.ts';
import { type Kernels, loadKernels } from '../../engine/host/kernels.ts';
import { PHASE_CONTINUOUS, SIDE_BUY, SIDE_SELL } from '../../engine/messages/codes.ts';
import { recordOf } from '../../engine/rules/kernel-rules.ts';
import { makeInstrument } from '../../engine/rules/make-instrument.ts';
import { builtInBook, type DayRules } from '../../engine/rules/rule-book.ts';
import type { ToldTick } from './protocol.ts';

const INSTRUMENTS_MAX = 96;
const QUOTA = 8_192;
/** Price steps of a security without limits: it is listed at its first order's price. */
const PLAIN_STEPS = 8_192;
const LEVELS_MAX = INSTRUMENTS_MAX * 16_384;
export const CROWD_BASE = 1_000_000_000;
const LEVELS_SHOWN = 5;

/** A trade of one of the counter's orders. */
export interface OwnTrade {
  readonly no: number;
  readonly qty: number;
  readonly priceE4: number;
}

/** What became of an arriving order, but for its trades. */
export interface Arrival {
  /** '' = taken. */
  readonly refused: string;
  /** Shares cancelled on arrival, as its kind wants. */
  readonly killedQty: number;
}

interface Security {
  readonly index: number;
  readonly instrument: Instrument;
  openE4: number;
  highE4: number;
  lowE4: number;
  lastE4: number;
  volume: number;
  amountE4: number;
  trades: number;
  /** The crowd's standing levels. */
  readonly standing: number[];
}

export class CounterExchange {
  readonly #kernels: Kernels;
  readonly #rules: DayRules;
  readonly #securities = new Map<string, Security>();
  readonly #turnsRound = new Map<string, boolean>();
  readonly #trades: OwnTrade[] = [];
  readonly #kept: { readonly index: number; readonly id: number }[] = [];
  #crowd = CROWD_BASE;
  #phase = PHASE_CONTINUOUS;

  constructor(day: number) {
    this.#rules = builtInBook().on(day);
    this.#kernels = loadKernels({
      maxInstruments: INSTRUMENTS_MAX,
      maxOrders: INSTRUMENTS_MAX * QUOTA,
      maxLevels: LEVELS_MAX,
    });
  }

  /** Lists a security with the rules of the day, or (preclose 0) with wide limits. */
  list(symbol: string, preCloseE4: number, firstE4: number): void {
    const index = this.#securities.size;
    const facts = preCloseE4 > 0 ? { preCloseE4 } : {};
    const instrument = makeInstrument(this.#rules, index, symbol, facts);
    const { tickE4, upperLimitE4, lowerLimitE4 } = instrument;
    const isPlain = preCloseE4 === 0 || upperLimitE4 === 0;
    const centreE4 = preCloseE4 > 0 ? preCloseE4 : firstE4;
    const halfE4 = Math.min(PLAIN_STEPS / 2, Math.floor(centreE4 / tickE4) - 1) * tickE4;
    const lowE4 = isPlain ? centreE4 - halfE4 : lowerLimitE4;
    const highE4 = isPlain ? centreE4 + halfE4 : upperLimitE4;
    const { book, validate, exchange } = this.#kernels;
    must(book.openInstrument(index, tickE4, lowE4, highE4, QUOTA), symbol);
    const { buyMin, buyStep, sellMin, sellStep, maxQty, maxMarketQty } = instrument;
    const record = isPlain
      ? plainRules({
          ...{ tickE4, buyMin, buyStep, sellMin, sellStep, maxQty, maxMarketQty },
          ...{ upperE4: 0, lowerE4: 0 },
        })
      : recordOf(this.#rules, instrument, facts, 'backtest');
    must(validate.setRules(index, record), symbol);
    exchange.enterPhase(index, this.#phase);
    const prices = { openE4: 0, highE4: 0, lowE4: 0, lastE4: centreE4 };
    const day = { volume: 0, amountE4: 0, trades: 0, standing: [] };
    this.#securities.set(symbol, { index, instrument, ...prices, ...day });
  }

  /** Whether what is bought of it may be sold the same day (T+0), listed or not. */
  turnsRound(symbol: string): boolean {
    const known = this.#turnsRound.get(symbol);
    if (known !== undefined) return known;
    const instrument = this.instrument(symbol) ?? makeInstrument(this.#rules, 0, symbol);
    this.#turnsRound.set(symbol, instrument.turnround === 1);
    return instrument.turnround === 1;
  }

  isListed(symbol: string): boolean {
    return this.#securities.has(symbol);
  }

  get symbols(): string[] {
    return [...this.#securities.keys()];
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#securities.get(symbol)?.instrument;
  }

  lastE4(symbol: string): number {
    return this.#securities.get(symbol)?.lastE4 ?? 0;
  }

  /** An order that lived before this process: it rests where it was. */
  restore(no: number, symbol: string, side: number, priceE4: number, qty: number): void {
    const { book } = this.#kernels;
    must(book.add(this.#securities.get(symbol)!.index, no, side, priceE4, qty), symbol);
  }

  /** Why the order would be refused by the rules of the day; '' = it would be taken. */
  judge(symbol: string, side: number, kind: number, priceE4: number, qty: number): string {
    const security = this.#securities.get(symbol);
    if (security === undefined) return '[251016][证券代码不存在]';
    const { book, validate } = this.#kernels;
    const { index } = security;
    if (book.orderCount(index) >= QUOTA) return '[251099][委托队列已满]';
    const code = validate.validateOrder(index, side, kind, priceE4, qty, SELLABLE_TRUSTED, 0);
    return code === 0 ? '' : refusalText(code);
  }

  /** An order of the counter arrives; `takeTrades` has its trades and those of others it met. */
  order(
    no: number,
    symbol: string,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): Arrival {
    const { exchange, book } = this.#kernels;
    const { index } = this.#securities.get(symbol)!;
    const code = exchange.order(index, no, side, kind, priceE4, qty, SELLABLE_TRUSTED, 0);
    if (code < 0) return { refused: refusalText(-code), killedQty: 0 };
    const { killedQty } = book;
    this.#collect(symbol);
    return { refused: '', killedQty };
  }

  /** Shares taken out, 0 when the order does not rest or may not be cancelled now. */
  cancel(no: number, symbol: string): number {
    const { exchange } = this.#kernels;
    return Math.max(0, exchange.withdraw(this.#securities.get(symbol)!.index, no));
  }

  /** An order of the crowd; what does not trade is taken out unless it is to be kept. */
  crowd(symbol: string, side: number, priceE4: number, qty: number, keep: boolean): number {
    const { exchange } = this.#kernels;
    const { index } = this.#securities.get(symbol)!;
    const id = ++this.#crowd;
    const kind = OrderKind.LIMIT;
    const code = exchange.order(index, id, side, kind, priceE4, qty, SELLABLE_TRUSTED, 0);
    if (code < 0) return code;
    this.#collect(symbol);
    if (!keep) exchange.withdraw(index, id);
    else this.#kept.push({ index, id });
    return id;
  }

  /** Takes out what the crowd keeps in the books. */
  clearCrowd(): void {
    for (const { index, id } of this.#kept.splice(0)) this.#kernels.exchange.withdraw(index, id);
  }

  /** A trade among the crowd at a price: what rests on the way trades first. */
  print(symbol: string, priceE4: number, qty: number): void {
    const { exchange } = this.#kernels;
    const { index } = this.#securities.get(symbol)!;
    const seller = this.crowd(symbol, SIDE_SELL, priceE4, qty, true);
    this.crowd(symbol, SIDE_BUY, priceE4, qty, false);
    if (seller > 0) exchange.withdraw(index, seller);
  }

  /** Puts `qty` of the crowd on each of five levels a side around the last price, anew. */
  stand(symbol: string, qty: number): void {
    const security = this.#securities.get(symbol)!;
    const { index, instrument, standing } = security;
    const { exchange } = this.#kernels;
    for (const id of standing.splice(0)) exchange.withdraw(index, id);
    const centreE4 = security.lastE4;
    for (let level = LEVELS_SHOWN; level > 0; level--) {
      const awayE4 = level * instrument.tickE4;
      for (const side of [SIDE_BUY, SIDE_SELL]) {
        const priceE4 = side === SIDE_BUY ? centreE4 - awayE4 : centreE4 + awayE4;
        const id = this.crowd(symbol, side, priceE4, qty, true);
        if (id > 0) standing.push(id);
      }
    }
  }

  /** All securities pass to a phase; calls that end trade. */
  enterPhase(phase: number): void {
    this.#phase = phase;
    for (const [symbol, { index }] of this.#securities) {
      if (this.#kernels.exchange.enterPhase(index, phase) > 0) this.#collect(symbol);
    }
  }

  get phase(): number {
    return this.#phase;
  }

  /** Trades of the counter's orders since the last look. */
  takeTrades(): OwnTrade[] {
    return this.#trades.splice(0);
  }

  tick(symbol: string, timeMs: number): ToldTick | null {
    const security = this.#securities.get(symbol);
    if (security === undefined) return null;
    const { index, instrument, openE4, highE4, lowE4, lastE4 } = security;
    const { book } = this.#kernels;
    book.depth(index, LEVELS_SHOWN);
    const bids: [number, number][] = [];
    const asks: [number, number][] = [];
    for (let level = 0; level < LEVELS_SHOWN; level++) {
      const bid = level < book.bidLevels;
      const ask = level < book.askLevels;
      bids.push(bid ? [book.bidPriceE4(level), book.bidQty(level)] : [0, 0]);
      asks.push(ask ? [book.askPriceE4(level), book.askQty(level)] : [0, 0]);
    }
    const { volume, amountE4, trades } = security;
    const prices = { openE4, highE4, lowE4, lastE4, preCloseE4: instrument.preCloseE4 };
    const sums = { volume, amountE4, trades, phase: this.#phase };
    return { symbol, timeMs, ...prices, ...sums, bids, asks };
  }

  #collect(symbol: string): void {
    const { book } = this.#kernels;
    const security = this.#securities.get(symbol)!;
    for (let i = 0; i < book.tradeCount; i++) {
      const priceE4 = book.tradePriceE4(i);
      const qty = book.tradeQty(i);
      for (const no of [book.tradeBuyId(i), book.tradeSellId(i)]) {
        if (no < CROWD_BASE) this.#trades.push({ no, qty, priceE4 });
      }
      security.openE4 ||= priceE4;
      security.highE4 = Math.max(security.highE4, priceE4);
      security.lowE4 = Math.min(security.lowE4 || priceE4, priceE4);
      security.lastE4 = priceE4;
      security.volume += qty;
      security.amountE4 += qty * priceE4;
      security.trades++;
    }
  }
}

function refusalText(code: number): string {
  return code < 100 ? `[251999][撮合拒绝 ${code}]` : `[2510${code}][${rejectText(code).zh}]`;
}

function must(code: number, symbol: string): void {
  if (code < 0) throw new Error(`counter: ${symbol} cannot be listed (kernel code ${code})`);
}
