// `pankou verify`: loads a folder of recorded feeds and verifies each instrument of each day.
// Called by tools/commands/verify.ts and by tests. Always: a broken row stops everything before the
// first comparison, named with file, line and column; a folder without an order stream is refused.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChannelFacts } from '../backtest/data/channel-facts.ts';
import type { MarketDay } from '../backtest/data/load.ts';
import { loadMarketDays } from '../backtest/data/load.ts';
import type { Instrument } from '../core/instrument.ts';
import { loadKernels } from '../host/kernels.ts';
import { MARKET_SSE } from '../messages/codes.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { feedsOfTape } from './feed-rows.ts';
import type { QueueRow } from './queue-file.ts';
import { QUEUE_LAYOUT, readQueueFile } from './queue-file.ts';
import type { FeedName, InstrumentReport, MakeBook } from './verify-day.ts';
import { VerifyError, verifyInstrument } from './verify-day.ts';

export interface VerifyOptions {
  /** A folder of feed files, or one file. */
  readonly path: string;
  readonly instruments: readonly string[] | 'all';
  /** Default: the rule book without overlays. */
  readonly rules?: RuleBook;
  /** Another kernel; default the WebAssembly one. */
  readonly makeBook?: MakeBook;
  /** `fraction` 0..1. */
  readonly onProgress?: (fraction: number, text: string) => void;
}

/** The report, as `--json` writes it. */
export interface VerifyReport {
  readonly instruments: readonly InstrumentReport[];
  /** Feed rows of all instruments: orders, cancels, trades. */
  readonly rows: number;
  /** Seconds inside the kernel, without parsing and comparing. */
  readonly kernelSeconds: number;
  readonly rowsPerSecond: number;
  /** Whether nothing differs. */
  readonly equal: boolean;
  /** Feed channels by day, and whether the data hold all of each: only then a loss can be told. */
  readonly channels: readonly (ChannelFacts & { readonly day: number })[];
  /** What the loader had to say. */
  readonly warnings: readonly string[];
}

/** Share of the progress bar that reading takes. */
const READING = 0.9;

/** Verifies. Throws MarketDataError or CsvRowError (data), VerifyError (nothing to verify). */
export async function verifyFolder(options: VerifyOptions): Promise<VerifyReport> {
  const { path, instruments, onProgress } = options;
  const days = await loadMarketDays({
    ...{ path, instruments, skipBadRows: false, keepRows: true },
    contents: ['orders', 'trades', 'snapshots'],
    ...(options.rules === undefined ? {} : { rules: options.rules }),
    onProgress: (fraction, text) => onProgress?.(fraction * READING, text),
  });
  const queues = days.some((day) => day.layouts.includes(QUEUE_LAYOUT))
    ? await readQueues(path, days)
    : new Map<string, QueueRow[]>();
  const reports: InstrumentReport[] = [];
  let rows = 0;
  let kernelSeconds = 0;
  const total = days.reduce((sum, day) => sum + day.instruments.length, 0);
  for (const day of days) {
    const feeds = feedsOfTape(day.tape, day.instruments.length);
    for (const instrument of day.instruments) {
      const data = feeds[instrument.index];
      const verified = verifyInstrument({
        ...{ instrument, day: day.day, data },
        feed: feedOf(day, instrument),
        queues: queues.get(instrument.symbol) ?? [],
        hasStartBook: day.layouts.includes('start-book'),
        losses: day.channels.filter((c) => c.isWhole && c.instruments.includes(instrument.index)),
        isListed: !day.notInStaticFile.includes(instrument.index),
        placeOf: (seq) => day.rowAt(instrument.index, seq),
        makeBook: options.makeBook ?? wasmBook,
        onProgress: (fraction) => {
          const done = (reports.length + fraction) / total;
          onProgress?.(READING + (1 - READING) * done, instrument.symbol);
        },
      });
      reports.push(verified.report);
      rows += data.rows.count;
      kernelSeconds += verified.kernelSeconds;
    }
  }
  return {
    instruments: reports,
    ...{ rows, kernelSeconds },
    rowsPerSecond: kernelSeconds > 0 ? Math.round(rows / kernelSeconds) : 0,
    equal: reports.every((report) => report.equal),
    channels: days.flatMap(({ day, channels }) => channels.map((c) => ({ day, ...c }))),
    warnings: [...new Set(days.flatMap((day) => day.warnings))].filter(
      (text) => queues.size === 0 || !text.includes('order queue'),
    ),
  };
}

/** A fresh kernel per instrument: nothing of one day can reach the next. */
function wasmBook(orders: number, levels: number): ReturnType<MakeBook> {
  return loadKernels({ maxInstruments: 1, maxOrders: orders, maxLevels: levels }).book;
}

/** How the day's files publish: our own layout every order, SZSE too, SSE what rests. */
function feedOf(day: MarketDay, instrument: Instrument): FeedName {
  const layout = day.orderLayouts[instrument.index];
  if (layout.startsWith('pankou')) return 'full';
  if (instrument.market !== MARKET_SSE) return 'szse';
  return layout.includes('merged') ? 'sse-merged' : 'sse-split';
}

/** All order queues of the folder, by symbol. Their rows carry no day, so one day alone may. */
async function readQueues(
  path: string,
  days: readonly MarketDay[],
): Promise<Map<string, QueueRow[]>> {
  if (days.length > 1) {
    throw new VerifyError(`${path}: order queues name no day; keep them with one day alone`);
  }
  const bySymbol = new Map<string, QueueRow[]>();
  for (const file of await filesOf(path)) {
    for (const [symbol, rows] of (await readQueueFile(file)) ?? []) {
      const known = bySymbol.get(symbol);
      if (known === undefined) bySymbol.set(symbol, [...rows]);
      else for (const row of rows) known.push(row);
    }
  }
  return bySymbol;
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.csv(?:\.gz)?$/.test(name));
  return names.sort().map((name) => join(path, name));
}
