// Makes an engine's setup from a configuration: reads the market's facts, checks the strategies,
// looks at the journals of earlier lives. Called by the core process before any thread starts.
// Invariant: whatever is wrong with data, strategies or journals is found here, before any order.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileFacts, type MarketFacts, marketOf, syntheticFacts } from '../backtest/market-facts.ts';
import type { Config } from '../config.ts';
import { EPOCH_LAST } from '../core/order-id.ts';
import { readJournal } from '../journal/reader.ts';
import { segmentIndexOf } from '../journal/segment.ts';
import { ARM_DISARMED, DESK_STRATEGY } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { type RuleNames, rulesOf } from '../risk-limits.ts';
import type { Calendar } from '../rules/calendar.ts';
import { timeText } from '../rules/calendar-date.ts';
import { dayPlaceOf } from '../rules/day-place.ts';
import { feeAlerts, feeSchedules } from '../rules/fee-dates.ts';
import { ruleBookOf } from '../rules/overlay-files.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { checkSessionDay } from '../rules/session-day.ts';
import { version } from '../version.ts';
import { AccountState } from './account-state.ts';
import { readStage } from './arming-file.ts';
import { MarketClock } from './market-clock.ts';
import { barStrategies, breachText } from './open-risk.ts';
import { type QuoteFacts, quoteFacts, withBarred } from './quote-facts.ts';
import type {
  BridgeSource,
  EngineSetup,
  FileSource,
  SetupAccount,
  SyntheticSource,
} from './setup.ts';
import { ShownFrames } from './shown-frames.ts';
import { loadStrategy, wantsOrderEvents } from './strategy-loader.ts';
import { readState, stateFileOf } from './strategy-state.ts';

const MIB = 1_048_576;
/** No opening frame is longer. */
const OPENING_BYTES = 512;
const NEW_FOLDER = 'choose another folder with --dir';

export interface PreparedRun {
  readonly setup: EngineSetup;
  readonly facts: MarketFacts;
  /** Highest intent number of each strategy in earlier lives of this folder. */
  readonly lastIntentNos: readonly number[];
  /** The same of the desk of each account. */
  readonly deskIntentNos: readonly number[];
  /** What is odd about day, data and rules: for people, on the terminal and on the pages. */
  readonly alerts: readonly string[];
  /** Lines for people: what was recovered. */
  readonly notes: readonly string[];
  /** Orders and fills of earlier lives, for people: the engine shows only what is new. */
  readonly shown: ShownFrames;
  /** Accounts that a person killed in an earlier life. */
  readonly killedAccounts: readonly number[];
}

/** Gives a draft what its accounts open with: the day before's books. */
export type OpenDay = (
  draft: EngineSetup,
  calendar: Calendar,
) => Promise<{ readonly setup: EngineSetup; readonly notes: readonly string[] }>;

