// The immutable record of a run: everything that decides it (inputs), what came out, and the files
// that hold it. Made by keep-run.ts, stored by run-store.ts, compared by compare-runs.ts. Always:
// two runs with equal `inputsHash` must reach the same state hash; paths are told, never hashed.
import { createHash } from 'node:crypto';
import type { BacktestOptions, ParamValue } from '../options.ts';
import type { BacktestReport } from '../report.ts';
import type { StrategyCode } from './code-hash.ts';
import type { EngineMark } from './engine-hash.ts';

/** Raised when fields change their meaning. */
export const RECORD_FORMAT = 1;

/** What decides a run. */
export interface RunInputs {
  readonly engine: EngineMark;
  readonly code: { readonly sha256: string; readonly packages: readonly string[] };
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Hash of the data that was read, or the seed. */
  readonly data: { readonly sha256: string } | { readonly synthetic: number };
  readonly days: readonly number[];
  /** Hashes of the overlays of the rule book, lowest first; [] = the built-in rules alone. */
  readonly rules: readonly string[];
  /** Every other option of the run, as checked. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface RunFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The figures that lists show. */
export interface RunFigures {
  readonly pnl: number;
  readonly totalReturn: number | null;
  readonly maxDrawdown: number | null;
  readonly sharpe: number | null;
  readonly orders: number;
  readonly fills: number;
  readonly fees: number;
}

export interface RunRecord {
  readonly format: number;
  readonly id: string;
  /** ISO time of the machine, for people. */
  readonly at: string;
  readonly strategy: string;
  readonly strategyFile: string;
  readonly dataPath: string;
  readonly instruments: readonly string[];
  readonly inputs: RunInputs;
  readonly inputsHash: string;
  readonly stateHash: string;
  readonly figures: RunFigures;
  readonly seconds: number;
  readonly code: readonly { readonly name: string; readonly sha256: string }[];
  readonly notes: readonly string[];
  readonly files: readonly RunFile[];
}

/** Options that say where things lie or how they are printed, not what runs. */
const NOT_INPUTS: ReadonlySet<string> = new Set([
  ...['strategyFile', 'data', 'params', 'rules', 'outDir', 'json'],
  ...['runsDir', 'mustRecord', 'files', 'progress'],
]);

/** `params` with defaults filled in; `ruleHashes` by overlay. */
export function inputsOf(
  options: BacktestOptions,
  report: Pick<BacktestReport, 'days' | 'dataSha256'>,
  params: Readonly<Record<string, ParamValue>>,
  code: StrategyCode,
  engine: EngineMark,
  ruleHashes: readonly string[],
): RunInputs {
  const rest = Object.entries(options).filter(([name]) => !NOT_INPUTS.has(name));
  const { data } = options;
  return {
    engine,
    code: { sha256: code.sha256, packages: code.packages },
    params,
    data: data.kind === 'synthetic' ? { synthetic: data.seed } : { sha256: report.dataSha256 },
    days: report.days,
    rules: ruleHashes,
    options: Object.fromEntries(rest),
  };
}

/** sha256 in hex of the inputs, independent of the order of their keys. */
export function hashInputs(inputs: RunInputs): string {
  return createHash('sha256').update(canonical(inputs)).digest('hex');
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}

export function figuresOf({ pnl, orders, fills, fees, metrics }: BacktestReport): RunFigures {
  const { performance, drawdown } = metrics;
  const { totalReturn, sharpe } = performance;
  return { pnl, totalReturn, maxDrawdown: drawdown.maxDrawdown, sharpe, orders, fills, fees };
}
