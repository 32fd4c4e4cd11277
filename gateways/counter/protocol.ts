// The lines between the counter and its clients: JSON, one object a line, as a broker's library
// would hide it. Used by server.ts, broker.ts and the stand-ins under tests/support/qmt. Calls
// carry a number and may be answered or not; pushes come by themselves. `admin` calls are the
// test's hand: they move the market, make faults and days, and are never delayed or lost.
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
  /** CREDIT_* of ledger.ts; absent = own money and own shares. */
  credit: z.number().int().min(0).max(4).optional(),
  /** Free text of the client, told back. */
  strategy: z.string().max(64).optional(),
});

const account = z.string();
const seq = z.number();

/** What a test may do; the fields a deed does not know are not looked at. */
const admin = z.object({
  op: z.literal('admin'),
  seq,
  do: z.enum([
    'list',
    'market',
    'print',
    'depth',
    'phase',
    'fault',
    'foreign',
    'client',
    'broker',
    'day',
    'push',
    'clear',
    'books',
  ]),
  account: account.optional(),
  symbol: z.string().optional(),
  side: z.number().int().optional(),
  priceE4: z.number().int().optional(),
  preCloseE4: z.number().int().optional(),
  qty: z.number().int().optional(),
  /** market: what does not trade stays in the book. */
  keep: z.boolean().optional(),
  phase: z.number().int().optional(),
  day: z.number().int().optional(),
  /** fault: KEY of behaviour.ts; push: 'ticks', else the whole day. */
  name: z.string().optional(),
  times: z.number().optional(),
  up: z.boolean().optional(),
  orderNo: z.number().optional(),
  order: order.optional(),
});

export const callSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('place'), seq, account, order }),
  z.object({ op: z.literal('cancel'), seq, account, orderNo: z.number() }),
  z.object({ op: z.literal('orders'), seq, account }),
  z.object({ op: z.literal('trades'), seq, account }),
  z.object({ op: z.literal('positions'), seq, account }),
  z.object({ op: z.literal('cash'), seq, account }),
  z.object({ op: z.literal('ping'), seq }),
  /** A client with a session number; from now on it hears of accounts it subscribes to only. */
  z.object({ op: z.literal('login'), seq, session: z.number().int() }),
  z.object({ op: z.literal('subscribe'), seq, account, type: z.number().int() }),
  z.object({ op: z.literal('unsubscribe'), seq, account }),
  z.object({ op: z.literal('accounts'), seq }),
  z.object({ op: z.literal('credit'), seq, account }),
  /** What changed behind the given places of the day's logs. */
  z.object({ op: z.literal('changes'), seq, account, orderAt: z.number(), tradeAt: z.number() }),
  z.object({ op: z.literal('detail'), seq, symbol: z.string() }),
  z.object({ op: z.literal('ticks'), seq, symbols: z.array(z.string()) }),
  z.object({ op: z.literal('watch'), seq, symbols: z.array(z.string()) }),
  admin,
]);

export type Call = z.output<typeof callSchema>;
export type AdminCall = z.output<typeof admin>;

/** An order as a QMT client hears of it; `raw` is a status code of QMT that says it better. */
export interface ToldOrder extends OrderRow {
  /** The counter's contract number; '' = not yet known. */
  readonly sysid: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Average price, 1/10,000 yuan times shares. */
  readonly amountE4: number;
  readonly strategy: string;
  readonly message: string;
  readonly raw?: number;
}

export interface ToldTrade extends TradeRow {
  readonly sysid: string;
  readonly timeMs: number;
  readonly strategy: string;
  readonly feeE4: number;
  readonly credit: number;
}

/** Five levels, best first; prices 0 = none. Volumes in shares, cumulative. */
export interface ToldTick {
  readonly symbol: string;
  readonly timeMs: number;
  readonly lastE4: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  readonly preCloseE4: number;
  readonly volume: number;
  readonly amountE4: number;
  readonly trades: number;
  /** PHASE_*. */
  readonly phase: number;
  readonly bids: readonly (readonly [priceE4: number, qty: number])[];
  readonly asks: readonly (readonly [priceE4: number, qty: number])[];
}

/** What the counter says. `value` null is "failed or empty". */
export type Said =
  | { readonly t: 'hello'; readonly day: number }
  | { readonly t: 'answer'; readonly seq: number; readonly value: unknown }
  | { readonly t: 'order'; readonly account: string; readonly row: ToldOrder }
  | { readonly t: 'trade'; readonly account: string; readonly row: ToldTrade }
  | { readonly t: 'status'; readonly account: string; readonly status: number }
  | { readonly t: 'ticks'; readonly ticks: readonly ToldTick[] }
  | {
      readonly t: 'order-error';
      readonly account: string;
      readonly orderNo: number;
      readonly code: number;
      readonly text: string;
      /** Said to the client that sent the order. */
      readonly own?: boolean;
    }
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
