// The configuration of an engine: read once, checked whole, deep-frozen. Called by the `pankou`
// command, the launcher and tests; every part of the engine gets its share of a Config as data.
// Always: a Config is complete and consistent (symbols known, accounts and files found, paths
// absolute, money in 1/10,000 yuan); a refused file changes nothing and says all that is wrong.
import { dirname, resolve } from 'node:path';
import { LINK_HOLD, LINK_REJECT, type LinkDownPolicy } from './actors/order-holds.ts';
import { DEFAULT_DAY } from './backtest/defaults.ts';
import type { Latency } from './backtest/latency.ts';
import { defaultRunsDir } from './backtest/records/runs-dir.ts';
import { type AlertsConfig, type ArmingConfig, buildAlerts, buildArming } from './config-arming.ts';
import { checkConfigFile, factsOf, warningsOf } from './config-check.ts';
import { feeContract } from './config-fees.ts';
import type { SchemaIssue } from './config-problems.ts';
import { ConfigError, problemsOf } from './config-problems.ts';
import type { ConfigFile } from './config-schema.ts';
import { configSchema } from './config-schema.ts';
import { parseJson, placed, readJsonText } from './config-text.ts';
import type { FeeContract } from './core/fees.ts';
import { parseSymbol } from './core/instrument.ts';
import { LINK_DEFAULTS, type LinkOptions } from './core/link-options.ts';
import { type Movement, readMovements } from './day/movements-file.ts';
import { INTENT_MARGIN, INTENT_SHORT } from './messages/codes.ts';
import { type ConfigLimits, configLimits } from './risk-limits.ts';
import type { LimitsFile } from './risk-limits-schema.ts';
import type { InstrumentFacts } from './rules/make-instrument.ts';
import { overlayFiles, ruleBookOf } from './rules/overlay-files.ts';

export { ConfigError } from './config-problems.ts';

const SECOND_NS = 1_000_000_000;

/** Virtual time over wall time: `realtime` at `speed`, or event by event (`lockstep`). */
export type Pace = 'realtime' | 'lockstep';
/** Who runs where: chosen by the engine, all in one thread, or on two named cores. */
export type Threads = 'auto' | 'single' | { readonly engine: number; readonly strategy: number };
export type Idle = 'auto' | 'spin' | 'backoff' | 'park';

/** An instrument of the synthetic market. */
export interface SyntheticInstrumentConfig {
  /** Normal spelling: `600519.SH`. */
  readonly symbol: string;
  /** A name for people; empty = none. */
  readonly name: string;
  /** Close of the day before, a whole number of ticks. */
  readonly preCloseE4: number;
  /** Standard deviation of a day's return: 0.02 is 2 %. */
  readonly volatility: number;
  /** Mean over continuous trading. */
  readonly eventsPerSecond: number;
  /** What the exchange says of it; wins over the rule book. */
  readonly facts: InstrumentFacts;
}

/** An instrument of recorded data. */
export interface FileInstrumentConfig {
  readonly symbol: string;
  readonly name: string;
  /** 0 = as the data say. */
  readonly preCloseE4: number;
  /** What the exchange says of it; wins over the data and the rule book. */
  readonly facts: InstrumentFacts;
}

export interface SyntheticMarketConfig {
  readonly source: 'synthetic';
  /** 0 to 2^31 - 1; same seed, same market. */
  readonly seed: number;
  readonly instruments: readonly SyntheticInstrumentConfig[];
}

export interface FilesMarketConfig {
  readonly source: 'files';
  /** A CSV file or a folder of them; absolute. */
  readonly path: string;
  readonly instruments: readonly FileInstrumentConfig[];
  /** Skip and count broken rows instead of refusing the data. */
  readonly skipBadRows: boolean;
}

/** Live quotes of a bridge beside a broker's client; docs/QMT_QUOTES.md. */
export interface BridgeMarketConfig {
  readonly source: 'bridge';
  readonly address: string;
  /** Absolute. */
  readonly secretFile: string;
  readonly instruments: readonly FileInstrumentConfig[];
  /** Store of day files that takes what comes; absolute. */
  readonly record: string;
  /** When the session ends, ns since midnight China time. */
  readonly untilNs: number;
}

/** Shares held at the open, sellable from the start (底仓). */
export interface PositionConfig {
  readonly symbol: string;
  readonly qty: number;
  /** Average price paid; 0 = the close of the day before. */
  readonly costE4: number;
}

