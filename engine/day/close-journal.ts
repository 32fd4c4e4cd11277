// Closes an account's day in its journal: ends what is still open, by the rule that fits and with
// proof, then writes the closing lines, the DayClose record and the orderly end. Called by the
// close of a day only, with the run folder locked. Invariants: an order ends by proof or the close
// is refused before anything is written; a close cut short is written again, whole; nothing of a
// closed day is ever changed.

import { isOpen } from '../core/order.ts';
import { idCheck } from '../core/order-id.ts';
import { BOOKS_AGREE, bookMismatch, DESK_ROW } from '../core/strategy-books.ts';
import { beginLife } from '../host/account-life.ts';
import { AccountState } from '../host/account-state.ts';
import { runHash } from '../host/run-hash.ts';
import type { EngineSetup } from '../host/setup.ts';
import { type OpenJournalOptions, openJournal } from '../journal/open.ts';
import { SEGMENT_BYTES } from '../journal/segment.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { DESK_STRATEGY, LINE_CLOSING, REPORT_CANCELLED, STAGE_GATEWAY } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { BookLine, DayClose, End } from '../messages/generated/control.ts';
import { Fill, Report } from '../messages/generated/order.ts';
import { type AccountFigures, type BookRow, figuresOf, priceAccount } from './books-report.ts';
import { journalFolder } from './day-file.ts';
import { openSlots, type ReplayedAccount, sentSlots } from './replay-day.ts';
import { type StatementFile, tradeKey } from './statement-file.ts';

/** How the orders that the journal leaves open are proven to have ended with the day. */
export type DayEndProof =
  /** Nothing is open, or the close is refused. */
  | { readonly kind: 'none' }
  /** The simulated exchange dies with its process. */
  | { readonly kind: 'exchange-gone' }
  /** Orders are day orders 当日有效; the broker's statement lists all trades of the day. */
  | { readonly kind: 'statement'; readonly file: StatementFile };

export interface ClosedAccount {
  readonly figures: AccountFigures;
  /** Orders that ended with the day. */
  readonly ended: number;
  readonly stateHash: string;
  readonly warnings: readonly string[];
}

/** Why an account's day cannot be closed with this proof; '' = it can. Changes nothing. */
export function whyNotClosed(account: ReplayedAccount, proof: DayEndProof): string {
  if (account.isClosed) return '';
  const open = sentSlots(account.state);
  if (open.length === 0 || proof.kind === 'exchange-gone') return '';
  const shown = open.slice(0, 5).map((slot) => {
    const { coid, status, instrument, side, qty, filledQty } = account.orders[slot]!;
    return `  ${coid} ${side} ${qty} ${instrument}: ${status}, ${filledQty} filled`;
  });
  const more = open.length > shown.length ? [`  and ${open.length - shown.length} more`] : [];
  const orders = [...shown, ...more].join('\n');
  const head = `account ${account.id}: ${open.length} orders have no proven end:\n${orders}`;
  if (proof.kind === 'none') {
    const how = "start that day's engine again so that the broker proves it, or give";
    return `${head}\n${how} the broker's statement: pankou journal close DIR --statement FILE`;
  }
  if (proof.file.has('trade', account.id)) return understated(account, proof.file);
  const lacks = 'the statement has no trades of the account';
  return `${head}\n${lacks}; a statement that lists its trades of the day proves their end`;
}

/** The statement may not say that an order traded less than we have booked. */
function understated(account: ReplayedAccount, file: StatementFile): string {
  for (const slot of sentSlots(account.state)) {
    const { coid, filledQty, qty } = account.orders[slot]!;
    const total = statedQty(account, coid, file);
    if (total >= filledQty) continue;
    const booked = `we have booked ${filledQty} of ${qty}`;
    return `order ${coid}: the statement says ${total} traded, ${booked}; it proves nothing`;
  }
  return '';
}

/**
 * Shares that the statement says an order traded: by its id, and where a row names none (made in
 * the broker's client, or without its remark) by the trade numbers that we have booked for it.
 */
function statedQty(account: ReplayedAccount, coid: string, file: StatementFile): number {
  const booked = new Set(account.fills.filter((fill) => fill.coid === coid).map(tradeKey));
  const stated = file.trades.filter((trade) => {
    if (trade.account !== account.id) return false;
    return trade.coid === coid || (trade.coid === '' && booked.has(tradeKey(trade)));
  });
  return stated.reduce((sum, trade) => sum + trade.qty, 0);
}

