// The rules of the repository as a whole: exact versions, a lock file that names no registry, a
// line in docs/ARCHITECTURE.md for each dependency, no heavy files. Called once by tidy.ts.
// Invariant: works on texts and sizes only, so tests need no files on disk.
import { FILE_BYTES_MAX } from './tidy-rules.ts';
import { type FileText, type Finding, linesOf } from './tidy-source.ts';

const ARCHITECTURE = 'docs/ARCHITECTURE.md';
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** A file of the repository and its size on disk. */
export interface FileSize {
  readonly path: string;
  readonly bytes: number;
}

/** Findings about package.json, package-lock.json and docs/ARCHITECTURE.md. */
export function checkProject(files: readonly FileText[]): Finding[] {
  const textOf = (path: string) => files.find((file) => file.path === path)?.text;
  const manifest = textOf('package.json');
  const lock = textOf('package-lock.json');
  const findings: Finding[] = [];
  if (manifest !== undefined) {
    findings.push(...checkVersions(manifest));
    findings.push(...checkReasons(manifest, textOf(ARCHITECTURE)));
  }
  if (lock !== undefined) findings.push(...checkLock(lock));
  return findings;
}

/** Files that make every clone heavy. */
export function checkSizes(sizes: readonly FileSize[]): Finding[] {
  return sizes
    .filter(({ bytes }) => bytes > FILE_BYTES_MAX)
    .map(({ path, bytes }) => {
      const message =
        `${(bytes / 1e6).toFixed(1)} MB, at most ${FILE_BYTES_MAX / 1e6} MB: ` +
        'generate it, fetch it in the test, or make it smaller';
      return { file: path, line: 1, rule: 'file-size', message };
    });
}

function checkVersions(manifest: string): Finding[] {
  const findings: Finding[] = [];
  for (const [name, version] of versionsOf(manifest, [...GROUPS, 'overrides'])) {
    if (EXACT.test(version)) continue;
    findings.push({
      file: 'package.json',
      line: lineWith(manifest, `"${name}": "${version}"`),
      rule: 'exact-version',
      message: `${name} is '${version}': write one exact version, such as 1.2.3`,
    });
  }
  return findings;
}

function checkReasons(manifest: string, architecture: string | undefined): Finding[] {
  const lines = linesOf(architecture ?? '');
  const findings: Finding[] = [];
  for (const [name] of versionsOf(manifest, GROUPS)) {
    if (lines.some((line) => line.includes(`\`${name}\``))) continue;
    findings.push({
      file: ARCHITECTURE,
      line: 1,
      rule: 'dependency-reason',
      message: `no line says why \`${name}\` is a dependency: add one with its name in backticks`,
    });
  }
  return findings;
}

function checkLock(lock: string): Finding[] {
  const lines = linesOf(lock);
  const isResolved = (line: string) => /^\s*"resolved":\s*"(https?|git|ssh)/.test(line);
  const first = lines.findIndex(isResolved);
  if (first < 0) return [];
  const count = lines.filter(isResolved).length;
  const message =
    `${count} packages name the registry they came from: npm install with the .npmrc of the ` +
    'repository (omit-lockfile-registry-resolved=true)';
  return [{ file: 'package-lock.json', line: first + 1, rule: 'lock-resolved', message }];
}

/** Name and version of each entry of the given groups; nested overrides included. */
function versionsOf(manifest: string, groups: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  const parsed: unknown = JSON.parse(manifest);
  if (!isRecord(parsed)) return found;
  for (const group of groups) collect(parsed[group], found);
  return found;
}

function collect(group: unknown, found: [string, string][]): void {
  if (!isRecord(group)) return;
  for (const [name, version] of Object.entries(group)) {
    if (typeof version === 'string') found.push([name, version]);
    else collect(version, found);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineWith(text: string, part: string): number {
  return linesOf(text).findIndex((line) => line.includes(part)) + 1 || 1;
}
