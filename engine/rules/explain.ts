// What holds for a security on a day, topic by topic, and what two days differ in. Called by
// `pankou rules` and `pankou rules diff`. Always: answers come from the same lookups that
// validation uses, so what is printed is what is checked.
import { type DailyLimit, dailyLimitOf } from './limit-prices.ts';
import type { DayRules, HeldRow, RuleBook, RuleScope } from './rule-book.ts';
import { KINDS, type RuleRow, STATES, TOPICS, type Topic, VENUES } from './rule-row.ts';
import { ruleText } from './rule-text.ts';
import type { Subject } from './subject.ts';

/** All that holds for a security on the day of `rules`, in the order of the topics. */
export interface Explanation {
  readonly subject: Subject;
  readonly held: readonly HeldRow[];
  /** The daily limit of this very day, free days and first day considered. */
  readonly limit: DailyLimit | null;
}

/** Rows of the subject's kind that cannot matter to it are left out (free days long past). */
export function explain(rules: DayRules, subject: Subject): Explanation {
  const held: HeldRow[] = subject.range === null ? [] : [subject.range];
  for (const what of TOPICS) if (what !== 'code-range') held.push(...rules.all(what, subject));
  return { subject, held, limit: dailyLimitOf(rules, subject) };
}

export type ChangeKind = 'new' | 'ended' | 'changed' | 'source';

/** One difference: the row before, the row after, and whom it is about. */
export interface RuleChange {
  readonly kind: ChangeKind;
  readonly before: RuleRow | null;
  readonly after: RuleRow | null;
  /** `SSE main`, `SZSE main (risk-warning)`, each once. */
  readonly scopes: readonly string[];
}

/**
 * What a security of any venue, kind and state meets on `to` that it did not on `from`. `source`:
 * the same value from another rule book or with another confidence.
 */
export function diffRules(book: RuleBook, from: number, to: number): RuleChange[] {
  const [a, b] = [book.on(from), book.on(to)];
  const found = new Map<string, { change: RuleChange; scopes: string[] }>();
  for (const scope of allScopes()) {
    for (const what of TOPICS) {
      const pairs = what === 'code-range' ? ranges(a, b, scope) : answers(a, b, what, scope);
      for (const [before, after] of pairs) {
        const kind = changeOf(before, after);
        if (kind !== null) add(found, kind, before, after, scope);
      }
    }
  }
  return [...found.values()].map(({ change, scopes }) => ({
    ...change,
    scopes: withoutStates(scopes),
  }));
}

type Pair = readonly [before: RuleRow | null, after: RuleRow | null];

function answers(a: DayRules, b: DayRules, what: Topic, scope: RuleScope): Pair[] {
  const before = new Map(a.all(what, scope).map(({ row }) => [row.key, row]));
  const after = new Map(b.all(what, scope).map(({ row }) => [row.key, row]));
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].map((key) => [before.get(key) ?? null, after.get(key) ?? null]);
}

/** Code ranges have no key: rows that begin or end. */
function ranges(a: DayRules, b: DayRules, { venue, kind }: RuleScope): Pair[] {
  const of = (rules: DayRules) =>
    rules.codeRanges(venue).flatMap(({ row }) => (row.kinds[0] === kind ? [row] : []));
  const [before, after] = [of(a), of(b)];
  return [
    ...before.filter((row) => !after.includes(row)).map((row): Pair => [row, null]),
    ...after.filter((row) => !before.includes(row)).map((row): Pair => [null, row]),
  ];
}

function changeOf(before: RuleRow | null, after: RuleRow | null): ChangeKind | null {
  if (before === after) return null;
  if (before === null) return 'new';
  if (after === null) return 'ended';
  return ruleText(before) === ruleText(after) ? 'source' : 'changed';
}

function add(
  found: Map<string, { change: RuleChange; scopes: string[] }>,
  kind: ChangeKind,
  before: RuleRow | null,
  after: RuleRow | null,
  { venue, kind: board, state, type }: RuleScope,
): void {
  const id = `${before?.id ?? ''}>${after?.id ?? ''}`;
  const entry = found.get(id) ?? { change: { kind, before, after, scopes: [] }, scopes: [] };
  found.set(id, entry);
  const plain = state === 'normal' && type === null;
  const name = plain ? `${venue} ${board}` : `${venue} ${board} (${type ?? state})`;
  if (!entry.scopes.includes(name)) entry.scopes.push(name);
}

/** `SSE main (risk-warning)` says nothing new beside `SSE main`. */
function withoutStates(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => {
    const plain = scope.replace(/ \(.*$/, '');
    return plain === scope || !scopes.includes(plain);
  });
}

function* allScopes(): Generator<RuleScope> {
  for (const venue of VENUES) {
    for (const kind of KINDS) for (const state of STATES) yield { venue, kind, state, type: null };
  }
}
