// One side of a race, in a real worker thread. The test starts two of them over one shared memory
// and reads what they report. Each role loops until its work is done or its deadline passes, so
// that a broken ring fails a test instead of hanging it.
import { parentPort, workerData } from 'node:worker_threads';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { BroadcastReader, BroadcastWriter } from '../../engine/ring/broadcast-ring.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import { isPattern, PATTERN_TYPE, patternBytes, writePattern } from '../unit/ring/pattern-frame.ts';
import type { RaceReport, RaceSetup } from './race-setup.ts';

const setup = workerData as RaceSetup;
const LOOK_AT_CLOCK_EVERY = 4096;
/** Idle turns before a side gives its core away: on a loaded machine the other side needs one. */
const SPINS_BEFORE_NAP = 256;
const GATE = new Int32Array(new SharedArrayBuffer(4));

/** Checks every word of every frame and that sequences rise, by one unless losses are allowed. */
class Checker implements FrameHandler {
  next = 0;
  received = 0;
  firstError = '';
  readonly #mayLose: boolean;

  constructor(mayLose: boolean) {
    this.#mayLose = mayLose;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    const sequence = memory.i32[(at >> 2) + 2];
    this.received++;
    const bytes = memory.i32[at >> 2];
    const inOrder = this.#mayLose ? sequence >= this.next : sequence === this.next;
    const whole = bytes === patternBytes(sequence, setup.frameBytesMax);
    if (type !== PATTERN_TYPE || !inOrder || !whole || !isPattern(memory, at, sequence)) {
      this.firstError ||= `expected ${this.next}, got type=${type} seq=${sequence} bytes=${bytes}`;
    }
    this.next = sequence + 1;
  }
}

/** Spins at first, then naps; true every so often, when it is time to look at the clock. */
function idleTurn(turn: number): boolean {
  if (turn % SPINS_BEFORE_NAP === 0) Atomics.wait(GATE, 0, 0, 0.001);
  return turn % LOOK_AT_CLOCK_EVERY === 0;
}

function expired(): boolean {
  return Date.now() > setup.deadlineMs;
}

function report(result: Partial<RaceReport>): void {
  const zeros = { count: 0, wraps: 0, refusals: 0, aborts: 0, lost: 0, stuck: 0, parks: 0 };
  parentPort!.postMessage({ ...zeros, firstError: '', ...result });
}

/** Sends `count` frames, publishing every 1 to 64 of them; aborts some claims on the way. */
function spscWriter(): void {
  const ring = new SpscRing(setup.memory, 0, setup.capacity);
  let sent = 0;
  let batch = 1;
  let full = 0;
  let aborts = 0;
  let lastAborted = -1;
  while (sent < setup.count) {
    const bytes = patternBytes(sent, setup.frameBytesMax);
    const at = ring.tryClaim(bytes);
    if (at < 0) {
      ring.publish();
      if (idleTurn(++full) && expired()) break;
      continue;
    }
    writePattern(ring.memory, at, bytes, sent);
    if (setup.abortEvery > 0 && sent % setup.abortEvery === 0 && lastAborted !== sent) {
      ring.abort();
      lastAborted = sent;
      aborts++;
      continue;
    }
    ring.commit();
    sent++;
    if (--batch === 0) {
      ring.publish();
      batch = 1 + (Math.imul(sent, 0x9e3779b1) >>> 26);
    }
  }
  ring.publish();
  report({ count: sent, wraps: ring.wraps, refusals: ring.refusals, aborts });
}

function spscReader(): void {
  const ring = new SpscRing(setup.memory, 0, setup.capacity);
  const checker = new Checker(false);
  let idle = 0;
  while (checker.received < setup.count && checker.firstError === '') {
    const limit = 1 + (checker.received & 127);
    if (ring.poll(checker, limit) > 0) continue;
    if (idleTurn(++idle) && expired()) break;
  }
  report({ count: checker.received, wraps: ring.wraps, firstError: checker.firstError });
}

function broadcastWriter(): void {
  const ring = new BroadcastWriter(setup.memory, 0, setup.capacity);
  for (let sent = 0; sent < setup.count; sent++) {
    const bytes = patternBytes(sent, setup.frameBytesMax);
    const at = ring.tryClaim(bytes);
    writePattern(ring.memory, at, bytes, sent);
    ring.commit();
    if ((sent & 15) === 0) ring.publish();
  }
  ring.publish();
  ring.close();
  report({ count: setup.count, wraps: ring.wraps, refusals: ring.refusals });
}

