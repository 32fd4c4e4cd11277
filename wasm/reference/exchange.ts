// The slow twin of the exchange layer: the day of one instrument as plain lists, over
// ReferenceBook. It has the methods of ExchangeKernel and the setters of ValidationKernel; the
// differential tests compare the two call by call. May allocate and throw; never used in trading.
// Always: what the kernel keeps as sums, links and bit masks is here computed from the whole day.

import type { KernelRules } from '../../engine/core/exchange-kernel.ts';
import * as code from '../assembly/codes.ts';
import type { ReferenceBook } from './book.ts';
import type { Trade } from './market.ts';
import type { Outcome } from './match.ts';
import type { CheckedOrder, Moment } from './validate.ts';
import { insideCage, validate } from './validate.ts';

interface HeldOrder {
  readonly id: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
}

interface DayTrade {
  readonly timeNs: number;
  readonly priceE4: number;
  readonly qty: number;
}

interface Day {
  rules: KernelRules;
  phase: number;
  halt: Moment['halt'];
  haltLevel: number;
  readonly haltsDone: Set<string>;
  quote: { readonly bidE4: number; readonly askE4: number; readonly lastE4: number } | undefined;
  closeE4: number;
  trades: DayTrade[];
  held: HeldOrder[];
}

const MINUTE_NS = 60_000_000_000;
const NOTHING: Outcome = { trades: [], restedQty: 0, restedPriceE4: 0, killedQty: 0 };
const TRADING = [code.PHASE_CONTINUOUS, code.PHASE_LUNCH, code.PHASE_HALTED];
const OPENING = [code.PHASE_OPENING_CALL, code.PHASE_OPENING_CALL_NO_CANCEL];

export class ReferenceExchange {
  readonly book: ReferenceBook;
  readonly days = new Map<number, Day>();
  timeNs = 0;

  constructor(book: ReferenceBook) {
    this.book = book;
  }

  setRules(instr: number, rules: KernelRules): number {
    const day = { phase: -1, halt: 'none', haltLevel: 0, haltsDone: new Set<string>() } as const;
    this.days.set(instr, { ...day, rules, quote: undefined, closeE4: 0, trades: [], held: [] });
    return code.OK;
  }

  setClock(timeNs: number): void {
    this.timeNs = timeNs;
  }

  validateOrder(instr: number, order: CheckedOrder): number {
    const day = this.days.get(instr);
    return validate(day?.rules, day ? this.#moment(instr, day) : EMPTY, order);
  }

  order(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): number {
    this.book.trades = [];
    this.book.outcome = NOTHING;
    const bad = this.validateOrder(instr, { side, kind, priceE4, qty, sellable, bought });
    if (bad !== code.OK) return -bad;
    const day = this.#day(instr);
    if (!this.book.instruments.has(instr)) return code.UNKNOWN_INSTRUMENT;
    if (day.held.some((held) => held.id === id)) return code.DUPLICATE_ID;
    switch (day.phase) {
      case code.PHASE_CONTINUOUS:
        return this.#trade(instr, day, { id, side, kind, priceE4, qty });
      case code.PHASE_AFTER_HOURS:
        return this.book.submit(instr, id, side, code.KIND_LIMIT, day.closeE4, qty);
      case -1:
        return -code.REJECT_NOT_IN_SESSION;
      default:
        return this.#rest(instr, id, side, priceE4, qty);
    }
  }

  withdraw(instr: number, id: number): number {
    this.book.trades = [];
    this.book.outcome = NOTHING;
    const day = this.days.get(instr);
    if (!day) return -code.REJECT_UNKNOWN_INSTRUMENT;
    if ([code.PHASE_OPENING_CALL_NO_CANCEL, code.PHASE_CLOSING_CALL].includes(day.phase)) {
      return -code.REJECT_NO_CANCEL_WINDOW;
    }
    const open = [code.PHASE_OPENING_CALL, code.PHASE_CONTINUOUS, code.PHASE_HALTED];
    if (![...open, code.PHASE_AFTER_HOURS].includes(day.phase)) return -code.REJECT_NOT_IN_SESSION;
    const held = day.held.find((order) => order.id === id);
    if (held) {
      day.held = day.held.filter((order) => order !== held);
      return held.qty;
    }
    const removed = this.book.cancel(instr, id, 0);
    if (removed > 0) this.#collect(() => this.#release(instr, day));
    return removed;
  }

  enterPhase(instr: number, to: number): number {
    this.book.trades = [];
    this.book.outcome = NOTHING;
    const day = this.days.get(instr);
    if (!day || !this.book.instruments.has(instr)) return code.UNKNOWN_INSTRUMENT;
    const from = day.phase;
    if (to === from) return 0;
    if (!mayFollow(from, to)) return code.BAD_PHASE;
    if (to === code.PHASE_AFTER_HOURS && day.rules.afterHours === 0) return code.BAD_PHASE;
    day.phase = to;
    day.haltLevel = 0;
    if (to === code.PHASE_HALTED) {
      if (day.halt === 'none') day.halt = 'other';
      return 0;
    }
    return this.#collect(() => this.#pass(instr, day, from, to));
  }

  heldQty(instr: number, id: number): number {
    const day = this.days.get(instr);
    if (!day) return code.UNKNOWN_INSTRUMENT;
    return day.held.find((order) => order.id === id)?.qty ?? code.UNKNOWN_ORDER;
  }

  callPriceE4(instr: number): number {
    const day = this.#day(instr);
    return this.book.auctionPriceE4(instr, tieReference(day, OPENING.includes(day.phase)));
  }

  phase(instr: number): number {
    return this.#day(instr).phase;
  }

  haltLevel(instr: number): number {
    return this.#day(instr).haltLevel;
  }

  openE4(instr: number): number {
    return this.#day(instr).trades.at(0)?.priceE4 ?? 0;
  }

  lastE4(instr: number): number {
    return this.#day(instr).trades.at(-1)?.priceE4 ?? 0;
  }

  closeE4(instr: number): number {
    return this.#day(instr).closeE4;
  }

  /** Runs a step that may submit several orders, and leaves all its trades to be read. */
  #collect(step: () => Trade[], outcome = NOTHING): number {
    this.book.trades = step();
    this.book.outcome = outcome;
    return this.book.trades.length;
  }

