// The slow twin of the validation kernel: the rules as a list of named conditions, the first that
// fails answers. Used by the differential tests. Sources: rules sheet 2.1-2.3, 3; SSE 2023 no.
// 3.3.8-3.3.13, SZSE no. 3.3.8, 3.3.10, BSE 2026 no. 3.3.8-3.3.11.

import * as code from '../assembly/codes.ts';

export interface StaticValues {
  readonly tickE4: number;
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  readonly maxQty: number;
  readonly maxMarketQty: number;
  readonly upperE4: number;
  readonly lowerE4: number;
}

export interface CheckedOrder {
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  /** Shares the account may sell; below 0: unknown. */
  readonly sellable: number;
}

/** 0 or the first violated code. */
export function validate(values: StaticValues | undefined, order: CheckedOrder): number {
  if (!values) return code.REJECT_UNKNOWN_INSTRUMENT;
  const { side, kind, priceE4, qty } = order;
  const { tickE4, upperE4, lowerE4, maxQty, maxMarketQty } = values;
  const priced = kind === code.KIND_LIMIT || priceE4 !== 0;
  const most = kind === code.KIND_LIMIT || maxMarketQty === 0 ? maxQty : maxMarketQty;
  const rules: readonly [violated: boolean, answer: number][] = [
    [side !== code.BUY && side !== code.SELL, code.REJECT_SIDE],
    [kind < code.KIND_LIMIT || kind > code.KIND_FOK, code.REJECT_KIND_NOT_SUPPORTED],
    [qty <= 0, code.REJECT_QTY_NOT_POSITIVE],
    [priced && priceE4 <= 0, code.REJECT_PRICE_NOT_POSITIVE],
    [priced && priceE4 % tickE4 !== 0, code.REJECT_OFF_TICK],
    [priced && upperE4 > 0 && priceE4 > upperE4, code.REJECT_ABOVE_UPPER_LIMIT],
    [priced && lowerE4 > 0 && priceE4 < lowerE4, code.REJECT_BELOW_LOWER_LIMIT],
    [qty > most, code.REJECT_QTY_MAXIMUM],
  ];
  const broken = rules.find(([violated]) => violated);
  if (broken) return broken[1];
  return side === code.BUY ? buyLot(values, qty) : sellLot(values, order);
}

function buyLot({ buyMin, buyStep }: StaticValues, qty: number): number {
  if (qty < buyMin) return code.REJECT_LOT_MINIMUM;
  return qty % buyStep === 0 ? code.OK : code.REJECT_LOT_STEP;
}

function sellLot({ sellMin, sellStep }: StaticValues, { qty, sellable }: CheckedOrder): number {
  if (qty >= sellMin && qty % sellStep === 0) return code.OK;
  const odd = oddPart(sellMin, sellStep, Math.max(0, sellable));
  if (odd > 0) {
    // The whole odd part alone, or the whole odd part together with lots (rules sheet 2.3).
    const whole = qty === odd || (qty >= sellMin && (qty - odd) % sellStep === 0 && sellStep > 1);
    return whole ? code.OK : code.REJECT_ODD_LOT_SELL;
  }
  return qty < sellMin ? code.REJECT_LOT_MINIMUM : code.REJECT_LOT_STEP;
}

/** The part of a holding that is smaller than a lot. */
function oddPart(sellMin: number, sellStep: number, sellable: number): number {
  if (sellStep > 1) return sellable % sellStep;
  return sellable < sellMin ? sellable : 0;
}
