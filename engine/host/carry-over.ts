// What one day leaves to the next: closing lines by names, and the account that opens with them.
// Called by the start of a live day (engine/day, from the closed journal) and by a backtest of
// several days (from the account as it stands), so both roll a day alike.
// Invariants: what was bought before today is sellable (T+1) unless it is said to be locked, and
// counts the trading days that passed; shares that the new day does not know stop it.
import type { Account } from '../core/account.ts';
import type { Instrument } from '../core/instrument.ts';
import { DESK_STRATEGY } from '../messages/codes.ts';
import type { EngineSetup, SetupAccount, SetupBook, SetupPosition } from './setup.ts';

/** A line of a closed day, by names: indexes may mean something else the next day. */
export interface ClosingLine {
  /** Name of strategyName(); null = the whole account. */
  readonly strategy: string | null;
  readonly symbol: string;
  readonly qty: number;
  readonly costAmountE4: number;
  readonly heldDays: number;
  /** Of a whole account's shares: not to be sold the next day yet; absent = none. */
  readonly lockedQty?: number;
  /** Its index on the closed day: where the next day has it there too, nobody looks for it. */
  readonly index?: number;
}

export interface ClosedBooks {
  readonly cashE4: number;
  readonly lines: readonly ClosingLine[];
}

/** Name of a strategy index in a setup; `desk` for shares of nobody. */
export function strategyName(setup: EngineSetup, strategy: number): string {
  if (strategy >= DESK_STRATEGY) return 'desk';
  return setup.strategies[strategy]?.name ?? `#${strategy}`;
}

/** Index of a name of strategyName() in another setup; the desk where it is not there any more. */
export function strategyIndex(setup: EngineSetup, account: number, name: string): number {
  const found = setup.strategies.findIndex((s) => s.account === account && s.name === name);
  return found < 0 ? DESK_STRATEGY : found;
}

/** The books of an account whose day is over and whose orders have all ended. */
export function closedBooks(setup: EngineSetup, account: Account): ClosedBooks {
  const { books, positions, cash } = account;
  const names = Array.from(books.strategyOf, (strategy) => strategyName(setup, strategy));
  const lines: ClosingLine[] = [];
  const add = (strategy: string | null, index: number, qty: number, costAmountE4: number): void => {
    const { symbol } = setup.instruments[index]!;
    const heldDays = positions.heldDays[index]!;
    lines.push({ strategy, symbol, qty, costAmountE4, heldDays, index });
  };
  for (let i = 0; i < setup.instruments.length; i++) {
    if (positions.qty[i] !== 0) add(null, i, positions.qty[i]!, positions.costAmountE4[i]!);
    for (let row = 0; row < names.length; row++) {
      const c = books.cell(row, i);
      const costAmountE4 = books.costAmountE4[c]!;
      if (books.qty[c] !== 0 || costAmountE4 !== 0)
        add(names[row]!, i, books.qty[c]!, costAmountE4);
    }
  }
  return { cashE4: cash.cashE4, lines };
}

/**
 * The account as the closed day left it, in the new day's indexes; `days`: trading days passed.
 */
export function carriedAccount(
  setup: EngineSetup,
  index: number,
  account: SetupAccount,
  closed: ClosedBooks,
  days: number,
): SetupAccount {
  const places = new Places(setup.instruments);
  const books = new OpeningBooks(setup, index);
  const positions: SetupPosition[] = [];
  const lost: ClosingLine[] = [];
  for (const line of closed.lines) {
    const { strategy, qty, costAmountE4 } = line;
    if (qty === 0 && costAmountE4 === 0) continue;
    const instrument = places.of(line);
    if (instrument < 0) {
      if (strategy === null) lost.push(line);
      continue;
    }
    const heldDays = line.heldDays < 0 ? line.heldDays : line.heldDays + days;
    if (strategy !== null) books.add(strategy, instrument, qty, costAmountE4, heldDays);
    else if (qty !== 0) positions.push(positionOf(line, instrument));
  }
  if (lost.length > 0) {
    const shares = lost.map(({ symbol, qty }) => `${qty} of ${symbol}`).join(', ');
    const hint = 'add it to market.instruments, so that it is shown, valued and can be sold';
    throw new Error(`account ${account.id} holds ${shares}, which this run does not know: ${hint}`);
  }
  return { ...account, cashE4: closed.cashE4, positions, books: books.lines() };
}

