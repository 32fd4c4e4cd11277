// From targets to orders: what to sell and buy so that an account comes to hold its targets.
// Called by target-watcher.ts and by tests. Pure. Always: sells stand before buys; an order never
// leads beyond its target, working orders counted; lots are rounded down; no short sale ever.
import type { Target } from './target-file.ts';

/** One instrument as it stands. */
export interface Holding {
  readonly qty: number;
  readonly sellable: number;
  /** Shares that working orders may still buy or sell. */
  readonly openBuy: number;
  readonly openSell: number;
}

/** What an order in it must keep to. */
export interface LotRule {
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  readonly maxQty: number;
}

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
  for (const { instrument, qty: target } of targets) {
    const rule = rules.get(instrument);
    if (rule === undefined) {
      notes.push({ instrument, why: 'the engine does not trade it' });
      continue;
    }
    const held = holdings.get(instrument) ?? NOTHING;
    const coming = held.qty + held.openBuy - held.openSell;
    const wanted = target - coming;
    if (wanted > 0) {
      const qty = buyQty(wanted, rule);
      if (qty > 0) buys.push({ instrument, side: 'buy', qty });
      if (qty < wanted) notes.push({ instrument, why: shortText(wanted - qty, 'buy', rule) });
    } else if (wanted < 0) {
      const free = Math.min(held.sellable, held.qty - held.openSell);
      const qty = sellQty(-wanted, Math.max(0, free), rule);
      if (qty > 0) sells.push({ instrument, side: 'sell', qty });
      if (qty < -wanted) {
        const isLocked = free < -wanted;
        const locked = `${-wanted - qty} shares cannot be sold now (bought today, or working)`;
        notes.push({ instrument, why: isLocked ? locked : shortText(-wanted - qty, 'sell', rule) });
      }
    }
  }
  return { orders: [...sells, ...buys], notes };
}

function buyQty(wanted: number, rule: LotRule): number {
  const most = Math.min(wanted, rule.maxQty);
  if (most < rule.buyMin) return 0;
  return rule.buyMin + Math.floor((most - rule.buyMin) / rule.buyStep) * rule.buyStep;
}

/** An odd remainder may only be sold together with all that is left. */
function sellQty(wanted: number, free: number, rule: LotRule): number {
  const most = Math.min(wanted, free, rule.maxQty);
  if (most === free) return most;
  if (most < rule.sellMin) return 0;
  return rule.sellMin + Math.floor((most - rule.sellMin) / rule.sellStep) * rule.sellStep;
}

function shortText(short: number, side: 'buy' | 'sell', rule: LotRule): string {
  const step = side === 'buy' ? rule.buyStep : rule.sellStep;
  return `${short} shares stay: orders go in steps of ${step}, ${rule.maxQty} at most`;
}
