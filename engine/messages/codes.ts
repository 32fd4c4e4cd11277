// Small numbers that fields of messages carry, each with one meaning everywhere. Called by all.
// Numbers are part of the wire format and of journals: never renumber, only add.

/** Sides. 0 = none. */
export const SIDE_BUY = 1;
export const SIDE_SELL = 2;

/** Price types of an order (rules sheet 7.2). 0 = none. */
export const KIND_LIMIT = 1;
export const KIND_BEST5_CANCEL = 2;
export const KIND_BEST5_LIMIT = 3;
export const KIND_OPPOSITE_BEST = 4;
export const KIND_OWN_BEST = 5;
export const KIND_IOC = 6;
export const KIND_FOK = 7;
/** Of a feed only: a market order of which the exchange does not say which kind it is (SZSE,
 *  rules sheet 11.1). What follows it in the feed tells; no order of ours has it. */
export const KIND_UNTOLD = 8;

/** Time in force. */
export const TIF_DAY = 1;
export const TIF_IOC = 2;
export const TIF_FOK = 3;
export const TIF_NAMES: readonly string[] = ['', 'day', 'ioc', 'fok'];

/** Flags of an Intent: bought with borrowed money, sold borrowed. */
export const INTENT_MARGIN = 1;
export const INTENT_SHORT = 2;

/** Actions of intents, orders and requests. */
export const ACTION_PLACE = 1;
export const ACTION_CANCEL = 2;
/** Keep this order until its session opens: written to the journal, not sent. */
export const ACTION_HOLD = 3;
/** Keep this cancel until cancels are taken again: written to the journal, not sent. */
export const ACTION_PARK = 4;
/** Keep this order until a second person confirms it: written to the journal, not sent. */
export const ACTION_AWAIT = 5;
/** Carry this order out in parts: written to the journal, not sent; a parent order follows. */
export const ACTION_SPLIT = 6;
/** Of a Reject only: what was refused is the word of a second person, or a settlement. */
export const ACTION_CONFIRM = 7;
export const ACTION_SETTLE = 8;

/** What a second person says of an order that waits for it. */
export const CONFIRM_YES = 1;
export const CONFIRM_NO = 2;

/** How a person closes an order of unknown fate. */
export const SETTLE_FILLED = 1;
export const SETTLE_CANCELLED = 2;
export const SETTLE_REJECTED = 3;

/** Actions of market orders. */
export const MARKET_ADD = 1;
export const MARKET_CANCEL = 2;

/** Trading phases of an instrument or the market. */
export const PHASE_PRE_OPEN = 0;
export const PHASE_OPENING_CALL = 1;
/** 9:20 to 9:25: orders enter, cancels do not. */
export const PHASE_OPENING_CALL_NO_CANCEL = 2;
export const PHASE_PAUSE = 3;
export const PHASE_CONTINUOUS = 4;
export const PHASE_LUNCH = 5;
export const PHASE_CLOSING_CALL = 6;
export const PHASE_CLOSED = 7;
export const PHASE_HALTED = 8;
/** 15:05 to 15:30: trading at the day's close 盘后固定价格. */
export const PHASE_AFTER_HOURS = 9;
/** Names for people and for the wire to the browser, by phase number. */
export const PHASE_NAMES: readonly string[] = [
  'pre-open',
  'opening-call',
  'opening-call-no-cancel',
  'pause',
  'continuous',
  'lunch',
  'closing-call',
  'closed',
  'halted',
  'after-hours',
];

/** Stations of the path: who speaks in a report or a reject. Also the `source` of a head. */
export const STAGE_FEED = 1;
export const STAGE_STRATEGY = 2;
export const STAGE_OMS = 3;
export const STAGE_RISK = 4;
export const STAGE_GATEWAY = 5;
export const STAGE_EXCHANGE = 6;
export const STAGE_SUPERVISOR = 7;
/** Names by stage number. */
export const STAGE_NAMES: readonly string[] = [
  'none',
  'feed',
  'strategy-host',
  'oms',
  'risk',
  'gateway',
  'exchange',
  'supervisor',
];

/** Kinds of reports. */
export const REPORT_WRITTEN = 1;
export const REPORT_ACCEPTED = 2;
export const REPORT_REJECTED = 3;
export const REPORT_CANCELLED = 4;
export const REPORT_CANCEL_REJECTED = 5;
export const REPORT_UNKNOWN = 6;
/** Written and kept: until its session opens, or for what its code says (350, 351). */
export const REPORT_HELD = 7;
/** Its cancel is written and kept until cancels are taken again. */
export const REPORT_PARKED = 8;

/**
 * Strategy index of the desk of account 0: people and programs outside; account n has 240 + n.
 * Above all user strategies and the same in every life of a journal.
 */
export const DESK_STRATEGY = 240;

/** Scopes of kill and cancel commands. */
export const SCOPE_FIRM = 1;
export const SCOPE_ACCOUNT = 2;
export const SCOPE_STRATEGY = 3;
export const SCOPE_ORDER = 4;

