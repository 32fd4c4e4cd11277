import { compileBareLadder, openBareLadder } from './bare-ladder.ts';
import * as C from './book-contestants.ts';
import { contest } from './contest.ts';
import { CANONICAL, makeWorkload } from './workloads.ts';
import { loadKernels } from '../engine/host/kernels.ts';
const form = process.argv[2]; const paths = process.argv.slice(3);
const SLOTS = 262_144;
const bin = await compileBareLadder();
for (const [nm, w] of [['canonical', makeWorkload({ ...CANONICAL, operations: 1_500_000 })], ['few', makeWorkload({seed:2,operations:1e6,prefill:1000})]] as const) {
  const kernel = (p: string) => { const k = loadKernels({ maxInstruments: 1, maxOrders: SLOTS, maxLevels: 256, wasmPath: p }).book; k.openInstrument(0, w.tickE4, w.loE4, w.hiE4, SLOTS); return k; };
  const bare = () => openBareLadder(bin, (w.hiE4-w.loE4)/w.tickE4+1, w.count + 1, SLOTS);
  const t = form === 'batch' ? contest(w, () => [new C.BareBatches('bare', bare(), w), ...paths.map((p) => new C.KernelBatches(p, kernel(p), w))], 2)
   : contest(w, () => [new C.BareCalls('bare', bare(), w), ...paths.map((p) => new C.KernelCalls(p, kernel(p), w))], 2);
  for (const x of t) console.log(nm, form, x.name, 'mean', x.mean.toFixed(1), (x.mean/t[0].mean).toFixed(2), 'p50', x.p50.toFixed(1), (x.p50/t[0].p50).toFixed(2), 'p10', (x as any).p10?.toFixed(1), 'p999', x.p999.toFixed(1));
}
