// Turns what is wrong with a configuration into lines a person can act on: where (line and path),
// what was found, what was expected, the nearest known key. Called by engine/config.ts only.
// Always: one problem, one line; problems come in the order of the file.
import { closest, distance } from 'fastest-levenshtein';
import { KNOWN_KEYS } from './config-schema.ts';

/** A key or list position from the root of the file. */
export type ProblemPath = readonly (string | number)[];

export interface Problem {
  readonly path: ProblemPath;
  readonly message: string;
  /** Byte of the text the problem is about; set when the file is known. */
  readonly line?: number;
}

/** The parts of a zod issue that are read here. */
export interface SchemaIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
}

/** A configuration that was refused. `message` is complete; nothing of the file was applied. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly path: string;
  readonly problems: readonly Problem[];

  constructor(path: string, problems: readonly Problem[], message?: string) {
    super(message ?? describe(path, problems));
    this.path = path;
    this.problems = problems;
  }
}

/** All problems of one parse, unions resolved to their closest branch. */
export function problemsOf(issues: readonly SchemaIssue[], root: unknown): Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) collect(issue, [], root, problems);
  return problems;
}

function collect(issue: SchemaIssue, before: ProblemPath, root: unknown, into: Problem[]): void {
  const path = [...before, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys ?? []) into.push(unknownKey([...path, key], issue.message));
    return;
  }
  const branch = objectBranch(issue, valueAt(root, path));
  if (branch !== null) {
    for (const inner of branch) collect(inner, path, root, into);
    return;
  }
  into.push({ path, message: found(valueAt(root, path), issue.message) });
}

/** A union whose value is an object: the branch that accepts objects tells more than the union. */
function objectBranch(issue: SchemaIssue, value: unknown): readonly SchemaIssue[] | null {
  if (issue.code !== 'invalid_union' || typeof value !== 'object' || value === null) return null;
  const inside = (issue.errors ?? []).filter((branch) =>
    branch.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  );
  if (inside.length > 0) return inside[0];
  return (
    (issue.errors ?? []).find((branch) => branch.some((inner) => inner.code === 'custom')) ?? null
  );
}

function unknownKey(path: ProblemPath, message: string): Problem {
  const key = String(path[path.length - 1]);
  const known = message.startsWith(KNOWN_KEYS)
    ? message
        .slice(KNOWN_KEYS.length)
        .split(', ')
        .filter((name) => name !== '$schema')
    : [];
  return { path, message: `unknown key; ${nearest(key, known)}` };
}

/** `did you mean 'x'?` where something is near, and all that is known. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'nothing is known here';
  const best = closest(name, [...known]);
  const near = distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, name.length / 2);
  const list = known.length <= 12 ? known.join(', ') : `${known.length} names`;
  return near ? `did you mean '${best}'? known: ${list}` : `nearest is '${best}'; known: ${list}`;
}

/** `found X; expected ...`; a missing value is said to be missing. */
export function found(value: unknown, expected: string): string {
  if (value === undefined) return `missing; ${expected}`;
  const text = JSON.stringify(value) ?? String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `found ${short}; ${expected}`;
}

/** `accounts[0].positions['600519.SH'].qty`. */
export function pathText(path: ProblemPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `['${part}']`;
  }
  return text === '' ? '(whole file)' : text;
}

export function valueAt(root: unknown, path: ProblemPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function describe(path: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => {
    const where = problem.line === undefined ? '' : `line ${problem.line}: `;
    return `  ${where}${pathText(problem.path)}: ${problem.message}`;
  });
  return `configuration ${path} has ${count}; nothing was started:\n${lines.join('\n')}`;
}
