// A disk with two images of each file: what the operating system holds (survives a killed process)
// and what the device holds (survives a power cut). The real journal code writes to it through the
// JournalFile and JournalPlace ports. Invariant: a power cut keeps every synced byte, and of the
// unsynced 4 KiB pages any subset, the last of them perhaps torn at a sector.
import {
  JOURNAL_IO,
  JOURNAL_NO_SEGMENT,
  JOURNAL_NO_SPACE,
  JOURNAL_OK,
} from '../journal/journal-code.ts';
import type { JournalPlace } from '../journal/open.ts';
import type { JournalTail } from '../journal/reader.ts';
import { type JournalFile, segmentName } from '../journal/segment.ts';
import { FrameMemory } from '../messages/frames.ts';
import type { CrashPoint } from './crash-signal.ts';
import type { Random } from './random.ts';

const PAGE = 4_096;
const SECTOR = 512;

export interface SimFile {
  /** What the operating system holds. */
  cache: Uint8Array;
  /** What the device holds. */
  durable: Uint8Array;
  /** Pages written and not synced, by number. */
  readonly dirty: Set<number>;
}

/** How the disk misbehaves now; the world changes it. */
export interface DiskMood {
  /** No new segment can be made. */
  full: boolean;
  /** Writes fail, after some of their bytes. */
  failing: boolean;
  /** Flushes fail. */
  syncFailing: boolean;
  /** A crash during a write may leave part of it. */
  tears: boolean;
}

/** The files of one folder. */
export class SimDisk implements JournalFile, JournalPlace {
  readonly dir: string;
  readonly mood: DiskMood = { full: false, failing: false, syncFailing: false, tears: false };
  readonly #files = new Map<string, SimFile>();
  readonly #handles: SimFile[] = [];
  readonly #crash: CrashPoint;
  readonly #random: Random;
  /** Raised whenever bytes may have changed other than by appending. */
  generation = 0;
  /** A write or a flush has failed: what the journal promises beyond that is nothing. */
  spoilt = false;

  /** At work is a process whose disk this no longer is: it writes on what it had opened. */
  detached = false;

  constructor(dir: string, crash: CrashPoint, random: Random) {
    this.dir = dir;
    this.#crash = crash;
    this.#random = random;
  }

  get files(): JournalFile {
    return this;
  }

  /** Writes and flushes work again: the faults are over, or a machine starts. */
  heal(): void {
    this.mood.full = false;
    this.mood.failing = false;
    this.mood.syncFailing = false;
  }

  open(index: number): number {
    if (this.detached) return JOURNAL_NO_SEGMENT;
    const file = this.#files.get(segmentName(index));
    if (file === undefined) return JOURNAL_NO_SEGMENT;
    return this.#handles.push(file) - 1;
  }

  prepare(index: number, bytes: number): number {
    if (this.detached) return JOURNAL_NO_SPACE;
    if (this.#files.has(segmentName(index))) return JOURNAL_OK;
    if (this.mood.full || this.mood.failing) return JOURNAL_NO_SPACE;
    this.#crash.effect('prepare');
    const file = {
      cache: new Uint8Array(bytes),
      durable: new Uint8Array(bytes),
      dirty: new Set<number>(),
    };
    this.#files.set(segmentName(index), file);
    return JOURNAL_OK;
  }

  write(handle: number, bytes: Uint8Array, from: number, length: number, position: number): number {
    const file = this.#handles[handle]!;
    if (this.mood.failing) return this.#failWrite(file, bytes, from, length, position);
    this.#crash.meetWrite();
    if (this.#crash.isNext() && this.mood.tears) {
      this.#put(file, bytes, from, this.#random.below(length + 1), position);
    }
    this.#crash.effect('before-write');
    this.#put(file, bytes, from, length, position);
    this.#crash.effect('after-write');
    return length;
  }

  /** Some bytes go in, the next call says why not more. */
  #failWrite(f: SimFile, bytes: Uint8Array, from: number, length: number, at: number): number {
    this.spoilt = true;
    const part = this.#random.chance(0.5) ? this.#random.below(length) : 0;
    if (part === 0) return JOURNAL_NO_SPACE;
    this.#put(f, bytes, from, part, at);
    return part;
  }

  #put(file: SimFile, bytes: Uint8Array, from: number, length: number, position: number): void {
    file.cache.set(bytes.subarray(from, from + length), position);
    const last = Math.floor((position + length - 1) / PAGE);
    for (let page = Math.floor(position / PAGE); page <= last; page++) file.dirty.add(page);
  }

  sync(handle: number): number {
    if (this.mood.syncFailing) {
      this.spoilt = true;
      return JOURNAL_IO;
    }
    this.#crash.effect('before-sync');
    this.#syncFile(this.#handles[handle]!);
    this.#crash.effect('after-sync');
    return JOURNAL_OK;
  }

  #syncFile(file: SimFile): void {
    for (const page of file.dirty) {
      const from = page * PAGE;
      file.durable.set(file.cache.subarray(from, from + PAGE), from);
    }
    file.dirty.clear();
  }

  /** What the journal's syncing thread does for the policy `group`. */
  syncAll(): void {
    for (const file of this.#files.values()) this.#syncFile(file);
  }

  close(): number {
    return JOURNAL_OK;
  }

  /** From here on the files are another machine's; open handles go on to the old ones. */
  fork(): void {
    for (const [name, { cache, durable, dirty }] of this.#files) {
      const copy = { cache: cache.slice(), durable: durable.slice(), dirty: new Set(dirty) };
      this.#files.set(name, copy);
    }
    this.generation++;
  }

  /** The machine loses power: unsynced pages survive or not, one by one. */
  powerCut(): void {
    for (const file of this.#files.values()) {
      for (const page of file.dirty) {
        if (this.#random.chance(0.5)) continue;
        const from = page * PAGE;
        const bytes = this.#random.chance(0.5) ? PAGE : this.#random.below(9) * SECTOR;
        file.durable.set(file.cache.subarray(from, from + bytes), from);
      }
      file.dirty.clear();
      file.cache = file.durable.slice();
    }
    this.generation++;
  }

  /** Whether a record that the operating system holds is on the device as well. */
  isDurable(name: string, at: number): boolean {
    return !(this.#files.get(name)?.dirty.has(Math.floor(at / PAGE)) ?? true);
  }

  /** A file as the operating system holds it; undefined = there is none. */
  file(name: string): SimFile | undefined {
    return this.#files.get(name);
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  size(name: string): number {
    return this.#files.get(name)?.cache.length ?? 0;
  }

  load(name: string): { memory: FrameMemory; bytes: number } {
    const { cache } = this.#files.get(name)!;
    const room = Math.max(256, Math.ceil(cache.length / 256) * 256);
    const memory = new FrameMemory(new ArrayBuffer(room));
    memory.u8.set(cache);
    return { memory, bytes: cache.length };
  }

  remove(name: string): void {
    this.#files.delete(name);
    this.generation++;
  }

  lastError(): string {
    return this.mood.full || this.mood.failing ? 'ENOSPC: simulated' : '';
  }

  cut(tail: JournalTail): void {
    const file = this.#files.get(tail.file)!;
    file.cache.fill(0, tail.offset, tail.end);
    for (let at = tail.offset; at < tail.end; at += PAGE) file.dirty.add(Math.floor(at / PAGE));
    file.dirty.add(Math.floor(Math.max(tail.offset, tail.end - 1) / PAGE));
    this.#syncFile(file);
    this.generation++;
  }
}
