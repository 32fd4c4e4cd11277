// The shape of a configuration file: every key, its unit, its bounds, its default. Read by
// engine/config.ts, which turns the result into the frozen Config; the defaults also serve the
// backtest command, so that both worlds start alike. Money is yuan in the file and 1/10,000 yuan
// (E4) in what the schema returns; rates are fractions in the file and 1e-7 afterwards.
// Always: a message says what was expected; a strict object's message lists its known keys.
import { z } from 'zod';
import {
  DEFAULT_EVENTS_PER_SECOND,
  DEFAULT_FEES,
  DEFAULT_PRE_CLOSE_E4,
  DEFAULT_SEED,
  DEFAULT_VOLATILITY,
} from './backtest/defaults.ts';
import { parseLatency } from './backtest/latency.ts';
import { isCalendarDay, scaleExactly } from './config-numbers.ts';
import { FUND_TYPES, parseSymbol, STATES } from './core/instrument.ts';
import { PRICE_NONE } from './core/price.ts';
import { ACCOUNTS_MAX, INSTRUMENTS_MAX, STRATEGIES_MAX } from './limits.ts';
import { timeNsOf } from './rules/calendar-date.ts';

export { DEFAULT_EVENTS_PER_SECOND, DEFAULT_VOLATILITY } from './backtest/defaults.ts';

/** Opens the message of an unknown key; engine/config-problems.ts cuts the known keys out. */
export const KNOWN_KEYS = 'known keys: ';

const AMOUNT_MAX_YUAN = 100_000_000_000;
/** A limit 30 % above it still fits int32 in 1/10,000 yuan. */
const PRICE_MAX_YUAN = 160_000;
const QTY_MAX = 2_000_000_000;

/** An object whose unknown keys are refused with the list of known ones. */
export function section<S extends z.core.$ZodLooseShape>(what: string, shape: S) {
  const known = KNOWN_KEYS + Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? known : `expected an object with ${what}`,
  });
}

