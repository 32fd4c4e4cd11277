// Live quotes on disk: the raw log that survives a kill, the day files made of it, and that a
// backtest over them hears the very frames that the live engine heard.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { checkStore } from '../../../engine/backtest/store/check.ts';
import { finishQuotes } from '../../../engine/backtest/store/finish-quotes.ts';
import { listStore } from '../../../engine/backtest/store/list.ts';
import { QuoteLog, waitingLogs } from '../../../engine/backtest/store/quote-log.ts';
import { TapeCursor } from '../../../engine/backtest/tape.ts';
import { type FrameMemory, frameLength, frameType } from '../../../engine/messages/frames.ts';
import { Phase, SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { drawnQuotes, type TestQuote } from '../../support/qmt/quote-server.ts';
import { at, DAY, DeskRun, S, SYMBOLS, twoShares } from './desk-kit.ts';

function newStore(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-quotes-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'store');
}

/** Quotes through a desk into a new log, written as the link's thread does; what the engine got. */
function record(store: string, quotes: readonly TestQuote[], orderly = true): FrameMemory[] {
  const log = QuoteLog.create(store, DAY, twoShares());
  const run = new DeskRun({ fromNs: log.lastNs });
  for (const [n, quote] of quotes.entries()) {
    const from = run.frames.length;
    // Some come late, some in the same piece.
    run.quote(quote, quote.ns + (n % 7) * 300_000_000);
    for (const frame of run.frames.slice(from)) log.append(frame, 0);
    if (n % 3 === 0) log.flush();
  }
  if (orderly) run.desk.onTime(at(15, 10));
  log.flush();
  if (orderly) log.close();
  return run.frames;
}

const morning = (seed: number): TestQuote[] =>
  drawnQuotes({
    ...{ symbols: SYMBOLS, fromNs: at(9, 24, 30), toNs: at(9, 40), stepNs: 3 * S },
    ...{ preCloseE4: 125_000, seed },
  });

/** Quotes and phases of frames, as bytes without what only a ring or a tape sets. */
function marketOf(frames: Iterable<readonly [FrameMemory, number]>): string[] {
  const rows: string[] = [];
  for (const [memory, from] of frames) {
    const type = frameType(memory, from);
    if (type !== SnapshotTick.TYPE && type !== Phase.TYPE) continue;
    const bytes = Buffer.from(memory.u8.subarray(from, from + frameLength(memory, from)));
    bytes.fill(0, 24, 28);
    rows.push(bytes.toString('hex'));
  }
  return rows;
}

test('a backtest over the recording hears what the live engine heard, frame by frame', async () => {
  const store = newStore();
  const live = record(store, [...morning(3), ...closing()]);
  const report = finishQuotes(store);
  expect(report.problems).toEqual([]);
  expect(waitingLogs(store)).toEqual([]);
  const wish = { path: store, instruments: SYMBOLS, skipBadRows: false, day: DAY };
  const day = await loadMarketData(wish);
  const recorded: [FrameMemory, number][] = [];
  for (const cursor = new TapeCursor(day.tape); !cursor.done; cursor.advance()) {
    recorded.push([cursor.memory, cursor.at]);
  }
  expect(marketOf(recorded)).toEqual(marketOf(live.map((frame) => [frame, 0])));
  expect(recorded.length).toBeGreaterThan(600);
  for (const { preCloseE4, upperLimitE4, lowerLimitE4 } of day.instruments) {
    expect([preCloseE4, upperLimitE4, lowerLimitE4]).toEqual([125_000, 137_500, 112_500]);
  }
});

/** The last minutes: a day that reached its closing call is whole. */
function closing(): TestQuote[] {
  const last = morning(3).slice(-2);
  return [at(14, 56, 57), at(14, 59), at(15, 0, 3)].flatMap((ns, n) =>
    last.map((quote) => ({ ...quote, ns, volume: quote.volume! + n * 100, bids: [], asks: [] })),
  );
}

test('pankou data list and check read it and find nothing wrong', () => {
  const store = newStore();
  record(store, morning(5));
  const { rows, days } = finishQuotes(store);
  expect(days).toEqual([DAY]);
  const entries = listStore(store, 'all');
  expect(entries.map(({ kind, rows: own }) => [kind, own])).toEqual([
    ['snapshots', rows / 2],
    ['statics', 1],
    ['snapshots', rows / 2],
    ['statics', 1],
  ]);
  const report = checkStore({ store, instruments: 'all', rules: builtInBook() });
  expect(report.findings).toEqual([]);
});

test('after a kill the log gives what was written, its torn end is left out, and told', () => {
  const store = newStore();
  record(store, morning(7), false);
  const [log] = waitingLogs(store);
  truncateSync(log!.path, statSync(log!.path).size - 100);
  const report = finishQuotes(store);
  expect(report.problems).toEqual([]);
  expect(report.notes[0]).toMatch(/bytes cut off at its end/);
  expect(report.rows).toBeGreaterThan(500);
  expect(finishQuotes(store)).toMatchObject({ files: 0, rows: 0, days: [] });
});

test('a second life of the day is joined to the first', () => {
  const store = newStore();
  const quotes = morning(9);
  record(store, quotes.slice(0, 200), false);
  const first = finishQuotes(store);
  record(store, quotes.slice(200));
  const before = readdirSync(join(store, 'live')).filter((name) => name.endsWith('.pkfl'));
  expect(before).toHaveLength(1);
  const second = finishQuotes(store);
  const [entry] = listStore(store, [SYMBOLS[0]!]);
  expect(entry!.rows).toBe((first.rows + second.rows) / 2);
  expect(first.rows + second.rows).toBe(quotes.length);
});

test('killed between day files and the end of the log, finishing again adds nothing', () => {
  const store = newStore();
  record(store, morning(13), false);
  const [log] = waitingLogs(store);
  const aside = join(store, 'live', 'aside');
  for (const path of [log!.path, log!.headPath]) copyFileSync(path, `${aside}-${basename(path)}`);
  const first = finishQuotes(store);
  for (const path of [log!.path, log!.headPath]) copyFileSync(`${aside}-${basename(path)}`, path);
  expect(finishQuotes(store)).toMatchObject({ rows: 0, problems: [] });
  expect(listStore(store, [SYMBOLS[0]!])[0]!.rows).toBe(first.rows / 2);
});

test('a log that cannot be read stays, is told, and others are finished', () => {
  const store = newStore();
  record(store, morning(11).slice(0, 50), false);
  const [broken] = waitingLogs(store);
  const size = statSync(broken!.path).size;
  record(store, morning(11).slice(50, 100), false);
  // A byte in the middle of the first one.
  truncateSync(broken!.path, 40);
  appendFileSync(broken!.path, Buffer.alloc(size - 40, 0x55));
  const report = finishQuotes(store);
  expect(report.problems).toHaveLength(1);
  expect(report.problems[0]).toContain(`${broken!.path} stays as it is`);
  expect(existsSync(broken!.path)).toBe(true);
  expect(report.rows).toBe(50);
});
