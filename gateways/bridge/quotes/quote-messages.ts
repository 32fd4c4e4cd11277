// What engine and quote bridge say in JSON beyond the handshake (docs/BRIDGE.md, "Quotes"). Read by
// both ends; the Python bridge says the same. Pure.
// Always: prices in 1/10,000 yuan, 0 = not said; days 20260105; clocks in epoch milliseconds.

//   bridge   welcome    its day and clock; rehearsal: it plays a day that is not now
//   engine   subscribe  symbols in pieces; watch: quotes are wanted, else the details alone
//   bridge   details    one row a symbol, in the order asked, in pieces
//   bridge   SnapshotTick frames, instrument = place in the subscription
//   bridge   clock      every 5 s; notice: what people must know
import { z } from 'zod';

/** Symbols in one message, and rows of details. */
export const SYMBOLS_PER_MESSAGE = 500;
export const ROWS_PER_MESSAGE = 100;
/** The bridge says its clock this often, host time. */
export const CLOCK_MS = 5_000;

const whole = z.number().int();
const price = whole.min(0).max(2_147_483_647);

export const welcomeSchema = z.object({
  kind: z.literal('welcome'),
  day: whole,
  clockMs: z.number(),
  rehearsal: z.boolean().default(false),
  speed: z.number().positive().max(100_000).default(1),
  about: z.string().max(500).default(''),
});
export const subscribeSchema = z.object({
  kind: z.literal('subscribe'),
  symbols: z.array(z.string().max(12)).max(SYMBOLS_PER_MESSAGE),
  watch: z.boolean(),
  last: z.boolean(),
});
const detailSchema = z.object({
  symbol: z.string().max(12),
  state: z.enum(['ok', 'missing']),
  name: z.string().max(100).default(''),
  preCloseE4: price.default(0),
  upperLimitE4: price.default(0),
  lowerLimitE4: price.default(0),
  tickE4: price.default(0),
  quoteDay: whole.default(0),
  quotePreCloseE4: price.default(0),
});
export const detailsSchema = z.object({
  kind: z.literal('details'),
  rows: z.array(detailSchema).max(ROWS_PER_MESSAGE),
  last: z.boolean(),
});
export const clockSchema = z.object({ kind: z.literal('clock'), clockMs: z.number() });
export const noticeSchema = z.object({
  kind: z.literal('notice'),
  level: z.enum(['info', 'warn', 'error']),
  text: z.string().max(1_000),
});

export type Welcome = z.output<typeof welcomeSchema>;
export type Subscribe = z.output<typeof subscribeSchema>;
export type Detail = z.output<typeof detailSchema>;
export type Notice = z.output<typeof noticeSchema>;
