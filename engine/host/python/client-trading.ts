// The calls of the trading interface (docs/API.md) that `pankou.Client` makes, answered from a
// strategy's context in a backtest. Called by client-strategy.ts. Always: the same fields, rows and
// error codes as over HTTP; what a backtest cannot do is refused by name.
import { parseSymbol } from '../../core/instrument.ts';
import { rejectText } from '../../core/reject-code.ts';
import { type Context, KIND_LIMIT, SIDE_BUY, SIDE_SELL } from '../../core/strategy.ts';
import { type ClientBook, KINDS, type Row, reasonOf } from './client-book.ts';

type Answer = { ok: true; data: unknown } | { ok: false; error: Row };

interface Place {
  readonly ctx: Context;
  /** The data are over. */
  readonly ended: boolean;
}

const fine = (data: unknown): Answer => ({ ok: true, data });
const refuse = (code: string, message: string, more: Row = {}): Answer => {
  return { ok: false, error: { code, message, ...more } };
};

/** Kinds of parents by name, as the context calls them. */
const PARENTS = {
  twap: 'twap',
  vwap: 'vwap',
  pov: 'pov',
  iceberg: 'iceberg',
  'stop-loss': 'stopLoss',
  'take-profit': 'takeProfit',
  'at-time': 'atTime',
} as const;

/** `trading(name, body, key)` */
export function tradingOf(
  book: ClientBook,
  place: () => Place,
): (name: string, body: Row, key?: string) => Answer {
  return (name, body, key = '') => {
    const { ctx, ended } = place();
    if (name === 'status') return fine(statusOf(ctx, ended));
    if (name === 'account') return fine({ rows: [book.account()] });
    if (name === 'positions') return fine({ rows: book.positions() });
    if (name === 'orders') return fine({ rows: book.orders(body), next: null });
    if (name === 'records') return fine({ rows: book.fills(body), next: null });
    if (name === 'parents') return fine({ rows: book.parents() });
    // Orders end with their day: a script that clears up behind it finds nothing left to cancel.
    if (ended && name === 'cancel') return fine(book.order(String(body['coid'])));
    if (ended && name === 'cancel-all') return fine({ open: 0 });
    if (ended) return refuse('engine-down', 'the data are over: nothing was sent');
    if (name === 'order') return order(book, ctx, body, key);
    if (name === 'execute') return execute(book, ctx, body, key);
    if (name === 'cancel') return cancel(book, ctx, String(body['coid']));
    if (name === 'cancel-all') return cancelAll(book, ctx);
    if (name === 'parent') return parent(book, ctx, body);
    if (name === 'replace') return replace(book, ctx, body);
    if (name === 'parent-cancel') return endParent(book, ctx, Number(body['parentNo']));
    return refuse('not-found', `${name}: not in a backtest`);
  };
}

function statusOf({ day, nowNs }: Context, ended: boolean): Row {
  return { engine: ended ? 'stopped' : 'running', mode: 'backtest', day, virtualNs: nowNs };
}

function order(book: ClientBook, ctx: Context, body: Row, key: string): Answer {
  const content = JSON.stringify(Object.entries(body).sort());
  const before = key === '' ? null : book.byKey(key);
  if (before !== null) {
    if (before.content === content) return fine(before.row);
    return refuse('key-reused', 'this key was used for another order');
  }
  const instrument = instrumentIn(ctx, body);
  if (instrument === null) return unknownInstrument(ctx, body);
  const side = body['side'] === 'buy' ? SIDE_BUY : SIDE_SELL;
  const kind = body['kind'] === undefined ? KIND_LIMIT : KINDS.indexOf(String(body['kind']));
  const [priceE4, qty] = [Number(body['priceE4'] ?? 0), Number(body['qty'])];
  if (kind < KIND_LIMIT) return refuse('bad-request', 'no such price type', { field: 'kind' });
  if (kind === KIND_LIMIT && priceE4 <= 0) {
    return refuse('bad-request', 'a limit order needs a price', { field: 'priceE4' });
  }
  if (!Number.isInteger(qty) || qty < 1) {
    return refuse('bad-request', 'whole shares, one or more', { field: 'qty' });
  }
  const no =
    side === SIDE_BUY
      ? ctx.buy(instrument, priceE4, qty, kind)
      : ctx.sell(instrument, priceE4, qty, kind);
  if (no <= 0) return refusedBy(-no);
  return fine(book.placed(no, { instrument, side, kind, priceE4, qty }, key, content));
}

