// Limits of risk from a file or from the configuration, checked whole, and turned into the numbered
// entries that an engine is given. Called by engine/config.ts, make-setup, reloads and the `pankou
// risk` command. Always: a file with one error is refused whole; names must exist; what the file
// does not say is off, but for the outer wall of programmatic trading, which every account has.
import { dirname, resolve } from 'node:path';
import {
  ConfigError,
  nearest,
  type Problem,
  type ProblemPath,
  pathText,
  problemsOf,
  type SchemaIssue,
} from './config-problems.ts';
import type { ConfigFile } from './config-schema.ts';
import { type JsonSource, parseJson, placed, readJsonText } from './config-text.ts';
import { HF_DAY, HF_SECOND, LIMITS } from './core/risk/limit-table.ts';
import * as entry from './core/risk/rule-entry.ts';
import * as rules from './core/risk/rule-set.ts';
import {
  type AccountLimits,
  type LimitsFile,
  limitsSchema,
  PERMISSIONS,
  type StrategyLimits,
} from './risk-limits-schema.ts';

/** What an engine calls its parts; positions are indices. */
export interface RuleNames {
  readonly accounts: readonly string[];
  readonly strategies: readonly string[];
  readonly symbols: readonly string[];
}

/** Limits as a configuration gives them. */
export interface ConfigLimits {
  readonly file: LimitsFile;
  /** Absolute path of the file they come from; '' = none. */
  readonly path: string;
  readonly problems: readonly Problem[];
}

/** What holds for every account that says nothing else. */
const ACCOUNT_DEFAULTS = {
  reportedPerSecond: 50,
  highFrequencyPerSecond: HF_SECOND,
  highFrequencyPerDay: HF_DAY,
};

/** Limits of an engine that names none: cautious, the same live and in backtests. Money in yuan. */
const DEFAULTS: unknown = {
  firm: {
    checkPriceLimits: true,
    preventSelfTrade: true,
    riskWarningBuyCap: 500_000,
    riskWarningBuyCapBse: 200_000,
  },
  account: { maxOrderAmount: 1_000_000, maxPositionQty: 1_000_000, maxPriceDeviation: 0.05 },
};

/** The limits of an engine that names none. */
export function defaultLimits(): LimitsFile {
  return limitsSchema.parse(DEFAULTS);
}

/** A limits file; throws ConfigError with all its problems, by line. */
export function loadLimits(path: string): LimitsFile {
  return readLimits(path).file;
}

function readLimits(path: string): { file: LimitsFile; source: JsonSource } {
  const file = resolve(path);
  const text = readJsonText(file, 'limits file', 'examples/limits.json');
  const source = parseJson(text, file, 'limits file');
  const found = checkLimits(source.raw);
  const problems = [...source.doubles, ...found.problems];
  if (problems.length > 0) throw limitsError(file, placed(problems, source));
  return { file: found.file, source };
}

/** A limits file for an engine with these names; throws ConfigError also for unknown ones. */
export function loadRules(path: string, names: RuleNames): entry.RuleEntries {
  const { file, source } = readLimits(path);
  const problems = checkNames(file, names);
  if (problems.length > 0) throw limitsError(resolve(path), placed(problems, source));
  return rulesOf(file, names);
}

function limitsError(file: string, problems: readonly Problem[]): ConfigError {
  const lines = problems.map(({ line, path, message }) => {
    return `  ${line === undefined ? '' : `line ${line}: `}${pathText(path)}: ${message}`;
  });
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const text = `limits file ${file} has ${count}; nothing of it was applied:`;
  return new ConfigError(file, problems, `${text}\n${lines.join('\n')}`);
}

/** The limits that a configuration gives, in place or by file; problems at their place in it. */
export function configLimits(data: ConfigFile, base: string): ConfigLimits {
  const { limits } = data;
  if (limits === undefined) return { file: defaultLimits(), path: '', problems: [] };
  let path = '';
  let found: { file: LimitsFile; problems: readonly Problem[] };
  if (typeof limits === 'string') {
    path = resolve(base, limits);
    found = { file: loadLimits(path), problems: [] };
  } else found = checkLimits(limits);
  if (found.problems.length === 0) {
    const names = {
      accounts: data.accounts.map(({ id }) => id),
      strategies: data.strategies.map(({ name }) => name),
      symbols: data.market.instruments.map(({ symbol }) => symbol),
    };
    found = { ...found, problems: checkNames(found.file, names) };
  }
  const problems = found.problems.map((problem) => ({
    ...problem,
    path: path === '' ? ['limits', ...problem.path] : ['limits'],
    message:
      path === ''
        ? problem.message
        : `${dirname(path)}: ${pathText(problem.path)}: ${problem.message}`,
  }));
  return { file: found.file, path, problems };
}

function checkLimits(raw: unknown): { file: LimitsFile; problems: Problem[] } {
  const parsed = limitsSchema.safeParse(raw);
  if (parsed.success) return { file: parsed.data, problems: oneIndustryEach(parsed.data) };
  const problems = problemsOf(parsed.error.issues as readonly SchemaIssue[], raw);
  return { file: defaultLimits(), problems };
}

