// One file of the tree as the rules see it: text, lines, syntax tree, comments. Made by tidy.ts for
// every code file and by tests from inline strings; rules only read it.
// Invariant: positions in the tree are positions in `text`, for .vue files too, whose script is
// parsed in place (everything around it blanked), so line numbers are those of the file.
import ts from 'typescript';
import { parse as parseVue } from 'vue/compiler-sfc';
import { GENERATED } from './tidy-rules.ts';

/** A file as read from disk. `path` is relative to the root, with `/`. */
export interface FileText {
  readonly path: string;
  readonly text: string;
}

/** One broken rule. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do instead. */
  readonly message: string;
}

/** A comment; `text` with its marks. */
export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly line: number;
}

/** A parsed code file. */
export interface Code extends FileText {
  readonly lines: readonly string[];
  readonly ast: ts.SourceFile;
  readonly comments: readonly Comment[];
  readonly isGenerated: boolean;
}

/** Lines of a text; a final newline opens no line. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Parses one code file (.ts, .mjs, .vue). Broken syntax is left to the compiler to report. */
export function parseCode(file: FileText): Code {
  const script = file.path.endsWith('.vue') ? vueScript(file.text) : file.text;
  const kind = /\.m?js$/.test(file.path) ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  const ast = ts.createSourceFile(file.path, script, ts.ScriptTarget.Latest, true, kind);
  return {
    path: file.path,
    text: file.text,
    lines: linesOf(file.text),
    ast,
    comments: commentsOf(ast),
    isGenerated: GENERATED.test(file.path),
  };
}

/** Line (from 1) of a node's first character. */
export function lineOf(code: Code, node: ts.Node): number {
  return lineAt(code.ast, node.getStart(code.ast));
}

/** Every node below `node`, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    visit(child);
    walk(child, visit);
  });
}

function lineAt(ast: ts.SourceFile, position: number): number {
  return ast.getLineAndCharacterOfPosition(position).line + 1;
}

/** The script blocks of a component at their places; all other characters become blanks. */
function vueScript(text: string): string {
  const { descriptor } = parseVue(text, { sourceMap: false });
  let script = '';
  const blocks = [descriptor.script, descriptor.scriptSetup].filter((block) => block !== null);
  blocks.sort((a, b) => a.loc.start.offset - b.loc.start.offset);
  for (const block of blocks) {
    script += blank(text.slice(script.length, block.loc.start.offset)) + block.content;
  }
  return script + blank(text.slice(script.length));
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}

/** Comments: outside string, template and regular expression literals nothing else has `//`. */
function commentsOf(ast: ts.SourceFile): Comment[] {
  const text = ast.text;
  const literals = literalRanges(ast);
  const comments: Comment[] = [];
  let next = 0;
  let i = text.startsWith('#!') ? text.indexOf('\n') : 0;
  while (i >= 0 && i < text.length) {
    const literal = literals[next];
    if (literal !== undefined && i >= literal.start) {
      i = Math.max(i, literal.end);
      next++;
      continue;
    }
    const end = commentEnd(text, i);
    if (end > i) {
      comments.push({ text: text.slice(i, end), start: i, line: lineAt(ast, i) });
      i = end;
      while (literals[next] !== undefined && literals[next].end <= i) next++;
    } else i++;
  }
  return comments;
}

/** Where the comment that opens at `at` ends; `at` when none opens there. */
function commentEnd(text: string, at: number): number {
  if (text[at] !== '/') return at;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] !== '*') return at;
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? text.length : end + 2;
}

function literalRanges(ast: ts.SourceFile): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  walk(ast, (node) => {
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node);
    const isPart = ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (!isText && !isPart && !ts.isRegularExpressionLiteral(node)) return;
    ranges.push({ start: node.getStart(ast), end: node.getEnd() });
  });
  return ranges.sort((a, b) => a.start - b.start);
}
