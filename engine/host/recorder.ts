// Entry of the recorder thread: drains every actor's record ring into its file, makes journal
// segments ahead of need, flushes the journals of policy `group`. Cold, gentle priority.
// Invariants: it is a gating reader: an actor whose record ring is full takes nothing, and so
// waits out a full disk; any other failure of its own stops the engine.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { must } from '../assert.ts';
import { FrameLogWriter } from '../journal/frame-log.ts';
import { FrameLogFullError } from '../journal/frame-log-block.ts';
import { journalCodeText } from '../journal/journal-code.ts';
import { SegmentFiles } from '../journal/segment-file.ts';
import { JournalSyncer } from '../journal/syncer.ts';
import type { FrameMemory } from '../messages/frames.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';
import { lowerPriority } from './affinity.ts';
import { RingOpener } from './memory-map.ts';
import { recordingFile } from './recording-file.ts';
import type { FromRecorder, RecorderStart, SyncedJournal } from './thread-messages.ts';

/** Milliseconds between two looks at rings and journals (`group`: at most this is unflushed). */
const NAP_MS = 1;
/** Naps between two writes of recording blocks and looks at the next segment. */
const SLOW_NAPS = 50;
/** Frames taken from one ring before the next one is looked at. */
const DRAIN_LIMIT = 1024;
/** Bytes no frame of a record ring exceeds. */
const FRAME_BYTES_MAX = 1024;
/** A disk without room is tried again after this. */
const RETRY_MS = 1_000;

/** One actor's ring and its file. While the disk is full nothing is taken: the actor then waits. */
class Track implements FrameHandler {
  readonly #ring: SpscRing;
  readonly #log: FrameLogWriter;
  #retryAt = 0;

  constructor(ring: SpscRing, log: FrameLogWriter) {
    this.#ring = ring;
    this.#log = log;
  }

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.#log.append(memory, at);
  }

  drain(): number {
    let count = 0;
    while (count < DRAIN_LIMIT) {
      const limit = Math.floor(this.#log.room / FRAME_BYTES_MAX);
      if (limit === 0) {
        if (!this.flush()) break;
        continue;
      }
      const taken = this.#ring.poll(this, limit);
      count += taken;
      if (taken < limit) break;
    }
    return count;
  }

  /** Writes the block gathered so far; false = there is no room for it now. */
  flush(): boolean {
    if (this.#retryAt > performance.now()) return false;
    try {
      this.#log.flush();
    } catch (error) {
      if (!(error instanceof FrameLogFullError)) throw error;
      if (this.#retryAt === 0) {
        say({ kind: 'note', text: `${error.message}; until then its actor waits` });
      }
      this.#retryAt = performance.now() + RETRY_MS;
      return false;
    }
    if (this.#retryAt !== 0) say({ kind: 'note', text: `recording ${this.#log.path}: goes on` });
    this.#retryAt = 0;
    return true;
  }

  close(): number {
    const frames = this.#log.frames;
    this.#log.close();
    return frames;
  }
}

/** What this thread does for one journal: segments ahead of need, and for `group` its flushes. */
class JournalCare {
  readonly #journal: SyncedJournal;
  readonly #files: SegmentFiles;
  readonly #syncer: JournalSyncer;
  #retryAt = 0;

  constructor(journal: SyncedJournal) {
    this.#journal = journal;
    this.#files = new SegmentFiles(journal.dir);
    const { shared, segmentBytes } = journal;
    this.#syncer = new JournalSyncer({ files: this.#files, shared, segmentBytes });
  }

  sync(): void {
    if (this.#journal.syncs) this.#syncer.syncPending();
  }

  prepare(): void {
    if (this.#retryAt > performance.now()) return;
    const code = this.#syncer.prepareNextSegment();
    const { dir } = this.#journal;
    if (code < 0) {
      const why = `${journalCodeText(code)} (${this.#files.lastError})`;
      const text = `journal ${dir}: no next segment: ${why}; it goes on by itself after that`;
      if (this.#retryAt === 0) say({ kind: 'note', text });
      this.#retryAt = performance.now() + RETRY_MS;
    } else if (this.#retryAt !== 0) {
      say({ kind: 'note', text: `journal ${dir}: there is room again, orders are taken` });
      this.#retryAt = 0;
    }
  }

  close(): void {
    this.#syncer.close();
  }
}

function run(start: RecorderStart): number {
  const rings = new RingOpener(start.topology, start.map);
  const tracks: Track[] = [];
  for (const actor of start.topology.actors) {
    const name = `record:${actor.name}`;
    if (start.dir === '' || !start.topology.rings.some((ring) => ring.name === name)) continue;
    const log = new FrameLogWriter(recordingFile(start.dir, actor.name));
    tracks.push(new Track(rings.spsc(name), log));
  }
  const journals = start.journals.map((journal) => new JournalCare(journal));
  say({ kind: 'ready' });
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let naps = 0; ; naps++) {
    const stopping = Atomics.load(start.stopWord, 0) !== 0;
    let work = 0;
    for (const track of tracks) work += track.drain();
    for (const journal of journals) journal.sync();
    if (naps % SLOW_NAPS === 0) {
      for (const track of tracks) track.flush();
      for (const journal of journals) journal.prepare();
    }
    if (work > 0) continue;
    if (stopping) break;
    Atomics.wait(nap, 0, 0, NAP_MS);
  }
  for (const journal of journals) journal.close();
  let frames = 0;
  for (const track of tracks) frames += track.close();
  return frames;
}

function say(message: FromRecorder): void {
  must(parentPort, 'parentPort: started outside a worker').postMessage(message);
}

if (!isMainThread) {
  lowerPriority();
  try {
    say({ kind: 'done', frames: run(workerData as RecorderStart) });
  } catch (error) {
    say({ kind: 'fault', text: error instanceof Error ? (error.stack ?? '') : String(error) });
    process.exitCode = 1;
  }
}
