// The vendor layouts: every header fits one layout only, and a few invented rows of each vendor
// come out with the right units, sides, kinds and times.
import { expect, test } from 'vitest';
import { LAYOUTS, matchingLayouts, recognise } from '../../../engine/backtest/data/layout-table.ts';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import { folderOf } from '../../support/market-files.ts';
import { shown } from '../../support/tape-text.ts';

const DATAYES_ORDERS = [
  'OrderChannel,SecurityID,OrderTime,OrderType,OrderNO',
  'OrderPrice,Balance,OrderBSFlag,BizIndex',
].join();
const DATAYES_TRADES = [
  'TradeChan,SecurityID,TradTime,TradPrice,TradVolume',
  'TradeBuyNo,TradeSellNo,TradeBSFlag,BizIndex',
].join();
const SZSE_ORDERS = [
  'HTSCSecurityID,MDTime,OrderType,OrderPrice,OrderQty',
  'OrderBSFlag,ChannelNo,ApplSeqNum,DataMultiplePowerOf10',
].join();
const SZSE_TRADES = [
  'HTSCSecurityID,MDTime,TradeBuyNo,TradeSellNo,TradeBSFlag,TradePrice',
  'TradeQty,ApplSeqNum,ChannelNo,DataMultiplePowerOf10,TradeType',
].join();

/** Lines of the tape of one folder without its phases. */
async function eventsOf(files: { readonly [name: string]: readonly string[] }, day?: number) {
  const options = day === undefined ? {} : { day };
  const path = folderOf(files);
  const loaded = await loadMarketData({ path, instruments: 'all', skipBadRows: false, ...options });
  const events = shown(loaded.tape).filter((line) => !line.includes(' phase '.padEnd(7)));
  return { ...loaded, events };
}

test('every layout recognises its own signature and no other does', () => {
  for (const layout of LAYOUTS) {
    expect(matchingLayouts(layout.signature).map((found) => found.id)).toEqual([layout.id]);
  }
  expect(new Set(LAYOUTS.map((layout) => layout.id)).size).toBe(LAYOUTS.length);
  expect(recognise(['a', 'b'])).toBeNull();
});

test('Huatai SSE split: yuan with float noise, dotted dates, cancels in the orders', async () => {
  const header =
    'MDDate,MDTime,OrderType,OrderPrice,OrderQty,OrderBSFlag,ChannelNo,ApplSeqNum,OrderNO';
  const { events, instruments, day } = await eventsOf({
    'orders.csv': [
      `${header},SecurityID`,
      '2023.07.11,09:31:00.030,2,51.899999999999998,100,2,1,40,88,600000.SH',
      '2023.07.11,09:31:00.100,10,51.899999999999998,100,2,1,41,88,600000.SH',
    ],
  });
  expect(day).toBe(20230711);
  expect(instruments[0].symbol).toBe('600000.SH');
  expect(events).toEqual([
    '09:31:00.030 #40 add 88 sell 100@51.90 kind 1',
    '09:31:00.100 #41 cancel 88 sell 100@51.90 kind 1',
  ]);
});

test('DataYes SSE split: codes without venue, letters for sides, day from the folder', async () => {
  const { events, instruments } = await eventsOf(
    {
      'orders.csv': [
        DATAYES_ORDERS,
        '6,600000,09:31:00.020,A,90,17.45,50,S,7',
        '6,600000,09:31:00.040,D,90,17.45,30,S,9',
      ],
      'trades.csv': [DATAYES_TRADES, '6,600000,09:31:00.030,17.45,20,91,90,B,8'],
    },
    20230201,
  );
  expect(instruments[0].symbol).toBe('600000.SH');
  expect(events).toEqual([
    '09:31:00.020 #7 add 90 sell 50@17.45 kind 1',
    '09:31:00.030 #8 trade 91 90 20@17.45 by 1',
    '09:31:00.040 #9 cancel 90 sell 30@17.45 kind 1',
  ]);
});

test('Huatai SZSE: integer prices, order kinds, cancels among trades, start book', async () => {
  const { events, warnings } = await eventsOf(
    {
      'orders.csv': [
        SZSE_ORDERS,
        '000002.SZ,93000000,2,178800.0,1600,1,2011,100,4',
        '000002.SZ,93000030,1,,500,2,2011,101,4',
        '000002.SZ,93000030,1,10000,500,2,2011,102,4',
        '000002.SZ,93000040,3,,200,1,2011,103,4',
      ],
      'trades_and_cancels.csv': [
        SZSE_TRADES,
        '000002.SZ,93000050,100.0,101.0,2,178800.0,500,104,2011,4,',
        '000002.SZ,93000060,103.0,,1,,200,105,2011,4,1.0',
        '000002.SZ,93000070,51.0,,1,,200,106,2011,4,1.0',
      ],
      'start_book.csv': [
        'ApplSeqNum,OrderBSFlag,OrderPrice,RemainingQty',
        '50,2,179000.0,300',
        '51,1,,200',
      ],
    },
    20260109,
  );
  expect(events).toEqual([
    '09:25:00.000 #50 add 50 sell 300@17.90 kind 1',
    '09:30:00.000 #100 add 100 buy 1600@17.88 kind 1',
    '09:30:00.030 #101 add 101 sell 500@0.00 kind 8',
    '09:30:00.030 #102 add 102 sell 500@0.00 kind 8',
    '09:30:00.040 #103 add 103 buy 200@0.00 kind 5',
    '09:30:00.050 #104 trade 100 101 500@17.88 by 2',
    '09:30:00.060 #105 cancel 103 buy 200@0.00 kind 1',
  ]);
  expect(warnings.join()).toContain('1 resting orders without a price left out, and 1 cancels');
});

