// Indicators as a strategy sees them (`ctx.indicators`), and the port through which rows reach
// them. The types follow from indicator-specs.ts; engine/host/indicators/factory.ts makes the
// objects, engine/actors/indicator-feed.ts feeds them. Invariant: feeding a row allocates
// nothing; whatever is wrong with options is thrown when the indicator is made, in onInit.
import type { Convention, INDICATORS, IndicatorName } from './indicator-specs.ts';

/**
 * What a row of an indicator with one free input is taken from; `tick` is the last price of
 * ticks.
 */
export type IndicatorSeries = 'open' | 'high' | 'low' | 'close' | 'volume' | 'tick';

export interface IndicatorOptions {
  /** Dense index; may be left out by a strategy that was given one instrument. */
  readonly instrument?: number;
  /** Of an indicator of one free column: which; `close` unless given. Two for a pair. */
  readonly on?: IndicatorSeries | readonly [IndicatorSeries, IndicatorSeries];
  /** Bars of that length, asked for with it; 0 or left out: every bar of the instrument. */
  readonly seconds?: number;
  /** talib unless given. */
  readonly convention?: Convention;
}

/**
 * Outputs after the last row, up to date before onTick or onBar is called. Prices are in 1/10,000
 * yuan as everywhere in a strategy, volumes in shares. NaN until there are enough rows.
 */
export type IndicatorView<N extends IndicatorName = IndicatorName> = {
  /** Every output has a value. */
  readonly ready: boolean;
  /** The first output. */
  readonly value: number;
} & { readonly [O in (typeof INDICATORS)[N]['outputs'][number]]: number };

/**
 * `ctx.indicators.rsi({ period: 14, on: 'close' })`: one maker for each indicator; in onInit
 * only.
 */
export type Indicators = {
  readonly [N in IndicatorName]: (
    options?: IndicatorOptions & {
      readonly [K in keyof (typeof INDICATORS)[N]['params']]?: number;
    },
  ) => IndicatorView<N>;
};

/** Which column of a bar an input takes: 0 open, 1 high, 2 low, 3 close, 4 volume, 5 tick. */
export type SeriesNo = number;
export const SERIES_TICK: SeriesNo = 5;

/** An opened indicator, as the feed sees it. */
export interface IndicatorSlot {
  /** A place for the coming value of each input: its element 0. */
  readonly inputs: readonly Float64Array[];
  /** Takes the row that lies in the inputs. */
  step(): void;
  /** Forgets every row. */
  reset(): void;
}

/** Volume is no price: a corporate action does not change it. */
export const SERIES_VOLUME: SeriesNo = 4;

/** An indicator with the rows it is to get. */
export interface IndicatorBinding {
  readonly slot: IndicatorSlot;
  readonly instrument: number;
  /** Length of its bars; 0 = any. */
  readonly seconds: number;
  /** For each input. */
  readonly series: readonly SeriesNo[];
}
