// What a configuration's shape cannot say: names given twice, references that lead nowhere, symbols
// outside the market, prices off the tick, files that are not there. Called by engine/config.ts
// after the schema has passed. Always: all findings at once, each at the path that must be changed.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem, ProblemPath } from './config-problems.ts';
import { found, nearest } from './config-problems.ts';
import type { ConfigFile } from './config-schema.ts';
import type { Instrument } from './core/instrument.ts';
import { makeInstrument, parseSymbol } from './core/instrument.ts';
import { formatYuan, isOnTick } from './core/price.ts';

/** The synthetic market makes no sense in fewer (engine/backtest/synthetic refuses them too). */
const TICKS_MIN = 20;

/** All problems of a file of the right shape; relative paths count from `base`. */
export function checkConfigFile(data: ConfigFile, base: string): Problem[] {
  const problems: Problem[] = [];
  const report = (path: ProblemPath, message: string) => problems.push({ path, message });
  const market = checkMarket(data, base, report);
  checkAccounts(data, market, report);
  checkStrategies(data, market, base, report);
  return problems;
}

type Report = (path: ProblemPath, message: string) => void;
/** Instruments of the market by symbol. */
type Market = ReadonlyMap<string, Instrument>;

function checkMarket(data: ConfigFile, base: string, report: Report): Market {
  const { market } = data;
  const known = new Map<string, Instrument>();
  if (market.source === 'files' && !existsSync(resolve(base, market.path))) {
    const looked = `looked in ${resolve(base, market.path)}`;
    report(
      ['market', 'path'],
      found(market.path, `expected an existing file or folder; ${looked}`),
    );
  }
  market.instruments.forEach(({ symbol, preClose }, i) => {
    const path = ['market', 'instruments', i];
    if (known.has(symbol)) report([...path, 'symbol'], `${symbol} is in the list twice`);
    const instrument = instrumentOf(symbol, preClose);
    if (typeof instrument === 'string') {
      report([...path, 'symbol'], instrument);
      return;
    }
    known.set(symbol, instrument);
    if (market.source === 'synthetic' && instrument.board === 'index') {
      report([...path, 'symbol'], `${symbol} is an index and cannot be traded; give a security`);
    } else if (market.source === 'synthetic' && ticksBetweenLimits(instrument) < TICKS_MIN) {
      const least = `expected at least ${TICKS_MIN} ticks between the day's limits; raise preClose`;
      report([...path, 'preClose'], `found ${formatYuan(preClose)}; ${least}`);
    }
    if (!isOnTick(preClose, instrument.tickE4)) {
      const tick = `expected whole ticks of ${formatYuan(instrument.tickE4)} yuan`;
      report([...path, 'preClose'], `found ${formatYuan(preClose)}; ${tick}`);
    }
  });
  return known;
}

function ticksBetweenLimits({ upperLimitE4, lowerLimitE4, tickE4 }: Instrument): number {
  return (upperLimitE4 - lowerLimitE4) / tickE4;
}

function instrumentOf(symbol: string, preCloseE4: number): Instrument | string {
  try {
    return makeInstrument(0, symbol, { preCloseE4 });
  } catch (error) {
    return (error as Error).message;
  }
}

function checkAccounts(data: ConfigFile, market: Market, report: Report): void {
  const ids = new Set<string>();
  data.accounts.forEach((account, i) => {
    if (ids.has(account.id)) report(['accounts', i, 'id'], `'${account.id}' is given twice`);
    ids.add(account.id);
    const held = new Set<string>();
    for (const symbol of Object.keys(account.positions)) {
      const path = ['accounts', i, 'positions', symbol];
      const normal = checkSymbol(symbol, market, path, report);
      if (normal === null) continue;
      if (held.has(normal)) report(path, `${normal} is held twice under two spellings`);
      held.add(normal);
      if (market.get(normal)?.board === 'index')
        report(path, `${normal} is an index, not a holding`);
    }
  });
}

function checkStrategies(data: ConfigFile, market: Market, base: string, report: Report): void {
  const names = new Set<string>();
  const ids = data.accounts.map((account) => account.id);
  data.strategies.forEach((strategy, i) => {
    const path = ['strategies', i];
    if (names.has(strategy.name)) report([...path, 'name'], `'${strategy.name}' is given twice`);
    names.add(strategy.name);
    if (!ids.includes(strategy.account)) {
      const text = `unknown account '${strategy.account}'; ${nearest(strategy.account, ids)}`;
      report([...path, 'account'], text);
    }
    const file = resolve(base, strategy.file);
    if (!existsSync(file)) {
      report(
        [...path, 'file'],
        found(strategy.file, `expected an existing file; looked for ${file}`),
      );
    }
    const seen = new Set<string>();
    strategy.instruments.forEach((symbol, k) => {
      const at = [...path, 'instruments', k];
      checkSymbol(symbol, market, at, report);
      if (seen.has(symbol)) report(at, `${symbol} is in the list twice`);
      seen.add(symbol);
    });
  });
}

/** The normal spelling of a symbol of the market, or null after a report. */
function checkSymbol(text: string, market: Market, path: ProblemPath, report: Report) {
  let symbol: string;
  try {
    symbol = parseSymbol(text).symbol;
  } catch (error) {
    report(path, (error as Error).message);
    return null;
  }
  if (market.has(symbol)) return symbol;
  const hint = nearest(symbol, [...market.keys()]);
  report(path, `unknown instrument ${symbol}, not under market.instruments; ${hint}`);
  return null;
}

/** Sentences about what is allowed but worth a second look. */
export function warningsOf(data: ConfigFile): string[] {
  const warnings: string[] = [];
  for (const account of data.accounts) {
    for (const [symbol, { qty }] of Object.entries(account.positions)) {
      const instrument = instrumentOf(symbol, 0);
      if (typeof instrument === 'string') continue;
      const odd = qty % instrument.sellStep;
      if (odd > 0) {
        const whole = `the odd ${odd} can only be sold in one order`;
        warnings.push(`account ${account.id} holds ${qty} of ${symbol}, not whole lots: ${whole}`);
      }
    }
  }
  const { host } = data.api;
  if (data.api.enabled && !['127.0.0.1', 'localhost', '::1', '[::1]'].includes(host)) {
    warnings.push(`api.host ${host}: other machines can reach the pages of this engine`);
  }
  return warnings;
}
