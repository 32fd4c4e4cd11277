// What `pankou rules` prints, for people and as JSON. Called by tools/commands/rules.ts inside its
// actions. Always: takes the overlays of --rules DIR or of ./rules.json; answers come from
// engine/rules; returns the exit code.
import { resolve } from 'node:path';
import { placesOf } from '../../engine/config-json.ts';
import { formatYuan } from '../../engine/core/price.ts';
import { dayText, timeText, weekdayName } from '../../engine/rules/calendar-date.ts';
import { diffRules, explain, type RuleChange } from '../../engine/rules/explain.ts';
import { computeLimits } from '../../engine/rules/limit-prices.ts';
import type { OrderFacts, RuleFinding } from '../../engine/rules/order-check.ts';
import { importOverlay, type RulesPlace, readRuleBook } from '../../engine/rules/overlay-files.ts';
import { type HeldRow, isOverlay, type RuleBook } from '../../engine/rules/rule-book.ts';
import { RuleError } from '../../engine/rules/rule-error.ts';
import type { RuleRow } from '../../engine/rules/rule-row.ts';
import { ruleName, ruleText, scopeText, validText } from '../../engine/rules/rule-text.ts';
import { type Subject, subjectOf } from '../../engine/rules/subject.ts';
import { type Verdict, validateOrder } from '../../engine/rules/validate.ts';
import type { ImportFlags, RulesFlags, SubjectFlags, ValidateFlags } from './flags.ts';

type Print = (line: string) => void;

const NAME_WIDTH = 32;

/** `pankou rules DAY SYMBOL`. */
export function showRules(day: number, symbol: string, flags: SubjectFlags, print: Print): number {
  const book = bookOf(flags);
  const rules = book.on(requireDay(book, day));
  const subject = subjectFor(book, day, symbol, flags);
  const { held, limit } = explain(rules, subject);
  if (flags.json === true) {
    const rows = held.map((one) => ({ ...rowJson(one.row), layer: one.layer }));
    const today = limit === null ? null : limitJson(limit);
    print(
      JSON.stringify(
        {
          day,
          ...calendarJson(book, day),
          subject: subjectJson(subject),
          limit: today,
          rules: rows,
        },
        null,
        2,
      ),
    );
    return 0;
  }
  print(`${subject.symbol}  ${subject.venue} ${subject.kind}, ${stateText(subject)}`);
  print(`${dayText(day)}  ${dayStatusText(book, day)}`);
  const warning = book.calendar.warningOn(day);
  if (warning !== null) print(`warning: ${warning}`);
  if (limit !== null) {
    const text = limit.limited
      ? `+${limit.upPermille / 10} % / -${limit.downPermille / 10} %`
      : 'none';
    print(`daily limit on this day: ${text} (${limit.row.id})`);
  }
  print('');
  for (const one of held) for (const line of heldLines(one)) print(line);
  return 0;
}

/** `pankou rules diff FROM TO`. */
export function showDiff(from: number, to: number, flags: RulesFlags, print: Print): number {
  const book = bookOf(flags);
  const changes = diffRules(book, from, to);
  if (flags.json === true) {
    const rows = changes.map(({ kind, scopes, before, after }) => ({
      kind,
      scopes,
      before: before === null ? null : rowJson(before),
      after: after === null ? null : rowJson(after),
    }));
    print(JSON.stringify({ from, to, changes: rows }, null, 2));
    return 0;
  }
  const real = changes.filter(({ kind }) => kind !== 'source');
  const changed = real.length === 1 ? '1 rule' : `${real.length} rules`;
  print(`${dayText(from)} to ${dayText(to)}: ${changed} changed`);
  for (const change of real) for (const line of changeLines(change)) print(line);
  const sources = changes.length - real.length;
  if (sources > 0) print(`\n${sources} more have the same value from another rule book (--json)`);
  return 0;
}

