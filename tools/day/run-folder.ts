// Which run folder a path means: itself, the one a journal or closed day is in, or in a folder
// with one run folder in it. Called by the commands about days. Always: a guess is never made; what
// does not lead to exactly one run folder is an error that says what was looked for.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DAY_FILE, DAYS_FOLDER } from '../../engine/day/day-file.ts';

/** The run folder; throws a text for people. */
export function runFolderOf(path: string): string {
  const start = resolve(path);
  if (!existsSync(start) || !statSync(start).isDirectory()) {
    throw new Error(`${start} is not a folder; give the run folder of an engine`);
  }
  for (const place of [start, dirname(start)]) if (isRunFolder(place)) return place;
  // A closed day lies two levels below: RUN/days/20260105.
  if (basename(dirname(start)) === DAYS_FOLDER) return dirname(dirname(start));
  const below = readdirSync(start, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isRunFolder(join(start, entry.name)))
    .map(({ name }) => join(start, name));
  const [only] = below;
  if (below.length === 1) return only!;
  if (below.length === 0) {
    throw new Error(`${start} is no run folder: it has neither ${DAY_FILE} nor ${DAYS_FOLDER}/`);
  }
  throw new Error(`${start} has ${below.length} run folders; give one:\n  ${below.join('\n  ')}`);
}

function isRunFolder(path: string): boolean {
  if (basename(dirname(path)) === DAYS_FOLDER) return false;
  return existsSync(join(path, DAY_FILE)) || existsSync(join(path, DAYS_FOLDER));
}
