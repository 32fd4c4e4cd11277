// Whole quantities an exchange takes: floored to the board's step, never rounded up. Called by the
// order helpers of strategies, by target files of the api process and by tests. Pure. Rules: main
// boards, ChiNext, funds 100 and 100; STAR 200 then 1 (SSE 2023 no. 3.3.8, 3.3.9); BSE 100 then 1
// (BSE 2026 no. 3.3.8, 3.3.9); convertible bonds 10 (rules sheet 2.2); the odd rest of a holding is
// sold in one order (2.3). Always: a result is 0 or a quantity that the exchange takes.

/** What a quantity must keep to; shares (bonds: zhang 张). An Instrument is one. */
export interface LotRule {
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  readonly maxQty: number;
}

/** The largest buy of at most `wanted` shares in one order; 0 = none is valid. */
export function floorBuyQty(wanted: number, rule: LotRule): number {
  const most = Math.floor(Math.min(wanted, rule.maxQty));
  if (!(most >= rule.buyMin)) return 0;
  return rule.buyMin + Math.floor((most - rule.buyMin) / rule.buyStep) * rule.buyStep;
}

/**
 * The largest sell of at most `wanted` shares in one order out of `free` ones: all that is free
 * goes whole, odd part included; a part of it keeps to the step. 0 = none is valid.
 */
export function floorSellQty(wanted: number, free: number, rule: LotRule): number {
  const most = Math.floor(Math.min(wanted, free, rule.maxQty));
  if (!(most > 0)) return 0;
  if (most === free) return most;
  if (most < rule.sellMin) return 0;
  return rule.sellMin + Math.floor((most - rule.sellMin) / rule.sellStep) * rule.sellStep;
}
