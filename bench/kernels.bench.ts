// The kernels, one thread, one core: the book on the canonical workload against its baselines
// (book-rows.ts), validation and indicators single and batch. Every run's trades are compared with
// the workload's own.

import { CageMode, plainRules } from '../engine/core/exchange-kernel.ts';
import { loadKernels } from '../engine/host/kernels.ts';
import { PHASE_CONTINUOUS } from '../engine/messages/codes.ts';
import { bookRows } from './book-rows.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { timeBatches } from './harness.ts';
import { mulberry32 } from './workloads.ts';

export const suite: BenchSuite = {
  name: 'kernels',
  async run({ quick }): Promise<BenchResult[]> {
    return [...(await bookRows(quick)), ...(await validation(quick)), ...(await indicators(quick))];
  },
};

async function validation(quick: boolean): Promise<BenchResult[]> {
  const { validate } = loadKernels({ maxInstruments: 100, maxOrders: 1, maxLevels: 1 });
  for (let instr = 0; instr < 100; instr++) {
    const statics = {
      ...{ tickE4: 100, buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100 },
      ...{ maxQty: 1_000_000, maxMarketQty: 0, upperE4: 110_000, lowerE4: 90_000 },
    };
    const cage = { cageMode: CageMode.REJECT, cageUpPercent: 2, cageDownPercent: 2, cageTicks: 10 };
    const more = { venue: 1, buyCap: 500_000, marketNeedsLimit: 1, preCloseE4: 100_000 };
    validate.setRules(instr, { ...plainRules(statics), ...cage, ...more });
    validate.setQuote(instr, PHASE_CONTINUOUS, 99_900, 100_000, 100_000);
  }
  const operations = 16_384;
  const random = mulberry32(7);
  const below = (n: number) => Math.floor(random() * n);
  const columns = Array.from({ length: operations }, () => [
    ...[below(100), 1 + below(2), 1 + below(7), 89_500 + 50 * below(420), 50 * below(40)],
  ]);
  const [instrs, sides, kinds, prices, qtys] = [0, 1, 2, 3, 4].map((column) =>
    Int32Array.from(columns, (row) => row[column]),
  );
  for (let i = 0; i < operations; i++) {
    validate.writeCheck(i, instrs[i], sides[i], kinds[i], prices[i], qtys[i], 250, 0);
  }
  const tasks = [
    {
      name: 'validateOrder, per call',
      run: () => {
        let sum = 0;
        for (let i = 0; i < operations; i++) {
          sum += validate.validateOrder(instrs[i], sides[i], kinds[i], prices[i], qtys[i], 250, 0);
        }
        return sum;
      },
    },
    {
      name: 'validateBatch',
      run: () => {
        let sum = 0;
        validate.validateBatch(0, operations);
        for (let i = 0; i < operations; i++) sum += validate.checkResult(i);
        return sum;
      },
    },
  ];
  return timeBatches(tasks, { quick, operations, baseline: 'validateOrder, per call' });
}

async function indicators(quick: boolean): Promise<BenchResult[]> {
  const { indicators: kernel } = loadKernels({
    ...{ maxInstruments: 1, maxOrders: 1, maxLevels: 1 },
  });
  const operations = 16_384;
  const random = mulberry32(9);
  for (let i = 0; i < operations; i++) kernel.input[i] = 100_000 + Math.floor(random() * 1_000);
  const streaming = (next: (handle: number, value: number) => number, handle: number) => () => {
    kernel.indicatorReset(handle);
    let last = 0;
    for (let i = 0; i < operations; i++) last = next.call(kernel, handle, kernel.input[i]);
    return last;
  };
  const batch = (run: (handle: number, count: number) => number, handle: number) => () => {
    kernel.indicatorReset(handle);
    run.call(kernel, handle, operations);
    return kernel.output[operations - 1];
  };
  const sma = kernel.smaOpen(20);
  const ema = kernel.emaOpen(20);
  const smaTasks = [
    { name: 'SMA(20), per call', run: streaming(kernel.smaNext, sma) },
    { name: 'SMA(20), batch', run: batch(kernel.smaBatch, sma) },
  ];
  const emaTasks = [
    { name: 'EMA(20), per call', run: streaming(kernel.emaNext, ema) },
    { name: 'EMA(20), batch', run: batch(kernel.emaBatch, ema) },
  ];
  return [
    ...(await timeBatches(smaTasks, { quick, operations, baseline: 'SMA(20), per call' })),
    ...(await timeBatches(emaTasks, { quick, operations, baseline: 'EMA(20), per call' })),
  ];
}