function oneIndustryEach({ industries }: LimitsFile): Problem[] {
  const seen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, members] of Object.entries(industries)) {
    for (const [i, symbol] of members.entries()) {
      const before = seen.get(symbol);
      const path = ['industries', name, i];
      if (before !== undefined) problems.push({ path, message: `${symbol} is in '${before}' too` });
      seen.set(symbol, name);
    }
  }
  return problems;
}

/** Accounts, strategies that the engine does not have. Symbols may be wider than its market. */
function checkNames(file: LimitsFile, names: RuleNames): Problem[] {
  const problems: Problem[] = [];
  const check = (key: 'accounts' | 'strategies', known: readonly string[]): void => {
    for (const name of Object.keys(file[key])) {
      if (known.includes(name)) continue;
      const path: ProblemPath = [key, name];
      problems.push({ path, message: `no such name in the engine; ${nearest(name, known)}` });
    }
  };
  check('accounts', names.accounts);
  check('strategies', names.strategies);
  return problems;
}

/** The entries of a checked file for an engine with these names, and their hash. */
export function rulesOf(file: LimitsFile, names: RuleNames): entry.RuleEntries {
  const builder = new EntryBuilder(names);
  builder.scope(rules.FIRM_ROW, file.firm);
  for (const [a, id] of names.accounts.entries()) {
    const own = { ...ACCOUNT_DEFAULTS, ...defined(file.account), ...defined(file.accounts[id]) };
    builder.scope(rules.accountRow(a), own);
    builder.facts(a, own);
  }
  for (const [s, name] of names.strategies.entries()) {
    const own = { ...defined(file.strategy), ...defined(file.strategies[name]) };
    builder.scope(1 + names.accounts.length + s, own);
  }
  for (const [n, members] of Object.values(file.industries).entries()) {
    for (const i of builder.known(members)) builder.add(entry.ENTRY_INDUSTRY, i, n, 0);
  }
  for (const i of builder.known(file.riskWarning)) builder.add(entry.ENTRY_WARNED, i, 0, 0);
  const { breakerIndex } = file.firm;
  for (const i of builder.known(breakerIndex === undefined ? [] : [breakerIndex])) {
    builder.add(entry.ENTRY_BREAKER, i, 0, 0);
  }
  return builder.done();
}

/** The keys that are given; `undefined` must not hide a default. */
function defined<T extends object>(scope: T | undefined): Partial<T> {
  const given = Object.entries(scope ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}

type Scope = Partial<AccountLimits & StrategyLimits>;

class EntryBuilder {
  readonly #names: RuleNames;
  readonly #entries: entry.RuleEntry[] = [];
  readonly #groups = new Map<string, number>();

  constructor(names: RuleNames) {
    this.#names = names;
  }

  add(kind: number, a: number, b: number, value: number): void {
    this.#entries.push([kind, a, b, value]);
  }

  /** Indices of those symbols that the engine has, each once. */
  known(symbols: readonly string[]): number[] {
    const indices = symbols.map((symbol) => this.#names.symbols.indexOf(symbol));
    return [...new Set(indices)].filter((i) => i >= 0);
  }

  scope(row: number, scope: Scope): void {
    for (const { key, slot } of LIMITS) {
      const value = (scope as Record<string, unknown>)[key];
      if (value === undefined) continue;
      this.add(entry.ENTRY_LIMIT, row, slot, Number(value));
    }
    for (const i of this.known(scope.blackList ?? [])) this.add(entry.ENTRY_BLACK, row, i, 0);
    if (scope.whiteList === undefined) return;
    this.add(entry.ENTRY_WHITE, row, -1, 0);
    for (const i of this.known(scope.whiteList)) this.add(entry.ENTRY_WHITE, row, i, 0);
  }

  facts(account: number, { permissions, owner, manager }: Scope): void {
    if (permissions !== undefined) {
      const bits = permissions.map((name) => 1 << PERMISSIONS.indexOf(name));
      const all = bits.reduce((sum, bit) => sum | bit, 0);
      this.add(entry.ENTRY_FACT, account, rules.FACT_PERMISSIONS, all);
    }
    if (owner !== undefined) {
      this.add(entry.ENTRY_FACT, account, rules.FACT_OWNER, this.#group(`owner ${owner}`));
    }
    if (manager !== undefined) {
      this.add(entry.ENTRY_FACT, account, rules.FACT_MANAGER, this.#group(`manager ${manager}`));
    }
  }

  /** A number for a name, above every account's own owner number. */
  #group(name: string): number {
    const group = this.#groups.get(name) ?? 1_000 + this.#groups.size;
    this.#groups.set(name, group);
    return group;
  }

  done(): entry.RuleEntries {
    const { accounts, strategies, symbols } = this.#names;
    const sizes = {
      accounts: accounts.length,
      strategies: strategies.length,
      instruments: symbols.length,
    };
    const hash = entry.fillRules(new rules.RuleSet(sizes), this.#entries);
    return { hash, entries: this.#entries };
  }
}
