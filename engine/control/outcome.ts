// What a call of the trading interface comes to, and how a key's text becomes a key. Called by
// everything behind the doors. Always: a refusal is a value, never an exception.
import { createHash } from 'node:crypto';
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

/** First 128 bits of the SHA-256 of a key's text, 32 hexadecimal digits. */
export function keyOfText(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}

/** No core: nothing was sent. */
export function engineDown<Data>(): Outcome<Data> {
  const message = 'no connection to the engine: nothing was sent; orders at the broker may be live';
  return refuse('engine-down', message);
}