export interface AccountConfig {
  readonly id: string;
  readonly cashE4: number;
  readonly positions: readonly PositionConfig[];
  readonly fees: FeeContract;
  /** What becomes of new orders while its link takes none. */
  readonly whileLinkDown: LinkDownPolicy;
  /** INTENT_* marks that its orders may have. */
  readonly credit: number;
  /** Behind a bridge: the broker's own simulation. */
  readonly simulated: boolean;
  /** Dividends, bonus shares, transfers ... its broker was announced to make, of any day. */
  readonly movements?: readonly Movement[];
}

export interface StrategyConfig {
  readonly name: string;
  /** Absolute path of an existing .ts, .mts, .js or .mjs file. */
  readonly file: string;
  /** Id of an account. */
  readonly account: string;
  /** Symbols of the market. */
  readonly instruments: readonly string[];
  /** Checked against the strategy's own declaration by the strategy host. */
  readonly params: { readonly [name: string]: number | boolean | string };
  /** What becomes of working orders when the strategy fails. */
  readonly onFailure: 'cancel' | 'keep';
  /** Working orders that are cancelled without being asked; absent = none. */
  readonly autoCancel?:
    | {
        readonly afterSeconds: number;
        /** Distance from the last trade in 1/10,000 of it. */
        readonly driftE4: number;
        readonly beforeClose: boolean;
      }
    | undefined;
}

/** A file of target positions that the engine turns into orders. */
export interface TargetConfig {
  /** Absolute; need not exist yet. */
  readonly file: string;
  readonly account: string;
}

export interface JournalConfig {
  /** Run folder: journals, recording, lock. Absolute; made when missing. */
  readonly dir: string;
  readonly flush: 'group' | 'before-send';
  readonly segmentMiB: number;
}

export interface ApiConfig {
  readonly enabled: boolean;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly server: 'uws' | 'ws';
  /** Host names beside the loopback ones that a browser may use. */
  readonly allowedHosts: readonly string[];
}

/** What people may run from the runs pages. All paths absolute. */
export interface ResearchConfig {
  readonly strategies: readonly string[];
  readonly data: readonly string[];
  /** The runs store. */
  readonly runsDir: string;
}

/** How the simulated exchange fills, as the options of a backtest say it; absent = as there. */
export interface SimulatedExchange {
  readonly world?: 'orders' | 'touch' | undefined;
  readonly queue?: 'prob' | 'pro-rata' | 'front' | undefined;
  readonly barShare?: number | undefined;
  readonly latency?: Latency | undefined;
}

/** Where orders go: the simulated exchange, or a broker behind a bridge (docs/BRIDGE.md). */
export type GatewayConfig =
  | ({ readonly kind: 'sim' } & SimulatedExchange)
  /** `secretFile` is absolute. */
  | { readonly kind: 'bridge'; readonly address: string; readonly secretFile: string };

export interface Config {
  /** The file it was read from; absolute. */
  readonly path: string;
  readonly name: string;
  readonly mode: 'paper';
  /** Trading day 20260105; 0 = as the data say (files), or today (live quotes). */
  readonly day: number;
  readonly market: SyntheticMarketConfig | FilesMarketConfig | BridgeMarketConfig;
  readonly gateway: GatewayConfig;
  /** How patient the link of each account is. */
  readonly link: LinkOptions;
  /** Overlay files of the rule book, lowest first; absolute. */
  readonly rules: readonly string[];
  readonly pace: Pace;
  /** Virtual seconds a wall second at pace realtime. */
  readonly speed: number;
  readonly accounts: readonly AccountConfig[];
  readonly strategies: readonly StrategyConfig[];
  readonly targets: readonly TargetConfig[];
  /** Limits of risk, names not yet resolved to indices. */
  readonly limits: LimitsFile;
  /** The file they came from; '' = this one, or the defaults. It is read again on a reload. */
  readonly limitsFile: string;
  /** File of the second person's token; absolute; '' = names alone tell people apart. */
  readonly confirmTokenFile: string;
  readonly arming: ArmingConfig;
  readonly alerts: AlertsConfig;
  readonly journal: JournalConfig;
  readonly api: ApiConfig;
  /** null = no runs pages. */
  readonly research: ResearchConfig | null;
  readonly threads: Threads;
  readonly idle: Idle;
  /** Record all inputs and merge orders, so that `pankou replay` can follow the run. */
  readonly recording: boolean;
  /** Silence in milliseconds after which an actor counts as dead. */
  readonly heartbeatMs: number;
  /** What is allowed but worth a second look, one sentence each; for the log. */
  readonly warnings: readonly string[];
}

