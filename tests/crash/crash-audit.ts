// The auditor of the crash tests: compares the counter's ledger with the journals of engine and
// bridge once all is quiet. Reads files only; shares neither matching nor order code with what it
// audits. Invariants by their names of the reliability sheet: I1 once, I2 intent first, I3 no lost
// acknowledgement, I4 unique id, I5 position, I6 fill once, I7 quantity, I8 cash, I10 monotone
// state, I11 unknown is safe, I22 live.
import { readFileSync } from 'node:fs';
import { dumpJournal } from '../../engine/journal/dump.ts';
import { checkPairs, checkPositions, checkRefused } from './crash-audit-pairs.ts';
import type { CounterBooks, Dumped } from './crash-books.ts';

/** Contract numbers of the rig's day, the 5th: `5` and the order number with seven digits. */
const SYSID_DAY = 50_000_000;

type Line = Record<string, unknown> & { t: string };

export function readLedger(path: string): CounterBooks {
  return booksOf(readFileSync(path, 'utf8'));
}

/** The books that the lines of a ledger add up to; a torn last line counts for nothing. */
export function booksOf(text: string): CounterBooks {
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  const books: CounterBooks = {
    ...{ orders: new Map(), trades: new Map(), cashE4: 0 },
    ...{ positions: new Map(), bySysid: new Map() },
  };
  for (const line of lines) addLine(books, JSON.parse(line) as Line);
  return books;
}

interface OpeningLine {
  readonly cashE4: number;
  readonly positions?: { readonly [symbol: string]: { readonly qty: number } };
}

