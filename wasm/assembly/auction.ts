// Call auctions: the single price of a call, and its execution. Exported through index.ts;
// session.ts runs the calls of the day with it. Conditions in order (BSE 2026 no. 3.5.2, SSE 2023
// no. 3.5.2; rules sheet 6.2): largest volume; every better-priced order fills and one side fills
// at the price itself; smallest unfilled quantity; then the middle of the tied ticks or the
// nearest to a reference. Candidates are all ticks between the best ask and the best bid.
// Always: auctionPrice changes no book; uncross keeps price and time priority on both sides.

import { UNKNOWN_INSTRUMENT } from "./codes";
import { freeSlot } from "./book";
import { removeSlot } from "./ids";
import { bestOf, clearLevel, headerOf, levelOf, nextLevel, priceOf, tickOf } from "./ladder";
import {
  H_BEST_ASK, H_BEST_BID, H_TICK, L_ORDERS, L_QTY, O_ID, O_NEXT, O_PREV, O_QTY,
  S_AUCTION_IMBALANCE, S_AUCTION_QTY, statusBase,
} from "./layout";
import { beginTrades, endTrades, tradeNext, tradesSince, writeTrade } from "./trades";

/** Reference that asks for the middle of the tied prices, half up to the tick (SSE). */
export const TIE_MIDDLE: i32 = -1;

/**
 * See BookKernel.auctionPrice. O(levels that cross). Matches level against level, best against
 * best, until nothing crosses; what that leaves says which ticks have the largest volume:
 *
 *    ... ask | lastAsk .. lastBid | bid ...      levels that took part end at lastAsk and lastBid
 *
 * All ticks from lastAsk to lastBid trade the largest volume. If a level is left over in part, only
 * its own tick fills all better orders. Else any tick strictly between the next bid and the
 * next ask leaves nothing unfilled; if those two are neighbours, they are the only candidates.
 */
export function auctionPrice(instr: i32, refE4: i32): i32 {
  setResult(0, 0);
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  let bid = bestOf(h, 0);
  let ask = bestOf(h, 1);
  if (bid < ask) return 0;
  let lastBid = bid;
  let lastAsk = ask;
  let buys = quantityAt(h, bid, 0);
  let sells = quantityAt(h, ask, 1);
  let volume: i64 = 0;
  while (true) {
    lastBid = bid;
    lastAsk = ask;
    const traded = min(buys, sells);
    volume += traded;
    buys -= traded;
    sells -= traded;
    if (buys == 0) bid = nextLevel(h, 0, bid);
    if (sells == 0) ask = nextLevel(h, 1, ask);
    if (bid < ask) break;
    if (buys == 0) buys = quantityAt(h, bid, 0);
    if (sells == 0) sells = quantityAt(h, ask, 1);
  }
  if (bid == lastBid) return only(h, bid, volume, buys);
  if (ask == lastAsk) return only(h, ask, volume, -sells);
  const low = max(lastAsk, bid + 1);
  const high = min(lastBid, ask - 1);
  if (low <= high) {
    setResult(volume, 0);
    return priceOf(h, chosen(h, low, high, refE4));
  }
  return neighbours(h, bid, ask, volume, refE4);
}

/** The one price that fills all better orders: a level stays in part. */
function only(h: usize, tick: i32, volume: i64, imbalance: i64): i32 {
  setResult(volume, imbalance);
  return priceOf(h, tick);
}

/** Next bid and next ask are neighbouring ticks: the smaller of the two stays unfilled. */
function neighbours(h: usize, bid: i32, ask: i32, volume: i64, refE4: i32): i32 {
  const buys = quantityAt(h, bid, 0);
  const sells = quantityAt(h, ask, 1);
  let tick = buys < sells ? bid : ask;
  if (buys == sells) tick = chosen(h, bid, ask, refE4);
  setResult(volume, tick == bid ? buys : -sells);
  return priceOf(h, tick);
}

/** Among tied ticks: the middle, half up, or the nearest to the reference, of two the lower. */
function chosen(h: usize, low: i32, high: i32, refE4: i32): i32 {
  if (refE4 < 0) return low + ((high - low + 1) >> 1);
  const distance = i64(refE4) - i64(priceOf(h, low));
  if (distance <= 0) return low;
  const tickE4 = i64(load<i32>(h, H_TICK));
  const ticks = (2 * distance + tickE4 - 1) / (2 * tickE4);
  return ticks >= i64(high - low) ? high : low + i32(ticks);
}

@inline
function setResult(volume: i64, imbalance: i64): void {
  store<f64>(statusBase, f64(volume), S_AUCTION_QTY);
  store<f64>(statusBase, f64(imbalance), S_AUCTION_IMBALANCE);
}

/** See BookKernel.uncross. */
export function uncross(instr: i32, priceE4: i32): i32 {
  beginTrades();
  const result = uncrossAt(instr, priceE4);
  endTrades();
  return result;
}

/** uncross() that appends to the trade area. */
export function uncrossAt(instr: i32, priceE4: i32): i32 {
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

@inline
function quantityAt(h: usize, tick: i32, side: i32): i64 {
  return load<i64>(levelOf(h, (tick << 1) | side), L_QTY);
}
