// The shape of a limits file: every key, its unit, its bounds, made from the table of limits
// (engine/core/risk/limit-table.ts), so that file, checks and documents cannot differ. Read by
// engine/risk-limits.ts and engine/config-schema.ts. Money is yuan in the file and 1/10,000 yuan in
// what the schema returns. Always: an absent key is off, 0 is a limit of nothing, unknown keys are
// refused with the nearest known one.
import { z } from 'zod';
import { exact, nameText, section, symbolText, whole, yuan } from './config-schema.ts';
import { LIMITS, type LimitSpec } from './core/risk/limit-table.ts';
import { ACCOUNTS_MAX, INSTRUMENTS_MAX } from './limits.ts';

/** What an account may buy beside main-board shares and funds. */
export const PERMISSIONS = ['star', 'chinext', 'bse', 'convertible-bond', 'risk-warning'] as const;

function limitField({ unit, min, max, text }: LimitSpec) {
  switch (unit) {
    case 'yuan':
      return yuan(min, max, `${text}; leave the key out for no limit`).optional();
    case 'fraction':
      return fraction(max, text).optional();
    case 'switch':
      return z.boolean({ error: `expected true or false (${text})` }).optional();
    default:
      return whole(min, max, `${text}; leave the key out for no limit`).optional();
  }
}

function fraction(max: number, what: string) {
  const expected = `expected a fraction from 0 to ${max}, at most 7 decimals (${what})`;
  return z
    .number({ error: expected })
    .min(0, { error: expected })
    .max(max, { error: expected })
    .transform((value, context) => exact(value, 7, expected, context))
    .transform((value) => value / 1e7);
}

const symbols = z
  .array(symbolText, { error: "expected a list of symbols such as ['600519.SH']" })
  .max(INSTRUMENTS_MAX, { error: `expected at most ${INSTRUMENTS_MAX} symbols` });

/** Fields of one scope: f firm, a account, s strategy. */
function scopeFields(letter: 'f' | 'a' | 's') {
  const mine = LIMITS.filter(({ scopes }) => scopes.includes(letter));
  const fields = mine.map((limit) => [limit.key, limitField(limit)] as const);
  return {
    ...(Object.fromEntries(fields) as Record<string, ReturnType<typeof limitField>>),
    blackList: symbols.optional(),
    whiteList: symbols.optional(),
  };
}

const firm = section('limits of the firm', {
  ...scopeFields('f'),
  breakerIndex: symbolText.optional(),
});

const account = section('limits of an account', {
  ...scopeFields('a'),
  permissions: z
    .array(z.enum(PERMISSIONS, { error: `expected one of ${PERMISSIONS.join(', ')}` }), {
      error: `expected a list of ${PERMISSIONS.join(', ')}`,
    })
    .optional(),
  owner: nameText('who owns the account: risk-warning caps count by owner').optional(),
  manager: nameText('who manages it: opposite trades of one manager').optional(),
});

const strategy = section('limits of a strategy', scopeFields('s'));

function byName<S extends z.ZodType>(one: S, what: string, max: number) {
  const error = `expected an object by ${what}`;
  return z
    .record(z.string(), one, { error })
    .refine((all) => Object.keys(all).length <= max, { error: `expected at most ${max} of them` })
    .default({});
}

/** A whole limits file. */
export const limitsSchema = section('firm, account, accounts, strategy, strategies', {
  $schema: z.string().optional(),
  comment: z.union([z.string(), z.array(z.string())], { error: 'expected text' }).optional(),
  firm: firm.prefault({}),
  account: account.prefault({}),
  accounts: byName(account, 'account id', ACCOUNTS_MAX),
  strategy: strategy.prefault({}),
  strategies: byName(strategy, 'strategy name', 1_000),
  industries: byName(symbols, 'industry', INSTRUMENTS_MAX),
  riskWarning: symbols.default([]),
});

/** A limits file of the right shape; names are not yet resolved. */
export type LimitsFile = z.output<typeof limitsSchema>;
export type AccountLimits = z.output<typeof account>;
export type StrategyLimits = z.output<typeof strategy>;
