// Days of a run under PTrade's names: get_history gives those before today, oldest first, in prices
// adjusted as of today; after_trading_end comes with each of them.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { actionsFile, dailyFile, runOver } from '../../support/days-run.ts';
import { folderOf } from '../../support/market-files.ts';

const FILE = join(import.meta.dirname, '../../support/strategies/ptrade-days.ts');

test('daily bars of earlier days, adjusted behind an ex-date', async () => {
  const rows = [20_230_703, 20_230_704, 20_230_705, 20_230_706, 20_230_707].map((day, i) => {
    const close = i < 3 ? 10 + i : 6 + i;
    return [day, close, close, close, close, 1_000_000] as const;
  });
  const path = folderOf({
    'jq-600000.csv': dailyFile('600000.XSHG', rows),
    // 10 shares for 10: a price of 12 compares with 6 from the ex-date on.
    'SH600000.actions.csv': actionsFile([[20_230_706, 0, 0, 10, 0, 0]]),
  });
  const { log } = await runOver(path, ['600000.SH'], { strategyFile: FILE });
  const ends = log.filter((line) => line.startsWith('end'));
  expect(ends).toEqual(['03', '04', '05', '06', '07'].map((day) => `end 2023-07-${day} 0`));
  expect(log.filter((line) => !line.startsWith('end'))).toEqual([
    '',
    '10.0000',
    '10.0000 11.0000',
    '5.0000 5.5000 6.0000',
    '5.5000 6.0000 9.0000',
  ]);
});
