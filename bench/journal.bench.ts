// What one written record costs per flush policy, as a ratio to a bare write of 256 bytes.
// One thread, one file per kind in the same folder; the kinds take turns within each round. The
// figures of `before-send` are those of this machine's disk, so read them as ratios.
//
//   request frame --- append --- flush ---> file (page cache | device)        timed each
//   256 bytes ----------------- writeSync -> file (page cache | device)       the bare baselines
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENESIS_CHAIN, RECORD_BYTES } from '../engine/journal/record.ts';
import { SegmentFiles } from '../engine/journal/segment-file.ts';
import { type FlushPolicy, JournalWriter, SHARED_BYTES } from '../engine/journal/writer.ts';
import { FrameMemory } from '../engine/messages/frames.ts';
import { Epoch } from '../engine/messages/generated/control.ts';
import { Request } from '../engine/messages/generated/order.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { compareWith, LatencyHistogram } from './harness.ts';

interface Kind {
  readonly name: string;
  readonly baseline: string;
  /** Timed operations per round: few where one takes long. */
  readonly count: number;
  readonly note: string;
  /** Writes the next record; called once per timed operation. */
  readonly step: () => void;
  /** Throws unless `steps` records are in the file. */
  readonly check: (steps: number) => void;
}

const BARE = 'bare writeSync of 256 B';
const BARE_SYNC = 'bare writeSync + fdatasyncSync';
const ROUNDS = 5;
const COUNT = 30_000;
const BATCH = 32;

export const suite: BenchSuite = {
  name: 'journal',
  async run({ quick }) {
    const dir = mkdtempSync(join(process.env['PANKOU_BENCH_DIR'] ?? tmpdir(), 'pankou-bench-'));
    try {
      return runKinds(dir, quick);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

function runKinds(dir: string, quick: boolean): BenchResult[] {
  // The files are made as large as the most frequent kind will need, so that none rolls over.
  const bytes = ((quick ? 1 : ROUNDS + 1) * COUNT + 1024) * RECORD_BYTES;
  const kinds: Kind[] = [
    bareKind(dir, bytes, false),
    journalKind(dir, bytes, 'none', 'one record per flush'),
    journalKind(dir, bytes, 'group', 'one record per flush; shared counter raised'),
    batchKind(dir, bytes),
    bareKind(dir, bytes, true),
    journalKind(dir, bytes, 'before-send', 'one record per flush, on the device'),
  ];
  const histograms = kinds.map(() => new LatencyHistogram());
  const steps = kinds.map(() => 0);
  for (const [i, kind] of kinds.entries()) {
    steps[i] += time(kind, quick ? 20 : kind.count, null);
  }
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const [i, kind] of kinds.entries()) {
      steps[i] += time(kind, quick ? 50 : kind.count, histograms[i]);
    }
  }
  for (const [i, kind] of kinds.entries()) kind.check(steps[i]);
  const results = kinds.map(({ name, note }, i) => {
    const { p50, p99, p999, max } = histograms[i].summary();
    return { name, unit: 'ns', value: p50, p50, p99, p999, max, note, checksum: `${steps[i]}` };
  });
  return kinds.map(({ name, baseline }, i) => {
    const pair = results.filter((r) => r.name === name || r.name === baseline);
    return name === baseline
      ? results[i]
      : compareWith(pair, baseline).find((r) => r.name === name)!;
  });
}

/** Runs `count` steps, each timed on its own: a write takes far longer than the clock's tick. */
function time(kind: Kind, count: number, histogram: LatencyHistogram | null): number {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    kind.step();
    histogram?.record((performance.now() - start) * 1e6);
  }
  return count;
}

function bareKind(dir: string, bytes: number, syncs: boolean): Kind {
  const path = join(dir, syncs ? 'bare-sync' : 'bare');
  writeFileSync(path, new Uint8Array(bytes), { flush: true });
  const handle = openSync(path, 'r+');
  const record = new Uint8Array(RECORD_BYTES).fill(7);
  let at = 0;
  const name = syncs ? BARE_SYNC : BARE;
  return {
    name,
    baseline: name,
    count: syncs ? COUNT / 100 : COUNT,
    note: 'preallocated file',
    step() {
      at += writeSync(handle, record, 0, RECORD_BYTES, at);
      if (syncs) fdatasyncSync(handle);
    },
    check(steps) {
      closeSync(handle);
      if (at !== steps * RECORD_BYTES) throw new Error(`${name}: ${at} bytes for ${steps} steps`);
    },
  };
}

function journalKind(dir: string, bytes: number, policy: FlushPolicy, note: string): Kind {
  const { writer, memory } = newWriter(join(dir, policy), bytes, policy);
  const syncs = policy === 'before-send';
  const step = () => {
    if (writer.append(memory, 0, 1, 1) < 0 || writer.flush() < 0)
      throw new Error(`${policy} failed`);
  };
  const baseline = syncs ? BARE_SYNC : BARE;
  const check = (steps: number) => checkWriter(writer, steps);
  const count = syncs ? COUNT / 100 : COUNT;
  return { name: `append + flush, ${policy}`, baseline, count, note, step, check };
}

/** What a drained ring gives: 32 records, one write. */
function batchKind(dir: string, bytes: number): Kind {
  const { writer, memory } = newWriter(join(dir, 'batch'), bytes, 'none');
  const step = () => {
    for (let i = 0; i < BATCH; i++)
      if (writer.append(memory, 0, 1, 1) < 0) throw new Error('failed');
    if (writer.flush() < 0) throw new Error('batch failed');
  };
  const check = (steps: number) => checkWriter(writer, steps * BATCH);
  const name = `${BATCH} appends + flush, none`;
  const count = Math.floor(COUNT / BATCH / 2);
  return { name, baseline: BARE, count, note: 'the whole batch', step, check };
}

function newWriter(dir: string, bytes: number, policy: FlushPolicy) {
  const files = new SegmentFiles(dir);
  mkdirSync(dir);
  const segmentBytes = bytes;
  files.prepare(1, segmentBytes);
  const writer = new JournalWriter({
    files,
    position: { segment: 1, handle: files.open(1), offset: 0, seq: 0, chain: GENESIS_CHAIN },
    account: 1,
    day: 20260109,
    epoch: 1,
    policy,
    engineVersion: 'bench',
    segmentBytes,
    shared: new Int32Array(new SharedArrayBuffer(SHARED_BYTES)),
  });
  const memory = new FrameMemory(new ArrayBuffer(512));
  new Epoch().begin(memory, 0).epoch = 1;
  writer.append(memory, 0, 0, 0);
  new Request().begin(memory, 0).action = 1;
  return { writer, memory };
}

function checkWriter(writer: JournalWriter, records: number): void {
  const written = writer.writtenSeq;
  writer.close();
  if (written !== records + 1) throw new Error(`wrote ${written - 1} records, expected ${records}`);
}
