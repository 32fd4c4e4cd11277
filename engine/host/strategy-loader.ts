// Loads a strategy file and checks what it exports and the parameters it is given. Called at start
// by every thread that runs strategies, and once by the launcher so that errors come before any
// order. Invariant: what is returned has every declared parameter, of its type and in its range.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { distance } from 'fastest-levenshtein';
import type { ParamSpec, ParamSpecs, Strategy } from '../core/strategy.ts';
import { guardedUrl, unmarked } from './strategy-guard.ts';
import { loadFault, offerPankou } from './strategy-imports.ts';

/** Why a strategy cannot run, for people. */
export class StrategyError extends Error {}

export interface LoadedStrategy {
  readonly strategy: Strategy<ParamSpecs, unknown>;
  readonly params: Readonly<Record<string, number | boolean | string>>;
}

type ParamValue = number | boolean | string;

const HOOKS: readonly string[] = [
  'onInit',
  'onDay',
  'onDayEnd',
  'onAction',
  'onTick',
  'onBar',
  'onOrder',
  'onTrade',
  'onReject',
  'onParent',
  'onRebalance',
  'onAuctionDone',
  'onMarketOrder',
  'onMarketTrade',
  'onFeedGap',
  'onFeedFault',
  'onLink',
  'onTimer',
  'onStop',
  'migrate',
];
/** What a strategy declares beside its hooks. */
const FIELDS: readonly string[] = ['params', 'stateVersion'];
const KNOWN: readonly string[] = [...FIELDS, ...HOOKS];

/** Whether a strategy wants every order and trade of the feed. */
export function wantsOrderEvents({ strategy }: LoadedStrategy): boolean {
  return strategy.onMarketOrder !== undefined || strategy.onMarketTrade !== undefined;
}

/** Whether it has no hook for ticks, nor for what a call traded. */
export function takesNoTicks({ strategy }: LoadedStrategy): boolean {
  return strategy.onTick === undefined && strategy.onAuctionDone === undefined;
}

/**
 * Imports `file` (absolute) and merges `given` over its defaults; throws StrategyError. `guarded`:
 * it does not reach the machine's clock, files or network (strategy-guard.ts). `limitMs`: longest
 * time of a callback of a Python strategy.
 */
export async function loadStrategy(
  file: string,
  given: Readonly<Record<string, ParamValue>>,
  guarded = false,
  limitMs?: number,
): Promise<LoadedStrategy> {
  if (!existsSync(file)) throw new StrategyError(`strategy ${file}: no such file`);
  if (file.endsWith('.py')) return loadPythonFile(file, given, limitMs);
  offerPankou();
  let loaded: { default?: unknown };
  try {
    const url = guarded ? guardedUrl(file) : pathToFileURL(file).href;
    loaded = (await import(url)) as { default?: unknown };
  } catch (error) {
    throw new StrategyError(`strategy ${file} cannot be loaded: ${unmarked(loadFault(error))}`);
  }
  const strategy = checkShape(file, loaded.default);
  return { strategy, params: mergeParams(file, strategy.params, given) };
}

/** A Python strategy: a process of its own until closePythons(). */
async function loadPythonFile(
  file: string,
  given: Readonly<Record<string, ParamValue>>,
  limitMs: number | undefined,
): Promise<LoadedStrategy> {
  const { loadPython } = await import('./python/python-strategy.ts');
  try {
    return loadPython(file, (specs) => mergeParams(file, specs, given), limitMs);
  } catch (error) {
    if (error instanceof StrategyError || !(error instanceof Error)) throw error;
    throw new StrategyError(`strategy ${file} cannot be loaded: ${error.stack ?? error.message}`);
  }
}

function checkShape(file: string, value: unknown): Strategy<ParamSpecs, unknown> {
  if (typeof value !== 'object' || value === null) {
    const hint = 'export default defineStrategy({ params: {}, onTick(ctx, tick) { ... } })';
    throw new StrategyError(`strategy ${file}: no default export; expected ${hint}`);
  }
  for (const [key, hook] of Object.entries(value)) {
    if (!KNOWN.includes(key)) {
      throw new StrategyError(`strategy ${file}: unknown hook ${key}; ${nearest(key, KNOWN)}`);
    }
    if (FIELDS.includes(key) || hook === undefined) continue;
    if (typeof hook !== 'function') {
      throw new StrategyError(`strategy ${file}: ${key} is ${typeof hook}, expected a function`);
    }
    if (hook.constructor.name !== 'AsyncFunction') continue;
    const why = 'a hook answers before it returns; nothing can be awaited in it';
    throw new StrategyError(`strategy ${file}: ${key} is async: ${why}`);
  }
  const { stateVersion } = value as { stateVersion?: unknown };
  if (stateVersion !== undefined && !(Number.isInteger(stateVersion) && Number(stateVersion) > 0)) {
    throw new StrategyError(`strategy ${file}: stateVersion, expected a whole number from 1`);
  }
  const params = (value as { params?: unknown }).params;
  if (typeof params !== 'object' || params === null) {
    throw new StrategyError(`strategy ${file}: params is missing; write params: {} for none`);
  }
  return value as Strategy<ParamSpecs, unknown>;
}

function mergeParams(
  file: string,
  specs: ParamSpecs,
  given: Readonly<Record<string, ParamValue>>,
): Record<string, ParamValue> {
  const name = basename(file);
  const known = Object.keys(specs);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new StrategyError(`${name}: unknown parameter ${key}; ${nearest(key, known)}`);
    }
  }
  const merged: Record<string, ParamValue> = {};
  for (const [key, spec] of Object.entries(specs)) {
    const value = given[key] ?? spec.default;
    checkParam(`${name}: parameter ${key}`, spec, value);
    merged[key] = value;
  }
  return merged;
}

function checkParam(where: string, spec: ParamSpec, value: ParamValue): void {
  const type = typeof spec.default;
  if (typeof value !== type) {
    throw new StrategyError(`${where} = ${String(value)}: is ${typeof value}, expected ${type}`);
  }
  const { choices } = spec;
  if (choices !== undefined && !choices.includes(String(value))) {
    const known = choices.join(', ');
    throw new StrategyError(`${where} = ${String(value)}: expected one of ${known}`);
  }
  if (typeof value !== 'number') return;
  if (!Number.isFinite(value)) throw new StrategyError(`${where} = ${value}: not a finite number`);
  if (spec.int === true && !Number.isInteger(value)) {
    throw new StrategyError(`${where} = ${value}: expected a whole number`);
  }
  if (spec.min !== undefined && value < spec.min) {
    throw new StrategyError(`${where} = ${value}: expected at least ${spec.min}`);
  }
  if (spec.max !== undefined && value > spec.max) {
    throw new StrategyError(`${where} = ${value}: expected at most ${spec.max}`);
  }
}

function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'it takes none';
  const best = [...known].sort((a, b) => distance(name, a) - distance(name, b))[0];
  return `did you mean ${best}? Known: ${known.join(', ')}`;
}
