// Compares two books through their port: every visible fact that an operation can have changed.
// Returns the first difference as text; undefined when the books agree.

import type { BookKernel } from '../../engine/core/book.ts';

export function tradesDiffer(a: BookKernel, b: BookKernel): string | undefined {
  if (a.tradeCount !== b.tradeCount) return `tradeCount ${a.tradeCount} != ${b.tradeCount}`;
  for (let i = 0; i < a.tradeCount; i++) {
    const one = tradeText(a, i);
    const other = tradeText(b, i);
    if (one !== other) return `trade ${i}: ${one} != ${other}`;
  }
  return undefined;
}

/** What became of the last submitted order. */
export function outcomesDiffer(a: BookKernel, b: BookKernel): string | undefined {
  const one = `rested ${a.restedQty}@${a.restedPriceE4} killed ${a.killedQty}`;
  const other = `rested ${b.restedQty}@${b.restedPriceE4} killed ${b.killedQty}`;
  return one === other ? undefined : `${one} != ${other}`;
}

/** Best prices, counts, `levels` of depth and the checksum of every order in time order. */
export function booksDiffer(
  a: BookKernel,
  b: BookKernel,
  instr: number,
  levels: number,
): string | undefined {
  const facts: readonly [string, (book: BookKernel) => number][] = [
    ['bestBid', (book) => book.bestBid(instr)],
    ['bestAsk', (book) => book.bestAsk(instr)],
    ['orderCount', (book) => book.orderCount(instr)],
    ['checksum', (book) => book.checksum(instr)],
    ['depth', (book) => book.depth(instr, levels)],
    ['bidLevels', (book) => book.bidLevels],
    ['askLevels', (book) => book.askLevels],
  ];
  for (const [name, fact] of facts) {
    if (fact(a) !== fact(b)) return `${name} of ${instr}: ${fact(a)} != ${fact(b)}`;
  }
  for (let level = 0; level < levels; level++) {
    const one = rowText(a, level);
    const other = rowText(b, level);
    if (one !== other) return `depth of ${instr} at ${level}: ${one} != ${other}`;
  }
  const [copyA, copyB] = [copied(a, levels), copied(b, levels)];
  const word = copyA.findIndex((value, i) => value !== copyB[i]);
  if (word >= 0) return `copyDepth of ${instr} at word ${word}: ${copyA[word]} != ${copyB[word]}`;
  return undefined;
}

/** What copyDepth() makes of the depth read last: bids, then asks. */
function copied(book: BookKernel, levels: number): Int32Array {
  const target = new Int32Array(levels * 8);
  book.copyDepth(target, 0, levels * 4, levels);
  return target;
}

/** The views of one order and of the level at one price. */
export function viewsDiffer(
  a: BookKernel,
  b: BookKernel,
  at: { instr: number; id: number; side: number; priceE4: number },
): string | undefined {
  const { instr, id, side, priceE4 } = at;
  const facts: readonly [string, (book: BookKernel) => number][] = [
    ['orderQty', (book) => book.orderQty(instr, id)],
    ['queueAhead', (book) => book.queueAhead(instr, id)],
    ['levelQty', (book) => book.levelQty(instr, side, priceE4)],
    ['queue', (book) => book.queue(instr, side, priceE4, 5)],
  ];
  for (const [name, fact] of facts) {
    if (fact(a) !== fact(b)) return `${name}: ${fact(a)} != ${fact(b)}`;
  }
  for (let i = 0; i < a.queue(instr, side, priceE4, 5); i++) {
    const same = a.queueId(i) === b.queueId(i) && a.queueQty(i) === b.queueQty(i);
    if (!same) return `queue ${i}: ${a.queueId(i)} != ${b.queueId(i)}`;
  }
  return undefined;
}

function tradeText(book: BookKernel, i: number): string {
  const ids = `${book.tradeBuyId(i)}x${book.tradeSellId(i)}`;
  return `${ids} ${book.tradeQty(i)}@${book.tradePriceE4(i)} ${book.tradeAggressor(i)}`;
}

function rowText(book: BookKernel, level: number): string {
  const bid = `${book.bidQty(level)}(${book.bidOrders(level)})@${book.bidPriceE4(level)}`;
  return `${bid} ${book.askQty(level)}(${book.askOrders(level)})@${book.askPriceE4(level)}`;
}
