// The rules of hot folders: nothing that allocates, waits, throws, or reads a clock after start.
// Called by tidy.ts for files whose row in PLACES is hot. "Start" is what runs once: the top level
// of a file, constructors, onStart, initialisers of class fields, and callbacks handed to a call
// inside these. `// hot-ok: reason` at the end of a line pardons the findings of that line.
import ts from 'typescript';
import type { Place } from './tidy-rules.ts';
import { type Code, type Finding, lineOf, walk } from './tidy-source.ts';

/** Where in the code a node stands. */
interface Context {
  /** Runs once, before the hot path. */
  readonly isStart: boolean;
  readonly isInMethod: boolean;
  readonly isInLoop: boolean;
}

type Report = (node: ts.Node, rule: string, message: string) => void;

const PARDON = /^\/\/\s*hot-ok\b:?\s*(.*)$/;

/** Identifiers that must not appear, by rule. */
const BANNED: ReadonlyMap<string, readonly [rule: string, message: string]> = new Map([
  ['Date', ['hot-clock', 'time enters as a message (eventNs, recvNs), or through actors/clock.ts']],
  ['BigInt', ['hot-bigint', 'BigInt allocates: use int32 or float64 integers below 2^53']],
  ['BigInt64Array', ['hot-bigint', 'BigInt allocates: use Int32Array or Float64Array']],
  ['BigUint64Array', ['hot-bigint', 'BigInt allocates: use Int32Array or Float64Array']],
  ['Promise', ['hot-async', 'no promises here: answer at once, or by a message']],
  ['setTimeout', ['hot-timer', 'timers enter as Timer messages']],
  ['setInterval', ['hot-timer', 'timers enter as Timer messages']],
  ['setImmediate', ['hot-timer', 'do it in the next duty cycle of the agent']],
  ['queueMicrotask', ['hot-timer', 'do it in the next duty cycle of the agent']],
  ['console', ['hot-console', 'send a LogLine message, or count in counters.ts']],
  ['JSON', ['hot-json', 'texts are made at the edges; here are only numbers']],
]);

/** Members that must not be used, as object.member. */
const BANNED_MEMBERS: ReadonlyMap<string, readonly [rule: string, message: string]> = new Map([
  ['Math.random', ['hot-random', 'randomness enters as a seed in a message']],
  ['process.hrtime', ['hot-clock', 'time enters as a message, or through actors/clock.ts']],
  ['performance.now', ['hot-clock', 'time enters as a message, or through actors/clock.ts']],
]);

/** Findings of one file in a hot place, pardons applied. */
export function checkHot(code: Code, place: Place): Finding[] {
  const found = new Map<string, Finding>();
  const report: Report = (node, rule, message) => {
    const line = lineOf(code, node);
    found.set(`${line} ${rule}`, { file: code.path, line, rule, message });
  };
  const top = { isStart: true, isInMethod: false, isInLoop: false };
  ts.forEachChild(code.ast, (node) => visit(node, top, place, report));
  return applyPardons(code, [...found.values()]);
}

/** Pardons outside hot files excuse nothing and mislead. */
export function checkStrayPardons(code: Code): Finding[] {
  return pardonsOf(code).map(({ line }) => ({
    file: code.path,
    line,
    rule: 'hot-pardon',
    message: 'this folder is not hot, nothing is to be pardoned here: remove the hot-ok',
  }));
}

function pardonsOf(code: Code): { line: number; reason: string }[] {
  const pardons: { line: number; reason: string }[] = [];
  for (const comment of code.comments) {
    const match = PARDON.exec(comment.text);
    if (match === null) continue;
    // Alone on its line it speaks of the next one: formatters move comments off an opening brace.
    const alone = code.lines[comment.line - 1]?.trim().startsWith('//') === true;
    pardons.push({ line: comment.line + (alone ? 1 : 0), reason: match[1].trim() });
  }
  return pardons;
}

function applyPardons(code: Code, found: readonly Finding[]): Finding[] {
  const pardons = pardonsOf(code);
  const pardoned = new Set(pardons.filter((p) => p.reason !== '').map((p) => p.line));
  const findings = found.filter((finding) => !pardoned.has(finding.line));
  const catches = catchLines(code);
  for (const { line, reason } of pardons) {
    const file = code.path;
    const rule = 'hot-pardon';
    if (reason === '') {
      const message = 'a pardon needs its reason: `// hot-ok: why this may be here`';
      findings.push({ file, line, rule, message });
    } else if (!found.some((finding) => finding.line === line) && !catches.has(line)) {
      const message = 'nothing on this line needs a pardon: remove it, or move it to the line';
      findings.push({ file, line, rule, message });
    }
  }
  return findings;
}

/** Lines of `catch`: the pardon of a `try` may be repeated there. */
function catchLines(code: Code): Set<number> {
  const lines = new Set<number>();
  walk(code.ast, (node) => {
    if (ts.isCatchClause(node)) lines.add(lineOf(code, node));
  });
  return lines;
}