  #pass(instr: number, day: Day, from: number, to: number): Trade[] {
    const resumes = to === code.PHASE_CONTINUOUS || to === code.PHASE_CLOSING_CALL;
    const trades: Trade[] = [];
    if (OPENING.includes(from) && !OPENING.includes(to)) {
      trades.push(...this.#call(instr, day, true));
    } else if (from === code.PHASE_CLOSING_CALL) {
      trades.push(...this.#call(instr, day, false));
    } else if (day.halt !== 'none' && resumes) {
      day.halt = 'none';
      trades.push(...this.#call(instr, day, false));
    }
    if (to === code.PHASE_CLOSING_CALL) this.#restHeld(instr, day);
    if (to === code.PHASE_CONTINUOUS) {
      if (day.trades.length > 0) halt(day, day.trades.at(-1)!.priceE4);
      trades.push(...this.#release(instr, day));
    }
    if (to === code.PHASE_CLOSED || to === code.PHASE_AFTER_HOURS) {
      if (day.closeE4 === 0) day.closeE4 = closing(day, from, trades);
      if (to === code.PHASE_AFTER_HOURS) {
        this.book.resetInstrument(instr);
        day.held = [];
      }
    }
    return trades;
  }

  #call(instr: number, day: Day, isOpening: boolean): Trade[] {
    const priceE4 = this.book.auctionPriceE4(instr, tieReference(day, isOpening));
    if (priceE4 <= 0) return [];
    this.book.uncross(instr, priceE4);
    this.#note(day, this.book.trades);
    return this.book.trades;
  }

  #trade(
    instr: number,
    day: Day,
    order: { id: number; side: number; kind: number; priceE4: number; qty: number },
  ): number {
    const { id, side, kind, priceE4, qty } = order;
    const { rules } = day;
    const isLimit = kind === code.KIND_LIMIT;
    const now = this.#moment(instr, day);
    if (isLimit && rules.cageMode === code.CAGE_HOLD && !insideCage(rules, now, side, priceE4)) {
      if (this.book.orderQty(instr, id) > 0) return code.DUPLICATE_ID;
      day.held.push({ id, side, priceE4, qty });
      return 0;
    }
    const ignored = !isLimit && rules.protection === code.PROTECTION_IGNORED;
    const made = this.book.submit(instr, id, side, kind, ignored ? 0 : priceE4, qty);
    if (made < 0) return made;
    const own = this.book.trades;
    this.#noteContinuous(day, own);
    const { outcome } = this.book;
    return this.#collect(() => [...own, ...this.#release(instr, day)], outcome);
  }

  #rest(instr: number, id: number, side: number, priceE4: number, qty: number): number {
    const result = this.book.add(instr, id, side, priceE4, qty);
    if (result === code.OK) {
      this.book.outcome = { trades: [], restedQty: qty, restedPriceE4: priceE4, killedQty: 0 };
    }
    return result;
  }

