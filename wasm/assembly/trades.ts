// The trade area: where matching and the call auction write what they did, for the caller to read.
// A record is five int32: buy id, sell id, priceE4, qty, aggressor side (1, 2; 0 call auction).
// Always: one call fits. Every trade of a call but its last ends a resting order, so there are
// fewer of them than the instrument's quota has slots, and init() makes the area larger than any
// quota. A batch asks hasRoom() before it begins a command.

import { S_TRADES, statusBase, TRADE_BYTES, tradeBase, tradeEnd } from "./layout";

export let tradeNext: usize = 0;

@inline
export function beginTrades(): void {
  tradeNext = tradeBase;
}

/** Whether `count` more trades surely fit. */
@inline
export function hasRoom(count: i32): bool {
  return usize(count) * TRADE_BYTES <= tradeEnd - tradeNext;
}

@inline
export function writeTrade(buyId: i32, sellId: i32, priceE4: i32, qty: i32, aggressor: i32): void {
  const at = tradeNext;
  store<i32>(at, buyId);
  store<i32>(at, sellId, 4);
  store<i32>(at, priceE4, 8);
  store<i32>(at, qty, 12);
  store<i32>(at, aggressor, 16);
  tradeNext = at + TRADE_BYTES;
}

@inline
export function tradesSince(start: usize): i32 {
  return i32((tradeNext - start) / TRADE_BYTES);
}

@inline
export function endTrades(): void {
  store<i32>(statusBase, tradesSince(tradeBase), S_TRADES);
}