/** `pankou rules validate SYMBOL SIDE ORDER`. */
export function showVerdict(
  asked: { symbol: string; side: number; qty: number; priceE4: number },
  flags: ValidateFlags,
  print: Print,
): number {
  const book = bookOf(flags);
  const { day } = flags;
  const subject = subjectFor(book, day, asked.symbol, flags);
  const order = { side: asked.side, kind: flags.kind, qty: asked.qty, priceE4: asked.priceE4 };
  const facts = factsOf(book, flags);
  const verdict = validateOrder(book.on(day), subject, order, facts, flags.mode);
  const exitCode = verdict.ok ? 0 : 1;
  if (flags.json === true) {
    print(
      JSON.stringify(
        { day, subject: subjectJson(subject), order, mode: flags.mode, ...verdict },
        null,
        2,
      ),
    );
    return exitCode;
  }
  const price = asked.priceE4 === 0 ? '' : ` @ ${formatYuan(asked.priceE4)}`;
  const time = flags.time === undefined ? '' : ` ${timeText(flags.time)}`;
  const what = `${asked.side === 1 ? 'BUY' : 'SELL'} ${asked.qty}${price} (${flags.kind})`;
  print(`${subject.symbol} ${what} on ${dayText(day)}${time}: ${verdictText(verdict)}`);
  if (facts.preCloseE4 !== undefined) print(limitsLine(book, day, subject, facts.preCloseE4));
  for (const finding of verdict.findings) for (const line of findingLines(finding)) print(line);
  for (const { message } of verdict.alerts) print(`  alert: ${message}`);
  for (const why of verdict.notChecked) print(`  not checked: ${why}`);
  return exitCode;
}

/** `pankou rules import FILE`. */
export function importRules(file: string, flags: ImportFlags, print: Print): number {
  const replace = flags.replace === true;
  const done = importOverlay(file, placeOf(flags), { replace, places: placesOf });
  if (flags.json === true) {
    print(JSON.stringify(done, null, 2));
    return 0;
  }
  const verb = done.replaced ? 'replaced' : 'stored';
  print(`${verb} ${done.path}: rules ${done.rows}, calendar spans ${done.spans}`);
  const days = done.changedDays;
  if (days.length > 0) {
    const first = days.slice(0, 10).map(dayText).join(', ');
    const more = days.length > 10 ? ` and ${days.length - 10} more` : '';
    print(`warning: ${days.length} days differ from the calendar without it: ${first}${more}`);
  }
  return 0;
}

function placeOf(flags: RulesFlags): RulesPlace {
  return flags.rules === undefined ? { runDir: process.cwd() } : { rulesDir: resolve(flags.rules) };
}

function bookOf(flags: RulesFlags): RuleBook {
  return readRuleBook(placeOf(flags), placesOf);
}

/** A closed day has no rules to show: names the trading days beside it. */
function requireDay(book: RuleBook, day: number): number {
  const { calendar } = book;
  if (calendar.statusOf(day) !== 'closed') return day;
  const [before, after] = [calendar.previous(day), calendar.next(day)];
  const near = [before, after].filter((found) => found !== null).map(dayText);
  const hint = near.length === 0 ? '' : `; trading days beside it: ${near.join(', ')}`;
  const why = `${weekdayName(day)}; ${calendar.sourceOf(day)}`;
  throw new RuleError(`${dayText(day)} is not a trading day (${why})${hint}`);
}

function subjectFor(book: RuleBook, day: number, symbol: string, flags: SubjectFlags): Subject {
  const { state, fundType, listedDay, delistingDay } = flags;
  return subjectOf(book.on(day), symbol, { state, type: fundType, listedDay, delistingDay });
}

function factsOf(book: RuleBook, flags: ValidateFlags): OrderFacts {
  const { ask, bid, last, upper, lower } = flags;
  const hasBook = [ask, bid, last, flags.emptyBook].some((given) => given !== undefined);
  const hasStatics = upper !== undefined || lower !== undefined;
  return {
    calendar: book.calendar,
    timeNs: flags.time,
    isHalted: flags.halted,
    preCloseE4: flags.preclose,
    closeE4: flags.close,
    sellable: flags.sellable,
    boughtToday: flags.bought,
    workingBuys: flags.working,
    book: hasBook ? { askE4: ask ?? 0, bidE4: bid ?? 0, lastE4: last ?? 0 } : undefined,
    statics: hasStatics ? { upperLimitE4: upper, lowerLimitE4: lower } : undefined,
  };
}

