// A layer of the rule book: the built-in rows, or those of one overlay. Checks rows one by one
// against the schema and all together for contradictions. Called by built-in.ts and overlay.ts.
// Always: a layer is whole or refused; inside it at most one row answers a question on any day.
import { z } from 'zod';
import type { CalendarSpan } from './calendar.ts';
import { dayText } from './calendar-date.ts';
import { RuleError, type RuleProblem } from './rule-error.ts';
import { type RuleRow, rowSchema } from './rule-row.ts';

export interface RuleLayer {
  /** `built-in`, or the file of an overlay. */
  readonly name: string;
  readonly rows: readonly RuleRow[];
  readonly spans: readonly CalendarSpan[];
}

/** Rows that have passed; throws RuleError naming every row and field that has not. */
export function rowsFrom(input: readonly unknown[], name: string): readonly RuleRow[] {
  const parsed = z.array(rowSchema).safeParse(input);
  if (!parsed.success) throw refused(name, problemsFrom(parsed.error.issues, ['rows']));
  const rows = parsed.data as unknown as readonly RuleRow[];
  const problems = contradictions(rows);
  if (problems.length > 0) throw refused(name, problems);
  return rows;
}

/** Issues of zod as problems, below `before`. */
export function problemsFrom(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  before: readonly (string | number)[] = [],
): RuleProblem[] {
  return issues.map(({ path, message }) => ({
    path: [...before, ...path.map((part) => (typeof part === 'number' ? part : String(part)))],
    message,
  }));
}

function refused(name: string, problems: readonly RuleProblem[]): RuleError {
  const lines = problems.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  return new RuleError(`${name}: the rules are refused\n${lines.join('\n')}`, problems);
}

/** Ids given twice, and pairs of rows that would both answer on one day. */
function contradictions(rows: readonly RuleRow[]): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const ids = new Map<string, number>();
  rows.forEach((row, i) => {
    const first = ids.get(row.id);
    if (first !== undefined) {
      problems.push({
        path: ['rows', i, 'id'],
        message: `${row.id} is also the id of row ${first}`,
      });
    }
    ids.set(row.id, i);
    for (let k = 0; k < i; k++) {
      if (!contradicts(row, rows[k])) continue;
      const from = Math.max(row.validFrom, rows[k].validFrom);
      const since = from === 0 ? 'their start' : dayText(from);
      const message = `${row.id} and ${rows[k].id} (row ${k}) both hold from ${since}`;
      problems.push({ path: ['rows', i], message });
    }
  });
  return problems;
}

function contradicts(a: RuleRow, b: RuleRow): boolean {
  if (a.what !== b.what || !overlap(a, b) || !meets(a.venues, b.venues)) return false;
  if (a.what === 'code-range' && b.what === 'code-range') {
    return meets(a.value.prefixes, b.value.prefixes);
  }
  if (a.key !== b.key || !meets(a.kinds, b.kinds)) return false;
  return meetsOrBothEmpty(a.states, b.states) && meetsOrBothEmpty(a.types, b.types);
}

function overlap(a: RuleRow, b: RuleRow): boolean {
  const isBefore = (x: RuleRow, y: RuleRow) => x.validTo !== 0 && x.validTo < y.validFrom;
  return !isBefore(a, b) && !isBefore(b, a);
}

function meets(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.includes(one));
}

/** A row that names states and one that does not live side by side: the first wins. */
function meetsOrBothEmpty(a: readonly string[], b: readonly string[]): boolean {
  return (a.length === 0 && b.length === 0) || meets(a, b);
}