/** Throws ConfigError, MarketDataError, CsvRowError, StrategyError or a journal's error. */
export async function prepareRun(
  config: Config,
  onProgress: ((fraction: number, text: string) => void) | null,
  openDay: OpenDay = async (draft) => ({ setup: draft, notes: [] }),
): Promise<PreparedRun> {
  const orderEvents: boolean[] = [];
  for (const { file, params } of config.strategies) {
    orderEvents.push(wantsOrderEvents(await loadStrategy(file, params)));
  }
  const book = ruleBookOf(config.rules);
  const live = await askedFacts(config, book, onProgress);
  const source = live === null ? sourceOf(config) : bridgeSourceOf(config, live);
  const day = live === null ? checkSessionDay(book.calendar, config.day, config.mode) : [];
  const facts = live ?? (await factsOf(config, source, book, onProgress));
  const planned = setupOf(config, source, facts, book);
  const barredToo = { ...planned, risk: withBarred(planned.risk, planned) };
  const opened = await openDay(barredToo, book.calendar);
  const draft = opened.setup;
  const recovered = recoverAccounts(draft);
  const strategies = barStrategies(draft, (a) => recovered.accounts[a]!).map((spec, s) => {
    const stateFile = stateFileOf(config.journal.dir, spec.name);
    return { ...spec, orderEvents: orderEvents[s]!, stateFile, saved: readState(stateFile) };
  });
  const dayPlace = dayPlaceOf(book.calendar, draft.day);
  const setup: EngineSetup = {
    ...draft,
    strategies,
    ...(dayPlace === null ? {} : { dayPlace }),
    epochs: recovered.epochs,
    skipUntilNs: recovered.lastNs,
  };
  if (config.day === 0) day.push(...checkSessionDay(book.calendar, draft.day, config.mode));
  const fees = config.accounts.flatMap((account) =>
    feeAlerts(account.fees, book.on(draft.day)).map((text) => `account ${account.id}: ${text}`),
  );
  const used = config.rules.map((path) => `rules of ${path}`);
  const barred = strategies.flatMap(({ name, barred: codes = [] }) =>
    codes.length === 0 ? [] : [`strategy ${name} is not started: ${breachText(codes)}`],
  );
  const alerts = [...day, ...facts.warnings, ...fees, ...barred];
  const notes = [...used, ...opened.notes, ...recovered.notes];
  if (facts.badRows.length > 0) notes.push(`${facts.badRows.length} broken rows skipped`);
  const { lastIntentNos, deskIntentNos, shown, accounts } = recovered;
  const killedAccounts = accounts.flatMap((state, a) => (state.killed === 0 ? [] : [a]));
  return { setup, facts, lastIntentNos, deskIntentNos, alerts, notes, shown, killedAccounts };
}

