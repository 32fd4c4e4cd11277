// The strategy contract: what a strategy file exports and what it is given. This is the package's
// public entry (`import { defineStrategy } from 'pankou'`); the strategy host calls it. A strategy
// gets time only as ctx.nowNs and cannot tell backtest, paper and live apart.
// Invariant: views (Tick, Bar, OrderView, ...) are reused; copy the numbers you want to keep.
import type { BarSeries } from './bar-series.ts';
import type { Indicators } from './indicator-port.ts';
import type { Instrument } from './instrument.ts';
import type { AtOptions, When } from './strategy-kit.ts';
import type {
  OrderRest,
  OrderWish,
  RebalanceOptions,
  RebalanceTarget,
  RebalanceView,
} from './strategy-orders.ts';

export {
  ACTION_CANCEL,
  ACTION_PLACE,
  FAULT_NAMES,
  FAULT_NONE,
  FLAG_STALE,
  INTENT_MARGIN,
  INTENT_SHORT,
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  LINK_DOWN,
  LINK_FENCED,
  LINK_NAMES,
  LINK_READY,
  LINK_REFUSED,
  LINK_SILENT,
  LINK_STOPPED,
  LINK_UP,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  SIDE_BUY,
  SIDE_SELL,
  TIF_DAY,
  TIF_FOK,
  TIF_IOC,
} from '../messages/codes.ts';
export type { BarSeries } from './bar-series.ts';
export type { IndicatorOptions, Indicators, IndicatorView } from './indicator-port.ts';
export type { Instrument } from './instrument.ts';
export * from './order-status.ts';
export { formatYuan } from './price.ts';
export type { AtOptions, When } from './strategy-kit.ts';
export type * from './strategy-orders.ts';

/** Yuan as priceE4 or amountE4 (1/10,000 yuan), rounded: `yuan(10.05)` is 100500. */
export function yuan(value: number): number {
  return Math.round(value * 10_000);
}

/** Nanoseconds since midnight of a clock time: `clock('09:35:00')`. */
export function clock(text: string): number {
  const parts = text.split(':').map(Number);
  const [h = Number.NaN, m = Number.NaN, s = 0] = parts;
  const ns = ((h * 60 + m) * 60 + s) * 1e9;
  if (!Number.isFinite(ns) || parts.length > 3) {
    throw new Error(`clock('${text}'): expected HH:MM or HH:MM:SS`); // hot-ok: called at start
  }
  return ns;
}

/** A ten-level picture of an instrument; levels count from 0 (best). */
export interface Tick {
  /** Dense index; `ctx.instruments` and `ctx.instrument(symbol)` give the same number. */
  readonly instrument: number;
  readonly eventNs: number;
  /** Bit set of FLAG_*: with FLAG_STALE the levels are of a book that is not to be trusted. */
  readonly flags: number;
  readonly phase: number;
  /** Last trade price in 1/10,000 yuan; 0 = none today. */
  readonly lastE4: number;
  readonly preCloseE4: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  /** 0 = no limit, or not known. */
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  readonly tradeCount: number;
  /** Shares and turnover of the day so far. */
  readonly volume: number;
  readonly amountE4: number;
  /** 0 = no such level. */
  bidPriceE4(level: number): number;
  bidQty(level: number): number;
  askPriceE4(level: number): number;
  askQty(level: number): number;
}

