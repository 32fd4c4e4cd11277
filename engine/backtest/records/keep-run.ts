// Keeps a finished run: its files beside --out, and its immutable record in the runs store. Called
// by the backtest command. Always: a run whose inputs were run before is compared with it, and the
// answer is told either way; a store that cannot be written never takes the result away.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { BacktestOptions } from '../options.ts';
import { printPdf } from '../page/chromium.ts';
import { PAGE_MISSING, type PageHead, runPage } from '../page/write-page.ts';
import type { RanBacktest } from '../ran-backtest.ts';
import { daysText, writeWhole } from '../report.ts';
import { readCode, type StrategyCode } from './code-hash.ts';
import { engineMark } from './engine-hash.ts';
import { writeParquet } from './parquet-copies.ts';
import { runFiles } from './run-files.ts';
import { figuresOf, hashInputs, inputsOf, RECORD_FORMAT, type RunRecord } from './run-record.ts';
import { RunStore } from './run-store.ts';

export interface KeptRun {
  /** Folders that hold the run now. */
  readonly folders: readonly string[];
  /** For people. */
  readonly lines: readonly string[];
  /** It had to be recorded and was not, or it contradicts an earlier run of the same inputs. */
  readonly failed: boolean;
  /** Id of the record; absent = it was not recorded. */
  readonly id?: string;
}

/** Writes what the options ask for; what cannot be written is said in `lines`, and `failed`. */
export async function keepRun(options: BacktestOptions, ran: RanBacktest): Promise<KeptRun> {
  const { report, recorder, fills, curve } = ran;
  if (recorder === null) throw new Error('keepRun: the run kept no detail');
  const texts = {
    report,
    fills,
    curve,
    days: daysText(ran.days, ran.benchmark),
    lives: recorder,
    detail: recorder.detail(),
  };
  const lines: string[] = [];
  const files: Map<string, string | Uint8Array> = runFiles(texts);
  if (ran.series !== '') files.set('series.csv', ran.series);
  if (options.files.includes('html') || options.files.includes('pdf')) {
    const { detail } = texts;
    const page = runPage(headOf(options, ran), ran, detail);
    if (page === null) lines.push(`warning: ${PAGE_MISSING}`);
    else files.set('report.html', page);
  }
  await addCopies(options, files, lines);
  const folders: string[] = [];
  const unwritten = options.outDir === '' ? '' : writeFolder(options.outDir, files);
  if (unwritten !== '') lines.push(unwritten);
  else if (options.outDir !== '') folders.push(options.outDir);
  const failed = unwritten !== '';
  if (options.runsDir === null) return { folders, lines, failed };
  try {
    const kept = await recordRun(options, options.runsDir, ran, files, folders);
    return { ...kept, lines: [...lines, ...kept.lines], failed: failed || kept.failed };
  } catch (error) {
    const line = `warning: ${options.runsDir}: the run is not recorded: ${reasonOf(error)}`;
    return { folders, lines: [...lines, line], failed: failed || options.mustRecord };
  }
}

/** Writes each file whole or not at all; '' or what stopped it. The run's result is not lost. */
function writeFolder(dir: string, files: ReadonlyMap<string, string | Uint8Array>): string {
  let done = 0;
  try {
    mkdirSync(dir, { recursive: true });
    for (const [name, text] of files) {
      writeWhole(join(dir, name), text);
      done++;
    }
    return '';
  } catch (error) {
    return (
      `error: ${dir}: ${reasonOf(error)}; ${done} of ${files.size} files are there, each whole: ` +
      'make room or name another --out, and run again'
    );
  }
}

function reasonOf(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return /ENOSPC|MDB_MAP_FULL/.test(why) ? `the disk is full (${why})` : why;
}

function headOf(options: BacktestOptions, { report, params }: RanBacktest): PageHead {
  const { version, hash } = engineMark();
  const { data } = options;
  return {
    title: report.strategy,
    engine: `${version} (${hash})`,
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    params,
    data: data.kind === 'synthetic' ? `synthetic:${data.seed}` : basename(data.path),
  };
}

