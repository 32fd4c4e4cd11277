// What risk is told again after a restart: meters stand where they stood, in the order of time and
// over all accounts; stops and pauses hold. Run by vitest.
import { describe, expect, test } from 'vitest';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_FILLED,
} from '../../../engine/core/order-status.ts';
import { REJECT_REJECTS_IN_ROW } from '../../../engine/core/reject-code.ts';
import { enforce } from '../../../engine/core/risk/judge.ts';
import { onOpeningCash } from '../../../engine/core/risk/risk-events.ts';
import { RiskState } from '../../../engine/core/risk/risk-state.ts';
import { fillRules } from '../../../engine/core/risk/rule-entry.ts';
import { accountRow, FIRM_ROW } from '../../../engine/core/risk/rule-set.ts';
import { type RiskRecord, replayRisk } from '../../../engine/host/risk-records.ts';
import { SCOPE_ACCOUNT } from '../../../engine/messages/codes.ts';
import { makeInstrument } from '../../support/instruments.ts';
import { rulesByRow } from '../../support/risk-rules.ts';

const SIZES = { accounts: 2, strategies: 1, instruments: 1 };
const PRICE = 100_000;
const CASH = 1e10;

function told(records: readonly RiskRecord[]): RiskState {
  const instruments = [makeInstrument(0, '600001.SH', { preCloseE4: PRICE })];
  const state = new RiskState(SIZES, instruments, 64, 16);
  fillRules(state.rules, rulesByRow(SIZES, { 1: { maxRejectsInRow: 2 } }).entries);
  enforce(state, state.rules);
  for (let a = 0; a < 2; a++) onOpeningCash(state, a, CASH);
  replayRisk(state, records);
  return state;
}

const sent = (ns: number, idC: number, account = 0): RiskRecord => ({
  ...({ kind: 'sent', ns, account, strategy: 0, idA: account, idC, instrument: 0 } as const),
  ...{ side: 1, priceE4: PRICE, valueE4: PRICE, qty: 100 },
});
const progress = (ns: number, idC: number, filled: number, status: number): RiskRecord => ({
  ...({ kind: 'progress', ns, account: 0, strategy: 0, idA: 0, idC, filled, status } as const),
  ...{ feesE4: filled * 10, amountE4: filled * PRICE },
});
const refused = (ns: number): RiskRecord => ({ kind: 'refused', ns, account: 0, strategy: 0 });

describe('risk after a restart', () => {
  test('holds every order, cancel and fill of the day, and what is still open', () => {
    const { meters, cells, rows } = told([
      sent(1e9, 1),
      progress(2e9, 1, 0, STATUS_ACCEPTED),
      progress(3e9, 1, 100, STATUS_FILLED),
      sent(4e9, 2),
      { kind: 'cancel', ns: 4.5e9, account: 0, strategy: 0, idA: 0, idC: 2 },
      progress(5e9, 2, 0, STATUS_CANCELLED),
      sent(6e9, 3),
      sent(2.5e9, 1, 1),
    ]);
    const row = accountRow(0);
    expect([meters.orders[row], meters.cancels[row], meters.instantCancels[row]]).toEqual([
      3, 1, 1,
    ]);
    expect([meters.orders[FIRM_ROW], meters.openOrders[FIRM_ROW]]).toEqual([4, 2]);
    expect(meters.cashE4[row]).toBe(CASH - 100 * PRICE - 1_000);
    expect([cells.qty[row], cells.openBuyQty[row], cells.openBuyQty[FIRM_ROW]]).toEqual([
      100, 100, 200,
    ]);
    expect(rows).toBe(5);
  });

  test("counts what was made in the broker's client as exposure, not as an order of ours", () => {
    const fields = sent(1e9, 9) as Extract<RiskRecord, { priceE4: number }>;
    const { meters, cells } = told([{ ...fields, kind: 'adopted', strategy: 255 }]);
    const row = accountRow(0);
    expect([meters.orders[row], meters.openOrders[row], cells.openBuyQty[row]]).toEqual([
      0, 1, 100,
    ]);
  });

  test('counts the last second by the time of the order, whichever account is told first', () => {
    const { orderTimes } = told([sent(9e9, 2), sent(8.5e9, 1, 1), sent(1e9, 1)]);
    const at = Float64Array.of(9.2e9);
    expect(orderTimes.hasRecent(FIRM_ROW, 2, at)).toBe(true);
    expect(orderTimes.hasRecent(FIRM_ROW, 3, at)).toBe(false);
  });

  test('is still stopped where it was, until a person re-enabled it; and paused', () => {
    const stop = [refused(1e9), refused(2e9)];
    expect(told(stop).meters.latch[accountRow(0)]).toBe(REJECT_REJECTS_IN_ROW);
    const resume = {
      kind: 'resume',
      ns: 3e9,
      account: 0,
      strategy: 0,
      scope: SCOPE_ACCOUNT,
    } as const;
    const pause = { kind: 'pause', ns: 4e9, account: 0, strategy: 0, market: 1, on: 1 } as const;
    const state = told([pause, resume, ...stop]);
    expect(state.meters.latch[accountRow(0)]).toBe(0);
    expect(Array.from(state.paused)).toEqual([0, 1, 0, 0]);
  });
});