function broadcastReader(): void {
  const ring = new BroadcastReader(setup.memory, 0, setup.capacity);
  parentPort!.postMessage('ready');
  const checker = new Checker(true);
  let idle = 0;
  while (checker.firstError === '') {
    const closed = ring.isClosed;
    const count = ring.poll(checker, 64);
    for (let i = 0; i < setup.slowness; i++) Atomics.load(GATE, 0);
    if (count === 0 && closed && ring.isEmpty()) break;
    if (count === 0 && idleTurn(++idle) && expired()) break;
  }
  report({ count: checker.received, lost: ring.lostFrames, firstError: checker.firstError });
}

/** Two rings, each reader parking on its bell: every round both sides race publish with park. */
function parkingPair(first: boolean): void {
  const ringBytes = SpscRing.bytesFor(setup.capacity);
  const bells = 2 * ringBytes;
  const mine = new Doorbell(setup.memory, bells + (first ? 0 : Doorbell.BYTES));
  const theirs = new Doorbell(setup.memory, bells + (first ? Doorbell.BYTES : 0));
  const input = new SpscRing(setup.memory, first ? 0 : ringBytes, setup.capacity, mine);
  const output = new SpscRing(setup.memory, first ? ringBytes : 0, setup.capacity, theirs);
  const checker = new Checker(false);
  const stillIdle = { isIdle: () => input.isEmpty() };
  let stuck = 0;
  const send = (sequence: number) => {
    const bytes = patternBytes(sequence, setup.frameBytesMax);
    writePattern(output.memory, output.tryClaim(bytes), bytes, sequence);
    output.commit();
    output.publish();
  };
  if (first) send(0);
  while (checker.received < setup.count && stuck === 0 && !expired()) {
    while (input.poll(checker, 1) === 0 && !expired()) {
      // A different distance to the park each round walks the race over every interleaving.
      const distance = Math.imul(checker.received, 0x9e3779b1) >>> 24;
      for (let i = 0; i < distance; i++) Atomics.load(GATE, 0);
      const before = Date.now();
      mine.park(setup.parkMs, stillIdle);
      // Forbidden outcome: slept to the end of the timeout while a frame was there.
      if (Date.now() - before >= setup.parkMs && !input.isEmpty()) stuck++;
    }
    if (!first || checker.received < setup.count) send(checker.received - (first ? 0 : 1));
  }
  const { firstError, received } = checker;
  report({ count: received, stuck, parks: mine.parks, firstError });
}

/** Fills the ring with nobody reading, then waits for a successor of the dead reader. */
function deadReaderWriter(): void {
  const ring = new SpscRing(setup.memory, 0, setup.capacity);
  let refused = 0;
  let sent = 0;
  while (sent < setup.count && !expired()) {
    const bytes = patternBytes(sent, setup.frameBytesMax);
    const at = ring.tryClaim(bytes);
    if (at < 0) {
      ring.publish();
      idleTurn(++refused);
      if (refused === LOOK_AT_CLOCK_EVERY) parentPort!.postMessage('full');
      continue;
    }
    writePattern(ring.memory, at, bytes, sent++);
    ring.commit();
  }
  ring.publish();
  report({ count: sent, wraps: ring.wraps, refusals: ring.refusals });
}

/** Writes frames until it is killed in the middle of one. */
function dyingWriter(): void {
  const ring = new SpscRing(setup.memory, 0, setup.capacity);
  let full = 0;
  for (let sent = 0; ; ) {
    const bytes = patternBytes(sent, setup.frameBytesMax);
    const at = ring.tryClaim(bytes);
    if (at < 0) {
      idleTurn(++full);
      continue;
    }
    writePattern(ring.memory, at, bytes, sent++);
    ring.commit();
    if (sent % 3 === 0) ring.publish();
    if (sent === setup.count) parentPort!.postMessage('running');
  }
}

const roles: Record<RaceSetup['role'], () => void> = {
  'spsc-writer': spscWriter,
  'spsc-reader': spscReader,
  'broadcast-writer': broadcastWriter,
  'broadcast-reader': broadcastReader,
  'park-first': () => parkingPair(true),
  'park-second': () => parkingPair(false),
  'dead-reader-writer': deadReaderWriter,
  'dying-writer': dyingWriter,
};
roles[setup.role]();
