// The ports of the kernel that knows the exchange's rules: validation of orders (pre-trade
// checks) and the exchange layer over the book (simulated and paper exchange, replays). Types and
// constants only; engine/host/exchange-kernel.ts implements them, wasm/reference/exchange.ts is
// the slow twin.
// Always: one record of rules per instrument and day, from engine/rules/kernel-rules.ts; the
// kernel knows mechanisms, every number is in the record. Plain numbers in and out, no
// allocation, no throw; a refusal changes nothing.

/** The exchange's static values of one instrument for one day. Prices E4, quantities shares. */
export interface InstrumentStatic {
  readonly tickE4: number;
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  /** Most shares of a limit order. */
  readonly maxQty: number;
  /** Most shares of a market order; 0: as maxQty. */
  readonly maxMarketQty: number;
  /** Daily limits; 0: none today. */
  readonly upperE4: number;
  readonly lowerE4: number;
}

/** What happens to a limit order outside the cage: nothing, refused, or held until inside. */
export const CageMode = { NONE: 0, REJECT: 1, HOLD: 2 } as const;

/** What the price of a market order means: nothing, a protection price if given, one is needed. */
export const Protection = { IGNORED: 0, OPTIONAL: 1, REQUIRED: 2 } as const;

/** Sellable quantity: not known (then no odd lot passes), or the odd part is taken on trust. */
export const SELLABLE_UNKNOWN = -1;
export const SELLABLE_TRUSTED = -2;

/** Phase of an instrument whose phase is not known: session, cage and ranges are not judged. */
export const PHASE_UNKNOWN = -1;

/** All rules of one instrument and day. Flags are 0 or 1; percentages are exact. */
export interface KernelRules extends InstrumentStatic {
  /** 1 SSE, 2 SZSE, 3 BSE: tie-break of calls, closing price. 0: as BSE. */
  readonly venue: number;
  /** The odd part of a holding may be sold together with whole lots. */
  readonly oddWithLots: number;
  /** Most shares of an after-hours order; 0: as maxQty. */
  readonly maxAfterHoursQty: number;
  /** Ex-right previous close, on the first day the issue price; 0: not known. */
  readonly preCloseE4: number;
  /** CageMode. */
  readonly cageMode: number;
  readonly cageUpPercent: number;
  readonly cageDownPercent: number;
  readonly cageTicks: number;
  /** Prices that calls of a security without limit take, in permille (0: no bound) of preclose, or
   *  of the last trade (preclose before there is one). */
  readonly openingLowPermille: number;
  readonly openingHighPermille: number;
  readonly openingOfLast: number;
  readonly closingLowPermille: number;
  readonly closingHighPermille: number;
  readonly closingOfLast: number;
  readonly resumptionLowPermille: number;
  readonly resumptionHighPermille: number;
  readonly resumptionOfLast: number;
  /** Bit k: OrderKind k is taken. */
  readonly marketKinds: number;
  /** Protection. */
  readonly protection: number;
  /** Market orders only with a daily limit today. */
  readonly marketNeedsLimit: number;
  /** A trade so far from the opening price halts; 0: no such halt. */
  readonly haltPermille1: number;
  readonly haltPermille2: number;
  /** Halts count from preclose (the issue price), not from the opening price. */
  readonly haltOfPreClose: number;
  /** Each level counts once up and once down, not once. */
  readonly haltPerDirection: number;
  /** After-hours fixed-price trading today. */
  readonly afterHours: number;
  /** Most shares an account may buy today; 0: no cap. */
  readonly buyCap: number;
  /** Suspended all day. */
  readonly suspended: number;
  /** Another instrument of the module, opened with the same window, that keeps held orders; -1. */
  readonly heldBook: number;
}

/** The records of a day's instruments by index: an array, or what makes each when it is asked. */
export interface RecordList {
  readonly length: number;
  at(index: number): KernelRules | undefined;
  /** Whether they differ from those of the day before in prices alone; absent = look at each. */
  readonly isRepriced?: ((before: RecordList) => boolean) | undefined;
}

/** The fields in the order of the kernel's record (wasm/assembly/record.ts). */
export const RULE_FIELDS: readonly (keyof KernelRules)[] = [
  ...(['venue', 'tickE4', 'buyMin', 'buyStep', 'sellMin', 'sellStep', 'oddWithLots'] as const),
  ...(['maxQty', 'maxMarketQty', 'maxAfterHoursQty', 'upperE4', 'lowerE4'] as const),
  ...(['preCloseE4', 'cageMode', 'cageUpPercent', 'cageDownPercent', 'cageTicks'] as const),
  ...(['openingLowPermille', 'openingHighPermille', 'openingOfLast'] as const),
  ...(['closingLowPermille', 'closingHighPermille', 'closingOfLast'] as const),
  ...(['resumptionLowPermille', 'resumptionHighPermille', 'resumptionOfLast'] as const),
  ...(['marketKinds', 'protection', 'marketNeedsLimit', 'haltPermille1', 'haltPermille2'] as const),
  ...(['haltOfPreClose', 'haltPerDirection', 'afterHours', 'buyCap', 'suspended'] as const),
  'heldBook',
];

/** Every market kind of OrderKind. */
export const ALL_MARKET_KINDS = 0b1111_1100;

/** A record that knows static values alone: no cage, range, halt, after-hours, cap. Cold. */
export function plainRules(values: InstrumentStatic): KernelRules {
  return { ...PLAIN, ...values }; // hot-ok: cold, at start
}

