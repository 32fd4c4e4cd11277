// The ports through which actors and the simulated exchange use the kernels (book and matching,
// indicators; exchange-kernel.ts has validation and the exchange layer): types and constants
// only. engine/host/kernels.ts implements them over WebAssembly, wasm/reference/ holds the slow
// twins; the host injects one of the two.
// Always: plain numbers in and out, no allocation per call, a refusal is one of the negative
// `BookCode` numbers and leaves the state exactly as it was. No call throws or traps.
// wasm/assembly/codes.ts holds the same numbers for the kernel; a test keeps the two equal.

/** Order side, on the border and inside the kernel. */
export const BookSide = { BUY: 1, SELL: 2 } as const;

/**
 * Order kinds (exchange articles: SSE 2023 no. 3.3.5, SZSE no. 3.3.4, BSE 2026 no. 3.3.4-3.3.6).
 * A priceE4 above 0 on a market kind is its protection price: it never fills nor rests beyond it.
 */
export const OrderKind = {
  /** 限价: trades up to its price, the rest stays at that price. */
  LIMIT: 1,
  /** 最优五档即时成交剩余撤销: five best opposite levels, the rest is cancelled. */
  BEST5_CANCEL: 2,
  /** 最优五档即时成交剩余转限价: five best levels, the rest stays at the last fill price; without a
   *  fill at the best price of its own side; cancelled when that side is empty. */
  BEST5_LIMIT: 3,
  /** 对手方最优价格: best opposite price becomes its limit; cancelled when there is none. */
  OPPOSITE_BEST: 4,
  /** 本方最优价格: queues at the best price of its own side; cancelled when there is none. */
  OWN_BEST: 5,
  /** 即时成交剩余撤销: trades through the whole opposite book, the rest is cancelled. */
  IOC: 6,
  /** 全额成交或撤销: fills completely on arrival or is cancelled whole. */
  FOK: 7,
} as const;
export type OrderKind = (typeof OrderKind)[keyof typeof OrderKind];

/** Operations of a batch command (`writeCommand`). */
export const BookOp = { ADD: 1, SUBMIT: 2, CANCEL: 3, REDUCE: 4 } as const;
export type BookOp = (typeof BookOp)[keyof typeof BookOp];

/** Reference of auctionPriceE4() that asks for the middle of the tied prices (SSE). */
export const TIE_MIDDLE = -1;

/** Answers of the kernels. 0 or more is success; each method says what its number means. */
export const BookCode = {
  OK: 0,
  /** init() was not called or was refused. */
  NOT_INITIALIZED: -1,
  /** init() was called before; memory is laid out once. */
  ALREADY_INITIALIZED: -2,
  /** A size given to init() is not positive or is beyond its maximum. */
  BAD_SIZE: -3,
  /** The memory needed is beyond the module's limit or was not granted. */
  NO_MEMORY: -4,
  /** Instrument index out of range or not opened. */
  UNKNOWN_INSTRUMENT: -5,
  /** Price window: tick or low not positive, high below low, off the tick, or too wide. */
  BAD_WINDOW: -6,
  /** The price levels left in the module are fewer than this window needs. */
  LEVELS_EXHAUSTED: -7,
  /** The order slots left in the module are fewer than this quota, or the quota is not positive. */
  SLOTS_EXHAUSTED: -8,
  /** openInstrument() on an instrument that still holds orders. */
  NOT_EMPTY: -9,
  /** All order slots of the instrument's quota are in use and the order would rest. */
  QUOTA_FULL: -10,
  BAD_SIDE: -11,
  BAD_KIND: -12,
  /** Quantity not positive (cancel: negative). */
  BAD_QTY: -13,
  /** Price not positive where one is needed, or negative. */
  BAD_PRICE: -14,
  OFF_TICK: -15,
  /** Price outside the instrument's window. */
  OUT_OF_WINDOW: -16,
  /** An order with this id rests in this instrument's book. */
  DUPLICATE_ID: -17,
  /** No order with this id rests in this instrument's book. */
  UNKNOWN_ORDER: -18,
  /** cancel() or reduce() of more than is left. */
  MORE_THAN_LEFT: -19,
  /** Number of levels, commands or values outside 0..capacity. */
  BAD_COUNT: -20,
  BAD_OP: -21,
  /** Indicator handle never given out, or of another kind. */
  BAD_HANDLE: -22,
  /** No indicator handle or no window memory left. */
  INDICATORS_FULL: -23,
  /** Indicator period outside 1..maximum. */
  BAD_PERIOD: -24,
  /** Static data of an instrument that contradicts itself. */
  BAD_STATIC: -25,
  /** A price outside the window finds no overflow level left (`openOverflow`). */
  OVERFLOW_FULL: -26,
  /** Phase that is none, or that cannot follow the instrument's phase. */
  BAD_PHASE: -27,
} as const;
export type BookCode = (typeof BookCode)[keyof typeof BookCode];