/** Parquet and PDF are made by other programs from files, so in a folder that goes away again. */
async function addCopies(
  options: BacktestOptions,
  files: Map<string, string | Uint8Array>,
  lines: string[],
): Promise<void> {
  const { files: wanted } = options;
  const wantsPdf = wanted.includes('pdf') && files.has('report.html');
  if (!wantsPdf && !wanted.includes('parquet')) return;
  const dir = mkdtempSync(join(tmpdir(), 'pankou-run-'));
  try {
    for (const [name, text] of files) writeFileSync(join(dir, name), text);
    const made: string[] = [];
    if (wanted.includes('parquet')) {
      const tables = [...files.keys()].filter((name) => name.endsWith('.csv'));
      made.push(...(await writeParquet(dir, tables)));
    }
    if (wantsPdf) {
      const why = await printPdf(join(dir, 'report.html'), join(dir, 'report.pdf'));
      if (why === '') made.push('report.pdf');
      else lines.push(`warning: ${why.replace(dir, '').replace(/^[\\/]/, '')}`);
    }
    for (const name of made) files.set(name, readFileSync(join(dir, name)));
    if (!wanted.includes('html')) files.delete('report.html');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function recordRun(
  options: BacktestOptions,
  runsDir: string,
  ran: RanBacktest,
  files: ReadonlyMap<string, string | Uint8Array>,
  folders: readonly string[],
): Promise<KeptRun> {
  const { report, params, seconds } = ran;
  const code = readCode(options.strategyFile);
  const rules = options.rules.map((path) => {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  });
  const inputs = inputsOf(options, report, params, code, engineMark(), rules);
  const inputsHash = hashInputs(inputs);
  const store = new RunStore(runsDir, true);
  try {
    const before = store.sameInputs(inputsHash);
    const { stateHash } = report;
    const record = await store.add(
      {
        format: RECORD_FORMAT,
        at: new Date().toISOString(),
        strategy: basename(options.strategyFile).replace(/\.(?:[cm]?[jt]s|py)$/, ''),
        strategyFile: options.strategyFile,
        dataPath: options.data.kind === 'synthetic' ? 'synthetic' : options.data.path,
        instruments: report.instruments,
        ...{ inputs, inputsHash, stateHash },
        figures: figuresOf(report),
        seconds: Math.round(seconds * 1000) / 1000,
        code: code.files.map(({ name, sha256 }) => ({ name, sha256 })),
        notes: code.unknown,
      },
      new Map([...files, ...sourcesOf(code)]),
    );
    return judge(record, before, [...folders, store.folder(record.id)]);
  } finally {
    await store.close();
  }
}

/** The strategy's own files, under code/; what lies above its folder is kept under code/up/. */
function sourcesOf(code: StrategyCode): [string, string][] {
  return code.files.map(({ name, text }) => [`code/${name.replaceAll('../', 'up/')}`, text]);
}

/** Equal inputs must give equal hashes. */
function judge(
  { id, stateHash }: RunRecord,
  before: readonly { readonly id: string; readonly stateHash: string }[],
  folders: readonly string[],
): KeptRun {
  const other = before.find((row) => row.stateHash !== stateHash);
  if (other !== undefined) {
    const line =
      `error: run ${id} had the same inputs as run ${other.id} and reached another state ` +
      `(${stateHash}, there ${other.stateHash}): the strategy depends on something that is ` +
      `not its data, such as the clock, chance or a file; \`pankou runs diff ${other.id} ${id}\``;
    return { folders, lines: [line], failed: true, id };
  }
  const first = before[0];
  if (first === undefined) {
    return { folders, lines: [`recorded as run ${id}`], failed: false, id };
  }
  const times = before.length === 1 ? 'the run' : `${before.length} runs, the first`;
  const same = `the same inputs as ${times} ${first.id}, the same state hash`;
  const line = `recorded as run ${id}: ${same}`;
  return { folders, lines: [line], failed: false, id };
}
