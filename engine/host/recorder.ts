// Entry of the recorder thread: drains every actor's record ring into its file, and flushes the
// journals of policy `group` to the device. Cold, gentle priority. Invariants: it is a gating
// reader: an actor whose record ring is full takes nothing; its own failure stops the engine.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { must } from '../assert.ts';
import { FrameLogWriter } from '../journal/frame-log.ts';
import { SegmentFiles } from '../journal/segment-file.ts';
import { JournalSyncer } from '../journal/syncer.ts';
import type { FrameMemory } from '../messages/frames.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';
import { lowerPriority } from './affinity.ts';
import { RingOpener } from './memory-map.ts';
import { recordingFile } from './recording-file.ts';
import type { FromRecorder, RecorderStart } from './thread-messages.ts';

/** Milliseconds between two looks at rings and journals (`group`: at most this is unflushed). */
const NAP_MS = 1;
/** Naps between two writes of recording blocks and looks at the next segment. */
const SLOW_NAPS = 50;
const DRAIN_LIMIT = 1024;

class Track implements FrameHandler {
  readonly #ring: SpscRing;
  readonly #log: FrameLogWriter;

  constructor(ring: SpscRing, log: FrameLogWriter) {
    this.#ring = ring;
    this.#log = log;
  }

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.#log.append(memory, at);
  }

  drain(): number {
    return this.#ring.poll(this, DRAIN_LIMIT);
  }

  flush(): void {
    this.#log.flush();
  }

  close(): number {
    const frames = this.#log.frames;
    this.#log.close();
    return frames;
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
  const syncers = start.journals.map(
    ({ dir, shared, segmentBytes }) =>
      new JournalSyncer({ files: new SegmentFiles(dir), shared, segmentBytes }),
  );
  say({ kind: 'ready' });
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let naps = 0; ; naps++) {
    const stopping = Atomics.load(start.stopWord, 0) !== 0;
    let work = 0;
    for (const track of tracks) work += track.drain();
    for (const syncer of syncers) syncer.syncPending();
    if (naps % SLOW_NAPS === 0) {
      for (const track of tracks) track.flush();
      for (const syncer of syncers) syncer.prepareNextSegment();
    }
    if (work > 0) continue;
    if (stopping) break;
    Atomics.wait(nap, 0, 0, NAP_MS);
  }
  for (const syncer of syncers) syncer.close();
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
