// Call auctions: the single price of a call, and its execution. Exported through index.ts.
// Conditions in order (BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2): largest volume; every better-priced
// order fills and one side fills at the price itself; smallest unfilled quantity; nearest to a
// reference. Candidates are all ticks between the best ask and the best bid. SSE's middle price
// and each exchange's choice of reference are not decided here.
// Always: auctionPrice changes no book; uncross keeps price and time priority on both sides.

import { UNKNOWN_INSTRUMENT } from "./codes";
import { freeSlot } from "./book";
import { removeSlot } from "./ids";
import { clearLevel, headerOf, levelOf, priceOf, tickOf } from "./ladder";
import {
  H_BEST_ASK, H_BEST_BID, L_ORDERS, L_QTY, O_ID, O_NEXT, O_PREV, O_QTY,
  S_AUCTION_IMBALANCE, S_AUCTION_QTY, statusBase,
} from "./layout";
import { beginTrades, endTrades, tradeNext, tradesSince, writeTrade } from "./trades";

/** See BookKernel.auctionPrice. O(ticks between best ask and best bid). */
export function auctionPrice(instr: i32, refE4: i32): i32 {
  store<f64>(statusBase, 0, S_AUCTION_QTY);
  store<f64>(statusBase, 0, S_AUCTION_IMBALANCE);
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  const low = load<i32>(h, H_BEST_ASK);
  const high = load<i32>(h, H_BEST_BID);
  if (low > high) return 0;
  let buys: i64 = 0;
  for (let tick = low; tick <= high; tick++) buys += quantityAt(h, tick, 0);
  let sellsBelow: i64 = 0;
  let bestVolume: i64 = 0;
  let bestGap: i64 = 0;
  let bestSigned: i64 = 0;
  let bestPrice = 0;
  for (let tick = low; tick <= high; tick++) {
    const buyHere = quantityAt(h, tick, 0);
    const sells = sellsBelow + quantityAt(h, tick, 1);
    const volume = min(buys, sells);
    // Buys above the price and sells below it must find a counterparty in full.
    if (buys - buyHere <= sells && sellsBelow <= buys && volume >= bestVolume) {
      const signed = buys - sells;
      const gap = signed < 0 ? -signed : signed;
      const price = priceOf(h, tick);
      if (volume > bestVolume || gap < bestGap
        || (gap == bestGap && nearer(price, bestPrice, refE4))) {
        bestVolume = volume;
        bestGap = gap;
        bestSigned = signed;
        bestPrice = price;
      }
    }
    buys -= buyHere;
    sellsBelow = sells;
  }
  store<f64>(statusBase, f64(bestVolume), S_AUCTION_QTY);
  store<f64>(statusBase, f64(bestSigned), S_AUCTION_IMBALANCE);
  return bestPrice;
}

/** See BookKernel.uncross. */
export function uncross(instr: i32, priceE4: i32): i32 {
  beginTrades();
  const result = uncrossAt(instr, priceE4);
  endTrades();
  return result;
}

function uncrossAt(instr: i32, priceE4: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  const at = tickOf(h, priceE4);
  if (at < 0) return at;
  const start = tradeNext;
  while (true) {
    const bid = load<i32>(h, H_BEST_BID);
    const ask = load<i32>(h, H_BEST_ASK);
    if (bid < at || ask > at) break;
    const buy = load<usize>(levelOf(h, bid << 1), O_NEXT);
    const sell = load<usize>(levelOf(h, (ask << 1) | 1), O_NEXT);
    const qty = min(load<i32>(buy, O_QTY), load<i32>(sell, O_QTY));
    writeTrade(load<i32>(buy, O_ID), load<i32>(sell, O_ID), priceE4, qty, 0);
    fillHead(h, bid << 1, buy, qty);
    fillHead(h, (ask << 1) | 1, sell, qty);
  }
  return tradesSince(start);
}

/** Fills `qty` shares of the first order of a level. */
function fillHead(h: usize, code: i32, slot: usize, qty: i32): void {
  const level = levelOf(h, code);
  const left = load<i32>(slot, O_QTY) - qty;
  store<i64>(level, load<i64>(level, L_QTY) - i64(qty), L_QTY);
  if (left > 0) {
    store<i32>(slot, left, O_QTY);
    return;
  }
  const next = load<usize>(slot, O_NEXT);
  removeSlot(slot);
  freeSlot(h, slot);
  store<usize>(level, next, O_NEXT);
  store<usize>(next, level, O_PREV);
  const orders = load<i32>(level, L_ORDERS) - 1;
  store<i32>(level, orders, L_ORDERS);
  if (orders == 0) clearLevel(h, code);
}

/** Whether `price` is strictly nearer to the reference; ticks come in ascending order. */
@inline
function nearer(price: i32, best: i32, refE4: i32): bool {
  if (refE4 <= 0) return false;
  return abs(i64(price) - i64(refE4)) < abs(i64(best) - i64(refE4));
}

@inline
function quantityAt(h: usize, tick: i32, side: i32): i64 {
  return load<i64>(levelOf(h, (tick << 1) | side), L_QTY);
}