function execute(book: ClientBook, ctx: Context, body: Row, key: string): Answer {
  const legs = (body['orders'] as Row[]).map((leg, index) => {
    const answer = order(book, ctx, leg, key === '' ? '' : `${key}#${index}`);
    return answer.ok
      ? { index, ok: true, order: answer.data }
      : { index, ok: false, error: answer.error };
  });
  return fine({ legs });
}

function cancel(book: ClientBook, ctx: Context, coid: string): Answer {
  const row = book.order(coid);
  const no = book.intentOf(coid);
  if (row === null || no === 0) return refuse('unknown-order', 'no such order of today');
  const answer = ctx.cancel(no);
  return answer > 0 ? fine(row) : refusedBy(-answer);
}

function cancelAll(book: ClientBook, ctx: Context): Answer {
  const open = book.orders({ status: 'open' });
  for (const row of open) ctx.cancel(book.intentOf(String(row['coid'])));
  return fine({ open: open.length });
}

function parent(book: ClientBook, ctx: Context, body: Row): Answer {
  const instrument = instrumentIn(ctx, body);
  if (instrument === null) return unknownInstrument(ctx, body);
  const kind = String(body['kind']) as keyof typeof PARENTS;
  const method = PARENTS[kind];
  if (method === undefined) return refuse('bad-request', 'no such kind', { field: 'kind' });
  const rateE4 = body['rateE4'];
  const wish = {
    ...body,
    instrument,
    side: body['side'] === 'buy' ? SIDE_BUY : SIDE_SELL,
    qty: Number(body['qty']),
    ...(typeof rateE4 === 'number' ? { rate: rateE4 / 10_000 } : {}),
  };
  const no = (ctx[method] as (wish: object) => number).call(ctx, wish);
  return no > 0 ? fine(book.parent(no, kind, wish.qty)) : refusedBy(-no);
}

function replace(book: ClientBook, ctx: Context, body: Row): Answer {
  const before = book.intentOf(String(body['coid']));
  if (before === 0) return refuse('unknown-order', 'no such order of today');
  const { priceE4, qty } = body as { priceE4?: number; qty?: number };
  const wish = {
    ...(priceE4 === undefined ? {} : { priceE4 }),
    ...(qty === undefined ? {} : { qty }),
  };
  const no = ctx.replace(before, wish);
  return no > 0 ? fine(book.parent(no, 'replace', qty ?? 0)) : refusedBy(-no);
}

function endParent(book: ClientBook, ctx: Context, no: number): Answer {
  const row = book.parents().find(({ parentNo }) => parentNo === no);
  if (row === undefined) return refuse('unknown-order', 'no such parent');
  const answer = ctx.cancel(no);
  return answer > 0 ? fine(row) : refusedBy(-answer);
}

function instrumentIn({ instruments }: Context, body: Row): number | null {
  try {
    const { symbol } = parseSymbol(String(body['instrument']));
    return instruments.find((one) => one.symbol === symbol)?.index ?? null;
  } catch {
    return null;
  }
}

function unknownInstrument({ instruments }: Context, body: Row): Answer {
  const has = instruments.map(({ symbol }) => symbol).join(', ');
  const message = `${String(body['instrument'])} was not given to this run (has: ${has})`;
  return refuse('unknown-instrument', message, { field: 'instrument' });
}

function refusedBy(code: number): Answer {
  return refuse('refused', rejectText(code).en, { reject: reasonOf(code, 0) });
}
