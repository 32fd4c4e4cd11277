// The auditor of the crash tests: compares the counter's ledger with the journals of engine and
// bridge once all is quiet. Reads files only; shares neither matching nor order code with what it
// audits. Invariants by their names of the reliability sheet: I1 once, I2 intent first, I3 no lost
// acknowledgement, I5 position, I6 fill once, I7 quantity, I8 cash.
import { readFileSync } from 'node:fs';
import { dumpJournal } from '../../engine/journal/dump.ts';

interface Order {
  remark: string;
  side: number;
  qty: number;
  filled: number;
  cancelled: number;
  refused: boolean;
}

interface Trade {
  remark: string;
  side: number;
  qty: number;
  priceE4: number;
}

/** The counter's side, added up from its lines. */
export interface CounterBooks {
  orders: Map<number, Order>;
  trades: Map<number, Trade>;
  cashE4: number;
  shares: number;
}

type Line = Record<string, unknown> & { t: string };

interface Dumped {
  readonly type: string;
  readonly coid?: string;
  readonly fields: Record<string, number>;
}

export function readLedger(path: string): CounterBooks {
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  const books: CounterBooks = { orders: new Map(), trades: new Map(), cashE4: 0, shares: 0 };
  for (const line of lines) addLine(books, JSON.parse(line) as Line);
  return books;
}

function addLine(books: CounterBooks, line: Line): void {
  const no = Number(line['no']);
  const qty = Number(line['qty']);
  if (line.t === 'open') {
    const [account] = line['accounts'] as [{ cashE4: number; positions: Record<string, Line> }];
    books.cashE4 = account.cashE4;
    for (const held of Object.values(account.positions)) books.shares += Number(held['qty']);
  } else if (line.t === 'order') {
    const refused = line['refused'] !== '';
    const order = { remark: String(line['remark']), side: Number(line['side']), qty };
    books.orders.set(no, { ...order, filled: 0, cancelled: 0, refused });
  } else if (line.t === 'cancel') books.orders.get(no)!.cancelled = qty;
  else {
    const order = books.orders.get(no)!;
    const priceE4 = Number(line['priceE4']);
    const sign = order.side === 1 ? 1 : -1;
    order.filled += qty;
    books.shares += sign * qty;
    books.cashE4 -= sign * qty * priceE4;
    books.trades.set(Number(line['trade']), {
      remark: order.remark,
      side: order.side,
      qty,
      priceE4,
    });
  }
}

/** All records of a journal, as `pankou journal dump --json` gives them. */
export function readRecords(dir: string): Dumped[] {
  const records: Dumped[] = [];
  dumpJournal(dir, { json: true }, (line) => records.push(JSON.parse(line) as Dumped));
  return records;
}

export interface AuditFiles {
  readonly ledger: string;
  readonly engineJournal: string;
  readonly bridgeJournal: string;
  /** Intent numbers that the strategy was told of. */
  readonly acknowledged: readonly number[];
  /** Cash of the engine's own summary. */
  readonly engineCashE4: number;
}

export interface Findings {
  /** What is wrong, one line each; empty = both sides agree. */
  readonly wrong: readonly string[];
  /** Orders whose fate nobody can prove: the bridge died between its flush and the broker call.
   *  They stay UNKNOWN and keep their reservation; a person closes them. */
  readonly unknown: number;
}

export function audit(files: AuditFiles): Findings {
  const wrong: string[] = [];
  const books = readLedger(files.ledger);
  const engine = readRecords(files.engineJournal);
  const bridge = readRecords(files.bridgeJournal);
  checkOnce(books, engine, bridge, wrong);
  checkFills(books, engine, wrong);
  const unknown = checkEnds(books, engine, unprovable(books, bridge), wrong);
  const intents = new Set(requests(engine).map((r) => r.fields['intentNo']));
  for (const intent of files.acknowledged) {
    if (!intents.has(intent)) wrong.push(`I3: intent ${intent} was acknowledged, not journaled`);
  }
  if (files.engineCashE4 !== books.cashE4) {
    wrong.push(`I8: cash of the engine ${files.engineCashE4}, of the counter ${books.cashE4}`);
  }
  return { wrong, unknown };
}

function requests(records: readonly Dumped[]): Dumped[] {
  return records.filter((r) => r.type === 'REQUEST');
}

