// What risk knows of the firm: money, meters and shares by row (firm, account, strategy), quotes by
// instrument, orders, switches; and the order being judged. Written by risk-events.ts and
// risk-quotes.ts, read by the checks; the risk manager owns it (single writer).
// Invariants: every sent order counts at once in all three of its rows; a row's figures are sums of
// its parts; a restart restores every meter. Allocates at construction only.
import { FLOAT_ZERO } from '../float-zero.ts';
import type { Instrument } from '../instrument.ts';
import { NEW_TABLES, type Tables } from '../tables.ts';
import { RiskOrders } from './risk-orders.ts';
import { RiskQuotes } from './risk-quotes.ts';
import { type RiskSizes, type RuleSet, RuleSets, rowCount } from './rule-set.ts';
import { MinuteSums, RecentTimes } from './sliding.ts';

/** Rules there can be. */
const RULES_MAX = 128;

/** The order being judged; set by judge.ts before the checks run. */
export class RiskCase {
  idA = 0;
  idC = 0;
  account = 0;
  strategy = 0;
  instrument = 0;
  side = 0;
  kind = 0;
  priceE4 = 0;
  qty = 0;
  /** Price it is valued at: its own, else the day's upper limit; never 0. */
  valueE4 = 0;
  /** 1 = a second person has confirmed it. */
  confirmed = 0;
  /** valueE4 x qty. */
  amountE4 = FLOAT_ZERO;
  nowNs = FLOAT_ZERO;
}

/** Meters of a row. */
export class RiskMeters {
  readonly orders: Float64Array;
  readonly cancels: Float64Array;
  readonly instantCancels: Float64Array;
  readonly openOrders: Float64Array;
  /** Amount of all orders sent. */
  readonly dayAmountE4: Float64Array;
  readonly rejectsInRow: Float64Array;
  /** Cash and what open buys need; a strategy's cash starts at 0. */
  readonly cashE4: Float64Array;
  readonly openBuyE4: Float64Array;
  readonly openSellE4: Float64Array;
  /** Shares held at the mark, and cash plus that at the open. */
  readonly heldE4: Float64Array;
  readonly openingE4: Float64Array;
  /** Fills: how many, what they cost against the reference, what the reference says. */
  readonly fills: Float64Array;
  readonly slipE4: Float64Array;
  readonly slipBaseE4: Float64Array;
  /** Until when a rate that was refused keeps the row quiet. */
  readonly quietUntilNs: Float64Array;
  /** Code that stopped the row until a person re-enables it; 0 = none. */
  readonly latch: Int32Array;
  readonly killed: Uint8Array;

  constructor(rows: number, tables: Tables) {
    this.orders = tables.float64(rows);
    this.cancels = tables.float64(rows);
    this.instantCancels = tables.float64(rows);
    this.openOrders = tables.float64(rows);
    this.dayAmountE4 = tables.float64(rows);
    this.rejectsInRow = tables.float64(rows);
    this.cashE4 = tables.float64(rows);
    this.openBuyE4 = tables.float64(rows);
    this.openSellE4 = tables.float64(rows);
    this.heldE4 = tables.float64(rows);
    this.openingE4 = tables.float64(rows);
    this.fills = tables.float64(rows);
    this.slipE4 = tables.float64(rows);
    this.slipBaseE4 = tables.float64(rows);
    this.quietUntilNs = tables.float64(rows).fill(Number.NEGATIVE_INFINITY);
    this.latch = tables.int32(rows);
    this.killed = tables.uint8(rows);
  }
}

/** Meters of a row in an instrument, at [instrument x rows + row]. */
export class RiskCells {
  readonly qty: Int32Array;
  readonly boughtToday: Int32Array;
  readonly soldToday: Int32Array;
  readonly openBuyQty: Int32Array;
  readonly openSellQty: Int32Array;
  readonly openBuyE4: Float64Array;
  readonly orders: Int32Array;
  /** Shares sent in minute `minute`. */
  readonly minuteQty: Float64Array;
  readonly minute: Int32Array;
  /** The last order: side, price, shares, time; and how many of that side came in a row. */
  readonly lastSide: Int8Array;
  readonly lastPriceE4: Int32Array;
  readonly lastQty: Int32Array;
  readonly lastNs: Float64Array;
  readonly inRow: Int32Array;

