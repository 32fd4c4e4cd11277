// What a bridge has done, per account and day, on disk before it is done: requests before the
// broker call, fences before they are answered, kills before they act. Used by bridge.ts only.
// Same records, CRC and chain as the engine's journal (`pankou journal verify|dump` read it).
// Invariants: an id is known from before its broker call for ever after; the fence of a day never
// falls; the kill flag holds over days; when flush() refused, nothing of it may be done.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSymbol, symbolOf } from '../../engine/core/instrument.ts';
import { idCheck } from '../../engine/core/order-id.ts';
import { type OpenedJournal, openJournal } from '../../engine/journal/open.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  BRIDGE_HANDED_OVER,
  BRIDGE_REFUSED,
  SCOPE_ACCOUNT,
} from '../../engine/messages/codes.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import { BridgeRow, Fence } from '../../engine/messages/generated/broker.ts';
import { InstrumentName, Kill } from '../../engine/messages/generated/control.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import { version } from '../../engine/version.ts';

const SEGMENT_BYTES = 4 * 1_048_576;
const SCRATCH_BYTES = 512;

/** One client order id and what became of it. Instrument by symbol. */
export interface KnownOrder {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly symbol: string;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly valueE4: number;
  readonly strategy: number;
  readonly intentNo: number;
  /** BRIDGE_*. */
  state: number;
  /** Reject code of a refusal. */
  code: number;
  brokerOrderNo: number;
  /** As far as this process was told; for reports only. */
  filledQty: number;
  ended: boolean;
}

/** A request's frame with the instrument by symbol. */
export type NewOrder = Omit<KnownOrder, 'state' | 'code' | 'brokerOrderNo' | 'filledQty' | 'ended'>;

const FRESH = {
  state: BRIDGE_HANDED_OVER,
  code: 0,
  brokerOrderNo: 0,
  filledQty: 0,
  ended: false,
};
/** What a refused order was is not kept, only that it was refused. */
const REFUSED: NewOrder = {
  ...{ a: 0, b: 0, c: 0, symbol: '', side: 0, kind: 0, priceE4: 0, qty: 0, valueE4: 0 },
  ...{ strategy: 0, intentNo: 0 },
};

export class BridgeJournal {
  readonly account: number;
  readonly day: number;
  readonly orders = new Map<string, KnownOrder>();
  /** Lowest epoch that may still send, and the engine that has it. */
  fence = 0;
  fencedEngine = 0;
  killed = false;
  /** Of the day, counted when written: conservative over crashes. */
  placedCount = 0;
  placedE4 = 0;
  readonly #symbols: string[] = [];
  readonly #indexOf = new Map<string, number>();
  #opened: OpenedJournal | null = null;
  readonly #memory = new FrameMemory(new ArrayBuffer(SCRATCH_BYTES));
  readonly #request = new Request();
  readonly #row = new BridgeRow();
  readonly #fence = new Fence();
  readonly #kill = new Kill();
  readonly #name = new InstrumentName();

  constructor(account: number, day: number) {
    this.account = account;
    this.day = day;
  }

