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
  /** Days from which on other rows are in force, in order. */
  readonly #turns: readonly number[];
  /** By the number of turns that have come. */
  readonly #inForce = new Map<number, RowsInForce>();

  constructor(overlays: readonly RuleLayer[] = []) {
    this.layers = [builtInLayer(), ...overlays];
    this.calendar = new Calendar(this.layers.map(({ spans }) => spans));
    const rows = this.layers.flatMap((layer) => layer.rows);
    const turns = rows.flatMap(({ validFrom, validTo }) => [validFrom, validTo + 1]);
    this.#turns = [...new Set(turns)].sort((a, b) => a - b);
  }

  /** The rows in force on a day, trading day or not. */
  on(day: number): DayRules {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const turn = this.#turns.filter((from) => from <= day).length;
    const rows = this.#inForce.get(turn) ?? new RowsInForce(day, this.layers);
    this.#inForce.set(turn, rows);
    const made = new DayRules(day, rows);
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

/** What was answered to one scope, and what others derived from nothing but that. */
class Answers {
  readonly rows = new Map<Topic, Map<string, HeldRow | null>>();
  readonly all = new Map<Topic, readonly HeldRow[]>();
  readonly derived = new Map<string, unknown>();
}

/** Rows of the same days, and the answers they have given: most days ask what others have asked. */
class RowsInForce {
  /** From the highest layer to the lowest. */
  readonly #byTopic = new Map<Topic, HeldRow[]>();
  readonly #ranges = new Map<Venue, HeldRow<'code-range'>[]>();
  readonly #ofSymbol = new Map<string, HeldRow<'code-range'> | null>();
  readonly #answers = new Map<Venue, Map<Kind, Map<State, Map<FundType | null, Answers>>>>();

  /** The scope asked of last. */
  #asked: (RuleScope & { readonly answers: Answers }) | null = null;

  constructor(day: number, layers: readonly RuleLayer[]) {
    for (const { name, rows } of layers.toReversed()) {
      for (const row of rows) {
        if (!isInForce(row, day)) continue;
        const held = this.#byTopic.get(row.what) ?? [];
        held.push({ row, layer: name });
        this.#byTopic.set(row.what, held);
      }
    }
  }

  of(topic: Topic): readonly HeldRow[] {
    return this.#byTopic.get(topic) ?? [];
  }

  answersTo(scope: RuleScope): Answers {
    const { venue, kind, state, type } = scope;
    const last = this.#asked;
    // One after another ask of one scope: the questions of an instrument, and those of its like.
    if (last !== null && last.venue === venue && last.kind === kind) {
      if (last.state === state && last.type === type) return last.answers;
    }
    const answers = this.#find(scope);
    this.#asked = { venue, kind, state, type, answers };
    return answers;
  }

  #find({ venue, kind, state, type }: RuleScope): Answers {
    const answers = this.#answers.get(venue)?.get(kind)?.get(state)?.get(type);
    if (answers !== undefined) return answers;
    const kinds = kept(this.#answers, venue, () => new Map());
    const states = kept(kinds, kind, () => new Map());
    const types = kept(states, state, () => new Map());
    return kept(types, type, () => new Answers());
  }

  ranges(venue: Venue): HeldRow<'code-range'>[] {
    const all = this.of('code-range') as HeldRow<'code-range'>[];
    return kept(this.#ranges, venue, () => all.filter(({ row }) => row.venues.includes(venue)));
  }

  rangeOf(venue: Venue, symbol: string): HeldRow<'code-range'> | null {
    return kept(this.#ofSymbol, symbol, () => longestRange(this.ranges(venue), symbol));
  }
}

/** What a map has under a key; made when it has nothing yet. */
function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** The range with the longest prefix; of equal ones that of the highest layer. */
function longestRange(ranges: readonly HeldRow<'code-range'>[], symbol: string) {
  let best: HeldRow<'code-range'> | null = null;
  let bestLength = 0;
  for (const held of ranges) {
    for (const prefix of held.row.value.prefixes) {
      if (!symbol.startsWith(prefix) || prefix.length <= bestLength) continue;
      best = held;
      bestLength = prefix.length;
    }
  }
  return best;
}

/** What holds on one day. */
export class DayRules {
  readonly day: number;
  readonly #rows: RowsInForce;

  constructor(day: number, rows: RowsInForce) {
    this.day = day;
    this.#rows = rows;
  }

  /** Whether the same rows are in force on both days: then every answer is the same. */
  isLike(other: DayRules): boolean {
    return this.#rows === other.#rows;
  }

  /** The row that answers for a topic and key, or null. */
  find<T extends Topic>(what: T, scope: RuleScope, key = ''): RuleRow<T> | null {
    return this.findHeld(what, scope, key)?.row ?? null;
  }

  /** Like find, with the layer. */
  findHeld<T extends Topic>(what: T, scope: RuleScope, key = ''): HeldRow<T> | null {
    const { rows } = this.#rows.answersTo(scope);
    const byKey = rows.get(what) ?? kept(rows, what, () => new Map());
    const known = byKey.get(key);
    if (known !== undefined) return known as HeldRow<T> | null;
    return kept(byKey, key, () => this.#look(what, scope, key)) as HeldRow<T> | null;
  }

  #look(what: Topic, scope: RuleScope, key: string): HeldRow | null {
    let best: HeldRow | null = null;
    for (const held of this.#rows.of(what)) {
      if (held.row.key !== key || !covers(held.row, scope)) continue;
      if (best !== null && held.layer !== best.layer) break;
      if (best === null || weight(held.row) > weight(best.row)) best = held;
    }
    return best;
  }

  /** The answers of a topic for each of its keys, in the order of the rows. */
  all<T extends Topic>(what: T, scope: RuleScope): readonly HeldRow<T>[] {
    const { all } = this.#rows.answersTo(scope);
    return kept(all, what, () => this.#lookAll(what, scope)) as readonly HeldRow<T>[];
  }

  #lookAll(what: Topic, scope: RuleScope): HeldRow[] {
    const keys = new Set<string>();
    for (const { row } of this.#rows.of(what)) if (covers(row, scope)) keys.add(row.key);
    return [...keys].map((key) => this.findHeld(what, scope, key) as HeldRow);
  }

  /**
   * What `make` gives, made once for all days of the same rows and all securities of one scope. It
   * may depend on those and on what `name` says, on nothing else, and nobody may change it.
   */
  derived<T extends object>(scope: RuleScope, name: string, make: () => T): T {
    return kept(this.#rows.answersTo(scope).derived, name, make) as T;
  }

  /** Code ranges of a venue, the highest layer first. */
  codeRanges(venue: Venue): readonly HeldRow<'code-range'>[] {
    return this.#rows.ranges(venue);
  }

  /** The code range of a symbol, or null. */
  rangeOf(venue: Venue, symbol: string): HeldRow<'code-range'> | null {
    return this.#rows.rangeOf(venue, symbol);
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
