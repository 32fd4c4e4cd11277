// The rule book: layers of dated rows, asked for a day and a security. Called by the validation of
// orders, fee-dates.ts, the limit prices and `pankou rules`.
// Always: the highest layer that has an answer wins, inside a layer the row that names the
// security's state or fund type; a question without a row gives null, never a guess.
import { BUILT_IN, builtInLayer } from './built-in.ts';
import { Calendar } from './calendar.ts';
import type { RuleLayer } from './rule-layer.ts';
import type { FundType, Kind, RuleRow, State, Topic, Venue } from './rule-row.ts';

/** Whom a question is about. `type` null: no fund, or its type is not known. */
export interface RuleScope {
  readonly venue: Venue;
  readonly kind: Kind;
  readonly state: State;
  readonly type: FundType | null;
}

/** A row in force and the layer it stands in. */
export interface HeldRow<T extends Topic = Topic> {
  readonly row: RuleRow<T>;
  readonly layer: string;
}

export class RuleBook {
  /** From the lowest, the built-in one, to the highest. */
  readonly layers: readonly RuleLayer[];
  readonly calendar: Calendar;
  readonly #days = new Map<number, DayRules>();

  constructor(overlays: readonly RuleLayer[] = []) {
    this.layers = [builtInLayer(), ...overlays];
    this.calendar = new Calendar(this.layers.map(({ spans }) => spans));
  }

  /** The rows in force on a day, trading day or not. */
  on(day: number): DayRules {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const made = new DayRules(day, this.layers);
    this.#days.set(day, made);
    return made;
  }
}

let plain: RuleBook | null = null;

/** The book without overlays, one for the process. */
export function builtInBook(): RuleBook {
  plain ??= new RuleBook();
  return plain;
}

/** What holds on one day. */
export class DayRules {
  readonly day: number;
  /** Rows in force by topic, from the highest layer to the lowest. */
  readonly #byTopic = new Map<Topic, HeldRow[]>();

  constructor(day: number, layers: readonly RuleLayer[]) {
    this.day = day;
    for (const { name, rows } of layers.toReversed()) {
      for (const row of rows) {
        if (!isInForce(row, day)) continue;
        const held = this.#byTopic.get(row.what) ?? [];
        held.push({ row, layer: name });
        this.#byTopic.set(row.what, held);
      }
    }
  }

  /** The row that answers for a topic and key, or null. */
  find<T extends Topic>(what: T, scope: RuleScope, key = ''): RuleRow<T> | null {
    return this.findHeld(what, scope, key)?.row ?? null;
  }

  /** Like find, with the layer. */
  findHeld<T extends Topic>(what: T, scope: RuleScope, key = ''): HeldRow<T> | null {
    let best: HeldRow | null = null;
    for (const held of this.#byTopic.get(what) ?? []) {
      if (held.row.key !== key || !covers(held.row, scope)) continue;
      if (best !== null && held.layer !== best.layer) break;
      if (best === null || weight(held.row) > weight(best.row)) best = held;
    }
    return best as HeldRow<T> | null;
  }

  /** The answers of a topic for each of its keys, in the order of the rows. */
  all<T extends Topic>(what: T, scope: RuleScope): HeldRow<T>[] {
    const keys = new Set<string>();
    for (const { row } of this.#byTopic.get(what) ?? []) if (covers(row, scope)) keys.add(row.key);
    return [...keys].map((key) => this.findHeld(what, scope, key) as HeldRow<T>);
  }

  /** Code ranges of a venue, the highest layer first. */
  codeRanges(venue: Venue): HeldRow<'code-range'>[] {
    const held = (this.#byTopic.get('code-range') ?? []) as HeldRow<'code-range'>[];
    return held.filter(({ row }) => row.venues.includes(venue));
  }
}

/** `built-in` rows are not worth a word; those of an overlay are. */
export function isOverlay(layer: string): boolean {
  return layer !== BUILT_IN;
}

function isInForce(row: RuleRow, day: number): boolean {
  return row.validFrom <= day && (row.validTo === 0 || day <= row.validTo);
}

function covers(row: RuleRow, scope: RuleScope): boolean {
  return (
    row.venues.includes(scope.venue) &&
    row.kinds.includes(scope.kind) &&
    (row.states.length === 0 || row.states.includes(scope.state)) &&
    (row.types.length === 0 || (scope.type !== null && row.types.includes(scope.type)))
  );
}

function weight(row: RuleRow): number {
  return (row.states.length > 0 ? 2 : 0) + (row.types.length > 0 ? 1 : 0);
}