function addLine(books: CounterBooks, line: Line): void {
  const no = Number(line['no']);
  const qty = Number(line['qty']);
  if (line.t === 'open') {
    const [account] = line['accounts'] as [OpeningLine];
    books.cashE4 = account.cashE4;
    for (const [symbol, { qty: held }] of Object.entries(account.positions ?? {})) {
      books.positions.set(symbol, held);
    }
  } else if (line.t === 'order') {
    const refused = line['refused'] !== '';
    const order = {
      ...{ remark: String(line['remark']), symbol: String(line['symbol'] ?? '') },
      ...{ side: Number(line['side']), qty },
    };
    books.bySysid.set(SYSID_DAY + no, no);
    books.orders.set(no, { ...order, filled: 0, cancelled: 0, refused });
  } else if (line.t === 'cancel') books.orders.get(no)!.cancelled = qty;
  else if (line.t === 'fill') {
    const order = books.orders.get(no)!;
    const priceE4 = Number(line['priceE4']);
    const sign = order.side === 1 ? 1 : -1;
    order.filled += qty;
    books.cashE4 -= sign * qty * priceE4;
    books.positions.set(order.symbol, (books.positions.get(order.symbol) ?? 0) + sign * qty);
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

/** What both sides have, read from their files. */
export interface Evidence {
  readonly books: CounterBooks;
  readonly engine: readonly Dumped[];
  readonly bridge: readonly Dumped[];
  /** Intent numbers that the strategy was told of. */
  readonly acknowledged: readonly number[];
  /** Cash of the engine's own summary. */
  readonly engineCashE4: number;
  /** Last record of the bridge's journal at each death, freeze or loss of the counter. */
  readonly counterFaults: readonly number[];
  /** A call of the bridge has an end in its journal within this time: its own limit, and slack. */
  readonly callNs: number;
}

export interface Findings {
  /** What is wrong, one line each; empty = both sides agree. */
  readonly wrong: readonly string[];
  /** Orders whose fate nobody can prove: they stay UNKNOWN and keep their reservation. */
  readonly unknown: number;
  /** Trades at the counter. */
  readonly fills: number;
}

export function audit(evidence: Evidence): Findings {
  const wrong: string[] = [];
  const { books, engine, bridge } = evidence;
  checkOnce(books, engine, bridge, wrong);
  checkFills(books, engine, wrong);
  checkProofs(books, engine, bridge, wrong);
  checkPairs(books, { engine, bridge }, wrong);
  checkRefused(books, engine, wrong);
  checkPositions(books, engine, wrong);
  const unknown = checkEnds(books, engine, unprovable(evidence, wrong), wrong);
  const intents = new Set(requests(engine).map((r) => r.fields['intentNo']));
  for (const intent of evidence.acknowledged) {
    if (!intents.has(intent)) wrong.push(`I3: intent ${intent} was acknowledged, not journaled`);
  }
  if (evidence.engineCashE4 !== books.cashE4) {
    wrong.push(`I8: cash of the engine ${evidence.engineCashE4}, of the counter ${books.cashE4}`);
  }
  return { wrong, unknown, fills: books.trades.size };
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
const NEVER_SENT = 507;
const CANCEL = 2;

const BRIDGE_REFUSED = 1;
const BRIDGE_ANSWERED = 3;
const BRIDGE_FAILED = 4;

/** What ended in the engine ended with proof (R9), and only once. */
function checkProofs(
  books: CounterBooks,
  engine: readonly Dumped[],
  bridge: readonly Dumped[],
  wrong: string[],
): void {
  const atCounter = new Map([...books.orders.values()].map((order) => [order.remark, order]));
  const handed = new Set(requests(bridge).map((r) => r.coid));
  const ends = new Map<string, number>();
  for (const { type, coid = '', fields } of engine) {
    const order = atCounter.get(coid);
    if (type === 'REJECT' && fields['action'] !== CANCEL && order !== undefined) {
      wrong.push(`I11: ${coid} was refused by the engine, and is at the counter`);
    }
    const { kind = 0, code = 0 } = fields ?? {};
    if (type !== 'REPORT' || (kind !== REJECTED && kind !== CANCELLED)) continue;
    if ((ends.get(coid) ?? kind) !== kind) wrong.push(`I10: ${coid} has two different ends`);
    ends.set(coid, kind);
    if (kind === REJECTED && order !== undefined && !order.refused) {
      wrong.push(`I11: ${coid} ended as rejected (${code}), the counter had taken it`);
    }
    if (kind === REJECTED && code === NEVER_SENT && handed.has(coid)) {
      wrong.push(`I11: ${coid} ended as never sent, the bridge has a record of it`);
    }
    if (kind === CANCELLED && (order === undefined || order.cancelled === 0)) {
      wrong.push(`I11: ${coid} ended as cancelled, not so at the counter`);
    }
  }
}

/** Records that a bridge may write before it, or the one that watches it, knows of the loss. */
const UNNOTICED = 100;

function isNear(at: number, from: number, to: number): boolean {
  return at >= from - UNNOTICED && at <= to + UNNOTICED;
}

/**
 * Ids that the bridge wrote down and that are neither at the counter nor answered: nobody can say
 * whether they will ever be. The promise sheet (F19, R9) leaves them UNKNOWN, and excuses two
 * causes only: the bridge died before the call had an end; or the call ended without an answer,
 * and the counter died, froze or was lost meanwhile. Any other is a bug and goes to `wrong`.
 */
function unprovable(evidence: Evidence, wrong: string[]): Set<string> {
  const { books, bridge, counterFaults, callNs } = evidence;
  const open = new Map<string, Dumped>();
  const failed = new Map<string, Dumped>();
  const lastNs = new Map<number, number>();
  for (const record of bridge) {
    const { type, coid = '', epoch, monoNs, fields } = record;
    lastNs.set(epoch, Math.max(monoNs, lastNs.get(epoch) ?? 0));
    if (type === 'REQUEST') open.set(coid, record);
    if (type !== 'BRIDGE' || coid === '') continue;
    const state = fields['state'];
    if (state === BRIDGE_FAILED) failed.set(coid, record);
    if (state === BRIDGE_ANSWERED || state === BRIDGE_REFUSED) open.delete(coid);
  }
  for (const { remark } of books.orders.values()) open.delete(remark);
  const lastEpoch = Math.max(...lastNs.keys());
  for (const [coid, { seq, epoch, monoNs }] of open) {
    const end = failed.get(coid)?.seq;
    if (end === undefined) {
      if (epoch === lastEpoch) wrong.push(`F19: ${coid} has no result, its bridge never died`);
      else if (lastNs.get(epoch)! - monoNs > callNs) {
        wrong.push(`F19: ${coid} has no result, its bridge lived on for longer than a call`);
      }
    } else if (!counterFaults.some((at) => isNear(at, seq, end))) {
      wrong.push(`F19: ${coid} had no answer and is not at the counter, which was well`);
    }
  }
  return new Set(open.keys());
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
    if (type === 'REJECT' && fields['action'] !== CANCEL) ended.add(coid);
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
