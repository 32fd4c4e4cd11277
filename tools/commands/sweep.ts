// `pankou sweep`: a strategy over a grid of parameters. Turns the command line into options, shows
// progress and the best cells, and hands over to engine/backtest/sweep. Always: exit 0 when every
// cell has a row, 1 when something is wrong, 2 for wrong use, 130 after Ctrl-C with all finished
// rows kept.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BacktestOptions } from '../../engine/backtest/options.ts';
import { FIGURES, type Figure } from '../../engine/backtest/sweep/figures.ts';
import { type Axis, parseAxis } from '../../engine/backtest/sweep/grid.ts';
import type { SweepOptions, SweepOutcome } from '../../engine/backtest/sweep/sweep.ts';
import type { ForwardOutcome, Splitting } from '../../engine/backtest/sweep/walk-forward.ts';
import { durationMs, wholeNumber } from '../option-values.ts';
import { type BacktestFlags, prepareBacktest, withRunOptions } from './backtest.ts';

const AFTER = `
--grid names a parameter and its values: fast=3..20, slow=10..60:5 (in steps of 5),
rate=0.1..0.3:0.1, kind=a,b, on=true,false. Every combination is a cell; --random N runs N of
them, chosen by --seed.

DIR gets job.json (what was asked, never changed), results/ (each row as soon as it is finished),
results.csv (one row a cell), sweep.json and sweep.html. The same command goes on where it was
stopped: by Ctrl-C, kill -9 or a full disk. It refuses a folder that holds another sweep.

Example:
  pankou sweep examples/strategies/ma-cross.ts --data synthetic:1 --instruments 600001.SH \\
    --position 600001.SH=10000 --grid fast=3..20 --grid slow=25..60:5 --workers 2 --out sweep

--out-of-sample 30 chooses the best cell on the first 70 % of the days and runs it on the others;
--walk-forward 60:20 does so again and again: 60 days to choose on, the next 20 to judge it. Each
window is a sweep in a folder of its own; forward.json has them all.

docs/SWEEP.md says what the figures mean, with the formula of the deflated Sharpe ratio.
Exit codes: 0 every cell has a row, 1 failed, 2 wrong use, 130 stopped by Ctrl-C.`;

interface SweepFlags extends BacktestFlags {
  grid: Axis[];
  random: number;
  seed: number;
  workers: number;
  out: string;
  by: Figure;
  cellLimit?: number;
  outOfSample?: Splitting;
  walkForward?: Splitting;
}

const MIB = 1 << 20;
const TELL_EVERY_MS = 15_000;

