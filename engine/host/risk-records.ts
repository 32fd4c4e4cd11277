// What risk must know of the lives before: every order sent, cancel, answer and refusal of the day
// as the journals tell it, told again to a new risk state in the order of time. Written by
// AccountState, used by the assembly. Invariant: a restart lowers no meter and lifts no stop.
import { REJECT_NONE } from '../core/reject-code.ts';
import { openCase } from '../core/risk/judge.ts';
import * as event from '../core/risk/risk-events.ts';
import { NO_ORDER } from '../core/risk/risk-orders.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { accountRow, strategyRow } from '../core/risk/rule-set.ts';
import { SCOPE_ACCOUNT } from '../messages/codes.ts';

interface Told {
  readonly ns: number;
  readonly account: number;
  readonly strategy: number;
}

interface Named extends Told {
  readonly idA: number;
  readonly idC: number;
}

export type RiskRecord =
  | (Named & {
      /** By us, or in the broker's client. */
      readonly kind: 'sent' | 'adopted';
      readonly instrument: number;
      readonly side: number;
      readonly priceE4: number;
      readonly valueE4: number;
      readonly qty: number;
    })
  | (Named & { readonly kind: 'cancel' })
  | (Named & {
      readonly kind: 'progress';
      readonly filled: number;
      readonly status: number;
      readonly feesE4: number;
      readonly amountE4: number;
    })
  | (Told & { readonly kind: 'refused' })
  | (Told & { readonly kind: 'resume'; readonly scope: number })
  | (Told & { readonly kind: 'pause'; readonly market: number; readonly on: number });

/** Tells the records of all accounts again, by time; those of one account keep their order. */
export function replayRisk(s: RiskState, records: readonly RiskRecord[]): void {
  const at = new Float64Array(4);
  for (const record of [...records].sort((a, b) => a.ns - b.ns)) tell(s, record, at);
}

function tell(s: RiskState, record: RiskRecord, at: Float64Array): void {
  at[0] = record.ns;
  switch (record.kind) {
    case 'sent':
    case 'adopted':
      tellSent(s, record);
      break;
    case 'cancel': {
      const slot = s.orders.find(record.idA, record.idC);
      event.onCancelSent(s, record.account, record.strategy, slot, at);
      break;
    }
    case 'progress': {
      const slot = s.orders.find(record.idA, record.idC);
      at[1] = record.feesE4;
      at[2] = record.amountE4;
      if (slot !== NO_ORDER) event.onProgress(s, slot, record.filled, record.status, at);
      break;
    }
    case 'refused':
      event.onRefused(s, record.account, record.strategy);
      break;
    case 'resume':
      if (record.scope === SCOPE_ACCOUNT) event.reenable(s, accountRow(record.account));
      else event.reenable(s, strategyRow(s.sizes, record.strategy));
      break;
    case 'pause':
      event.setPause(s, record.market, record.on);
      break;
  }
}

function tellSent(s: RiskState, record: Extract<RiskRecord, { priceE4: number }>): void {
  const c = s.case;
  c.idA = record.idA;
  c.idC = record.idC;
  c.account = record.account;
  c.strategy = record.strategy;
  c.instrument = record.instrument;
  c.side = record.side;
  c.priceE4 = record.priceE4;
  c.valueE4 = record.valueE4;
  c.qty = record.qty;
  c.nowNs = record.ns;
  if (openCase(s) !== REJECT_NONE) return;
  if (record.kind === 'sent') event.onSent(s);
  else event.onAdopted(s);
}
