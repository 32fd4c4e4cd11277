// Finds constructs that work on Linux only: special files, Unix signals, paths glued with '/',
// shells. Used by windows-portability.test.ts over the engine, the tools and the gateways.
// Invariant: looks at the syntax tree, so comments and messages for people are not taken for code.
import ts from 'typescript';
import { type Code, lineOf, walk } from '../../../tools/tidy-source.ts';

/** One construct; `kind` is what the allow-list names. */
export interface LinuxOnly {
  readonly kind: 'special-file' | 'signal' | 'glued-path' | 'shell';
  readonly line: number;
  readonly text: string;
}

/** Folders of Linux at the start of a string; a text for people has a blank in it. */
const SPECIAL_FILE = /^\/(proc|sys|dev|tmp|run|var|etc|usr|bin)(\/[^\s]*)?$/;
/** Signals that Node cannot send or receive on Windows. */
const UNIX_SIGNAL = /^SIG(HUP|USR[12]|STOP|CONT|TSTP|CHLD|PIPE|ALRM|TTIN|TTOU|WINCH|QUIT)$/;
/** Functions of node:child_process that always start a shell. */
const SHELL_CALL = /^(exec|execSync)$/;
const SHELL_NAME = /^(\/bin\/)?(sh|bash|zsh|cmd|cmd\.exe|powershell)$/;
/** Names that hold a folder. */
const FOLDER_NAME = /(^|[a-z.#])(dir|dirname|folder|tmpdir)(\(\))?$/i;

/** All such constructs of one file, in order. */
export function linuxOnlyIn(code: Code): LinuxOnly[] {
  const found: LinuxOnly[] = [];
  const shells = shellFunctions(code.ast);
  walk(code.ast, (node) => {
    const kind = kindOf(node, shells);
    if (kind !== undefined) found.push({ kind, line: lineOf(code, node), text: node.getText() });
  });
  return found;
}

function kindOf(node: ts.Node, shells: ReadonlySet<string>): LinuxOnly['kind'] | undefined {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
    if (SPECIAL_FILE.test(node.text)) return 'special-file';
    if (UNIX_SIGNAL.test(node.text)) return 'signal';
  }
  if (isGluedTemplate(node) || isGluedSum(node)) return 'glued-path';
  if (isShellOption(node) || isShellCall(node, shells)) return 'shell';
  return undefined;
}

/** `${dir}/name`: join(dir, 'name') would do. */
function isGluedTemplate(node: ts.Node): boolean {
  if (!ts.isTemplateSpan(node)) return false;
  return /^[/\\]/.test(node.literal.text) && FOLDER_NAME.test(node.expression.getText());
}

/** dir + '/name'. */
function isGluedSum(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  if (node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return false;
  if (!ts.isStringLiteralLike(node.right) && !ts.isTemplateExpression(node.right)) return false;
  const text = ts.isTemplateExpression(node.right) ? node.right.head.text : node.right.text;
  return /^[/\\]/.test(text) && FOLDER_NAME.test(node.left.getText());
}

function isShellOption(node: ts.Node): boolean {
  if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'shell') return false;
  return node.initializer.kind !== ts.SyntaxKind.FalseKeyword;
}

function isShellCall(node: ts.Node, shells: ReadonlySet<string>): boolean {
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.getText() : callee.getText();
  if (shells.has(name)) return true;
  const first = node.arguments[0];
  const isSpawn = /^(.*\.)?(spawn|spawnSync|execFile|execFileSync)$/.test(name);
  return isSpawn && ts.isStringLiteralLike(first) && SHELL_NAME.test(first.text);
}

/** Local names of exec and execSync: imported singly, or through the module's name. */
function shellFunctions(ast: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(ast, (node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return;
    if (!/^(node:)?child_process$/.test(node.moduleSpecifier.text)) return;
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    if (bindings !== undefined && ts.isNamedImports(bindings)) {
      for (const { name, propertyName } of bindings.elements) {
        if (SHELL_CALL.test((propertyName ?? name).text)) names.add(name.text);
      }
      return;
    }
    const module = clause?.name ?? (bindings as ts.NamespaceImport | undefined)?.name;
    for (const call of ['exec', 'execSync']) if (module) names.add(`${module.text}.${call}`);
  });
  return names;
}
