// `pankou check`: whether a result can be believed. Runs the strategy as it is, again, with a
// poisoned future, with a late start and with a tick of latency, and says in plain words what it
// found. Called by the command and tests. Always: a cheat is told with the moment and the decision
// that gives it away; what could not be tested is said.
import type { Instrument } from '../../core/instrument.ts';
import type { EngineSetup } from '../../host/setup.ts';
import { dayText } from '../../rules/calendar-date.ts';
import { executeBacktest, type RunWishes } from '../command.ts';
import { changeShelf, clearShelf, shelvedTapes, startShelving } from '../day-shelf.ts';
import { NO_DELAY } from '../latency.ts';
import type { BacktestOptions } from '../options.ts';
import type { RanBacktest } from '../ran-backtest.ts';
import { readCode } from '../records/code-hash.ts';
import { clockText } from '../report.ts';
import { codeFindings } from './code-findings.ts';
import { dataFindings } from './data-findings.ts';
import {
  type Decision,
  decisionsOf,
  firstDifference,
  type Moment,
  shareEqual,
} from './decisions.ts';
import type { Finding, Level } from './finding.ts';
import { poisonedTape } from './poison.ts';
import { costFinding, latencyFinding, tickNs, warmUpFinding } from './sensitivity.ts';

export interface CheckOptions {
  readonly run: BacktestOptions;
  /** Moments at which the future is poisoned. */
  readonly cuts: number;
  readonly seed: number;
  readonly onProgress?: (done: number, all: number, text: string) => void;
}

export interface CheckReport {
  readonly strategy: string;
  readonly decisions: number;
  readonly stateHash: string;
  readonly pnl: number;
  /** Moments at which the future was poisoned. */
  readonly cuts: readonly Moment[];
  readonly findings: readonly Finding[];
  /** Of the worst finding. */
  readonly verdict: Level;
}

const WORST: readonly Level[] = ['cheat', 'warning', 'note', 'fine'];
/** Part of the day that a late start leaves out. */
const LATE = 0.25;

/** Never throws for what is wrong with strategy or data: that is a finding. */
export async function checkStrategy(options: CheckOptions): Promise<CheckReport> {
  const checking = new Checking(options);
  try {
    startShelving();
    await checking.run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    checking.add('cheat', 'run', `无法运行：${text}`, `refused: ${text}`);
  } finally {
    clearShelf();
  }
  return checking.report();
}

