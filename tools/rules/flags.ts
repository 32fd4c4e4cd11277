// Options of `pankou rules` after parsing, and the words that some of them take. Called by
// tools/commands/rules.ts and tools/rules/report.ts. Always: prices E4, times ns, days 20260706.
import type { OrderKind } from '../../engine/rules/order-check.ts';
import type { FundType, State } from '../../engine/rules/rule-row.ts';

export const ORDER_KINDS = [
  'limit',
  'after-hours',
  'best5-ioc',
  'best5-limit',
  'opposite-best',
  'own-best',
  'ioc',
  'fok',
] as const satisfies readonly OrderKind[];
export const STATES = [
  'normal',
  'risk-warning',
  'delisting',
  'list-20',
] as const satisfies readonly State[];
export const FUND_TYPES = [
  'stock',
  'bond',
  'money',
  'gold',
  'commodity',
  'cross-border',
] as const satisfies readonly FundType[];

export interface RulesFlags {
  readonly rules?: string;
  readonly json?: boolean;
}
export interface SubjectFlags extends RulesFlags {
  readonly state?: State;
  readonly fundType?: FundType;
  readonly listedDay?: number;
  readonly delistingDay?: number;
}
export interface ValidateFlags extends SubjectFlags {
  readonly day: number;
  readonly kind: OrderKind;
  readonly mode: 'live' | 'backtest';
  readonly time?: number;
  readonly preclose?: number;
  readonly upper?: number;
  readonly lower?: number;
  readonly sellable?: number;
  readonly bought?: number;
  readonly working?: number;
  readonly ask?: number;
  readonly bid?: number;
  readonly last?: number;
  readonly close?: number;
  readonly emptyBook?: boolean;
  readonly halted?: boolean;
}
export interface AskedOrder {
  readonly qty: number;
  readonly priceE4: number;
}
export interface ImportFlags extends RulesFlags {
  readonly replace?: boolean;
}
