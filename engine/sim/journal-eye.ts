// Reads a journal beside its writer, from the published layout and with zlib's CRC, sharing no code
// with the engine's journal reader: what the auditor believes about the journal comes from here.
// Called after effects and at checks. Invariant: it never reads a record before it is whole.
import { crc32 } from 'node:zlib';
import {
  ACTION_PLACE,
  PARENT_REPLACE,
  PARENT_STATE_TRIGGERED,
  SCOPE_STRATEGY,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Kill } from '../messages/generated/control.ts';
import { Fill, ParentIntent, ParentUpdate, Report, Request } from '../messages/generated/order.ts';
import type { SimDisk } from './sim-disk.ts';

const RECORD = 256;
const MAGIC = 0x314a4b50;
const PAYLOAD = 48;
const TYPE_SEGMENT = 1;

/** An order as the journal's request record states it. */
export interface WrittenRequest {
  readonly account: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly file: string;
  readonly at: number;
  readonly eventNs: number;
}

/** A parent order as its record states it. */
export interface WrittenParent {
  readonly qty: number;
  /** Order that a replace ends first, by key; 0 = it is no replace. */
  readonly target: number;
}

/** One number for a client order id; sequences of simulated days are short. */
export function coidKey(idA: number, idC: number): number {
  return (idA >>> 0) * 1_048_576 + idC;
}

export class JournalEye {
  readonly requests = new Map<number, WrittenRequest>();
  /** Request records under an id that another one had before. */
  repeated: number[] = [];
  /** Fill numbers, by order. */
  readonly fills = new Map<number, Set<number>>();
  /** Report kinds, by order. */
  readonly reports = new Map<number, Set<number>>();
  /** Parent orders, by number. */
  readonly parents = new Map<number, WrittenParent>();
  /** Parent of each order that is a part. */
  readonly parts = new Map<number, number>();
  /** How often each parent was set off. */
  readonly triggered = new Map<number, number>();
  killed = 0;
  records = 0;
  /** What is wrong with the chain; '' = nothing. */
  damage = '';
  readonly #disk: SimDisk;
  #generation = -1;
  #segment = 1;
  #at = 0;
  #chain = crc32(Buffer.from('pankou')) | 0;
  #seq = 0;
  #bytes: Uint8Array | null = null;
  #memory: FrameMemory | null = null;
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #kill = new Kill();
  readonly #parent = new ParentIntent();
  readonly #step = new ParentUpdate();

  constructor(disk: SimDisk) {
    this.#disk = disk;
  }

  /** Takes in everything that is whole by now. */
  scan(): void {
    if (this.#generation !== this.#disk.generation) this.#restart();
    while (this.#next()) this.records++;
  }

  #restart(): void {
    this.#generation = this.#disk.generation;
    this.#segment = 1;
    this.#at = 0;
    this.#chain = crc32(Buffer.from('pankou')) | 0;
    this.#seq = 0;
    this.#bytes = null;
    this.requests.clear();
    this.repeated = [];
    this.fills.clear();
    this.reports.clear();
    this.parents.clear();
    this.parts.clear();
    this.triggered.clear();
    this.killed = 0;
    this.records = 0;
  }

  /** Reads one record; false when there is none yet. */
  #next(): boolean {
    const name = `journal-${String(this.#segment).padStart(6, '0')}.pkj`;
    const bytes = this.#disk.file(name)?.cache;
    if (bytes === undefined) return false;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#memory = new FrameMemory(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const memory = this.#memory!;
    const at = this.#at;
    if (at + RECORD > bytes.length || memory.i32[at >> 2] !== MAGIC) return this.#nextSegment();
    const found = crc32(bytes.subarray(at, at + RECORD - 4)) | 0;
    if (found !== memory.i32[(at + RECORD - 4) >> 2]) return false;
    this.#checkChain(memory, at);
    this.#chain = found;
    this.#take(memory, at, name);
    this.#at = at + RECORD;
    return true;
  }

  #nextSegment(): boolean {
    const next = `journal-${String(this.#segment + 1).padStart(6, '0')}.pkj`;
    const file = this.#disk.file(next);
    if (file === undefined || file.cache[0] === 0) return false;
    this.#segment++;
    this.#at = 0;
    return this.#next();
  }

  #checkChain(memory: FrameMemory, at: number): void {
    const seq = memory.i32[(at + 8) >> 2];
    const header = memory.i16[(at + 6) >> 1] === TYPE_SEGMENT;
    if (memory.i32[(at + 44) >> 2] !== this.#chain) this.damage ||= `chain broken at seq=${seq}`;
    if (seq !== this.#seq + 1) this.damage ||= `seq=${seq} after ${this.#seq}`;
    if (!header) this.#seq = seq;
  }

  #take(memory: FrameMemory, at: number, file: string): void {
    const frame = at + PAYLOAD;
    const type = memory.i32[(frame + 4) >> 2];
    if (memory.i16[(at + 6) >> 1] === TYPE_SEGMENT) return;
    if (type === Request.TYPE) this.#takeRequest(memory, frame, file, at);
    else if (type === Fill.TYPE) {
      const fill = this.#fill.wrap(memory, frame);
      addTo(this.fills, coidKey(fill.coidA, fill.coidC), fill.fillNo);
    } else if (type === Report.TYPE) {
      const report = this.#report.wrap(memory, frame);
      addTo(this.reports, coidKey(report.coidA, report.coidC), report.kind);
    } else if (type === Kill.TYPE) {
      const kill = this.#kill.wrap(memory, frame);
      if (kill.scope !== SCOPE_STRATEGY) this.killed = kill.on;
    } else if (type === ParentIntent.TYPE) {
      const { parentNo, qty, kind, targetA, targetC } = this.#parent.wrap(memory, frame);
      const target = kind === PARENT_REPLACE ? coidKey(targetA, targetC) : 0;
      this.parents.set(parentNo, { qty, target });
    } else if (type === ParentUpdate.TYPE) {
      const { parentNo, state } = this.#step.wrap(memory, frame);
      if (state !== PARENT_STATE_TRIGGERED) return;
      this.triggered.set(parentNo, (this.triggered.get(parentNo) ?? 0) + 1);
    }
  }

  #takeRequest(memory: FrameMemory, frame: number, file: string, at: number): void {
    const r = this.#request.wrap(memory, frame);
    if (r.action !== ACTION_PLACE) return;
    const key = coidKey(r.coidA, r.coidC);
    if (this.requests.has(key)) this.repeated.push(key);
    if (r.parentNo !== 0) this.parts.set(key, r.parentNo);
    const { account, instrument, side, priceE4, qty, eventNs } = r;
    this.requests.set(key, { account, instrument, side, priceE4, qty, eventNs, file, at });
  }
}

function addTo(sets: Map<number, Set<number>>, key: number, value: number): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