const PLAIN = {
  ...{ venue: 0, oddWithLots: 1, maxAfterHoursQty: 0, preCloseE4: 0 },
  ...{ cageMode: CageMode.NONE, cageUpPercent: 0, cageDownPercent: 0, cageTicks: 0 },
  ...{ openingLowPermille: 0, openingHighPermille: 0, openingOfLast: 0 },
  ...{ closingLowPermille: 0, closingHighPermille: 0, closingOfLast: 0 },
  ...{ resumptionLowPermille: 0, resumptionHighPermille: 0, resumptionOfLast: 0 },
  ...{ marketKinds: ALL_MARKET_KINDS, protection: Protection.OPTIONAL, marketNeedsLimit: 0 },
  ...{ haltPermille1: 0, haltPermille2: 0, haltOfPreClose: 0, haltPerDirection: 0 },
  ...{ afterHours: 0, buyCap: 0, suspended: 0, heldBook: -1 },
};

/** Checks of an order against the day's rules, in the order of docs/MARKET_RULES.md. */
export interface ValidationKernel {
  /** Cold: begins the instrument's day, phase PHASE_UNKNOWN. Uses the memory of BookKernel's
   *  commands. OK, UNKNOWN_INSTRUMENT or BAD_STATIC of BookCode. */
  setRules(instr: number, rules: KernelRules): number;
  /** The feed told other daily limits (0: none): they win. OK or a code as above. */
  setLimits(instr: number, upperE4: number, lowerE4: number): number;
  /** For a caller without the book in this module: phase, best prices and last trade (0: none),
   *  which from now on are the cage's reference. In PHASE_HALTED an instrument that halts by its
   *  price takes orders, another does not. OK, UNKNOWN_INSTRUMENT, BAD_PHASE or BAD_STATIC. */
  setQuote(instr: number, phase: number, bidE4: number, askE4: number, lastE4: number): number;
  /** The day's close for a caller without the book: after-hours orders are checked against it. */
  setClose(instr: number, closeE4: number): number;
  /** 0 or the first violated rule as a code of reject-code.ts. A market kind with priceE4 0 has no
   *  price to check; `sellable` is what the account may sell of the instrument today before this
   *  order, or SELLABLE_UNKNOWN, SELLABLE_TRUSTED; `bought` is what it bought today and has working
   *  (for the buy cap of risk-warning shares). */
  validateOrder(
    instr: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): number;
  /** Batch form. The checks share their memory with BookKernel's commands: write, run, read,
   *  without the other's writeCommand in between. Index 0..checkCapacity - 1. */
  readonly checkCapacity: number;
  writeCheck(
    index: number,
    instr: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): void;
  /** Returns `count` or a negative BookCode. */
  validateBatch(from: number, count: number): number;
  checkResult(index: number): number;
}

/**
 * The exchange over the book. An instrument has rules (ValidationKernel.setRules) and an open book
 * (BookKernel.openInstrument). Refusals are negative: a BookCode (-1 to -99) or a reject code with
 * a minus sign (-101 and below). Trades and the outcome of an order are read from BookKernel
 * (tradeCount, tradeXxx, restedQty, restedPriceE4, killedQty) till the next call.
 */
export interface ExchangeKernel {
  /** Time of what follows, ns since midnight; of all instruments, never backwards. */
  setClock(timeNs: number): void;
  /**
   * The instrument passes to a phase of engine/messages/codes.ts. Leaving the opening call (but for
   * a halt) runs its auction, leaving the closing call the closing auction; from a halt to
   * continuous trading or the closing call, the resumption auction 复牌集合竞价. Entering the
   * closed phase sets the closing price. Entering after-hours trading drops the day's orders.
   * Returns the number of trades, or UNKNOWN_INSTRUMENT, BAD_PHASE (backwards, or no after-hours
   * trading today). A print of an auction may halt at once: read phase().
   */
  enterPhase(instr: number, phase: number): number;
  /**
   * An arriving order: validated (the first violated rule, negative), then rested in calls and in
   * halts by the price, matched in continuous trading, matched at the close in after-hours trading,
   * or held where the cage holds. Returns the number of trades, those of held orders that were
   * released behind it included; the outcome is the arriving order's. A trade that halts ends the
   * matching of later orders, not of this one.
   */
  order(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): number;
  /** Cancels all that is left, also of a held order. Returns the shares taken, or a refusal: -402
   *  in a window without cancels, -401 outside the sessions, UNKNOWN_ORDER. May release held
   *  orders, whose trades are then readable. */
  withdraw(instr: number, id: number): number;
  /** Shares of a held order, or UNKNOWN_ORDER. */
  heldQty(instr: number, id: number): number;
  /** Price that the auction would have now (0: nothing crosses), by the exchange's tie rule and the
   *  phase; then BookKernel.auctionQty and auctionImbalance. */
  callPriceE4(instr: number): number;
  phase(instr: number): number;
  /** 1 or 2: level of the halt that the last trades caused; 0: none. */
  haltLevel(instr: number): number;
  /** First trade of the day, 0 before it. */
  openE4(instr: number): number;
  /** Last trade of the day, 0 before the first. */
  lastE4(instr: number): number;
  /** Closing price once closed (rules sheet 6.4), 0 before. */
  closeE4(instr: number): number;
}
