// What the core knows of the conditions of arming, for the health message: limit prices, the
// calendar, kill switches, reported rates in force. Called by the core's main thread twice a
// second. Invariant: null where no account needs arming, so other sessions say nothing of it.
import { LIMIT_REPORTED_PER_DAY, LIMIT_REPORTED_PER_SECOND } from '../core/risk/limit-table.ts';
import { limitIn, type RuleEntries } from '../core/risk/rule-entry.ts';
import { accountRow } from '../core/risk/rule-set.ts';
import type { LinkHealth } from '../messages/link-types.ts';
import type { Calendar } from '../rules/calendar.ts';
import type { EngineSetup } from './setup.ts';

/** Sources that play a market rather than follow it. */
const PLAYED: readonly string[] = ['synthetic', 'files'];
/** Symbols named in one message. */
const NAMED_MAX = 20;
const CHINA_MS = 8 * 3_600_000;

/** China's date at a host time, 20260105. */
export function chinaDay(ms: number): number {
  return Number(new Date(ms + CHINA_MS).toISOString().slice(0, 10).replaceAll('-', ''));
}

export function armingHealth(
  { accounts, instruments, source }: EngineSetup,
  rules: RuleEntries,
  { killedAccounts }: { readonly killedAccounts: ReadonlySet<number> },
  calendar: Calendar,
): Pick<LinkHealth, 'arming'> {
  if (accounts.every(({ arming }) => arming === undefined)) return {};
  const unpriced = instruments.filter(
    ({ kind, upperLimitE4, lowerLimitE4, preCloseE4 }) =>
      kind !== 'index' && preCloseE4 <= 0 && (upperLimitE4 <= 0 || lowerLimitE4 <= 0),
  );
  // A bridge may play a day as well, and says so.
  const isRehearsal = source.kind === 'bridge' && source.isRehearsal;
  const day = chinaDay(Date.now());
  const status = calendar.statusOf(day);
  return {
    arming: {
      live: !PLAYED.includes(source.kind) && !isRehearsal,
      unpriced: unpriced.slice(0, NAMED_MAX).map(({ symbol }) => symbol),
      today: { day, known: status !== 'unknown', trading: status === 'trading' },
      accounts: accounts.flatMap(({ id, arming }, a) =>
        arming === undefined
          ? []
          : [
              {
                id,
                killed: killedAccounts.has(a),
                perSecond: limitIn(rules, accountRow(a), LIMIT_REPORTED_PER_SECOND),
                perDay: limitIn(rules, accountRow(a), LIMIT_REPORTED_PER_DAY),
              },
            ],
      ),
    },
  };
}