function positionOf(line: ClosingLine, instrument: number): SetupPosition {
  const { qty, costAmountE4, lockedQty } = line;
  const position = { instrument, qty, costE4: Math.round(costAmountE4 / qty), costAmountE4 };
  return lockedQty === undefined ? position : { ...position, sellableQty: qty - lockedQty };
}

/** Indexes of a new day; symbols are looked up only where a line does not lie where it lay. */
class Places {
  readonly #instruments: readonly Instrument[];
  #bySymbol: ReadonlyMap<string, number> | null = null;

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
  }

  /** -1 = the day does not know it. */
  of({ symbol, index = -1 }: ClosingLine): number {
    if (this.#instruments[index]?.symbol === symbol) return index;
    this.#bySymbol ??= new Map(this.#instruments.map((one) => [one.symbol, one.index]));
    return this.#bySymbol.get(symbol) ?? -1;
  }
}

type OpeningBook = { -readonly [key in keyof SetupBook]: SetupBook[key] };

/** The lines that strategies open with, and the desk with what is left of the account's shares. */
class OpeningBooks {
  readonly #setup: EngineSetup;
  readonly #account: number;
  /** Lines by when they came: those of strategies, those of the desk. */
  readonly #own: OpeningBook[] = [];
  readonly #desk: OpeningBook[] = [];
  /** Lines by strategy (the desk last) and instrument: its place in its list, plus 1. */
  readonly #places: Int32Array;
  /** The name asked for last, and its strategy. */
  #name = '';
  #strategy = DESK_STRATEGY;

  constructor(setup: EngineSetup, account: number) {
    this.#setup = setup;
    this.#account = account;
    const rows = setup.strategies.length + 1;
    this.#places = new Int32Array(rows * setup.instruments.length);
  }

  /** A strategy that is not there any more leaves its shares to the desk. */
  add(name: string, instrument: number, qty: number, costAmountE4: number, heldDays: number): void {
    if (name !== this.#name) {
      this.#strategy = strategyIndex(this.#setup, this.#account, name);
      this.#name = name;
    }
    const line = this.#line(this.#strategy, instrument, heldDays);
    line.qty += qty;
    line.costAmountE4 += costAmountE4;
    line.heldDays = heldDays;
  }

  #line(strategy: number, instrument: number, heldDays: number): OpeningBook {
    const { strategies, instruments } = this.#setup;
    const isDesk = strategy >= DESK_STRATEGY;
    const list = isDesk ? this.#desk : this.#own;
    const cell = (isDesk ? strategies.length : strategy) * instruments.length + instrument;
    const place = this.#places[cell]!;
    if (place > 0) return list[place - 1]!;
    const line = { strategy, instrument, qty: 0, costAmountE4: 0, heldDays };
    this.#places[cell] = list.push(line);
    return line;
  }

  /** By instrument, the desk's own lines last: they say what is left of the account's shares. */
  lines(): SetupBook[] {
    for (const { instrument, heldDays } of this.#own) {
      this.#line(DESK_STRATEGY, instrument, heldDays);
    }
    return [...rising(this.#own), ...rising(this.#desk)];
  }
}

/** By instrument; closed books mostly are. */
function rising(lines: OpeningBook[]): OpeningBook[] {
  for (let n = 1; n < lines.length; n++) {
    if (lines[n]!.instrument < lines[n - 1]!.instrument) {
      return lines.sort((a, b) => a.instrument - b.instrument);
    }
  }
  return lines;
}
