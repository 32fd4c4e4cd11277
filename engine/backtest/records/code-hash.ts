// What code a run was: the strategy file, every file it imports by a relative path, JSON included,
// and the packages it names. Read by run records, sweeps and `pankou check`. Always: found by
// reading, nothing is executed; a module whose name is computed cannot be found and is said.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import process from 'node:process';

export interface CodeFile {
  /** Absolute. */
  readonly path: string;
  /** From the strategy's folder, with `/`. */
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

export interface StrategyCode {
  /** sha256 in hex over names and contents of all files and over packages. */
  readonly sha256: string;
  /** The strategy first. */
  readonly files: readonly CodeFile[];
  /** Packages by name, with their versions: `lodash@4.17.21`; `pankou` is the engine itself. */
  readonly packages: readonly string[];
  /** Modules of Node that are imported: `node:fs`. */
  readonly builtins: readonly string[];
  /** What reading cannot tell, for people. */
  readonly unknown: readonly string[];
}

const ENGINE = 'pankou';
const FROM = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/g;
const BARE = /\bimport\s*['"]([^'"\n]+)['"]/g;
const CALL = /\b(?:import|require)\s*\(\s*(?:['"]([^'"\n]+)['"]|([^)\s][^)]{0,40}))/g;
const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/** Reads the strategy and what it imports; throws when the strategy itself cannot be read. */
export function readCode(strategyFile: string): StrategyCode {
  const root = dirname(resolve(strategyFile));
  const found = new Map<string, CodeFile>();
  const packages = new Set<string>();
  const builtins = new Set<string>();
  const unknown: string[] = [];
  const open = [resolve(strategyFile)];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const file = readCodeFile(path, root);
    found.set(path, file);
    if (path.endsWith('.json')) continue;
    if (path.endsWith('.py')) {
      const { files, names } = pythonImports(file.text, path);
      open.push(...files);
      for (const name of names) packages.add(name);
      continue;
    }
    for (const { name, computed } of importsOf(file.text)) {
      if (computed) unknown.push(`${file.name}: imports a module whose name it computes (${name})`);
      else if (BUILTINS.has(name) || name.startsWith('node:')) {
        builtins.add(name.startsWith('node:') ? name : `node:${name}`);
      } else if (/^\.{0,2}\//.test(name) || name.startsWith('file:')) {
        const next = locate(path, name);
        if (next === null) unknown.push(`${file.name}: ${name} is not there`);
        else open.push(next);
      } else packages.add(packageText(path, name));
    }
  }
  if (strategyFile.endsWith('.py')) packages.add(pythonVersion());
  const files = [...found.values()];
  const hash = createHash('sha256');
  for (const { name, sha256 } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\0${sha256}\n`);
  }
  for (const name of [...packages].sort()) hash.update(`${name}\n`);
  return {
    sha256: hash.digest('hex'),
    files,
    packages: [...packages].sort(),
    builtins: [...builtins].sort(),
    unknown,
  };
}

function readCodeFile(path: string, root: string): CodeFile {
  const bytes = readFileSync(path);
  return {
    path,
    name: relative(root, path).split(sep).join('/'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    text: bytes.toString('utf8'),
  };
}

/** Every module a text names; comments do not count, strings that look like imports may. */
function importsOf(text: string): { name: string; computed: boolean }[] {
  const code = withoutComments(text);
  const names: { name: string; computed: boolean }[] = [];
  for (const pattern of [FROM, BARE]) {
    for (const match of code.matchAll(pattern)) names.push({ name: match[1]!, computed: false });
  }
  for (const match of code.matchAll(CALL)) {
    if (match[1] !== undefined) names.push({ name: match[1], computed: false });
    else names.push({ name: match[2]!.trim(), computed: true });
  }
  return names;
}

/** Comments become blanks; what stands in quotes stays. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (all: string, quoted?: string) => quoted ?? all.replace(/[^\n]/g, ' '),
  );
}

/** Files beside a Python file that it imports, and the names of everything else. */
function pythonImports(text: string, path: string): { files: string[]; names: string[] } {
  const files: string[] = [];
  const names: string[] = [];
  const named = (module: string): void => {
    const parts = module.split('.').filter(Boolean);
    if (parts.length === 0) return;
    const base = join(dirname(path), ...parts);
    const file = [`${base}.py`, join(base, '__init__.py')].find((one) => existsSync(one));
    if (file !== undefined) files.push(file);
    else names.push(`python:${parts[0]}`);
  };
  const code = text.replace(/\\\r?\n/g, ' ');
  for (const [, list] of code.matchAll(/^[ \t]*import[ \t]+([\w.,\t ]+)/gm)) {
    for (const one of list!.split(',')) named(one.trim().split(/\s+/)[0]!);
  }
  for (const [, module, what] of code.matchAll(
    /^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+([\w.,\t ]+|\()/gm,
  )) {
    if (/^\.+$/.test(module!)) for (const one of what!.split(',')) named(one.trim());
    else named(module!);
  }
  return { files, names };
}

/** `python 3.11.7`: the interpreter is a part of what decides a run. */
function pythonVersion(): string {
  const python =
    process.env['PANKOU_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');
  const { stdout, error } = spawnSync(python, ['--version'], { encoding: 'utf8' });
  return error === undefined ? stdout.trim().toLowerCase() : 'python ?';
}

function locate(from: string, name: string): string | null {
  const path = name.startsWith('file:') ? new URL(name).pathname : join(dirname(from), name);
  const full = name.startsWith('/') ? name : path;
  const tries = [full, `${full}.ts`, `${full}.js`, join(full, 'index.ts')];
  return tries.find((one) => existsSync(one) && statSync(one).isFile()) ?? null;
}

function packageText(from: string, name: string): string {
  const bare = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0]!;
  if (bare === ENGINE) return ENGINE;
  try {
    const path = createRequire(from).resolve(`${bare}/package.json`);
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string };
    return `${bare}@${version ?? '?'}`;
  } catch {
    return `${bare}@?`;
  }
}
