// The exports of kernels.wasm, and nothing else. engine/host/kernels.ts loads the module, calls
// init() once, asks for the addresses and wraps the rest. Only i32 and f64 cross the border: an
// i64 would arrive in JavaScript as a BigInt, which allocates. No export traps.

import {
  commandBase, depthBase, inputBase, queueBase, statusBase, tradeBase,
} from "./layout";

export { init } from "./layout";
export {
  add, cancel, emptyAll, openInstrument, openOverflow, reduce, resetAll, resetInstrument,
} from "./book";
export { submit } from "./match";
export { auctionPrice, uncross } from "./auction";
export {
  bestAsk, bestBid, checksum, depth, levelQty, orderCount, orderQty, queue, queueAhead,
} from "./views";
export { runBatch } from "./batch";
export { renew } from "./renew";
export { setClose, setLimits, setQuote, setRules } from "./rules";
export { validateBatch, validateOrder } from "./validate";
export { heldQty, order, withdraw } from "./exchange";
export {
  callPrice, closePrice, enterPhase, haltLevel, lastPrice, openPrice, phaseOf,
} from "./session";
export { setClock } from "./close-price";
export {
  emaBatch, emaNext, emaOpen, indicatorReset, smaBatch, smaNext, smaOpen, vwapBatch, vwapNext,
  vwapOpen,
} from "./indicators";

// Byte addresses of the shared areas, valid after init(); read them as unsigned.

export function statusArea(): usize { return statusBase; }
export function commandArea(): usize { return commandBase; }
export function tradeArea(): usize { return tradeBase; }
export function depthArea(): usize { return depthBase; }
export function queueArea(): usize { return queueBase; }
export function inputArea(): usize { return inputBase; }
