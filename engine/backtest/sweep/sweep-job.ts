// A sweep as an immutable record, job.json: what is run over which cells. Written once when a sweep
// starts, compared when it goes on, so that no results of two different sweeps ever mix. Always: it
// names everything that decides a row; workers and folders are not in it.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BacktestOptions } from '../options.ts';
import { readCode } from '../records/code-hash.ts';
import { engineMark } from '../records/engine-hash.ts';
import { canonical } from '../records/run-record.ts';
import { writeWhole } from '../report.ts';
import { type Axis, GridError } from './grid.ts';

export const JOB_FORMAT = 1;
const JOB = 'job.json';

export interface SweepJob {
  readonly format: number;
  readonly strategy: string;
  readonly codeSha256: string;
  readonly engine: { readonly version: string; readonly hash: string };
  readonly axes: readonly Axis[];
  /** Cells chosen at random; 0 = all. */
  readonly random: number;
  readonly seed: number;
  /** Options of every cell but its parameters; strategy and data by path. */
  readonly options: Readonly<Record<string, unknown>>;
}

const NOT_OF_JOB: ReadonlySet<string> = new Set([
  ...['strategyFile', 'outDir', 'runsDir', 'mustRecord', 'files', 'json'],
]);

export function jobOf(
  options: BacktestOptions,
  axes: readonly Axis[],
  random: number,
  seed: number,
): SweepJob {
  const rest = Object.entries(options).filter(([name]) => !NOT_OF_JOB.has(name));
  return {
    format: JOB_FORMAT,
    strategy: options.strategyFile,
    codeSha256: readCode(options.strategyFile).sha256,
    engine: engineMark(),
    axes,
    random,
    seed: random > 0 ? seed : 0,
    options: Object.fromEntries(rest),
  };
}

/**
 * Writes the job into `dir`, or finds the same one there. True = it goes on. Throws GridError when
 * the folder holds another sweep, naming what differs.
 */
export function openJob(dir: string, job: SweepJob): boolean {
  const path = join(dir, JOB);
  mkdirSync(dir, { recursive: true });
  if (!existsSync(path)) {
    writeWhole(path, `${JSON.stringify(job, null, 2)}\n`);
    return false;
  }
  let found: SweepJob;
  try {
    found = JSON.parse(readFileSync(path, 'utf8')) as SweepJob;
  } catch (error) {
    throw new GridError(`${path}: ${(error as Error).message}; expected the job of a sweep`);
  }
  const names = [...new Set([...Object.keys(job), ...Object.keys(found)])] as (keyof SweepJob)[];
  const differs = names.filter((name) => {
    if (name === 'strategy') return false;
    return canonical(found[name] ?? null) !== canonical(asJson(job[name]));
  });
  if (differs.length === 0) return true;
  throw new GridError(
    `${dir} holds another sweep (${differs.map(textOf).join(', ')} differ); ` +
      'name another --out, or remove the folder',
  );
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function textOf(name: keyof SweepJob): string {
  const words: Partial<Record<keyof SweepJob, string>> = {
    ...{ codeSha256: 'the code of the strategy', engine: 'the engine', axes: 'the grid' },
    ...{ options: 'data or options', random: '--random', seed: '--seed' },
  };
  return words[name] ?? name;
}
