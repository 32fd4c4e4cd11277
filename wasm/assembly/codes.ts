// The numbers on the border of the kernels module: answers, sides, kinds, batch operations, reject
// codes, and fixed capacities. Plain constants, so that AssemblyScript compiles this file and the
// TypeScript twins and tests import it too. engine/core/book.ts mirrors it for the
// engine; a test keeps the two equal. Numbers are stable: they reach journals and reports.

export const OK = 0;
export const NOT_INITIALIZED = -1;
export const ALREADY_INITIALIZED = -2;
export const BAD_SIZE = -3;
export const NO_MEMORY = -4;
export const UNKNOWN_INSTRUMENT = -5;
export const BAD_WINDOW = -6;
export const LEVELS_EXHAUSTED = -7;
export const SLOTS_EXHAUSTED = -8;
export const NOT_EMPTY = -9;
export const QUOTA_FULL = -10;
export const BAD_SIDE = -11;
export const BAD_KIND = -12;
export const BAD_QTY = -13;
export const BAD_PRICE = -14;
export const OFF_TICK = -15;
export const OUT_OF_WINDOW = -16;
export const DUPLICATE_ID = -17;
export const UNKNOWN_ORDER = -18;
export const MORE_THAN_LEFT = -19;
export const BAD_COUNT = -20;
export const BAD_OP = -21;
export const BAD_HANDLE = -22;
export const INDICATORS_FULL = -23;
export const BAD_PERIOD = -24;
export const BAD_STATIC = -25;
export const OVERFLOW_FULL = -26;
export const BAD_PHASE = -27;

export const BUY = 1;
export const SELL = 2;

export const KIND_LIMIT = 1;
export const KIND_BEST5_CANCEL = 2;
export const KIND_BEST5_LIMIT = 3;
export const KIND_OPPOSITE_BEST = 4;
export const KIND_OWN_BEST = 5;
export const KIND_IOC = 6;
export const KIND_FOK = 7;

export const OP_ADD = 1;
export const OP_SUBMIT = 2;
export const OP_CANCEL = 3;
export const OP_REDUCE = 4;

// Trading phases (engine/messages/codes.ts).
export const PHASE_PRE_OPEN = 0;
export const PHASE_OPENING_CALL = 1;
export const PHASE_OPENING_CALL_NO_CANCEL = 2;
export const PHASE_PAUSE = 3;
export const PHASE_CONTINUOUS = 4;
export const PHASE_LUNCH = 5;
export const PHASE_CLOSING_CALL = 6;
export const PHASE_CLOSED = 7;
export const PHASE_HALTED = 8;
export const PHASE_AFTER_HOURS = 9;

export const VENUE_SSE = 1;
export const VENUE_SZSE = 2;
export const VENUE_BSE = 3;

export const CAGE_NONE = 0;
export const CAGE_REJECT = 1;
export const CAGE_HOLD = 2;

// What the price of a market kind means: nothing, a protection price if given, or one is needed.
export const PROTECTION_IGNORED = 0;
export const PROTECTION_OPTIONAL = 1;
export const PROTECTION_REQUIRED = 2;

// Reject codes of the validation kernel (RejectCode ranges: 1xx instrument, 2xx price and lot,
// 4xx session).
export const REJECT_UNKNOWN_INSTRUMENT = 101;
export const REJECT_SUSPENDED = 103;
export const REJECT_OFF_TICK = 201;
export const REJECT_ABOVE_UPPER_LIMIT = 202;
export const REJECT_BELOW_LOWER_LIMIT = 203;
export const REJECT_LOT_MINIMUM = 204;
export const REJECT_LOT_STEP = 205;
export const REJECT_QTY_MAXIMUM = 206;
export const REJECT_QTY_NOT_POSITIVE = 207;
export const REJECT_PRICE_NOT_POSITIVE = 208;
export const REJECT_ODD_LOT_SELL = 209;
export const REJECT_SIDE = 210;
export const REJECT_OUTSIDE_CAGE = 211;
export const REJECT_OUTSIDE_CALL_RANGE = 212;
export const REJECT_AGAINST_CLOSE = 213;
export const REJECT_BUY_CAP = 214;
export const REJECT_NO_PROTECTION_PRICE = 215;
export const REJECT_NOT_IN_SESSION = 401;
export const REJECT_NO_CANCEL_WINDOW = 402;
export const REJECT_KIND_NOT_SUPPORTED = 405;

// Capacities of the module.
export const INSTRUMENTS_MAX = 65_536;
export const ORDERS_MAX = 33_554_432;
export const LEVELS_MAX = 67_108_864;
/** Ticks of one instrument's window: 4,096 bitmap words, 64 summary words a side. */
export const WINDOW_TICKS_MAX = 262_144;
/** Levels outside the window of one instrument without limits. */
export const OVERFLOW_MAX = 65_536;
/** Highest price of an instrument without limits: 100,000 yuan; its ticks stay below 2^30. */
export const UNLIMITED_MAX_E4 = 1_000_000_000;
/** Orders of one instrument; also the most trades that one call can make. */
export const QUOTA_MAX = 1_048_576;
export const COMMAND_CAPACITY = 16_384;
export const DEPTH_CAPACITY = 4_096;
export const QUEUE_CAPACITY = 4_096;
/** Handles of a module, or as many as INDICATORS_EACH for each of its instruments. */
export const INDICATOR_CAPACITY = 4_096;
export const INDICATORS_EACH = 8;
export const INDICATOR_PERIOD_MAX = 65_536;
/** float64 values shared by the windows of all moving averages. */
export const INDICATOR_WINDOW_VALUES = 262_144;
/** So many for each instrument, where that is more; at most 32 MiB of them. */
export const WINDOW_VALUES_EACH = 512;
export const WINDOW_VALUES_MAX = 4_194_304;
/** Values per batch call of an indicator. */
export const INDICATOR_BATCH_CAPACITY = 16_384;
