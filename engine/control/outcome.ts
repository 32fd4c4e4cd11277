// What every call of the trading interface answers: data, or an error with a stable code. Used by
// all of engine/control. Always: an error says what was wrong and what to do.
import type { ErrorCode, TradeError } from './trade-schemas.ts';

export type Outcome<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: TradeError };

/** An answer that says no. */
export function refuse<Data>(
  code: ErrorCode,
  message: string,
  more: Partial<TradeError> = {},
): Outcome<Data> {
  return { ok: false, error: { code, message, ...more } };
}

/** No core: nothing was sent. */
export function engineDown<Data>(): Outcome<Data> {
  const message = 'no connection to the engine: nothing was sent; orders at the broker may be live';
  return refuse('engine-down', message);
}
