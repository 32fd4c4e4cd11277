// Every limit that risk knows, as data: its slot in a rule set, the key in a limits file, unit,
// scopes, bounds and what "off" is. Read by the checks (slots), the schema, the CLI and documents.
// Invariants: slots count from 0 without holes; the order never changes within a journal's life, as
// frames and hashes name slots. A limit that is absent is off; 0 is a limit of nothing.

export type LimitUnit = 'yuan' | 'shares' | 'count' | 'fraction' | 'ms' | 'minutes' | 'switch';

/** One key of a limits file. */
export interface LimitSpec {
  readonly slot: number;
  readonly key: string;
  readonly unit: LimitUnit;
  /** f firm, a account, s strategy. */
  readonly scopes: string;
  readonly min: number;
  readonly max: number;
  /** Value in a rule set that switches the limit off. */
  readonly off: number;
  readonly text: string;
}

export const SCOPE_LETTERS = 'fas';

export const LIMIT_ORDER_AMOUNT = 0;
export const LIMIT_ORDER_QTY = 1;
export const LIMIT_DAY_AMOUNT = 2;
export const LIMIT_CASH_RESERVE = 3;
export const LIMIT_POSITION_QTY = 4;
export const LIMIT_STOCK_VALUE = 5;
export const LIMIT_STOCK_SHARE = 6;
export const LIMIT_INDUSTRY_VALUE = 7;
export const LIMIT_TOTAL_VALUE = 8;
export const LIMIT_NET_EXPOSURE = 9;
export const LIMIT_HEDGE = 10;
export const LIMIT_LEVERAGE = 11;
export const LIMIT_ORDERS_PER_SECOND = 12;
export const LIMIT_ORDERS_PER_DAY = 13;
export const LIMIT_ORDERS_PER_STOCK_DAY = 14;
export const LIMIT_COOL_DOWN = 15;
export const LIMIT_REPETITIONS = 16;
export const LIMIT_REJECTS_IN_ROW = 17;
export const LIMIT_REPORTED_PER_SECOND = 18;
export const LIMIT_REPORTED_PER_DAY = 19;
export const LIMIT_HF_PER_SECOND = 20;
export const LIMIT_HF_PER_DAY = 21;
export const LIMIT_CANCEL_RATIO = 22;
export const LIMIT_CANCEL_RATIO_FROM = 23;
export const LIMIT_INSTANT_CANCELS = 24;
export const LIMIT_DUPLICATE_WINDOW = 25;
export const LIMIT_PRICE_LIMITS = 26;
export const LIMIT_CAGE = 27;
export const LIMIT_PRICE_DEVIATION = 28;
export const LIMIT_OPPOSITE_DEVIATION = 29;
export const LIMIT_QUOTE_AGE = 30;
export const LIMIT_FEED_SILENCE = 31;
export const LIMIT_SLIPPAGE = 32;
export const LIMIT_VOLUME_SHARE = 33;
export const LIMIT_VOLUME_SHARE_OPEN = 34;
export const LIMIT_VOLUME_FLOOR = 35;
export const LIMIT_TURNOVER = 36;
export const LIMIT_TURNOVER_OPEN = 37;
export const LIMIT_OPEN_MINUTES = 38;
export const LIMIT_SELF_TRADE = 39;
export const LIMIT_OPPOSITE_TRADES = 40;
export const LIMIT_PARK_AMOUNT = 41;
export const LIMIT_SPLIT_AMOUNT = 42;
export const LIMIT_DAY_LOSS = 43;
export const LIMIT_UNITS = 44;
export const LIMIT_WARN_NAV = 45;
export const LIMIT_STOP_NAV = 46;
export const LIMIT_WARN_POSITION = 47;
export const LIMIT_VENUE_SILENCE = 48;
export const LIMIT_BREAKER_MOVE = 49;
export const LIMIT_HALTED = 50;
export const LIMIT_RISK_WARNING_CAP = 51;
export const LIMIT_RISK_WARNING_CAP_BSE = 52;

/** A maximum that is never reached, and a minimum that always is. */
const UP = Number.POSITIVE_INFINITY;
const DOWN = Number.NEGATIVE_INFINITY;
/** 100,000,000,000 yuan: exact in E4. */
const YUAN_MAX = 100_000_000_000;
const QTY_MAX = 2_000_000_000;
const DAY_MS = 86_400_000;
/** Orders a sliding second can count: beyond it the high-frequency wall stands anyway. */
export const PER_SECOND_MAX = 10_000;
/** 程序化交易管理实施细则 (2025): from here an account counts as high frequency. */
export const HF_SECOND = 300;
export const HF_DAY = 20_000;

/** slot, key, unit, scopes, min, max, off, text */
type LimitRow = readonly [number, string, LimitUnit, string, number, number, number, string];

