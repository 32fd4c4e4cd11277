// Where a user's overlays live, and how one gets there: every *.json of a rules folder in the
// order of their names, or a single rules.json. Called by `pankou rules` and by the start of a
// session. Always: an overlay is read and checked whole before it is stored; a stored file is
// replaced in one step, so that a reader sees the old one or the new one.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { overlayFromDays, type Places, parseOverlay } from './overlay.ts';
import { builtInBook, RuleBook } from './rule-book.ts';
import { RuleError } from './rule-error.ts';
import type { RuleLayer } from './rule-layer.ts';

/** Overlay of a run folder, used when no folder is named. */
export const RUN_FOLDER_FILE = 'rules.json';
const FILE_BYTES_MAX = 16 << 20;

/** A rules folder or a single overlay, or the run folder whose rules.json counts if it is there. */
export type RulesPlace = { readonly rulesDir: string } | { readonly runDir: string };

/** The built-in book with the overlays of a place; throws RuleError when one is refused. */
export function readRuleBook(place: RulesPlace, places?: Places): RuleBook {
  return new RuleBook(overlayPaths(place).map((path) => readOverlay(path, places)));
}

/**
 * Overlay files behind names of files and folders (a folder: its *.json by name), lowest first;
 * none named: the rules.json of `runDir`, if there. Throws RuleError for a name that is not there.
 */
export function overlayFiles(named: readonly string[], runDir: string): string[] {
  if (named.length === 0) return overlayPaths({ runDir });
  return named.flatMap((path) => overlayPaths({ rulesDir: path }));
}

/** The built-in book with the overlays of these files; throws RuleError when one is refused. */
export function ruleBookOf(files: readonly string[], places?: Places): RuleBook {
  if (files.length === 0) return builtInBook();
  return new RuleBook(files.map((path) => readOverlay(path, places)));
}

/** Files that count, lowest first. What is named must exist, a rules.json need not. */
export function overlayPaths(place: RulesPlace): string[] {
  if ('runDir' in place) {
    const path = resolve(place.runDir, RUN_FOLDER_FILE);
    return existsSync(path) ? [path] : [];
  }
  const isFolder = attempt(place.rulesDir, () => statSync(place.rulesDir).isDirectory());
  if (!isFolder) return [resolve(place.rulesDir)];
  const names = attempt(place.rulesDir, () => readdirSync(place.rulesDir));
  const files = names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  return files.map((name) => resolve(place.rulesDir, name));
}

export interface Imported {
  /** Where it is stored now. */
  readonly path: string;
  readonly rows: number;
  readonly spans: number;
  /** Whether a file of that name was replaced. */
  readonly replaced: boolean;
  /** Days on which the calendar with it differs from the one without. */
  readonly changedDays: readonly number[];
}

/**
 * Checks an overlay (JSON, or trading days as .csv or .csv.gz) and stores it in a place: under its
 * own name in a rules folder (made if absent), or as rules.json of a run folder. Throws RuleError,
 * having changed nothing, when it is refused or would replace a file without `replace`.
 */
export function importOverlay(
  file: string,
  place: RulesPlace,
  options: { readonly replace?: boolean; readonly places?: Places } = {},
): Imported {
  const name = basename(file).replace(/\.csv(\.gz)?$/, '.json');
  if (!name.endsWith('.json')) {
    throw new RuleError(`${file}: expected a .json overlay, or trading days as .csv or .csv.gz`);
  }
  const text = overlayText(file);
  const added = parseOverlay(text, file, options.places);
  const dir = 'rulesDir' in place ? place.rulesDir : place.runDir;
  if (existsSync(dir) && !statSync(dir).isDirectory()) {
    throw new RuleError(`${dir}: is a file; give the folder that keeps overlays`);
  }
  const path = resolve(dir, 'rulesDir' in place ? name : RUN_FOLDER_FILE);
  const replaced = existsSync(path);
  if (replaced && options.replace !== true) {
    throw new RuleError(`${path} is already there; --replace puts the new one in its place`);
  }
  const stored = existsSync(dir) ? overlayPaths(place).filter((other) => other !== path) : [];
  const others = stored.map((other) => readOverlay(other, options.places));
  const before = new RuleBook(others);
  const after = new RuleBook([...others, { ...added, name: path }].sort(byName));
  attempt(path, () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${path}.${process.pid}.part`, text);
    renameSync(`${path}.${process.pid}.part`, path);
  });
  const changedDays = after.calendar.differences(before.calendar);
  return { path, rows: added.rows.length, spans: added.spans.length, replaced, changedDays };
}

function byName(a: RuleLayer, b: RuleLayer): number {
  return a.name < b.name ? -1 : 1;
}

function readOverlay(path: string, places?: Places): RuleLayer {
  return parseOverlay(overlayText(path), path, places);
}

function overlayText(path: string): string {
  const bytes = attempt(path, () => readFileSync(path));
  if (bytes.length > FILE_BYTES_MAX) throw new RuleError(`${path}: larger than 16 MiB`);
  const isPacked = path.endsWith('.gz');
  const plain = attempt(path, () =>
    isPacked ? gunzipSync(bytes, { maxOutputLength: FILE_BYTES_MAX }) : bytes,
  );
  const text = plain.toString('utf8').replace(/^\uFEFF/, '');
  return /\.csv(\.gz)?$/.test(path) ? overlayFromDays(text, basename(path)) : text;
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new RuleError(`${path}: ${(error as Error).message}`);
  }
}