/** States of a strategy. */
export const STRATEGY_RUNNING = 1;
export const STRATEGY_STOPPED = 2;
/** It threw, looped for ever or flooded; its orders were handled by policy. */
export const STRATEGY_FAILED = 3;
/** StrategyState code: the strategy's thread is dead and will send no end. */
export const STATE_CODE_DEAD = 1;

/** States of the engine. */
export const ENGINE_STARTING = 0;
export const ENGINE_RECOVERING = 1;
export const ENGINE_RUNNING = 2;
export const ENGINE_KILLED = 3;
export const ENGINE_STOPPING = 4;
export const ENGINE_STOPPED = 5;
export const ENGINE_DOWN = 6;
/** Names by state number. */
export const ENGINE_NAMES: readonly string[] = [
  'starting',
  'recovering',
  'running',
  'killed',
  'stopping',
  'stopped',
  'down',
];

/** Why an input ended. */
export const END_OF_DATA = 1;
export const END_BY_USER = 2;
export const END_BY_FAULT = 3;

/** Head flags. */
export const FLAG_STALE = 1;
/** The book is crossed for a moment: the trades of the last order are still to come. */
export const FLAG_IN_MATCH = 2;

/** After a restart: an event of an earlier life; it brings books up to date and nothing else. */
export const FLAG_CATCH_UP = 4;

/** A second person has confirmed this order: risk does not park it again. */
export const FLAG_CONFIRMED = 8;

/** Kinds of risk notices: a meter at 80 % of its limit; stopped until a person re-enables; a
 *  strategy that may not start. */
export const NOTICE_NEAR_LIMIT = 1;
export const NOTICE_STOPPED = 2;
export const NOTICE_IN_BREACH = 3;
/** The broker's statement differs without an explanation (code 511, 512), or agrees again (0). */
export const NOTICE_STATEMENT = 4;
/** Kinds of parent orders. */
export const PARENT_TRIGGER = 1;
export const PARENT_TWAP = 2;
export const PARENT_VWAP = 3;
export const PARENT_POV = 4;
export const PARENT_ICEBERG = 5;
/** Cancels an order, waits for its end, places what is left of a new quantity and price. */
export const PARENT_REPLACE = 6;
/** When a price sets a conditional order off. */
export const TRIGGER_AT_OR_ABOVE = 1;
export const TRIGGER_AT_OR_BELOW = 2;
/** States of a parent order. */
export const PARENT_STATE_ACCEPTED = 1;
/** Its condition came true: it never comes true again. */
export const PARENT_STATE_TRIGGERED = 2;
/** A person or its strategy cancels it: its parts first. */
export const PARENT_STATE_CANCELLING = 3;
export const PARENT_STATE_DONE = 4;
export const PARENT_STATE_CANCELLED = 5;
/** Its time is over; what is left was not traded. */
export const PARENT_STATE_EXPIRED = 6;
export const PARENT_STATE_REJECTED = 7;
/** A step of it could not be written: nothing more is done in this life, the next one goes on. */
export const PARENT_STATE_HALTED = 8;
/** Names by state number. */
export const PARENT_STATE_NAMES: readonly string[] = [
  'none',
  'accepted',
  'triggered',
  'cancelling',
  'done',
  'cancelled',
  'expired',
  'rejected',
  'halted',
];

/** Marks of an order, in the flags of an OrderUpdate: its cancel waits for the window's end. */
export const ORDER_PARKED = 1;
/** 已锁定: in the closing call, so it cannot be cancelled any more. */
export const ORDER_COMMITTED = 2;
/** A policy (age, price drift, close) asked for its cancel. */
export const ORDER_AUTO_CANCEL = 4;
/** A second person has confirmed it, or the order that it is a part of. */
export const ORDER_CONFIRMED = 8;
/** A person closed it while its fate was unknown. */
export const ORDER_SETTLED = 16;
/** The INTENT_* marks of an order stand this many bits higher: margin 32, short 64. */
export const ORDER_CREDIT_SHIFT = 5;

/** Markets. */
export const MARKET_SSE = 1;
export const MARKET_SZSE = 2;
export const MARKET_BSE = 3;
/** Suffix of each market's codes, by market number. */
export const MARKET_SUFFIXES: readonly string[] = ['', 'SH', 'SZ', 'BJ'];

/** Kinds of merge records. */
export const MERGE_TAKEN = 1;
export const MERGE_REFUSED = 2;
/** The gateway saw the shared kill word switched on. */
export const MERGE_KILL_WORD = 3;

/** States of the link to the broker. Orders go out in READY only; cancels from FENCED on. */
export const LINK_DOWN = 0;
/** Connected; the broker's side has not yet taken our epoch. */
export const LINK_UP = 1;
/** It refuses lower epochs from here on; queries may be asked. */
export const LINK_FENCED = 2;
/** It has seen a higher epoch: this engine is the old one and must not trade. */
export const LINK_REFUSED = 3;
/** Reconciled with the broker: said by the gateway, never by the broker's side. */
export const LINK_READY = 4;
/** Connected, and silent longer than it may be: no new orders, no repeated cancels. */
export const LINK_SILENT = 5;
/** It showed what cannot be (one client order id on two orders): only a person goes on. */
export const LINK_STOPPED = 6;
/** Names by link state number. */
export const LINK_NAMES: readonly string[] = [
  'down',
  'up',
  'fenced',
  'refused',
  'ready',
  'silent',
  'stopped',
];

