// What corporate actions do to an account between two days: dividends in cash, bonus and conversion
// shares, fund splits, rights, and the tax on dividends. Called by the run of many days with the
// books of the closed day, before the next one opens. Pure but for what it remembers.
// Always: who held at the close before the ex-date is entitled; shares are cut off to whole ones;
// money is rounded to the fen; what is paid, listed or taxed later waits here and is told.
import type { ClosedBooks, ClosingLine } from '../../host/carry-over.ts';
import type { ActionRow } from '../data/stream-set.ts';
import { changesPrice } from '../store/adjust.ts';
import { type AccountKind, rateAtPayment, rateAtSale } from './dividend-tax.ts';

const PER_TEN_E4 = 100_000;
const FEN_E4 = 100;
/** Face value of a share, on which bonus shares are taxed. */
const FACE_E4 = 10_000;

export interface ActionSettings {
  readonly tax: AccountKind;
  /** What becomes of rights: paid for as far as the cash goes, or left to expire. */
  readonly rights: 'subscribe' | 'forfeit';
  /** Trading days from the ex-date to the cash. */
  readonly payDays: number;
  /** Trading days from the ex-date until shares of rights may be sold. */
  readonly rightsDays: number;
}

/** As announcements usually have it; docs/BACKTEST.md. */
export const ACTION_SETTINGS: ActionSettings = {
  ...{ tax: 'individual', rights: 'forfeit', payDays: 0, rightsDays: 10 },
};

/** Something that happened to the account without an order. */
export interface ActionEvent {
  /** The run's day before whose open it happened. */
  readonly day: number;
  readonly instrument: string;
  readonly kind: 'dividend' | 'tax' | 'shares' | 'rights' | 'rights-forfeited';
  readonly qty: number;
  readonly amountE4: number;
}

/** A fill, as far as holding times need it. */
export interface HeldFill {
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
}

interface Lot {
  /** 0 = nobody knows. */
  readonly day: number;
  qty: number;
  /** Dividends it got: ex-date, taxable income and what was withheld, a share. */
  readonly income: { exDay: number; perShareE4: number; withheldE4: number }[];
}

export class ActionHolder {
  readonly events: ActionEvent[] = [];
  readonly #actions: readonly ActionRow[];
  readonly #settings: ActionSettings;
  readonly #isFund: (symbol: string) => boolean;
  readonly #lots = new Map<string, Lot[]>();
  /** Cash on its way, and shares that may not be sold yet: at the open of which day of the run. */
  #payments: { at: number; instrument: string; qty: number; amountE4: number }[] = [];
  #locks: { until: number; instrument: string; qty: number }[] = [];
  #taxDueE4 = new Map<string, number>();
  /** Days opened so far. */
  #days = 0;

  /** `actions` of the run's instruments; distributions of a fund are free of tax. */
  constructor(
    actions: readonly ActionRow[],
    settings: ActionSettings,
    isFund: (symbol: string) => boolean,
  ) {
    this.#actions = actions.filter(changesPrice).toSorted((a, b) => a.day - b.day);
    this.#settings = settings;
    this.#isFund = isFund;
  }

  /** Shares of the start, bought nobody knows when. */
  hold(instrument: string, qty: number): void {
    this.#lotsOf(instrument).push({ day: 0, qty, income: [] });
  }

