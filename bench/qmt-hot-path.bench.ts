// What a busy bridge of QMT costs the engine's hot path: tick -> order as in the tick-to-order
// suite, alone and with bridge A beside it, in turns. Always: the same cores, rate and warming up
// for both; the ratio that counts is that of the two p99, and the note says what the bridge got
// done meanwhile.
import { spawnSync } from 'node:child_process';
import { allowedCores } from '../engine/host/affinity.ts';
import { type EngineRun, runEngine } from './engine-run.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { BridgeBeside } from './qmt-beside.ts';
import { lineOf } from './tick-to-order.bench.ts';

const TICKS_PER_SECOND = 2_000;
const TURNS = 3;
const FULL = { seconds: 10, warmupSeconds: 15 };
const QUICK = { seconds: 0.2, warmupSeconds: 0.05 };

export const suite: BenchSuite = {
  name: 'qmt-hot-path',
  async run({ quick }) {
    const allowed = allowedCores();
    const cores = [allowed[0]!, allowed[1 % allowed.length]!] as const;
    const options = { cores, ticksPerSecond: TICKS_PER_SECOND, ...(quick ? QUICK : FULL) };
    const hasBridge = process.platform !== 'win32' && spawnSync('python3', ['-V']).status === 0;
    const plain: EngineRun[] = [];
    const busy: EngineRun[] = [];
    let orders = 0;
    let seconds = 0;
    for (let turn = 0; turn < (quick ? 1 : TURNS); turn++) {
      plain.push(await runEngine(options));
      if (!hasBridge) continue;
      const beside = new BridgeBeside();
      busy.push(await runEngine({ ...options, beside }));
      orders += beside.answered;
      seconds += beside.seconds;
    }
    const alone = line('tick to order, no bridge', plain, '');
    if (busy.length === 0) return [alone];
    const rate = `${Math.round(orders / seconds)} orders/s through bridge A`;
    return [alone, against(alone, line('tick to order, a busy bridge beside', busy, rate))];
  },
};

function line(name: string, runs: readonly EngineRun[], note: string): BenchResult {
  const times = runs.map((run) => run.fromReceived);
  return lineOf(name, times, note);
}

function against(alone: BenchResult, busy: BenchResult): BenchResult {
  const times = (busy.p99! / alone.p99!).toFixed(2);
  const note = `p99 ${times} times the one above; ${busy.note}`;
  return { ...busy, baseline: alone.name, ratio: alone.value / busy.value, note };
}