/** A row of the exchange's order-by-order feed. */
export interface MarketOrderView {
  readonly instrument: number;
  readonly eventNs: number;
  readonly channel: number;
  readonly channelSeq: number;
  /** The exchange's number; trades refer to it. */
  readonly orderNo: number;
  /** MARKET_ADD: it enters the book; MARKET_CANCEL: so many shares of it leave. */
  readonly action: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** A row of the exchange's trade-by-trade feed. */
export interface MarketTradeView {
  readonly instrument: number;
  readonly eventNs: number;
  readonly channel: number;
  readonly channelSeq: number;
  readonly buyNo: number;
  readonly sellNo: number;
  /** SIDE_* of who came last; 0 = call auction, or not known. */
  readonly aggressor: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** A call auction that is over. */
export interface AuctionView {
  readonly instrument: number;
  readonly eventNs: number;
  /** PHASE_OPENING_CALL or PHASE_CLOSING_CALL. */
  readonly phase: number;
  /** What it traded at, and how much; 0 = it made no trade. */
  readonly priceE4: number;
  readonly volume: number;
  readonly amountE4: number;
}

/** A complete bar; `eventNs` is its end. */
export interface BarView {
  readonly instrument: number;
  readonly eventNs: number;
  readonly intervalS: number;
  readonly startNs: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  readonly closeE4: number;
  readonly volume: number;
  readonly amountE4: number;
}

/** An own order as the OMS knows it. */
export interface OrderView {
  /** What buy() or sell() returned. */
  readonly intentNo: number;
  readonly instrument: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly filledQty: number;
  /** STATUS_* number. */
  readonly status: number;
  /** Reject code and station when refused, else 0. */
  readonly code: number;
  readonly stage: number;
  readonly filledAmountE4: number;
  readonly feeE4: number;
  /** Not 0: a part of a parent order. */
  readonly parentNo: number;
  /** ORDER_* bits: cancel parked, locked by the closing call, cancelled by a policy. */
  readonly flags: number;
}

/** What an order may say beside its price type. */
export interface OrderOptions {
  /** TIF_*; absent = TIF_DAY. It may only repeat what the price type does (REJECT 412). */
  readonly timeInForce?: number;
  /** INTENT_MARGIN or INTENT_SHORT: refused with 413 where account or gateway cannot do it. */
  readonly flags?: number;
}

/** Fields every parent order has; prices E4, times ns since midnight. */
export interface ParentWish {
  readonly instrument: number;
  /** SIDE_BUY or SIDE_SELL. */
  readonly side: number;
  readonly qty: number;
  /** Limit of every part; absent or 0 = the opposite best at the time. */
  readonly priceE4?: number;
  /** From when on; absent = now. */
  readonly startNs?: number;
  /** Until when; absent = the end of continuous trading. */
  readonly endNs?: number;
}

/** Parts of equal size (TWAP) or along the day's volume (VWAP), over trading time only. */
export interface SlicedWish extends ParentWish {
  /** Number of slices; absent = one a minute. */
  readonly slices?: number;
}

/** A share of what the market trades (POV), the own trades included. */
export interface VolumeWish extends ParentWish {
  /** Above 0, at most 1: 0.1 = a tenth of the volume. Kept to 1/10,000. */
  readonly rate: number;
  /** Most shares of a part; absent = what the exchange takes. */
  readonly showQty?: number;
}

/** What an order is to become; what is absent stays as it is. */
export interface ReplaceWish {
  readonly priceE4?: number;
  /** Shares of the whole order, what it has traded included. */
  readonly qty?: number;
}

export interface IcebergWish extends ParentWish {
  readonly priceE4: number;
  /** Shares shown at once. */
  readonly showQty: number;
}

export interface ConditionalWish extends ParentWish {
  /** Last price that sets it off; stop-loss and take-profit know on which side of it. */
  readonly triggerE4: number;
}

/** A parent order as the OMS knows it. */
export interface ParentView {
  /** What twap(), stopLoss() ... returned. */
  readonly intentNo: number;
  readonly instrument: number;
  /** PARENT_STATE_* number. */
  readonly state: number;
  readonly code: number;
  readonly workingQty: number;
  readonly filledQty: number;
  readonly qty: number;
}

/** An own fill. */
export interface TradeView {
  readonly intentNo: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly leavesQty: number;
  readonly feeE4: number;
  readonly eventNs: number;
}

/** A refusal at any station. */
export interface RejectView {
  readonly intentNo: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  /** ACTION_PLACE: the order was refused. ACTION_CANCEL: its cancel was, the order lives on. */
  readonly action: number;
  /** STAGE_* of the station that refused. */
  readonly stage: number;
  /** REJECT_* code; `value` was found, `limit` is allowed. */
  readonly code: number;
  readonly value: number;
  readonly limit: number;
}

/** Rows of a feed channel were lost: ticks of its instruments carry FLAG_STALE from here on. */
export interface FeedGapView {
  readonly eventNs: number;
  /** -1: every instrument of the channel. */
  readonly instrument: number;
  readonly channel: number;
  readonly expectedSeq: number;
  readonly receivedSeq: number;
}

/** A row that a book could not follow; its instrument is stale. */
export interface FeedFaultView {
  readonly eventNs: number;
  readonly instrument: number;
  readonly channel: number;
  readonly channelSeq: number;
  readonly orderNo: number;
  /** FAULT_* (FAULT_NAMES says it); FAULT_NONE: the book equals a published picture again. */
  readonly code: number;
  readonly count: number;
}

/** Ex-rights or ex-dividend: prices of the day and before do not compare as they are. */
export interface PriceAction {
  readonly instrument: number;
  /** Prices before the ex-date times this compare with those from it on. */
  readonly factor: number;
}

/** Own position in one instrument. */
export interface PositionView {
  readonly qty: number;
  /** Shares that may be sold today (T+1). */
  readonly sellableQty: number;
  readonly frozenQty: number;
  readonly costAmountE4: number;
}

/** Own account. */
export interface AccountView {
  readonly cashE4: number;
  readonly reservedE4: number;
  readonly feesE4: number;
  readonly marketValueE4: number;
}

/** A streaming indicator: one value in, one out; NaN while it warms up. */
export interface Indicator {
  next(value: number): number;
}

/** One parameter: its type follows from its default. */
export interface ParamSpec<T extends number | boolean | string = number | boolean | string> {
  readonly default: T;
  /** Of a text: what it may be. */
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Whole numbers only. */
  readonly int?: boolean;
  readonly label?: string;
}

export type ParamSpecs = Readonly<Record<string, ParamSpec>>;
type Widen<T> = T extends number ? number : T extends boolean ? boolean : string;
/** Values of the declared parameters. */
export type ParamsOf<P extends ParamSpecs> = { readonly [K in keyof P]: Widen<P[K]['default']> };

/** What every hook gets. */
export interface Context<P extends ParamSpecs = ParamSpecs, S = unknown> {
  readonly params: ParamsOf<P>;
  /** What onInit returned. */
  readonly state: S;
  /** Engine time: ns since midnight China time of the trading day. */
  readonly nowNs: number;
  /** Trading day, 20260109. */
  readonly day: number;
  /** The instruments this strategy was given. */
  readonly instruments: readonly Instrument[];
  /** One of them by symbol; throws when it was not given. */
  instrument(symbol: string): Instrument;
  /**
   * Asks for a buy of `qty` shares at `priceE4`. Returns the intent number (> 0), or a negative
   * reject code when nothing was taken (busy). Later news arrives in onOrder, onTrade, onReject.
   */
  buy(
    instrument: number,
    priceE4: number,
    qty: number,
    kind?: number,
    options?: OrderOptions,
  ): number;
  sell(
    instrument: number,
    priceE4: number,
    qty: number,
    kind?: number,
    options?: OrderOptions,
  ): number;
  /** Asks to cancel an own order by its intent number; 1, or a negative reject code. */
  cancel(intentNo: number): number;
  /**
   * Parent orders: each returns its number (> 0), or a negative reject code. News comes to
   * onParent; its parts are orders whose `parentNo` is not 0. `cancel(number)` ends it.
   */
  twap(wish: SlicedWish): number;
  vwap(wish: SlicedWish): number;
  pov(wish: VolumeWish): number;
  iceberg(wish: IcebergWish): number;
  /** Sells when the last price is at or below the trigger (a buy: at or above). */
  stopLoss(wish: ConditionalWish): number;
  /** Sells when the last price is at or above the trigger (a buy: at or below). */
  takeProfit(wish: ConditionalWish): number;
  /**
   * Cancel-replace of an own limit order, by its number or by that of a replace of it: cancels it,
   * waits for its end, then places what is left of the new quantity, once. A parent like the
   * others; both orders together never trade more than the larger quantity.
   */
  replace(intentNo: number, wish: ReplaceWish): number;
  /** Places the whole quantity at `startNs`. */
  atTime(wish: ParentWish): number;
  position(instrument: number): PositionView;
  account(): AccountView;
  /** Last price seen, 0 = none. */
  lastE4(instrument: number): number;
  /**
   * Order helpers: a valid limit order from shares (below 0 = sell), money, or a share of the
   * account's value; the `target` forms lead to a holding and count working orders. The number of
   * the order (> 0), 0 when there is nothing to do, or a negative reject code; `rest` says what
   * could not be asked for. docs/STRATEGIES.md has the rules.
   */
  order(instrument: number, qty: number, wish?: OrderWish): number;
  orderTarget(instrument: number, qty: number, wish?: OrderWish): number;
  orderValue(instrument: number, amountE4: number, wish?: OrderWish): number;
  orderTargetValue(instrument: number, amountE4: number, wish?: OrderWish): number;
  orderPercent(instrument: number, part: number, wish?: OrderWish): number;
  orderTargetPercent(instrument: number, part: number, wish?: OrderWish): number;
  /** What the last of these helpers could not ask for. */
  readonly rest: OrderRest;
  /**
   * Brings holdings to targets over some minutes: sells first, buys as the proceeds come. Its
   * number; onRebalance tells what was left over and why. A new one takes the place of the last.
   */
  rebalance(targets: readonly RebalanceTarget[], options?: RebalanceOptions): number;
  /** Cash that no working order holds, 1/10,000 yuan. */
  availableE4(): number;
  /**
   * Bars built from ticks come to onBar from now on; only in onInit. `length` is `1m` ... `60m`,
   * `1h`, `day`: cut along trading time, auctions in the bar beside them; or a number of seconds:
   * cut along the clock. The last `keep` complete ones can be read from what is returned.
   */
  bars(instrument: number, length: number | string, options?: { keep?: number }): BarSeries;
  /**
   * Runs a function at a moment of the day: `at('14:50', ...)`, `at({ beforeClose: '3m' }, ...)`,
   * `at({ dayOfMonth: 1, at: '10:00' }, ...)`, `at({ everyMinutes: 5 }, ...)`. Once for each
   * moment, also across restarts. Returns a number for `dropTimer`.
   */
  at(when: When, run: () => void, options?: AtOptions): number;
  dropTimer(timer: number): boolean;
  /**
   * What save() or the end of a run kept, of this life or an earlier one; undefined = nothing. A
   * state of another `stateVersion` goes through migrate().
   */
  restored<T = unknown>(): T | undefined;
  /** Keeps `state` over a restart: plain data only; written whole or not at all. */
  save(): void;
  /** A number of a custom series of the report, at the current time. */
  series(name: string, value: number): void;
  /** Uniform in [0, 1): the same numbers in every run of the same strategy and day. */
  random(): number;
  /** onTimer at engine time `atNs`, once; returns the timer's number, or negative when full. */
  timerAt(atNs: number): number;
  /**
   * Indicators that are fed by themselves, `ctx.indicators.rsi({ period: 14, on: 'close' })`: make
   * them in onInit, read `.ready` and `.value` in hooks. docs/INDICATORS.md has the list.
   */
  readonly indicators: Indicators;
  /** An average to feed by hand; also ema. */
  sma(period: number): Indicator;
  ema(period: number): Indicator;
  log(text: string): void;
}

/** The state of the link to the account's broker. */
export interface LinkView {
  readonly account: number;
  /** LINK_* in engine/messages/codes.ts */
  readonly state: number;
}

/** The hooks of a strategy; all but params are optional. */
export interface Strategy<P extends ParamSpecs, S> {
  readonly params: P;
  /**
   * Version of what `ctx.state` looks like, from 1. With it the state is kept by itself: after each
   * timer of ctx.at and at the end of a run.
   */
  readonly stateVersion?: number;
  /** Makes a state of this version from one that version `version` kept. */
  migrate?(old: unknown, version: number): unknown;
  /** Called once before anything else; what it returns is `ctx.state`. */
  onInit?(ctx: Context<P, undefined>): S;
  /**
   * A trading day opens: positions (T+1 released) and account are known, nothing has traded. In a
   * backtest of several days once a day, else once behind onInit.
   */
  onDay?(ctx: Context<P, S>): void;
  /**
   * The coming day is an ex-date of an own instrument: `ctx.indicators` are re-based already; what
   * a strategy keeps of prices itself (and `ctx.sma`, `ctx.ema`) it multiplies by `factor`.
   */
  onAction?(ctx: Context<P, S>, action: PriceAction): void;
  /**
   * The day's data have ended. Where another day follows in the same run, orders made here and on
   * a bar of the whole day wait for its opening call.
   */
  onDayEnd?(ctx: Context<P, S>): void;
  onTick?(ctx: Context<P, S>, tick: Tick): void;
  onBar?(ctx: Context<P, S>, bar: BarView): void;
  /** An own order changed its status. */
  onOrder?(ctx: Context<P, S>, order: OrderView): void;
  /** An own order traded. */
  onTrade?(ctx: Context<P, S>, trade: TradeView): void;
  /** An intent, order or cancel was refused, by whom and why. */
  onReject?(ctx: Context<P, S>, reject: RejectView): void;
  /** An own parent order changed its state. */
  onParent?(ctx: Context<P, S>, parent: ParentView): void;
  onTimer?(ctx: Context<P, S>, timerNo: number): void;
  /** A rebalance is over. The view may be kept. */
  onRebalance?(ctx: Context<P, S>, view: RebalanceView): void;
  /** A call auction of an own instrument is over. */
  onAuctionDone?(ctx: Context<P, S>, auction: AuctionView): void;
  /** Rows of the order-by-order feed, before the tick they cause. */
  onMarketOrder?(ctx: Context<P, S>, order: MarketOrderView): void;
  onMarketTrade?(ctx: Context<P, S>, trade: MarketTradeView): void;
  /** The feed lost rows. */
  onFeedGap?(ctx: Context<P, S>, gap: FeedGapView): void;
  /** The book of an own instrument became stale by a row, or is trusted again. */
  onFeedFault?(ctx: Context<P, S>, fault: FeedFaultView): void;
  /** The link to the account's broker changed: `state` is LINK_*; orders go out in LINK_READY. */
  onLink?(ctx: Context<P, S>, link: LinkView): void;
  /** The run ends in order; working orders are cancelled afterwards. */
  onStop?(ctx: Context<P, S>): void;
}

/** Declares a strategy; the file's default export. */
export function defineStrategy<const P extends ParamSpecs, S = undefined>(
  strategy: Strategy<P, S>,
): Strategy<P, S> {
  return strategy;
}
