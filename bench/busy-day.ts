// Writes the journal of a busy day as the gateway link writes it: requests, acceptances, fills,
// cancels and their reports, refusals. Called by the recovery bench and by tests of the projection.
// Always: the same arguments give the same records; what the reader must find is returned.
import { beginLife } from '../engine/host/account-life.ts';
import { AccountState } from '../engine/host/account-state.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import { openJournal } from '../engine/journal/open.ts';
import type { JournalWriter } from '../engine/journal/writer.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  SIDE_BUY,
  SIDE_SELL,
  TIF_DAY,
} from '../engine/messages/codes.ts';
import { FrameMemory } from '../engine/messages/frames.ts';
import { Fill, Report, Request } from '../engine/messages/generated/order.ts';

export interface BusyDay {
  readonly orders: number;
  readonly fills: number;
  /** Orders left open. */
  readonly open: number;
  readonly records: number;
}

const OPEN_NS = 34_200_000_000_000;
const STEP_NS = 200_000_000;
const PRICE_E4 = 100_000;
const QTY = 100;
/** Of a hundred orders in a row: filled in two fills, then cancelled, the rest stays open. */
const FILLED = 60;
const CANCELLED = 99;

/** Writes `orders` orders of account `a` (strategy 0, instrument 0) into its new journal. */
export async function writeBusyDay(setup: EngineSetup, a: number, orders: number) {
  const opened = await openJournal(setup.accounts[a]!.journalDir, {
    account: a,
    day: setup.day,
    policy: 'none',
    engineVersion: setup.engineVersion,
    instrumentCount: setup.instruments.length,
    atNs: 0,
    monoNs: 0,
    segmentBytes: setup.segmentBytes,
  });
  beginLife(setup, new AccountState(setup, a), opened.writer, () => 0);
  const day = new DayWriter(opened.writer, a, setup.day);
  for (let no = 1; no <= orders; no++) day.order(no);
  const records = opened.writer.lastSeq;
  const code = await opened.close();
  if (code < 0) throw new Error(`journal code ${code}`);
  return { orders, fills: day.fills, open: day.open, records } satisfies BusyDay;
}

class DayWriter {
  fills = 0;
  open = 0;
  readonly #writer: JournalWriter;
  readonly #account: number;
  readonly #day: number;
  readonly #memory = new FrameMemory(new ArrayBuffer(512));
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();

  constructor(writer: JournalWriter, account: number, day: number) {
    this.#writer = writer;
    this.#account = account;
    this.#day = day;
  }

  order(no: number): void {
    const eventNs = OPEN_NS + no * STEP_NS;
    const side = no % 2 === 0 ? SIDE_BUY : SIDE_SELL;
    this.#place(no, side, eventNs, ACTION_PLACE);
    this.#say(no, REPORT_ACCEPTED, eventNs);
    const kind = no % 100;
    if (kind < FILLED) {
      this.#trade(no, side, eventNs, 1);
      this.#trade(no, side, eventNs, 2);
    } else if (kind < CANCELLED) {
      this.#place(no, side, eventNs, ACTION_CANCEL);
      this.#say(no, REPORT_CANCELLED, eventNs);
    } else this.open++;
  }

  #place(no: number, side: number, eventNs: number, action: number): void {
    const r = this.#request.begin(this.#memory, 0);
    r.eventNs = eventNs;
    this.#name(r, no);
    r.intentNo = no;
    r.side = side;
    r.action = action;
    r.kind = KIND_LIMIT;
    r.timeInForce = TIF_DAY;
    r.priceE4 = PRICE_E4;
    r.valueE4 = PRICE_E4;
    r.qty = 2 * QTY;
    this.#write(eventNs);
  }

  #say(no: number, kind: number, eventNs: number): void {
    const r = this.#report.begin(this.#memory, 0);
    r.eventNs = eventNs;
    this.#name(r, no);
    r.kind = kind;
    r.brokerOrderNo = 1_000_000 + no;
    this.#write(eventNs);
  }

  #trade(no: number, side: number, eventNs: number, part: number): void {
    const f = this.#fill.begin(this.#memory, 0);
    f.eventNs = eventNs;
    this.#name(f, no);
    f.intentNo = no;
    f.side = side;
    f.priceE4 = PRICE_E4;
    f.qty = QTY;
    f.leavesQty = (2 - part) * QTY;
    f.fillNo = no * 2 + part;
    this.fills++;
    this.#write(eventNs);
  }

  #name(frame: Request | Report | Fill, no: number): void {
    frame.coidA = 1;
    frame.coidB = this.#day;
    frame.coidC = no;
    frame.account = this.#account;
    frame.strategy = 0;
    frame.instrument = 0;
  }

  #write(eventNs: number): void {
    const seq = this.#writer.append(this.#memory, 0, eventNs, eventNs);
    if (seq < 0) throw new Error(`journal code ${seq}`);
  }
}