export function registerSweep(program: Command): void {
  withRunOptions(
    program
      .command('sweep')
      .description('run a strategy over a grid of parameters')
      .argument('<STRATEGY>', 'strategy file (.ts, .py)'),
  )
    .requiredOption('--grid <NAME=VALUES>', 'values of a parameter; may be repeated', gridValue)
    .option('--random <N>', 'so many cells, chosen at random', wholeNumber(1, 10_000_000), 0)
    .option('--seed <N>', 'of the random choice', wholeNumber(0, 2_147_483_647), 1)
    .option('--workers <N>', 'threads', wholeNumber(1, 256), availableParallelism())
    .addOption(
      new Option('--by <FIGURE>', 'what ranks the cells').choices(FIGURES).default('totalReturn'),
    )
    .option('--out-of-sample <PERCENT>', 'days held out at the end, such as 30', heldOut)
    .option('--walk-forward <TRAIN:TEST>', 'windows of so many days, such as 60:20', windowValue)
    .option('--cell-limit <TIME>', 'longest time of a cell, such as 10m', durationMs)
    .requiredOption('--out <DIR>', 'folder of the sweep')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', AFTER)
    .action(async (strategy: string, flags: SweepFlags, command: Command) => {
      const run = prepareBacktest(strategy, { ...flags, record: false }, (message) =>
        command.error(`error: ${message}`, { exitCode: 2 }),
      );
      const { runSweep } = await import('../../engine/backtest/sweep/sweep.ts');
      const { diskText } = await import('../../engine/backtest/sweep/results.ts');
      const dir = resolve(flags.out);
      const stop = new AbortController();
      const onSignal = (): void => stop.abort();
      process.once('SIGINT', onSignal);
      process.once('SIGTERM', onSignal);
      const progress = new Progress();
      try {
        const options: SweepOptions = {
          run: { ...run, outDir: '' },
          ...{ axes: flags.grid, random: flags.random, seed: flags.seed, by: flags.by },
          ...{ workers: flags.workers, dir, cellLimitMs: flags.cellLimit ?? 0 },
          signal: stop.signal,
          onProgress: (done, all, text) => progress.show(done, all, text),
        };
        const how = flags.walkForward ?? flags.outOfSample;
        if (how !== undefined) {
          const { runForward } = await import('../../engine/backtest/sweep/walk-forward.ts');
          const forward = await runForward(options, how);
          progress.stop();
          process.exitCode = tellForward(forward, dir, flags.json === true);
          return;
        }
        const outcome = await runSweep(options);
        progress.stop();
        await writePage(run, outcome, dir);
        process.exitCode = tell(outcome, dir, flags.json === true);
      } catch (error) {
        progress.stop();
        throw new Error(diskText(dir, error), { cause: error });
      } finally {
        progress.stop();
        process.off('SIGINT', onSignal);
        process.off('SIGTERM', onSignal);
      }
    });
}

function heldOut(text: string): Splitting {
  const percent = Number(text.replace(/\s*%$/, ''));
  if (percent > 0 && percent < 100) return { kind: 'hold-out', percent };
  throw new InvalidArgumentError('Expected a percentage above 0, below 100.');
}

function windowValue(text: string): Splitting {
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  const [train, test] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (train > 0 && test > 0) return { kind: 'walk', train, test };
  throw new InvalidArgumentError('Expected TRAIN:TEST in days, such as 60:20.');
}

function tellForward(forward: ForwardOutcome, dir: string, json: boolean): number {
  writeFileSync(join(dir, 'forward.json'), `${JSON.stringify(forward, null, 2)}\n`);
  if (json) console.log(JSON.stringify(forward));
  else {
    const { by } = forward;
    const table = new Table({
      head: ['training days', 'test days', 'best', `${by} in sample`, 'out of sample', 'return'],
      style: { head: [], border: [] },
    });
    for (const { train, test, params, inSample, outOfSample, testReturn } of forward.windows) {
      const best = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
      const figures = [number(inSample, 5), number(outOfSample, 5), percent(testReturn)];
      table.push([train.join('–'), test.join('–'), best.join(' '), ...figures]);
    }
    console.log(table.toString());
    console.log(`out of sample together: ${percent(forward.totalReturn)}; written to ${dir}`);
  }
  const unsteady = forward.sweep?.unsteady ?? '';
  if (unsteady !== '') console.error(`error: ${unsteady}`);
  if (forward.stopped)
    console.error('stopped; what was finished is kept, the same command goes on');
  return forward.stopped ? 130 : unsteady === '' ? 0 : 1;
}

