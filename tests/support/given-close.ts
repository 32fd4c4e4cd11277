// The facts of a day whose files say one previous close and whose user another. Used by tests of
// setups and of warnings. Always: 600000.SH on 2026-08-10, 10.00 by the files, 10.10 by hand.
import { fileFacts, type MarketFacts } from '../../engine/backtest/market-facts.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';
import { folderOf } from './market-files.ts';

export function factsOfGivenClose(): Promise<MarketFacts> {
  const path = folderOf({
    'instruments.csv': [
      'day,symbol,pre_close,upper_limit,lower_limit',
      '20260810,600000.SH,10.00,11.00,9.00',
    ],
    'trades.csv': [
      'day,time,symbol,channel,seq,buy_no,sell_no,aggressor,price,qty',
      '20260810,10:00:00,600000.SH,1,1,1,2,buy,10.00,100',
    ],
  });
  const wish = { path, instruments: ['600000.SH'], day: 0, skipBadRows: false, rules: [] };
  const given = new Map([['600000.SH', { preCloseE4: 101_000 }]]);
  return fileFacts(wish, builtInBook(), given, null);
}