/** Of a market of live quotes: what its bridge says; null for any other. */
async function askedFacts(
  config: Config,
  book: RuleBook,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<QuoteFacts | null> {
  const { market } = config;
  if (market.source !== 'bridge') return null;
  const symbols = market.instruments.map(({ symbol }) => symbol);
  const given = new Map(market.instruments.map((i) => [i.symbol, i.facts]));
  const facts = await quoteFacts(market, symbols, book, given, onProgress);
  const { untilNs } = market;
  if (new MarketClock(facts.answer.clock).nowNs(facts.day) >= untilNs) {
    const end = `the session would have ended at ${timeText(untilNs)} (market.until)`;
    throw new Error(`${config.path}: ${end}, and it is later in China: nothing to do today`);
  }
  if (config.day === 0 || config.day === facts.day) return facts;
  throw new Error(
    `${config.path}: day ${config.day}, but the market's is ${facts.day}: leave it out`,
  );
}

function bridgeSourceOf(config: Config, { answer }: QuoteFacts): BridgeSource {
  const { market, journal } = config;
  if (market.source !== 'bridge') throw new Error(`market ${market.source} is no bridge`);
  const { address, secretFile, untilNs, record } = market;
  const { clock, isRehearsal } = answer;
  // What never happened is not kept beside what did.
  const store = isRehearsal ? join(journal.dir, 'quotes') : record;
  return { kind: 'bridge', address, secretFile, clock, isRehearsal, untilNs, store };
}

function sourceOf(config: Config): FileSource | SyntheticSource {
  const { market } = config;
  if (market.source === 'bridge') throw new Error('live quotes are asked for, not read');
  if (market.source === 'synthetic') {
    return {
      kind: 'synthetic',
      seed: market.seed,
      instruments: market.instruments.map((i) => ({
        symbol: i.symbol,
        preCloseE4: i.preCloseE4,
        volatility: i.volatility,
        eventsPerSecond: i.eventsPerSecond,
      })),
    };
  }
  return {
    kind: 'files',
    path: market.path,
    instruments: market.instruments.map((i) => i.symbol),
    day: config.day,
    skipBadRows: market.skipBadRows,
    rules: config.rules,
  };
}

async function factsOf(
  config: Config,
  source: EngineSetup['source'],
  book: RuleBook,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<MarketFacts> {
  const given = new Map(config.market.instruments.map((i) => [i.symbol, i.facts]));
  // Paper trading and backtest refuse by rows that are only [unverified]; live leaves them.
  const mode = config.mode === 'paper' ? 'backtest' : 'live';
  if (source.kind === 'bridge') throw new Error('live quotes are asked for, not read');
  const facts =
    source.kind === 'synthetic'
      ? syntheticFacts(source.seed, config.day, source.instruments, book, given, mode)
      : await fileFacts(source, book, given, onProgress, mode);
  const names = new Map(config.market.instruments.map((i) => [i.symbol, i.name]));
  const instruments = facts.instruments.map((instrument) => {
    const name = names.get(instrument.symbol) ?? '';
    return name === '' ? instrument : { ...instrument, name };
  });
  return { ...facts, instruments };
}

function setupOf(
  config: Config,
  source: EngineSetup['source'],
  facts: MarketFacts & { readonly barred?: readonly number[] },
  book: RuleBook,
): EngineSetup {
  const barred = facts.barred ?? [];
  const symbols = facts.instruments.map((i) => i.symbol);
  const day = facts.day > 0 ? facts.day : config.day;
  return {
    engineVersion: version,
    name: config.name,
    day,
    pace: config.pace,
    speed: source.kind === 'bridge' ? source.clock.speed : config.speed,
    ...marketOf(facts),
    accounts: config.accounts.map(
      (account, a): SetupAccount => ({
        id: account.id,
        cashE4: account.cashE4,
        positions: account.positions.map(({ symbol, qty, costE4 }) => {
          const instrument = symbols.indexOf(symbol);
          return { instrument, qty, costE4: costE4 || facts.firstPricesE4[instrument]! };
        }),
        fees: feeSchedules(account.fees, book.on(day), facts.instruments),
        journalDir: join(config.journal.dir, `journal-${a}`),
        link: config.link,
        whileLinkDown: account.whileLinkDown,
        ...armingOf(config, account.id, day, symbols),
        credit: account.credit,
        expected: (account.movements ?? [])
          .filter((movement) => movement.day === day)
          .map(({ kind, symbol, qty, amountE4 }) => {
            return { kind, instrument: symbols.indexOf(symbol), qty, amountE4 };
          }),
      }),
    ),
    strategies: config.strategies.map((s) => ({
      name: s.name,
      file: s.file,
      account: config.accounts.findIndex((account) => account.id === s.account),
      own: s.instruments.map((symbol) => symbols.indexOf(symbol)),
      params: s.params,
      cancelOnFailure: s.onFailure === 'cancel',
      ...(s.autoCancel === undefined ? {} : { autoCancel: s.autoCancel }),
    })),
    risk: rulesOf(config.limits, namesOf(config, symbols)),
    ...(barred.length === 0 ? {} : { barred }),
    source,
    gateway: config.gateway.kind,
    ...bridgeOf(config),
    ...exchangeOf(config),
    flush: config.journal.flush,
    segmentBytes: config.journal.segmentMiB * MIB,
    recording: config.recording,
    epochs: config.accounts.map(() => 1),
    skipUntilNs: 0,
    ringScale: 1,
  };
}

/** The stage an account starts in, and its pilot; nothing where it needs none. */
function armingOf(
  { arming, journal }: Config,
  id: string,
  day: number,
  symbols: readonly string[],
): Pick<SetupAccount, 'arming'> {
  const found = arming.accounts.find((account) => account.id === id);
  if (found === undefined) return {};
  const { orderAmountE4 = 0, dayAmountE4 = 0, instruments = [] } = found.pilot ?? {};
  const stage = arming.keepOverRestart ? readStage(journal.dir, day, id) : ARM_DISARMED;
  const indices = instruments.map((symbol) => symbols.indexOf(symbol));
  return { arming: { stage, orderAmountE4, dayAmountE4, instruments: indices } };
}

function bridgeOf(config: Config): Pick<EngineSetup, 'bridge'> {
  const { gateway } = config;
  if (gateway.kind !== 'bridge') return {};
  return { bridge: { address: gateway.address, secretFile: gateway.secretFile } };
}

/** How the simulated exchange fills, where the configuration says. */
function exchangeOf({ gateway }: Config): Partial<EngineSetup> {
  if (gateway.kind !== 'sim') return {};
  const { kind: _, ...wishes } = gateway;
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

/** What limits call the parts of this engine. */
export function namesOf(config: Config, symbols: readonly string[]): RuleNames {
  return {
    accounts: config.accounts.map(({ id }) => id),
    strategies: config.strategies.map(({ name }) => name),
    symbols,
  };
}

export interface Recovered {
  /** As they stand before this life. */
  readonly accounts: readonly AccountState[];
  readonly epochs: number[];
  readonly lastNs: number;
  readonly lastIntentNos: number[];
  readonly deskIntentNos: number[];
  readonly notes: string[];
  readonly shown: ShownFrames;
}

/** What earlier lives of this folder left behind: epochs, time reached, intent numbers. */
export function recoverAccounts(setup: EngineSetup): Recovered {
  const lastIntentNos = setup.strategies.map(() => 0);
  const deskIntentNos = setup.accounts.map(() => 0);
  const notes: string[] = [];
  const shown = new ShownFrames();
  let lastNs = 0;
  const accounts = setup.accounts.map((_, a) => new AccountState(setup, a));
  const epochs = setup.accounts.map((account, a) => {
    const state = accounts[a]!;
    if (!hasJournal(account.journalDir)) return 1;
    const startedMs = performance.now();
    const end = readJournal(account.journalDir, (record) => {
      const known = state.account.fillCount;
      state.apply(record.frameType, record.memory, record.frameAt);
      if (state.account.fillCount > known) shown.fill(record, state);
    });
    if (end.day !== 0 && end.day !== setup.day) {
      const days = `is of day ${end.day}, this run is day ${setup.day}`;
      const why = 'and no day.json says how to close it';
      throw new Error(`journal ${account.journalDir} ${days} ${why}: ${NEW_FOLDER}`);
    }
    if (state.closed) {
      const closed = `the day of account ${account.id} is closed in ${account.journalDir}`;
      throw new Error(`${closed}, its archive is not: pankou journal close RUN_FOLDER`);
    }
    lastNs = Math.max(lastNs, state.lastNs);
    for (const [s, strategy] of setup.strategies.entries()) {
      if (strategy.account === a) lastIntentNos[s] = state.lastIntentNo(s);
    }
    deskIntentNos[a] = state.lastIntentNo(DESK_STRATEGY + a);
    const { orders } = state.account;
    if (end.epoch >= EPOCH_LAST) {
      const text = `journal ${account.journalDir} is at epoch ${end.epoch}`;
      throw new Error(`${text}, the last one that order ids can carry: ${NEW_FOLDER}`);
    }
    state.beginLife();
    shown.orders(state, setup.day);
    const ms = Math.round(performance.now() - startedMs);
    const what = `recovered ${orders.count} orders from epoch ${end.epoch} in ${ms} ms`;
    notes.push(`account ${account.id}: ${what}`);
    if (end.tail) notes.push(`${end.tail.file}: torn tail cut at byte ${end.tail.offset}`);
    return end.epoch + 1;
  });
  const memory = new FrameMemory(new ArrayBuffer(OPENING_BYTES));
  for (const state of accounts) if (!state.opened) state.open(setup, () => {}, memory);
  return { accounts, epochs, lastNs, lastIntentNos, deskIntentNos, notes, shown };
}

function hasJournal(dir: string): boolean {
  return existsSync(dir) && readdirSync(dir).some((name) => segmentIndexOf(name) > 0);
}
