// A user's overlay: rules and calendar days on top of the built-in book, as JSON of the same
// shape, or a list of trading days as CSV. Called by overlay-files.ts and tests. Always: checked
// whole before anything of it counts; every fault is named with its place and, where the caller
// can tell lines, its line.
import { z } from 'zod';
import type { CalendarSpan } from './calendar.ts';
import { dayOfText, dayText, isWeekend } from './calendar-date.ts';
import { RuleError, type RuleProblem } from './rule-error.ts';
import { problemsFrom, type RuleLayer, rowsFrom } from './rule-layer.ts';
import { CONFIDENCES, daySchema } from './rule-row.ts';

/** Line of a value of a JSON text, keys given twice and the first fault: engine/config-json.ts. */
export type Places = (text: string) => {
  readonly fault: { readonly offset: number; readonly message: string } | null;
  readonly offsets: ReadonlyMap<string, number>;
  readonly doubles: readonly { path: readonly (string | number)[]; offset: number }[];
};

const days = z.array(daySchema).max(40_000);
const spanSchema = z
  .strictObject({
    from: daySchema,
    to: daySchema,
    closed: days.optional(),
    trading: days.optional(),
    source: z.string().min(1),
    confidence: z.enum(CONFIDENCES),
  })
  .superRefine((span, context) => {
    const fault = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (span.from > span.to) fault(['to'], 'expected a day not before from');
    if ((span.closed === undefined) === (span.trading === undefined)) {
      fault([], "expected either 'closed' (closed weekdays) or 'trading' (trading days)");
    }
    const name = span.closed === undefined ? 'trading' : 'closed';
    (span[name] ?? []).forEach((day, i) => {
      if (day < span.from || day > span.to) fault([name, i], `${dayText(day)} is outside from..to`);
      if (name === 'trading' && isWeekend(day)) {
        fault([name, i], `${dayText(day)} is a weekend, which never trades`);
      }
    });
  });

const fileSchema = z.strictObject({
  $schema: z.string().optional(),
  comment: z.string().optional(),
  rows: z.array(z.unknown()).default([]),
  calendar: z.array(spanSchema).default([]),
});

/** Reads JSON; throws RuleError with one line for each fault. `places` adds line numbers. */
export function parseOverlay(text: string, name: string, places?: Places): RuleLayer {
  const lines = places?.(text) ?? null;
  if (lines?.fault != null) {
    throw new RuleError(`${name}:${lineOf(text, lines.fault.offset)}: ${lines.fault.message}`);
  }
  const at = ({ path, message }: RuleProblem) => {
    const offset = nearestOffset(path, lines?.offsets);
    const where = offset === undefined ? name : `${name}:${lineOf(text, offset)}`;
    return `${where}: ${path.length === 0 ? 'file' : path.join('.')}: ${message}`;
  };
  const problems: RuleProblem[] = (lines?.doubles ?? []).map(({ path }) => ({
    path,
    message: 'this key is given twice',
  }));
  const parsed = fileSchema.safeParse(jsonOf(text, name));
  if (parsed.error !== undefined) problems.push(...problemsFrom(parsed.error.issues));
  const input = parsed.data;
  let rows: RuleLayer['rows'] = [];
  try {
    rows = rowsFrom(input?.rows ?? [], name);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    problems.push(...error.problems);
  }
  if (input !== undefined && input.rows.length + input.calendar.length === 0) {
    problems.push({ path: [], message: "expected 'rows' or 'calendar' with something in it" });
  }
  if (problems.length > 0 || input === undefined) {
    throw new RuleError(`refused, nothing is taken\n${problems.map(at).join('\n')}`, problems);
  }
  return { name, rows, spans: input.calendar };
}

/**
 * A list of trading days, one a line, the day in the first column (`2026-01-05`, or with a time),
 * one header line allowed; known from the first to the last of them. Gives the overlay as JSON.
 */
export function overlayFromDays(text: string, name: string): string {
  const trading: number[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line === '') return;
    const first = line.split(',')[0].replace(/^"|"$/g, '');
    const day = dayOfText(first.replace(/[T ].*$/, ''));
    if (day < 0 && i === 0) return;
    const fault = day < 0 ? 'is not a day such as 2026-01-05' : order(day, trading.at(-1) ?? 0);
    if (fault !== '') throw new RuleError(`${name}:${i + 1}: column 1: '${first}' ${fault}`);
    trading.push(day);
  });
  if (trading.length === 0) throw new RuleError(`${name}: holds no trading day`);
  const from = trading[0];
  const to = trading[trading.length - 1];
  const span: CalendarSpan = { from, to, trading, source: name, confidence: 'B' };
  return `${JSON.stringify({ calendar: [span] })}\n`;
}

function order(day: number, before: number): string {
  if (isWeekend(day)) return 'is a weekend, which never trades';
  return day > before ? '' : `comes after ${dayText(before)}: expected rising days`;
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RuleError(`${name}: not JSON: ${(error as Error).message}`);
  }
}

function nearestOffset(
  path: readonly (string | number)[],
  offsets: ReadonlyMap<string, number> | undefined,
): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const offset = offsets?.get(JSON.stringify(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return undefined;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
