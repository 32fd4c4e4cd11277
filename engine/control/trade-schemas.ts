// What the trading interface takes and gives, as zod schemas: the one source of its types, of the
// checks on HTTP and WebSocket, and of the OpenAPI file. Called by trading-routes.ts, commands.ts
// and openapi.ts. Always: an unknown field is refused; prices are whole 1/10,000 yuan.
import { z } from 'zod';

const INT32_MAX = 2_147_483_647;
/** Legs one basket may have. */
export const BASKET_MAX = 100;
/** Rows of one page. */
export const PAGE_MAX = 1_000;

/** Ids and names as the configuration takes them. */
const nameText = z.string().regex(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,39}$/u);
const account = nameText.describe('Account id; needed when there are several');
const instrument = z
  .string()
  .regex(/^\d{6}\.(SH|SZ|BJ)$/)
  .describe('Code and market, 600519.SH');
const side = z.enum(['buy', 'sell']);
const kind = z
  .enum(['limit', 'best-5-cancel', 'best-5-limit', 'opposite-best', 'own-best', 'ioc', 'fok'])
  .describe('Price type; limit when absent');
const qty = z.int().min(1).max(INT32_MAX).describe('Shares');
const coid = z
  .string()
  .regex(/^1[0-9a-z]{15}$/)
  .describe('Client order id, 16 characters');
/** Text of an idempotency key: printable ASCII. */
export const keyText = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .describe('1 to 128 printable ASCII characters without blanks');

const day = z.coerce
  .number()
  .int()
  .min(19_901_219)
  .max(20_991_231)
  .describe('A closed day, 20260105; today when absent');

const leg = {
  instrument,
  side,
  kind: kind.optional(),
  priceE4: z
    .int()
    .min(0)
    .max(INT32_MAX)
    .optional()
    .describe('Limit or protection price, 1/10,000 yuan; needed for a limit order'),
  qty,
  timeInForce: z
    .enum(['day', 'ioc', 'fok'])
    .optional()
    .describe('Day when absent; may only repeat what the price type does'),
  credit: z
    .enum(['margin', 'short'])
    .optional()
    .describe('Margin buying, short selling: refused where account or gateway cannot do it'),
};

/** A person's name: what the journal has room for. */
const person = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .refine((name) => Buffer.byteLength(name) <= 40, { error: 'at most 40 bytes of UTF-8' })
  .describe('Name of a person, at most 40 bytes of UTF-8');
const sender = person.optional().describe('Who sends it: he may not confirm it himself');

export const PlaceBody = z.strictObject({
  account: account.optional(),
  ...leg,
  by: sender,
});
export type PlaceBody = z.infer<typeof PlaceBody>;

export const ExecuteBody = z.strictObject({
  account: account.optional(),
  orders: z.array(z.strictObject(leg)).min(1).max(BASKET_MAX),
  by: sender,
});
export type ExecuteBody = z.infer<typeof ExecuteBody>;

export const CancelBody = z.strictObject({ coid });

export const ConfirmBody = z.strictObject({ coid, by: person });
export type ConfirmBody = z.infer<typeof ConfirmBody>;

export const SettleBody = z.strictObject({
  coid,
  as: z.enum(['filled', 'cancelled', 'rejected']),
  filledQty: z
    .int()
    .min(0)
    .max(INT32_MAX)
    .optional()
    .describe('Shares traded in all; as booked when absent. Needed for `filled`'),
  priceE4: z
    .int()
    .min(1)
    .max(INT32_MAX)
    .optional()
    .describe('Price of the shares that were not booked before; needed when there are any'),
  by: person,
  reason: z.string().trim().min(1).max(200).describe('Why; the journal keeps 64 bytes of it'),
});
export type SettleBody = z.infer<typeof SettleBody>;
const e4 = z.int().min(1).max(INT32_MAX);
const shares = z.int().min(1).max(INT32_MAX);
const dayNs = z.number().min(1).max(86_400e9).describe('Engine time, ns since midnight');

