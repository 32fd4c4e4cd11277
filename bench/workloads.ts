// The canonical order workload, seeded: the same operations for every book under measurement.
// Used by bench/kernels.bench.ts and by tests. Mixture: 42 % cancels of a random live order, 58 %
// limit orders of which a quarter are marketable (small: one or two lots), the others rest at an
// exponential distance (mean 8 ticks) from the middle of a 200-tick band. Before it, `prefill`
// resting orders; from there on live orders never exceed that number by more than they began with.
// Always: the generator matches its own orders in a plain ladder, so cancels name live orders and
// the workload carries the trades that any correct book must make.

export const OP_SUBMIT = 2;
export const OP_CANCEL = 3;

export interface WorkloadOptions {
  readonly seed: number;
  /** Operations after the prefill. */
  readonly operations: number;
  /** Resting orders before them; they come first in the arrays. */
  readonly prefill: number;
}

export interface Workload {
  readonly tickE4: number;
  readonly loE4: number;
  readonly hiE4: number;
  readonly prefill: number;
  /** prefill + operations. */
  readonly count: number;
  /** 2 submit (limit order), 3 cancel (whole). */
  readonly op: Uint8Array;
  readonly side: Uint8Array;
  readonly id: Int32Array;
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  /** What a correct book does: trades made, and mixTrade() over them in order. */
  readonly trades: number;
  readonly tradeChecksum: number;
  readonly liveMax: number;
  readonly liveEnd: number;
}

export const CANONICAL: WorkloadOptions = { seed: 1, operations: 5_000_000, prefill: 200_000 };

const TICKS = 200;
const TICK_E4 = 100;
const LO_E4 = 90_000;
const CANCEL_SHARE = 0.42;
const MARKETABLE_SHARE = 0.25;
const MEAN_DEPTH_TICKS = 8;

/** Chains one trade into a checksum (start with 0). */
export function mixTrade(
  sum: number,
  buyId: number,
  sellId: number,
  priceE4: number,
  qty: number,
): number {
  let x = Math.imul(sum ^ buyId, 0x01000193);
  x = Math.imul(x ^ (x >>> 15) ^ sellId, 0x01000193);
  x = Math.imul(x ^ (x >>> 15) ^ priceE4, 0x01000193);
  return Math.imul(x ^ (x >>> 15) ^ qty, 0x01000193);
}

export function makeWorkload(options: WorkloadOptions): Workload {
  const count = options.prefill + options.operations;
  const random = mulberry32(options.seed);
  const ladder = new PlainLadder(count + 1);
  const op = new Uint8Array(count);
  const side = new Uint8Array(count);
  const id = new Int32Array(count);
  const priceE4 = new Int32Array(count);
  const qty = new Int32Array(count);
  let liveMax = 0;
  for (let i = 0; i < count; i++) {
    const running = i >= options.prefill;
    if (running && ladder.liveCount > 0 && random() < CANCEL_SHARE) {
      op[i] = OP_CANCEL;
      id[i] = ladder.live[Math.floor(random() * ladder.liveCount)];
      ladder.cancel(id[i]);
      continue;
    }
    const marketable = running && random() < MARKETABLE_SHARE;
    const s = 1 + Math.floor(random() * 2);
    const tick = pickTick(random, ladder, s, marketable);
    op[i] = OP_SUBMIT;
    side[i] = s;
    id[i] = i + 1;
    priceE4[i] = LO_E4 + tick * TICK_E4;
    qty[i] = 100 * (1 + Math.floor(random() * (marketable ? 2 : 10)));
    ladder.submit(id[i], s, tick, qty[i]);
    if (ladder.liveCount > liveMax) liveMax = ladder.liveCount;
  }
  return {
    ...{ tickE4: TICK_E4, loE4: LO_E4, hiE4: LO_E4 + (TICKS - 1) * TICK_E4 },
    ...{ prefill: options.prefill, count, op, side, id, priceE4, qty },
    trades: ladder.trades,
    tradeChecksum: ladder.tradeChecksum,
    liveMax,
    liveEnd: ladder.liveCount,
  };
}

/** Uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function pickTick(random: () => number, ladder: PlainLadder, side: number, marketable: boolean) {
  const away = Math.floor(-Math.log(1 - random()) * MEAN_DEPTH_TICKS);
  const middle = TICKS / 2;
  if (side === 1) {
    const ask = ladder.bestAsk();
    if (marketable && ask < TICKS) return Math.min(TICKS - 1, ask + (away >> 3));
    return Math.max(0, Math.min(middle - 1 - away, ask - 1));
  }
  const bid = ladder.bestBid();
  if (marketable && bid >= 0) return Math.max(0, bid - (away >> 3));
  return Math.min(TICKS - 1, Math.max(middle + away, bid + 1));
}

/** Price-time matching with ids as array indexes: plain enough to be the oracle of the workload. */
class PlainLadder {
  /** Live ids in no order; positions in `at`. */
  readonly live: Int32Array;
  liveCount = 0;
  trades = 0;
  tradeChecksum = 0;
  readonly at: Int32Array;
  readonly tick: Int16Array;
  readonly side: Uint8Array;
  readonly left: Int32Array;
  readonly next: Int32Array;
  readonly prev: Int32Array;
  /** First and last id by tick; bids and asks never share a tick. 0: none. */
  readonly head = new Int32Array(TICKS);
  readonly tail = new Int32Array(TICKS);
  readonly sideAt = new Uint8Array(TICKS);

  constructor(ids: number) {
    this.live = new Int32Array(ids);
    this.at = new Int32Array(ids);
    this.tick = new Int16Array(ids);
    this.side = new Uint8Array(ids);
    this.left = new Int32Array(ids);
    this.next = new Int32Array(ids);
    this.prev = new Int32Array(ids);
  }

  bestBid(): number {
    for (let t = TICKS - 1; t >= 0; t--) if (this.head[t] !== 0 && this.sideAt[t] === 1) return t;
    return -1;
  }

  bestAsk(): number {
    for (let t = 0; t < TICKS; t++) if (this.head[t] !== 0 && this.sideAt[t] === 2) return t;
    return TICKS;
  }

  submit(id: number, side: number, limit: number, qty: number): void {
    let left = qty;
    while (left > 0) {
      const best = side === 1 ? this.bestAsk() : this.bestBid();
      if (side === 1 ? best > limit : best < limit) break;
      const resting = this.head[best];
      const traded = Math.min(left, this.left[resting]);
      const buyId = side === 1 ? id : resting;
      const sellId = side === 1 ? resting : id;
      const priceE4 = LO_E4 + best * TICK_E4;
      this.tradeChecksum = mixTrade(this.tradeChecksum, buyId, sellId, priceE4, traded);
      this.trades++;
      left -= traded;
      this.left[resting] -= traded;
      if (this.left[resting] === 0) this.cancel(resting);
    }
    if (left > 0) this.rest(id, side, limit, left);
  }

  cancel(id: number): void {
    const t = this.tick[id];
    const prev = this.prev[id];
    const next = this.next[id];
    if (prev !== 0) this.next[prev] = next;
    else this.head[t] = next;
    if (next !== 0) this.prev[next] = prev;
    else this.tail[t] = prev;
    const last = this.live[--this.liveCount];
    this.live[this.at[id]] = last;
    this.at[last] = this.at[id];
  }

  rest(id: number, side: number, tick: number, qty: number): void {
    this.tick[id] = tick;
    this.side[id] = side;
    this.sideAt[tick] = side;
    this.left[id] = qty;
    this.prev[id] = this.tail[tick];
    if (this.tail[tick] !== 0) this.next[this.tail[tick]] = id;
    else this.head[tick] = id;
    this.tail[tick] = id;
    this.at[id] = this.liveCount;
    this.live[this.liveCount++] = id;
  }
}