/**
 * The books and the matching of one thread. `instr` is the dense instrument index; order ids are
 * any int32, unique among the orders that rest in one instrument; prices int32 priceE4 (1/10,000
 * yuan); order quantities int32 shares; level totals float64 integers.
 */
export interface BookKernel {
  // Instruments (cold).

  /** Reserves levels for loE4..hiE4 in steps of tickE4 and `quota` order slots; empty book.
   *  An instrument opened before is laid out anew if its book is empty. OK or a code. */
  openInstrument(instr: number, tickE4: number, loE4: number, hiE4: number, quota: number): number;
  /** Lifts the limits of an open, empty instrument (a free day; rules sheet 3: no price limits):
   *  from then on orders may have any price on the tick up to 100,000 yuan. Inside the window
   *  nothing changes; outside it up to `levels` (1..65,536) pairs of side and price hold orders at
   *  a time, found by binary search. They are drawn from maxLevels, one each, and kept as the
   *  window's are. A limit order that would rest on a level too many is refused whole, before it
   *  trades: OVERFLOW_FULL. openInstrument() puts the limits back. OK, UNKNOWN_INSTRUMENT,
   *  BAD_COUNT, NOT_EMPTY, LEVELS_EXHAUSTED, or BAD_WINDOW for a window beyond 100,000 yuan. */
  openOverflow(instr: number, levels: number): number;
  /** Drops every order of the instrument; window and quota stay. O(orders + window). */
  resetInstrument(instr: number): number;
  /** Drops every order of every instrument; windows and quotas stay. */
  emptyAll(): number;
  /** Closes every instrument and gives all levels and slots back (a new day). */
  resetAll(): number;

  // Orders.

  /** Rests an order without matching (call auction, or a book rebuilt from a feed); the book may
   *  become crossed. OK or a code. */
  add(instr: number, id: number, side: number, priceE4: number, qty: number): number;
  /** Continuous matching, price then time, at the resting order's price (BSE 2026 no. 3.5.1,
   *  3.5.3). Returns the number of trades, readable by tradeXxx(i) till the next submit, uncross or
   *  runBatch; restedQty, restedPriceE4 and killedQty say what became of the rest. */
  submit(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): number;
  /** Takes `qty` shares (0: all that is left) off an order, which keeps its place in the queue.
   *  Returns the shares removed (above 0) or a code. */
  cancel(instr: number, id: number, qty: number): number;
  /** A fill of `qty` shares that a feed reports against a resting order. Returns what is left of
   *  the order (0: gone) or a code. */
  reduce(instr: number, id: number, qty: number): number;

  // Call auctions.

  /** Price of the call auction over every tick: largest volume, then all better-priced orders
   *  filled and one side filled at the price, then smallest unfilled quantity; of what is tied the
   *  nearest to refE4 (the lower of two equally near; 0: the lowest), or with TIE_MIDDLE the
   *  middle, half up to the tick. Source: BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2. Returns priceE4,
   *  0 when nothing crosses, or a code. O(levels that cross). */
  auctionPriceE4(instr: number, referenceE4: number): number;
  /** Volume at the price last returned by auctionPriceE4(), 0 when nothing crosses. */
  readonly auctionQty: number;
  /** Buys at or above less sells at or below that price: what stays unfilled, above 0 on the buy
   *  side. */
  readonly auctionImbalance: number;
  /** Executes the call at priceE4: best price then time on both sides, every trade at priceE4 with
   *  aggressor side 0. Returns the number of trades. A price other than auctionPriceE4()'s is
   *  carried out as told and may leave the book crossed. */
  uncross(instr: number, priceE4: number): number;

  // What the last submit, uncross or runBatch did.

