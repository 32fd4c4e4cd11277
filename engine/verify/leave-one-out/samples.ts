// Which recorded orders are taken out and put in again, and what they traded in history. Called by
// leave-one-out.ts. Always: a sample is an order of continuous trading that came to rest, wholly or
// in part; its fills and moments are the recording's, nothing is simulated here but the book that
// says which orders rested.
import type { Tape } from '../../backtest/tape.ts';
import { TapeCursor } from '../../backtest/tape.ts';
import type { BookKernel } from '../../core/book.ts';
import type { Instrument } from '../../core/instrument.ts';
import { PHASE_CONTINUOUS } from '../../messages/codes.ts';
import { MarketOrder, MarketTrade, Phase } from '../../messages/generated/market.ts';
import type { Derived } from '../derive-ops.ts';
import type { FeedRows } from '../feed-rows.ts';
import { publishedTrades } from '../judge.ts';
import { CONTINUOUS, NO_ROW, OP_CANCEL, OP_SUBMIT } from '../order-ops.ts';
import { runOps } from '../run-ops.ts';

/** One fill, of history or of ours. */
export interface SampleFill {
  readonly ns: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** One recorded order to take out. */
export interface Sample {
  readonly orderNo: number;
  readonly side: number;
  readonly kind: number;
  /** 0 = a market kind. */
  readonly priceE4: number;
  readonly qty: number;
  readonly ns: number;
  /** Events of continuous trading that a strategy has seen before it entered, and before its cancel
   *  (0: it was never cancelled). */
  readonly enterAfter: number;
  readonly cancelAfter: number;
  readonly fills: readonly SampleFill[];
  /** Orders it traded with. */
  readonly partners: ReadonlySet<number>;
}

/** Every order of continuous trading that rested. O(rows). */
export function restingOrders(
  instrument: Instrument,
  tape: Tape,
  rows: FeedRows,
  { ops }: Derived,
  book: BookKernel,
): Sample[] {
  const facts = { market: instrument.market, preCloseE4: instrument.preCloseE4 };
  const run = runOps(book, ops, facts);
  const seen = eventsBefore(tape, instrument.index, rows.count);
  const cancels = new Map<number, number>();
  const partners = new Map<number, Set<number>>();
  const fills = new Map<number, SampleFill[]>();
  const trades = publishedTrades(rows);
  for (let at = 0; at < ops.count; at++) {
    if (ops.op[at] === OP_CANCEL) cancels.set(ops.id[at]!, seen[ops.row[at]!]!);
    const ns = ops.row[at] === NO_ROW ? 0 : rows.ns[ops.row[at]!]!;
    for (let t = ops.tradeFrom[at]!; t < ops.tradeTo[at]!; t++) {
      const fill = { ns, priceE4: trades.priceE4[t]!, qty: trades.qty[t]! };
      const [buy, sell] = [trades.buyId[t]!, trades.sellId[t]!];
      for (const [id, other] of [
        [buy, sell],
        [sell, buy],
      ] as const) {
        listOf(fills, id).push(fill);
        const known = partners.get(id);
        if (known === undefined) partners.set(id, new Set([other]));
        else known.add(other);
      }
    }
  }
  const samples: Sample[] = [];
  for (let at = 0; at < ops.count; at++) {
    const row = ops.row[at]!;
    const rests = ops.op[at] === OP_SUBMIT && ops.part[at] === CONTINUOUS && row !== NO_ROW;
    // Nothing of it was seen before the first event: no strategy could have been there.
    if (!rests || run.restedQty[at]! <= 0 || seen[row]! <= 0) continue;
    const orderNo = ops.id[at]!;
    samples.push({
      orderNo,
      side: ops.side[at]!,
      kind: ops.kind[at]!,
      priceE4: ops.priceE4[at]!,
      qty: ops.qty[at]!,
      ns: rows.ns[row]!,
      enterAfter: seen[row]!,
      cancelAfter: cancels.get(orderNo) ?? 0,
      fills: fills.get(orderNo) ?? [],
      partners: partners.get(orderNo) ?? NOBODY,
    });
  }
  return samples;
}

const NOBODY: ReadonlySet<number> = new Set();

function listOf(map: Map<number, SampleFill[]>, id: number): SampleFill[] {
  const known = map.get(id);
  if (known !== undefined) return known;
  const made: SampleFill[] = [];
  map.set(id, made);
  return made;
}

/**
 * By row of the instrument: events from the first of continuous trading on, each of which makes one
 * tick, that come before it; 0 before continuous trading.
 */
function eventsBefore(tape: Tape, instrument: number, rows: number): Int32Array {
  const before = new Int32Array(rows);
  const phase = new Phase();
  const order = new MarketOrder();
  let events = 0;
  let row = 0;
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type === Phase.TYPE) {
      phase.wrap(cursor.memory, cursor.at);
      if (phase.instrument >= 0 && phase.instrument !== instrument) continue;
      if (events > 0 || phase.phase === PHASE_CONTINUOUS) events++;
    } else if (cursor.type === MarketOrder.TYPE || cursor.type === MarketTrade.TYPE) {
      // The instrument lies at the same place in orders and trades.
      if (order.wrap(cursor.memory, cursor.at).instrument !== instrument) continue;
      before[row++] = events;
      if (events > 0) events++;
    }
  }
  return before;
}
