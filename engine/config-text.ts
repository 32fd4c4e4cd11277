// JSON files of people: read, parsed with the place of every value, problems put to their lines.
// Called by engine/config.ts and engine/risk-limits.ts. Always: a file that cannot be read or
// parsed is refused with what is wrong and where; nothing else is judged here.
import { readFileSync, statSync } from 'node:fs';
import type { JsonPlaces } from './config-json.ts';
import { lineAt, placesOf } from './config-json.ts';
import { ConfigError, type Problem, type ProblemPath } from './config-problems.ts';

/** Files of people are some kilobytes; more is some other file. */
const FILE_BYTES_MAX = 4_194_304;

/** A parsed text, with where things stand in it and what is given twice. */
export interface JsonSource {
  readonly text: string;
  readonly places: JsonPlaces;
  readonly raw: unknown;
  readonly doubles: readonly Problem[];
}

/** Parses text; throws ConfigError with line, column and excerpt when it is not JSON. */
export function parseJson(text: string, file: string, what = 'configuration'): JsonSource {
  const places = placesOf(text);
  if (places.fault !== null) {
    const { offset, message } = places.fault;
    const { line, column, content } = lineAt(text, offset);
    const shown = excerpt(content, column);
    throw new ConfigError(
      file,
      [{ path: [], message, line }],
      `${what} ${file} is not valid JSON: line ${line}, column ${column}: ${message}\n${shown}`,
    );
  }
  const doubles: Problem[] = places.doubles.map(({ path }) => ({
    path,
    message: 'given twice in the same object; keep one',
  }));
  return { text, places, raw: JSON.parse(text), doubles };
}

/** The text of a file; throws ConfigError when it is none. `what` names it, `example` shows one. */
export function readJsonText(file: string, what: string, example: string): string {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return refuse(file, what, 'is a folder; give the JSON file in it');
    if (stat.size > FILE_BYTES_MAX) {
      return refuse(file, what, `has ${stat.size} bytes; not a ${what}`);
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return text.trim() === '' ? refuse(file, what, `is empty; see ${example}`) : text;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError)
      return refuse(file, what, 'is not UTF-8 text; save it as UTF-8');
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return refuse(
        file,
        what,
        `does not exist; 'pankou init DIR' makes one, ${example} shows one`,
      );
    }
    return refuse(file, what, `cannot be read: ${message}`);
  }
}

function refuse(file: string, what: string, why: string): never {
  throw new ConfigError(file, [{ path: [], message: why }], `${what} ${file} ${why}`);
}

/** Problems with their lines, in the order of the file. A missing key stands at its parent. */
export function placed(problems: readonly Problem[], source: JsonSource): Problem[] {
  const { text, places } = source;
  return problems
    .map((problem) => ({ problem, offset: offsetOf(problem.path, places) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ problem, offset }) => ({ ...problem, line: lineAt(text, offset).line }));
}

function offsetOf(path: ProblemPath, places: JsonPlaces): number {
  for (let length = path.length; length > 0; length--) {
    const offset = places.offsets.get(JSON.stringify(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

/** The offending line, cut to a window, and a caret under the column. */
function excerpt(content: string, column: number): string {
  const from = Math.max(0, column - 60);
  const cut = content.slice(from, from + 90).replaceAll('\t', ' ');
  return `  ${cut}\n  ${' '.repeat(column - 1 - from)}^`;
}
