// Finds a resting order by (instrument, order id): one table of chain heads per module, the chains
// running through the order slots. Called by book.ts, match.ts, auction.ts, views.ts. Always:
// every resting order is in exactly one chain, that of its home.
// Homes keep the order of ids: ids in sequence (a feed's numbering) have homes in sequence, so that
// new orders share cache lines and never meet. A run of ids as long as the table starts at a place
// that is scattered by instrument and run, so ids with gaps of any size spread as if by chance.

import { headsBase, headsBits, headsMask, headsShift, O_CHAIN, O_ID, O_INSTR } from "./layout";

/** Address of the head of the chain that an order belongs to. */
@inline
export function homeOf(instr: i32, id: i32): usize {
  const run = u32(id) >>> headsBits;
  const start = (run * 0x9e3779b1 + u32(instr) * 0x85ebca6b) >>> headsShift;
  return headsBase + (usize((u32(id) + start) & headsMask) << 2);
}

/** Address of the link to the order's slot; of the link that ends the chain if it is not there. */
@inline
export function findLink(home: usize, instr: i32, id: i32): usize {
  const key = (u64(u32(instr)) << 32) | u64(u32(id));
  let link = home;
  while (true) {
    const slot = load<usize>(link);
    if (slot == 0 || load<u64>(slot, O_ID) == key) return link;
    link = slot + O_CHAIN;
  }
}

/** Slot of a resting order, or 0. */
@inline
export function findSlot(instr: i32, id: i32): usize {
  return load<usize>(findLink(homeOf(instr, id), instr, id));
}

/** Puts an order in front of its chain. */
@inline
export function enterSlot(home: usize, slot: usize): void {
  store<usize>(slot, load<usize>(home), O_CHAIN);
  store<usize>(home, slot);
}

/** Takes an order that is known to be in the table out of its chain. */
@inline
export function removeSlot(slot: usize): void {
  let link = homeOf(load<i32>(slot, O_INSTR), load<i32>(slot, O_ID));
  while (load<usize>(link) != slot) link = load<usize>(link) + O_CHAIN;
  removeLink(link, slot);
}

@inline
export function removeLink(link: usize, slot: usize): void {
  store<usize>(link, load<usize>(slot, O_CHAIN));
}