  readonly tradeCount: number;
  tradeBuyId(index: number): number;
  tradeSellId(index: number): number;
  tradePriceE4(index: number): number;
  tradeQty(index: number): number;
  /** 1 buy, 2 sell, 0 call auction. */
  tradeAggressor(index: number): number;
  /** Shares of the last submitted order that now rest, and at which price (0 and 0: none). */
  readonly restedQty: number;
  readonly restedPriceE4: number;
  /** Shares of the last submitted order that were cancelled on arrival by its kind. */
  readonly killedQty: number;

  // Views.

  /** Best price with an order, 0 when the side is empty, or a code. */
  bestBid(instr: number): number;
  bestAsk(instr: number): number;
  /** Reads up to `levels` (1..depthCapacity) levels a side, best first. Returns the number of rows,
   *  which is the larger side's; the shorter side's rows read 0. Then use bidXxx(level). */
  depth(instr: number, levels: number): number;
  readonly depthCapacity: number;
  readonly bidLevels: number;
  readonly askLevels: number;
  bidPriceE4(level: number): number;
  bidQty(level: number): number;
  bidOrders(level: number): number;
  askPriceE4(level: number): number;
  askQty(level: number): number;
  askOrders(level: number): number;
  /** Copies the levels that depth() read, at most `levels` a side, as the Level structs of a
   *  SnapshotTick: bids from int32 word `bidWord` of `target` on, asks from `askWord`; 4 words a
   *  level. Rows without a level are left as they are. */
  copyDepth(target: Int32Array, bidWord: number, askWord: number, levels: number): void;
  /** Shares left of a resting order, or UNKNOWN_ORDER. */
  orderQty(instr: number, id: number): number;
  /** Shares ahead of a resting order at its own price. O(orders ahead). */
  queueAhead(instr: number, id: number): number;
  /** Shares resting at one price, 0 when none, or a code. */
  levelQty(instr: number, side: number, priceE4: number): number;
  /** Reads the first `limit` (1..queueCapacity) orders of a level in time order. Returns how many;
   *  then use queueId(i), queueQty(i). */
  queue(instr: number, side: number, priceE4: number, limit: number): number;
  readonly queueCapacity: number;
  queueId(index: number): number;
  queueQty(index: number): number;
  /** Orders resting on both sides, or a code. */
  orderCount(instr: number): number;
  /** int32 over side, price, id and quantity of every resting order, best first, in time order;
   *  0 for an instrument that is not open. O(orders + window). */
  checksum(instr: number): number;

  // Batch form: the same operations, many per call.

  readonly commandCapacity: number;
  /** Fills command `index` (0..commandCapacity - 1); fields an operation does not use are 0. */
  writeCommand(
    index: number,
    op: number,
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): void;
  /** Runs commands from..from+count-1 in order. Returns how many ran. Fewer than `count` means that
   *  the trade area could not surely hold the next command's trades: that command has not begun;
   *  read the trades and call again from there. At least one command runs per call. */
  runBatch(from: number, count: number): number;
  /** What the single call would have returned. */
  commandResult(index: number): number;
  commandRestedQty(index: number): number;
  commandRestedPriceE4(index: number): number;
}

/**
 * Streaming indicators. xxxOpen gives a handle (0 or more) or BAD_PERIOD, INDICATORS_FULL; handles
 * live as long as the module. xxxNext takes the next value and returns the indicator, NaN while it
 * warms up, for a handle of another kind, and for a value that is not finite (which is skipped).
 * xxxBatch reads `input` (VWAP also `inputQty`), writes `output`, and returns `count` or a code;
 * its results equal xxxNext's bit for bit.
 */
export interface IndicatorKernel {
  /** Mean of the last n values, 1..65,536. Sums are never subtracted from, so it does not drift.
   *  Amortised O(1), O(n) every n values. */
  smaOpen(n: number): number;
  smaNext(handle: number, value: number): number;
  smaBatch(handle: number, count: number): number;
  /** Exponential average, factor 2 / (n + 1), seeded with the mean of the first n values. */
  emaOpen(n: number): number;
  emaNext(handle: number, value: number): number;
  emaBatch(handle: number, count: number): number;
  /** Amount over quantity since the reset; exact sums while integers below 2^53. */
  vwapOpen(): number;
  vwapNext(handle: number, priceE4: number, qty: number): number;
  vwapBatch(handle: number, count: number): number;
  /** Forgets all values of a handle. OK or BAD_HANDLE. */
  indicatorReset(handle: number): number;
  readonly batchCapacity: number;
  readonly input: Float64Array;
  readonly inputQty: Float64Array;
  readonly output: Float64Array;
}
