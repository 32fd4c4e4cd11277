// Bars from before a run's first day, as the run hands them to the strategy host: what kept bars
// and indicators begin with. Made by engine/backtest/data/earlier-bars.ts. Always: oldest first,
// complete before the first day begins, prices adjusted as of that day, volumes as traded.

export interface EarlierBars {
  readonly count: number;
  /** Time of day of each bar's end. */
  readonly endNs: Float64Array;
  readonly openE4: Float64Array;
  readonly highE4: Float64Array;
  readonly lowE4: Float64Array;
  readonly closeE4: Float64Array;
  readonly volume: Float64Array;
  readonly amountE4: Float64Array;
}

/**
 * The last `most` bars of an instrument and length (0 s = of the bars the run is played from);
 * null = the data have none.
 */
export type EarlierBarsOf = (
  instrument: number,
  intervalS: number,
  most: number,
) => EarlierBars | null;