export const ParentBody = z.strictObject({
  account: account.optional(),
  kind: z.enum(['twap', 'vwap', 'pov', 'iceberg', 'stop-loss', 'take-profit', 'at-time']),
  instrument,
  side,
  qty,
  priceE4: e4.optional().describe('Limit of every part; the opposite best when absent'),
  startNs: dayNs.optional(),
  endNs: dayNs.optional(),
  triggerE4: e4.optional().describe('stop-loss, take-profit: last price that sets it off'),
  slices: shares.max(14_400).optional().describe('twap, vwap; one a minute when absent'),
  rateE4: shares.max(10_000).optional().describe("pov: share of the market's volume, 1/10,000"),
  showQty: shares.optional().describe('iceberg: shares shown at once; pov: most of a part'),
});
export type ParentBody = z.infer<typeof ParentBody>;

export const ReplaceBody = z.strictObject({
  coid,
  priceE4: e4.optional().describe('As before when absent'),
  qty: shares.optional().describe('Of the whole order, what it has traded included'),
});
export type ReplaceBody = z.infer<typeof ReplaceBody>;

const parentNo = z.int().min(1).max(INT32_MAX).describe('Number of a parent in its account');
export const ParentCancelBody = z.strictObject({ account: account.optional(), parentNo });

export const CancelAllBody = z.strictObject({ account: account.optional() });
const strategy = nameText.describe('Strategy, as in the configuration');
const market = z.enum(['SH', 'SZ', 'BJ']);
export const KillBody = z.strictObject({
  scope: z.enum(['firm', 'account', 'strategy']).optional().describe('As what else is named says'),
  account: nameText.optional().describe('Only this account'),
  strategy: strategy.optional().describe('Only this strategy'),
});
export type KillBody = z.infer<typeof KillBody>;
export const KillData = z.object({
  core: z.boolean().optional().describe('The core has it; absent: there is no bridge'),
  bridge: z.boolean().optional().describe('The bridge has it; false: as soon as its link is back'),
});
export type KillData = z.infer<typeof KillData>;
export const RiskPauseBody = z.strictObject({
  market: market.optional().describe('All markets when absent'),
});
export type RiskPauseBody = z.infer<typeof RiskPauseBody>;
export const RiskResumeBody = z.strictObject({
  market: market.optional().describe('Ends its pause; nothing named: ends every pause'),
  account: nameText.optional().describe('Lets an account go on that risk has stopped'),
  strategy: strategy.optional().describe('The same of a strategy; `desk` for orders of people'),
});
export type RiskResumeBody = z.infer<typeof RiskResumeBody>;

const limit = z.coerce.number().int().min(1).max(PAGE_MAX).optional();

export const OrdersQuery = z.strictObject({
  account: account.optional(),
  instrument: instrument.optional(),
  side: side.optional(),
  strategy: nameText.optional(),
  status: z.enum(['open', 'finished']).optional(),
  coid: coid.optional(),
  day: day.optional(),
  key: keyText.optional().describe('The text that was sent as Idempotency-Key'),
  after: coid.optional().describe('`next` of the page before'),
  limit,
});
export type OrdersQuery = z.infer<typeof OrdersQuery>;

export const RecordsQuery = z.strictObject({
  account: account.optional(),
  instrument: instrument.optional(),
  side: side.optional(),
  coid: coid.optional(),
  day: day.optional(),
  after: z
    .string()
    .regex(/^\S{1,80}$/)
    .optional()
    .describe('`next` of the page before'),
  limit,
});
export type RecordsQuery = z.infer<typeof RecordsQuery>;

export const AccountQuery = z.strictObject({ account: account.optional() });

const text = z.object({ zh: z.string(), en: z.string() });
const reason = z.object({ stage: z.string(), code: z.int(), text });

