// Market events per second of runBacktest, moving-average cross included, on the synthetic day and,
// where it is present beside the repository, on a recorded day; and ten-level pictures a second.
// One core. The naive book beside it reads the same events and does nothing but keep ten levels in
// Maps: no strategy, no orders.
// Always: every run of a day gives one state hash, and both books end with the same ten levels.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runBacktest } from '../engine/backtest/runner.ts';
import { openSource } from '../engine/backtest/source.ts';
import type { MarketSource } from '../engine/core/market-source.ts';
import { openBooks } from '../engine/host/assembly.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import {
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  MARKET_ADD,
  SIDE_BUY,
  SIDE_SELL,
} from '../engine/messages/codes.ts';
import { FrameMemory } from '../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../engine/messages/generated/market.ts';
import { recordedSetup, repositoryFile, syntheticSetup } from './bench-setups.ts';
import { type BenchResult, type BenchSuite, compareWith } from './harness.ts';
import { pictureSetup } from './picture-day.ts';

export const STRATEGY = repositoryFile('examples/strategies/ma-cross.ts');
const RECORDED_DAY = fileURLToPath(new URL('../../shared/data/l2-sse-20230711', import.meta.url));
const RECORDED_SYMBOL = '600536.SH';
const LEVELS = 10;
const RUNS = 9;
/** Passes before the medians: the first ones also pay for the optimising compiler. */
const WARMUP_RUNS = 3;
/** The naive book is timed on so many events of the day: sorting all its levels takes long. */
const NAIVE_EVENTS = 40_000;

/** What one pass over a day took. */
interface Pass {
  readonly events: number;
  readonly seconds: number;
  readonly checksum: string;
}

export const suite: BenchSuite = {
  name: 'backtest',
  async run({ quick }) {
    const results = await benchDay('synthetic', syntheticSetup(STRATEGY, quick ? 1 : 20), quick);
    results.push(...(await benchPictures(quick)));
    if (quick || !existsSync(RECORDED_DAY)) return results;
    const recorded = await recordedSetup(STRATEGY, RECORDED_DAY, RECORDED_SYMBOL);
    return [...results, ...(await benchDay(RECORDED_SYMBOL, recorded, quick))];
  },
};

/** Events a second of a day, and of a naive book over the same events. */
export async function benchDay(
  day: string,
  setup: EngineSetup,
  quick: boolean,
): Promise<BenchResult[]> {
  const levels = await kernelLevels(setup);
  const engine = await passes(quick ? 1 : RUNS + WARMUP_RUNS, async () => {
    const { events, seconds, stateHash } = await runBacktest(setup);
    return { events, seconds, checksum: stateHash };
  });
  const naive = await passes(1, () => naivePass(setup));
  if (naive[0].checksum !== levels) {
    throw new Error(`${day}: the naive book ends with ${naive[0].checksum}, ours with ${levels}`);
  }
  const baseline = `${day}: naive book alone`;
  return compareWith(
    [resultOf(baseline, naive), resultOf(`${day}: whole backtest`, engine)],
    baseline,
  );
}

/** Ten-level pictures a second, from the tape alone and through the whole engine. */
export async function benchPictures(quick: boolean): Promise<BenchResult[]> {
  const { setup, close } = await pictureSetup(STRATEGY, quick ? 30_000 : 250);
  try {
    const tape = await passes(quick ? 1 : RUNS + WARMUP_RUNS, () => tapePass(setup));
    const engine = await passes(quick ? 1 : RUNS + WARMUP_RUNS, async () => {
      const { events, seconds, stateHash } = await runBacktest(setup);
      return { events, seconds, checksum: stateHash };
    });
    const baseline = 'pictures: tape alone';
    return compareWith(
      [resultOf(baseline, tape), resultOf('pictures: whole backtest', engine)],
      baseline,
    );
  } finally {
    close();
  }
}

async function tapePass(setup: EngineSetup): Promise<Pass> {
  const source = await openSource(setup, null);
  const started = performance.now();
  const events = forEachEvent(source, () => {});
  return { events, seconds: (performance.now() - started) / 1000, checksum: `${events}` };
}

/** All passes of one kind, in order; throws when two of them differ in what they computed. */
async function passes(count: number, pass: () => Promise<Pass>): Promise<Pass[]> {
  const all: Pass[] = [];
  for (let i = 0; i < count; i++) {
    all.push(await pass());
    if (all[i].checksum === all[0].checksum) continue;
    throw new Error(`pass ${i} answered ${all[i].checksum}, the first ${all[0].checksum}`);
  }
  return all;
}

function resultOf(name: string, all: readonly Pass[]): BenchResult {
  const nsPerEvent = all.map((pass) => (pass.seconds * 1e9) / pass.events);
  const warm = nsPerEvent.slice(all.length > WARMUP_RUNS ? WARMUP_RUNS : 0).sort((a, b) => a - b);
  const value = warm[warm.length >> 1];
  const rate = (ns: number) => `${Math.round(1e6 / ns).toLocaleString('en-US')} thousand/s`;
  const note = `${all[0].events} events, ${rate(value)}; first pass ${rate(nsPerEvent[0])}`;
  return { name, unit: 'ns/event', value, max: warm.at(-1)!, checksum: all[0].checksum, note };
}