/** What `pankou run` may change in a Config for one run. */
export interface ConfigOverrides {
  /** Trading day of a synthetic market. */
  readonly day?: number;
  readonly pace?: Pace;
  readonly speed?: number;
  readonly port?: number;
  readonly api?: boolean;
  /** Absolute. */
  readonly dir?: string;
  readonly threads?: Threads;
  /** Synthetic market only. */
  readonly seed?: number;
  /** Overlay files instead of the configuration's; absolute. */
  readonly rules?: readonly string[];
}

/** The checked, deep-frozen configuration in `path`; throws ConfigError with all its problems. */
export function loadConfig(path: string): Config {
  const file = resolve(path);
  return parseConfig(readJsonText(file, 'configuration', 'examples/paper.json'), file);
}

/** Like loadConfig, from text; relative paths in it count from the folder of `file`. */
export function parseConfig(text: string, file: string): Config {
  const source = parseJson(text, file);
  const { raw, doubles } = source;
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues as readonly SchemaIssue[], raw);
    throw new ConfigError(file, placed([...doubles, ...problems], source));
  }
  const base = dirname(file);
  const limits = configLimits(parsed.data, base);
  const problems = [...doubles, ...checkConfigFile(parsed.data, base), ...limits.problems];
  if (problems.length > 0) throw new ConfigError(file, placed(problems, source));
  return deepFreeze(build(parsed.data, file, limits));
}

/** `config` with what the command line changed; frozen as well. Throws for a seed without use. */
export function overrideConfig(config: Config, overrides: ConfigOverrides): Config {
  let market = config.market;
  if (overrides.seed !== undefined) {
    if (market.source !== 'synthetic') {
      throw new Error(`--seed needs a synthetic market; ${config.path} plays files`);
    }
    market = { ...market, seed: overrides.seed };
  }
  if (overrides.day !== undefined && market.source !== 'synthetic') {
    throw new Error(`--day needs a synthetic market; ${config.path} plays files of their own day`);
  }
  if ((overrides.pace ?? config.pace) === 'lockstep' && market.source === 'bridge') {
    throw new Error(`--pace lockstep: ${config.path} has live quotes, and a market does not wait`);
  }
  if ((overrides.speed ?? 1) !== 1 && market.source === 'bridge') {
    throw new Error(`--speed: ${config.path} has live quotes, which come at their own`);
  }
  if (overrides.api === false && config.targets.length > 0) {
    throw new Error(`--no-api: the target files of ${config.path} would not be read`);
  }
  return deepFreeze({
    ...config,
    market,
    pace: overrides.pace ?? config.pace,
    speed: overrides.speed ?? config.speed,
    journal: { ...config.journal, dir: overrides.dir ?? config.journal.dir },
    api: {
      ...config.api,
      enabled: overrides.api ?? config.api.enabled,
      port: overrides.port ?? config.api.port,
    },
    day: overrides.day ?? config.day,
    threads: overrides.threads ?? config.threads,
    rules: overrides.rules ?? config.rules,
  });
}

/** The Config of a file that has been checked. */
function build(data: ConfigFile, file: string, limits: ConfigLimits): Config {
  const base = dirname(file);
  const named = data.rules.map((path) => resolve(base, path));
  const rules = overlayFiles(named, base);
  return {
    path: file,
    name: data.name,
    mode: data.mode,
    day: data.day ?? (data.market.source === 'synthetic' ? DEFAULT_DAY : 0),
    market: buildMarket(data.market, base),
    gateway:
      data.gateway.kind === 'sim'
        ? data.gateway
        : { ...data.gateway, secretFile: resolve(base, data.gateway.secretFile) },
    link: buildLink(data.link),
    rules,
    pace: data.pace,
    speed: data.speed,
    accounts: data.accounts.map((account) => buildAccount(account, base, data)),
    strategies: data.strategies.map((strategy) => ({
      ...strategy,
      file: resolve(base, strategy.file),
    })),
    targets: data.targets.map(({ file: path, account }) => ({
      file: resolve(base, path),
      account,
    })),
    limits: limits.file,
    limitsFile: limits.path,
    confirmTokenFile:
      data.confirmTokenFile === undefined ? '' : resolve(base, data.confirmTokenFile),
    arming: buildArming(data),
    alerts: buildAlerts(data.alerts, base),
    journal: {
      dir: resolve(base, data.journal.dir ?? `runs/${data.name}`),
      flush: data.journal.flush,
      segmentMiB: data.journal.segmentMiB,
    },
    api: data.api,
    research: buildResearch(data, base),
    threads: data.threads,
    idle: data.idle,
    recording: data.recording,
    heartbeatMs: data.heartbeatMs,
    warnings: warningsOf(data, ruleBookOf(rules)),
  };
}

