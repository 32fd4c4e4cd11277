// The phases of one day of several instruments as steps in time: what most of them do at a step is
// said once for the market, the others are named. Called by day-writer.ts and the synthetic
// market. Always: made from Instrument.phases (the rule book of the day); steps rise in time.
import { type Instrument, type PhaseStep, phaseByClock } from '../../core/instrument.ts';
import { likenessOf } from '../../rules/day-by-day.ts';

/** At a step the market's phase does not change, only that of some instruments. */
export const NO_CHANGE = -1;

export interface OwnPhase {
  /** Dense index. */
  readonly instrument: number;
  readonly phase: number;
}

export interface DayStep {
  readonly ns: number;
  /** Phase of the market from here on, or NO_CHANGE. */
  readonly phase: number;
  /** Instruments whose phase from here on is another, or changes alone. */
  readonly own: readonly OwnPhase[];
}

export class DaySchedule {
  readonly steps: readonly DayStep[];
  /** Phases of the market: those that most instruments have, the first of equals. */
  readonly market: readonly PhaseStep[];
  readonly #phases: readonly (readonly PhaseStep[])[];

  constructor(instruments: readonly Instrument[]) {
    this.#phases = instruments.map(({ phases }) => phases);
    this.market = mostCommon(this.#phases);
    const plans = [...countsOf(this.#phases).keys()];
    const times = new Set(plans.flatMap((phases) => phases.map(({ ns }) => ns)));
    this.steps = [...times].sort((a, b) => a - b).map((ns) => this.#step(ns, plans));
  }

  #step(ns: number, plans: readonly (readonly PhaseStep[])[]): DayStep {
    const now = phaseByClock(this.market, ns);
    const phase = now === phaseByClock(this.market, ns - 1) ? NO_CHANGE : now;
    const differing = new Map<readonly PhaseStep[], number>();
    for (const phases of plans) {
      const mine = phaseByClock(phases, ns);
      const differs = phase === NO_CHANGE ? mine !== phaseByClock(phases, ns - 1) : mine !== now;
      if (differs) differing.set(phases, mine);
    }
    return { ns, phase, own: differing.size === 0 ? [] : this.#own(differing) };
  }

  #own(differing: ReadonlyMap<readonly PhaseStep[], number>): OwnPhase[] {
    const own: OwnPhase[] = [];
    for (const [instrument, phases] of this.#phases.entries()) {
      const phase = differing.get(phases);
      if (phase !== undefined) own.push({ instrument, phase });
    }
    return own;
  }

  /** Phase of an instrument from a step on. */
  phaseAt(step: number, instrument: number): number {
    return phaseByClock(this.#phases[instrument], this.steps[step].ns);
  }
}

const schedules = new WeakMap<object, DaySchedule>();

/** The schedule of a day's instruments: one for all days on which nothing but prices differs. */
export function scheduleOf(instruments: readonly Instrument[]): DaySchedule {
  const likeness = likenessOf(instruments);
  const known = schedules.get(likeness);
  if (known !== undefined) return known;
  const made = new DaySchedule(instruments);
  schedules.set(likeness, made);
  return made;
}

/**
 * Instruments by their list of phases: those of one kind and day share one (rules/make-instrument),
 * so thousands of instruments are a few lists. In the order of the first instrument of each.
 */
function countsOf(all: readonly (readonly PhaseStep[])[]): Map<readonly PhaseStep[], number> {
  const counts = new Map<readonly PhaseStep[], number>();
  for (const phases of all) counts.set(phases, (counts.get(phases) ?? 0) + 1);
  return counts;
}

function mostCommon(all: readonly (readonly PhaseStep[])[]): readonly PhaseStep[] {
  const counts = new Map<string, { phases: readonly PhaseStep[]; count: number }>();
  for (const [phases, count] of countsOf(all)) {
    const key = phases.map(({ ns, phase }) => `${ns}:${phase}`).join(' ');
    const entry = counts.get(key) ?? { phases, count: 0 };
    entry.count += count;
    counts.set(key, entry);
  }
  let best = { phases: [] as readonly PhaseStep[], count: 0 };
  for (const entry of counts.values()) if (entry.count > best.count) best = entry;
  return best.phases;
}
