// One row of the rule book: what holds, for which venues and kinds, from which to which trading
// day, who says so and how sure we are. The shape of the built-in rows and of a user's overlay
// alike. Called by rule-book.ts and overlay.ts; the zod schema here is the only definition of a
// row. Always: days are integers 20260706; validFrom 0 = start not known, validTo 0 = still in
// force.
import { z } from 'zod';
import {
  FUND_TYPES,
  type FundType,
  KINDS,
  type Kind,
  STATES,
  type State,
} from '../core/instrument.ts';
import { dayOfText, isCalendarDay } from './calendar-date.ts';

export { FUND_TYPES, type FundType, KINDS, type Kind, STATES, type State };

export const VENUES = ['SSE', 'SZSE', 'BSE'] as const;
/** How sure a row is: official text read, quoted with its article, one source, own knowledge. */
export const CONFIDENCES = ['A', 'B', 'C', 'unverified'] as const;
export const MARKET_ORDER_KINDS = [
  'best5-ioc',
  'best5-limit',
  'opposite-best',
  'own-best',
  'ioc',
  'fok',
] as const;
export const PHASES = ['opening-call', 'pause', 'continuous', 'lunch', 'closing-call'] as const;

export type Venue = (typeof VENUES)[number];
export type Confidence = (typeof CONFIDENCES)[number];
export type MarketOrderKind = (typeof MARKET_ORDER_KINDS)[number];
export type Phase = (typeof PHASES)[number];

const count = z.int().min(0).max(2_000_000_000);
const positive = count.min(1);
/** `09:30` or `09:30:00`, Asia/Shanghai. */
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'expected a time such as 09:30 or 14:57:00');
const span = z
  .strictObject({ from: time, to: time })
  .refine(({ from, to }) => from < to, 'expected from before to');
const text = z.string().min(1);
const percent = count.max(100_000);

/** The value of each topic. Percentages and per mille are of the price named in `of`. */
export const VALUES = {
  /** Names of a board or kind. */
  board: z.strictObject({ zh: text, en: text }),
  /** Leading digits of the codes of one venue and one kind; the longest prefix decides. */
  'code-range': z.strictObject({
    prefixes: z.array(z.string().regex(/^\d{2,6}$/, 'expected 2 to 6 digits')).min(1),
    type: z.enum(FUND_TYPES).optional(),
  }),
  tick: z.strictObject({ tickE4: positive }),
  lot: z.strictObject({
    buyMin: positive,
    buyStep: positive,
    sellMin: positive,
    sellStep: positive,
  }),
  'max-limit-order': z.strictObject({ qty: positive }),
  'max-market-order': z.strictObject({ qty: positive }),
  'max-after-hours-order': z.strictObject({ qty: positive }),
  /** The part of the balance below the lot: sold whole, alone or together with full lots. */
  'odd-lot-sell': z.strictObject({ withFullLots: z.boolean() }),
  /** Daily limit of preclose; both 0 = no daily limit. */
  'price-limit': z.strictObject({ upPermille: count, downPermille: count.max(1_000) }),
  /** Day 1 only, of the issue price. */
  'first-day-limit': z.strictObject({ upPermille: count, downPermille: count.max(1_000) }),
  /** Key ipo, relisting or delisting: so many trading days without a limit. */
  'free-days': z.strictObject({ days: count.max(1_000) }),
  'limit-rounding': z.strictObject({ mode: z.enum(['half-up', 'inward']) }),
  /** Buy <= max((100 + up) % of ref, ref + ticks); sell the other way round. */
  cage: z.strictObject({
    upPercent: percent,
    downPercent: percent.max(100),
    ticks: count,
    outside: z.enum(['refused', 'held', 'accepted']),
  }),
  /** Valid prices of a call without daily limit; null = no bound. Key opening, closing … */
  'call-range': z.strictObject({
    lowPercent: percent.nullable(),
    highPercent: percent.nullable(),
    of: z.enum(['preclose', 'last']),
  }),
  session: z.strictObject({
    ...span.shape,
    phase: z.enum(PHASES),
    orders: z.boolean(),
    cancels: z.boolean(),
  }),
  'no-cancel': span,
  'after-hours': z.strictObject({ on: z.boolean(), entry: z.array(span), matching: span }),
  /** Key: the market-order kind. */
  'market-order': z.strictObject({ allowed: z.boolean() }),
  'market-order-use': z.strictObject({
    allowed: z.boolean(),
    phases: z.array(z.enum(PHASES)),
    onlyWithLimit: z.boolean(),
  }),
  'protection-price': z.strictObject({ required: z.boolean() }),
  /** Halt at so much above or below `of`; minutes 0 = until resumeBy. */
  halt: z.strictObject({
    triggerPermille: positive,
    of: z.enum(['open', 'issue']),
    minutes: count,
    resumeBy: time,
    perDirection: z.boolean(),
  }),
  turnround: z.strictObject({ sameDay: z.boolean() }),
  /** Rate in 1e-7 of the amount; 0 = free. */
  fee: z.strictObject({ rateE7: count, sides: z.enum(['both', 'buy', 'sell', 'lend']) }),
  'fee-minimum': z.strictObject({ minE4: count, per: z.enum(['order', 'fill']) }),
  'buy-cap': z.strictObject({ qtyPerDay: positive, counts: text }),
  'block-trade': z.strictObject({ minQty: positive, minAmountE4: z.int().min(1) }),
  'auction-price': z.strictObject({ tieBreaks: z.array(text).min(1) }),
  'close-price': z.strictObject({ rule: text }),
  threshold: z.strictObject({ limit: z.number(), unit: text }),
} as const;