function heldLines({ row, layer }: HeldRow): string[] {
  const from = isOverlay(layer) ? ` (overlay ${layer})` : '';
  const valid = validText(row);
  const why = [`[${row.confidence}]`, ...(valid === '' ? [] : [valid]), row.source].join(' ');
  const lines = [`${ruleName(row).padEnd(NAME_WIDTH)} ${ruleText(row)}`];
  lines.push(`${' '.repeat(NAME_WIDTH)}   ${why}${from}`);
  if (row.note !== '') lines.push(`${' '.repeat(NAME_WIDTH)}   ${row.note}`);
  return lines;
}

function changeLines({ kind, scopes, before, after }: RuleChange): string[] {
  const row = (after ?? before) as RuleRow;
  const lines = ['', `${ruleName(row)}  ${kind}  [${row.confidence}]  ${scopes.join(', ')}`];
  if (before !== null) lines.push(`  - ${ruleText(before)}`);
  if (after !== null) lines.push(`  + ${ruleText(after)}`);
  lines.push(`  ${row.source}`);
  if (row.note !== '') lines.push(`  ${row.note}`);
  return lines;
}

function findingLines(finding: RuleFinding): string[] {
  const { severity, code, message, zh, rule, confidence, source } = finding;
  return [`  ${severity} ${code} ${zh}: ${message}`, `    rule ${rule} [${confidence}] ${source}`];
}

function limitsLine(book: RuleBook, day: number, subject: Subject, preCloseE4: number): string {
  const computed = computeLimits(book.on(day), subject, preCloseE4);
  if (computed === null) return '  limits: no row gives a limit or a tick for this kind';
  if (!computed.limit.limited) return `  limits: none today (${computed.limit.row.id})`;
  const { lowerE4, upperE4 } = computed;
  return `  limits: ${formatYuan(lowerE4)} to ${formatYuan(upperE4)} (${computed.limit.row.id})`;
}

function verdictText({ ok, findings }: Verdict): string {
  const rejects = findings.filter(({ severity }) => severity === 'reject').length;
  if (!ok) return `WRONG, ${rejects} ${rejects === 1 ? 'rule refuses' : 'rules refuse'} it`;
  return findings.length > 0 ? 'nothing refuses it, with warnings' : 'nothing refuses it';
}

function stateText({ state, type, listedDay, range }: Subject): string {
  const parts: string[] = [state];
  if (type !== null) parts.push(`fund type ${type}`);
  if (listedDay > 0) parts.push(`trading day ${listedDay} since listing`);
  if (range !== null) parts.push(`by code range ${range.row.value.prefixes.join(' ')}`);
  return parts.join(', ');
}

function dayStatusText(book: RuleBook, day: number): string {
  if (book.calendar.statusOf(day) === 'unknown') {
    return 'UNKNOWN to the calendar: no live trading on it; import a calendar';
  }
  return `trading day, ${weekdayName(day)}`;
}

function calendarJson(book: RuleBook, day: number) {
  const { calendar } = book;
  return { calendar: calendar.statusOf(day), calendarWarning: calendar.warningOn(day) };
}

function subjectJson({ range, ...subject }: Subject) {
  return { ...subject, codeRange: range?.row.id ?? null };
}

function limitJson({
  limited,
  upPermille,
  downPermille,
  row,
}: {
  limited: boolean;
  upPermille: number;
  downPermille: number;
  row: RuleRow;
}) {
  return { limited, upPermille, downPermille, rule: row.id };
}

function rowJson(row: RuleRow) {
  const { id, what, key, value, validFrom, validTo, source, confidence, note } = row;
  const told = { validFrom, validTo, source, confidence, note };
  return { id, what, key, value, text: ruleText(row), scope: scopeText(row), ...told };
}
