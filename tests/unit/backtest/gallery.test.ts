// The strategies of the gallery, each on a synthetic day through the whole path: it runs to the
// end, trades what its page says, and breaks no rule of the market.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../../engine/backtest/runner.ts';
import { StrategyOutputs } from '../../../engine/backtest/strategy-outputs.ts';
import { rejectText } from '../../../engine/core/reject-code.ts';
import { SIDE_BUY } from '../../../engine/messages/codes.ts';
import { Fill, Reject } from '../../../engine/messages/generated/order.ts';
import { dayPlaceOf } from '../../../engine/rules/day-place.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { readFrame, type Shown } from '../../support/actor-harness.ts';
import { EXAMPLES, makeSetup } from '../../support/make-setup.ts';

const PAGES = join(import.meta.dirname, '../../../docs/gallery');

interface Sample {
  readonly symbols: readonly string[];
  readonly params?: Readonly<Record<string, number | string>>;
  /** Names of its series, sorted; fills of either side at least. */
  readonly series?: readonly string[];
  readonly buys: number;
  readonly sells: number;
}

const TWO = ['600000.SH', '000002.SZ'];
const SAMPLES: Readonly<Record<string, Sample>> = {
  'ma-cross': { symbols: TWO, buys: 3, sells: 3 },
  'bollinger-reversion': { symbols: TWO, buys: 3, sells: 3, series: ['width 0', 'width 1'] },
  grid: { symbols: TWO, params: { stepPercent: 0.1 }, buys: 2, sells: 2 },
  'etf-rotation': {
    symbols: ['159915.SZ', '159901.SZ', '159949.SZ'],
    params: { every: 30, bars: 5 },
    ...{ buys: 1, sells: 1, series: ['best return'] },
  },
  'limit-up-follow': {
    symbols: TWO,
    params: { near: 10, minVolume: 0, yuan: 5_000 },
    ...{ buys: 1, sells: 0 },
  },
  'opening-auction': {
    symbols: TWO,
    params: { gap: -5, minVolume: 0 },
    ...{ buys: 2, sells: 2, series: ['gap 0', 'gap 1'] },
  },
  'bond-double-low': {
    symbols: ['123050.SZ', '600000.SH', '128136.SZ', '000002.SZ'],
    params: { pairs: '123050.SZ=600000.SH@11,128136.SZ=000002.SZ@9', hold: 1 },
    ...{ buys: 1, sells: 1, series: ['lowest score'] },
  },
  'small-cap-monthly': {
    symbols: ['600000.SH', '000002.SZ', '300750.SZ'],
    params: { shares: '600000.SH=1e9,000002.SZ=5e8,300750.SZ=2e9', hold: 1 },
    ...{ buys: 1, sells: 2, series: ['orders'] },
  },
  'intraday-t0': { symbols: TWO, params: { away: 0.2, back: 0.05 }, buys: 2, sells: 2 },
  'twap-execution': {
    symbols: ['600000.SH'],
    ...{ buys: 0, sells: 15, series: ['filled', 'slippage, 1/10,000'] },
  },
};

async function run(name: string) {
  const { symbols, params = {} } = SAMPLES[name]!;
  const file = join(EXAMPLES, `${name}.ts`);
  const plain = makeSetup({ symbols, strategies: [{ file, params }], eventsPerSecond: 0.3 });
  const dayPlace = dayPlaceOf(builtInBook().calendar, plain.day)!;
  const frames: Shown[] = [];
  const outputs = new StrategyOutputs();
  const result = await runBacktest(
    { ...plain, dayPlace },
    {
      events: { onFrame: (_type, memory, at) => void frames.push(readFrame(memory, at)) },
      types: new Set([Fill.TYPE, Reject.TYPE]),
      wiring: (of) => outputs.ports(of),
    },
  );
  return { result, frames, outputs };
}

describe('the gallery', () => {
  test.each(Object.keys(SAMPLES))('%s', async (name) => {
    const { buys, sells, series = [] } = SAMPLES[name]!;
    const { result, frames, outputs } = await run(name);
    expect(result.strategyFailures).toEqual([]);
    const fills = frames.filter(({ type }) => type === 'Fill');
    const bought = fills.filter(({ side }) => side === SIDE_BUY).length;
    expect(bought).toBeGreaterThanOrEqual(buys);
    expect(fills.length - bought).toBeGreaterThanOrEqual(sells);
    const refused = frames.filter(({ type }) => type === 'Reject');
    expect(refused.map(({ code }) => rejectText(code!).en)).toEqual([]);
    expect(
      outputs
        .figures()
        .map((one) => one.name)
        .sort(),
    ).toEqual(series);
  });

  test.each(['grid', 'etf-rotation', 'twap-execution'])(
    '%s twice is the same run',
    async (name) => {
      const [first, second] = [await run(name), await run(name)];
      expect(second.result.stateHash).toBe(first.result.stateHash);
      expect(second.outputs.csv()).toBe(first.outputs.csv());
    },
  );

  test('has a page for each strategy, and the list names them all', () => {
    const names = Object.keys(SAMPLES);
    expect(names).toHaveLength(10);
    const list = readFileSync(join(PAGES, 'README.md'), 'utf8');
    for (const name of names) {
      expect(list).toContain(`(${name}.md)`);
      const page = readFileSync(join(PAGES, `${name}.md`), 'utf8');
      expect(page).toContain(`examples/strategies/${name}.ts`);
    }
    expect(readdirSync(PAGES)).toHaveLength(names.length + 1);
  });
});