export function whole(min: number, max: number, what = '') {
  const error = `expected a whole number from ${min} to ${max}${what === '' ? '' : ` (${what})`}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

function real(min: number, max: number, what: string) {
  const error = `expected a number from ${min} to ${max} (${what})`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** Yuan with at most four decimals, as E4. */
export function yuan(min: number, max: number, what: string) {
  const expected = `expected yuan from ${min} to ${max}, at most 4 decimals (${what})`;
  return z
    .number({ error: expected })
    .min(min, { error: expected })
    .max(max, { error: expected })
    .transform((value, context) => exact(value, 4, expected, context));
}

/** A fraction with at most seven decimals (0.00025 = 0.025 %), as 1e-7. */
function rate(max: number, what: string) {
  const expected = `expected a fraction from 0 to ${max}, at most 7 decimals (${what})`;
  return z
    .number({ error: expected })
    .min(0, { error: expected })
    .max(max, { error: expected })
    .transform((value, context) => exact(value, 7, expected, context));
}

function text(max: number, what: string) {
  const error = `expected text of 1 to ${max} characters (${what})`;
  return z.string({ error }).min(1, { error }).max(max, { error });
}

/** Names become file names and log fields: letters, digits, dot, dash, underscore, Chinese. */
export function nameText(what: string) {
  const error = `expected 1 to 40 letters, digits, '-', '_' or '.', no dot in front (${what})`;
  return z.string({ error }).regex(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,39}$/u, { error });
}

function oneOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z.enum(values, { error: `expected one of ${values.map((v) => `'${v}'`).join(', ')}` });
}

function flag() {
  return z.boolean({ error: 'expected true or false' });
}

/** A symbol in any usual spelling, returned in the normal one. */
export const symbolText = z
  .string({ error: "expected a symbol such as '600519.SH'" })
  .transform((value, context) => {
    try {
      return parseSymbol(value).symbol;
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** A real date as the integer 20260105. */
export const dayNumber = z
  .number({ error: 'expected a date such as 20260105' })
  .refine(isCalendarDay, { error: 'expected a date such as 20260105' });

const preClose = yuan(0.001, PRICE_MAX_YUAN, 'the close of the day before');

/** What the exchange's static file says of a security; wins over the rule book. */
const facts = {
  state: oneOf(STATES).optional(),
  fundType: oneOf(FUND_TYPES).optional(),
  listedDay: whole(1, 10_000, 'trading day since the listing, the first is 1').optional(),
  tick: yuan(0.0001, 1_000, "the exchange's own price step").optional(),
  buyMin: whole(1, QTY_MAX, "the exchange's own least buy").optional(),
  buyStep: whole(1, QTY_MAX, "the exchange's own step of buys").optional(),
  upperLimit: yuan(0, PRICE_MAX_YUAN, "the exchange's own limit; 0 = none today").optional(),
  lowerLimit: yuan(0, PRICE_MAX_YUAN, "the exchange's own limit; 0 = none today").optional(),
};

const syntheticInstrument = section('symbol and preClose', {
  symbol: symbolText,
  name: text(40, 'a name for people').optional(),
  ...facts,
  preClose: preClose.default(DEFAULT_PRE_CLOSE_E4),
  volatility: real(0.0001, 0.2, 'standard deviation of a day: 0.02 is 2 %').default(
    DEFAULT_VOLATILITY,
  ),
  eventsPerSecond: real(0.1, 10_000, 'mean over continuous trading').default(
    DEFAULT_EVENTS_PER_SECOND,
  ),
});

/** Recorded data: a symbol alone says enough. */
const fileInstrument = z.preprocess(
  (value) => (typeof value === 'string' ? { symbol: value } : value),
  section('symbol', {
    symbol: symbolText,
    name: text(40, 'a name for people').optional(),
    ...facts,
    preClose: preClose.default(PRICE_NONE),
  }),
);

function listOf<S extends z.ZodType>(item: S, max: number, what: string) {
  const error = `expected a list of 1 to ${max} ${what}`;
  return z.array(item, { error }).min(1, { error }).max(max, { error });
}

/** Behind the close and the last statement of the day. */
const DEFAULT_UNTIL_NS = 54_600_000_000_000;

const TIME = "expected a time in China such as '15:10'";

/** A time of day as ns since midnight. */
const timeOfDay = z.string({ error: TIME }).transform((value, context) => {
  const ns = timeNsOf(value);
  if (ns >= 0) return ns;
  context.addIssue({ code: 'custom', message: TIME });
  return z.NEVER;
});

const market = z.discriminatedUnion(
  'source',
  [
    section('source, seed and instruments', {
      source: z.literal('synthetic'),
      seed: whole(0, 2_147_483_647, 'same seed, same market').default(DEFAULT_SEED),
      instruments: listOf(syntheticInstrument, INSTRUMENTS_MAX, 'instruments'),
    }),
    section('source, path and instruments', {
      source: z.literal('files'),
      path: text(1_000, 'a CSV file or folder, relative to this file'),
      instruments: listOf(fileInstrument, INSTRUMENTS_MAX, 'instruments'),
      skipBadRows: flag().default(false),
    }),
    section('source, address, secretFile and instruments', {
      source: z.literal('bridge'),
      address: text(500, "'tcp:HOST:PORT', or a socket's path or pipe name"),
      secretFile: text(1_000, 'a file only you can read, relative to this file'),
      instruments: listOf(fileInstrument, INSTRUMENTS_MAX, 'instruments'),
      record: text(1_000, 'a store of day files for what comes, relative to this file').default(
        'runs/quotes',
      ),
      until: timeOfDay.default(DEFAULT_UNTIL_NS),
    }),
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? "expected one of 'synthetic', 'files', 'bridge'"
        : 'expected an object with source and instruments',
  },
);

const position = section('qty and cost', {
  qty: whole(1, QTY_MAX, 'shares held at the open'),
  /** Average price paid; 0 = the close of the day before. */
  cost: yuan(0, PRICE_MAX_YUAN, 'average price paid, 0 = the close of the day before').default(0),
});

/** Fees of an account: also a file of its own. */
export const feesSection = section('rates', {
  commissionRate: rate(0.01, '0.00025 is 0.025 %').default(DEFAULT_FEES.commissionRateE7),
  commissionMin: yuan(0, 1_000, 'an order').default(DEFAULT_FEES.commissionMinE4),
  commissionNet: flag().default(DEFAULT_FEES.commissionNet),
  stampDutyRate: rate(0.01, 'sells only; default: the rule book').optional(),
  transferRate: rate(0.01, 'both sides; default: the rule book').optional(),
});

export type FeesSection = z.output<typeof feesSection>;

const account = section('id and cash', {
  id: nameText('the account'),
  cash: yuan(0, AMOUNT_MAX_YUAN, 'at the open'),
  positions: z
    .record(z.string(), position, {
      error: "expected an object such as { '600519.SH': { qty, cost } }",
    })
    .default({}),
  fees: feesSection.prefault({}),
  /** While the account's link takes no orders: refuse them, keep them, or keep them for a while. */
  onLinkDown: oneOf(['reject', 'hold', 'expire']).optional(),
  /** What its contract with the broker lets it do beside buying and selling its own. */
  capabilities: z
    .array(oneOf(['margin', 'short']), { error: "expected a list of 'margin', 'short'" })
    .max(2)
    .default([]),
  movements: text(1_000, 'a .csv file of announced movements, relative to this file').optional(),
  /** Behind a bridge: the broker's own simulation, whose orders need no arming. */
  simulated: flag().default(false),
});

const reported = section('day, by, perSecond and perDay', {
  day: dayNumber,
  by: text(80, 'who reported the account for programmatic trading'),
  perSecond: whole(1, 299, 'highest rate of orders and cancels that was reported'),
  perDay: whole(1, 19_999, 'highest number a day that was reported'),
});

const pilot = section('orderAmount, dayAmount and instruments', {
  orderAmount: yuan(1, 1_000_000_000, 'largest order of the pilot'),
  dayAmount: yuan(1, 100_000_000_000, 'all orders of a day of the pilot'),
  instruments: listOf(symbolText, 1_000, 'symbols that the pilot may trade'),
});

const armingAccount = section('number, reported and pilot', {
  /** What a person types to arm it; the id when absent. */
  number: text(64, "the account's number at the broker").optional(),
  reported: reported.optional(),
  pilot: pilot.optional(),
});

/** Going live, step by step: docs/ARMING.md. */
const arming = section('keepOverRestart and accounts', {
  keepOverRestart: flag().default(false),
  accounts: z
    .record(z.string(), armingAccount, { error: 'expected an object by account id' })
    .default({}),
});

const LEVELS = ['info', 'warning', 'critical'] as const;
const level = oneOf(LEVELS).default('warning');
const secretFile = text(1_000, 'a file only you can read, relative to this file');
const mail = text(320, 'a mail address');

const channel = z.discriminatedUnion(
  'kind',
  [
    section('kind, host, from and to', {
      kind: z.literal('email'),
      host: text(255, 'the mail server'),
      port: whole(1, 65_535, '465 with tls, 587 with starttls').default(465),
      security: oneOf(['tls', 'starttls', 'none']).default('tls'),
      user: text(320, 'the login at the mail server').optional(),
      passwordFile: secretFile.optional(),
      from: mail,
      to: listOf(mail, 20, 'mail addresses'),
      level,
    }),
    section('kind and urlFile', { kind: z.literal('wecom'), urlFile: secretFile, level }),
    section('kind, urlFile and secretFile', {
      kind: z.literal('dingtalk'),
      urlFile: secretFile,
      secretFile: secretFile.optional(),
      level,
    }),
  ],
  { error: "expected a channel of kind 'email', 'wecom' or 'dingtalk'" },
);

/** Who is told of what: docs/ALERTS.md. */
const alerts = section('channels, language and levels', {
  language: oneOf(['zh', 'en']).default('zh'),
  channels: z
    .record(
      z.string().regex(/^[\w-]{1,40}$/, { error: "expected letters, digits, '-'" }),
      channel,
      {
        error: 'expected an object of channels by name',
      },
    )
    .default({}),
  /** Another level of an event, or none. */
  levels: z
    .record(z.string(), oneOf(['off', ...LEVELS]), { error: 'expected an object of levels' })
    .default({}),
  perMinute: whole(1, 60, 'messages a channel gets in a minute; the rest comes as one').default(6),
  repeatMinutes: whole(1, 1_440, 'the same again is not told for so long').default(30),
  rejectsPerMinute: whole(1, 10_000, 'refused orders a minute that are a storm').default(20),
  diskFreeMiB: whole(1, 1_000_000, 'less free disk than this is told').default(1_024),
});

const param = z.union([z.number(), z.boolean(), z.string().max(1_000)], {
  error: 'expected a number, true, false or text',
});

const autoCancel = section('afterSeconds, driftE4 and beforeClose', {
  afterSeconds: whole(0, 86_400, 'seconds; 0 = never').default(0),
  driftE4: whole(0, 10_000, '1/10,000 of the last price; 0 = never').default(0),
  beforeClose: z.boolean({ error: 'expected true or false' }).default(false),
});

const strategy = section('name, file and account', {
  name: nameText('the strategy'),
  file: text(1_000, 'a .ts, .mts, .js or .mjs file, relative to this file').regex(/\.m?[tj]s$/, {
    error: 'expected a .ts, .mts, .js or .mjs file',
  }),
  account: nameText('an id under accounts'),
  instruments: listOf(symbolText, INSTRUMENTS_MAX, 'symbols'),
  params: z.record(z.string(), param, { error: 'expected an object of parameters' }).default({}),
  onFailure: oneOf(['cancel', 'keep']).default('cancel'),
  autoCancel: autoCancel.optional(),
});

/** Limits of risk in place, or the path of a file with them; engine/risk-limits.ts reads both. */
const limits = z.union(
  [
    text(1_000, 'a limits file, relative to this file'),
    z.record(z.string(), z.unknown(), { error: 'expected an object of limits' }),
  ],
  { error: 'expected an object of limits, or the path of a limits file' },
);

const journal = section('dir and flush', {
  dir: text(1_000, 'a folder, relative to this file; made when missing').optional(),
  flush: oneOf(['group', 'before-send']).default('group'),
  segmentMiB: whole(1, 1_024, 'size of one journal file').default(64),
});

const hostText = z
  .string({ error: "expected a host such as '127.0.0.1'" })
  .regex(/^[A-Za-z0-9.:[\]-]{1,255}$/, { error: "expected a host such as '127.0.0.1'" });

const api = section('host and port', {
  enabled: flag().default(true),
  host: hostText.default('127.0.0.1'),
  port: whole(0, 65_535, '0 = any free port').default(8_720),
  server: oneOf(['uws', 'ws']).default('uws'),
  allowedHosts: z.array(hostText, { error: 'expected a list of host names' }).default([]),
});

/** What the runs pages may run, and where runs are kept; false = no runs pages. */
const research = z.union(
  [
    z.literal(false),
    section('strategies, data and runs', {
      strategies: z.array(text(1_000, 'a folder of strategy files')).max(50).optional(),
      data: z.array(text(1_000, 'a folder of data, or a store')).max(50).optional(),
      runs: text(1_000, 'the runs store; default PANKOU_RUNS, else ~/.pankou/runs').optional(),
    }),
  ],
  { error: 'expected false, or an object with strategies, data and runs' },
);

const target = section('file and account', {
  file: text(1_000, 'a .csv or .json file of target positions, relative to this file'),
  account: nameText('an id under accounts'),
});

const THREADS = 'expected \'auto\', \'single\' or { "engine": CORE, "strategy": CORE }';

const threads = z.union(
  [
    z.literal('auto'),
    z.literal('single'),
    section('engine and strategy', { engine: whole(0, 1_023), strategy: whole(0, 1_023) }).refine(
      (cores) => cores.engine !== cores.strategy,
      { error: 'expected two different cores: a strategy never shares a core with the engine' },
    ),
  ],
  { error: THREADS },
);

/** Where orders go. The market's source is another matter. */
/** How patient the links to the broker are; seconds of engine time. */
const link = section('how patient the links are', {
  answerSeconds: real(0.5, 600, 'a request without an answer: its fate is unknown').default(5),
  silentSeconds: real(1, 3_600, 'nothing heard while orders are open: silent').default(15),
  querySeconds: real(1, 600, 'a question without its end has failed').default(10),
  gapSeconds: real(1, 60, 'least time between two rounds of questions').default(1),
  reconcileSeconds: real(1, 3_600, 'orders and trades while orders are open').default(5),
  statementSeconds: real(1, 14_400, 'positions and cash while orders are open').default(60),
  onDown: oneOf(['reject', 'hold', 'expire']).default('reject'),
  expireSeconds: real(1, 14_400, 'how long an order waits for the link, for expire').default(30),
});

/** As `--latency` of a backtest takes it. */
const latencyText = text(500, 'feed=300us,order=1.5ms,report=file:measured.csv').transform(
  (value, context) => {
    try {
      return parseLatency(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  },
);

const gateway = z.discriminatedUnion(
  'kind',
  [
    section('kind, world, queue, barShare and latency', {
      kind: z.literal('sim'),
      world: oneOf(['orders', 'touch']).optional(),
      queue: oneOf(['prob', 'pro-rata', 'front']).optional(),
      barShare: real(0.0001, 1, "own part of a bar's volume, 0.1 is 10 %").optional(),
      latency: latencyText.optional(),
    }),
    section('kind, address and secretFile', {
      kind: z.literal('bridge'),
      address: text(500, "'tcp:HOST:PORT', or a socket's path or pipe name"),
      secretFile: text(1_000, 'a file only you can read, relative to this file'),
    }),
  ],
  { error: "expected { kind: 'sim' } or { kind: 'bridge', address, secretFile }" },
);

const STRATEGIES = `expected a list of at most ${STRATEGIES_MAX} strategies`;

/** The whole file. */
export const configSchema = section('name, market, accounts and strategies', {
  /** Editors' schema line and a note for people; both are ignored. */
  $schema: z.string().optional(),
  comment: z.union([z.string(), z.array(z.string())], { error: 'expected text' }).optional(),
  name: nameText('the run'),
  mode: oneOf(['paper']).default('paper'),
  day: dayNumber.optional(),
  market,
  gateway: gateway.default({ kind: 'sim' }),
  link: link.prefault({}),
  rules: z
    .array(text(1_000, 'an overlay of the rule book or a folder of them'), {
      error: 'expected a list of files',
    })
    .default([]),
  pace: oneOf(['realtime', 'lockstep']).default('realtime'),
  speed: real(0.01, 1_000, 'virtual seconds a second at pace realtime').default(1),
  accounts: listOf(account, ACCOUNTS_MAX, 'accounts'),
  /** None: people and programs outside trade alone. */
  strategies: z
    .array(strategy, { error: STRATEGIES })
    .max(STRATEGIES_MAX, { error: STRATEGIES })
    .default([]),
  limits: limits.optional(),
  arming: arming.prefault({}),
  alerts: alerts.prefault({}),
  confirmTokenFile: text(1_000, 'a file with the token of the second person').optional(),
  targets: z.array(target, { error: 'expected a list of target files' }).max(16).default([]),
  journal: journal.prefault({}),
  api: api.prefault({}),
  research: research.optional(),
  threads: threads.default('auto'),
  idle: oneOf(['auto', 'spin', 'backoff', 'park']).default('auto'),
  recording: flag().default(true),
  heartbeatMs: whole(100, 60_000, 'silence after which an actor counts as dead').default(2_000),
});

/** A file that has the right shape; names are not yet resolved. */
export type ConfigFile = z.output<typeof configSchema>;

/** `value` with `decimals` decimals as an integer; an issue when it has more. */
export function exact(
  value: number,
  decimals: number,
  expected: string,
  context: { addIssue(issue: { code: 'custom'; message: string }): void },
): number {
  const scaled = scaleExactly(value, decimals);
  if (scaled >= 0) return scaled;
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
}
