// How much a result hangs on one tick: of latency, of cost, and on where the data begin. Called by
// check.ts with the runs it made. Always: none of these is a cheat; a result that one tick undoes
// is a warning, since live trading has many.
import type { Instrument } from '../../core/instrument.ts';
import { E4_PER_YUAN } from '../../core/price.ts';
import type { RanBacktest } from '../ran-backtest.ts';
import type { Tape } from '../tape.ts';
import { TapeCursor } from '../tape.ts';
import type { Finding } from './finding.ts';

/** Part of the later decisions from which on a late start changes nothing that matters. */
const STABLE = 0.9;
/** Part of a profit that one tick may take. */
const HALF = 0.5;

export function warmUpFinding(share: number | null, lateBy: string): Finding {
  const test = 'warm-up';
  if (share === null) {
    const en = 'a late start could not be compared: no decision after it';
    return { level: 'note', test, zh: '晚启动后没有任何决策，无法比较', en };
  }
  const percent = `${Math.round(share * 100)} %`;
  if (share >= STABLE) {
    const en = `started ${lateBy} later, ${percent} of the later decisions are the same`;
    return { level: 'fine', test, zh: `晚 ${lateBy} 启动，之后的决策有 ${percent} 相同`, en };
  }
  return {
    ...{ level: 'note', test },
    zh: `晚 ${lateBy} 启动，之后的决策只有 ${percent} 相同：结果取决于数据从何处开始（持仓或长记忆）`,
    en:
      `started ${lateBy} later, only ${percent} of the later decisions are the same: the result ` +
      'depends on where the data begin (positions, or a long memory)',
  };
}

export function latencyFinding(pnl: number, late: number, tick: string): Finding {
  return moneyFinding(
    'latency',
    pnl,
    late,
    `委托晚到一跳（${tick}）`,
    `orders a tick (${tick}) later`,
  );
}

export function costFinding(
  { report, fills }: RanBacktest,
  instruments: readonly Instrument[],
): Finding {
  const ticks = new Map(instruments.map(({ symbol, tickE4 }) => [symbol, tickE4]));
  const cost = fills.reduce(
    (sum, { instrument, qty }) => sum + ((ticks.get(instrument) ?? 0) * qty) / E4_PER_YUAN,
    0,
  );
  const worse = report.pnl - cost;
  return moneyFinding(
    'cost',
    report.pnl,
    worse,
    '每笔成交差一个最小价位',
    'each fill a tick worse',
  );
}

function moneyFinding(
  test: 'latency' | 'cost',
  pnl: number,
  worse: number,
  zh: string,
  en: string,
): Finding {
  const [a, b] = [pnl.toFixed(2), worse.toFixed(2)];
  const zhText = `${zh}：盈亏由 ${a} 变为 ${b} 元`;
  const enText = `${en}: profit goes from ${a} to ${b} yuan`;
  if (pnl <= 0 || worse > pnl * HALF) return { level: 'fine', test, zh: zhText, en: enText };
  const [zhWhy, enWhy] =
    worse <= 0
      ? ['，利润消失', ', the profit is gone']
      : ['，利润少了一半以上', ', more than half of the profit is gone'];
  return { level: 'warning', test, zh: zhText + zhWhy, en: enText + enWhy };
}

/** Median time between two moments with market data, ns; 0 = bars, or hardly any data. */
export function tickNs(tape: Tape): number {
  const gaps: number[] = [];
  let before = -1;
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (before >= 0 && cursor.eventNs > before) gaps.push(cursor.eventNs - before);
    before = cursor.eventNs;
  }
  gaps.sort((a, b) => a - b);
  const median = gaps[gaps.length >> 1] ?? 0;
  return median >= 30e9 ? 0 : median;
}
