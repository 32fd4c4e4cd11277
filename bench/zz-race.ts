import { compileBareLadder, openBareLadder } from '/work/wt-a/bench/bare-ladder.ts';
import * as C from '/work/wt-a/bench/book-contestants.ts';
import { contest, rows } from '/work/wt-a/bench/contest.ts';
import { CANONICAL, makeWorkload } from '/work/wt-a/bench/workloads.ts';
import { loadKernels } from '/work/wt-a/engine/host/kernels.ts';
const ops = Number(process.argv[2] ?? 5e6);
const runs = Number(process.argv[3] ?? 1);
const SLOTS = 262_144;
const bin = await compileBareLadder();
for (const [nm, w] of [['canonical', makeWorkload({ ...CANONICAL, operations: ops })], ['few', makeWorkload({seed:2,operations:Math.min(ops,1e6),prefill:1000})]] as const) {
  const kernel = () => { const k = loadKernels({ maxInstruments: 1, maxOrders: SLOTS, maxLevels: 256 }).book; k.openInstrument(0, w.tickE4, w.loE4, w.hiE4, SLOTS); return k; };
  const bare = () => openBareLadder(bin, (w.hiE4-w.loE4)/w.tickE4+1, w.count + 1, SLOTS);
  const b = contest(w, () => [new C.BareBatches('bare batch', bare(), w), new C.KernelBatches('kernel batch', kernel(), w)], runs);
  const c = contest(w, () => [new C.BareCalls('bare call', bare(), w), new C.KernelCalls('kernel call', kernel(), w)], runs);
  for (const t of [...b, ...c]) console.log(nm, t.name, 'mean', t.mean.toFixed(1), 'p50', t.p50.toFixed(1), 'p99', t.p99.toFixed(1), 'p999', t.p999.toFixed(1));
  console.log(nm, 'ratio batch', (b[1].p50/b[0].p50).toFixed(2), (b[1].mean/b[0].mean).toFixed(2), 'call', (c[1].p50/c[0].p50).toFixed(2), (c[1].mean/c[0].mean).toFixed(2));
}
