// The audit log of a run folder: who did what, when, from where, and what came of it; one JSON line
// a step, each with the SHA-256 of the one before. Appended by the api process, the core and the
// command line (a lock file keeps them apart), read by `pankou audit`. Always: a line is on the
// device when append() returns; nothing is ever rewritten; a torn last line is kept and named.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

export const AUDIT_FILE = 'audit.log';
/** Number and hash of the newest record: shows that lines were cut off at the end. */
const HEAD_FILE = 'audit.head';
const LOCK_FILE = 'audit.lock';
/** Longest wait for the lock; whoever has it writes one line. */
const LOCK_MS = 1_000;
const LOCK_STEP_MS = 2;
/** A lock this old belongs to a process that died, whatever its number says now. */
const LOCK_STALE_MS = 10_000;
const TEXT_MAX = 400;
const TAIL_BYTES = 65_536;
const FIRST_PREV = '0'.repeat(64);
const TORN = 'torn-line';

/** One step; texts are cut at 400 characters. */
export interface AuditStep {
  /** A person's name, or what stands for one: `token`, `engine`. */
  readonly who: string;
  /** `http 127.0.0.1`, `page`, `command line`, `engine` ... */
  readonly from: string;
  readonly what: string;
  /** What it was about; never a secret. */
  readonly about?: { readonly [name: string]: string | number | boolean };
  /** `asked`, `done`, or why not. */
  readonly result: string;
}

/** Where audit lines go. */
export interface AuditPort {
  append(step: AuditStep): unknown;
}

export interface AuditRecord extends AuditStep {
  /** From 1, without holes. */
  readonly n: number;
  /** Local time with its offset. */
  readonly at: string;
  readonly prev: string;
  readonly hash: string;
}

export interface AuditReport {
  readonly records: number;
  /** Hash of the newest record: note it elsewhere, and nobody can cut the end off unseen. */
  readonly head: string;
  readonly problems: readonly { readonly line: number; readonly why: string }[];
}

export class AuditLog {
  readonly path: string;
  readonly #dir: string;
  readonly #now: () => Date;

  constructor(dir: string, now: () => Date = () => new Date()) {
    this.#dir = dir;
    this.path = join(dir, AUDIT_FILE);
    this.#now = now;
  }

