// The figures of a cell, by their names in results.csv and after --by. Read by the command, the
// rows and the summary; apart from all of them so that help needs no engine.
export const FIGURES = [
  'pnl',
  'totalReturn',
  'annualReturn',
  'sharpe',
  'sortino',
  'calmar',
  'maxDrawdown',
  'turnover',
  'exposure',
  'hitRate',
  'profitFactor',
  'roundTrips',
  'orders',
  'fills',
  'fees',
] as const;
export type Figure = (typeof FIGURES)[number];