export type Topic = keyof typeof VALUES;
export const TOPICS = Object.keys(VALUES) as readonly Topic[];
export type RuleValues = { readonly [T in Topic]: z.output<(typeof VALUES)[T]> };

/** A day as 20260706 or "2026-07-06". */
export const daySchema = z
  .union([z.int(), z.string().transform(dayOfText)])
  .refine(isCalendarDay, 'expected a day such as 20260706 or "2026-07-06"');
const openDay = z.union([z.literal(0), daySchema]).default(0);

const base = {
  /** Stable name of the row, `topic/for/whom/variant`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9./-]*$/, 'expected lower-case letters, digits, . / -'),
  /** Tells rows of one topic apart that hold side by side: a session, a fee item, an order kind. */
  key: z.string().default(''),
  venues: z.array(z.enum(VENUES)).min(1),
  kinds: z.array(z.enum(KINDS)).min(1),
  /** Empty = every state; a row that names the state wins over one that does not. */
  states: z.array(z.enum(STATES)).default([]),
  /** Empty = every fund type; a row that names the type wins over one that does not. */
  types: z.array(z.enum(FUND_TYPES)).default([]),
  validFrom: openDay,
  validTo: openDay,
  source: text,
  confidence: z.enum(CONFIDENCES),
  note: z.string().default(''),
};

/** A row without its value, which depends on the topic and is checked by VALUES. */
const loose = z
  .strictObject({ ...base, what: z.enum(TOPICS), value: z.unknown() })
  .refine(({ validFrom, validTo }) => validTo === 0 || validFrom <= validTo, {
    path: ['validTo'],
    message: 'expected a day not before validFrom',
  })
  .refine(
    ({ what, venues, kinds }) => what !== 'code-range' || venues.length + kinds.length === 2,
    {
      path: ['kinds'],
      message: 'a code-range has one venue and one kind',
    },
  );

/** A row as read: the built-in ones and the user's. */
export const rowSchema = loose.superRefine((row, context) => {
  const parsed = VALUES[row.what].safeParse(row.value);
  for (const issue of parsed.error?.issues ?? []) {
    context.addIssue({ ...issue, path: ['value', ...issue.path] } as Parameters<
      typeof context.addIssue
    >[0]);
  }
});

interface RowBase extends Readonly<Omit<z.output<typeof loose>, 'what' | 'value'>> {}

/** A row that has passed the schema, with its value by topic. */
export type RuleRow<T extends Topic = Topic> = {
  readonly [K in T]: RowBase & { readonly what: K; readonly value: RuleValues[K] };
}[T];

/** How a row is written down. */
export type RowInput = {
  [K in Topic]: Omit<z.input<typeof loose>, 'what' | 'value'> & { what: K; value: RuleValues[K] };
}[Topic];
