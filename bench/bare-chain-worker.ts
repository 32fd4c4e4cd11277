// One side of the bare two-thread chain that the tick-to-order bench compares with: a pinned,
// spinning thread, two shared words, and payloads as long as a tick and a request. Started by
// bench/bare-chain.ts. Always: same schedule, pinning and idling as the engine's threads.
import { parentPort, workerData } from 'node:worker_threads';
import { pinCurrentThread, raisePriority, setTimerSlack } from '../engine/host/affinity.ts';
import { SnapshotTick } from '../engine/messages/generated/market.ts';
import { Request } from '../engine/messages/generated/order.ts';
import type { BareChainSetup } from './bare-chain.ts';

const PING_WORD = 0;
const PONG_WORD = 64;
const TICK_AT = 128;
const TICK_WORDS = SnapshotTick.BYTES >> 2;
const ORDER_AT = 256;
const ORDER_WORDS = Request.BYTES >> 2;

const setup = workerData as BareChainSetup;
const words = new Int32Array(setup.memory);
const own = new Int32Array(TICK_WORDS);

function copy(from: Int32Array, at: number, to: Int32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[at + i];
}

/** Sends by the schedule and times each answer: from its sending, and from its scheduled time. */
function ping(): Float64Array {
  const times = new Float64Array(setup.count * 2);
  const now = () => performance.now() * 1e6;
  let dueNs = now() + setup.periodNs;
  for (let i = 0; i < setup.count; i++) {
    while (now() < dueNs);
    const sentNs = now();
    own[0] = i;
    copy(own, 0, words, TICK_AT, TICK_WORDS);
    Atomics.store(words, PING_WORD, i + 1);
    while (Atomics.load(words, PONG_WORD) !== i + 1);
    copy(words, ORDER_AT, own, 0, ORDER_WORDS);
    const atNs = now();
    times[i * 2] = atNs - sentNs;
    times[i * 2 + 1] = atNs - dueNs;
    dueNs += setup.periodNs;
  }
  return times;
}

function pong(): void {
  for (let i = 0; i < setup.count; i++) {
    while (Atomics.load(words, PING_WORD) !== i + 1);
    copy(words, TICK_AT, own, 0, TICK_WORDS);
    copy(own, 0, words, ORDER_AT, ORDER_WORDS);
    Atomics.store(words, PONG_WORD, i + 1);
  }
}

const notes: string[] = [];
for (const result of [pinCurrentThread(setup.core), setTimerSlack(1), raisePriority()]) {
  if (!result.ok) notes.push(result.why);
}
parentPort!.postMessage({ ready: true });
Atomics.wait(new Int32Array(setup.start), 0, 0);
const times = setup.first ? ping() : pong();
parentPort!.postMessage({ times, notes });
