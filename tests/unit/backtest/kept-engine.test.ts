// Runs that follow each other in one thread share an engine: each must end as if it had been the
// first. Run by vitest.
import { beforeAll, expect, test } from 'vitest';
import { executeBacktest } from '../../../engine/backtest/command.ts';
import { borrowEngine, returnEngine } from '../../../engine/backtest/kept-engine.ts';
import type { BacktestOptions } from '../../../engine/backtest/options.ts';
import { CROSS, runOptions, tempDir, writeDay, writeStrategy } from '../../support/run-options.ts';

let dir = '';
let day: BacktestOptions;
beforeAll(async () => {
  dir = tempDir();
  day = runOptions(writeStrategy(dir), await writeDay(dir, 0.1));
});

const WITH_MODULE = CROSS.replace('ctx.sma(ctx.params.fast)', 'slot(ctx, 3)')
  .replace('ctx.sma(ctx.params.slow)', 'slot(ctx, 9)')
  .replace('state.fast.next(bar.closeE4)', 'state.fast.value')
  .replace('state.slow.next(bar.closeE4)', 'state.slow.value')
  .concat(
    'const slot = (ctx, period) => ctx.indicators.sma({ instrument: 0, seconds: 60, period });\n',
  );

const THROWS = `export default {
  params: {},
  onInit(ctx) { ctx.sma(5); ctx.buy(0, 99_000, 100); return {}; },
  onTick(ctx) { if (ctx.nowNs > 35_000e9) throw new Error('enough'); },
};
`;

/** Takes more than half of the kernel's averages, and of the module's memory. */
const GREEDY = CROSS.replace(
  'ctx.bars(0, ctx.params.seconds);',
  `ctx.bars(0, ctx.params.seconds);
    for (let n = 0; n < 3_000; n++) ctx.ema(20);
    for (let n = 0; n < 45; n++) ctx.indicators.sma({ instrument: 0, seconds: 60, period: 1e5 });`,
);

async function endOf(options: BacktestOptions): Promise<string> {
  const { report, fills } = await executeBacktest(options);
  return `${report.stateHash} ${report.orders} ${fills.length} ${report.failures.length}`;
}

/** As the first run of a thread. */
function aloneEndOf(options: BacktestOptions): Promise<string> {
  borrowEngine();
  return endOf(options);
}

test('a run behind other runs ends as it does alone', async () => {
  const strategyFile = writeStrategy(dir, WITH_MODULE, 'module.ts');
  const runs: BacktestOptions[] = [
    day,
    { ...day, strategyFile },
    { ...day, strategyFile: writeStrategy(dir, GREEDY, 'greedy.ts') },
    { ...day, world: 'touch' },
    { ...day, strategyFile: writeStrategy(dir, THROWS, 'throws.ts') },
    { ...day, params: { fast: 2, slow: 12 } },
  ];
  const alone: string[] = [];
  for (const run of runs) alone.push(await aloneEndOf(run));
  expect(new Set(alone).size).toBeGreaterThan(3);
  for (const [n, run] of [...runs, ...runs.toReversed()].entries()) {
    const place = n < runs.length ? n : 2 * runs.length - 1 - n;
    expect(await endOf(run)).toBe(alone[place]);
  }
}, 90_000);

test('two runs at a time have an engine each', async () => {
  const alone = await aloneEndOf(day);
  const other = { ...day, world: 'touch' as const };
  const otherAlone = await aloneEndOf(other);
  expect(await Promise.all([endOf(day), endOf(other)])).toEqual([alone, otherAlone]);
});

test('the engine of a thread is handed out to one run only', () => {
  const one = borrowEngine();
  const two = borrowEngine();
  expect(two).not.toBe(one);
  returnEngine(one);
  expect(borrowEngine()).toBe(one);
});