  constructor(cells: number, tables: Tables) {
    this.qty = tables.int32(cells);
    this.boughtToday = tables.int32(cells);
    this.soldToday = tables.int32(cells);
    this.openBuyQty = tables.int32(cells);
    this.openSellQty = tables.int32(cells);
    this.openBuyE4 = tables.float64(cells);
    this.orders = tables.int32(cells);
    this.minuteQty = tables.float64(cells);
    this.minute = tables.int32(cells);
    this.lastSide = tables.int8(cells);
    this.lastPriceE4 = tables.int32(cells);
    this.lastQty = tables.int32(cells);
    this.lastNs = tables.float64(cells);
    this.inRow = tables.int32(cells);
  }
}

export class RiskState {
  readonly sizes: RiskSizes;
  readonly rows: number;
  readonly case = new RiskCase();
  /** Rows of the case: firm, account, strategy. */
  readonly caseRows = new Int32Array(3);
  readonly meters: RiskMeters;
  readonly cells: RiskCells;
  readonly orders: RiskOrders;
  readonly quotes: RiskQuotes;
  readonly orderTimes: RecentTimes;
  /** Orders and cancels. */
  readonly messageTimes: RecentTimes;
  readonly turnover: MinuteSums;
  /** Orders of an account without any answer yet, and since when nothing was heard. */
  readonly unanswered: Int32Array;
  readonly silentSinceNs: Float64Array;
  /** 1 = paused by a person or a breaker, by market number; 0 = every market. */
  readonly paused = new Uint8Array(4);
  readonly ruleSets: RuleSets;
  /** Rules in force, and the positions in RULES of those they ask; see enforce() in judge.ts. */
  rules: RuleSet;
  /** Its limits: rules.values. */
  values: Float64Array;
  readonly asked = new Int32Array(RULES_MAX);
  askedCount = 0;
  /** What the last refusal found, what is allowed, and whose limit it is (row). */
  value = FLOAT_ZERO;
  limit = FLOAT_ZERO;
  row = 0;
  /** Amount to add in overRows(); float arguments would be boxed. */
  add = 0;
  /** [0] time, [1] fees, [2] amount of the fill being booked. */
  readonly part = new Float64Array(3);
  /** [0] time, [1] amount, for the sliding counters. */
  readonly at = new Float64Array(2);

  constructor(
    sizes: RiskSizes,
    instruments: readonly Instrument[],
    orderCapacity: number,
    perSecond: number,
    tables: Tables = NEW_TABLES,
  ) {
    const rows = rowCount(sizes);
    this.sizes = sizes;
    this.rows = rows;
    this.meters = new RiskMeters(rows, tables);
    this.cells = new RiskCells(rows * sizes.instruments, tables);
    this.orders = tables.take(`risk orders ${orderCapacity} ${sizes.instruments}`, () => {
      return new RiskOrders(orderCapacity, sizes.instruments);
    });
    this.quotes = new RiskQuotes(instruments, tables);
    const times = () => new RecentTimes(rows, perSecond); // hot-ok: for the lines below
    this.orderTimes = tables.take(`times ${rows} ${perSecond}`, times);
    this.messageTimes = tables.take(`times ${rows} ${perSecond}`, times);
    this.turnover = new MinuteSums(rows);
    this.unanswered = new Int32Array(sizes.accounts);
    this.silentSinceNs = new Float64Array(sizes.accounts);
    const { accounts, strategies, instruments: n } = sizes;
    this.ruleSets = tables.take(`rules ${accounts} ${strategies} ${n}`, () => new RuleSets(sizes));
    this.rules = this.ruleSets.inForce;
    this.values = this.rules.values;
  }
}
