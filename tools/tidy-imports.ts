// The rules between files: imports by the table of PLACES, no cycles, no dead files. Called once by
// tidy.ts with the whole tree, and by tests with a few inline files.
// A type import counts like any other: it binds a reader just as much. Files named in a string
// (workers, forked processes, gateways of a topology) are alive, but bound to no direction: they
// run in a thread or process of their own, and only messages pass.
import { posix } from 'node:path';
import ts from 'typescript';
import { ENTRY_POINTS, NAMES_ANY_FILE, PLACES, type Place } from './tidy-rules.ts';
import { type Code, type FileText, type Finding, lineOf, walk } from './tidy-source.ts';

/** An import as written, and the file of the tree it means ('' = a package, or not there). */
interface Import {
  readonly line: number;
  readonly specifier: string;
  readonly target: string;
}

const SUFFIXES = ['', '.ts', '.vue', '/index.ts'];
const MENTION = /[\w@./-]+\.(?:ts|mjs|vue)\b/g;

/** The row of PLACES that a file falls under: the one with the longest matching path. */
export function placeOf(path: string): Place | undefined {
  let best: Place | undefined;
  for (const place of PLACES) {
    const isHere = place.at.endsWith('/') ? path.startsWith(place.at) : path === place.at;
    if (isHere && (best === undefined || place.at.length > best.at.length)) best = place;
  }
  return best;
}

/** All findings between files. `others`: json and html files, which may name code files. */
export function checkImports(codes: readonly Code[], others: readonly FileText[]): Finding[] {
  const paths = new Set(codes.map((code) => code.path));
  const imports = new Map(codes.map((code) => [code.path, importsOf(code, paths)]));
  const findings: Finding[] = [];
  for (const code of codes) {
    const place = placeOf(code.path);
    if (place === undefined) findings.push(unknownPlace(code.path));
    else findings.push(...checkTable(code, place, imports.get(code.path) ?? []));
  }
  findings.push(...checkCycles(imports));
  findings.push(...checkDead(codes, imports, others, paths));
  return findings;
}

function unknownPlace(file: string): Finding {
  const message =
    'no row in PLACES (tools/tidy-rules.ts) says what this file may import: ' +
    'put it into a folder of the layout, or add a row there and to docs/ARCHITECTURE.md';
  return { file, line: 1, rule: 'import-table', message };
}

function checkTable(code: Code, place: Place, imports: readonly Import[]): Finding[] {
  const findings: Finding[] = [];
  for (const { line, specifier, target } of imports) {
    const message =
      target === '' ? packageMessage(place, specifier) : fileMessage(place, code.path, target);
    if (message === '') continue;
    findings.push({ file: code.path, line, rule: 'import-table', message });
  }
  return findings;
}

function fileMessage(place: Place, from: string, target: string): string {
  if (place.may.some((allowed) => isIn(target, allowed))) return '';
  const isOwn = placeOf(target)?.at === place.at;
  if (isOwn && place.apart !== true) return '';
  if (isOwn && (isBeside(place.at, target) || branch(place.at, from) === branch(place.at, target)))
    return '';
  const may = place.may.length === 0 ? 'nothing' : place.may.join(', ');
  return (
    `${place.at} must not import ${target} (it may import: ${may}): move the shared part up, ` +
    'or take it as a port from the host'
  );
}

function packageMessage(place: Place, specifier: string): string {
  if (/^[./]/.test(specifier)) return '';
  if (place.packages === 'any' || place.packages.includes(specifier)) return '';
  return `${place.at} must not import '${specifier}': take what it gives as a port or message`;
}

/** First folder below a row's folder, '' for a file directly in it. */
function branch(at: string, path: string): string {
  const rest = path.slice(at.length);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '';
}

function isBeside(at: string, path: string): boolean {
  return branch(at, path) === '';
}

function isIn(path: string, allowed: string): boolean {
  return allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed;
}

/** Static, dynamic and type imports and re-exports with a literal name. */
function importsOf(code: Code, paths: ReadonlySet<string>): Import[] {
  const found: Import[] = [];
  walk(code.ast, (node) => {
    const name = specifierOf(node);
    if (name === undefined) return;
    found.push({
      line: lineOf(code, name),
      specifier: name.text,
      target: resolve(code.path, name.text, paths),
    });
  });
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let name: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    name = node.argument.literal;
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    name = node.arguments[0];
  }
  return name !== undefined && ts.isStringLiteralLike(name) ? name : undefined;
}

