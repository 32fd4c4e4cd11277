// Numbers as people write them, in configuration files and on command lines, as exact integers.
// Called by engine/config-schema.ts and tools/option-values.ts. Always: what cannot be said exactly
// is refused, never rounded.
import { parseAmountE4 } from './core/price.ts';

/** `value` x 10^decimals when that is an integer below 2^53, else -1. Works on decimal text. */
export function scaleExactly(value: number, decimals: number): number {
  const text = value.toFixed(decimals);
  if (Number(text) !== value) return -1;
  const dot = text.length - decimals - 1;
  const scaled = Number(text.slice(0, dot) + text.slice(dot + 1));
  return Number.isSafeInteger(scaled) ? scaled : -1;
}

/** Yuan as typed on a command line, as E4; null when it is not exact to 4 decimals. */
export function yuanText(text: string): number | null {
  const value = parseAmountE4(text);
  return value < 0 || (text.split('.')[1] ?? '').length > 4 ? null : value;
}

/** Whether 20260105 is a date. */
export function isCalendarDay(day: number): boolean {
  const year = Math.floor(day / 10_000);
  const month = Math.floor(day / 100) % 100;
  const date = new Date(Date.UTC(year, month - 1, day % 100));
  const back = date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100;
  return day >= 19_901_219 && day <= 20_991_231 && back + date.getUTCDate() === day;
}