function checkOnce(
  books: CounterBooks,
  engine: readonly Dumped[],
  bridge: readonly Dumped[],
  wrong: string[],
): void {
  const seen = new Set<string>();
  const written = new Set(requests(engine).map((r) => r.coid));
  const handed = new Set(requests(bridge).map((r) => r.coid));
  for (const { remark } of books.orders.values()) {
    if (seen.has(remark)) wrong.push(`I1: ${remark} is at the counter twice`);
    seen.add(remark);
    if (!written.has(remark)) wrong.push(`I2: ${remark} is at the counter, not in the journal`);
    if (!handed.has(remark)) wrong.push(`I2: ${remark} is at the counter, not at the bridge`);
  }
  if (written.size !== requests(engine).length) wrong.push('I4: an id is in the journal twice');
}

/** Every trade of the counter is in the engine's journal, exactly once and equal. */
function checkFills(books: CounterBooks, engine: readonly Dumped[], wrong: string[]): void {
  const booked = new Set<number>();
  for (const { type, coid, fields } of engine) {
    if (type !== 'FILL') continue;
    const no = fields['fillNo']!;
    const trade = books.trades.get(no);
    if (booked.has(no)) wrong.push(`I6: fill ${no} is in the journal twice`);
    booked.add(no);
    if (trade === undefined) wrong.push(`I6: fill ${no} never happened at the counter`);
    else if (
      trade.remark !== coid ||
      trade.qty !== fields['qty'] ||
      trade.priceE4 !== fields['priceE4'] ||
      trade.side !== fields['side']
    ) {
      wrong.push(`I6: fill ${no} differs: ${JSON.stringify(trade)}, journal ${coid}`);
    }
  }
  for (const no of books.trades.keys()) {
    if (!booked.has(no)) wrong.push(`I5: fill ${no} is at the counter, not in the journal`);
  }
}

const REJECTED = 3;
const CANCELLED = 4;

const BRIDGE_REFUSED = 1;
const BRIDGE_ANSWERED = 3;

/** Ids in the bridge's journal without an answer, and not at the counter. */
function unprovable(books: CounterBooks, bridge: readonly Dumped[]): Set<string> {
  const ids = new Set(requests(bridge).map((r) => r.coid ?? ''));
  for (const { type, coid = '', fields } of bridge) {
    if (type !== 'BRIDGE' || coid === '') continue;
    const state = fields['state'];
    if (state === BRIDGE_ANSWERED || state === BRIDGE_REFUSED) ids.delete(coid);
  }
  for (const { remark } of books.orders.values()) ids.delete(remark);
  return ids;
}

/** Every order has one end, the same on both sides, or is known to be unknown; how many are. */
function checkEnds(
  books: CounterBooks,
  engine: readonly Dumped[],
  lost: ReadonlySet<string>,
  wrong: string[],
): number {
  let unknown = 0;
  const filled = new Map<string, number>();
  const ended = new Set<string>();
  for (const { type, coid = '', fields } of engine) {
    if (type === 'FILL') filled.set(coid, (filled.get(coid) ?? 0) + fields['qty']!);
    const kind = fields?.['kind'];
    if (type === 'REPORT' && (kind === REJECTED || kind === CANCELLED)) ended.add(coid);
    if (type === 'REJECT') ended.add(coid);
  }
  const atCounter = new Map([...books.orders.values()].map((order) => [order.remark, order]));
  for (const request of requests(engine)) {
    const coid = request.coid ?? '';
    const order = atCounter.get(coid);
    const isFilled = filled.get(coid) === request.fields['qty'];
    if (!isFilled && !ended.has(coid)) {
      if (lost.has(coid)) unknown++;
      else wrong.push(`I22: ${coid} has no end in the journal`);
    } else if (lost.has(coid)) wrong.push(`I11: ${coid} was closed without proof`);
    if (order === undefined) continue;
    const isOver = order.refused || order.filled + order.cancelled === order.qty;
    if (!isOver) wrong.push(`I7: ${coid} is still open at the counter`);
    if (order.filled !== (filled.get(coid) ?? 0)) {
      wrong.push(
        `I7: ${coid} filled ${order.filled} at the counter, ${filled.get(coid) ?? 0} here`,
      );
    }
  }
  return unknown;
}
