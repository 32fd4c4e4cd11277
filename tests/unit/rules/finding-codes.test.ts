// The reject codes that only the rule book finds today: cage, call range, after-hours price, buy
// cap, protection price. Each order breaks exactly one rule.
import { expect, test } from 'vitest';
import {
  REJECT_AGAINST_CLOSE,
  REJECT_BUY_CAP,
  REJECT_NO_PROTECTION_PRICE,
  REJECT_OUTSIDE_CAGE,
  REJECT_OUTSIDE_CALL_RANGE,
} from '../../../engine/core/reject-code.ts';
import { SIDE_BUY } from '../../../engine/messages/codes.ts';
import { timeNsOf } from '../../../engine/rules/calendar-date.ts';
import type { OrderFacts, OrderKind } from '../../../engine/rules/order-check.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { type SubjectFacts, subjectOf } from '../../../engine/rules/subject.ts';
import { validateOrder } from '../../../engine/rules/validate.ts';

const rules = new RuleBook().on(20260810);
const AT_TEN = { timeNs: timeNsOf('10:00'), preCloseE4: 100_000 };
const AT_CALL = { timeNs: timeNsOf('09:18'), preCloseE4: 100_000 };
const TOP = { askE4: 100_000, bidE4: 99_900, lastE4: 0 };

type Case = [number, string, OrderKind, number, OrderFacts, SubjectFacts, number];
const AT_CLOSE = { timeNs: timeNsOf('15:10'), preCloseE4: 100_000, closeE4: 100_000 };
const BOUGHT = { ...AT_TEN, boughtToday: 450_000 };
const ST: SubjectFacts = { state: 'risk-warning' };

test.each<Case>([
  [REJECT_OUTSIDE_CAGE, '600000.SH', 'limit', 102_100, { ...AT_TEN, book: TOP }, {}, 100],
  [REJECT_OUTSIDE_CALL_RANGE, '600000.SH', 'limit', 900_100, AT_CALL, { listedDay: 2 }, 100],
  [REJECT_AGAINST_CLOSE, '600000.SH', 'after-hours', 99_900, AT_CLOSE, {}, 100],
  [REJECT_BUY_CAP, '000010.SZ', 'limit', 100_000, BOUGHT, ST, 60_000],
  [REJECT_NO_PROTECTION_PRICE, '600000.SH', 'best5-ioc', 0, AT_TEN, {}, 100],
])('%i is found on %s %s', (code, symbol, kind, priceE4, facts, known, qty) => {
  const subject = subjectOf(rules, symbol, known);
  const verdict = validateOrder(rules, subject, { side: SIDE_BUY, kind, qty, priceE4 }, facts);
  expect(verdict.findings.map((finding) => finding.code)).toEqual([code]);
  expect(verdict.ok).toBe(false);
});
