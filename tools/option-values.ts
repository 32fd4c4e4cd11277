// Reads the values of command line options: durations, numbers, symbols, yuan, name=value pairs.
// Called by commander through the commands in tools/commands. Always: a value that cannot be is an
// InvalidArgumentError saying what was expected; commander adds the option's name and exits with 2.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Threads } from '../engine/config.ts';
import { isCalendarDay, yuanText } from '../engine/config-numbers.ts';
import { parseSymbol } from '../engine/core/instrument.ts';

const UNIT_MS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `20s`, `500ms`, `1.5m`, `2h` as milliseconds. */
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * UNIT_MS[match[2]];
  if (ms >= 1 && ms <= 86_400_000) return Math.round(ms);
  throw new InvalidArgumentError('Expected a duration such as 20s, 500ms, 5m or 1h, up to 24h.');
}

/** A parser of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** A parser of decimal numbers from `min` to `max`. */
export function decimalNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
  };
}

/** `auto`, `single`, or two different core numbers `ENGINE,STRATEGY`. */
export function threadsValue(text: string): Threads {
  if (text === 'auto' || text === 'single') return text;
  const match = /^(\d{1,4}),(\d{1,4})$/.exec(text);
  if (match !== null && Number(match[1]) !== Number(match[2])) {
    return { engine: Number(match[1]), strategy: Number(match[2]) };
  }
  throw new InvalidArgumentError("Expected 'auto', 'single' or two different cores such as 0,1.");
}

/** Yuan as amountE4. */
export function yuanValue(text: string): number {
  const value = yuanText(text);
  if (value !== null) return value;
  throw new InvalidArgumentError('Expected yuan such as 1000000 or 12.34, at most 4 decimals.');
}

/** `A,B` as symbols in their normal spelling, each once. */
export function symbolList(text: string): string[] {
  const symbols = text.split(',').map(symbolValue);
  const twice = symbols.find((symbol, i) => symbols.indexOf(symbol) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
  return symbols;
}

/** `A,B`, `@FILE` with a symbol a line (or separated by commas; # begins a comment), or `all`. */
export function universeValue(text: string): string[] | 'all' {
  if (text === 'all') return text;
  if (!text.startsWith('@')) return symbolList(text);
  const path = text.slice(1);
  const symbols = new Set<string>();
  for (const [n, line] of linesOf(path).entries()) {
    for (const word of line
      .replace(/#.*/, '')
      .split(/[\s,]+/)
      .filter(Boolean)) {
      const symbol = symbolIn(word, `${path}:${n + 1}`);
      if (symbols.has(symbol)) {
        throw new InvalidArgumentError(`${path}:${n + 1}: ${symbol} is given twice.`);
      }
      symbols.add(symbol);
    }
  }
  if (symbols.size === 0) throw new InvalidArgumentError(`${path}: holds no symbol.`);
  return [...symbols];
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch (error) {
    throw new InvalidArgumentError(`${path}: ${(error as Error).message}`);
  }
}

function symbolIn(word: string, place: string): string {
  try {
    return symbolValue(word);
  } catch (error) {
    throw new InvalidArgumentError(`${place}: ${(error as Error).message}`);
  }
}

/** Adds one `CODE=QTY` to those before. */
export function positionPair(text: string, before: Map<string, number> = new Map()) {
  const [symbol, value] = symbolPair(text, 'CODE=QTY such as 600519.SH=100', before);
  const qty = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (qty < 1 || qty > 2_000_000_000) {
    throw new InvalidArgumentError(`Expected whole shares after '=', found '${value}'.`);
  }
  return new Map(before).set(symbol, qty);
}

/** Adds one `CODE=PRICE` to those before, in priceE4. */
export function pricePair(text: string, before: Map<string, number> = new Map()) {
  const [symbol, value] = symbolPair(text, 'CODE=PRICE such as 600519.SH=1500.00', before);
  const priceE4 = yuanText(value) ?? 0;
  if (priceE4 < 1 || priceE4 > 2_000_000_000) {
    throw new InvalidArgumentError(`Expected yuan after '=', found '${value}'.`);
  }
  return new Map(before).set(symbol, priceE4);
}

/** Adds one `name=value` to those before: numbers and true/false are converted, "5" is text. */
export function paramPair(
  text: string,
  before: Map<string, number | boolean | string> = new Map(),
) {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw new InvalidArgumentError('Expected name=value such as fast=5.');
  }
  if (before.has(name)) throw new InvalidArgumentError(`'${name}' is given twice.`);
  return new Map(before).set(name, paramValue(text.slice(at + 1)));
}

function paramValue(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

export const RULES_OPTION =
  'overlay of the rule book, or a folder of them; may be repeated (default: ./rules.json if there)';

/** Adds one path of an overlay, absolute. */
export function rulesPath(text: string, before: readonly string[] = []): string[] {
  return [...before, resolve(text)];
}

function symbolPair(text: string, form: string, before: ReadonlyMap<string, number>) {
  const at = text.indexOf('=');
  if (at < 0) throw new InvalidArgumentError(`Expected ${form}.`);
  const symbol = symbolValue(text.slice(0, at));
  if (before.has(symbol)) throw new InvalidArgumentError(`${symbol} is given twice.`);
  return [symbol, text.slice(at + 1)] as const;
}

/** A symbol in its normal spelling. */
export function symbolValue(text: string): string {
  try {
    return parseSymbol(text).symbol;
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/** A day such as 20260105 or 2026-01-05. */
export function dayValue(text: string): number {
  const day = /^\d{8}$|^\d{4}-\d{2}-\d{2}$/.test(text) ? Number(text.replaceAll('-', '')) : 0;
  if (!isCalendarDay(day)) throw new InvalidArgumentError('Expected a day such as 20260105.');
  return day;
}

/** Shares. */
export const qtyValue = wholeNumber(0, 2_000_000_000);

/** BUY or SELL as 1 or 2. */
export function sideValue(text: string): number {
  const at = ['BUY', 'SELL'].indexOf(text.toUpperCase());
  if (at >= 0) return at + 1;
  throw new InvalidArgumentError('Expected BUY or SELL.');
}

/** Quantity and price of `250@45.67`; the price is 0 when it is left out. */
export function orderValue(text: string): { qty: number; priceE4: number } {
  const match = /^(\d{1,10})(?:@(\d+(?:\.\d{1,4})?))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected QTY@PRICE such as 250@45.67.');
  const priceE4 = match[2] === undefined ? 0 : yuanValue(match[2]);
  if (priceE4 > 2_000_000_000) throw new InvalidArgumentError('Expected a price up to 200000.');
  return { qty: qtyValue(match[1]), priceE4 };
}