/** Stages of an account behind a real broker; of others there are none. */
/** No new order is taken; cancels pass. */
export const ARM_DISARMED = 0;
/** Everything is decided and checked, nothing is sent. */
export const ARM_SHADOW = 1;
/** Orders go out below the caps of the pilot. */
export const ARM_PILOT = 2;
/** Orders go out. */
export const ARM_FULL = 3;
/** Names by stage. */
export const ARM_NAMES: readonly string[] = ['disarmed', 'shadow', 'pilot', 'full'];
/** What a bridge can do beyond the protocol's first version, as bits of BridgeFacts. */
/** It takes Arming frames and enforces the stage itself. */
export const CAN_ARM = 1;

/** What the broker's side promises in a LinkState, as bits. */
/** It lives in this process: answers are never stale, no report is lost, nothing times out. */
export const TRAIT_EXACT = 1;
/** Its orders died with the life before: what it does not list has ended there, cancelled. */
export const TRAIT_FORGETS = 2;

/** Strategy of orders that no strategy of ours made: adopted from the broker's list. */
export const STRATEGY_NONE = 255;

/** Explained differences between the broker's statement and our books. */
export const ADJUST_FEE_ROUNDING = 1;
export const ADJUST_DIVIDEND = 2;
export const ADJUST_BONUS_SHARES = 3;
export const ADJUST_BANK_TRANSFER = 4;
export const ADJUST_CASH_SWEEP = 5;
export const ADJUST_SUBSCRIPTION = 6;
export const ADJUST_REPO_RETURN = 7;
/** Names by number, as the configuration takes them. */
export const ADJUST_NAMES: readonly string[] = [
  'none',
  'fee-rounding',
  'dividend',
  'bonus-shares',
  'bank-transfer',
  'cash-sweep',
  'subscription',
  'repo-return',
];

/** Kinds of book lines: carried over into a day, as it is now (for people), at its close. */
export const LINE_OPENING = 0;
export const LINE_NOW = 1;
export const LINE_CLOSING = 2;

/** Kinds of queries to the broker's side. */
export const QUERY_BRIDGE = 1;
export const QUERY_ORDERS = 2;
export const QUERY_TRADES = 3;
export const QUERY_POSITIONS = 4;
export const QUERY_CASH = 5;

/** How a query ended. */
export const QUERY_COMPLETE = 1;
/** "None", an error or a timeout: says nothing about what exists. */
export const QUERY_FAILED = 2;
export const QUERY_PARTIAL = 3;

/** What a bridge's journal knows of a request. */
export const BRIDGE_REFUSED = 1;
/** Written before the broker call; the call's result is not known. */
export const BRIDGE_HANDED_OVER = 2;
/** The broker answered with an order number. */
export const BRIDGE_ANSWERED = 3;
/** The call failed or timed out: the order may be alive. */
export const BRIDGE_FAILED = 4;

/** What a row of the feed had that a book could not follow. 0 = nothing. */
export const FAULT_NONE = 0;
/** A cancel of an order that does not rest. */
export const FAULT_UNKNOWN_CANCEL = 1;
/** A trade against an order that does not rest. */
export const FAULT_UNKNOWN_TRADE = 2;
/** More cancelled than was left of the order. */
export const FAULT_CANCEL_ABOVE = 3;
/** Less cancelled than was left: the exchange cancels whole orders. */
export const FAULT_CANCEL_BELOW = 4;
/** More traded than was left of the order. */
export const FAULT_TRADE_ABOVE = 5;
/** An order whose number rests already. */
export const FAULT_DUPLICATE_ORDER = 6;
/** A price off the tick. */
export const FAULT_OFF_TICK = 7;
/** A price outside the book's window: beyond the limits and all that was known at start. */
export const FAULT_OUT_OF_WINDOW = 8;
/** An action, kind, side, price or quantity that no order or trade can have. */
export const FAULT_BAD_ROW = 9;
/** No order slot left. */
export const FAULT_ARENA_FULL = 10;
/** An instrument that was not among those of the start. */
export const FAULT_UNKNOWN_INSTRUMENT = 11;
/** The published trades are not those that the order must have made. */
export const FAULT_OTHER_TRADES = 12;
/** A market order that neither traded nor was cancelled: where its rest stands is not known. */
export const FAULT_UNTOLD_REST = 13;
/** Names for people, by code. */
export const FAULT_NAMES: readonly string[] = [
  'none',
  'cancel of an unknown order',
  'trade of an unknown order',
  'more cancelled than left',
  'less cancelled than left',
  'more traded than left',
  'duplicate order number',
  'price off the tick',
  "price outside the book's window",
  'impossible value',
  'no order slot left',
  'unknown instrument',
  'other trades than the book makes',
  'market order without a trace',
];
