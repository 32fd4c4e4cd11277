// Round trips: what was bought first is sold first (FIFO), pieces between the same two orders are
// one trip. Called by metrics.ts. Always: cutting a fill into smaller ones changes no trip; shares
// held at the start are the first in the queue, and their holding time is not known.
import { numberOfDay } from '../../rules/calendar-date.ts';
import type { GrantedLot, OpeningLot, TradeFill } from './input.ts';

const NS_PER_DAY = 86_400e9;

export interface RoundTrip {
  readonly instrument: string;
  readonly qty: number;
  readonly costE4: number;
  readonly proceedsE4: number;
  /** Both orders' fees, by the shares of the trip. */
  readonly feesE4: number;
  /** Proceeds less cost and fees. */
  readonly profitE4: number;
  /** Calendar days from the first purchase to the last sale of the trip; null for base shares. */
  readonly holdingDays: number | null;
}

export interface Trips {
  readonly trips: readonly RoundTrip[];
  /** Shares sold that were neither bought nor there at the start. */
  readonly unmatchedQty: number;
}

interface Lot {
  readonly orderId: string;
  readonly priceE4: number;
  readonly feeE4: number;
  /** Days since 1970 with their fraction; null for base shares. */
  readonly at: number | null;
  qty: number;
}

interface OpenTrip {
  readonly trip: { -readonly [K in keyof RoundTrip]: RoundTrip[K] };
  readonly boughtAt: number | null;
}

/** `grants`: shares that came without an order, before the first fill of their day. */
export function roundTripsOf(
  fills: readonly TradeFill[],
  opening: readonly OpeningLot[],
  grants: readonly GrantedLot[] = [],
): Trips {
  const queues = new Map<string, Lot[]>();
  for (const { instrument, qty, priceE4 } of opening) {
    if (qty > 0)
      queueOf(queues, instrument).push({ orderId: '', priceE4, feeE4: 0, at: null, qty });
  }
  const heads = new Map<string, number>();
  const trips = new Map<string, OpenTrip>();
  let unmatchedQty = 0;
  let granted = 0;
  for (const fill of fills) {
    for (; granted < grants.length && grants[granted]!.day <= fill.day; granted++) {
      const { instrument: of, day, qty, priceE4 } = grants[granted]!;
      const at = numberOfDay(day);
      queueOf(queues, of).push({ orderId: `+${day}`, priceE4, feeE4: 0, at, qty });
    }
    const { instrument, orderId, priceE4, qty } = fill;
    const queue = queueOf(queues, instrument);
    const feeE4 = fill.feeE4 / qty;
    const at = numberOfDay(fill.day) + fill.timeNs / NS_PER_DAY;
    if (fill.side === 'buy') {
      queue.push({ orderId, priceE4, feeE4, at, qty });
      continue;
    }
    let left = qty;
    let head = heads.get(instrument) ?? 0;
    while (left > 0 && head < queue.length) {
      const lot = queue[head]!;
      const part = Math.min(left, lot.qty);
      add(trips, instrument, lot, { orderId, priceE4, feeE4, at, qty: part });
      left -= part;
      lot.qty -= part;
      if (lot.qty === 0) head++;
    }
    heads.set(instrument, head);
    unmatchedQty += left;
  }
  return { trips: [...trips.values()].map(({ trip }) => trip), unmatchedQty };
}

function add(trips: Map<string, OpenTrip>, instrument: string, bought: Lot, sold: Lot): void {
  const key = `${instrument} ${bought.orderId} ${sold.orderId}`;
  const known = trips.get(key) ?? { trip: emptyTrip(instrument), boughtAt: bought.at };
  const { trip } = known;
  const { qty } = sold;
  trip.qty += qty;
  trip.costE4 += bought.priceE4 * qty;
  trip.proceedsE4 += sold.priceE4 * qty;
  trip.feesE4 += (bought.feeE4 + sold.feeE4) * qty;
  trip.profitE4 = trip.proceedsE4 - trip.costE4 - trip.feesE4;
  trip.holdingDays = known.boughtAt === null ? null : sold.at! - known.boughtAt;
  trips.set(key, known);
}

function emptyTrip(instrument: string) {
  const money = { costE4: 0, proceedsE4: 0, feesE4: 0, profitE4: 0 };
  return { instrument, qty: 0, ...money, holdingDays: null };
}

function queueOf(queues: Map<string, Lot[]>, instrument: string): Lot[] {
  const queue = queues.get(instrument) ?? [];
  queues.set(instrument, queue);
  return queue;
}