export const OrderRow = z.object({
  coid: z.string(),
  account: z.string(),
  strategy: z.string().describe('`desk` for orders that came through here'),
  instrument: z.string(),
  side,
  kind: z.string(),
  priceE4: z.int(),
  qty: z.int(),
  filledQty: z.int(),
  avgPriceE4: z.int(),
  status: z.string(),
  createdNs: z.number(),
  updatedNs: z.number(),
  timeInForce: z.enum(['ioc', 'fok']).optional().describe('Only where it is not the day'),
  credit: z.enum(['margin', 'short']).optional(),
  confirmed: z.literal(true).optional().describe('A second person has confirmed it'),
  settled: z.literal(true).optional().describe('A person closed it while its fate was unknown'),
  reason: reason.optional(),
  feesE4: z.number().optional().describe('Of a closed day only'),
  key: z.string().optional().describe('First 16 bytes of SHA-256 of the key text, hexadecimal'),
});

export const ParentRow = z.object({
  parentNo: z.int(),
  account: z.string(),
  strategy: z.string().describe('`desk` for those that came through here'),
  instrument: z.string(),
  kind: z.string(),
  side,
  priceE4: z.int(),
  triggerE4: z.int(),
  qty: z.int(),
  filledQty: z.int(),
  workingQty: z.int(),
  state: z
    .string()
    .describe('accepted, triggered, cancelling, done, cancelled, expired, rejected, halted'),
  updatedNs: z.number(),
  reason: reason.optional(),
  key: z.string().optional(),
  intentNo: z.int(),
});

export const FillRow = z.object({
  fillId: z.string(),
  coid: z.string(),
  account: z.string(),
  strategy: z.string(),
  instrument: z.string(),
  side,
  priceE4: z.int(),
  qty: z.int(),
  feeE4: z.number(),
  ns: z.number(),
  fillNo: z.number().optional().describe("The broker's number; of a closed day only"),
});

export const AccountRow = z.object({
  account: z.string(),
  cashE4: z.number(),
  reservedE4: z.number(),
  feesE4: z.number(),
  marketValueE4: z.number(),
  equityE4: z.number(),
  realisedE4: z.number(),
  unrealisedE4: z.number(),
  pnlE4: z.number(),
});

export const PositionRow = z.object({
  account: z.string(),
  instrument: z.string(),
  name: z.string().optional(),
  qty: z.int(),
  sellableQty: z.int(),
  frozenQty: z.int(),
  boughtTodayQty: z.int(),
  costE4: z.number(),
  lastE4: z.int(),
  heldDays: z.int().nullable().describe('Trading days held: 0 = since today, null = not known'),
  marketValueE4: z.number(),
  unrealisedE4: z.number(),
  realisedE4: z.number(),
});

export const BookLineRow = z.object({
  account: z.string(),
  strategy: z.string().describe('`desk` for orders by hand, external orders and base shares'),
  instrument: z.string(),
  name: z.string().optional(),
  qty: z.int().describe('Negative: it sold what others hold'),
  costE4: z.number().describe("Average cost of a share, by the strategy's own fills"),
  costAmountE4: z.number(),
  realisedE4: z.number().describe('Of today, fees excluded'),
  feesE4: z.number(),
  cashFlowE4: z.number().describe('Taken in less paid out today, fees included'),
});

