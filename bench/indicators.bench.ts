// Indicator kernels, one thread: nanoseconds an element in batch (columns copied in and results
// out), in batch inside the kernel's memory, row by row, and the naive TypeScript of
// naive-indicators.ts. Notes give the figure of Tulip in C (-O3, another machine of this
// class) for orientation. Always: the last value of every contestant is compared to 1e-9; a wrong
// answer fails the suite.
import type { IndicatorName } from '../engine/core/indicator-specs.ts';
import { IndicatorModule, type OpenIndicator } from '../engine/host/indicators/module.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { timeBatches } from './harness.ts';
import * as naive from './naive-indicators.ts';
import { NPM_CONTESTANTS } from './npm-indicators.ts';
import { mulberry32 } from './workloads.ts';

interface Contest {
  readonly title: string;
  readonly name: IndicatorName;
  readonly params: { readonly [name: string]: number };
  /** Output that the naive form computes. */
  readonly output: number;
  readonly naive: () => naive.Naive;
  /** Nanoseconds an element of Tulip in C. */
  readonly tulip: number;
}

const CONTESTS: readonly Contest[] = [
  { ...of('SMA20', 'sma', { period: 20 }, 1.06), naive: () => naive.naiveSma(20) },
  { ...of('EMA20', 'ema', { period: 20 }, 2.07), naive: () => naive.naiveEma(20) },
  { ...of('RSI14', 'rsi', { period: 14 }, 5.07), naive: () => naive.naiveRsi(14) },
  { ...of('MACD', 'macd', {}, 2.27), naive: () => naive.naiveMacd(), output: 2 },
  { ...of('BBANDS20', 'bbands', { period: 20 }, 1.8), naive: () => naive.naiveBands(20, 2) },
  { ...of('ATR14', 'atr', { period: 14 }, 2.12), naive: () => naive.naiveAtr(14) },
  { ...of('STOCH', 'stoch', {}, 11.3), naive: () => naive.naiveStoch(5, 3, 3), output: 1 },
  { ...of('LINREG20', 'linearReg', { period: 20 }, 1.7), naive: () => naive.naiveLine(20) },
];

function of(
  title: string,
  name: IndicatorName,
  params: { readonly [name: string]: number },
  tulip: number,
) {
  return { title, name, params, tulip, output: 0 };
}

interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

export const suite: BenchSuite = {
  name: 'indicators',
  async run({ quick }): Promise<BenchResult[]> {
    const bars = walk(quick ? 2_048 : 65_536);
    const results: BenchResult[] = [];
    for (const contest of CONTESTS) results.push(...(await run(contest, bars, quick)));
    return results;
  },
};

function walk(rows: number): Bars {
  const random = mulberry32(21);
  const bars = {
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
  };
  let price = 100;
  for (let i = 0; i < rows; i++) {
    price *= 1 + (random() - 0.5) * 0.01;
    bars.close[i] = price;
    bars.high[i] = price * (1 + random() * 0.01);
    bars.low[i] = price * (1 - random() * 0.01);
  }
  return bars;
}

async function run(contest: Contest, bars: Bars, quick: boolean): Promise<BenchResult[]> {
  const module = new IndicatorModule({ megabytes: 1 });
  const open = () => module.open(contest.name, { params: contest.params });
  const { high, low, close } = bars;
  const operations = close.length;
  const batch = open();
  const columns = batch.facts.inputs.length === 3 ? [high, low, close] : [close];
  const into = batch.facts.outputs.map(() => new Float64Array(operations));
  const stepped = open();
  const resident = open();
  const tasks = [
    {
      name: `${contest.title}, batch`,
      run: () => {
        batch.reset();
        return rounded(batch.batch(columns, into)[contest.output]![operations - 1]!);
      },
    },
    { name: `${contest.title}, row by row`, run: () => rowByRow(stepped, columns, contest.output) },
    { name: `${contest.title}, naive TypeScript`, run: () => runNaive(contest, bars) },
    ...npmTasks(contest.title, bars),
  ];
  const baseline = `${contest.title}, naive TypeScript`;
  const inMemory = {
    name: `${contest.title}, batch in the kernel's memory`,
    run: () => chunks(resident, columns, operations, module.chunk),
  };
  const rows = await timeBatches(tasks, { quick, operations, baseline });
  // It runs one chunk of rows again and again, so its answers are its own.
  rows.push(...(await timeBatches([inMemory], { quick, operations })));
  const note = `Tulip in C ${contest.tulip} ns`;
  return rows.map((row) => (row.name.includes('batch') ? { ...row, note } : row));
}

/** The packages from npm, where they compute the same value. */
function npmTasks(title: string, bars: Bars) {
  const columns = { high: [...bars.high], low: [...bars.low], close: [...bars.close] };
  return (NPM_CONTESTANTS[title] ?? []).map(({ package: name, last }) => ({
    name: `${title}, ${name}`,
    run: () => rounded(last(columns)),
  }));
}

/** Answers agree to nine digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

function rowByRow(opened: OpenIndicator, columns: readonly Float64Array[], output: number) {
  opened.reset();
  const rows = columns[0]!.length;
  const { inputs } = opened;
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns.length; k++) inputs[k]![0] = columns[k]![i]!;
    opened.step();
  }
  return rounded(opened.last[output]!);
}

function runNaive(contest: Contest, { high, low, close }: Bars): number {
  const next = contest.naive();
  let last = 0;
  for (let i = 0; i < close.length; i++) last = next(high[i]!, low[i]!, close[i]!);
  return rounded(last);
}

/** As many rows, without copying: the same chunk over and over. */
function chunks(
  opened: OpenIndicator,
  columns: readonly Float64Array[],
  operations: number,
  size: number,
): number {
  opened.reset();
  const rows = Math.min(size, operations);
  for (const [k, column] of columns.entries()) opened.inputs[k]!.set(column.subarray(0, rows));
  for (let from = 0; from < operations; from += rows) opened.runChunk(rows);
  return rounded(opened.last[0]!);
}