// biome-ignore format: a table is read by its columns
const ROWS: readonly LimitRow[] = [
  [LIMIT_ORDER_AMOUNT, 'maxOrderAmount', 'yuan', 'fas', 0, YUAN_MAX, UP, 'amount of one order'],
  [LIMIT_ORDER_QTY, 'maxOrderQty', 'shares', 'fas', 0, QTY_MAX, UP, 'shares of one order'],
  [LIMIT_DAY_AMOUNT, 'maxDayAmount', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'amount of all orders sent today, cancelled or not'],
  [LIMIT_CASH_RESERVE, 'cashReserve', 'yuan', 'fa', 0, YUAN_MAX, DOWN,
    'cash that must be left after every open buy has filled'],
  [LIMIT_POSITION_QTY, 'maxPositionQty', 'shares', 'fas', 0, QTY_MAX, UP,
    'shares of one instrument: held, open buys and this order'],
  [LIMIT_STOCK_VALUE, 'maxStockValue', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'value of one instrument: held at the last price, open buys, this order'],
  [LIMIT_STOCK_SHARE, 'maxStockShare', 'fraction', 'fa', 0, 100, UP,
    'the same value as a fraction of equity'],
  [LIMIT_INDUSTRY_VALUE, 'maxIndustryValue', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'value of the instruments of one industry'],
  [LIMIT_TOTAL_VALUE, 'maxTotalValue', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'value of everything held and of all open buys'],
  [LIMIT_NET_EXPOSURE, 'maxNetExposure', 'yuan', 'fa', 0, YUAN_MAX, UP,
    'long value less `hedge`, in both directions'],
  [LIMIT_HEDGE, 'hedge', 'yuan', 'fa', 0, YUAN_MAX, 0,
    'short value held elsewhere (futures), for maxNetExposure'],
  [LIMIT_LEVERAGE, 'maxLeverage', 'fraction', 'fa', 0, 100, UP,
    'value of everything held and of open buys over equity'],
  [LIMIT_ORDERS_PER_SECOND, 'maxOrdersPerSecond', 'count', 'fas', 1, PER_SECOND_MAX, UP,
    'orders within any sliding second'],
  [LIMIT_ORDERS_PER_DAY, 'maxOrdersPerDay', 'count', 'fas', 1, 1_000_000, UP, 'orders of the day'],
  [LIMIT_ORDERS_PER_STOCK_DAY, 'maxOrdersPerStockDay', 'count', 'fas', 1, 1_000_000, UP,
    'orders of the day in one instrument'],
  [LIMIT_COOL_DOWN, 'coolDown', 'ms', 'fas', 0, DAY_MS, 0,
    'no orders for so long after a rate was refused'],
  [LIMIT_REPETITIONS, 'maxRepetitions', 'count', 'as', 1, 1_000_000, UP,
    'orders of one side in one instrument in a row; then stopped until a person re-enables'],
  [LIMIT_REJECTS_IN_ROW, 'maxRejectsInRow', 'count', 'as', 1, 1_000_000, UP,
    'refused orders in a row; then stopped until a person re-enables'],
  [LIMIT_REPORTED_PER_SECOND, 'reportedPerSecond', 'count', 'a', 1, HF_SECOND - 1, UP,
    'orders and cancels in any second, as reported to the broker'],
  [LIMIT_REPORTED_PER_DAY, 'reportedPerDay', 'count', 'a', 1, HF_DAY - 1, UP,
    'orders and cancels of the day, as reported to the broker'],
  [LIMIT_HF_PER_SECOND, 'highFrequencyPerSecond', 'count', 'a', 1, HF_SECOND, UP,
    'orders and cancels in one second at which an account is high frequency'],
  [LIMIT_HF_PER_DAY, 'highFrequencyPerDay', 'count', 'a', 1, HF_DAY, UP,
    'the same for the day; room for the cancels of all open orders is kept'],
  [LIMIT_CANCEL_RATIO, 'maxCancelRatio', 'fraction', 'fas', 0, 1, UP,
    'cancels over orders of the day'],
  [LIMIT_CANCEL_RATIO_FROM, 'cancelRatioFrom', 'count', 'fas', 1, 1_000_000, 100,
    'orders from which maxCancelRatio is judged'],
  [LIMIT_INSTANT_CANCELS, 'maxInstantCancels', 'count', 'fas', 0, 1_000_000, UP,
    'cancels of the day of orders younger than a second'],
  [LIMIT_DUPLICATE_WINDOW, 'duplicateWindow', 'ms', 'fas', 0, DAY_MS, 0,
    'the same order as the last one of its instrument again within'],
  [LIMIT_PRICE_LIMITS, 'checkPriceLimits', 'switch', 'f', 0, 1, 0,
    'refuse a price outside the day\'s limits'],
  [LIMIT_CAGE, 'checkCage', 'switch', 'f', 0, 1, 0,
    'refuse a price outside the valid range of continuous trading'],
  [LIMIT_PRICE_DEVIATION, 'maxPriceDeviation', 'fraction', 'fas', 0, 10, UP,
    'distance of a price from the last trade'],
  [LIMIT_OPPOSITE_DEVIATION, 'maxOppositeDeviation', 'fraction', 'fas', 0, 10, UP,
    'how far a price goes through the opposite best'],
  [LIMIT_QUOTE_AGE, 'maxQuoteAge', 'ms', 'fas', 1, DAY_MS, UP,
    'age of the instrument\'s last quote, continuous trading'],
  [LIMIT_FEED_SILENCE, 'maxFeedSilence', 'ms', 'f', 1, DAY_MS, UP,
    'time since any quote of the market, continuous trading'],
  [LIMIT_SLIPPAGE, 'maxSlippage', 'fraction', 'fas', 0, 10, UP,
    'mean loss of today\'s fills against the last price at the order, from 10 fills'],
  [LIMIT_VOLUME_SHARE, 'maxVolumeShare', 'fraction', 'fas', 0, 10, UP,
    'own shares sent in a minute over those traded in it or the one before'],
  [LIMIT_VOLUME_SHARE_OPEN, 'maxVolumeShareOpen', 'fraction', 'fas', 0, 10, UP,
    'the same until `openMinutes` after 9:30'],
  [LIMIT_VOLUME_FLOOR, 'volumeFloor', 'shares', 'fas', 0, QTY_MAX, 0,
    'shares a minute that maxVolumeShare always allows'],
  [LIMIT_TURNOVER, 'maxTurnoverPerMinute', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'amount sent within a minute'],
  [LIMIT_TURNOVER_OPEN, 'maxTurnoverPerMinuteOpen', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'the same until `openMinutes` after 9:30'],
  [LIMIT_OPEN_MINUTES, 'openMinutes', 'minutes', 'fas', 0, 240, 5,
    'how long after 9:30 the limits of the opening hold'],
  [LIMIT_SELF_TRADE, 'preventSelfTrade', 'switch', 'f', 0, 1, 0,
    'refuse what an own open order of any account would meet'],
  [LIMIT_OPPOSITE_TRADES, 'preventOppositeTrades', 'switch', 'f', 0, 1, 0,
    'refuse what another account of one manager did the other way round today'],
  [LIMIT_PARK_AMOUNT, 'parkAmount', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'a larger order waits for a second person'],
  [LIMIT_SPLIT_AMOUNT, 'splitAmount', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'a larger order is to be split'],
  [LIMIT_DAY_LOSS, 'maxDayLoss', 'yuan', 'fas', 0, YUAN_MAX, UP,
    'loss of the day, realised and not, fees included; then sells only'],
  [LIMIT_UNITS, 'units', 'shares', 'a', 1, YUAN_MAX, 0, 'fund units: net value = equity / units'],
  [LIMIT_WARN_NAV, 'warnNetValue', 'yuan', 'a', 0, 1_000_000, DOWN,
    'net value of a unit below which positions are capped'],
  [LIMIT_STOP_NAV, 'stopNetValue', 'yuan', 'a', 0, 1_000_000, DOWN,
    'net value of a unit below which nothing is bought'],
  [LIMIT_WARN_POSITION, 'warnPosition', 'fraction', 'a', 0, 10, 0.5,
    'cap of positions over equity below the warning line'],
  [LIMIT_VENUE_SILENCE, 'maxVenueSilence', 'ms', 'a', 1, DAY_MS, UP,
    'orders sent and no answer at all for so long'],
  [LIMIT_BREAKER_MOVE, 'breakerMove', 'fraction', 'f', 0, 10, UP,
    'move of `breakerIndex` from its last close that pauses buying'],
  [LIMIT_HALTED, 'refuseHalted', 'switch', 'f', 0, 1, 0,
    'refuse orders in an instrument that is halted'],
  [LIMIT_RISK_WARNING_CAP, 'riskWarningBuyCap', 'shares', 'f', 0, QTY_MAX, UP,
    'shares of one risk-warning stock an owner may buy a day (SSE, SZSE)'],
  [LIMIT_RISK_WARNING_CAP_BSE, 'riskWarningBuyCapBse', 'shares', 'f', 0, QTY_MAX, UP,
    'the same on BSE'],
];

/** All limits by slot. */
export const LIMITS: readonly LimitSpec[] = ROWS.map(
  ([slot, key, unit, scopes, min, max, off, text]) => ({
    ...{ slot, key, unit, scopes, min, max, off, text },
  }),
);

/** Limits of one row of a rule set. */
export const SLOTS = LIMITS.length;
