// StockCharts ChartSchool sheets: which file shows which indicator, with which parameters and
// columns. Used by indicators-chartschool.test.ts. Always: the sheet's own figures are compared,
// none derived.
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Convention, IndicatorName } from '../../engine/core/indicator-specs.ts';

export interface Sheet {
  readonly file: string;
  readonly ours: IndicatorName;
  readonly convention: Convention;
  readonly params?: { readonly [name: string]: number };
  readonly inputs: readonly string[];
  /** The sheet's column of each output of ours; '' = not shown. */
  readonly outputs: readonly string[];
  /** Rows that must have been compared at least. */
  readonly rows: number;
  /** First row compared, where the sheet starts otherwise than any convention here. */
  readonly from?: number;
  /** Relative difference allowed beyond the sheet's own decimals. */
  readonly slack?: number;
}

const HLC = ['High', 'Low', 'Close'] as const;
const CLOSE = ['Close'] as const;
const HLCV = ['High', 'Low', 'Close', 'Volume'] as const;
const OURS = { convention: 'chartschool' } as const;

// psar: the sheet starts on the third row, in step from the first turn on. tsi: its factors are
// rounded to four digits (0.0769 for 2/26). macd: its average starts on the third row.
export const SHEETS: readonly Sheet[] = [
  {
    ...OURS,
    file: 'accum',
    ours: 'ad',
    inputs: HLCV,
    outputs: ['ADLine'],
    rows: 30,
  },
  {
    ...OURS,
    file: 'adx',
    ours: 'adx',
    inputs: ['High', 'Low'],
    outputs: ['ADX'],
    rows: 470,
  },
  {
    ...OURS,
    file: 'adx',
    ours: 'plusDi',
    inputs: HLC,
    outputs: ['+DI14'],
    rows: 480,
  },
  {
    ...OURS,
    file: 'adx',
    ours: 'minusDi',
    inputs: HLC,
    outputs: ['-DI14'],
    rows: 480,
  },
  {
    ...OURS,
    file: 'adx',
    ours: 'dx',
    inputs: ['High', 'Low'],
    outputs: ['DX'],
    rows: 480,
  },
  {
    ...OURS,
    file: 'atr',
    ours: 'atr',
    params: { period: 14 },
    inputs: HLC,
    outputs: ['ATR'],
    rows: 16,
    from: 13,
  },
  {
    ...OURS,
    file: 'atr2',
    ours: 'atr',
    params: { period: 10 },
    inputs: HLC,
    outputs: ['ATR'],
    rows: 20,
  },
  {
    ...OURS,
    file: 'bbands',
    ours: 'bbands',
    params: { period: 20 },
    inputs: CLOSE,
    outputs: ['HighBand', 'MiddleBand', 'LowBand'],
    rows: 69,
  },
  {
    ...OURS,
    file: 'cci',
    ours: 'cci',
    params: { period: 20 },
    inputs: HLC,
    outputs: ['CCI'],
    rows: 11,
  },
  {
    ...OURS,
    file: 'dc',
    ours: 'donchian',
    params: { period: 20 },
    inputs: ['high', 'low'],
    outputs: ['upper_band', 'middle_band', 'lower_band'],
    rows: 33,
  },
  {
    ...OURS,
    file: 'kama',
    ours: 'kama',
    params: { period: 10 },
    inputs: CLOSE,
    outputs: ['KAMA'],
    rows: 40,
  },
  {
    ...OURS,
    file: 'macd',
    ours: 'macd',
    inputs: CLOSE,
    outputs: ['MACD_line', '', ''],
    rows: 123,
  },
  {
    ...OURS,
    file: 'macd',
    ours: 'macd',
    inputs: CLOSE,
    outputs: ['', 'MACD_signal', 'MACD_diff'],
    rows: 60,
    from: 90,
    slack: 1e-8,
  },
  {
    ...OURS,
    file: 'mfi',
    ours: 'mfi',
    inputs: HLCV,
    outputs: ['MFI'],
    rows: 16,
  },
  {
    ...OURS,
    file: 'obv',
    ours: 'obv',
    inputs: ['Close', 'Volume'],
    outputs: ['OBV'],
    rows: 29,
  },
  {
    ...OURS,
    file: 'percentr',
    ours: 'willR',
    inputs: HLC,
    outputs: ['Williams_%R'],
    rows: 17,
  },
  {
    ...OURS,
    file: 'ppo',
    ours: 'ppo',
    inputs: CLOSE,
    outputs: ['PPO'],
    rows: 40,
  },
  {
    ...OURS,
    file: 'pvo',
    ours: 'ppo',
    inputs: ['Volume'],
    outputs: ['PVO'],
    rows: 40,
  },
  {
    ...OURS,
    file: 'psar',
    ours: 'sar',
    inputs: ['High', 'Low'],
    outputs: ['psar'],
    rows: 22,
    from: 8,
  },
  {
    ...OURS,
    file: 'roc',
    ours: 'roc',
    params: { period: 12 },
    inputs: CLOSE,
    outputs: ['ROC'],
    rows: 8,
  },
  {
    ...OURS,
    file: 'rsi',
    ours: 'rsi',
    inputs: CLOSE,
    outputs: ['RSI'],
    rows: 19,
  },
  {
    ...OURS,
    file: 'soo',
    ours: 'stochF',
    params: { fastk: 14, fastd: 3 },
    inputs: HLC,
    outputs: ['SO', 'SO_SIG'],
    rows: 29,
  },
  {
    ...OURS,
    file: 'stochrsi',
    ours: 'stochRsi',
    inputs: CLOSE,
    outputs: ['StochRSI(14)', ''],
    rows: 6,
  },
  {
    ...OURS,
    file: 'tsi',
    ours: 'tsi',
    inputs: CLOSE,
    outputs: ['TSI'],
    rows: 380,
    convention: 'talib',
    from: 120,
    slack: 0.02,
  },
  {
    ...OURS,
    file: 'ultosc',
    ours: 'ultosc',
    inputs: HLC,
    outputs: ['Ult_Osc'],
    rows: 2,
  },
  {
    ...OURS,
    file: 'vortex',
    ours: 'vortex',
    inputs: HLC,
    outputs: ['+VI14', '-VI14'],
    rows: 32,
  },
  {
    ...OURS,
    file: 'vwap',
    ours: 'vwap',
    params: { period: 14 },
    inputs: HLCV,
    outputs: ['vwap'],
    rows: 17,
  },
  {
    ...OURS,
    file: 'wma',
    ours: 'wma',
    params: { period: 9 },
    inputs: CLOSE,
    outputs: ['WMA'],
    rows: 32,
  },
];

/** Rows by column name; empty cells are NaN. */
export function readSheet(path: string): { readonly [name: string]: number }[] {
  const rows: Record<string, string>[] = parse(readFileSync(path), {
    columns: (names: string[]) => names.map((name) => name.trim()),
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
  });
  return rows.map((row) => {
    const cells = Object.entries(row).map(([name, text]) => [name, cell(text)] as const);
    const numbers = Object.fromEntries(cells);
    const { psar_up: up = Number.NaN, psar_down: down = Number.NaN } = numbers;
    return { ...numbers, psar: Number.isNaN(up) ? down : up };
  });
}

function cell(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}

/** Decimals that a sheet shows of a column: the fewest of its cells that are no whole numbers. */
export function decimalsOf(values: readonly number[]): number {
  const shown = values.filter((v) => Number.isFinite(v) && !Number.isInteger(v));
  return Math.max(0, ...shown.map((v) => String(v).split('.')[1]?.length ?? 0));
}
