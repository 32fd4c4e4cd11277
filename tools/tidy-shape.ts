// The rules of form: sizes, the opening comment, names of files and prices, `any`, notes to
// oneself, barrels, machine paths. Called by tidy.ts for each file; each looks at one file alone.
// Invariant: generated files answer only for barrels and machine paths.
import ts from 'typescript';
import {
  EMPTY_NAMES,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  HEAD_LINES_MAX,
  HEAD_LINES_MIN,
  INDEX_ALLOWED,
  LINE_COLUMNS_MAX,
  MACHINE_FOLDERS,
  PRICE_FOLDER,
} from './tidy-rules.ts';
import { type Code, type FileText, type Finding, lineOf, linesOf, walk } from './tidy-source.ts';

/** Rules of every measured text file: lines, columns, names. */
export function checkMeasure(file: FileText): Finding[] {
  const findings = checkName(file.path);
  const lines = linesOf(file.text);
  if (lines.length > FILE_LINES_MAX) {
    const message = `${lines.length} lines, at most ${FILE_LINES_MAX}: split it by what it does`;
    findings.push({ file: file.path, line: FILE_LINES_MAX + 1, rule: 'file-length', message });
  }
  lines.forEach((text, i) => {
    const columns = text.length <= LINE_COLUMNS_MAX ? 0 : Array.from(text).length;
    if (columns <= LINE_COLUMNS_MAX) return;
    const message = `${columns} columns, at most ${LINE_COLUMNS_MAX}: break the line`;
    findings.push({ file: file.path, line: i + 1, rule: 'line-length', message });
  });
  return findings;
}

/** Rules of code files: opening comment, functions, `any`, notes to oneself, prices. */
export function checkForm(code: Code): Finding[] {
  return [
    ...checkHead(code),
    ...checkFunctions(code),
    ...checkTypes(code),
    ...checkTodos(code),
    ...checkBarrel(code),
  ];
}

/** Barrels hide who uses what; also asked of generated files. */
export function checkBarrel(code: Code): Finding[] {
  if (code.path === INDEX_ALLOWED) return [];
  const { statements } = code.ast;
  const isBarrel = statements.some(isReExport) && statements.every(isPassedOn);
  if (!isBarrel) return [];
  const message = 'a file of re-exports only: import from the files themselves and remove it';
  return [{ file: code.path, line: 1, rule: 'barrel', message }];
}

/** Folders that exist on one machine only, in any text file. */
export function checkMachinePaths(file: FileText): Finding[] {
  const folders = MACHINE_FOLDERS.join('|');
  const pattern = new RegExp(`(?<![\\w.\\-*)}\\]])/(${folders})/|[A-Za-z]:\\\\+Users\\\\`);
  const findings: Finding[] = [];
  linesOf(file.text).forEach((text, i) => {
    const match = pattern.exec(text);
    if (match === null) return;
    const message = `${match[0]} is a folder of one machine: name a path relative to the clone`;
    findings.push({ file: file.path, line: i + 1, rule: 'machine-path', message });
  });
  return findings;
}

/** Lines of every function with a body, for the rule and for the summary. */
export function functionLines(code: Code): { node: ts.Node; lines: number }[] {
  const found: { node: ts.Node; lines: number }[] = [];
  walk(code.ast, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (isDescribeCallback(node)) return;
    const last = code.ast.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    found.push({ node, lines: last - lineOf(code, node) + 1 });
  });
  return found;
}

function checkName(path: string): Finding[] {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  const words = [...parts, ...name.replace(/\.[^.]+$/, '').split(/[-.]/)];
  const empty = words.find((word) => EMPTY_NAMES.includes(word.toLowerCase()));
  const findings: Finding[] = [];
  if (empty !== undefined) {
    const message = `'${empty}' says nothing: name the file after what it knows or does`;
    findings.push({ file: path, line: 1, rule: 'file-name', message });
  }
  if (/^index\.(ts|mts|js|mjs|vue)$/.test(name) && path !== INDEX_ALLOWED) {
    const message = `only ${INDEX_ALLOWED} is called index: name the file after what it does`;
    findings.push({ file: path, line: 1, rule: 'file-name', message });
  }
  return findings;
}

function checkHead(code: Code): Finding[] {
  const lines = headLines(code);
  if (lines >= HEAD_LINES_MIN && lines <= HEAD_LINES_MAX) return [];
  const message =
    lines > HEAD_LINES_MAX
      ? `opens with ${lines} comment lines, at most ${HEAD_LINES_MAX}: put an empty line ` +
        'between the head and drawings or details'
      : `opens with ${lines} comment lines, at least ${HEAD_LINES_MIN}: say what this file is, ` +
        'who calls it and what always holds';
  return [{ file: code.path, line: 1, rule: 'head-comment', message }];
}

/** Lines of the comment that opens a file, up to the first line that is none. */
function headLines(code: Code): number {
  const text = code.text.replace(/^#!.*\r?\n/, '');
  if (code.path.endsWith('.vue') && text.startsWith('<!--')) {
    return linesOf(text.slice(0, text.indexOf('-->'))).length;
  }
  if (text.startsWith('/*')) return linesOf(text.slice(0, text.indexOf('*/'))).length;
  const lines = linesOf(text);
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return end < 0 ? lines.length : end;
}

function checkFunctions(code: Code): Finding[] {
  return functionLines(code)
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .map(({ node, lines }) => ({
      file: code.path,
      line: lineOf(code, node),
      rule: 'function-length',
      message: `${lines} lines, at most ${FUNCTION_LINES_MAX}: give its parts names of their own`,
    }));
}

/** The callback of `describe(...)` only groups tests; the tests in it are measured. */
function isDescribeCallback(node: ts.Node): boolean {
  if (!ts.isCallExpression(node.parent)) return false;
  let callee: ts.Expression = node.parent.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    callee = callee.expression;
  }
  return ts.isIdentifier(callee) && callee.text === 'describe';
}

function checkTypes(code: Code): Finding[] {
  const findings: Finding[] = [];
  walk(code.ast, (node) => {
    const at = { file: code.path, line: lineOf(code, node) };
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const message = '`any` switches the checker off: use the type, or `unknown` and narrow it';
      findings.push({ ...at, rule: 'any', message });
    }
    const name = code.path.startsWith(PRICE_FOLDER) ? unitlessPrice(node) : '';
    if (name !== '') {
      const message = `\`${name}: number\` hides its unit: ${name}E4 (int32, 1/10,000 yuan)`;
      findings.push({ ...at, rule: 'price-unit', message });
    }
  });
  return findings;
}

/** Name of a value or answer `...price: number`, or ''. */
function unitlessPrice(node: ts.Node): string {
  const isValue =
    ts.isParameter(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node);
  const isAnswer =
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isGetAccessor(node) ||
    ts.isFunctionDeclaration(node);
  if (!isValue && !isAnswer) return '';
  if (node.type?.kind !== ts.SyntaxKind.NumberKeyword || node.name === undefined) return '';
  const name = node.name.getText().replace(/^#/, '');
  return /price$/i.test(name) ? name : '';
}

function checkTodos(code: Code): Finding[] {
  const findings: Finding[] = [];
  for (const comment of code.comments) {
    linesOf(comment.text).forEach((text, i) => {
      const match = /\b(TODO|FIXME)\b/.exec(text);
      if (match === null) return;
      const message = `${match[1]}: do it now, or open an issue and remove the note`;
      findings.push({ file: code.path, line: comment.line + i, rule: 'todo', message });
    });
  }
  return findings;
}

function isReExport(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}

function isPassedOn(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) || ts.isImportDeclaration(statement);
}
