// The lines between the counter and its client: JSON, one object a line, as a broker's library
// would hide it. Used by server.ts and broker.ts. Calls carry a number and may be answered or not;
// pushes come by themselves.
import { z } from 'zod';
import type { OrderRow, TradeRow } from '../broker-port.ts';

export const LINE_BYTES_MAX = 16 * 1_048_576;

const order = z.object({
  remark: z.string().max(24),
  symbol: z.string().max(12),
  side: z.union([z.literal(1), z.literal(2)]),
  kind: z.number().int(),
  priceE4: z.number().int(),
  qty: z.number().int(),
});

export const callSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('place'), seq: z.number(), account: z.string(), order }),
  z.object({ op: z.literal('cancel'), seq: z.number(), account: z.string(), orderNo: z.number() }),
  z.object({ op: z.literal('orders'), seq: z.number(), account: z.string() }),
  z.object({ op: z.literal('trades'), seq: z.number(), account: z.string() }),
  z.object({ op: z.literal('positions'), seq: z.number(), account: z.string() }),
  z.object({ op: z.literal('cash'), seq: z.number(), account: z.string() }),
  z.object({ op: z.literal('ping'), seq: z.number() }),
]);

export type Call = z.output<typeof callSchema>;

/** What the counter says. `value` null is "failed or empty". */
export type Said =
  | { readonly t: 'hello'; readonly day: number }
  | { readonly t: 'answer'; readonly seq: number; readonly value: unknown }
  | { readonly t: 'order'; readonly account: string; readonly row: OrderRow }
  | { readonly t: 'trade'; readonly account: string; readonly row: TradeRow }
  | {
      readonly t: 'cancel-error';
      readonly account: string;
      readonly orderNo: number;
      readonly text: string;
    };

/** Puts chunks together to lines; throws when one grows beyond LINE_BYTES_MAX. */
export class LineReader {
  #text = '';

  push(chunk: string, onLine: (line: string) => void): void {
    const lines = (this.#text + chunk).split('\n');
    this.#text = lines.pop() ?? '';
    if (this.#text.length > LINE_BYTES_MAX) throw new Error('a line without an end');
    for (const line of lines) onLine(line);
  }
}
