// What a strategy keeps over a restart, as text: its state with the version it declares, and which
// timers ran today. Called by the kit; where the text lies is its host's business. Always: only
// plain data is taken (a Map, a function or NaN would come back as something else), and a version
// that the file does not declare is never handed to it unasked.
import type { RanMarks } from './schedule.ts';

const FORMAT = 1;

export interface Kept {
  /** `stateVersion` of the file that saved it. */
  readonly version: number;
  readonly day: number;
  readonly ran: RanMarks;
  /** Undefined: nothing was saved yet. */
  readonly value: unknown;
}

/** Reads a saved text; throws what is wrong with it. '' = nothing was saved. */
export function readKept(text: string, strategy: string): Kept {
  if (text === '') return { version: 0, day: 0, ran: {}, value: undefined };
  const bad = (why: string): Error =>
    new Error(`saved state of ${strategy}: ${why}; repair or delete its state file`);
  let read: Partial<Kept> & { readonly format?: number };
  try {
    read = JSON.parse(text) as typeof read;
  } catch (error) {
    throw bad(`not readable (${error instanceof Error ? error.message : String(error)})`);
  }
  const { format, version, day, ran, value } = read;
  if (format !== FORMAT) throw bad(`format ${String(format)}, expected ${FORMAT}`);
  if (typeof version !== 'number' || typeof day !== 'number') throw bad('version or day missing');
  if (typeof ran !== 'object' || ran === null) throw bad('the marks of its timers are missing');
  return { version, day, ran, value };
}

/** One line of JSON. Throws naming the part of `value` that is no plain data. */
export function keptText({ version, day, ran, value }: Kept): string {
  checkPlain(value, 'state', new Set());
  return `${JSON.stringify({ format: FORMAT, version, day, ran, value })}\n`;
}

function checkPlain(value: unknown, path: string, above: Set<object>): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw new Error(`${path} is ${value}: it would be saved as null`);
  }
  if (typeof value !== 'object') {
    throw new Error(`${path} is a ${typeof value}: only plain data can be saved`);
  }
  if (above.has(value)) throw new Error(`${path} contains itself: it cannot be saved`);
  const proto: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && proto !== Object.prototype && proto !== null) {
    const name = value.constructor?.name ?? 'object';
    const hint = 'keep plain objects and arrays in what is saved';
    throw new Error(`${path} is a ${name}: it would not come back as one; ${hint}`);
  }
  above.add(value);
  for (const [key, one] of Object.entries(value)) checkPlain(one, `${path}.${key}`, above);
  above.delete(value);
}
