// Puts the cold parts of a strategy's context together: timers, kept state, series, rebalances and
// seeded random numbers. Made by engine/host/assembly.ts for each strategy. Invariant: time and
// data come in by calls; what leaves are texts and numbers for the ports of the host.
import { dayEndNs } from '../core/session-bars.ts';
import type { ParamSpecs, Strategy } from '../core/strategy.ts';
import type { AtOptions, DayPlace, KitContext, StrategyKit, When } from '../core/strategy-kit.ts';
import type { RebalanceOptions, RebalanceTarget, RebalanceView } from '../core/strategy-orders.ts';
import { type Kept, keptText, readKept } from './kept-state.ts';
import { Rebalance } from './rebalance.ts';
import { Schedule } from './schedule.ts';
import { planOf } from './when.ts';

/** Timers one strategy may have. */
const TIMERS_MAX = 4_096;

/** What the host gives: all of it made before the first event. */
export interface KitPorts {
  readonly strategy: string;
  /** Text saved by an earlier life; '' = none. */
  readonly saved: string;
  /** Takes the text to save, whole; null = nothing is kept (a replay). */
  readonly save: ((text: string) => void) | null;
  /** A number of a custom series, at engine time. */
  readonly series: (name: string, atNs: number, value: number) => void;
  /** Null: the calendar does not know the month of this day. */
  readonly place: DayPlace | null;
}

export class Kit implements StrategyKit {
  dueNs = Number.POSITIVE_INFINITY;
  readonly #context: KitContext;
  readonly #strategy: Strategy<ParamSpecs, unknown>;
  #ports: KitPorts;
  readonly #tell: (view: RebalanceView) => void;
  #schedule: Schedule;
  /** Timers of onInit: they are of every day. */
  #daily: { readonly when: When; readonly run: () => void; readonly options: AtOptions }[] = [];
  #isInit = true;
  #kept: Kept;
  #rebalance: Rebalance | null = null;
  #rebalances = 0;
  #seed: number;

  /** Throws when what was saved cannot be read. */
  constructor(
    context: KitContext,
    strategy: Strategy<ParamSpecs, unknown>,
    ports: KitPorts,
    tell: (view: RebalanceView) => void,
  ) {
    this.#context = context;
    this.#strategy = strategy;
    this.#ports = ports;
    this.#tell = tell;
    const kept = readKept(ports.saved, ports.strategy);
    const { day } = context;
    this.#kept = { ...kept, day, ran: kept.day === day ? kept.ran : {} };
    this.#schedule = this.#newSchedule();
    this.#seed = seedOf(`${ports.strategy} ${day}`);
  }

  #newSchedule(): Schedule {
    const phases = this.#context.instruments[0]?.phases ?? [];
    return new Schedule(
      this.#kept.ran,
      phases[0]?.ns ?? dayEndNs(phases),
      () => this.#write(),
      (text) => this.#context.log(text),
    );
  }

  begun(): void {
    this.#isInit = false;
  }

  /** Another day of the same run: the timers that onInit asked for are asked for again. */
  nextDay(ports: KitPorts): void {
    const { day } = this.#context;
    this.#ports = ports;
    this.#kept = { ...this.#kept, day, ran: {} };
    this.#schedule = this.#newSchedule();
    this.#seed = seedOf(`${ports.strategy} ${day}`);
    for (const { when, run, options } of this.#daily) {
      const plan = planOf(when, this.#context.instruments, ports.place);
      this.#schedule.add(plan, run, options, this.#context.nowNs);
    }
    this.#setDue();
  }

  onTime(nowNs: number): void {
    const isJob = this.#schedule.dueNs <= nowNs;
    if (isJob) this.#schedule.onTime(nowNs);
    if (isJob && this.#strategy.stateVersion !== undefined) this.save();
    this.#step(nowNs);
    this.#setDue();
  }

  onTrade(intentNo: number, side: number, amountE4: number): void {
    this.#rebalance?.onTrade(intentNo, side, amountE4);
    this.#setDue();
  }

  onRefusal(intentNo: number, code: number): void {
    this.#rebalance?.onRefusal(intentNo, code);
  }

  onEnd(): void {
    const open = this.#rebalance;
    this.#rebalance = null;
    if (open !== null) this.#tell(open.view());
    if (this.#strategy.stateVersion !== undefined) this.save();
  }

  at(when: When, run: () => void, options: AtOptions = {}): number {
    const { instruments, nowNs } = this.#context;
    const plan = planOf(when, instruments, this.#ports.place);
    const no = this.#schedule.add(plan, run, options, nowNs);
    if (this.#isInit) this.#daily.push({ when, run, options });
    if (no > TIMERS_MAX) throw new Error(`at(...): more than ${TIMERS_MAX} timers`);
    this.#setDue();
    return no;
  }

  drop(timer: number): boolean {
    const was = this.#schedule.drop(timer);
    this.#setDue();
    return was;
  }

  restored(): unknown {
    const { value, version } = this.#kept;
    const wanted = this.#strategy.stateVersion ?? 0;
    if (value === undefined || version === wanted) return structuredClone(value);
    if (this.#strategy.migrate !== undefined) {
      return this.#strategy.migrate(structuredClone(value), version);
    }
    const how = 'add migrate(old, version) to the strategy, or delete its state file';
    const { strategy } = this.#ports;
    throw new Error(`saved state of ${strategy} has version ${version}, not ${wanted}: ${how}`);
  }

  save(): void {
    const version = this.#strategy.stateVersion ?? 0;
    const text = keptText({ ...this.#kept, version, value: this.#context.state });
    // A copy: marks are saved later with the state as it was when it was saved.
    this.#kept = { ...readKept(text, this.#ports.strategy), ran: this.#schedule.ran };
    this.#ports.save?.(text);
  }

  series(name: string, value: number): void {
    this.#ports.series(name, this.#context.nowNs, value);
  }

  rebalance(targets: readonly RebalanceTarget[], options: RebalanceOptions = {}): number {
    const next = new Rebalance(this.#rebalances + 1, this.#context, targets, options);
    const before = this.#rebalance;
    this.#rebalances++;
    this.#rebalance = next;
    before?.cancelAll();
    if (before !== null) this.#tell(before.view());
    // Its first orders leave at once; that it is over is told with a later event.
    next.step(this.#context.nowNs);
    this.#setDue();
    return next.no;
  }

  /** mulberry32: the same numbers in every run of the same strategy and day. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  }

  #step(nowNs: number): void {
    const one = this.#rebalance;
    if (one === null || one.dueNs > nowNs || !one.step(nowNs)) return;
    if (this.#rebalance === one) this.#rebalance = null;
    this.#tell(one.view());
  }

  #write(): void {
    this.#ports.save?.(keptText(this.#kept));
  }

  #setDue(): void {
    const rebalance = this.#rebalance?.dueNs ?? Number.POSITIVE_INFINITY;
    this.dueNs = Math.min(this.#schedule.dueNs, rebalance);
  }
}

/** FNV-1a of a text. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return hash | 0;
}
