// Seeded random operations on a book, good and bad ones, for the differential tests. An operation
// is plain data, so that the same one runs on the kernel and on its twin, a failure be shown.
// Always: the same seed gives the same operations.

import type { BookKernel } from '../../engine/core/book.ts';
import { BookOp } from '../../engine/core/book.ts';

export interface Operation {
  readonly name: (typeof NAMES)[number];
  readonly instr: number;
  readonly id: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}

export interface Market {
  readonly instruments: number;
  readonly tickE4: number;
  readonly loE4: number;
  readonly hiE4: number;
  readonly quota: number;
  /** Distinct order ids; close to the quota gives many duplicates. */
  readonly ids: number;
  /** Share of operations with one bad field. */
  readonly badShare: number;
}

const NAMES = ['add', 'submit', 'cancel', 'reduce', 'auction', 'uncross', 'reset', 'view'] as const;
const WEIGHTS = [18, 52, 20, 6, 1, 1, 0.02, 2];

export type Random = () => number;

/** mulberry32: uniform in [0, 1). */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function below(random: Random, n: number): number {
  return Math.floor(random() * n);
}

export function randomOperation(random: Random, market: Market): Operation {
  const good: Operation = {
    name: pickName(random),
    instr: below(random, market.instruments),
    // Scattered over int32, negative ones included; neighbours too, as a feed numbers them.
    id: Math.imul(below(random, market.ids), below(random, 2) === 0 ? 1 : 0x9e3779b1),
    side: 1 + below(random, 2),
    kind: random() < 0.5 ? 1 : 1 + below(random, 7),
    priceE4: price(random, market),
    qty: 100 * (1 + below(random, 10)),
  };
  const priced = good.kind === 1 || good.name !== 'submit' || random() < 0.5;
  const operation = priced ? good : { ...good, priceE4: 0 };
  return random() < market.badShare ? spoil(random, operation, market) : operation;
}

/** Runs an operation; the answer is the call's. */
export function apply(book: BookKernel, o: Operation): number {
  switch (o.name) {
    case 'add':
      return book.add(o.instr, o.id, o.side, o.priceE4, o.qty);
    case 'submit':
      return book.submit(o.instr, o.id, o.side, o.kind, o.priceE4, o.qty);
    case 'cancel':
      return book.cancel(o.instr, o.id, cancelQty(o));
    case 'reduce':
      return book.reduce(o.instr, o.id, o.qty);
    case 'auction':
      return book.auctionPriceE4(o.instr, o.priceE4);
    case 'uncross':
      return book.uncross(o.instr, o.priceE4);
    case 'reset':
      return book.resetInstrument(o.instr);
    case 'view':
      return book.depth(o.instr, o.qty / 100);
  }
}

/** Writes an operation as a batch command; false when it has no batch form. */
export function writeAsCommand(book: BookKernel, index: number, o: Operation): boolean {
  const ops = { add: BookOp.ADD, submit: BookOp.SUBMIT, cancel: BookOp.CANCEL } as const;
  const op = o.name === 'reduce' ? BookOp.REDUCE : ops[o.name as keyof typeof ops];
  if (op === undefined) return false;
  const qty = o.name === 'cancel' ? cancelQty(o) : o.qty;
  book.writeCommand(index, op, o.instr, o.id, o.side, o.kind, o.priceE4, qty);
  return true;
}

/** Half of the cancels take everything, half a part (which is often more than is left). */
function cancelQty(o: Operation): number {
  return o.side === 1 && o.qty > 0 ? 0 : o.qty;
}

function pickName(random: Random): Operation['name'] {
  let at = random() * WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < NAMES.length; i++) {
    at -= WEIGHTS[i];
    if (at < 0) return NAMES[i];
  }
  return 'submit';
}

/** Near the middle of the window most of the time, anywhere in it sometimes. */
function price(random: Random, { loE4, hiE4, tickE4 }: Market): number {
  const last = (hiE4 - loE4) / tickE4;
  const spread = random() < 0.8 ? Math.min(8, last / 2) : last / 2;
  const tick = Math.round(last / 2 + (random() * 2 - 1) * spread);
  return loE4 + tick * tickE4;
}

function spoil(random: Random, o: Operation, { instruments, loE4, hiE4, tickE4 }: Market) {
  const bad: Partial<Operation>[] = [
    { instr: instruments },
    { instr: -1 },
    { instr: 0x7fffffff },
    { side: 0 },
    { side: 3 },
    { side: -1 },
    { side: 258 },
    { kind: 0 },
    { kind: 8 },
    { kind: -1 },
    { qty: 0 },
    { qty: -100 },
    { qty: -0x80000000 },
    { qty: 0x7fffffff },
    { priceE4: loE4 - tickE4 },
    { priceE4: hiE4 + tickE4 },
    { priceE4: 0x7fffffff },
    { priceE4: -tickE4 },
    { priceE4: 0 },
    { priceE4: loE4 + tickE4 + 1 },
  ];
  return { ...o, ...bad[below(random, bad.length)] };
}