  /** Opens the journal of an account's day under `dir`; throws what openJournal throws. */
  static async open(
    dir: string,
    account: string,
    index: number,
    day: number,
  ): Promise<BridgeJournal> {
    const journal = new BridgeJournal(index, day);
    const before = newestBefore(dir, account, day);
    if (before !== '') journal.#carryOver(join(dir, before));
    journal.#opened = await openJournal(join(dir, `${account}-${day}`), {
      account: index,
      day,
      policy: 'before-send',
      engineVersion: version,
      instrumentCount: 0,
      atNs: 0,
      monoNs: 0,
      segmentBytes: SEGMENT_BYTES,
      onRecord: (record) => journal.#apply(record.frameType, record.memory, record.frameAt),
    });
    if (journal.killed) journal.writeKill(true);
    return journal;
  }

  find(a: number, c: number): KnownOrder | undefined {
    return this.orders.get(`${a}:${c}`);
  }

  /** Adds a request to the batch; negative = refused, nothing is known of it. */
  writeRequest(order: NewOrder, action: number): number {
    const instrument = this.#index(order.symbol);
    if (instrument < 0) return instrument;
    const request = this.#request.begin(this.#memory, 0);
    request.coidA = order.a;
    request.coidB = order.b;
    request.coidC = order.c;
    request.coidD = idCheck(order.a, order.b, order.c);
    request.account = this.account;
    request.action = action;
    request.instrument = instrument;
    request.side = order.side;
    request.kind = order.kind;
    request.priceE4 = order.priceE4;
    request.qty = order.qty;
    request.valueE4 = order.valueE4;
    request.strategy = order.strategy;
    request.intentNo = order.intentNo;
    return this.#append();
  }

  /** The id is known from here on; call it when the request's batch is on the device. */
  remember(order: NewOrder): KnownOrder {
    const known = { ...order, ...FRESH };
    this.orders.set(`${order.a}:${order.c}`, known);
    this.placedCount++;
    this.placedE4 += order.qty * order.valueE4;
    return known;
  }

  /** A refusal of the bridge's own, in one record: known as such for ever, never sent. */
  writeRefusal(order: NewOrder, code: number): number {
    const known = { ...order, ...FRESH, state: BRIDGE_REFUSED, ended: true };
    const written = this.writeResult(known, BRIDGE_REFUSED, code, 0);
    if (written > 0) this.orders.set(`${order.a}:${order.c}`, known);
    return written;
  }

  /** What the broker call came to. Not waited for: lost, the order is merely "handed over". */
  writeResult(order: KnownOrder, state: number, code: number, brokerOrderNo: number): number {
    order.state = state;
    order.code = code;
    if (brokerOrderNo !== 0) order.brokerOrderNo = brokerOrderNo;
    const row = this.#row.begin(this.#memory, 0);
    row.coidA = order.a;
    row.coidB = order.b;
    row.coidC = order.c;
    row.coidD = idCheck(order.a, order.b, order.c);
    row.account = this.account;
    row.action = ACTION_PLACE;
    row.state = state;
    row.code = code;
    row.brokerOrderNo = order.brokerOrderNo;
    return this.#append();
  }

  /** On the device when this returns 0. */
  writeFence(epoch: number, engineId: number): number {
    const fence = this.#fence.begin(this.#memory, 0);
    fence.account = this.account;
    fence.epoch = epoch;
    fence.day = this.day;
    fence.reserved = engineId;
    const code = this.#append();
    const flushed = code < 0 ? code : this.flush();
    if (flushed < 0) return flushed;
    this.fence = epoch;
    this.fencedEngine = engineId;
    return 0;
  }

  /** On the device when this returns 0; off only then. */
  writeKill(on: boolean): number {
    if (on) this.killed = true;
    const kill = this.#kill.begin(this.#memory, 0);
    kill.scope = SCOPE_ACCOUNT;
    kill.account = this.account;
    kill.on = on ? 1 : 0;
    const code = this.#append();
    const flushed = code < 0 ? code : this.flush();
    if (flushed === 0) this.killed = on;
    return flushed;
  }

  /** Everything written since the last one is on the device; 0, or a JOURNAL_* code. */
  flush(): number {
    return this.#opened?.writer.flush() ?? -1;
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  #append(): number {
    return this.#opened?.writer.append(this.#memory, 0, 0, performance.now() * 1e6) ?? -1;
  }

  /** Index of a symbol in this journal, named in it first; negative = cannot be written. */
  #index(symbol: string): number {
    const known = this.#indexOf.get(symbol);
    if (known !== undefined) return known;
    const { market, code } = parseSymbol(symbol);
    const name = this.#name.begin(this.#memory, 0);
    name.instrument = this.#symbols.length;
    name.market = market;
    name.securityCode = code;
    const written = this.#append();
    if (written < 0) return written;
    this.#indexOf.set(symbol, this.#symbols.length);
    return this.#symbols.push(symbol) - 1;
  }

  #apply(type: number, memory: FrameMemory, at: number): void {
    if (type === Request.TYPE) this.#applyRequest(this.#request.wrap(memory, at));
    else if (type === BridgeRow.TYPE) this.#applyRow(this.#row.wrap(memory, at));
    else if (type === Fence.TYPE) this.#applyFence(this.#fence.wrap(memory, at));
    else if (type === Kill.TYPE) this.killed = this.#kill.wrap(memory, at).on !== 0;
    else if (type === InstrumentName.TYPE) {
      const { instrument, market, securityCode } = this.#name.wrap(memory, at);
      const symbol = symbolOf(market, securityCode);
      this.#symbols[instrument] = symbol;
      this.#indexOf.set(symbol, instrument);
    }
  }

  #applyRequest(request: Request): void {
    if (request.action === ACTION_CANCEL) return;
    const { side, kind, priceE4, qty, valueE4, strategy, intentNo } = request;
    const symbol = this.#symbols[request.instrument] ?? '';
    const id = { a: request.coidA, b: request.coidB, c: request.coidC };
    this.remember({ ...id, symbol, side, kind, priceE4, qty, valueE4, strategy, intentNo });
  }

  #applyRow(row: BridgeRow): void {
    let known = this.find(row.coidA, row.coidC);
    if (known === undefined) {
      if (row.state !== BRIDGE_REFUSED) return;
      known = { ...REFUSED, ...FRESH, a: row.coidA, b: row.coidB, c: row.coidC, ended: true };
      this.orders.set(`${known.a}:${known.c}`, known);
    }
    known.state = row.state;
    known.code = row.code;
    if (row.brokerOrderNo !== 0) known.brokerOrderNo = row.brokerOrderNo;
  }

  #applyFence(fence: Fence): void {
    if (fence.epoch < this.fence) return;
    this.fence = fence.epoch;
    this.fencedEngine = fence.reserved;
  }

  /**
   * The kill flag of the day before holds on. Its orders do not, nor does its fence: an engine's
   * epochs begin anew with its journal of the day, and one of another day does not get in.
   */
  #carryOver(dir: string): void {
    readJournal(dir, ({ frameType, memory, frameAt }) => {
      if (frameType === Kill.TYPE) this.killed = this.#kill.wrap(memory, frameAt).on !== 0;
    });
  }
}

/** Folder name of the account's newest earlier day that has a journal, or ''. */
function newestBefore(dir: string, account: string, day: number): string {
  if (!existsSync(dir)) return '';
  const prefix = `${account}-`;
  const days = readdirSync(dir)
    .filter((name) => name.startsWith(prefix) && /^\d{8}$/.test(name.slice(prefix.length)))
    .filter((name) => Number(name.slice(prefix.length)) < day)
    .filter((name) => readdirSync(join(dir, name)).some((file) => file.endsWith('.pkj')));
  return days.sort().at(-1) ?? '';
}
