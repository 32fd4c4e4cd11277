// Which strategies and which data a person may run from the pages: what lies in the configured
// folders, and nothing else. Called by runs-calls.ts. Always: a path that is asked for is resolved
// through every link first and must lie inside a configured folder.
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';

const STRATEGY = /^[^.].*\.(?:[cm]?[jt]s|py)$/;
const NOT_STRATEGY = /\.(?:d|test|spec|config)\.[cm]?[jt]s$/;
const DATA_FILE = /\.(?:csv|csv\.gz|parquet|txt|day|lc1|lc5)$/i;
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'runs', 'dist', '__pycache__']);
const DEPTH = 3;
const STRATEGIES_MAX = 500;
const DATA_MAX = 500;
/** Files of a folder that are looked at to tell whether it holds data. */
const LOOKED_AT = 50;
const STORE_MARKER = 'pankou-store.json';

export interface Folders {
  /** Absolute. */
  readonly strategies: readonly string[];
  readonly data: readonly string[];
}

export interface Listed {
  readonly path: string;
  /** For people: from its configured folder. */
  readonly name: string;
}

export type DataKind = 'folder' | 'store' | 'file';

/** Strategy files of the folders, by name; missing folders hold none. */
export function listStrategies({ strategies }: Folders): Listed[] {
  const found: Listed[] = [];
  for (const root of strategies) collect(root, root, DEPTH, found);
  return found.slice(0, STRATEGIES_MAX);
}

function collect(root: string, dir: string, depth: number, found: Listed[]): void {
  for (const entry of entriesOf(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      const open = !SKIPPED.has(entry.name) && !entry.name.startsWith('.');
      if (depth > 1 && open) collect(root, path, depth - 1, found);
    } else if (STRATEGY.test(entry.name) && !NOT_STRATEGY.test(entry.name)) {
      found.push({ path, name: nameIn(root, path) });
    }
  }
}

/** The data folders themselves where they hold files, their sub-folders, stores and files. */
export function listData({ data }: Folders): (Listed & { readonly kind: DataKind })[] {
  const found: (Listed & { readonly kind: DataKind })[] = [];
  for (const root of data) {
    const kind = kindOf(root);
    if (kind !== null) found.push({ path: root, name: basename(root), kind });
    if (kind === 'store' || kind === 'file') continue;
    for (const entry of entriesOf(root)) {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
      const path = join(root, entry.name);
      const inner = kindOf(path);
      if (inner !== null) found.push({ path, name: nameIn(root, path), kind: inner });
    }
  }
  return found.slice(0, DATA_MAX);
}

/** What stands at a path, or null where no data do. */
export function kindOf(path: string): DataKind | null {
  if (existsSync(join(path, STORE_MARKER))) return 'store';
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.isFile()) return DATA_FILE.test(path) ? 'file' : null;
  const files = entriesOf(path).slice(0, LOOKED_AT);
  return files.some(({ name }) => DATA_FILE.test(name)) ? 'folder' : null;
}

/** The real path of `asked` when it lies in one of the folders, else null. */
export function inside(folders: readonly string[], asked: string): string | null {
  try {
    const path = realpathSync(resolve(asked));
    const isIn = (root: string): boolean => {
      const real = realpathSync(root);
      return path === real || path.startsWith(real.endsWith(sep) ? real : real + sep);
    };
    return folders.some((root) => existsSync(root) && isIn(root)) ? path : null;
  } catch {
    return null;
  }
}

function nameIn(root: string, path: string): string {
  return [basename(root), ...relative(root, path).split(sep)].join('/');
}

function entriesOf(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
