import * as C from './book-contestants.ts';
import { compileBareLadder, openBareLadder } from './bare-ladder.ts';
import { makeWorkload } from './workloads.ts';
import { loadKernels } from '../engine/host/kernels.ts';
const w = makeWorkload({seed:2,operations:1e6,prefill:1000});
const bin = await compileBareLadder();
for (let r=0;r<20;r++){
 let k: C.Contestant;
 if (process.argv[2]==='bare') k = new C.BareBatches('b', openBareLadder(bin, 200, w.count+1, 262144), w);
 else { const b = loadKernels({maxInstruments:1,maxOrders:262144,maxLevels:256}).book; b.openInstrument(0,w.tickE4,w.loE4,w.hiE4,262144); k = new C.KernelBatches('k', b, w); }
 let ns=0; for (let i=0;i<w.count;i+=256) ns+=k.run(i,Math.min(i+256,w.count));
 if (r===19) console.log(ns/w.count);
}
