// The fees of an order item by item, and with them the rows of the rule book they stand on. Called
// by `pankou fees` and by the analytics of a backtest. Always: the items add up to what the OMS
// charges (orderFeesE4 of engine/core/fees.ts), to the fen.
import { type FeeContract, type FeeSchedule, rateOfE4 } from '../core/fees.ts';
import { SIDE_SELL } from '../messages/codes.ts';
import { feesFor } from './fee-dates.ts';
import type { DayRules, HeldRow, RuleScope } from './rule-book.ts';

export const FEE_ITEMS = [
  'commission',
  'stampDuty',
  'transferFee',
  'handlingFee',
  'regulatoryFee',
] as const;
export type FeeItem = (typeof FEE_ITEMS)[number];

/** Each fee in 1/10,000 yuan of an order that has traded `amountE4`; all 0 for no trade. */
export function feeItemsE4(
  fees: FeeSchedule,
  side: number,
  amountE4: number,
): Record<FeeItem, number> {
  if (amountE4 <= 0) {
    return { commission: 0, stampDuty: 0, transferFee: 0, handlingFee: 0, regulatoryFee: 0 };
  }
  const commission = rateOfE4(amountE4, fees.commissionRateE7);
  return {
    commission: Math.max(commission, fees.commissionMinE4),
    stampDuty: side === SIDE_SELL ? rateOfE4(amountE4, fees.stampDutyRateE7) : 0,
    transferFee: rateOfE4(amountE4, fees.transferRateE7),
    handlingFee: rateOfE4(amountE4, fees.handlingRateE7),
    regulatoryFee: rateOfE4(amountE4, fees.regulatoryRateE7),
  };
}

/** Why an item costs what it costs. */
export type FeeOrigin = 'contract' | 'rule' | 'no rule' | 'in the commission';

export interface FeeLine {
  readonly item: FeeItem;
  readonly amountE4: number;
  readonly rateE7: number;
  /** Shown only where the rate is not the whole story: the minimum, sells only. */
  readonly why: string;
  readonly origin: FeeOrigin;
  /** The row of the day, even where the contract's rate is used; null = the book names none. */
  readonly held: HeldRow<'fee'> | null;
}

/** The fees of one order on the day of `rules`, in the order they are charged. */
export function feeLines(
  contract: FeeContract,
  rules: DayRules,
  scope: RuleScope,
  side: number,
  amountE4: number,
): FeeLine[] {
  const fees = feesFor(contract, rules, scope);
  const items = feeItemsE4(fees, side, amountE4);
  const minimum = amountE4 > 0 && items.commission > rateOfE4(amountE4, fees.commissionRateE7);
  const state = (item: FeeItem, key: string, rateE7: number, given: number | null, why = '') => {
    const held = rules.findHeld('fee', scope, key);
    const free = held?.row.value.rateE7 === 0;
    let origin: FeeOrigin = held === null ? 'no rule' : 'rule';
    if (given !== null && !free) origin = 'contract';
    return { item, amountE4: items[item], rateE7, why, origin, held };
  };
  const exchange = (item: FeeItem, key: string, rateE7: number): FeeLine => {
    const line = state(item, key, rateE7, null);
    return contract.commissionNet ? line : { ...line, origin: 'in the commission' };
  };
  const seller = side === SIDE_SELL ? '' : 'sells only';
  return [
    {
      item: 'commission',
      amountE4: items.commission,
      rateE7: fees.commissionRateE7,
      why: minimum ? 'the minimum of the order' : '',
      origin: 'contract',
      held: rules.findHeld('fee', scope, 'commission-ceiling'),
    },
    state('stampDuty', 'stamp-duty', fees.stampDutyRateE7, contract.stampDutyRateE7, seller),
    state('transferFee', 'transfer-fee', fees.transferRateE7, contract.transferRateE7),
    exchange('handlingFee', 'handling-fee', fees.handlingRateE7),
    exchange('regulatoryFee', 'regulatory-fee', fees.regulatoryRateE7),
  ];
}