function resolve(from: string, specifier: string, paths: ReadonlySet<string>): string {
  if (specifier === 'pankou') return resolve('package.json', './engine/core/strategy.ts', paths);
  if (specifier === 'pankou/ptrade') {
    return resolve('package.json', './engine/strategy/ptrade/ptrade.ts', paths);
  }
  if (!specifier.startsWith('.')) return '';
  const joined = posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ''));
  return SUFFIXES.map((suffix) => joined + suffix).find((path) => paths.has(path)) ?? '';
}

/** One finding per cycle group (strongly connected files), at its first file. */
function checkCycles(imports: ReadonlyMap<string, readonly Import[]>): Finding[] {
  const findings: Finding[] = [];
  for (const group of connectedGroups(imports)) {
    const files = group.sort();
    const first = files[0];
    const line = imports.get(first)?.find(({ target }) => group.includes(target))?.line ?? 1;
    const isSelf = imports.get(first)?.some(({ target }) => target === first);
    if (files.length === 1 && isSelf !== true) continue;
    const message = `import cycle of ${files.join(', ')}: move what they share into a third file`;
    findings.push({ file: first, line, rule: 'import-cycle', message });
  }
  return findings;
}

/** Tarjan's strongly connected components. */
function connectedGroups(imports: ReadonlyMap<string, readonly Import[]>): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const groups: string[][] = [];
  const connect = (file: string): number => {
    let lowest = order.size;
    order.set(file, lowest);
    const own = lowest;
    stack.push(file);
    open.add(file);
    for (const { target } of imports.get(file) ?? []) {
      if (target === '') continue;
      if (!order.has(target)) lowest = Math.min(lowest, connect(target));
      else if (open.has(target)) lowest = Math.min(lowest, order.get(target) ?? lowest);
    }
    if (lowest === own) {
      const group = stack.splice(stack.indexOf(file));
      for (const member of group) open.delete(member);
      groups.push(group);
    }
    return lowest;
  };
  for (const file of imports.keys()) if (!order.has(file)) connect(file);
  return groups;
}

/** Files that no entry point reaches by imports or by naming them. */
function checkDead(
  codes: readonly Code[],
  imports: ReadonlyMap<string, readonly Import[]>,
  others: readonly FileText[],
  paths: ReadonlySet<string>,
): Finding[] {
  const byPath = new Map(codes.map((code) => [code.path, code]));
  const alive = new Set<string>();
  const queue = codes.map((code) => code.path).filter((path) => isEntryPoint(path));
  for (const other of others) queue.push(...mentionsIn(other.path, other.text, paths));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (alive.has(path)) continue;
    alive.add(path);
    for (const { target } of imports.get(path) ?? []) if (target !== '') queue.push(target);
    const code = byPath.get(path);
    if (code === undefined || NAMES_ANY_FILE.test(path)) continue;
    queue.push(...mentionsOf(code, paths));
  }
  const message =
    'reached from no entry point: remove it, import it, or list it in ENTRY_POINTS ' +
    '(tools/tidy-rules.ts) when something outside starts it';
  return codes
    .filter((code) => !alive.has(code.path))
    .map((code) => ({ file: code.path, line: 1, rule: 'dead-file', message }));
}

function isEntryPoint(path: string): boolean {
  return ENTRY_POINTS.some((pattern) => pattern.test(path));
}

/** Files of the tree that string literals name: worker files, forked entries, topology paths. */
function mentionsOf(code: Code, paths: ReadonlySet<string>): string[] {
  const found: string[] = [];
  walk(code.ast, (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateTail(node)) {
      found.push(...mentionsIn(code.path, node.text, paths));
    }
  });
  return found;
}

function mentionsIn(from: string, text: string, paths: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const [name] of text.matchAll(MENTION)) {
    const beside = posix.join(posix.dirname(from), name);
    const plain = name.replace(/^[./]+/, '');
    if (paths.has(beside)) found.push(beside);
    else if (paths.has(plain)) found.push(plain);
    else {
      const ends = [...paths].filter((path) => path.endsWith(`/${plain}`));
      if (ends.length === 1) found.push(ends[0]);
    }
  }
  return found;
}
