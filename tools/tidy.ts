// The house rules as a program: `npm run tidy` reads every file of the repository, prints each
// broken rule as `file:line rule message` and a summary of sizes, and exits 1 when there is one.
// Numbers and tables are in tidy-rules.ts, the rules in tidy-{hot,shape,imports,project}.ts.
// Invariant: reads only; what is ignored by git is not looked at.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { checkHot, checkStrayPardons } from './tidy-hot.ts';
import { checkImports, placeOf } from './tidy-imports.ts';
import { checkProject, checkSizes, type FileSize } from './tidy-project.ts';
import { CODE_FILE, GENERATED, MEASURED_FILE, TEXT_FILE } from './tidy-rules.ts';
import {
  checkBarrel,
  checkForm,
  checkMachinePaths,
  checkMeasure,
  functionLines,
} from './tidy-shape.ts';
import { type Code, type FileText, type Finding, linesOf, parseCode } from './tidy-source.ts';

/** Folders that a copy without git holds beside the sources. */
const SKIPPED = new Set(['.git', 'node_modules', 'build', 'dist', 'runs', 'coverage']);

/** All findings of a tree, ordered by file and line. */
export function checkTree(files: readonly FileText[], sizes: readonly FileSize[] = []): Finding[] {
  const codes = files.filter((file) => CODE_FILE.test(file.path)).map(parseCode);
  const named = files.filter((file) => /\.(json|html)$/.test(file.path));
  const findings = [...checkProject(files), ...checkSizes(sizes), ...checkImports(codes, named)];
  for (const file of files) {
    findings.push(...checkMachinePaths(file));
    if (MEASURED_FILE.test(file.path) && !GENERATED.test(file.path)) {
      findings.push(...checkMeasure(file));
    }
  }
  for (const code of codes) findings.push(...checkCode(code));
  return findings.sort((a, b) => compare(a.file, b.file) || a.line - b.line);
}

/** Sizes in one line each: sources and tests, median, 90 % and largest. */
export function summarise(files: readonly FileText[]): string[] {
  const codes = files
    .filter((file) => CODE_FILE.test(file.path) && !GENERATED.test(file.path))
    .map(parseCode);
  const isTest = (code: Code) => code.path.startsWith('tests/');
  const sources = codes.filter((code) => !isTest(code));
  return [...sizesOf('sources', sources), ...sizesOf('tests', codes.filter(isTest))];
}

/** Files of the repository at `root` as git sees them, or as they lie there without git. */
export function listFiles(root: string): string[] {
  const listed = existsSync(join(root, '.git')) ? gitFiles(root) : folderFiles(root, '');
  return listed.filter((path) => existsSync(join(root, path))).sort(compare);
}

function checkCode(code: Code): Finding[] {
  if (code.isGenerated) return checkBarrel(code);
  const place = placeOf(code.path);
  const isHot = place?.hot === true;
  const pardons = isHot ? checkHot(code, place) : checkStrayPardons(code);
  return [...checkForm(code), ...pardons];
}

function sizesOf(name: string, codes: readonly Code[]): string[] {
  if (codes.length === 0) return [];
  const files = codes.map((code) => code.lines.length);
  const functions = codes.flatMap((code) => functionLines(code).map(({ lines }) => lines));
  const comments = codes.flatMap((code) => code.comments.map((c) => linesOf(c.text).length));
  const share = (100 * sum(comments)) / Math.max(1, sum(files));
  return [
    `${name}: ${codes.length} files, ${sum(files)} lines, ${share.toFixed(0)} % comment lines`,
    `  lines a file: ${spread(files)}; lines a function: ${spread(functions)}`,
  ];
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return `median ${at(0.5)}, 90 % ${at(0.9)}, largest ${at(1)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** By code unit: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function gitFiles(root: string): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const out = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return [...new Set(out.split('\0'))].filter((path) => path !== '');
}

function folderFiles(root: string, folder: string): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) files.push(...folderFiles(root, path));
    } else if (entry.isFile()) files.push(path);
  }
  return files;
}

function main(): number {
  const root = join(import.meta.dirname, '..');
  const paths = listFiles(root);
  const texts = paths
    .filter((path) => TEXT_FILE.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const sizes = paths.map((path) => ({ path, bytes: statSync(join(root, path)).size }));
  const findings = checkTree(texts, sizes);
  for (const { file, line, rule, message } of findings) {
    console.log(`${file}:${line} ${rule} ${message}`);
  }
  for (const line of summarise(texts)) console.log(line);
  console.log(findings.length === 0 ? 'tidy: no findings' : `tidy: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = main();
