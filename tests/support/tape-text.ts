// A tape as lines of text that a test can state in full: time, sequence number and what happened.
// Used by tests of loaders and sources; one line per frame, in order.
import { SECOND_NS } from '../../engine/backtest/data/sessions.ts';
import type { Tape } from '../../engine/backtest/tape.ts';
import { TapeCursor } from '../../engine/backtest/tape.ts';
import { formatYuan } from '../../engine/core/price.ts';
import { MARKET_ADD } from '../../engine/messages/codes.ts';
import {
  Bar,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../engine/messages/generated/market.ts';
import {
  TYPE_BAR,
  TYPE_MARKET_ORDER,
  TYPE_MARKET_TRADE,
  TYPE_PHASE,
} from '../../engine/messages/generated/types.ts';

const SIDES = ['none', 'buy', 'sell'];

/** One line per frame. */
export function shown(tape: Tape): string[] {
  const lines: string[] = [];
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    lines.push(`${clock(cursor.eventNs)} ${lineOf(cursor)}`);
  }
  return lines;
}

function lineOf({ type, memory, at }: TapeCursor): string {
  if (type === TYPE_MARKET_ORDER) {
    const o = new MarketOrder().wrap(memory, at);
    const what = `${o.action === MARKET_ADD ? 'add' : 'cancel'} ${o.orderNo} ${SIDES[o.side]}`;
    return `#${o.channelSeq} ${what} ${o.qty}@${formatYuan(o.priceE4)} kind ${o.kind}`;
  }
  if (type === TYPE_MARKET_TRADE) {
    const t = new MarketTrade().wrap(memory, at);
    const what = `${t.buyNo} ${t.sellNo} ${t.qty}@${formatYuan(t.priceE4)} by ${t.aggressor}`;
    return `#${t.channelSeq} trade ${what}`;
  }
  if (type === TYPE_PHASE) {
    const p = new Phase().wrap(memory, at);
    return p.instrument < 0 ? `phase ${p.phase}` : `phase ${p.phase} of ${p.instrument}`;
  }
  if (type === TYPE_BAR) {
    const b = new Bar().wrap(memory, at);
    const prices = [b.openE4, b.highE4, b.lowE4, b.closeE4].map((p) => formatYuan(p)).join(' ');
    return `bar ${b.intervalS}s from ${clock(b.startNs)} ${prices} volume ${b.volume}`;
  }
  const s = new SnapshotTick().wrap(memory, at);
  const bid = `${s.bidQty(0)}@${formatYuan(s.bidPriceE4(0))}`;
  const ask = `${s.askQty(0)}@${formatYuan(s.askPriceE4(0))}`;
  return `snapshot ${formatYuan(s.lastE4)} bid ${bid} ask ${ask} phase ${s.phase}`;
}

/** `09:25:00.180`. */
function clock(ns: number): string {
  const ms = Math.floor(ns / (SECOND_NS / 1000));
  return new Date(ms).toISOString().slice(11, 23);
}