/** I7: what the broker traded beyond an order counts; lines for the people who hear of it. */
export function overfills(account: ReplayedAccount, proof: DayEndProof): string[] {
  if (proof.kind !== 'statement') return [];
  return sentSlots(account.state).flatMap((slot) => {
    const { coid, qty } = account.orders[slot]!;
    const total = statedQty(account, coid, proof.file);
    const says = `order ${coid} is of ${qty} shares, the statement says ${total} traded`;
    return total > qty ? [`account ${account.id}: ${says}: all of it is booked`] : [];
  });
}

/**
 * Closes the day of an account whose journal is in `dir`; whyNotClosed() was asked before.
 * `lastE4`: last prices by instrument, null = not known.
 */
export async function closeJournal(
  setup: EngineSetup,
  account: ReplayedAccount,
  dir: string,
  proof: DayEndProof,
  lastE4: readonly number[] | null,
): Promise<ClosedAccount> {
  const state = new AccountState(setup, account.index);
  const folder = journalFolder(dir, account.index);
  const opened = await openJournal(folder, closingOptions(setup, account, state));
  try {
    return closeOpened(setup, account, state, opened.writer, proof, lastE4);
  } finally {
    await opened.close();
  }
}

/** How the journal of a day that ends is opened: what it says goes to `state`. */
export function closingOptions(
  setup: EngineSetup,
  account: ReplayedAccount,
  state: AccountState,
): OpenJournalOptions {
  return {
    account: account.index,
    day: setup.day,
    policy: 'before-send',
    engineVersion: setup.engineVersion,
    instrumentCount: setup.instruments.length,
    atNs: account.state.lastNs,
    monoNs: 0,
    segmentBytes: setup.segmentBytes > 0 ? setup.segmentBytes : SEGMENT_BYTES,
    acceptOtherSchema: true,
    onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
  };
}

/** closeJournal() in a journal that is open: the last records go to `writer`. */
export function closeOpened(
  setup: EngineSetup,
  account: ReplayedAccount,
  state: AccountState,
  writer: JournalWriter,
  proof: DayEndProof,
  lastE4: readonly number[] | null,
): ClosedAccount {
  const symbols = setup.instruments.map((i) => i.symbol);
  const warnings: string[] = [];
  beginLife(setup, state, writer, () => 0);
  const closing = new Closing(setup, state, writer);
  const ended = closing.endOrders(account, proof);
  priceAccount(state.account, lastE4, account.fills, symbols);
  const odd = bookMismatch(state.account.books, state.account.positions, state.account.cash);
  if (odd !== BOOKS_AGREE) {
    const where = setup.instruments[odd]?.symbol ?? 'its cash';
    warnings.push(`account ${account.id}: books of strategies do not add up in ${where}`);
  }
  const figures = figuresOf(setup, state.account);
  const stateHash = runHash([state.account]);
  closing.writeClose(figures, ended, stateHash);
  return { figures, ended, stateHash, warnings };
}

/** Strategy of a closing line that speaks of the whole account. */
export const WHOLE_ACCOUNT = -1;

type LineFigures = Pick<BookRow, 'qty' | 'costAmountE4' | 'realisedE4' | 'feesE4' | 'cashFlowE4'>;

class Closing {
  readonly #setup: EngineSetup;
  readonly #state: AccountState;
  readonly #writer: JournalWriter;
  readonly #memory = new FrameMemory(new ArrayBuffer(512));

  constructor(setup: EngineSetup, state: AccountState, writer: JournalWriter) {
    this.#setup = setup;
    this.#state = state;
    this.#writer = writer;
  }

