// The valid-price range 有效申报价格范围 ("cage") of continuous trading, and of calls of securities
// without a limit. Called by validation and tests. Always: the cage binds only the aggressive side;
// bounds are half up to the tick and at least one tick from the reference.

import { cageBoundE4 } from '../core/ordering/aggressive-price.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import type { RuleValues } from './rule-row.ts';

/** What the order meets; 0 = there is none. */
export interface BookTop {
  readonly askE4: number;
  readonly bidE4: number;
  readonly lastE4: number;
}

export interface CageBound {
  readonly refE4: number;
  /** Where the reference price 基准价格 comes from. */
  readonly ref: 'ask' | 'bid' | 'last' | 'preclose';
  /** Highest buy or lowest sell. */
  readonly boundE4: number;
}

/**
 * Reference: the opposite best, else the own best, else the last trade, else preclose (BSE 2026 no.
 * 3.3.13; SSE 2023 no. 3.3.14). Null when none of them is known.
 */
export function cageBound(
  cage: RuleValues['cage'],
  side: number,
  book: BookTop,
  preCloseE4: number,
  tickE4: number,
): CageBound | null {
  const { askE4, bidE4, lastE4 } = book;
  const isBuy = side === SIDE_BUY;
  const steps: readonly (readonly [CageBound['ref'], number])[] = [
    isBuy ? ['ask', askE4] : ['bid', bidE4],
    isBuy ? ['bid', bidE4] : ['ask', askE4],
    ['last', lastE4],
    ['preclose', preCloseE4],
  ];
  const found = steps.find(([, priceE4]) => priceE4 > 0);
  if (found === undefined) return null;
  const [ref, refE4] = found;
  const reach = {
    tickE4,
    cageUpPercent: cage.upPercent,
    cageDownPercent: cage.downPercent,
    cageTicks: cage.ticks,
  };
  const boundE4 = cageBoundE4(side, refE4, reach);
  return { refE4, ref, boundE4 };
}

/** Whether a price is outside its bound; only a high buy or a low sell can be. */
export function isOutsideCage(side: number, priceE4: number, bound: CageBound): boolean {
  return side === SIDE_BUY ? priceE4 > bound.boundE4 : priceE4 < bound.boundE4;
}