  /** Writes one step down, durable when it returns. Throws when it cannot be. */
  append(step: AuditStep): AuditRecord {
    mkdirSync(this.#dir, { recursive: true });
    this.#lock();
    const file = openSync(this.path, 'a+', 0o600);
    try {
      let last = lastOf(file);
      if (last.torn !== '') {
        const about = { bytes: Buffer.byteLength(last.torn), sha256: sha256(last.torn) };
        const note = { who: 'audit', from: 'audit', what: TORN, about, result: 'kept' };
        writeSync(file, '\n');
        last = { ...this.#write(file, note, last.n, last.hash), torn: '' };
      }
      const record = this.#write(file, step, last.n, last.hash);
      fsyncSync(file);
      this.#writeHead(record);
      return record;
    } finally {
      closeSync(file);
      rmSync(join(this.#dir, LOCK_FILE), { force: true });
    }
  }

  #write(file: number, step: AuditStep, n: number, prev: string): AuditRecord {
    const { who, from, what, about = {}, result } = step;
    const body = {
      ...{ n: n + 1, at: stamp(this.#now()), who: cut(who), from: cut(from), what: cut(what) },
      about: Object.fromEntries(
        Object.entries(about).map(([name, value]) => [
          cut(name),
          typeof value === 'string' ? cut(value) : value,
        ]),
      ),
      ...{ result: cut(result), prev },
    };
    const text = JSON.stringify(body);
    const hash = sha256(text);
    writeSync(file, `${text.slice(0, -1)},"hash":"${hash}"}\n`);
    return { ...body, hash };
  }

  /** The lock stays for a few milliseconds only; one that a dead process left is taken over. */
  #lock(): void {
    const path = join(this.#dir, LOCK_FILE);
    const until = performance.now() + LOCK_MS;
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (;;) {
      try {
        const file = openSync(path, 'wx', 0o600);
        writeSync(file, String(process.pid));
        closeSync(file);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (isLeftOver(path)) rmSync(path, { force: true });
      else if (performance.now() > until) {
        throw new Error(`${path}: another process holds it for ${LOCK_MS} ms; is it frozen?`);
      } else Atomics.wait(sleeper, 0, 0, LOCK_STEP_MS);
    }
  }

  #writeHead({ n, hash }: AuditRecord): void {
    const path = join(this.#dir, HEAD_FILE);
    const draft = `${path}.${process.pid}`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${n} ${hash}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  }
}

/** Every record of a run folder that can be read, oldest first. */
export function readAudit(dir: string): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const line of linesOf(dir).lines) {
    const record = recordOf(line);
    if (record !== null) records.push(record);
  }
  return records;
}

/** Checks the whole chain; a missing log is one without records. */
export function verifyAudit(dir: string): AuditReport {
  const { lines, torn } = linesOf(dir);
  const problems: { line: number; why: string }[] = [];
  let n = 0;
  let prev = FIRST_PREV;
  const hashes: string[] = [];
  lines.forEach((text, i) => {
    const line = i + 1;
    const record = recordOf(text);
    if (record === null) {
      const next = recordOf(lines[i + 1] ?? '');
      const isKept = next?.what === TORN && next.about?.['sha256'] === sha256(text);
      if (!isKept) problems.push({ line, why: 'is not a record of the log, or was changed' });
      return;
    }
    if (record.hash !== hashOf(text)) problems.push({ line, why: 'was changed: its hash differs' });
    else if (record.prev !== prev) {
      problems.push({ line, why: 'does not follow the line before: lines were taken or moved' });
    } else if (record.n !== n + 1) {
      problems.push({ line, why: `has number ${record.n}, expected ${n + 1}` });
    }
    n = record.n;
    prev = record.hash;
    hashes[record.n] = record.hash;
  });
  if (torn !== '') problems.push({ line: lines.length + 1, why: 'is torn: it has no end' });
  problems.push(...headProblems(dir, n, hashes, lines.length));
  return { records: n, head: prev, problems };
}

/** The head file may be one record behind (a crash between the two), never ahead. */
function headProblems(dir: string, n: number, hashes: readonly string[], line: number) {
  const path = join(dir, HEAD_FILE);
  if (!existsSync(path)) {
    return n === 0 ? [] : [{ line, why: `${HEAD_FILE} is missing: the end cannot be proven` }];
  }
  const [number = '', hash = ''] = readFileSync(path, 'utf8').trim().split(' ');
  const head = Number(number);
  if (head > n) return [{ line, why: `the last ${head - n} records are missing` }];
  if (hashes[head] === hash) return [];
  return [{ line, why: `record ${head} is not the one that ${HEAD_FILE} names` }];
}

function linesOf(dir: string): { lines: string[]; torn: string } {
  const path = join(dir, AUDIT_FILE);
  if (!existsSync(path)) return { lines: [], torn: '' };
  const lines = readFileSync(path, 'utf8').split('\n');
  const torn = lines.pop() ?? '';
  return { lines, torn };
}

function recordOf(line: string): AuditRecord | null {
  try {
    const value = JSON.parse(line) as AuditRecord;
    const isRecord = typeof value.n === 'number' && typeof value.hash === 'string';
    return isRecord && typeof value.prev === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Hash over the text of a line without its own hash. */
function hashOf(line: string): string {
  return sha256(line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '}'));
}

/** Number and hash of the newest record of an open log, and what stands torn behind it. */
function lastOf(file: number): { n: number; hash: string; torn: string } {
  const { size } = fstatSync(file);
  for (let bytes = Math.min(size, TAIL_BYTES); ; bytes = Math.min(size, bytes * 4)) {
    const buffer = Buffer.alloc(bytes);
    readSync(file, buffer, 0, bytes, size - bytes);
    const lines = buffer.toString('utf8').split('\n');
    const torn = lines.pop() ?? '';
    for (const line of lines.reverse()) {
      const record = recordOf(line);
      if (record !== null) return { n: record.n, hash: record.hash, torn };
    }
    if (bytes === size) return { n: 0, hash: FIRST_PREV, torn };
  }
}

function isLeftOver(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > LOCK_STALE_MS) return true;
    const pid = Number(readFileSync(path, 'utf8'));
    // An empty file: its owner is between making and writing it.
    if (!(pid > 0)) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** 2026-01-05T09:31:05.123+08:00 */
function stamp(now: Date): string {
  const offset = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}