/** Unless said: the folders of the strategies, the market's files, the usual store. */
function buildResearch(data: ConfigFile, base: string): ResearchConfig | null {
  const { research = data.gateway.kind === 'sim' ? {} : false, market } = data;
  if (research === false) return null;
  const runsDir = research.runs === undefined ? defaultRunsDir() : resolve(base, research.runs);
  if (runsDir === null) return null;
  const own = data.strategies.map(({ file }) => dirname(file));
  const files = market.source === 'files' ? [market.path] : [];
  const folders = (named: readonly string[]): string[] => [
    ...new Set(named.map((path) => resolve(base, path))),
  ];
  return {
    strategies: folders(research.strategies ?? own),
    data: folders(research.data ?? files),
    runsDir,
  };
}

/** The account's own word on a link that is down, else that of all. */
function buildLinkDown(own: ConfigFile['link']['onDown'] | undefined, link: ConfigFile['link']) {
  const policy = own ?? link.onDown;
  const expireNs = policy === 'expire' ? link.expireSeconds * SECOND_NS : Number.MAX_SAFE_INTEGER;
  return { kind: policy === 'reject' ? LINK_REJECT : LINK_HOLD, expireNs };
}

function buildLink(link: ConfigFile['link']): LinkOptions {
  return {
    ...LINK_DEFAULTS,
    answerNs: link.answerSeconds * SECOND_NS,
    silentNs: link.silentSeconds * SECOND_NS,
    queryNs: link.querySeconds * SECOND_NS,
    gapNs: link.gapSeconds * SECOND_NS,
    lightNs: link.reconcileSeconds * SECOND_NS,
    fullNs: link.statementSeconds * SECOND_NS,
  };
}

function buildMarket(market: ConfigFile['market'], base: string): Config['market'] {
  if (market.source !== 'synthetic') {
    const instruments = market.instruments.map((instrument) => ({
      symbol: instrument.symbol,
      name: instrument.name ?? '',
      preCloseE4: instrument.preClose,
      facts: factsOf(instrument),
    }));
    if (market.source === 'files') {
      return { ...market, path: resolve(base, market.path), instruments };
    }
    const { source, address, secretFile, record, until } = market;
    const places = { secretFile: resolve(base, secretFile), record: resolve(base, record) };
    return { source, address, ...places, untilNs: until, instruments };
  }
  const instruments = market.instruments.map((instrument) => {
    const { symbol, name, preClose, volatility, eventsPerSecond } = instrument;
    const facts = factsOf(instrument);
    return { symbol, name: name ?? '', preCloseE4: preClose, volatility, eventsPerSecond, facts };
  });
  return { ...market, instruments };
}

function buildAccount(
  account: ConfigFile['accounts'][number],
  base: string,
  { market, link }: ConfigFile,
): AccountConfig {
  const { fees, movements, capabilities } = account;
  const symbols = market.instruments.map(({ symbol }) => symbol);
  return {
    id: account.id,
    cashE4: account.cash,
    positions: Object.entries(account.positions).map(([symbol, { qty, cost }]) => ({
      symbol: parseSymbol(symbol).symbol,
      qty,
      costE4: cost,
    })),
    fees: feeContract(fees),
    simulated: account.simulated,
    whileLinkDown: buildLinkDown(account.onLinkDown, link),
    credit:
      (capabilities.includes('margin') ? INTENT_MARGIN : 0) |
      (capabilities.includes('short') ? INTENT_SHORT : 0),
    ...(movements === undefined
      ? {}
      : { movements: readMovements(resolve(base, movements), symbols) }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