  /** Books what the statement proves of open orders, and ends them; how many there were. */
  endOrders(account: ReplayedAccount, proof: DayEndProof): number {
    const slots = openSlots(this.#state);
    for (const slot of slots) {
      if (proof.kind === 'statement') this.#bookTrades(account, slot, proof.file);
      this.#endOrder(slot);
    }
    return slots.length;
  }

  #bookTrades(account: ReplayedAccount, slot: number, file: StatementFile): void {
    const { orders } = this.#state.account;
    const known = new Set(account.fills.map(tradeKey));
    const { coid } = account.orders[slot]!;
    for (const trade of file.trades) {
      const isOurs = trade.account === account.id && trade.coid === coid;
      if (!isOurs || known.has(tradeKey(trade))) continue;
      const fill = new Fill().begin(this.#memory, 0);
      this.#nameOrder(fill, slot);
      fill.instrument = orders.instrument[slot]!;
      fill.intentNo = orders.intentNo[slot]!;
      fill.strategy = orders.strategy[slot]!;
      fill.side = orders.side[slot]!;
      fill.priceE4 = trade.priceE4;
      fill.qty = trade.qty;
      fill.leavesQty = Math.max(0, orders.qty[slot]! - orders.filled[slot]! - trade.qty);
      fill.fillNo = trade.fillNo;
      this.#book(Fill.TYPE);
    }
  }

  #endOrder(slot: number): void {
    if (!isOpen(this.#state.account.orders.status[slot]!)) return;
    const { orders } = this.#state.account;
    const report = new Report().begin(this.#memory, 0);
    this.#nameOrder(report, slot);
    report.instrument = orders.instrument[slot]!;
    report.strategy = orders.strategy[slot]!;
    report.kind = REPORT_CANCELLED;
    report.stage = STAGE_GATEWAY;
    report.filledQty = orders.filled[slot]!;
    this.#book(Report.TYPE);
  }

  #nameOrder(frame: Fill | Report, slot: number): void {
    const { orders } = this.#state.account;
    frame.eventNs = this.#state.lastNs;
    frame.coidA = orders.idA[slot]!;
    frame.coidB = this.#setup.day;
    frame.coidC = orders.idC[slot]!;
    frame.coidD = idCheck(frame.coidA, frame.coidB, frame.coidC);
    frame.account = this.#state.account.index;
  }

  /** Closing lines, the close, the orderly end; brought to the device. */
  writeClose(figures: AccountFigures, ended: number, stateHash: string): void {
    const { account } = this.#state;
    const { books, positions, index } = account;
    let lines = 0;
    for (let r = 1; r <= books.rowCount; r++) {
      const row = r % books.rowCount;
      const strategy = row === DESK_ROW ? DESK_STRATEGY : books.strategyOf[row]!;
      for (let i = 0; i < books.instrumentCount; i++) {
        const c = books.cell(row, i);
        lines += this.#writeLine(strategy, i, {
          qty: books.qty[c]!,
          costAmountE4: books.costAmountE4[c]!,
          realisedE4: books.realisedE4[c]!,
          feesE4: books.feesE4[c]!,
          cashFlowE4: books.cashFlowE4[c]!,
        });
      }
    }
    for (let i = 0; i < positions.count; i++) {
      const row = figures.rows.find(
        (line) => line.strategy === '*' && line.instrument === this.#setup.instruments[i]!.symbol,
      );
      lines += row === undefined ? 0 : this.#writeLine(WHOLE_ACCOUNT, i, row);
    }
    const close = new DayClose().begin(this.#memory, 0);
    close.account = index;
    close.day = this.#setup.day;
    close.lines = lines;
    close.endedOrders = ended;
    close.cashE4 = figures.cashE4;
    close.feesE4 = figures.feesE4;
    close.marketValueE4 = figures.valueE4;
    close.realisedE4 = figures.realisedE4;
    close.unrealisedE4 = figures.unrealisedE4;
    close.openingEquityE4 = figures.openingEquityE4;
    close.movedE4 = figures.movedE4;
    this.#append();
    const high = Number.parseInt(stateHash.slice(0, 8), 16);
    const low = Number.parseInt(stateHash.slice(8), 16);
    this.#writer.setStateHash(high, low);
    new End().begin(this.#memory, 0).account = index;
    this.#append();
    this.#must(this.#writer.flush());
  }

  /** 1 = written, 0 = there is nothing to say. */
  #writeLine(strategy: number, instrument: number, figures: LineFigures): number {
    const { qty, costAmountE4, realisedE4, feesE4, cashFlowE4 } = figures;
    if (qty === 0 && costAmountE4 === 0 && realisedE4 === 0 && cashFlowE4 === 0) return 0;
    const line = new BookLine().begin(this.#memory, 0);
    line.account = this.#state.account.index;
    line.strategy = strategy;
    line.instrument = instrument;
    line.qty = qty;
    line.heldDays = this.#state.account.positions.heldDays[instrument]!;
    line.kind = LINE_CLOSING;
    line.costAmountE4 = costAmountE4;
    line.realisedE4 = realisedE4;
    line.feesE4 = feesE4;
    line.cashFlowE4 = cashFlowE4;
    this.#append();
    return 1;
  }

  #book(type: number): void {
    this.#append();
    this.#state.apply(type, this.#memory, 0);
  }

  #append(): void {
    this.#must(this.#writer.append(this.#memory, 0, this.#state.lastNs, 0));
  }

  #must(code: number): void {
    if (code >= 0) return;
    const id = this.#setup.accounts[this.#state.account.index]!.id;
    const what = `the journal of account ${id} took no closing records (code ${code})`;
    throw new Error(`${what}: make room on its disk and close the day again`);
  }
}
