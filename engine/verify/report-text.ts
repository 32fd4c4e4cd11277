// The report of a verification for people: a table, notes, and the book at the first difference.
// Called by tools/commands/verify.ts. Always: prices in yuan, times as the exchange writes them.
import { basename } from 'node:path';
import Table from 'cli-table3';
import { channelText } from '../backtest/data/channel-facts.ts';
import { formatYuan } from '../core/price.ts';
import type { LevelAround } from './book-around.ts';
import type { FaultPlace } from './feed-faults.ts';
import type { CallCounts, TradeCounts, TradeFact } from './judge.ts';
import type { FirstDifference, InstrumentReport } from './verify-day.ts';
import type { VerifyReport } from './verify-folder.ts';

/** Names by OrderKind. */
const KIND_NAMES = [
  '',
  'limit',
  'best-5 cancel',
  'best-5 limit',
  'opposite best',
  'own best',
  'IOC',
  'FOK',
];

/** Table, notes, differences and figures, as lines. */
export function verifyText(report: VerifyReport): string {
  const table = new Table({
    head: [
      '',
      'feed',
      'opening',
      'continuous',
      'closing',
      'cancels',
      'rest',
      'snapshots',
      'queues',
      '',
    ],
    style: { head: [], border: [] },
  });
  for (const row of report.instruments) table.push(tableRow(row));
  const lines = [table.toString()];
  for (const warning of report.warnings) lines.push(`note: ${warning}`);
  for (const { instrument, notes } of report.instruments) {
    for (const note of notes) lines.push(`note: ${instrument}: ${note}`);
  }
  for (const channel of report.channels) lines.push(`note: ${channelText(channel)}`);
  for (const { instrument, feedFaults } of report.instruments) {
    for (const place of feedFaults.first) {
      lines.push(`feed: ${instrument}: ${faultText(place, feedFaults.counts[place.fault])}`);
    }
    if (feedFaults.staleFrom !== null) {
      const { seq, ns } = feedFaults.staleFrom;
      lines.push(`feed: ${instrument}: not to be trusted from record ${seq}, ${clockText(ns)}, on`);
    }
  }
  for (const row of report.instruments) {
    if (row.firstDifference !== null) lines.push('', ...differenceLines(row, row.firstDifference));
  }
  const { rows, kernelSeconds, rowsPerSecond, equal } = report;
  const millions = (rowsPerSecond / 1e6).toFixed(2);
  const ms = (kernelSeconds * 1000).toFixed(1);
  lines.push('', `${rows} feed rows, ${ms} ms in the kernel, ${millions} million rows a second`);
  lines.push(equal ? 'Everything is equal.' : 'NOT equal.');
  return lines.join('\n');
}

/** `3 unknown cancels, first orders.csv:17: cancel of 100 of order 7, expected an order ...`. */
function faultText(place: FaultPlace, count: number): string {
  const { fault, file, line, seq, value, expected } = place;
  const words = fault.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const where = file !== '' ? ` ${basename(file)}:${line}` : seq > 0 ? ` record ${seq}` : '';
  return `${count} ${words}, first${where}: ${value}, expected ${expected}`;
}

function tableRow(row: InstrumentReport): string[] {
  const { snapshots, queues } = row;
  const doubtful = queues.ambiguous > 0 ? `\n${queues.ambiguous} ambiguous` : '';
  return [
    `${row.instrument}${row.day > 0 ? `\n${row.day}` : ''}`,
    row.feed,
    callText(row.openingAuction),
    countText(row.continuous),
    callText(row.closingAuction),
    countText(row.cancels),
    countText(row.endBook),
    snapshots.compared === 0 ? '-' : `${snapshots.equal} of ${snapshots.compared}`,
    queues.compared === 0 ? '-' : `${queues.equal} of ${queues.compared}${doubtful}`,
    row.equal ? 'equal' : 'DIFFERS',
  ];
}

function countText({ exchange, engine, equal }: TradeCounts): string {
  if (exchange === 0 && engine === 0) return '-';
  const own = engine === exchange ? '' : `\nengine ${engine}`;
  return `${equal} of ${exchange}${own}`;
}

function callText(call: CallCounts): string {
  const count = countText(call);
  if (count === '-') return count;
  const { exchange, engine } = call.priceE4;
  const price =
    exchange === engine ? formatYuan(exchange) : `${yuan(exchange)}, not ${yuan(engine)}`;
  return `${count}\nat ${price}`;
}

function yuan(priceE4: number): string {
  return priceE4 === 0 ? 'no price' : formatYuan(priceE4);
}

function differenceLines(row: InstrumentReport, first: FirstDifference): string[] {
  const { part, what, trade, seq, ns, order, exchange, engine, book } = first;
  const place = seq > 0 ? `record ${seq}, ${clockText(ns)}` : 'before the first record';
  const name = trade > 0 ? `${what} ${trade}` : what;
  const lines = [`${row.instrument}: first difference: ${name} (${part}, ${place})`];
  if (order !== null) {
    const { id, side, kind, priceE4, qty } = order;
    const price = priceE4 > 0 ? ` at ${formatYuan(priceE4)}` : '';
    const told = what === 'cancel' && kind === 0 ? 'cancel of' : KIND_NAMES[kind];
    lines.push(`  fed:      ${told} ${sideText(side)} ${id}, ${qty} shares${price}`);
  }
  lines.push(`  exchange: ${factText(exchange)}`, `  engine:   ${factText(engine)}`);
  lines.push('  book before it:');
  for (const level of [...book.asks].reverse()) lines.push(levelLine('ask', level));
  for (const level of book.bids) lines.push(levelLine('bid', level));
  return lines;
}

function sideText(side: number): string {
  return side === 1 ? 'buy' : 'sell';
}

function factText(fact: TradeFact | string): string {
  if (typeof fact === 'string') return fact;
  const { buyId, sellId, priceE4, qty } = fact;
  return `buy ${buyId}, sell ${sellId}, ${qty} shares at ${formatYuan(priceE4)}`;
}

function levelLine(side: string, { priceE4, qty, orders, queue }: LevelAround): string {
  const shown = queue.map((order) => `${order.id}:${order.qty}`).join(' ');
  const more = orders > queue.length ? ' ...' : '';
  const price = formatYuan(priceE4).padStart(9);
  return `    ${side} ${price} ${String(qty).padStart(9)} | ${shown}${more}`;
}

/** `09:30:00.050`. */
function clockText(ns: number): string {
  const ms = Math.floor(ns / 1_000_000);
  const part = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${part(hours, 2)}:${part(minutes, 2)}:${part(seconds % 60, 2)}.${part(ms % 1000, 3)}`;
}
