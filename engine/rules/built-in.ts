// The rule book that ships with the engine, put together and checked once. Called by everything
// that needs rules without a user's overlays, and by overlay-files.ts as the lowest layer. Always:
// the rows have passed the same schema as a user's; a fault in them is a bug and throws.
import { BUILT_IN_SPANS } from './calendar-days.ts';
import { FEE_ROWS } from './rows/fees.ts';
import { INSTRUMENT_ROWS } from './rows/instruments.ts';
import { MARKET_ORDER_ROWS } from './rows/market-orders.ts';
import { PRICE_LIMIT_ROWS } from './rows/price-limits.ts';
import { QUANTITY_ROWS } from './rows/quantities.ts';
import { SESSION_ROWS } from './rows/sessions.ts';
import { TRADING_ROWS } from './rows/trading.ts';
import { type RuleLayer, rowsFrom } from './rule-layer.ts';
import type { RowInput } from './rule-row.ts';

/** Name of the layer in what people read. */
export const BUILT_IN = 'built-in';

/** Every row as written down. */
export const BUILT_IN_ROWS: readonly RowInput[] = [
  ...INSTRUMENT_ROWS,
  ...QUANTITY_ROWS,
  ...PRICE_LIMIT_ROWS,
  ...SESSION_ROWS,
  ...MARKET_ORDER_ROWS,
  ...FEE_ROWS,
  ...TRADING_ROWS,
];

let layer: RuleLayer | null = null;

/** The lowest layer; checked at the first call, about 200 rows. */
export function builtInLayer(): RuleLayer {
  layer ??= { name: BUILT_IN, rows: rowsFrom(BUILT_IN_ROWS, BUILT_IN), spans: BUILT_IN_SPANS };
  return layer;
}