class Checking {
  readonly #options: CheckOptions;
  readonly #findings: Finding[] = [];
  readonly #cuts: Moment[] = [];
  #instruments: readonly Instrument[] = [];
  #base: RanBacktest | null = null;
  #decisions: readonly Decision[] = [];
  #runs = 0;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  add(level: Level, test: Finding['test'], zh: string, en: string): void {
    this.#findings.push({ level, test, zh, en });
  }

  async run(): Promise<void> {
    const { run } = this.#options;
    this.#findings.push(...codeFindings(readCode(run.strategyFile)));
    // What goes around the market is not run: its result would say nothing, and it may do harm.
    if (this.#findings.some(({ level }) => level === 'cheat')) return;
    const base = await this.#run('as it is');
    this.#base = base;
    this.#decisions = decisionsOf(base.recorder!);
    for (const { text } of base.report.failures) {
      this.add('cheat', 'run', `策略出错并被停止：${text}`, `the strategy failed: ${text}`);
      return;
    }
    this.#findings.push(...dataFindings(shelvedTapes(), this.#instruments));
    if (!(await this.#repeat(base))) return;
    if (this.#decisions.length === 0) {
      this.add(
        'note',
        'future',
        '策略没有任何决策，无从检验',
        'no decision was made: nothing to test',
      );
      return;
    }
    await this.#poison();
    await this.#startLate();
    await this.#delay(base);
    this.#findings.push(costFinding(base, this.#instruments));
  }

  report(): CheckReport {
    const base = this.#base;
    const verdict = WORST.find((level) => this.#findings.some((f) => f.level === level));
    return {
      strategy: this.#options.run.strategyFile,
      decisions: this.#decisions.length,
      stateHash: base?.report.stateHash ?? '',
      pnl: base?.report.pnl ?? 0,
      cuts: this.#cuts,
      findings: this.#findings,
      verdict: verdict ?? 'fine',
    };
  }

  #run(text: string, wishes: RunWishes = {}, changes: Partial<BacktestOptions> = {}) {
    const all = 4 + 2 * this.#options.cuts;
    this.#options.onProgress?.(Math.min(this.#runs++, all), all, text);
    const { changeSetup = (made: EngineSetup) => made } = wishes;
    return executeBacktest(
      { ...this.#options.run, ...changes },
      {
        detail: true,
        changeSetup: (setup) => {
          this.#instruments = setup.instruments;
          return changeSetup(setup);
        },
      },
    );
  }

  /** False when two equal runs differ: then nothing else can be told from runs. */
  async #repeat(base: RanBacktest): Promise<boolean> {
    const again = await this.#run('again');
    if (again.report.stateHash === base.report.stateHash) {
      this.add('fine', 'repeat', '再运行一次，结果相同', 'run again, the result is the same');
      return true;
    }
    const at = firstDifference(this.#decisions, decisionsOf(again.recorder!), null);
    this.add(
      ...['cheat' as const, 'repeat' as const],
      `再运行一次，结果不同${placeText(at)}：策略记住了上一次运行（onInit 之外的变量？），或使用了时钟、随机数或文件`,
      `run again, the result differs${placeText(at)}: the strategy remembers the run before (a ` +
        'variable outside onInit?), or uses the clock, chance or a file',
    );
    return false;
  }

  async #poison(): Promise<void> {
    const ticksE4 = this.#instruments.map(({ tickE4 }) => tickE4);
    const { seed } = this.#options;
    for (const cut of cutsOf(this.#decisions, this.#options.cuts)) {
      this.#cuts.push(cut);
      for (const way of ['up', 'down'] as const) {
        const restore = changeShelf((tape, day) => {
          if (day !== 0 && day < cut.day) return tape;
          const afterNs = day === 0 || day === cut.day ? cut.ns : -1;
          return poisonedTape(tape, afterNs, ticksE4, seed, way);
        });
        const ran = await this.#run('another future').finally(restore);
        const at = firstDifference(this.#decisions, decisionsOf(ran.recorder!), cut);
        if (at === null) continue;
        const moment = momentText(cut);
        this.add(
          ...['cheat' as const, 'future' as const],
          `${moment} 之后的数据换成噪声后，此前的决策变了${placeText(at)}：策略看到了未来`,
          `with noise behind ${moment} an earlier decision changed${placeText(at)}: the strategy ` +
            'sees the future',
        );
        return;
      }
    }
    const n = this.#cuts.length;
    this.add(
      ...['fine' as const, 'future' as const],
      `在 ${n} 个时刻把之后的数据换成噪声，此前的决策都不变`,
      `at ${n} moments the data behind were replaced by noise: no earlier decision changed`,
    );
  }

  /** One day: after a quarter of it, books as they stand then. Several: after a quarter of them. */
  async #startLate(): Promise<void> {
    const { days } = this.#base!.report;
    const first = this.#decisions[0]!;
    if (days.length > 1) {
      const later = Math.max(1, Math.floor(days.length * LATE));
      const warm = Math.min(days.length - 1, later + days.indexOf(first.day));
      const late = await this.#run('a late start', {}, { from: days[later]! });
      const from = { day: days[warm]!, ns: 0 };
      const share = shareEqual(this.#decisions, decisionsOf(late.recorder!), from);
      this.#findings.push(warmUpFinding(share, `${later} d`));
      return;
    }
    const { tape } = shelvedTapes()[0]!;
    const lateNs = tape.firstNs + LATE * (tape.lastNs - tape.firstNs);
    const warmNs = Math.max(0, first.ns - tape.firstNs);
    const late = await this.#run('a late start', {
      changeSetup: (setup) => ({ ...setup, skipUntilNs: lateNs }),
    });
    const from = { day: first.day, ns: lateNs + warmNs };
    const share = shareEqual(this.#decisions, decisionsOf(late.recorder!), from);
    this.#findings.push(warmUpFinding(share, `${Math.round((lateNs - tape.firstNs) / 60e9)} min`));
  }

  async #delay(base: RanBacktest): Promise<void> {
    const tick = tickNs(shelvedTapes()[0]!.tape);
    if (tick === 0) {
      const zh = 'K 线数据：委托本来就在之后的 K 线成交，不检验延迟';
      this.add('note', 'latency', zh, 'bars: orders fill in a later bar anyway, no latency test');
      return;
    }
    const before = this.#options.run.latency;
    const order = { ns: (before?.order ?? NO_DELAY).ns.map((ns) => ns + tick), counts: [1] };
    const counts = before?.order.counts ?? [1];
    const latency = {
      feed: before?.feed ?? NO_DELAY,
      order: { ...order, counts },
      report: before?.report ?? NO_DELAY,
    };
    const late = await this.#run('a tick late', {
      changeSetup: (setup) => ({ ...setup, latency }),
    });
    const text = `${(tick / 1e6).toFixed(tick < 1e7 ? 2 : 0)} ms`;
    this.#findings.push(latencyFinding(base.report.pnl, late.report.pnl, text));
  }
}

/** Moments of decisions, spread over all of them: what lies behind is poisoned. */
function cutsOf(decisions: readonly Decision[], count: number): Moment[] {
  const moments = decisions.filter(({ day, ns }, i) => {
    const next = decisions[i + 1];
    return next === undefined || next.day !== day || next.ns !== ns;
  });
  const all = moments.map(({ day, ns }) => ({ day, ns }));
  if (all.length <= count) return all;
  return Array.from(
    { length: count },
    (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]!,
  );
}

function momentText({ day, ns }: Moment): string {
  return `${dayText(day)} ${clockText(ns)}`;
}

function placeText(at: ReturnType<typeof firstDifference>): string {
  if (at === null) return '';
  const one = at.a ?? at.b;
  const text = (decision: Decision | null): string => decision?.text ?? '—';
  return ` (${momentText(one!)}: ${text(at.a)} / ${text(at.b)})`;
}
