// What a configuration's shape cannot say: names given twice, references that lead nowhere, symbols
// outside the market, prices off the tick, files that are not there. Called by engine/config.ts
// after the schema has passed. Always: all findings at once, each at the path that must be changed.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ALERT_EVENTS } from './alert-events.ts';
import { DEFAULT_DAY } from './backtest/defaults.ts';
import { placesOf } from './config-json.ts';
import type { Problem, ProblemPath } from './config-problems.ts';
import { found, nearest } from './config-problems.ts';
import type { ConfigFile } from './config-schema.ts';
import type { Instrument } from './core/instrument.ts';
import { parseSymbol } from './core/instrument.ts';
import { formatYuan, isOnTick } from './core/price.ts';
import { TableError } from './day/csv-text.ts';
import { readMovements } from './day/movements-file.ts';
import { readConfirmToken } from './host/people-door.ts';
import { type InstrumentFacts, makeInstrument } from './rules/make-instrument.ts';
import { overlayFiles, ruleBookOf } from './rules/overlay-files.ts';
import { builtInBook, type DayRules, type RuleBook } from './rules/rule-book.ts';
import { RuleError } from './rules/rule-error.ts';
import { latestRules } from './rules/subject.ts';

/** The synthetic market makes no sense in fewer (engine/backtest/synthetic refuses them too). */
const TICKS_MIN = 20;

/** All problems of a file of the right shape; relative paths count from `base`. */
export function checkConfigFile(data: ConfigFile, base: string): Problem[] {
  const problems: Problem[] = [];
  const report = (path: ProblemPath, message: string) => problems.push({ path, message });
  const book = readBook(data, base, report);
  const market = checkMarket(data, base, book, report);
  checkAccounts(data, market, report);
  checkMovements(data, base, report);
  checkStrategies(data, market, base, report);
  checkGateway(data, base, report);
  checkTargets(data, base, report);
  checkConfirmToken(data, base, report);
  checkArming(data, market, report);
  checkAlerts(data, base, report);
  return problems;
}

type Report = (path: ProblemPath, message: string) => void;
/** Instruments of the market by symbol. */
type Market = ReadonlyMap<string, Instrument>;

/** The rule book with the file's overlays; the built-in one after a report. */
function readBook(data: ConfigFile, base: string, report: Report): RuleBook {
  try {
    const named = data.rules.map((path) => resolve(base, path));
    return ruleBookOf(overlayFiles(named, base), placesOf);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    report(['rules'], error.message);
    return builtInBook();
  }
}

/** Accounts that are there, a pilot that fits the market. */
function checkArming(data: ConfigFile, market: Market, report: Report): void {
  const ids = data.accounts.map(({ id }) => id);
  for (const [id, { pilot }] of Object.entries(data.arming.accounts)) {
    const path = ['arming', 'accounts', id];
    if (!ids.includes(id)) report(path, `unknown account '${id}'; ${nearest(id, ids)}`);
    if (pilot === undefined) continue;
    pilot.instruments.forEach((symbol, i) => {
      checkSymbol(symbol, market, [...path, 'pilot', 'instruments', i], report);
    });
    if (pilot.orderAmount > pilot.dayAmount) {
      const most = `expected at most dayAmount (${formatYuan(pilot.dayAmount)})`;
      const text = `found ${formatYuan(pilot.orderAmount)}; ${most}`;
      report([...path, 'pilot', 'orderAmount'], text);
    }
  }
  data.accounts.forEach(({ simulated }, i) => {
    if (!simulated || data.gateway.kind === 'bridge') return;
    const why = "only an account behind gateway 'bridge' can be marked; leave it out";
    report(['accounts', i, 'simulated'], `found true; ${why}`);
  });
}

/** Files with secrets exist, events are known ones. */
function checkAlerts(data: ConfigFile, base: string, report: Report): void {
  for (const [name, channel] of Object.entries(data.alerts.channels)) {
    const files = Object.entries(channel).filter(([key]) => key.endsWith('File'));
    for (const [key, file] of files) {
      const path = resolve(base, String(file));
      if (existsSync(path)) continue;
      const text = found(String(file), `expected a file; looked in ${path}`);
      report(['alerts', 'channels', name, key], text);
    }
    if (
      channel.kind === 'email' &&
      (channel.user === undefined) !== (channel.passwordFile === undefined)
    ) {
      report(['alerts', 'channels', name], 'user and passwordFile go together');
    }
  }
  const events: readonly string[] = ALERT_EVENTS;
  for (const event of Object.keys(data.alerts.levels)) {
    if (events.includes(event)) continue;
    report(['alerts', 'levels', event], `unknown event '${event}'; ${nearest(event, events)}`);
  }
}

function checkGateway(data: ConfigFile, base: string, report: Report): void {
  const { gateway } = data;
  const { answerSeconds, silentSeconds } = data.link;
  if (silentSeconds < answerSeconds) {
    const least = `expected at least answerSeconds (${answerSeconds})`;
    report(['link', 'silentSeconds'], `found ${silentSeconds}; ${least}`);
  }
  if (gateway.kind !== 'bridge') return;
  const file = resolve(base, gateway.secretFile);
  if (!existsSync(file)) {
    report(
      ['gateway', 'secretFile'],
      found(gateway.secretFile, `expected a file; looked in ${file}`),
    );
  }
  if (data.journal.dir?.includes('{start}') === true) {
    const why = 'a bridge knows the engine by the journal that goes on: a folder without {start}';
    report(['journal', 'dir'], found(data.journal.dir, why));
  }
  if (data.pace === 'lockstep') {
    report(['gateway', 'kind'], "a broker does not wait: 'bridge' needs pace 'realtime'");
  }
}

