// Tables of the desk commands: status, accounts, positions, orders. Pure: rows in, text out.
// Called by tools/commands/desk.ts.
import Table from 'cli-table3';
import type { Account, BookRow, Engine, Order, Position } from '../../engine/control/protocol.ts';
import { formatYuan } from '../../engine/core/price.ts';
import type { OrderRow } from '../../engine/journal/projection-fold.ts';

/** 09:31:05 of ns since midnight. */
export function clockText(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const numbers = head.map((name) => (name.startsWith('>') ? 'right' : 'left'));
  const table = new Table({
    head: head.map((name) => name.replace('>', '')),
    colAligns: numbers as ('left' | 'right')[],
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** What of an order the table shows, of today or of a closed day. */
export type OrderLine = Omit<Order, 'status' | 'reason' | 'key'> & {
  readonly status: string;
  readonly reason?: { readonly stage: string; readonly text: { readonly en: string } };
};

export function ordersTable(orders: readonly OrderLine[]): string {
  if (orders.length === 0) return 'no orders';
  return tableOf(
    [
      'order',
      'time',
      'account',
      'strategy',
      'instrument',
      'side',
      '>price',
      '>qty',
      '>filled',
    ].concat(['>average', 'status', 'reason']),
    orders.map((o) => [
      o.coid,
      clockText(o.createdNs),
      o.account,
      o.strategy,
      o.instrument,
      o.side,
      o.priceE4 === 0 ? o.kind : formatYuan(o.priceE4),
      String(o.qty),
      String(o.filledQty),
      o.filledQty === 0 ? '' : formatYuan(o.avgPriceE4),
      o.status,
      o.reason === undefined ? '' : `${o.reason.stage}: ${o.reason.text.en}`,
    ]),
  );
}

/** Orders of past sessions; accounts and strategies by number, as the journal has them. */
export function historyTable(orders: readonly OrderRow[]): string {
  if (orders.length === 0) return 'no orders';
  const head = ['day', 'order', 'time', '>account', '>strategy', 'instrument', 'side', '>price'];
  return tableOf(
    head.concat(['>qty', '>filled', '>average', 'status', '>code']),
    orders.map((o) => [
      ...[String(o.day), o.coid, clockText(o.createdNs), String(o.account), String(o.strategy)],
      ...[o.symbol, o.side === 1 ? 'buy' : 'sell', o.priceE4 === 0 ? '' : formatYuan(o.priceE4)],
      ...[String(o.qty), String(o.filledQty)],
      o.filledQty === 0 ? '' : formatYuan(o.filledAmountE4 / o.filledQty),
      ...[o.status, o.code === 0 ? '' : String(o.code)],
    ]),
  );
}

export function positionsTable(positions: readonly Position[]): string {
  if (positions.length === 0) return 'no positions';
  return tableOf(
    ['account', 'instrument', 'name', '>shares', '>sellable', '>held', '>cost', '>last'].concat([
      ...['>value', '>unrealised', '>realised'],
    ]),
    positions.map((p) => [
      p.account,
      p.instrument,
      p.name ?? '',
      String(p.qty),
      String(p.sellableQty),
      p.heldDays === null ? '' : `${p.heldDays} d`,
      formatYuan(p.costE4),
      formatYuan(p.lastE4),
      formatYuan(p.marketValueE4),
      formatYuan(p.unrealisedE4),
      formatYuan(p.realisedE4),
    ]),
  );
}

export function accountsTable(accounts: readonly Account[]): string {
  return tableOf(
    ['account', '>cash', '>reserved', '>shares', '>equity', '>fees', '>profit today'],
    accounts.map((a) => [
      a.account,
      formatYuan(a.cashE4),
      formatYuan(a.reservedE4),
      formatYuan(a.marketValueE4),
      formatYuan(a.equityE4),
      formatYuan(a.feesE4),
      formatYuan(a.pnlE4),
    ]),
  );
}

export function statusLines(engine: Engine, facts: readonly (readonly [string, string])[]): string {
  const lines = facts.map(([name, value]) => `${name.padEnd(11)}${value}`);
  for (const { name, state, reason } of engine.strategies) {
    lines.push(`strategy   ${name}: ${state}${reason === undefined ? '' : ` (${reason})`}`);
  }
  const dead = engine.actors.filter((actor) => actor.state === 'dead');
  for (const actor of dead) lines.push(`dead       ${actor.name} on thread ${actor.thread}`);
  return lines.join('\n');
}

/** Books by strategy; their shares, fees and cash flow add up to the account's. */
export function booksTable(books: readonly BookRow[]): string {
  if (books.length === 0) return 'no books';
  return tableOf(
    ['account', 'strategy', 'instrument', '>shares', '>cost', '>realised', '>fees'].concat([
      '>cash flow',
    ]),
    books.map((b) => [
      ...[b.account, b.strategy, b.instrument, String(b.qty), formatYuan(b.costE4)],
      ...[formatYuan(b.realisedE4), formatYuan(b.feesE4), formatYuan(b.cashFlowE4)],
    ]),
  );
}