function visit(node: ts.Node, context: Context, place: Place, report: Report): void {
  checkStatement(node, place, report);
  checkNames(node, place, report);
  if (!context.isStart) checkAllocation(node, report);
  let inner = context;
  if (ts.isFunctionLike(node)) {
    checkFunction(node, context, report);
    inner = insideFunction(node, context);
  } else if (ts.isPropertyDeclaration(node)) {
    inner = { isStart: true, isInMethod: true, isInLoop: false };
  } else if (ts.isIterationStatement(node, false)) {
    inner = { ...context, isInLoop: true };
  }
  ts.forEachChild(node, (child) => visit(child, inner, place, report));
}

function checkStatement(node: ts.Node, place: Place, report: Report): void {
  if (ts.isThrowStatement(node)) {
    report(node, 'hot-throw', 'refusals are negative numbers; bugs are assert() calls');
  } else if (ts.isTryStatement(node) && place.mayTry !== true) {
    report(node, 'hot-try', 'nothing here throws: check the numbers before, answer a code');
  } else if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
    report(node, 'hot-async', 'no waiting here: answer at once, or by a message');
  } else if (ts.isBigIntLiteral(node) || node.kind === ts.SyntaxKind.BigIntKeyword) {
    report(node, 'hot-bigint', 'BigInt allocates: use int32 or float64 integers below 2^53');
  }
}

function checkNames(node: ts.Node, place: Place, report: Report): void {
  if (ts.isPropertyAccessExpression(node)) {
    const name = `${node.expression.getText()}.${node.name.text}`;
    const banned = BANNED_MEMBERS.get(name);
    if (banned !== undefined && !isPardonedClock(banned[0], place)) report(node, ...banned);
  } else if (ts.isIdentifier(node) && isReference(node)) {
    const banned = BANNED.get(node.text);
    if (banned !== undefined && !isPardonedClock(banned[0], place)) report(node, ...banned);
  }
}

function isPardonedClock(rule: string, place: Place): boolean {
  return rule === 'hot-clock' && place.mayReadClock === true;
}

/** True for a use of a name; false where it only names a member, as in `order.Date`. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  const isNamed = ts.isPropertyAssignment(parent) || ts.isClassElement(parent);
  if (isNamed || ts.isTypeElement(parent) || ts.isEnumMember(parent)) return parent.name !== node;
  return true;
}

function checkAllocation(node: ts.Node, report: Report): void {
  if (ts.isNewExpression(node)) {
    report(node, 'hot-new', '`new` only in constructors and onStart: make it there and reuse it');
  } else if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) {
    report(node, 'hot-spread', 'spreading allocates: name the values one by one');
  } else if (ts.isArrayLiteralExpression(node)) {
    report(node, 'hot-array', 'an array literal allocates: use a typed array made at start');
  } else if (ts.isObjectLiteralExpression(node)) {
    report(node, 'hot-object', 'an object literal allocates: use fields, or one object reused');
  } else if (isRestOfBody(node)) {
    report(node, 'hot-spread', 'a rest parameter allocates an array: name the parameters');
  }
}

/** A `...rest` of a function that has a body; types that merely mention one cost nothing. */
function isRestOfBody(node: ts.Node): boolean {
  if (!ts.isParameter(node) || node.dotDotDotToken === undefined) return false;
  return 'body' in node.parent && node.parent.body !== undefined;
}

function checkFunction(node: ts.SignatureDeclaration, context: Context, report: Report): void {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  if (modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword)) {
    report(node, 'hot-async', 'no async functions here: answer at once, or by a message');
  }
  if (context.isStart || !isClosure(node)) return;
  if (context.isInLoop) {
    report(node, 'hot-closure', 'a closure per turn allocates: use a method or a named function');
  } else if (context.isInMethod) {
    report(node, 'hot-closure', 'a closure per call allocates: make it a method, or a field');
  }
}

function insideFunction(node: ts.SignatureDeclaration, context: Context): Context {
  const isStart = isOnceOnly(node, context);
  const isMethod = ts.isMethodDeclaration(node) || ts.isAccessor(node);
  return { isStart, isInMethod: isMethod || context.isInMethod, isInLoop: false };
}

/** Whether a function's body is part of the start. */
function isOnceOnly(node: ts.SignatureDeclaration, context: Context): boolean {
  if (ts.isConstructorDeclaration(node)) return true;
  if (ts.isMethodDeclaration(node)) return node.name.getText() === 'onStart';
  // A callback handed to a call at start is taken to be called then: Array.from(..., () => ...).
  return context.isStart && isClosure(node) && isArgument(node);
}

function isArgument(node: ts.Node): boolean {
  const parent = node.parent;
  if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return false;
  return parent.arguments?.some((argument) => argument === node) === true;
}

function isClosure(node: ts.Node): boolean {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return true;
  return ts.isFunctionDeclaration(node) && !ts.isSourceFile(node.parent);
}
