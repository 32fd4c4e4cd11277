// Bars of runs of many days, orders and all: minute bars of some stocks over a week and of one over
// a month, daily bars of one stock and of 5,000 over ten years, these from a store. The strategy
// keeps two averages of each stock and trades their crossings. Beside them order-stream events and
// ten-level pictures (of backtest.bench.ts), so that all worlds stand in one table. One core.
// Baselines: the same averages and crossings with cash and positions in one plain loop, with no
// engine; and the rounds and rings of a bar with nothing else. Always: the run buys as often as the
// loop says, and every pass gives one state hash.
import { performance } from 'node:perf_hooks';
import { benchDay, benchPictures, STRATEGY } from './backtest.bench.ts';
import { BarDays, type BarShape } from './bar-days.ts';
import { bareRounds } from './bare-round.ts';
import { syntheticSetup } from './bench-setups.ts';
import { type BenchResult, type BenchSuite, compareWith } from './harness.ts';

export const suite: BenchSuite = {
  name: 'backtest-bars',
  async run({ quick }) {
    const averages = [3, 8] as const;
    const few = [20, 100] as const;
    const [stocks, days] = quick ? [2, 2] : [20, 5];
    const minutes: BarShape = { stocks, days, perDay: 240, averages };
    const daily: BarShape = { stocks: quick ? 5 : 500, days: quick ? 15 : 40, perDay: 1, averages };
    const passes = quick ? 1 : 5;
    const one: BarShape = { ...minutes, stocks: 1, days: quick ? 2 : 100, averages: few };
    const years: BarShape = { ...daily, stored: true, averages: [5, 20] };
    const oneDaily: BarShape = { ...years, stocks: 1, days: quick ? 30 : 2_430 };
    const slow = [20, 60] as const;
    const all = quick ? { stocks: 20, days: 90 } : { stocks: 5_000, days: 2_430 };
    const allDaily: BarShape = { ...years, ...all, averages: slow };
    const universe: BarShape = { ...minutes, stocks: quick ? 4 : 300, averages: [60, 240] };
    return [
      ...(await benchBars('minute bars', minutes, passes)),
      ...(await benchBars('minute bars, few orders', { ...minutes, averages: few }, passes)),
      ...(await benchBars('minute bars of one stock', one, passes)),
      ...(await benchBars('minute bars of 300 stocks', universe, passes)),
      ...(await benchBars('daily bars', daily, quick ? 1 : 3)),
      ...(await benchBars('daily bars of one stock', oneDaily, quick ? 1 : 3)),
      ...(await benchBars('daily bars of 5,000 stocks, ten years', allDaily, 1)),
      // Quick runs see that a bench works: of these the suite `backtest` does.
      ...(quick ? [] : await benchDay('synthetic', syntheticSetup(STRATEGY, 20), quick)),
      ...(quick ? [] : await benchPictures(quick)),
      benchFloor(quick),
    ];
  },
};

/** What the invoker and three rings take for a bar, with no engine behind them. */
function benchFloor(quick: boolean): BenchResult {
  const rounds = Array.from({ length: quick ? 1 : 9 }, () => bareRounds(quick ? 1_000 : 500_000));
  const value = rounds.toSorted((a, b) => a - b)[rounds.length >> 1]!;
  const note = 'four agents, three rings, a frame of a bar in each, nothing else';
  return { name: 'floor: bare round', unit: 'ns/bar', value, checksum: 'all arrived', note };
}

async function benchBars(name: string, shape: BarShape, passes: number): Promise<BenchResult[]> {
  const days = new BarDays(shape);
  const { bars } = days;
  const loop: number[] = [];
  const runs: { nsPerBar: number; wall: number; hash: string }[] = [];
  try {
    for (let pass = 0; pass < passes; pass++) {
      const started = performance.now();
      const { buys } = days.loop();
      loop.push(((performance.now() - started) * 1e6) / bars);
      const run = await days.run();
      if (run.buys !== buys) throw new Error(`${name}: ${run.buys} buys, the loop says ${buys}`);
      const before = runs[0]?.hash ?? run.hash;
      if (run.hash !== before)
        throw new Error(`${name}: pass ${pass} ${run.hash}, before ${before}`);
      runs.push({ nsPerBar: (run.seconds * 1e9) / bars, wall: run.wall, hash: run.hash });
    }
  } finally {
    days.close();
  }
  const median = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const value = median(runs.map(({ nsPerBar }) => nsPerBar));
  const wall = median(runs.map((run) => run.wall));
  const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en-US')}/s`;
  const note =
    `${bars} bars, ${rate(1e9 / value)}; with reading and laying out ${shape.days} days ` +
    `${rate(bars / wall)}`;
  const baseline = `${name}: plain loop`;
  const whole = {
    name: `${name}: whole run`,
    unit: 'ns/bar',
    value,
    checksum: runs[0]!.hash,
    note,
  };
  return compareWith([{ name: baseline, unit: 'ns/bar', value: median(loop) }, whole], baseline);
}