test('DataYes SZSE: the later order number is the aggressor, except in an auction', async () => {
  const header =
    'ChannelNo,ApplSeqNum,BidApplSeqNum,OfferApplSeqNum,SecurityID,TradePrice,TradeQty';
  const { events } = await eventsOf({
    'trades.csv': [
      `${header},ExecType,TradeTime`,
      '2013,5,4,0,000001,0,200,4,2023.02.01T09:15:00.040',
      '2013,6,3,2,000001,15.03,100,F,2023.02.01T09:25:00.000',
      '2013,7,3,5,000001,15.02,100,F,2023.02.01T09:30:01.000',
    ],
  });
  expect(events).toEqual([
    '09:15:00.040 #5 cancel 4 buy 200@0.00 kind 1',
    '09:25:00.000 #6 trade 3 2 100@15.03 by 0',
    '09:30:01.000 #7 trade 3 5 100@15.02 by 2',
  ]);
});

test('a cancel with two order numbers or none is refused', async () => {
  const rows = (buy: string, sell: string): readonly string[] => [
    SZSE_TRADES,
    `000002.SZ,93000060,${buy},${sell},1,,200,105,2011,4,1`,
  ];
  for (const [buy, sell] of [
    ['103', '104'],
    ['', ''],
  ]) {
    await expect(eventsOf({ 'trades.csv': rows(buy, sell) })).rejects.toThrow(
      /exactly one order number on a cancel/,
    );
  }
});

test('prices of another power of ten are refused, not misread', async () => {
  const row = '000002.SZ,93000000,2,178800,1600,1,2011,100,3';
  await expect(eventsOf({ 'orders.csv': [SZSE_ORDERS, row] })).rejects.toThrow(
    /column DataMultiplePowerOf10 is '3', expected 4/,
  );
});

test('Eastmoney minutes: lots to shares, end labels, a missing open filled in', async () => {
  const { events, warnings } = await eventsOf({
    '600519_1min.csv': [
      'datetime,open,close,high,low,volume,成交额,均价',
      '2026-03-23 09:30:00,0.0,1433.33,1433.33,1433.33,227,32486424.0,1433.33',
      '2026-03-23 09:31:00,0.0,1430.99,1435.0,1429.01,741,106133945.0,1432.0',
    ],
  });
  expect(events).toEqual([
    '09:30:00.000 bar 60s from 09:25:00.000 1433.33 1433.33 1433.33 1433.33 volume 22700',
    '09:31:00.000 bar 60s from 09:30:00.000 1433.33 1435.00 1429.01 1430.99 volume 74100',
  ]);
  expect(warnings.join()).toContain('2 bars have open 0');
});

test('TDX minute line: start labels become ends, so that 14:59 ends at the close', async () => {
  const { events } = await eventsOf({
    'SH600000_minute_line.csv': [
      'datetime,price,volume_lots',
      '201812030930,10.900,22117',
      '201812031129,10.910,10',
      '201812031459,10.950,5000',
    ],
  });
  expect(events).toEqual([
    '09:31:00.000 bar 60s from 09:30:00.000 10.90 10.90 10.90 10.90 volume 2211700',
    '11:30:00.000 bar 60s from 11:29:00.000 10.91 10.91 10.91 10.91 volume 1000',
    '15:00:00.000 bar 60s from 14:59:00.000 10.95 10.95 10.95 10.95 volume 500000',
  ]);
});

test('a bar whose prices contradict each other is refused', async () => {
  const rows = ['datetime,price,volume_lots', '201812030930,0,1'];
  await expect(eventsOf({ 'SH600000_line.csv': rows })).rejects.toThrow(/a price above 0/);
  const days = ['date,open,high,low,close,amount_kcny,volume_lots', '20181203,11,10.5,10,10,1,1'];
  await expect(eventsOf({ 'SH600000_day.csv': days })).rejects.toThrow(/between low and high/);
});

test('a known file without market events is named in a warning, not refused', async () => {
  const { warnings } = await eventsOf({
    'SH600000_corporate_actions.csv': [
      'date,bonus_shares_per10,rights_per10,rights_price,cash_per10,transfer_per10',
      '20000706,0,0,0,1.5,0',
    ],
    'SH600000_minute_line.csv': ['datetime,price,volume_lots', '201812030930,10.900,22117'],
  });
  expect(warnings.join()).toContain('SH600000_corporate_actions.csv: not loaded');
});