type MarketItem = ConfigFile['market']['instruments'][number];

/** What a configuration says of an instrument; absent = as data and rules say. */
export function factsOf(item: MarketItem): InstrumentFacts {
  const { preClose, state, fundType, listedDay, tick, buyMin, buyStep } = item;
  const facts = {
    ...{ preCloseE4: preClose > 0 ? preClose : undefined, state, type: fundType, listedDay },
    ...{ tickE4: tick, buyMin, buyStep },
    ...{ upperLimitE4: item.upperLimit, lowerLimitE4: item.lowerLimit },
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function checkMarket(data: ConfigFile, base: string, book: RuleBook, report: Report): Market {
  const { market } = data;
  const known = new Map<string, Instrument>();
  if (market.source === 'files' && !existsSync(resolve(base, market.path))) {
    const looked = `looked in ${resolve(base, market.path)}`;
    report(
      ['market', 'path'],
      found(market.path, `expected an existing file or folder; ${looked}`),
    );
  }
  if (market.source === 'bridge') checkQuotes(data, base, report);
  market.instruments.forEach((item, i) => {
    const { symbol, preClose } = item;
    const path = ['market', 'instruments', i];
    if (known.has(symbol)) report([...path, 'symbol'], `${symbol} is in the list twice`);
    const instrument = instrumentOf(item, rulesOf(data, book));
    if (typeof instrument === 'string') {
      report([...path, 'symbol'], instrument);
      return;
    }
    known.set(symbol, instrument);
    if (market.source === 'synthetic' && instrument.kind === 'index') {
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

/** Live quotes: a secret to prove, and a market that goes by the clock of the wall. */
function checkQuotes({ market, pace, speed }: ConfigFile, base: string, report: Report): void {
  if (market.source !== 'bridge') return;
  const file = resolve(base, market.secretFile);
  if (!existsSync(file)) {
    report(
      ['market', 'secretFile'],
      found(market.secretFile, `expected a file; looked in ${file}`),
    );
  }
  const why = 'live quotes come by the clock of the wall';
  if (pace === 'lockstep') report(['pace'], `${why}: expected 'realtime'`);
  if (speed !== 1) report(['speed'], `found ${speed}; ${why}: expected 1`);
}

function ticksBetweenLimits({ upperLimitE4, lowerLimitE4, tickE4 }: Instrument): number {
  return (upperLimitE4 - lowerLimitE4) / tickE4;
}

type RulesOf = (symbol: string) => DayRules;

/** Rules of the session's day; of the newest day where the data will tell it. */
function rulesOf({ day, market }: ConfigFile, book: RuleBook): RulesOf {
  const known = day ?? (market.source === 'synthetic' ? DEFAULT_DAY : 0);
  return known > 0 ? () => book.on(known) : (symbol) => latestRules(book, symbol);
}

function instrumentOf(item: MarketItem, rules: RulesOf): Instrument | string {
  try {
    return makeInstrument(rules(item.symbol), 0, item.symbol, factsOf(item));
  } catch (error) {
    if (error instanceof RuleError) return error.message;
    throw error;
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
      if (market.get(normal)?.kind === 'index')
        report(path, `${normal} is an index, not a holding`);
    }
  });
}

/** Files of announced movements: read here, so that a bad row stops the start with its line. */
function checkMovements(data: ConfigFile, base: string, report: Report): void {
  const symbols = data.market.instruments.map(({ symbol }) => symbol);
  data.accounts.forEach(({ movements }, i) => {
    if (movements === undefined) return;
    try {
      readMovements(resolve(base, movements), symbols);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      report(['accounts', i, 'movements'], error.message);
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
    if (strategy.name === 'desk') {
      report([...path, 'name'], "'desk' is the name of orders from people; choose another");
    }
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

function checkTargets(data: ConfigFile, base: string, report: Report): void {
  const ids = data.accounts.map((account) => account.id);
  const files = new Set<string>();
  data.targets.forEach(({ file, account }, i) => {
    if (!ids.includes(account)) {
      const text = `unknown account '${account}'; ${nearest(account, ids)}`;
      report(['targets', i, 'account'], text);
    }
    const path = resolve(base, file);
    if (files.has(path)) report(['targets', i, 'file'], `'${file}' is in the list twice`);
    files.add(path);
    if (!data.api.enabled) {
      report(['targets', i], 'target files need api.enabled: the api process reads them');
    }
  });
}

function checkConfirmToken({ confirmTokenFile }: ConfigFile, base: string, report: Report): void {
  if (confirmTokenFile === undefined) return;
  const read = readConfirmToken(resolve(base, confirmTokenFile));
  if ('why' in read) report(['confirmTokenFile'], found(confirmTokenFile, read.why));
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
export function warningsOf(data: ConfigFile, book: RuleBook): string[] {
  const warnings: string[] = [];
  const items = new Map(data.market.instruments.map((item) => [item.symbol, item]));
  for (const account of data.accounts) {
    for (const [symbol, { qty }] of Object.entries(account.positions)) {
      const item = items.get(parseSymbol(symbol).symbol);
      const instrument = item === undefined ? '' : instrumentOf(item, rulesOf(data, book));
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
