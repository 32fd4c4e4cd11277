// An account as its journal leaves it: read through the same methods as recovery, with the setup of
// the journal's own day, and its orders and fills as rows for people. Called by the close of a day,
// by its reports and by reconciliation. Cold; takes no lock. Always: nothing is guessed; a journal
// that does not fit the day's sheet is refused.
import { existsSync } from 'node:fs';
import { symbolOf } from '../core/instrument.ts';
import { isOpen } from '../core/order.ts';
import { formatOrderId } from '../core/order-id.ts';
import { STATUS_HELD, STATUS_NAMES } from '../core/order-status.ts';
import { rejectText } from '../core/reject-code.ts';
import { AccountState } from '../host/account-state.ts';
import { strategyName } from '../host/carry-over.ts';
import type { EngineSetup } from '../host/setup.ts';
import type { JournalRecord } from '../journal/journal-record.ts';
import { type JournalEnd, readJournal, type SegmentSource } from '../journal/reader.ts';
import { DESK_STRATEGY, SIDE_SELL, STAGE_NAMES } from '../messages/codes.ts';
import { DayClose, InstrumentName } from '../messages/generated/control.ts';
import { Fill } from '../messages/generated/order.ts';
import { journalFolder } from './day-file.ts';
import type { PastFill, PastOrder } from './history.ts';

/** Words of the price types by number, as the interfaces say them. */
const KIND_WORDS = [
  ...['none', 'limit', 'best-5-cancel', 'best-5-limit', 'opposite-best', 'own-best', 'ioc', 'fok'],
];

export interface ReplayedAccount {
  readonly index: number;
  readonly id: string;
  readonly state: AccountState;
  readonly end: JournalEnd;
  readonly orders: readonly PastOrder[];
  readonly fills: readonly PastFill[];
  /** Whether the day is closed in the journal. */
  readonly isClosed: boolean;
  /** Of the last orderly end; '' = there was none. */
  readonly stateHash: string;
}

/** Reads an account's journal in `dir` (a run folder or a closed day). Throws for people. */
export function replayAccount(setup: EngineSetup, index: number, dir: string): ReplayedAccount {
  const folder = journalFolder(dir, index);
  const id = setup.accounts[index]!.id;
  if (!existsSync(folder)) {
    throw new Error(`${folder} does not exist: the journal of account ${id} is missing`);
  }
  return replayFolder(setup, index, folder);
}

/** replayAccount() of a journal folder, or of what stands in for one. Throws for people. */
export function replayFolder(
  setup: EngineSetup,
  index: number,
  folder: string,
  source?: SegmentSource,
): ReplayedAccount {
  const { id } = setup.accounts[index]!;
  const state = new AccountState(setup, index);
  const names = new Names(setup, id);
  const fills: PastFill[] = [];
  const updated = new Map<number, number>();
  let isClosed = false;
  let stateHash = '';
  const take = (record: JournalRecord): void => {
    names.check(record, folder);
    const known = state.account.fillCount;
    state.apply(record.frameType, record.memory, record.frameAt);
    if (record.frameType === DayClose.TYPE) isClosed = true;
    if (record.stateHash !== '') stateHash = record.stateHash;
    if (state.account.fillCount > known) {
      const row = names.fill(record, state);
      fills.push(row);
      updated.set(slotOf(state, record), row.ns);
    }
  };
  const end = readJournal(folder, take, source === undefined ? {} : { source });
  const { orders } = state.account;
  const rows = Array.from({ length: orders.count }, (_, slot) =>
    names.order(state, slot, updated.get(slot)),
  );
  return { index, id, state, end, orders: rows, fills, isClosed, stateHash };
}

const fillFrame = new Fill();

function slotOf(state: AccountState, record: JournalRecord): number {
  const fill = fillFrame.wrap(record.memory, record.frameAt);
  return state.account.orders.findById(fill.coidA, fill.coidC);
}

class Names {
  readonly #setup: EngineSetup;
  readonly #account: string;
  readonly #name = new InstrumentName();

  constructor(setup: EngineSetup, account: string) {
    this.#setup = setup;
    this.#account = account;
  }

  /** The journal must number its instruments as the sheet does. */
  check(record: JournalRecord, folder: string): void {
    if (record.frameType !== InstrumentName.TYPE) return;
    const { instrument, market, securityCode } = this.#name.wrap(record.memory, record.frameAt);
    const symbol = symbolOf(market, securityCode);
    const here = this.#setup.instruments[instrument]?.symbol;
    if (here === symbol) return;
    const sheet = `${here ?? 'none'} in day.json`;
    const says = `instrument ${instrument} is ${symbol} in the journal, ${sheet}`;
    throw new Error(`${folder}: ${says}: the sheet is not of this journal; restore both together`);
  }

  order(state: AccountState, slot: number, fillNs: number | undefined): PastOrder {
    const o = state.account.orders;
    const filled = o.filled[slot]!;
    const code = o.code[slot]!;
    const row: PastOrder = {
      coid: formatOrderId(o.idA[slot]!, this.#setup.day, o.idC[slot]!),
      account: this.#account,
      strategy: strategyName(this.#setup, o.strategy[slot]!),
      instrument: this.#setup.instruments[o.instrument[slot]!]?.symbol ?? '?',
      side: o.side[slot] === SIDE_SELL ? 'sell' : 'buy',
      kind: KIND_WORDS[o.kind[slot]!] ?? `#${o.kind[slot]}`,
      priceE4: o.priceE4[slot]!,
      qty: o.qty[slot]!,
      filledQty: filled,
      avgPriceE4: filled > 0 ? Math.round(o.filledAmountE4[slot]! / filled) : 0,
      feesE4: o.feesE4[slot]!,
      status: STATUS_NAMES[o.status[slot]!] ?? 'unknown',
      createdNs: o.createdNs[slot]!,
      updatedNs: Math.max(fillNs ?? 0, o.createdNs[slot]!),
    };
    if (code === 0) return row;
    const stage = STAGE_NAMES[o.stage[slot]!] ?? 'oms';
    return { ...row, reason: { stage, code, text: rejectText(code) } };
  }

  fill(record: JournalRecord, state: AccountState): PastFill {
    const f = new Fill().wrap(record.memory, record.frameAt);
    const slot = slotOf(state, record);
    const { orders } = state.account;
    return {
      fillId: `${this.#account}-${f.fillNo}`,
      coid: formatOrderId(f.coidA, this.#setup.day, f.coidC),
      account: this.#account,
      strategy: strategyName(this.#setup, slot < 0 ? DESK_STRATEGY : orders.strategy[slot]!),
      instrument: this.#setup.instruments[f.instrument]?.symbol ?? '?',
      side: f.side === SIDE_SELL ? 'sell' : 'buy',
      priceE4: f.priceE4,
      qty: f.qty,
      feeE4: state.account.lastFillFeeE4,
      ns: f.eventNs,
      fillNo: f.fillNo,
    };
  }
}

/** Slots of orders that the journal leaves open, those that were held and never sent included. */
export function openSlots({ account: { orders } }: AccountState): number[] {
  const slots = Array.from({ length: orders.count }, (_, slot) => slot);
  return slots.filter((slot) => isOpen(orders.status[slot]!));
}

/** Slots of open orders of which the broker may know: their end needs proof. */
export function sentSlots(state: AccountState): number[] {
  const { status } = state.account.orders;
  return openSlots(state).filter((slot) => status[slot] !== STATUS_HELD);
}