/** Adds one axis. */
function gridValue(text: string, before: readonly Axis[] = []): Axis[] {
  try {
    return [...before, parseAxis(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function tell(outcome: SweepOutcome, dir: string, json: boolean): number {
  writeFileSync(join(dir, 'sweep.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  if (json) console.log(JSON.stringify(outcome));
  else console.log(textOf(outcome, dir));
  if (outcome.unsteady !== '') console.error(`error: ${outcome.unsteady}`);
  for (const { text, count } of outcome.errors) console.error(`${count} cells failed: ${text}`);
  if (outcome.stopped) {
    const { done, cells } = outcome;
    console.error(`stopped: ${done} of ${cells} cells are kept; the same command goes on`);
    return 130;
  }
  return outcome.unsteady === '' ? 0 : 1;
}

async function writePage(run: BacktestOptions, outcome: SweepOutcome, dir: string): Promise<void> {
  const { PAGE_MISSING, sweepPage } = await import('../../engine/backtest/page/write-page.ts');
  const { engineMark } = await import('../../engine/backtest/records/engine-hash.ts');
  const { version, hash } = engineMark();
  const { data } = run;
  const head = {
    title: basename(run.strategyFile).replace(/\.(?:[cm]?[jt]s|py)$/, ''),
    engine: `${version} (${hash})`,
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    params: run.params,
    data: data.kind === 'synthetic' ? `synthetic:${data.seed}` : basename(data.path),
  };
  const page = sweepPage(head, outcome);
  if (page === null) console.error(`warning: ${PAGE_MISSING}`);
  else writeFileSync(join(dir, 'sweep.html'), page);
}

function textOf(outcome: SweepOutcome, dir: string): string {
  const { best, by, deflated, memory, workers } = outcome;
  const names = Object.keys(best[0]?.params ?? {});
  const table = new Table({
    head: ['cell', ...names, 'profit', 'return', 'drawdown', 'sharpe', 'fills', 'state'],
    style: { head: [], border: [] },
  });
  for (const { cell, params, figures, stateHash } of best.slice(0, 10)) {
    const [profit, total] = [number(figures['pnl'], 2), percent(figures['totalReturn'])];
    const [fall, sharpe] = [percent(figures['maxDrawdown']), number(figures['sharpe'], 3)];
    const fills = number(figures['fills'], 0);
    const own = names.map((name) => String(params[name]));
    table.push([cell, ...own, profit, total, fall, sharpe, fills, stateHash]);
  }
  const { cells, done, failed, resumed, seconds, cellsPerSecond } = outcome;
  const lines = [
    table.toString(),
    `ranked by ${by}; ${done} of ${cells} cells, ${failed} failed, ${resumed} were there before`,
    `${seconds.toFixed(1)} s with ${workers} worker${workers === 1 ? '' : 's'}, ` +
      `${cellsPerSecond.toFixed(2)} cells a second`,
  ];
  if (deflated !== null) {
    const { probability, trials, sharpe, expectedMaximum } = deflated;
    lines.push(
      `deflated Sharpe ratio of the best: ${(probability * 100).toFixed(1)} % likely above 0 ` +
        `(${sharpe.toFixed(4)} a period; the best of ${trials} without skill: ` +
        `${expectedMaximum.toFixed(4)})`,
    );
  }
  const last = memory[memory.length - 1];
  const early = memory.find((one) => one.cells >= 50);
  if (last !== undefined && early !== undefined && last !== early) {
    const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
    lines.push(
      `memory: ${mib(early.rssBytes)} after ${early.cells} cells, ` +
        `${mib(last.rssBytes)} after ${last.cells}`,
    );
  }
  lines.push(`written to ${dir}`);
  return lines.join('\n');
}

function number(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? 'none' : value.toFixed(digits);
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? 'none' : `${(value * 100).toFixed(3)} %`;
}

/** A bar with the time left on a terminal; elsewhere a line now and then. */
class Progress {
  #bar: SingleBar | null = null;
  #toldAt = performance.now();

  show(done: number, all: number, text: string): void {
    if (process.stderr.isTTY !== true) {
      const now = performance.now();
      if (now - this.#toldAt < TELL_EVERY_MS) return;
      this.#toldAt = now;
      console.error(`${done} of ${all} cells`);
      return;
    }
    if (this.#bar === null) {
      const format =
        '{bar} {percentage}% | {value} of {total} cells | {eta_formatted} left | {text}';
      this.#bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, etaBuffer: 50 });
      this.#bar.start(all, done, { text });
    } else this.#bar.update(done, { text });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
