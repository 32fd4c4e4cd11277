// Where the loader puts the market's phases between events: after auction prints and late trades,
// after bars that end there, and not at all for instruments without a closing call.
import { expect, test } from 'vitest';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { folderOf } from '../../support/market-files.ts';
import { shown } from '../../support/tape-text.ts';

const TRADES = 'day,time,symbol,channel,seq,buy_no,sell_no,aggressor,price,qty';

async function linesOf(files: { readonly [name: string]: readonly string[] }): Promise<string[]> {
  const path = folderOf(files);
  return shown((await loadMarketData({ path, instruments: 'all', skipBadRows: false })).tape);
}

/** Trades of one instrument: `time aggressor` each. */
function tradesOf(symbol: string, rows: readonly string[], day = 20260105): readonly string[] {
  const lines = rows.map((row, i) => {
    const [time, aggressor] = row.split(' ');
    return `${day},${time},${symbol},1,${i + 1},1,2,${aggressor},10.00,100`;
  });
  return [TRADES, ...lines];
}

test('a bar comes before the phase that begins at its end', async () => {
  const lines = await linesOf({
    'SH600000_minute_line.csv': [
      'datetime,price,volume_lots',
      '201812031129,10.900,10',
      '201812031300,10.910,10',
      '201812031459,10.950,50',
    ],
  });
  const order = lines.slice(4).map((line) => line.slice(0, 20).trim());
  expect(order).toEqual([
    '11:30:00.000 bar 60s',
    '11:30:00.000 phase 5',
    '13:00:00.000 phase 4',
    '13:01:00.000 bar 60s',
    '14:57:00.000 phase 6',
    '15:00:00.000 bar 60s',
    '15:00:00.000 phase 7',
  ]);
});

test('auctions of two markets that print at different times both lie in their call', async () => {
  const lines = await linesOf({
    'a.csv': tradesOf('600519.SH', ['09:25:00.940 none', '09:31:00 buy', '15:00:01.060 none']),
    'b.csv': tradesOf('000001.SZ', ['09:25:00 none', '09:30:00 buy', '15:00:00 none']),
  });
  expect(lines.slice(2).map((line) => line.slice(0, 21))).toEqual([
    '09:25:00.000 #1 trade',
    '09:25:00.940 #1 trade',
    '09:25:00.940 phase 3',
    '09:30:00.000 phase 4',
    '09:30:00.000 #2 trade',
    '09:31:00.000 #2 trade',
    '11:30:00.000 phase 5',
    '13:00:00.000 phase 4',
    '14:57:00.000 phase 6',
    '15:00:00.000 #3 trade',
    '15:00:01.060 #3 trade',
    '15:00:01.060 phase 7',
  ]);
});

test('a continuous trade printed just after its session comes before the next phase', async () => {
  const rows = ['11:29:59 buy', '11:30:00.020 sell', '14:57:00.010 buy', '15:00:00 none'];
  const lines = await linesOf({ 'a.csv': tradesOf('600519.SH', rows) });
  const after = (text: string): string =>
    lines[lines.findIndex((line) => line.startsWith(text)) + 1];
  expect(after('11:30:00.020 #2')).toBe('11:30:00.020 phase 5');
  expect(after('14:57:00.010 #3')).toBe('14:57:00.010 phase 6');
});

test('an instrument without a closing call goes on trading at 14:57', async () => {
  const rows = ['14:56:00 buy', '14:57:00.010 buy', '14:59:59 sell'];
  const share = tradesOf('600519.SH', ['14:56:30 buy', '15:00:00 none']);
  const more = tradesOf('000001.SZ', ['14:56:30 buy', '15:00:00 none']);
  const files = { 'a.csv': share, 'b.csv': more, 'c.csv': tradesOf('113050.SH', rows) };
  const lines = await linesOf(files);
  const from = lines.findIndex((line) => line.startsWith('14:57'));
  expect(lines.slice(from).map((line) => line.replace(/ trade.*/, ''))).toEqual([
    '14:57:00.000 phase 6',
    '14:57:00.000 phase 4 of 1',
    '14:57:00.010 #2',
    '14:59:59.000 #3',
    '15:00:00.000 #2',
    '15:00:00.000 #2',
    '15:00:00.000 phase 7',
  ]);
});

test('funds of SSE close by a call from 2026-07-06, alone or among shares', async () => {
  const rows = ['14:56:00 buy', '14:57:10 buy', '14:59:59 sell'];
  const calls = async (day: number): Promise<string[]> => {
    const lines = await linesOf({ 'a.csv': tradesOf('510300.SH', rows, day) });
    return lines.filter((line) => line.startsWith('14:57:00'));
  };
  expect(await calls(20260703)).toEqual([]);
  expect(await calls(20260706)).toEqual(['14:57:00.000 phase 6']);
});

test('a picture keeps its levels and phase, and gives previous close and limits', async () => {
  const levels = (name: string, first: string): string =>
    Array.from({ length: 10 }, (_, i) => `${name}Price${i + 1},${name}${first}${i + 1}`).join();
  const counts = (side: string): string =>
    Array.from({ length: 10 }, (_, i) => `,NumOrders${side}${i + 1}`).join('');
  const header = [
    'UpdateTime,MDStreamID,SecurityID,TradingPhaseCode,PreCloPrice,TurnNum,Volume,Turnover',
    'LastPrice,OpenPrice,HighPrice,LowPrice,HighLimitPrice,LowLimitPrice',
    `${levels('Ask', 'Volume')},${levels('Bid', 'Volume')}${counts('B')}${counts('S')}`,
  ].join();
  const head = '000333,T0      ,55.2,7,1300,1.00067E9,55.31,55.29,55.4,55.2,60.72,49.68';
  const prices = `55.32,400${','.repeat(18)},55.31,900${','.repeat(18)}`;
  const row = `09:31:00.000,010,${head},${prices},3${','.repeat(9)},2${','.repeat(9)}`;
  const path = folderOf({ '20230201_snapshots.csv': [header, row] });
  const day = await loadMarketData({ path, instruments: 'all', skipBadRows: false });
  expect(shown(day.tape).at(-1)).toBe(
    '09:31:00.000 snapshot 55.31 bid 900@55.31 ask 400@55.32 phase 4',
  );
  expect(day).toMatchObject({ day: 20230201, warnings: [] });
  expect(day.instruments[0]).toMatchObject({
    preCloseE4: 552_000,
    upperLimitE4: 607_200,
    lowerLimitE4: 496_800,
  });
});