/** Stable error codes of the interface, and what each means. */
export const ERROR_CODES = {
  'bad-request': 'A field is missing, malformed or unknown; `field` names it',
  unauthorised: 'No bearer token, or a wrong one',
  'unknown-account': 'No such account, or none was named and there are several',
  'unknown-strategy': 'No such strategy',
  'unknown-instrument': 'The engine does not trade this instrument',
  'unknown-order': 'No such order',
  'unknown-day': 'The day is not in the archive of closed days',
  'order-finished': 'The order is finished and cannot be cancelled',
  'key-reused': 'The key was used for another order; nothing was done',
  refused: 'The engine refused; `reject` says where and why',
  busy: 'A queue is full: nothing was taken; try again',
  'too-fast': 'Too many orders; cancels and the kill switch still pass',
  'engine-down': 'No connection to the engine: nothing was sent',
  'unknown-outcome': 'The engine has not answered in time: ask again with the same key',
  'not-armed': 'A condition of arming is not met; `conditions` says which and what to do',
  'audit-failed': 'The audit log cannot be written: nothing was done',
  'not-found': 'No such path',
  'method-not-allowed': 'The path has another method',
  'unsupported-media-type': 'The body must be application/json',
  'too-large': 'The body is too long',
  timeout: 'The body did not come in time',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

const bilingual = z.object({ zh: z.string(), en: z.string() });

/** One condition of going live. */
export const ConditionRow = z.object({
  id: z.string(),
  ok: z.boolean(),
  found: bilingual.describe('What was found'),
  todo: bilingual.describe('What to do about it').optional(),
});
export type ConditionRow = z.infer<typeof ConditionRow>;

const stage = z.enum(['disarmed', 'shadow', 'pilot', 'full']);

export const ArmingRow = z.object({
  account: z.string(),
  stage,
  ready: z.boolean().describe('Every condition of pilot and full is met'),
  conditions: z.array(ConditionRow),
});
export type ArmingRow = z.infer<typeof ArmingRow>;

export const ArmBody = z.strictObject({
  account: account.optional(),
  stage,
  number: z.string().max(64).optional().describe("The account's number, typed: for pilot and full"),
  password: z.string().max(256).optional().describe('The trading password: for pilot and full'),
  by: sender,
});
export type ArmBody = z.infer<typeof ArmBody>;

export const DisarmBody = z.strictObject({ account: account.optional(), by: sender });

const time = z.string().describe('Local time with its offset');
const channelName = z.string().regex(/^[\w-]{1,40}$/);

export const AlertTestBody = z.strictObject({
  channel: channelName.optional().describe('All when absent'),
  by: sender,
});

export const AlertTestData = z.object({
  channels: z.array(
    z.object({ channel: z.string(), ok: z.boolean(), why: z.string().optional(), ms: z.number() }),
  ),
});
export type AlertTestData = z.infer<typeof AlertTestData>;

export const AlertStatusData = z.object({
  channels: z.array(
    z.object({
      channel: z.string(),
      kind: z.string(),
      level: z.string(),
      waiting: z.int(),
      sent: z.int(),
      testedAt: time.optional(),
      lastAt: time.optional(),
      lastError: z.string().optional(),
    }),
  ),
});
export type AlertStatusData = z.infer<typeof AlertStatusData>;

export const StageData = z.object({ account: z.string(), stage });

const errorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

export const ErrorBody = z.object({
  code: errorCode,
  message: z.string(),
  field: z.string().optional(),
  reject: reason.optional(),
  order: OrderRow.optional(),
  conditions: z.array(ConditionRow).optional(),
});
export type TradeError = z.infer<typeof ErrorBody>;

export const Refusal = z.object({ ok: z.literal(false), error: ErrorBody });

export const LegResult = z.object({
  index: z.int(),
  ok: z.boolean(),
  order: OrderRow.optional(),
  error: ErrorBody.optional(),
});
export type LegResult = z.infer<typeof LegResult>;

export const StatusData = z.object({
  engine: z.string().describe('starting, recovering, running, killed, stopping, stopped, down'),
  engineId: z.string(),
  version: z.string(),
  mode: z.string(),
  day: z.int(),
  killed: z.boolean(),
  phase: z.string(),
  virtualNs: z.number(),
  dropped: z.number().describe('Display frames lost; trading loses nothing'),
  accounts: z.array(z.string()),
  orders: z.object({ total: z.int(), open: z.int() }),
  fills: z.int(),
  message: z.string().optional(),
});

export const CancelAllData = z.object({
  open: z.int().describe('Working orders that the command was meant for'),
});
