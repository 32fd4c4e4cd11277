// The batch form: many commands in one call, out of and back into the command area. Exported
// through index.ts. A command is eight int32:
//   0 op | side << 8 | kind << 16    1 instr    2 order id    3 priceE4    4 qty
//   5 result                         6 rested qty             7 rested priceE4   (written here)
// For validation, word 2 is the sellable quantity. Always: a command either ran, with the same
// result as the single call, or has not begun.

import {
  BAD_COUNT, BAD_OP, COMMAND_CAPACITY, NOT_INITIALIZED, OP_ADD, OP_CANCEL, OP_REDUCE, OP_SUBMIT,
} from "./codes";
import { add, cancel, reduce } from "./book";
import { headerOf } from "./ladder";
import {
  COMMAND_BYTES, commandBase, H_LIVE, instrumentCount, S_RESTED_PRICE, S_RESTED_QTY, statusBase,
} from "./layout";
import { submitOrder } from "./match";
import { beginTrades, endTrades, hasRoom } from "./trades";
import { validateOrder } from "./validate";

const C_INSTR: usize = 4;
const C_ID: usize = 8;
const C_PRICE: usize = 12;
const C_QTY: usize = 16;
const C_RESULT: usize = 20;
const C_RESTED_QTY: usize = 24;
const C_RESTED_PRICE: usize = 28;

/** See BookKernel.runBatch. */
export function runBatch(from: i32, count: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (!inCapacity(from, count)) return BAD_COUNT;
  beginTrades();
  let done = 0;
  let c = commandBase + usize(from) * COMMAND_BYTES;
  for (; done < count; done++, c += COMMAND_BYTES) {
    const word = load<i32>(c);
    const op = word & 0xff;
    const instr = load<i32>(c, C_INSTR);
    if (op == OP_SUBMIT && !tradesFit(instr)) break;
    run(c, op, (word >> 8) & 0xff, (word >> 16) & 0xff, instr);
  }
  endTrades();
  return done;
}

/** See ValidationKernel.validateBatch: codes go to word 5. */
export function validateBatch(from: i32, count: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (!inCapacity(from, count)) return BAD_COUNT;
  for (let i = 0; i < count; i++) {
    const c = commandBase + usize(from + i) * COMMAND_BYTES;
    const word = load<i32>(c);
    store<i32>(c, validateOrder(
      load<i32>(c, C_INSTR), (word >> 8) & 0xff, (word >> 16) & 0xff,
      load<i32>(c, C_PRICE), load<i32>(c, C_QTY), load<i32>(c, C_ID),
    ), C_RESULT);
  }
  return count;
}

@inline
function run(c: usize, op: i32, side: i32, kind: i32, instr: i32): void {
  const id = load<i32>(c, C_ID);
  const priceE4 = load<i32>(c, C_PRICE);
  const qty = load<i32>(c, C_QTY);
  let restedQty = 0;
  let restedPriceE4 = 0;
  let result = BAD_OP;
  if (op == OP_SUBMIT) {
    result = submitOrder(instr, id, side, kind, priceE4, qty);
    restedQty = load<i32>(statusBase, S_RESTED_QTY);
    restedPriceE4 = load<i32>(statusBase, S_RESTED_PRICE);
  } else if (op == OP_CANCEL) {
    result = cancel(instr, id, qty);
  } else if (op == OP_ADD) {
    result = add(instr, id, side, priceE4, qty);
  } else if (op == OP_REDUCE) {
    result = reduce(instr, id, qty);
  }
  store<i32>(c, result, C_RESULT);
  store<i32>(c, restedQty, C_RESTED_QTY);
  store<i32>(c, restedPriceE4, C_RESTED_PRICE);
}

/** A submit makes fewer trades than its instrument has resting orders, or as many. */
@inline
function tradesFit(instr: i32): bool {
  const h = headerOf(instr);
  return h == 0 || hasRoom(load<i32>(h, H_LIVE));
}

@inline
function inCapacity(from: i32, count: i32): bool {
  return from >= 0 && count >= 0 && from <= COMMAND_CAPACITY && count <= COMMAND_CAPACITY - from;
}