  /** Actions whose ex-date lies behind one day of the run and not behind the other. */
  between(before: number, day: number): readonly ActionRow[] {
    const from = firstAfter(this.#actions, before);
    return this.#actions.slice(from, Math.max(from, firstAfter(this.#actions, day)));
  }

  /** Money that is not in the account yet, less tax that is still to be taken from it. */
  get pendingE4(): number {
    const paid = this.#payments.reduce((sum, { amountE4 }) => sum + amountE4, 0);
    return paid - [...this.#taxDueE4.values()].reduce((sum, due) => sum + due, 0);
  }

  /** The fills of a day, in order: what was bought first is sold first. */
  traded(day: number, fills: readonly HeldFill[]): void {
    for (const { instrument, side, qty } of fills) {
      const lots = this.#lotsOf(instrument);
      if (side === 'buy') {
        lots.push({ day, qty, income: [] });
        continue;
      }
      for (let left = qty; left > 0 && lots.length > 0; ) {
        const lot = lots[0]!;
        const part = Math.min(left, lot.qty);
        this.#taxSale(instrument, lot, part, day);
        lot.qty -= part;
        left -= part;
        if (lot.qty === 0) lots.shift();
      }
    }
  }

  /**
   * Goes over to a day before whose open nothing happens to the account; false = something may, and
   * open() says what.
   */
  passes(before: number, day: number): boolean {
    const waiting = this.#taxDueE4.size + this.#payments.length + this.#locks.length;
    const isQuiet = waiting === 0 && this.between(before, day).length === 0;
    if (isQuiet) this.#days++;
    return isQuiet;
  }

  /** The books with which `day` opens, behind those of the run's day `before`. */
  open(before: number, day: number, closed: ClosedBooks): ClosedBooks {
    this.#days++;
    let books = this.#settle(day, closed);
    for (const action of this.between(before, day)) books = this.#apply(day, action, books);
    if (this.#locks.length === 0) return books;
    this.#locks = this.#locks.filter(({ until }) => until > this.#days);
    return { ...books, lines: books.lines.map((line) => this.#lock(line)) };
  }

  /** Takes the tax of what was sold, and pays what is due. */
  #settle(day: number, closed: ClosedBooks): ClosedBooks {
    let { cashE4 } = closed;
    for (const [instrument, dueE4] of this.#taxDueE4) {
      const amountE4 = -toFen(dueE4);
      if (amountE4 === 0) continue;
      cashE4 += amountE4;
      this.events.push({ day, instrument, kind: 'tax', qty: 0, amountE4 });
    }
    this.#taxDueE4 = new Map();
    for (const { at, instrument, qty, amountE4 } of this.#payments) {
      if (at > this.#days) continue;
      cashE4 += amountE4;
      this.events.push({ day, instrument, kind: 'dividend', qty, amountE4 });
    }
    this.#payments = this.#payments.filter(({ at }) => at > this.#days);
    return { ...closed, cashE4 };
  }

  #apply(day: number, action: ActionRow, closed: ClosedBooks): ClosedBooks {
    const { symbol } = action;
    const held = closed.lines.find((line) => line.strategy === null && line.symbol === symbol);
    const qty = held?.qty ?? 0;
    if (qty <= 0) return closed;
    const rights = this.#rights(day, action, qty, closed.cashE4);
    const shares = (action.bonusPer10E4 + action.transferPer10E4) / PER_TEN_E4;
    const newQty = Math.floor(qty * shares + 1e-9);
    const amountE4 = this.#income(day, action, qty);
    const isPaidNow = this.#settings.payDays === 0;
    if (amountE4 > 0 && !isPaidNow) {
      const at = this.#days + this.#settings.payDays;
      this.#payments.push({ at, instrument: symbol, qty, amountE4 });
    }
    if (newQty > 0) {
      this.#lotsOf(symbol).push({ day: action.day, qty: newQty, income: [] });
      this.events.push({ day, instrument: symbol, kind: 'shares', qty: newQty, amountE4: 0 });
    }
    const added = newQty + rights.qty;
    const lines = grow(closed.lines, symbol, added, rights.costE4);
    const cashE4 = closed.cashE4 - rights.costE4 + (isPaidNow ? amountE4 : 0);
    return { cashE4, lines };
  }

  /** What a holder is paid, tax withheld; notes the income of every lot for its sale. */
  #income(day: number, action: ActionRow, qty: number): number {
    const { symbol } = action;
    const rate = this.#isFund(symbol) ? 0 : rateAtPayment(this.#settings.tax, action.day);
    const perShareE4 = action.cashPer10E4 / 10 + (action.bonusPer10E4 / PER_TEN_E4) * FACE_E4;
    const withheldE4 = perShareE4 * rate;
    if (perShareE4 > 0 && !this.#isFund(symbol)) {
      const income = { exDay: action.day, perShareE4, withheldE4 };
      for (const lot of this.#lotsOf(symbol)) lot.income.push(income);
    }
    const amountE4 = toFen((qty * action.cashPer10E4) / 10) - toFen(qty * withheldE4);
    if (amountE4 !== 0 && this.#settings.payDays === 0) {
      this.events.push({ day, instrument: symbol, kind: 'dividend', qty, amountE4 });
    }
    return amountE4;
  }

  #rights(day: number, action: ActionRow, qty: number, cashE4: number) {
    const { symbol, rightsPriceE4 } = action;
    const offered = Math.floor((qty * action.rightsPer10E4) / PER_TEN_E4 + 1e-9);
    if (offered === 0) return { qty: 0, costE4: 0 };
    const affordable = rightsPriceE4 === 0 ? offered : Math.floor(cashE4 / rightsPriceE4);
    const isTaken = this.#settings.rights === 'subscribe';
    const taken = isTaken ? Math.max(0, Math.min(offered, affordable)) : 0;
    const of = { day, instrument: symbol };
    if (taken < offered) {
      this.events.push({ ...of, kind: 'rights-forfeited', qty: offered - taken, amountE4: 0 });
    }
    if (taken === 0) return { qty: 0, costE4: 0 };
    const costE4 = taken * rightsPriceE4;
    this.events.push({ ...of, kind: 'rights', qty: taken, amountE4: -costE4 });
    this.#lotsOf(symbol).push({ day: action.day, qty: taken, income: [] });
    const until = this.#days + this.#settings.rightsDays;
    this.#locks.push({ until, instrument: symbol, qty: taken });
    return { qty: taken, costE4 };
  }

  /** Tax of a sale beyond what was withheld; it is taken before the next day opens. */
  #taxSale(instrument: string, lot: Lot, qty: number, soldDay: number): void {
    let dueE4 = 0;
    for (const { exDay, perShareE4, withheldE4 } of lot.income) {
      const rate = rateAtSale(this.#settings.tax, exDay, lot.day, soldDay);
      dueE4 += Math.max(0, perShareE4 * rate - withheldE4) * qty;
    }
    if (dueE4 === 0) return;
    this.#taxDueE4.set(instrument, (this.#taxDueE4.get(instrument) ?? 0) + dueE4);
  }

  #lock(line: ClosingLine): ClosingLine {
    if (line.strategy !== null) return line;
    const locks = this.#locks.filter(({ instrument }) => instrument === line.symbol);
    const locked = locks.reduce((sum, { qty }) => sum + qty, 0);
    return locked === 0 ? line : { ...line, lockedQty: Math.min(locked, line.qty) };
  }

  #lotsOf(instrument: string): Lot[] {
    const lots = this.#lots.get(instrument) ?? [];
    this.#lots.set(instrument, lots);
    return lots;
  }
}

/**
 * Adds shares and what they cost to an instrument's lines: to the account's, and to its books by
 * what each of them holds, the odd shares to the largest.
 */
function grow(
  lines: readonly ClosingLine[],
  symbol: string,
  added: number,
  costE4: number,
): ClosingLine[] {
  if (added === 0) return [...lines];
  const books = lines.filter((line) => line.strategy !== null && line.symbol === symbol);
  const whole = lines.find((line) => line.strategy === null && line.symbol === symbol)!;
  const parts = new Map(
    books.map((line) => [line, Math.trunc((added * line.qty) / whole.qty)] as const),
  );
  const largest = books.toSorted((a, b) => b.qty - a.qty)[0];
  const given = [...parts.values()].reduce((sum, part) => sum + part, 0);
  if (largest !== undefined) parts.set(largest, parts.get(largest)! + added - given);
  return lines.map((line) => {
    const part = line === whole ? added : (parts.get(line) ?? 0);
    if (part === 0) return line;
    const cost = Math.round((costE4 * part) / added);
    return { ...line, qty: line.qty + part, costAmountE4: line.costAmountE4 + cost };
  });
}

/** Place of the first action whose ex-date lies behind a day; they rise by ex-date. */
function firstAfter(actions: readonly ActionRow[], day: number): number {
  let from = 0;
  for (let to = actions.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (actions[middle]!.day <= day) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** To the fen, half up. */
function toFen(amountE4: number): number {
  return Math.floor(amountE4 / FEN_E4 + 0.5 + 1e-9) * FEN_E4;
}
