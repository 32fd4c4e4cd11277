// The indicators of two packages from npm, as their documentation uses them: technicalindicators
// over whole arrays, trading-signals value by value. Baselines of indicators.bench.ts.
// Always: the last value, comparable with the kernels'; technicalindicators rounds its RSI to two
// digits, so that one is not comparable and not here.
import technical from 'technicalindicators';
import { ATR, BollingerBands, EMA, MACD, RSI, SMA } from 'trading-signals';

export interface Columns {
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
}

/** One contestant: what it is called, and its last value of all rows. */
export interface NpmContestant {
  readonly package: string;
  readonly last: (columns: Columns) => number;
}

interface Stream {
  update(value: number, replace: boolean): unknown;
  getResult(): unknown;
}

/** Value by value, as a strategy that trades would. */
function signals(make: () => Stream, pick: (result: never) => number): NpmContestant {
  return {
    package: 'trading-signals',
    last: ({ close }) => {
      const stream = make();
      for (const value of close) stream.update(value, false);
      return pick(stream.getResult() as never);
    },
  };
}

function arrays(last: (columns: Columns) => number): NpmContestant {
  return { package: 'technicalindicators', last };
}

const self = (value: number): number => value;

/** By the title of the contest in indicators.bench.ts. */
export const NPM_CONTESTANTS: Readonly<Record<string, readonly NpmContestant[]>> = {
  SMA20: [
    arrays(({ close }) => technical.SMA.calculate({ period: 20, values: [...close] }).at(-1)!),
    signals(() => new SMA(20), self),
  ],
  EMA20: [
    arrays(({ close }) => technical.EMA.calculate({ period: 20, values: [...close] }).at(-1)!),
    signals(() => new EMA(20), self),
  ],
  RSI14: [signals(() => new RSI(14), self)],
  MACD: [
    arrays(({ close }) => {
      const periods = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 };
      const kinds = { SimpleMAOscillator: false, SimpleMASignal: false };
      const rows = technical.MACD.calculate({ values: [...close], ...periods, ...kinds });
      return rows.at(-1)!.histogram!;
    }),
    signals(
      () => new MACD(new EMA(12), new EMA(26), new EMA(9)),
      ({ histogram }: { histogram: number }) => histogram,
    ),
  ],
  BBANDS20: [
    arrays(({ close }) => {
      const rows = technical.BollingerBands.calculate({
        period: 20,
        stdDev: 2,
        values: [...close],
      });
      return rows.at(-1)!.upper;
    }),
    signals(
      () => new BollingerBands(20, 2),
      ({ upper }: { upper: number }) => upper,
    ),
  ],
  ATR14: [
    arrays(({ high, low, close }) => {
      const columns = { high: [...high], low: [...low], close: [...close] };
      return technical.ATR.calculate({ period: 14, ...columns }).at(-1)!;
    }),
    {
      package: 'trading-signals',
      last: ({ high, low, close }) => {
        const atr = new ATR(14);
        for (let i = 0; i < close.length; i++) {
          atr.update({ high: high[i]!, low: low[i]!, close: close[i]! }, false);
        }
        return atr.getResult()!;
      },
    },
  ],
};
