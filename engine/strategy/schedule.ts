// The timers of one strategy that `ctx.at` made: each fires once for each of its moments of the
// day, also across restarts. Called by the kit with engine time. Invariant: what is about to run
// is marked and saved first, so that a crash in the middle never runs it twice; what was missed
// before this life began is skipped, or run late where that was asked for.
import type { AtOptions } from '../core/strategy-kit.ts';
import type { WhenPlan } from './when.ts';

/** A moment no further back than this, at the first event of a life, was not missed. */
const GRACE_NS = 60_000_000_000;
const NEVER_NS = Number.POSITIVE_INFINITY;

interface Job {
  readonly no: number;
  readonly key: string;
  readonly plan: WhenPlan;
  readonly late: boolean;
  readonly run: () => void;
  dueNs: number;
}

/** Last moment that ran, by name of the timer. */
export type RanMarks = Record<string, number>;

export class Schedule {
  /** When `onTime` is wanted next; Infinity = never. */
  dueNs = NEVER_NS;
  /** What ran today, to be saved. */
  readonly ran: RanMarks;
  readonly #jobs: Job[] = [];
  readonly #names = new Map<string, number>();
  readonly #firstPhaseNs: number;
  readonly #saveMarks: () => void;
  readonly #log: (text: string) => void;
  #lastNo = 0;
  #hasBegun = false;

  /** `ran`: marks of earlier lives of this day. `firstPhaseNs`: when the market's day begins. */
  constructor(
    ran: RanMarks,
    firstPhaseNs: number,
    saveMarks: () => void,
    log: (text: string) => void,
  ) {
    this.ran = ran;
    this.#firstPhaseNs = firstPhaseNs;
    this.#saveMarks = saveMarks;
    this.#log = log;
  }

  /** Adds a timer; its number. Throws when the name is taken. */
  add(plan: WhenPlan, run: () => void, options: AtOptions, nowNs: number): number {
    const { name, missed = 'skip' } = options;
    if (missed !== 'skip' && missed !== 'late') {
      throw new Error(`at(...): missed '${String(missed)}', expected 'skip' or 'late'`);
    }
    const before = this.#names.get(name ?? plan.text) ?? 0;
    if (name !== undefined && before > 0) throw new Error(`at(...): name '${name}' is taken`);
    this.#names.set(name ?? plan.text, before + 1);
    const key = name ?? (before === 0 ? plan.text : `${plan.text} #${before + 1}`);
    const ranNs = this.ran[key] ?? -1;
    const job = { no: ++this.#lastNo, key, plan, late: missed === 'late', run, dueNs: 0 };
    job.dueNs = plan.next(ranNs);
    this.#jobs.push(job);
    if (this.#hasBegun) this.#passMissed(job, nowNs);
    // Before the first event nobody knows what was missed: it is looked at then.
    this.dueNs = this.#hasBegun ? Math.min(this.dueNs, job.dueNs) : -1;
    return job.no;
  }

  drop(no: number): boolean {
    const at = this.#jobs.findIndex((job) => job.no === no);
    if (at < 0) return false;
    this.#jobs.splice(at, 1);
    this.#setDue();
    return true;
  }

  /** Runs what is due, in order of time, then of making. User code may throw. */
  onTime(nowNs: number): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      for (const job of this.#jobs) {
        const soonest = Math.max(job.dueNs, this.#firstPhaseNs);
        if (nowNs - soonest > GRACE_NS) this.#passMissed(job, nowNs);
      }
      this.#setDue();
    }
    while (this.dueNs <= nowNs) {
      let job = this.#jobs[0]!;
      for (const one of this.#jobs) if (one.dueNs < job.dueNs) job = one;
      // Moments that fell behind while the market was silent are one run.
      for (; job.dueNs <= nowNs; job.dueNs = job.plan.next(job.dueNs)) {
        this.ran[job.key] = job.dueNs;
      }
      this.#setDue();
      this.#saveMarks();
      job.run();
    }
  }

  /** Goes over the moments before now: none of them runs, or only the last one, late. */
  #passMissed(job: Job, nowNs: number): void {
    let last = NEVER_NS;
    while (job.dueNs < nowNs) {
      last = job.dueNs;
      job.dueNs = job.plan.next(job.dueNs);
    }
    if (last === NEVER_NS) return;
    this.#log(`timer '${job.key}' was missed: ${job.late ? 'it runs late' : 'skipped'}`);
    if (job.late) job.dueNs = last;
  }

  #setDue(): void {
    let due = this.#hasBegun ? NEVER_NS : -1;
    for (const job of this.#jobs) if (job.dueNs < due) due = job.dueNs;
    this.dueNs = this.#jobs.length === 0 ? NEVER_NS : due;
  }
}
