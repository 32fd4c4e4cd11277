// From targets to orders: what to sell and buy so that an account comes to hold its targets.
// Called by target-watcher.ts and by tests. Pure. Always: sells stand before buys; an order never
// leads beyond its target, working orders counted; lots are rounded down; no short sale ever.
import type { LotRule } from '../core/ordering/lots.ts';
import { type Holding, SHORT_LOCKED, stepToTarget, TargetStep } from '../core/ordering/target.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import type { Target } from './target-file.ts';

export interface PlannedOrder {
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
}

export interface PlanNote {
  readonly instrument: string;
  readonly why: string;
}

export interface TargetPlan {
  readonly orders: readonly PlannedOrder[];
  /** What cannot be reached now, and why. */
  readonly notes: readonly PlanNote[];
}

const NOTHING: Holding = { qty: 0, sellable: 0, openBuy: 0, openSell: 0 };

/** Instruments without a target are left alone. */
export function planTargets(
  targets: readonly Target[],
  holdings: ReadonlyMap<string, Holding>,
  rules: ReadonlyMap<string, LotRule>,
): TargetPlan {
  const sells: PlannedOrder[] = [];
  const buys: PlannedOrder[] = [];
  const notes: PlanNote[] = [];
  const step = new TargetStep();
  for (const { instrument, qty: target } of targets) {
    const rule = rules.get(instrument);
    if (rule === undefined) {
      notes.push({ instrument, why: 'the engine does not trade it' });
      continue;
    }
    stepToTarget(step, target, holdings.get(instrument) ?? NOTHING, rule);
    const { qty, leftQty } = step;
    if (step.side === SIDE_BUY) buys.push({ instrument, side: 'buy', qty });
    else if (qty > 0) sells.push({ instrument, side: 'sell', qty });
    if (leftQty > 0) notes.push({ instrument, why: shortText(step, rule) });
  }
  return { orders: [...sells, ...buys], notes };
}

function shortText({ short, leftQty }: TargetStep, rule: LotRule): string {
  if (short === SHORT_LOCKED) {
    return `${leftQty} shares cannot be sold now (bought today, or working)`;
  }
  const { buyStep, sellStep, maxQty } = rule;
  const step = buyStep === sellStep ? buyStep : `${buyStep} (buys), ${sellStep} (sells)`;
  return `${leftQty} shares stay: orders go in steps of ${step}, ${maxQty} at most`;
}