  /** Held orders that the cage lets pass, one by one; returns their trades. */
  #release(instr: number, day: Day): Trade[] {
    const trades: Trade[] = [];
    while (day.phase === code.PHASE_CONTINUOUS && day.rules.cageMode === code.CAGE_HOLD) {
      const now = this.#moment(instr, day);
      const free = day.held.filter((o) => insideCage(day.rules, now, o.side, o.priceE4));
      const next = nearestFirst(free)[0];
      if (!next) break;
      const { id, side, priceE4, qty } = next;
      if (this.book.submit(instr, id, side, code.KIND_LIMIT, priceE4, qty) < 0) break;
      day.held = day.held.filter((order) => order !== next);
      this.#noteContinuous(day, this.book.trades);
      trades.push(...this.book.trades);
    }
    return trades;
  }

  #restHeld(instr: number, day: Day): void {
    for (const next of nearestFirst(day.held)) {
      if (this.book.add(instr, next.id, next.side, next.priceE4, next.qty) !== code.OK) return;
      day.held = day.held.filter((order) => order !== next);
    }
  }

  #note(day: Day, trades: readonly Trade[]): void {
    for (const { priceE4, qty } of trades) day.trades.push({ timeNs: this.timeNs, priceE4, qty });
  }

  #noteContinuous(day: Day, trades: readonly Trade[]): void {
    this.#note(day, trades);
    for (const { priceE4 } of trades) halt(day, priceE4);
  }

  #moment(instr: number, day: Day): Moment {
    const { phase, closeE4, halt: state } = day;
    const [bid, ask] = [this.book.bestBid(instr), this.book.bestAsk(instr)];
    const lastE4 = day.trades.at(-1)?.priceE4 ?? 0;
    const own = { bidE4: Math.max(0, bid), askE4: Math.max(0, ask), lastE4 };
    return { phase, halt: state, closeE4, ...(day.quote ?? own) };
  }

  #day(instr: number): Day {
    const day = this.days.get(instr);
    if (!day) throw new Error(`instr=${instr} has no rules`);
    return day;
  }
}

const EMPTY: Moment = {
  ...{ phase: -1, halt: 'none', bidE4: 0, askE4: 0, lastE4: 0, closeE4: 0 },
};

/** Buys before sells, the nearest to the reference first, then by age. */
function nearestFirst(held: readonly HeldOrder[]): HeldOrder[] {
  const buys = held.filter((o) => o.side === code.BUY).sort((a, b) => a.priceE4 - b.priceE4);
  const sells = held.filter((o) => o.side === code.SELL).sort((a, b) => b.priceE4 - a.priceE4);
  return [...buys, ...sells];
}

/** Rules sheet 4.3: may halt after a trade at `priceE4`. */
function halt(day: Day, priceE4: number): void {
  const { rules } = day;
  const baseE4 = rules.haltOfPreClose !== 0 ? rules.preCloseE4 : (day.trades[0]?.priceE4 ?? 0);
  if (baseE4 === 0) return;
  const direction = rules.haltPerDirection !== 0 && priceE4 < baseE4 ? 'down' : 'up';
  const away = Math.abs(priceE4 - baseE4) * 1000;
  const reached = [rules.haltPermille1, rules.haltPermille2].flatMap((permille, i) =>
    permille > 0 && away >= permille * baseE4 ? [i + 1] : [],
  );
  const level = reached.at(-1);
  if (level === undefined) return;
  const isNew = !day.haltsDone.has(`${level} ${direction}`);
  for (const each of reached) day.haltsDone.add(`${each} ${direction}`);
  if (!isNew) return;
  day.phase = code.PHASE_HALTED;
  day.halt = 'price';
  day.haltLevel = Math.max(level, day.haltLevel);
}

function tieReference({ rules, trades }: Day, isOpening: boolean): number {
  const lastE4 = trades.at(-1)?.priceE4 ?? 0;
  switch (rules.venue) {
    case code.VENUE_SSE:
      return -1;
    case code.VENUE_SZSE:
      return isOpening ? rules.preCloseE4 : lastE4 || rules.preCloseE4;
    default:
      return lastE4 || rules.preCloseE4;
  }
}

/** Rules sheet 6.4. */
function closing({ rules, trades }: Day, from: number, call: readonly Trade[]): number {
  const last = trades.at(-1);
  if (!last) return rules.preCloseE4;
  if (from === code.PHASE_CLOSING_CALL && call.length > 0) return call[0].priceE4;
  if (rules.venue !== code.VENUE_SSE && rules.venue !== code.VENUE_SZSE) return last.priceE4;
  const minute = trades.filter((trade) => trade.timeNs >= last.timeNs - MINUTE_NS);
  const qty = minute.reduce((sum, trade) => sum + BigInt(trade.qty), 0n);
  const amount = minute.reduce((sum, t) => sum + BigInt(t.qty) * BigInt(t.priceE4), 0n);
  const unit = qty * BigInt(rules.tickE4);
  return Number((2n * amount + unit) / (2n * unit)) * rules.tickE4;
}

function mayFollow(from: number, to: number): boolean {
  if (to < 0 || to > code.PHASE_AFTER_HOURS) return false;
  if (from === code.PHASE_AFTER_HOURS) return to === code.PHASE_CLOSED;
  const place = (phase: number) => (TRADING.includes(phase) ? code.PHASE_CONTINUOUS : phase);
  return place(to) > place(from) || (TRADING.includes(to) && TRADING.includes(from));
}
