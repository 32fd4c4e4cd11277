// A bare price ladder in AssemblyScript: what matching costs with nothing around it. The baseline
// of the kernel bench, compiled by bench/bare-ladder.ts; no part of the product. One book, limit
// orders and whole cancels; an id is an index into an array of slots; no answer codes, no checks,
// no duplicate ids, no level totals, no views. Always: the same trades as a correct book, if every
// input is good.

//   | commands 16 | trades 16 | levels 8 | slot of an id 4 | slots 24 |
//   command: side << 8 | op, id, tick, qty     trade: buy id, sell id, tick, qty
//   level: first, last      slot: id, tick, qty, next, prev, side

const COMMANDS: usize = 65536;
const TRADES: usize = COMMANDS + 16384 * 16;
const LEVELS: usize = TRADES + 65536 * 16;
const TICKS_MAX: i32 = 4096;
const SLOT_OF_ID: usize = LEVELS + usize(TICKS_MAX) * 8;
const SLOT_BYTES: usize = 24;

const SUBMIT: i32 = 2;

let ticks: i32 = 0;
let bestBid: i32 = -1;
let bestAsk: i32 = 0;
let freeSlot: usize = 0;
let freshSlot: usize = 0;
let tradeNext: usize = TRADES;

/** Ticks 0..window - 1 (at most 4,096), ids 0..ids - 1, at most `orders` resting at a time. */
export function open(window: i32, ids: i32, orders: i32): void {
  ticks = window;
  bestAsk = window;
  freshSlot = SLOT_OF_ID + ((usize(ids) * 4 + 63) & ~63);
  const end = freshSlot + usize(orders) * SLOT_BYTES;
  memory.grow(i32((end + 65535) >>> 16) - memory.size());
  memory.fill(COMMANDS, 0, end - COMMANDS);
}

export function commandArea(): usize { return COMMANDS; }
export function tradeArea(): usize { return TRADES; }

/** Runs commands 0..count - 1; returns the trades made. */
export function runBatch(count: i32): i32 {
  tradeNext = TRADES;
  const end = COMMANDS + (usize(count) << 4);
  for (let c = COMMANDS; c < end; c += 16) {
    const word = load<i32>(c);
    const id = load<i32>(c, 4);
    if ((word & 0xff) == SUBMIT) match(id, word >> 8, load<i32>(c, 8), load<i32>(c, 12));
    else remove(id);
  }
  return i32((tradeNext - TRADES) >>> 4);
}

/** A limit order; returns the trades made. */
export function submit(id: i32, side: i32, tick: i32, qty: i32): i32 {
  tradeNext = TRADES;
  match(id, side, tick, qty);
  return i32((tradeNext - TRADES) >>> 4);
}

export function cancel(id: i32): void {
  remove(id);
}

@inline
function match(id: i32, side: i32, tick: i32, qty: i32): void {
  if (side == 1) {
    while (bestAsk <= tick) {
      qty = consume(bestAsk, id, qty, true);
      if (qty == 0) return;
      while (bestAsk < ticks && load<usize>(levelAt(bestAsk)) == 0) bestAsk++;
    }
    if (tick > bestBid) bestBid = tick;
  } else {
    while (bestBid >= tick) {
      qty = consume(bestBid, id, qty, false);
      if (qty == 0) return;
      while (bestBid >= 0 && load<usize>(levelAt(bestBid)) == 0) bestBid--;
    }
    if (tick < bestAsk) bestAsk = tick;
  }
  rest(id, side, tick, qty);
}

/** Trades with one level; what is left. The level's best is found anew by the caller. */
function consume(tick: i32, id: i32, left: i32, buys: bool): i32 {
  const level = levelAt(tick);
  let slot = load<usize>(level);
  let qty = left;
  while (slot != 0) {
    const resting = load<i32>(slot, 8);
    const traded = min(resting, qty);
    const other = load<i32>(slot);
    store<i32>(tradeNext, buys ? id : other);
    store<i32>(tradeNext, buys ? other : id, 4);
    store<i32>(tradeNext, tick, 8);
    store<i32>(tradeNext, traded, 12);
    tradeNext += 16;
    qty -= traded;
    if (traded < resting) {
      store<i32>(slot, resting - traded, 8);
      break;
    }
    const next = load<usize>(slot, 12);
    store<usize>(slot, freeSlot, 12);
    freeSlot = slot;
    slot = next;
    if (qty == 0) break;
  }
  store<usize>(level, slot);
  if (slot != 0) {
    store<usize>(slot, 0, 16);
  } else {
    store<usize>(level, 0, 4);
    if (qty == 0) outdate(tick, buys ? 2 : 1);
  }
  return qty;
}

@inline
function rest(id: i32, side: i32, tick: i32, qty: i32): void {
  let slot = freeSlot;
  if (slot != 0) freeSlot = load<usize>(slot, 12);
  else {
    slot = freshSlot;
    freshSlot += SLOT_BYTES;
  }
  const level = levelAt(tick);
  const last = load<usize>(level, 4);
  store<i32>(slot, id);
  store<i32>(slot, tick, 4);
  store<i32>(slot, qty, 8);
  store<usize>(slot, 0, 12);
  store<usize>(slot, last, 16);
  store<i32>(slot, side, 20);
  if (last != 0) store<usize>(last, slot, 12);
  else store<usize>(level, slot);
  store<usize>(level, slot, 4);
  store<usize>(SLOT_OF_ID + (usize(id) << 2), slot);
}

@inline
function remove(id: i32): void {
  const slot = load<usize>(SLOT_OF_ID + (usize(id) << 2));
  const tick = load<i32>(slot, 4);
  const next = load<usize>(slot, 12);
  const prev = load<usize>(slot, 16);
  const level = levelAt(tick);
  if (prev != 0) store<usize>(prev, next, 12);
  else store<usize>(level, next);
  if (next != 0) store<usize>(next, prev, 16);
  else store<usize>(level, prev, 4);
  store<usize>(slot, freeSlot, 12);
  freeSlot = slot;
  if (next == 0 && prev == 0) outdate(tick, load<i32>(slot, 20));
}

/** A level of a side became empty: if it was the best, the next one is. */
@inline
function outdate(tick: i32, side: i32): void {
  if (side == 1) {
    if (tick == bestBid) {
      while (bestBid >= 0 && load<usize>(levelAt(bestBid)) == 0) bestBid--;
    }
  } else if (tick == bestAsk) {
    while (bestAsk < ticks && load<usize>(levelAt(bestAsk)) == 0) bestAsk++;
  }
}

@inline
function levelAt(tick: i32): usize {
  return LEVELS + (usize(tick) << 3);
}
