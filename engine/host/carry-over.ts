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
  const lines: ClosingLine[] = [];
  for (const { index: i, symbol } of setup.instruments) {
    const heldDays = positions.heldDays[i]!;
    const own = { symbol, heldDays };
    const [qty, costAmountE4] = [positions.qty[i]!, positions.costAmountE4[i]!];
    if (qty !== 0) lines.push({ ...own, strategy: null, qty, costAmountE4 });
    for (let row = 0; row < books.rowCount; row++) {
      const c = books.cell(row, i);
      if (books.qty[c] === 0 && books.costAmountE4[c] === 0) continue;
      const strategy = strategyName(setup, books.strategyOf[row]!);
      const [bookQty, bookCostE4] = [books.qty[c]!, books.costAmountE4[c]!];
      lines.push({ ...own, strategy, qty: bookQty, costAmountE4: bookCostE4 });
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
  const place = placesOf(setup.instruments);
  const held = closed.lines.filter(({ qty, costAmountE4 }) => qty !== 0 || costAmountE4 !== 0);
  const lost = held.filter(({ strategy, symbol }) => strategy === null && !place.has(symbol));
  if (lost.length > 0) {
    const shares = lost.map(({ symbol, qty }) => `${qty} of ${symbol}`).join(', ');
    const hint = 'add it to market.instruments, so that it is shown, valued and can be sold';
    throw new Error(`account ${account.id} holds ${shares}, which this run does not know: ${hint}`);
  }
  const positions: SetupPosition[] = [];
  const sums = new Map<string, SetupBook>();
  for (const line of held) {
    const instrument = place.get(line.symbol);
    if (instrument === undefined) continue;
    const { qty, costAmountE4 } = line;
    const heldDays = line.heldDays < 0 ? line.heldDays : line.heldDays + days;
    if (line.strategy === null) {
      if (qty === 0) continue;
      const costE4 = Math.round(costAmountE4 / qty);
      const locked = line.lockedQty === undefined ? {} : { sellableQty: qty - line.lockedQty };
      positions.push({ instrument, qty, costE4, costAmountE4, ...locked });
      continue;
    }
    // A strategy that is not there any more leaves its shares to the desk.
    const strategy = strategyIndex(setup, index, line.strategy);
    const key = `${strategy} ${instrument}`;
    const sum = sums.get(key) ?? { strategy, instrument, qty: 0, costAmountE4: 0, heldDays };
    sums.set(key, {
      ...{ strategy, instrument, heldDays },
      ...{ qty: sum.qty + qty, costAmountE4: sum.costAmountE4 + costAmountE4 },
    });
  }
  for (const { instrument, heldDays } of [...sums.values()]) {
    const desk = `${DESK_STRATEGY} ${instrument}`;
    if (sums.has(desk)) continue;
    sums.set(desk, { strategy: DESK_STRATEGY, instrument, qty: 0, costAmountE4: 0, heldDays });
  }
  // The desk's own lines come last: they say what is left of the account's shares.
  const books = [...sums.values()].sort((a, b) => rank(a) - rank(b) || a.instrument - b.instrument);
  return { ...account, cashE4: closed.cashE4, positions, books };
}

let placed: readonly Instrument[] = [];
let places = new Map<string, number>();

/** Index by symbol; a run of years asks for the same thousands of symbols day by day. */
function placesOf(instruments: readonly Instrument[]): ReadonlyMap<string, number> {
  const isSame =
    placed.length === instruments.length &&
    instruments.every(
      (one, n) => one.symbol === placed[n]!.symbol && one.index === placed[n]!.index,
    );
  if (!isSame) places = new Map(instruments.map(({ symbol, index }) => [symbol, index]));
  placed = instruments;
  return places;
}

function rank({ strategy }: SetupBook): number {
  return strategy >= DESK_STRATEGY ? 1 : 0;
}
