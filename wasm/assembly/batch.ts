// The batch form: many commands in one call, out of and back into the command area. Exported
// through index.ts. A command is eight int32:
//   0 op | side << 8 | kind << 16    1 instr    2 order id    3 priceE4    4 qty
//   5 result                         6 rested qty             7 rested priceE4   (written here)
// validate.ts has the batch form of the checks. Always: a command either ran, with the same
// result as the single call, or has not begun.

import {
  BAD_COUNT, BAD_OP, COMMAND_CAPACITY, NOT_INITIALIZED, OP_ADD, OP_CANCEL, OP_REDUCE, OP_SUBMIT,
} from "./codes";
import { add, cancelHere, reduce } from "./book";
import { homeOf } from "./ids";
import { headerOf } from "./ladder";
import {
  COMMAND_BYTES, commandBase, H_LIVE, instrumentCount, O_NEXT, O_PREV, S_RESTED_QTY, statusBase,
} from "./layout";
import { submitHere } from "./match";
import { beginTrades, endTrades, hasRoom } from "./trades";

const C_INSTR: usize = 4;
const C_ID: usize = 8;
const C_PRICE: usize = 12;
const C_QTY: usize = 16;
const C_RESULT: usize = 20;
/** Rested quantity and price, side by side here and in the status area. */
const C_RESTED_QTY: usize = 24;

/** Commands whose memory is fetched together. */
const GROUP: i32 = 64;

/** See BookKernel.runBatch. */
export function runBatch(from: i32, count: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (!inCapacity(from, count)) return BAD_COUNT;
  beginTrades();
  let done = 0;
  let fetched = 0;
  let c = commandBase + usize(from) * COMMAND_BYTES;
  for (; done < count; done++, c += COMMAND_BYTES) {
    if (done == fetched) {
      const group = min(count - done, GROUP);
      fetchGroup(c, group);
      fetched += group;
    }
    const word = load<i32>(c);
    const op = word & 0xff;
    const instr = load<i32>(c, C_INSTR);
    if (op == OP_SUBMIT) {
      if (!tradesFit(instr)) break;
      runSubmit(c, word, instr);
    } else runOther(c, word, op, instr);
  }
  endTrades();
  return done;
}

/**
 * Reads what a group of commands will touch, stage by stage: the chain heads of their orders, the
 * slots, the neighbours in the queue. Reads of one stage do not wait for each other and nothing
 * branches, so the processor has many misses under way at once where the commands alone would wait
 * for each. Changes nothing. What is not there is read at address 0, which holds 0.
 */
@inline
function fetchGroup(from: usize, count: i32): void {
  let c = from;
  const end = slotsBase + (usize(count) << 2);
  for (let at = slotsBase; at < end; at += 4, c += COMMAND_BYTES) {
    store<usize>(at, load<usize>(homeOf(load<i32>(c, C_INSTR), load<i32>(c, C_ID))));
  }
  let sink: u32 = 0;
  for (let at = slotsBase; at < end; at += 4) sink |= load<u32>(load<usize>(at));
  for (let at = slotsBase; at < end; at += 4) {
    const slot = load<usize>(at);
    sink |= load<u32>(load<usize>(slot, O_NEXT)) | load<u32>(load<usize>(slot, O_PREV));
  }
  fetchedWord = sink;
}

/** Slots of the group's orders. */
const slotsBase: usize = memory.data(256, 64);
/** Keeps the compiler from leaving fetchGroup() out. */
let fetchedWord: u32 = 0;

@inline
function runSubmit(c: usize, word: i32, instr: i32): void {
  const result = submitHere(
    instr, load<i32>(c, C_ID), (word >> 8) & 0xff, (word >> 16) & 0xff,
    load<i32>(c, C_PRICE), load<i32>(c, C_QTY),
  );
  store<i32>(c, result, C_RESULT);
  store<u64>(c, load<u64>(statusBase, S_RESTED_QTY), C_RESTED_QTY);
}

@inline
function runOther(c: usize, word: i32, op: i32, instr: i32): void {
  const id = load<i32>(c, C_ID);
  const qty = load<i32>(c, C_QTY);
  let result = BAD_OP;
  if (op == OP_CANCEL) {
    result = cancelHere(instr, id, qty);
  } else if (op == OP_ADD) {
    result = add(instr, id, (word >> 8) & 0xff, load<i32>(c, C_PRICE), qty);
  } else if (op == OP_REDUCE) {
    result = reduce(instr, id, qty);
  }
  store<i32>(c, result, C_RESULT);
  store<u64>(c, 0, C_RESTED_QTY);
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