/** The ten levels that the engine's book shows after the day. */
async function kernelLevels(setup: EngineSetup): Promise<string> {
  const books = openBooks(setup);
  const order = new MarketOrder();
  const trade = new MarketTrade();
  const phase = new Phase();
  forEachEvent(await openSource(setup, null), (type, memory) => {
    if (type === MarketOrder.TYPE) books.onOrder(order.wrap(memory, 0));
    else if (type === MarketTrade.TYPE) books.onTrade(trade.wrap(memory, 0));
    else if (type === Phase.TYPE) books.setPhase(-1, phase.wrap(memory, 0).phase);
  });
  const { book } = books;
  book.depth(0, LEVELS);
  const rows: string[] = [];
  for (let n = 0; n < book.bidLevels; n++) rows.push(`b${book.bidPriceE4(n)}x${book.bidQty(n)}`);
  for (let n = 0; n < book.askLevels; n++) rows.push(`a${book.askPriceE4(n)}x${book.askQty(n)}`);
  return shortSum(rows.join());
}

async function naivePass(setup: EngineSetup): Promise<Pass> {
  const source = await openSource(setup, null);
  const book = new NaiveBook();
  const order = new MarketOrder();
  const trade = new MarketTrade();
  const started = performance.now();
  let events = 0;
  let seconds = 0;
  forEachEvent(source, (type, memory) => {
    if (type === MarketOrder.TYPE) book.onOrder(order.wrap(memory, 0));
    else if (type === MarketTrade.TYPE) book.onTrade(trade.wrap(memory, 0));
    if (events === NAIVE_EVENTS) return;
    book.depth();
    if (++events === NAIVE_EVENTS) seconds = (performance.now() - started) / 1000;
  });
  if (seconds === 0) seconds = (performance.now() - started) / 1000;
  const { bids, asks } = book.depth();
  const rows = bids.map(([price, qty]) => `b${price}x${qty}`);
  const shown = [...rows, ...asks.map(([price, qty]) => `a${price}x${qty}`)].join();
  return { events, seconds, checksum: shortSum(shown) };
}

function forEachEvent(
  source: MarketSource,
  handle: (type: number, memory: FrameMemory) => void,
): number {
  const memory = new FrameMemory(new ArrayBuffer(1024));
  let count = 0;
  for (; source.next(memory, 0) >= 0; count++) handle(memory.i32[1], memory);
  return count;
}

type Level = [priceE4: number, qty: number];

/** The book a newcomer would write: orders and levels in Maps, sorted anew for each picture. */
class NaiveBook {
  readonly #orders = new Map<number, { side: number; priceE4: number; qty: number }>();
  readonly #levels = [new Map<number, number>(), new Map<number, number>()];

  onOrder(order: MarketOrder): void {
    const { orderNo, side, qty } = order;
    if (order.action !== MARKET_ADD) {
      this.#take(orderNo, qty > 0 ? qty : Number.MAX_SAFE_INTEGER);
      return;
    }
    const priceE4 = this.#restingPrice(order);
    if (priceE4 <= 0) return;
    this.#orders.set(orderNo, { side, priceE4, qty });
    const levels = this.#levels[side - 1];
    levels.set(priceE4, (levels.get(priceE4) ?? 0) + qty);
  }

  onTrade(trade: MarketTrade): void {
    this.#take(trade.buyNo, trade.qty);
    this.#take(trade.sellNo, trade.qty);
  }

  /** Where the order waits for its trades; 0 = a kind whose rest is cancelled. */
  #restingPrice(order: MarketOrder): number {
    const { side, kind } = order;
    if (kind === KIND_LIMIT) return order.priceE4;
    if (kind !== KIND_OWN_BEST && kind !== KIND_OPPOSITE_BEST) return 0;
    const shown = kind === KIND_OWN_BEST ? side : SIDE_BUY + SIDE_SELL - side;
    const prices = [...this.#levels[shown - 1].keys()];
    if (prices.length === 0) return 0;
    return shown === SIDE_BUY ? Math.max(...prices) : Math.min(...prices);
  }

  /** Takes up to `qty` shares off an order; one it does not know rested nowhere. */
  #take(orderNo: number, qty: number): void {
    const order = this.#orders.get(orderNo);
    if (order === undefined) return;
    const taken = Math.min(qty, order.qty);
    order.qty -= taken;
    if (order.qty === 0) this.#orders.delete(orderNo);
    const levels = this.#levels[order.side - 1];
    const left = levels.get(order.priceE4)! - taken;
    if (left === 0) levels.delete(order.priceE4);
    else levels.set(order.priceE4, left);
  }

  depth(): { bids: Level[]; asks: Level[] } {
    const [bids, asks] = this.#levels;
    return {
      bids: [...bids].sort((a, b) => b[0] - a[0]).slice(0, LEVELS),
      asks: [...asks].sort((a, b) => a[0] - b[0]).slice(0, LEVELS),
    };
  }
}

/** A few digits that differ when the text does. */
function shortSum(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
