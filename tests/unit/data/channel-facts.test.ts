// Whether a day's files hold the whole of a feed channel: decided by the numbers themselves, told
// in the loader's report, and handed to the engine's feed. Run by vitest.
import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { channelText } from '../../../engine/backtest/data/channel-facts.ts';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { fileFacts } from '../../../engine/backtest/market-facts.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { folderOf } from '../../support/market-files.ts';

const HEADER = 'day,time,symbol,channel,seq,order_no,action,side,kind,price,qty';
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

interface Row {
  readonly seq: number;
  readonly symbol?: string;
  readonly channel?: number;
  /** Milliseconds after 10:00. */
  readonly ms?: number;
}

function folder(rows: readonly Row[]): string {
  const lines = rows.map(({ seq, symbol = '600000.SH', channel = 3, ms = seq }) => {
    const time = new Date(36_000_000 + ms).toISOString().slice(11, 23);
    return `20260707,${time},${symbol},${channel},${seq},${seq},add,buy,limit,10.00,100`;
  });
  const path = folderOf({ 'orders.csv': [HEADER, ...lines] });
  made.push(path);
  return path;
}

const seqs = (count: number, step = 1, first = 1): Row[] =>
  Array.from({ length: count }, (_, i) => ({ seq: first + i * step }));

async function load(rows: readonly Row[], instruments: readonly string[] | 'all' = 'all') {
  return loadMarketData({ path: folder(rows), instruments, skipBadRows: false });
}

test('every number: whole, and nothing to say', async () => {
  const day = await load(seqs(50));
  expect(day.channels).toMatchObject([
    { market: 1, channel: 3, rows: 50, firstSeq: 1, lastSeq: 50, missing: 0, isWhole: true },
  ]);
  expect(day.warnings.join()).not.toContain('channel');
});

test('one number of two hundred missing: whole, and a loss told with its place', async () => {
  const day = await load(seqs(200).toSpliced(77, 1));
  expect(day.channels).toMatchObject([{ missing: 1, firstMissingSeq: 78, isWhole: true }]);
  expect(day.warnings).toContainEqual(
    'channel 3 (SH): whole, numbers 1 to 200, 1 missing: they were lost',
  );
});

test('a whole channel that begins later lacks its beginning', async () => {
  const day = await load(seqs(100, 1, 41));
  expect(day.channels).toMatchObject([{ missing: 40, firstMissingSeq: 1, isWhole: true }]);
});

test('most numbers missing: rows of some instruments, nothing is called a loss', async () => {
  const day = await load(seqs(50, 7));
  expect(day.channels).toMatchObject([{ missing: 294, firstMissingSeq: 0, isWhole: false }]);
  expect(day.warnings.join()).not.toContain('missing');
  expect(channelText(day.channels[0])).toContain('losses in the channel cannot be told');
});

test('some instruments of a whole channel: what is left out is no loss', async () => {
  const rows = seqs(60).map((row, i) => ({ ...row, symbol: i % 2 ? '600519.SH' : '600000.SH' }));
  expect((await load(rows)).channels).toMatchObject([{ isWhole: true, instruments: [0, 1] }]);
  const one = await load(rows, ['600519.SH']);
  expect(one.channels).toMatchObject([{ isWhole: false, rows: 30, instruments: [0] }]);
});

test('numbers that do not rise with time are told, and not checked by the engine', async () => {
  const late = seqs(20, 1, 21).map((row) => ({ ...row, symbol: '600519.SH', ms: row.seq - 21 }));
  const day = await load([...seqs(20), ...late]);
  expect(day.channels).toMatchObject([{ isWhole: true, missing: 0, isInOrder: false }]);
  expect(day.warnings.join()).toContain('not in the order of time');
});

test('the engine checks the whole channels, each for itself', async () => {
  const filtered = seqs(20, 5).map((row) => ({ ...row, symbol: '600519.SH', channel: 4 }));
  const path = folder([...seqs(20), ...filtered]);
  const book = builtInBook();
  const instruments = ['600000.SH', '600519.SH'];
  const wish = { path, instruments, day: 0, skipBadRows: false, rules: [] };
  const facts = await fileFacts(wish, book, new Map(), null);
  expect(facts.contiguous).toBe(false);
  expect(facts.wholeChannels).toMatchObject([{ market: 1, channel: 3 }]);
  const whole = await fileFacts({ ...wish, instruments: ['600000.SH'] }, book, new Map(), null);
  expect(whole.contiguous).toBe(true);
});
